/*+++
id = "M02"
slug = "false-lease"
title = "虚假租赁阻碍执行"
lines = ["民事"]
receivers = ["法院执行局"]
description = """
被执行人名下房屋（执行案件写明查封不动产的，以该不动产为准）上的租赁，租期跨过执行立案日，备案晚于所依据裁判的日期
（裁判文书未入库的，晚于执行立案日之前若干天），案件尚未结案，并且下列疑点达到规定个数：
a 查封之后备案；b 查封（无查封的为立案）之前签订、之后备案；c 承租人与出租人有关联（同户、同电话、同地址、持股或任职）；
d 单位月租金低于同区同用途其他租赁中位数的一定比例；e 长期租约一次性付清；f 起租次月以后连续多月水电均为零；
g 承租人在本案提出执行异议。a 与 b 同时存在只算一个。
"""
misses = """
没有备案的租赁；以亲友名义、但户籍、电话、地址、持股上都没有联系的承租人；水电没有逐月记录的房屋（没有记录的月份不当作零）。
同区同用途的其他租赁不足规定数目时不比较租金。
"""
legal_basis = ["中华人民共和国民法典", "中华人民共和国民事诉讼法", "最高人民法院关于人民法院办理执行异议和复议案件若干问题的规定"]
maturity = "tried"
timeout_seconds = 300
identity = ["enforcement", "lease"]
severity = "疑点 3 个以上（a、b 合算）为 high，2 个为 medium，不足 2 个为 low"
optional = ["judgments", "enforcement_objections", "utility_usage", "household", "companies", "shareholders"]
may_be_empty = ["enforcement_cases.seizedCertificate", "enforcement_cases.seizedOn", "shareholders.share"]

[datasets]
enforcement_cases = ["judgmentNumber", "debtor", "filedOn", "status", "seizedCertificate", "seizedOn"]
leases = ["area", "signedOn", "filedOn", "termStart", "termEnd", "monthlyRent", "payment"]
real_estate = ["use", "registeredOn"]
judgments = ["documentNumber", "judgedOn"]
enforcement_objections = ["filedOn"]
utility_usage = ["month", "electricity", "water"]
household = ["householdNumber"]
companies = ["legalRepresentative"]
shareholders = ["share", "position"]

[without]
judgments = "不知道裁判日期，只能以立案前若干天代替"
enforcement_objections = "疑点 g（承租人提出执行异议）查不出"
utility_usage = "疑点 f（水电长期为零）查不出"
household = "疑点 c 中的同一户号查不出"
companies = "疑点 c 中的法定代表人关系查不出"
shareholders = "疑点 c 中的持股、任职关系查不出"
"enforcement_cases.seizedOn" = "疑点 a（查封之后备案）查不出，疑点 b 只能以立案日为准"

[params.min_signs]
type = "integer"
default = 2
min = 1
max = 6
unit = "个"
description = "疑点达到这一个数才是线索"

[params.lookback_days]
type = "integer"
default = 180
min = 0
unit = "天"
description = "裁判文书未入库时，备案须晚于执行立案日之前这些天"

[params.rent_ratio]
type = "number"
default = 0.5
min = 0
max = 1
description = "单位月租金低于同区同用途中位数的这一比例为疑点 d"

[params.min_rents]
type = "integer"
default = 5
min = 1
unit = "份"
description = "比较租金至少需要的其他租赁数"

[params.long_years]
type = "integer"
default = 10
min = 1
unit = "年"
description = "一次性付清的租约达到这一年限为疑点 e"

[params.idle_months]
type = "integer"
default = 6
min = 1
unit = "个月"
description = "水电连续为零达到这些月为疑点 f"

[params.hot_holders]
type = "integer"
default = 10
min = 1
unit = "个"
description = "电话、地址的持有人超过这一数目的（代办电话），不算关联"

[params.hall_businesses]
type = "integer"
default = 3
min = 2
unit = "家"
description = "地址上的企业达到这一家数的（市场、集中办公），不算关联"

[conditions]
judgedOn = "所依据裁判日期"
seizedOn = "查封日期"
after = "备案须晚于的日期（裁判日期；裁判文书未入库的，执行立案日之前若干天）"
count = "成立的疑点个数（a、b 合算）"
a = "查封之后备案"
b = "查封（无查封的为立案）之前签订、之后备案"
c = "承租人与出租人有关联"
d = "单位月租金低于同类租赁"
e = "长期租约一次性付清"
f = "水电连续为零"
g = "承租人在本案提出执行异议"
rentsCompared = "可比较的其他租赁"

[returns]
enforcement = {title = "执行案件记录"}
lease = {title = "租赁备案记录"}
case_number = {title = "执行案号"}
filing_number = {title = "租赁备案号"}
landlord = {title = "出租人（被执行人）"}
tenant = {title = "承租人"}
signs = {title = "成立的疑点", description = "a 至 g，见说明"}
sign_count = {title = "疑点个数（个，a、b 合算）"}
days_after_seizure = {title = "备案晚于查封（天）"}
days_back_dated = {title = "签订早于备案（天）", description = "疑点 b 成立时"}
ties = {title = "承租人与出租人的关联"}
rent = {title = "单位月租金（元/㎡）"}
rent_median = {title = "同区同用途其他租赁单位月租金中位数（元/㎡）"}
rents_compared = {title = "比较的其他租赁（份）"}
term_years = {title = "一次性付清的租期（年）"}
idle = {title = "水电连续为零（个月）"}
objected = {title = "提出异议日期"}
+++*/
// d: the rents per square metre of every use in every district, gathered once. Only the middle of each sorted list is
// kept: without one lease of the list, its median is made of the elements at and after the places `low` and `high`.
// As single figures, since a slice would hold on to the whole list, in every row.
CALL () {
  MATCH (lease:Lease)-[at:LEASES]->(property:Property)
  WHERE lease.knownFrom <= $as_of AND at.probability >= $min_confidence
    AND lease.area > 0 AND lease.monthlyRent IS NOT NULL
  WITH property, collect(DISTINCT lease) AS let
  MATCH (property)<-[of:TITLE_TO]-(title:Ownership)
  WHERE title.knownFrom <= $as_of AND of.probability >= $min_confidence
  WITH property, let, title ORDER BY title.registeredOn DESC, title.key
  WITH property, let, head(collect(title.use)) AS use
  UNWIND let AS lease
  WITH property.district AS district, use, lease.monthlyRent / lease.area AS rent ORDER BY rent
  WITH district, use, collect(rent) AS rents
  WITH district, use, rents, size(rents) - 1 AS others
  WITH district, use, others, rents, (others - 1) / 2 AS low, others / 2 AS high
  WHERE others > 0
  RETURN collect({district: district, use: use, others: others,
                  low: rents[low], low_next: rents[low + 1], high: rents[high], high_next: rents[high + 1]}) AS groups
}
MATCH (enforcement:EnforcementCase)-[against:ENFORCED_AGAINST]->(debtor:Entity)
WHERE enforcement.knownFrom <= $as_of AND enforcement.status <> '结案' AND against.probability >= $min_confidence
MATCH (debtor)<-[letBy:LET_BY]-(lease:Lease)-[on:LEASES]->(property:Property)
WHERE lease.knownFrom <= $as_of AND letBy.probability >= $min_confidence AND on.probability >= $min_confidence
  AND lease.termEnd > enforcement.filedOn
