/*+++
id = "M09"
slug = "disability-subsidy"
title = "冒领残疾人两项补贴"
lines = ["行政"]
receivers = ["民政局", "残联"]
description = """
困难残疾人生活补贴、重度残疾人护理补贴：死亡（死亡登记或者户籍死亡注销）的次月以后仍发放；
残疾人证注销、迁出、冻结（以最新的证为准）的次月以后仍发放；领取人没有残疾人证（仅限有身份证号可以核对的人）；
护理补贴发给三级、四级残疾人。死亡优先于证件，并且是唯一的理由。
"""
misses = """
状态日期没有填写的证件；在外地领证的残疾人；应领而未领的。
同名而没有身份证号的残疾人证对不上人时，或者疑似同一人持有证件时，不列为无证。
"""
legal_basis = ["国务院关于全面建立困难残疾人生活补贴和重度残疾人护理补贴制度的意见"]
maturity = "tried"
timeout_seconds = 120
identity = ["person", "ground"]
severity = "死亡后发放或者合计 5000 元以上为 high；其余为 medium"
optional = ["deaths", "household"]
may_be_empty = ["disability_register.statusDate", "household.statusDate"]

[datasets]
subsidy_payments = ["subsidyType", "paidOn", "amount"]
disability_register = ["grade", "status", "statusDate"]
deaths = ["deathDate"]
household = ["status", "statusDate"]

[conditions]
afterDeath = "死亡次月以后的发放"
afterEnd = "证件终止次月以后的发放"
newest = "最近的残疾人证"
death = "死亡登记"
deaths = "死亡登记"
certificates = "残疾人证"
none = "没有任何残疾人证且可以核对"

[without]
deaths = "死亡后仍发放的，只能靠户籍死亡注销发现"
household = "没有死亡登记而有户籍死亡注销的查不出"
"disability_register.statusDate" = "证件注销、迁出、冻结以后仍发放的查不出"

[returns]
person = {title = "领取人"}
ground = {title = "理由", description = "死亡、证件注销/迁出/冻结、无证、等级不符"}
day = {title = "起算日期"}
payments = {title = "发放笔数（笔）"}
total = {title = "发放总额（元）"}
first = {title = "首笔发放日期"}
last = {title = "末笔发放日期"}
+++*/
MATCH (payment:SubsidyPayment)-[paid:PAID_TO]->(person:Person)
WHERE payment.subsidyType IN ['困难残疾人生活补贴', '重度残疾人护理补贴']
  AND payment.knownFrom <= $as_of AND paid.probability >= $min_confidence
WITH person, payment, paid ORDER BY payment.paidOn, payment.key
WITH person, collect({row: payment, link: paid}) AS paid
CALL (person) {
  CALL (person) {
    MATCH (person)<-[link:DEATH_OF]-(row:Death)
    WHERE row.knownFrom <= $as_of AND link.probability >= $min_confidence
    RETURN row, link, row.deathDate AS day, 1 AS rank
    UNION ALL
    MATCH (person)<-[link:REGISTERS_PERSON]-(row:HouseholdRecord {status: '死亡注销'})
    WHERE row.statusDate <= $as_of AND link.probability >= $min_confidence
    RETURN row, link, row.statusDate AS day, 2 AS rank
  }
  WITH row, link, day, rank ORDER BY rank, day, row.key
  RETURN collect({row: row, link: link, day: day}) AS deaths
}
CALL (person) {
  MATCH (person)<-[link:CERTIFIES]-(row:DisabilityCertificate)
  // a certificate that was still valid on the day asked about, and a valid one before one that has ended
  WITH row, link,
       CASE WHEN row.status = '有效' OR coalesce(row.statusDate > $as_of, false) THEN '有效' ELSE row.status END AS status
  ORDER BY status = '有效' DESC, row.statusDate DESC, row.key
  RETURN collect({row: row, link: link, status: status}) AS certificates
}
// a certificate of one who may be this person leaves "none at all" open
WITH *, head(deaths) AS death, head(certificates) AS newest,
     certificates = [] AND person.idHash IS NOT NULL
       AND NOT EXISTS { (person)-[:MAY_BE]-(:Person)<-[:CERTIFIES]-(:DisabilityCertificate) } AS none
WITH *, CASE WHEN death IS NULL THEN []
  ELSE [p IN paid WHERE p.row.paidOn >= date.truncate('month', death.day) + duration({months: 1})] END AS afterDeath
WITH *, CASE WHEN newest.status <> '有效' AND newest.link.probability >= $min_confidence
  THEN [p IN paid WHERE p.row.paidOn >= date.truncate('month', newest.row.statusDate) + duration({months: 1})]
  ELSE [] END AS afterEnd
UNWIND
  CASE
    WHEN afterDeath <> [] THEN [{ground: '死亡', day: death.day, paid: afterDeath, proof: deaths}]
    WHEN afterEnd <> [] THEN [{ground: '证件' + newest.status, day: newest.row.statusDate, paid: afterEnd, proof: certificates}]
    WHEN none THEN [{ground: '无证', day: null, paid: paid, proof: []}]
    ELSE []
  END
  + CASE WHEN newest.row.grade IN ['三级', '四级'] AND newest.link.probability >= $min_confidence
    THEN [{ground: '等级不符', day: null, proof: [newest],
           paid: [p IN paid WHERE p.row.subsidyType = '重度残疾人护理补贴']}] ELSE [] END AS finding
WITH person, finding, newest, finding.paid AS paid
WHERE paid <> []
WITH *, round(reduce(sum = 0.0, p IN paid | sum + p.row.amount), 2) AS total
RETURN
  person.entityId AS person, finding.ground AS ground, finding.day AS day,
  size(paid) AS payments, total, head(paid).row.paidOn AS first, last(paid).row.paidOn AS last,
  CASE WHEN finding.ground = '死亡' OR total >= 5000 THEN 'high' ELSE 'medium' END AS severity,
  [person] AS subjects,
  [p IN finding.proof | p.row] + [p IN paid | p.row] AS facts,
  [p IN finding.proof WHERE p.link.probability >= $min_confidence | p.link] + [p IN paid | p.link] AS links,
  [
    person.name + CASE finding.ground
      WHEN '死亡' THEN ' 于 ' + toString(finding.day) + ' 死亡（' + CASE WHEN head(finding.proof).row:Death
        THEN '死亡登记' ELSE '户籍死亡注销' END + '），次月以后仍有发放'
      WHEN '无证' THEN ' 有身份证号可以核对，残疾人证登记中没有查到其证件'
      WHEN '等级不符' THEN ' 残疾等级为' + newest.row.grade + '，不属于重度残疾，领取重度残疾人护理补贴'
      ELSE ' 的残疾人证 ' + toString(finding.day) + ' ' + newest.status + '，次月以后仍有发放' END,
    '发放 ' + toString(size(paid)) + ' 笔，合计 ' + toString(total) + ' 元，自 ' + toString(head(paid).row.paidOn) + ' 至 '
      + toString(last(paid).row.paidOn)
  ] AS reasons
ORDER BY total DESC, person, ground
