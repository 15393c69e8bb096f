/*+++
id = "M16"
slug = "medical-fund-fraud"
title = "医保基金诈骗"
lines = ["刑事", "行政"]
receivers = ["医保局", "公安局"]
description = """
医保结算：a 入院日期之前参保人已经死亡；b 在监狱服刑期间住院；c 同一人在不同医疗机构的两次住院重叠超过规定天数。
"""
misses = "挂床住院、虚开药品；死亡没有登记的。转院当日的重叠不计。"
legal_basis = ["医疗保障基金使用监督管理条例", "中华人民共和国刑法"]
maturity = "tried"
timeout_seconds = 180
identity = ["person", "ground"]
severity = "a、b 为 high；c 统筹支付 1 万元以上为 high，其余为 medium"
optional = ["deaths", "prison_terms"]
may_be_empty = ["prison_terms.releaseDate"]

[datasets]
medical_claims = ["visitType", "hospital", "admittedOn", "dischargedOn", "fundPaid"]
deaths = ["deathDate"]
prison_terms = ["execution", "admissionDate", "releaseDate", "termEnd"]

[without]
deaths = "死亡以后结算的（a）查不出"
prison_terms = "服刑期间住院结算的（b）查不出"

[params.overlap_days]
type = "integer"
default = 1
min = 0
unit = "天"
description = "两次住院重叠超过这些天"

[conditions]
later = "较晚的入院日期"
earlier = "较早的出院日期"

[returns]
person = {title = "参保人"}
ground = {title = "情形", description = "a 死亡后，b 服刑期间，c 住院重叠"}
claims = {title = "结算（笔）"}
money = {title = "统筹支付（元）"}
first = {title = "首次入院日期"}
last = {title = "末次入院日期"}
+++*/
CALL () {
  MATCH (death:Death)-[died:DEATH_OF]->(person:Person)<-[of:CLAIMED_FOR]-(claim:MedicalClaim)
  WHERE death.knownFrom <= $as_of AND claim.knownFrom <= $as_of
    AND died.probability >= $min_confidence AND of.probability >= $min_confidence
    AND death.deathDate < claim.admittedOn
  RETURN person, 'a' AS ground, claim, [death] AS proof, [died, of] AS used,
    toString(death.deathDate) + ' 死亡，' AS text
  UNION ALL
  MATCH (term:PrisonTerm {execution: '监狱服刑'})-[served:SERVED_BY]->(person:Person)
        <-[of:CLAIMED_FOR]-(claim:MedicalClaim {visitType: '住院'})
  WHERE term.knownFrom <= $as_of AND claim.knownFrom <= $as_of
    AND served.probability >= $min_confidence AND of.probability >= $min_confidence
    AND claim.admittedOn > term.admissionDate AND claim.admittedOn < coalesce(term.releaseDate, term.termEnd)
  RETURN person, 'b' AS ground, claim, [term] AS proof, [served, of] AS used,
    toString(term.admissionDate) + ' 至 ' + toString(coalesce(term.releaseDate, term.termEnd)) + ' 在监狱服刑，' AS text
  UNION ALL
  MATCH (claim:MedicalClaim {visitType: '住院'})-[of:CLAIMED_FOR]->(person:Person)
  WHERE claim.knownFrom <= $as_of AND of.probability >= $min_confidence
  // most people have one stay: only the others' are looked at in pairs
  WITH person, collect({claim: claim, of: of}) AS stays
  WHERE size(stays) > 1
  UNWIND stays AS one
  UNWIND stays AS two
  WITH person, one.claim AS claim, one.of AS of, two.claim AS other, two.of AS also
  WHERE claim.hospital <> other.hospital
  WITH claim, person, other, of, also,
       CASE WHEN claim.admittedOn > other.admittedOn THEN claim.admittedOn ELSE other.admittedOn END AS later,
       CASE WHEN claim.dischargedOn < other.dischargedOn THEN claim.dischargedOn ELSE other.dischargedOn END AS earlier
  WHERE later < earlier AND duration.inDays(later, earlier).days > $overlap_days
  RETURN person, 'c' AS ground, claim, [other] AS proof, [of, also] AS used,
    '与' + other.hospital + '的住院（' + toString(other.admittedOn) + ' 至 ' + toString(other.dischargedOn) + '）重叠 '
      + toString(duration.inDays(later, earlier).days) + ' 天，' AS text
}
WITH person, ground, claim, proof, used, text ORDER BY claim.admittedOn, claim.key, head(proof).key
WITH person, ground, collect(DISTINCT claim) AS claims, collect(proof) AS proofs, collect(used) AS useds,
     collect(text + toString(claim.admittedOn) + ' 在' + claim.hospital + claim.visitType) AS texts
WITH *, round(reduce(sum = 0.0, c IN claims | sum + c.fundPaid), 2) AS money
RETURN
  person.entityId AS person, ground, size(claims) AS claims, money,
  head(claims).admittedOn AS first, last(claims).admittedOn AS last,
  CASE WHEN ground <> 'c' OR money >= 10000 THEN 'high' ELSE 'medium' END AS severity,
  [person] AS subjects,
  claims + reduce(all = [], p IN proofs | all + p) AS facts,
  reduce(all = [], u IN useds | all + u) AS links,
  [person.name + CASE ground WHEN 'a' THEN ' 死亡以后仍有医保结算 ' WHEN 'b' THEN ' 服刑期间住院结算 '
    ELSE ' 在不同医疗机构的住院重叠，涉及结算 ' END + toString(size(claims)) + ' 笔，统筹支付 ' + toString(money) + ' 元']
  + texts AS reasons
ORDER BY money DESC, person, ground