WITH *,
     CASE WHEN enforcement.seizedOn <= $as_of THEN enforcement.seizedOn END AS seizedOn,
     enforcement.seizedCertificate IS NOT NULL
       AND (enforcement.seizedOn IS NULL OR enforcement.seizedOn <= $as_of) AS named
WHERE CASE WHEN named
  THEN EXISTS { (enforcement)-[:SEIZES]->(property) } OR lease.certificateNumber = enforcement.seizedCertificate
  ELSE EXISTS {
    MATCH (property)<-[:TITLE_TO]-(title:Ownership)-[owned:OWNED_BY]->(debtor)
    WHERE title.knownFrom <= $as_of AND owned.probability >= $min_confidence
  } END
CALL (enforcement) {
  MATCH (enforcement)-[:ENFORCES]->(judgment:Judgment) WHERE judgment.knownFrom <= $as_of
  WITH judgment ORDER BY judgment.key
  RETURN collect(judgment) AS judgments, max(judgment.judgedOn) AS judgedOn
}
WITH *, coalesce(judgedOn, enforcement.filedOn - duration({days: $lookback_days})) AS after
WHERE lease.filedOn > after
CALL (property) {
  MATCH (property)<-[:TITLE_TO]-(title:Ownership) WHERE title.knownFrom <= $as_of
  WITH title ORDER BY title.registeredOn DESC, title.key
  RETURN collect(title) AS titles, head(collect(title.use)) AS use
}
OPTIONAL MATCH (lease)-[letTo:LET_TO]->(tenant:Entity) WHERE letTo.probability >= $min_confidence

