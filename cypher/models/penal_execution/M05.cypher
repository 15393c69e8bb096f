/*+++
id = "M05"
slug = "commutation"
title = "减刑假释实质化审理"
lines = ["刑事执行"]
receivers = ["监狱", "法院"]
description = """
减刑有下列情形之一：a 财产性判项未履行到规定比例而月均消费较高（有能力而不履行）；b 考核期内有违规；
c 减刑月数超过上限；d 表扬次数不足；e 与同一人上一次减刑间隔不足规定月数。
"""
misses = "通过他人账户的消费；减刑之外的奖励；没有报送的违规。"
legal_basis = ["最高人民法院关于办理减刑、假释案件具体应用法律的规定"]
maturity = "tried"
timeout_seconds = 60
identity = ["commutation"]
severity = "两种以上情形为 high；一种为 medium"
optional = ["prison_terms"]

[datasets]
commutations = ["rulingDate", "months", "rewards", "violations", "propertyPenalty", "performed", "monthlySpending"]
prison_terms = ["admissionDate"]

[without]
prison_terms = "没有刑罚执行记录印证身份，缺证件号的同一人前后两次减刑可能对不上（e）"

[params.performed_ratio]
type = "number"
default = 0.5
min = 0
max = 1
description = "已履行低于财产性判项的这一比例"

[params.spending]
type = "number"
default = 500
min = 0
unit = "元"
description = "月均消费达到这一数额"

[params.violations]
type = "integer"
default = 1
min = 1
unit = "次"
description = "考核期内违规达到这一次数"

[params.max_months]
type = "number"
default = 9
min = 0
unit = "个月"
description = "减刑月数超过这一数目"

[params.min_rewards]
type = "integer"
default = 2
min = 0
unit = "次"
description = "表扬少于这一次数"

[params.min_gap_months]
type = "integer"
default = 12
min = 0
unit = "个月"
description = "距同一人上一次减刑不足这些月"

[conditions]
a = "有能力履行财产性判项而未履行"
b = "考核期内违规"
c = "减刑幅度过大"
d = "表扬不足"
e = "间隔过短"
earlier = "上一次减刑"

[returns]
commutation = {title = "减刑记录"}
ruled = {title = "裁定日期"}
grounds = {title = "情形", description = "a 至 e，见说明"}
performed = {title = "已履行（元）"}
penalty = {title = "财产性判项（元）"}
spent = {title = "月均消费（元）"}
breaches = {title = "违规次数（次）"}
months = {title = "减刑（个月）"}
rewards = {title = "表扬（次）"}
previous = {title = "上一次减刑裁定日期"}
+++*/
MATCH (commutation:Commutation)-[granted:GRANTED_TO]->(person:Person)
WHERE commutation.knownFrom <= $as_of AND granted.probability >= $min_confidence
CALL (person, commutation) {
  MATCH (person)<-[link:GRANTED_TO]-(earlier:Commutation)
  WHERE earlier.knownFrom <= $as_of AND link.probability >= $min_confidence
    AND earlier.rulingDate < commutation.rulingDate
  WITH earlier, link ORDER BY earlier.rulingDate DESC, earlier.key LIMIT 1
  RETURN collect(earlier) AS earlier, collect(link) AS earlierLinks
}
WITH *,
     commutation.propertyPenalty > 0
       AND commutation.performed < round($performed_ratio * commutation.propertyPenalty, 6)
       AND commutation.monthlySpending >= $spending AS a,
     commutation.violations >= $violations AS b,
     commutation.months > $max_months AS c,
     commutation.rewards < $min_rewards AS d,
     earlier <> [] AND commutation.rulingDate < head(earlier).rulingDate + duration({months: $min_gap_months}) AS e
WITH *, [ground IN [['a', a], ['b', b], ['c', c], ['d', d], ['e', e]] WHERE ground[1] | ground[0]] AS grounds
WHERE grounds <> []
RETURN
  commutation.key AS commutation, commutation.rulingDate AS ruled, grounds,
  commutation.performed AS performed, commutation.propertyPenalty AS penalty, commutation.monthlySpending AS spent,
  commutation.violations AS breaches, commutation.months AS months, commutation.rewards AS rewards,
  CASE WHEN e THEN head(earlier).rulingDate END AS previous,
  CASE WHEN size(grounds) > 1 THEN 'high' ELSE 'medium' END AS severity,
  [person] AS subjects,
  [commutation] + CASE WHEN e THEN earlier ELSE [] END AS facts,
  [granted] + CASE WHEN e THEN earlierLinks ELSE [] END AS links,
  [reason IN [
    person.name + ' ' + toString(commutation.rulingDate) + ' 裁定减刑 ' + toString(commutation.months) + ' 个月',
    CASE WHEN a THEN 'a 财产性判项 ' + toString(commutation.propertyPenalty) + ' 元，已履行 '
      + toString(commutation.performed) + ' 元，不足 ' + toString(round($performed_ratio * 100)) + '%，月均消费 '
      + toString(commutation.monthlySpending) + ' 元' END,
    CASE WHEN b THEN 'b 考核期 ' + toString(commutation.assessedFrom) + ' 至 ' + toString(commutation.assessedTo)
      + ' 内违规 ' + toString(commutation.violations) + ' 次' END,
    CASE WHEN c THEN 'c 减刑 ' + toString(commutation.months) + ' 个月，超过 ' + toString($max_months) + ' 个月' END,
    CASE WHEN d THEN 'd 表扬 ' + toString(commutation.rewards) + ' 次，不足 ' + toString($min_rewards) + ' 次' END,
    CASE WHEN e THEN 'e 距上一次减刑（' + toString(head(earlier).rulingDate) + '）不足 '
      + toString($min_gap_months) + ' 个月' END
  ] WHERE reason IS NOT NULL] AS reasons
ORDER BY commutation
