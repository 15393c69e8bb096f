/*+++
id = "M21"
slug = "penalty-transfer"
title = "行刑双向衔接"
lines = ["刑事", "行政"]
receivers = ["公安局", "行政机关"]
description = """
正向：市场监管、烟草、税务的行政处罚，涉案金额达到刑事立案标准而没有移送公安，处罚前后规定期间内也没有受理该当事人
（企业的，包括其法定代表人）的刑事案件。反向：相对不起诉并提出行政处罚意见，处理后规定期间内没有对该人的行政处罚。
期间届满才是线索。
"""
misses = "各罪名的具体立案标准；外地受理的案件；没有报送的处罚。"
legal_basis = ["中华人民共和国行政处罚法", "行政执法机关移送涉嫌犯罪案件的规定", "中华人民共和国刑事诉讼法"]
maturity = "tried"
timeout_seconds = 120
identity = ["row"]
severity = "正向涉案金额 20 万元以上为 high；其余为 medium"
may_be_empty = [
  "admin_penalties.amountInvolved",
  "criminal_cases.decidedOn",
  "criminal_cases.outcome",
  "criminal_cases.penaltyProposed",
]

[datasets]
admin_penalties = ["field", "penalisedOn", "amountInvolved", "transferredToPolice"]
criminal_cases = ["acceptedOn", "outcome", "decidedOn", "penaltyProposed"]
companies = ["legalRepresentative"]

[without]
"admin_penalties.amountInvolved" = "正向（应当移送公安而没有移送）查不出"
"criminal_cases.penaltyProposed" = "反向（不起诉以后没有处罚）查不出"

[params.criminal_amount]
type = "number"
default = 50000
min = 0
unit = "元"
description = "涉案金额达到这一数额"

[params.before_days]
type = "integer"
default = 30
min = 0
unit = "天"
description = "处罚之前这些天以内受理的刑事案件算作衔接"

[params.after_days]
type = "integer"
default = 180
min = 0
unit = "天"
description = "处罚之后这些天以内受理的刑事案件算作衔接"

[params.reverse_days]
type = "integer"
default = 90
min = 0
unit = "天"
description = "相对不起诉之后这些天以内应有行政处罚"

[returns]
row = {title = "处罚或者案件记录"}
direction = {title = "方向"}
party = {title = "当事人"}
day = {title = "处罚或者处理日期"}
amount = {title = "涉案金额（元）"}
days = {title = "至截至日期（天）"}
+++*/
CALL () {
  MATCH (penalty:Penalty)-[link:IMPOSED_ON]->(party:Entity)
  WHERE penalty.field IN ['市场监管', '烟草', '税务'] AND penalty.amountInvolved >= $criminal_amount
    AND NOT penalty.transferredToPolice
    AND penalty.knownFrom <= $as_of AND penalty.penalisedOn + duration({days: $after_days}) < $as_of
    AND link.probability >= $min_confidence
    // a case against one who may be the party, or its legal representative, leaves it open whether there is none
    AND NOT EXISTS {
      MATCH (party)-[:MAY_BE*0..1]-(:Entity)<-[:CHARGES]-(case:CriminalCase)
      WHERE case.knownFrom <= $as_of
        AND case.acceptedOn >= penalty.penalisedOn - duration({days: $before_days})
        AND case.acceptedOn <= penalty.penalisedOn + duration({days: $after_days})
    }
    AND NOT EXISTS {
      MATCH (party)-[:MAY_BE*0..1]-(:Entity)<-[:REGISTERS]-(registration:CompanyRegistration)
      MATCH (registration)-[:REPRESENTED_BY]->(:Person)-[:MAY_BE*0..1]-(:Person)<-[:CHARGES]-(case:CriminalCase)
      WHERE registration.knownFrom <= $as_of AND case.knownFrom <= $as_of
        AND case.acceptedOn >= penalty.penalisedOn - duration({days: $before_days})
        AND case.acceptedOn <= penalty.penalisedOn + duration({days: $after_days})
    }
  RETURN penalty AS row, '正向' AS direction, party, link, penalty.penalisedOn AS day, penalty.amountInvolved AS amount,
    CASE WHEN penalty.amountInvolved >= 200000 THEN 'high' ELSE 'medium' END AS severity,
    [party.name + ' ' + toString(penalty.penalisedOn) + ' 因「' + penalty.facts + '」受到' + penalty.authority + '处罚（'
       + penalty.documentNumber + '），涉案金额 ' + toString(penalty.amountInvolved) + ' 元，没有移送公安',
     '处罚前 ' + toString($before_days) + ' 天至后 ' + toString($after_days) + ' 天内没有查到当事人'
       + CASE WHEN party:Company THEN '及其法定代表人' ELSE '' END + '的刑事案件受理'] AS reasons
  UNION ALL
  MATCH (case:CriminalCase {outcome: '相对不起诉'})-[link:CHARGES]->(party:Person)
  WHERE case.penaltyProposed AND case.knownFrom <= $as_of
    AND case.decidedOn + duration({days: $reverse_days}) < $as_of
    AND link.probability >= $min_confidence
    AND NOT EXISTS {
      MATCH (party)-[:MAY_BE*0..1]-(:Person)<-[:IMPOSED_ON]-(penalty:Penalty)
      WHERE penalty.knownFrom <= $as_of AND penalty.penalisedOn >= case.decidedOn
        AND penalty.penalisedOn <= case.decidedOn + duration({days: $reverse_days})
    }
  RETURN case AS row, '反向' AS direction, party, link, case.decidedOn AS day, case.amountInvolved AS amount,
    'medium' AS severity,
    [party.name + ' 因' + case.crime + ' ' + toString(case.decidedOn) + ' 相对不起诉（' + case.caseNumber
       + '），检察机关提出行政处罚意见',
     '处理后 ' + toString($reverse_days) + ' 天内没有查到对该人的行政处罚'] AS reasons
}
RETURN
  row.key AS row, direction, party.name AS party, day, amount, duration.inDays(day, $as_of).days AS days, severity,
  [party] AS subjects, [row] AS facts, [link] AS links, reasons
ORDER BY direction DESC, row