// c: whatever ties the tenant to the landlord, each with the rows that say so
CALL (tenant, debtor) {
  CALL (tenant, debtor) {
    MATCH (tenant)<-[one:REGISTERS_PERSON]-(mine:HouseholdRecord)-[:IN_HOUSEHOLD]->(:Household)
          <-[:IN_HOUSEHOLD]-(theirs:HouseholdRecord)-[two:REGISTERS_PERSON]->(debtor)
    WHERE mine.knownFrom <= $as_of AND theirs.knownFrom <= $as_of
    RETURN '同一户号' AS tie, [mine, theirs] AS rows, [one, two] AS links
    UNION ALL
    MATCH (tenant)-[one:HAS_PHONE]->(phone:Phone)<-[two:HAS_PHONE]-(debtor)
    WHERE phone.holders <= $hot_holders
    WITH one, two, phone,
         COLLECT { MATCH (row:Fact) WHERE row.key IN one.records AND row.knownFrom <= $as_of RETURN row ORDER BY row.key } AS mine,
         COLLECT { MATCH (row:Fact) WHERE row.key IN two.records AND row.knownFrom <= $as_of RETURN row ORDER BY row.key } AS theirs
    WHERE mine <> [] AND theirs <> []
    RETURN '同一电话 ' + phone.masked AS tie, mine + theirs AS rows, [one, two] AS links
    UNION ALL
    MATCH (tenant)-[one:HAS_ADDRESS]->(address:Address)<-[two:HAS_ADDRESS]-(debtor)
    WHERE address.holders <= $hot_holders
      AND COUNT { (address)<-[:HAS_ADDRESS]-(:Company) } < $hall_businesses
    WITH one, two, address,
         COLLECT { MATCH (row:Fact) WHERE row.key IN one.records AND row.knownFrom <= $as_of RETURN row ORDER BY row.key } AS mine,
         COLLECT { MATCH (row:Fact) WHERE row.key IN two.records AND row.knownFrom <= $as_of RETURN row ORDER BY row.key } AS theirs
    WHERE mine <> [] AND theirs <> []
    RETURN '同一地址 ' + address.name AS tie, mine + theirs AS rows, [one, two] AS links
    UNION ALL
    UNWIND [[tenant, debtor, '出租人'], [debtor, tenant, '承租人']] AS pair
    WITH pair[0] AS company, pair[1] AS holder, pair[2] AS who
    MATCH (company)<-[one:SHARE_OF]-(holding:Shareholding)-[two:HELD_BY]->(holder)
    WHERE holding.knownFrom <= $as_of
    RETURN who + '是对方的' + coalesce(holding.position, '股东')
      + coalesce('（持股 ' + toString(holding.share) + '%）', '') AS tie, [holding] AS rows, [one, two] AS links
    UNION ALL
    UNWIND [[tenant, debtor, '出租人'], [debtor, tenant, '承租人']] AS pair
    WITH pair[0] AS company, pair[1] AS person, pair[2] AS who
    MATCH (company)<-[one:REGISTERS]-(registration:CompanyRegistration)-[two:REPRESENTED_BY]->(person)
    WHERE registration.knownFrom <= $as_of
    RETURN who + '是对方的法定代表人' AS tie, [registration] AS rows, [one, two] AS links
  }
  WITH tie, rows, links ORDER BY tie, head(rows).key, last(rows).key
  WHERE all(link IN links WHERE link.probability >= $min_confidence)
  RETURN collect(DISTINCT tie) AS ties,
         reduce(all = [], some IN collect(rows) | all + some) AS tieRows,
         reduce(all = [], some IN collect(links) | all + some) AS tieLinks
}

