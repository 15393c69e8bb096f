/*+++
id = "M20"
slug = "asset-recovery"
title = "追赃挽损"
lines = ["刑事"]
receivers = ["检察院刑检部门"]
description = """
侵财、涉众、职务类犯罪判决有罪，涉案金额没有全部追缴，也没有开展追赃挽损，而本人名下有财产：
不动产，存续企业的股份，或者本人为法定代表人的存续个体工商户、个人独资企业。
"""
misses = "登记在他人名下的财产；存款、车辆。"
legal_basis = ["中华人民共和国刑法", "中华人民共和国刑事诉讼法"]
maturity = "tried"
timeout_seconds = 120
identity = ["case"]
severity = "未追缴 10 万元以上为 high；其余为 medium"
optional = ["real_estate", "shareholders", "companies"]
at_least_one = ["real_estate", "shareholders", "companies"]
may_be_empty = [
  "criminal_cases.judgedOn",
  "criminal_cases.recovered",
  "criminal_cases.recoveryStarted",
  "shareholders.share",
  "shareholders.position",
  "companies.statusDate",
]

[datasets]
criminal_cases = ["verdict", "judgedOn", "amountInvolved", "recovered", "recoveryStarted", "crime"]
real_estate = ["registeredOn"]
shareholders = ["share", "position"]
companies = ["companyType", "status", "statusDate"]

[without]
real_estate = "名下的不动产查不出"
shareholders = "名下的股份查不出"
companies = "名下的个体工商户、个人独资企业和存续公司的股份查不出"

[params.crime_words]
type = "strings"
default = ["诈骗", "盗窃", "侵占", "非法吸收", "集资", "职务", "贪污", "受贿"]
description = "罪名含有其中之一"

[returns]
case = {title = "刑事案件记录"}
person = {title = "姓名"}
crime = {title = "罪名"}
open = {title = "未追缴（元）"}
involved = {title = "涉案金额（元）"}
recovered = {title = "已追缴（元）"}
owned = {title = "名下财产"}
+++*/
MATCH (case:CriminalCase {verdict: '有罪'})-[charged:CHARGES]->(person:Person)
WHERE case.knownFrom <= $as_of AND charged.probability >= $min_confidence
  AND coalesce(case.judgedOn, case.decidedOn) <= $as_of
  AND any(word IN $crime_words WHERE case.crime CONTAINS word)
  AND case.amountInvolved > coalesce(case.recovered, 0)
  AND NOT coalesce(case.recoveryStarted, false)
CALL (person) {
  CALL (person) {
    MATCH (person)<-[link:OWNED_BY]-(title:Ownership)
    RETURN title AS row, [link] AS links, [title] AS rows,
      '不动产 ' + title.certificateNumber + '（' + title.use + '，' + toString(title.area) + ' ㎡）' AS text
    UNION ALL
    MATCH (person)<-[link:HELD_BY]-(holding:Shareholding)-[of:SHARE_OF]->(company:Company)
          <-[:REGISTERS]-(registration:CompanyRegistration)
    WHERE (coalesce(holding.share, 0) > 0 OR coalesce(holding.position, '股东') CONTAINS '股东')
      AND registration.knownFrom <= $as_of
      AND (registration.status = '存续' OR registration.statusDate > $as_of)
    RETURN holding AS row, [link, of] AS links, [holding, registration] AS rows,
      company.name + '股份' + coalesce(' ' + toString(holding.share) + '%', '') AS text
    UNION ALL
    MATCH (person)<-[link:REPRESENTED_BY]-(registration:CompanyRegistration)
    WHERE registration.companyType IN ['个体工商户', '个人独资企业']
      AND (registration.status = '存续' OR registration.statusDate > $as_of)
    RETURN registration AS row, [link] AS links, [registration] AS rows,
      registration.companyType + ' ' + registration.companyName AS text
  }
  WITH row, links, rows, text
  WHERE row.knownFrom <= $as_of AND all(link IN links WHERE link.probability >= $min_confidence)
  WITH links, rows, text ORDER BY row.key
  RETURN collect({links: links, rows: rows, text: text}) AS assets
}
WITH *, round(case.amountInvolved - coalesce(case.recovered, 0), 2) AS open
WHERE assets <> []
RETURN
  case.key AS case, person.name AS person, case.crime AS crime, open,
  case.amountInvolved AS involved, coalesce(case.recovered, 0) AS recovered, [a IN assets | a.text] AS owned,
  CASE WHEN open >= 100000 THEN 'high' ELSE 'medium' END AS severity,
  [person] AS subjects,
  reduce(all = [case], a IN assets | all + a.rows) AS facts,
  reduce(all = [charged], a IN assets | all + a.links) AS links,
  [person.name + ' 因' + case.crime + '被判有罪（' + case.caseNumber + '），涉案金额 ' + toString(case.amountInvolved)
    + ' 元，已追缴 ' + toString(coalesce(case.recovered, 0)) + ' 元，未追缴 ' + toString(open) + ' 元',
   CASE WHEN case.recoveryStarted IS NULL THEN '没有开展追赃挽损的记载' ELSE '没有开展追赃挽损' END]
  + [a IN assets | '名下有' + a.text] AS reasons
ORDER BY open DESC, case