// d: beside the other leases of the same use and district
WITH *, CASE WHEN lease.area > 0 THEN lease.monthlyRent / lease.area END AS perMetre,
     head([g IN groups WHERE g.district = property.district AND g.use = use]) AS peers
WITH *, coalesce(peers.others, 0) AS rentsCompared,
     (CASE WHEN perMetre <= peers.low THEN peers.low_next ELSE peers.low END
       + CASE WHEN perMetre <= peers.high THEN peers.high_next ELSE peers.high END) / 2 AS rentMedian

// f: the longest run of months without electricity and water
CALL (lease, property) {
  MATCH (property)<-[at:USED_AT]-(usage:UtilityUsage)
  WHERE usage.knownFrom <= $as_of AND at.probability >= $min_confidence
    AND usage.month >= date.truncate('month', lease.termStart) + duration({months: 1})
    AND usage.month <= lease.termEnd
  WITH usage.month AS month, collect(usage) AS rows, collect(at) AS links,
       max(usage.electricity) AS electricity, max(usage.water) AS water
  WHERE electricity = 0 AND water = 0
  WITH month.year * 12 + month.month AS number, rows, links
  ORDER BY number
  WITH collect({number: number, rows: rows, links: links}) AS months
  UNWIND range(0, size(months) - 1) AS place
  // months in a row keep the same distance from their place in the list
  WITH months[place].number - place AS run, collect(months[place]) AS run_months
  WHERE size(run_months) >= $idle_months
  RETURN max(size(run_months)) AS idle,
         reduce(all = [], some IN collect([m IN run_months | m.rows]) | all + reduce(x = [], y IN some | x + y)) AS idleRows,
         reduce(all = [], some IN collect([m IN run_months | m.links]) | all + reduce(x = [], y IN some | x + y)) AS idleLinks
}

// g: the tenant's objection in this enforcement
CALL (enforcement, tenant) {
  MATCH (enforcement)<-[:OBJECTS_TO]-(objection:EnforcementObjection)-[raised:RAISED_BY]->(tenant)
  WHERE objection.knownFrom <= $as_of AND raised.probability >= $min_confidence
  WITH objection, raised ORDER BY objection.filedOn, objection.key
  RETURN collect(objection) AS objections, collect(raised) AS raised, min(objection.filedOn) AS objected
}
WITH *,
     coalesce(lease.filedOn > seizedOn, false) AS a,
     lease.signedOn < coalesce(seizedOn, enforcement.filedOn)
       AND lease.filedOn > coalesce(seizedOn, enforcement.filedOn) AS b,
     ties <> [] AS c,
     round(perMetre, 2) AS rent,
     coalesce(rentsCompared >= $min_rents AND perMetre < round($rent_ratio * rentMedian, 6), false) AS d,
     lease.payment = '一次性付清'
       AND lease.termEnd + duration({days: 1}) >= lease.termStart + duration({years: $long_years}) AS e,
     idle IS NOT NULL AS f,
     objections <> [] AS g,
     duration.between(lease.termStart, lease.termEnd + duration({days: 1})).years AS years
WITH *,
     CASE WHEN a OR b THEN 1 ELSE 0 END + size([sign IN [c, d, e, f, g] WHERE sign]) AS count
WHERE count >= $min_signs
RETURN
  enforcement.key AS enforcement, lease.key AS lease,
  enforcement.caseNumber AS case_number, lease.filingNumber AS filing_number,
  debtor.name AS landlord, coalesce(tenant.name, lease.tenant) AS tenant,
  [sign IN [['a', a], ['b', b], ['c', c], ['d', d], ['e', e], ['f', f], ['g', g]] WHERE sign[1] | sign[0]] AS signs,
  count AS sign_count,
  CASE WHEN a THEN duration.inDays(seizedOn, lease.filedOn).days END AS days_after_seizure,
  CASE WHEN b THEN duration.inDays(lease.signedOn, lease.filedOn).days END AS days_back_dated,
  ties, rent,
  CASE WHEN d THEN round(rentMedian, 2) END AS rent_median,
  CASE WHEN d THEN rentsCompared END AS rents_compared,
  CASE WHEN e THEN years END AS term_years,
  idle, objected,
  CASE WHEN count >= 3 THEN 'high' WHEN count = 2 THEN 'medium' ELSE 'low' END AS severity,
  [debtor, property] + CASE WHEN tenant IS NULL THEN [] ELSE [tenant] END AS subjects,
  [enforcement, lease] + judgments + objections + titles + tieRows + coalesce(idleRows, []) AS facts,
  [against, letBy, on] + CASE WHEN c OR g THEN [letTo] ELSE [] END + tieLinks + coalesce(idleLinks, [])
    + raised AS links,
  [reason IN [
    '执行案件 ' + enforcement.caseNumber + ' 立案 ' + toString(enforcement.filedOn) + '，'
      + CASE WHEN judgedOn IS NULL
        THEN '所依据裁判 ' + enforcement.judgmentNumber + ' 未入库，备案晚于立案前 ' + toString($lookback_days) + ' 天'
        ELSE '所依据裁判日期 ' + toString(judgedOn) END,
    '租赁 ' + lease.filingNumber + '：' + toString(lease.signedOn) + ' 签订，' + toString(lease.filedOn) + ' 备案，租期 '
      + toString(lease.termStart) + ' 至 ' + toString(lease.termEnd) + '，跨过执行立案日',
    CASE WHEN a THEN 'a 备案晚于查封日 ' + toString(seizedOn) + ' '
      + toString(duration.inDays(seizedOn, lease.filedOn).days) + ' 天' END,
    CASE WHEN b THEN 'b 签订早于'
      + CASE WHEN seizedOn IS NULL THEN '立案日 ' + toString(enforcement.filedOn) ELSE '查封日 ' + toString(seizedOn) END
      + '，备案在其后，签订与备案相隔 ' + toString(duration.inDays(lease.signedOn, lease.filedOn).days) + ' 天' END,
    CASE WHEN c THEN 'c 承租人与出租人有关联：' + reduce(text = head(ties), tie IN tail(ties) | text + '；' + tie) END,
    CASE WHEN d THEN 'd 单位月租金 ' + toString(rent) + ' 元/㎡，低于' + property.district + use + '用途其他 '
      + toString(rentsCompared) + ' 份租赁中位数 ' + toString(round(rentMedian, 2)) + ' 元/㎡的 '
      + toString(round($rent_ratio * 100)) + '%' END,
    CASE WHEN e THEN 'e 租期 ' + toString(years) + ' 年，一次性付清' END,
    CASE WHEN f THEN 'f 起租次月以后水电连续 ' + toString(idle) + ' 个月均为零' END,
    CASE WHEN g THEN 'g 承租人 ' + toString(objected) + ' 在本案提出执行异议' END
  ] WHERE reason IS NOT NULL] AS reasons
ORDER BY count DESC, enforcement, lease
