/*+++
id = "M18"
slug = "school-surroundings"
title = "校园周边环境治理"
lines = ["未检", "公益"]
receivers = ["市场监管局", "烟草局"]
description = """
小学、中学周边规定距离以内营业的烟草零售、彩票销售、网吧、酒吧；烟草零售、酒吧也包括幼儿园周边。距离为直线距离。
"""
misses = "按步行距离或者校门起算的规定；没有经纬度、经纬度有误的场所；流动摊贩。文具店、食品摊贩不属于本模型。"
legal_basis = ["中华人民共和国未成年人保护法"]
maturity = "tried"
timeout_seconds = 180
identity = ["school", "premises"]
severity = "不足规定距离一半的为 high；其余为 medium"

[datasets]
schools = ["schoolType", "longitude", "latitude"]
premises = ["category", "status", "openedOn", "longitude", "latitude"]

[params.distance_m]
type = "numbers"
default = {"烟草零售" = 100, "彩票销售" = 200, "网吧" = 200, "酒吧" = 200}
min = 0
max = 5000
unit = "米"
description = "各类场所的规定距离；写作 烟草零售:150,网吧:300，或者一个数适用于各类"

[returns]
school = {title = "学校记录"}
premises = {title = "场所记录"}
school_name = {title = "学校名称"}
premises_name = {title = "场所名称"}
category = {title = "场所类别"}
metres = {title = "距离（米）"}
opened = {title = "开业日期"}
+++*/
MATCH (school:School)
WHERE school.knownFrom <= $as_of AND school.schoolType IN ['幼儿园', '小学', '中学']
// a degree of latitude is 111 km: a band around the school before any distance is measured
WITH school, reduce(most = 0.0, kind IN keys($distance_m) |
       CASE WHEN $distance_m[kind] > most THEN $distance_m[kind] ELSE most END) / 110000.0 AS band
CALL (school, band) {
  MATCH (premises:Premises)
  WHERE premises.latitude >= school.latitude - band AND premises.latitude <= school.latitude + band
    AND premises.status = '营业'
    AND premises.category IN keys($distance_m)
    AND (school.schoolType <> '幼儿园' OR premises.category IN ['烟草零售', '酒吧'])
  // Neo4j measures on the equator's radius (6378140 m); the earth's mean radius is 6371009 m
  RETURN premises, 6371009.0 / 6378140.0 * point.distance(
    point({longitude: school.longitude, latitude: school.latitude}),
    point({longitude: premises.longitude, latitude: premises.latitude})) AS metres
}
WITH school, premises, metres
WHERE metres <= $distance_m[premises.category] AND premises.knownFrom <= $as_of
CALL (premises) {
  OPTIONAL MATCH (premises)-[by:OPERATED_BY]->(operator:Entity) WHERE by.probability >= $min_confidence
  RETURN collect(operator) AS operators, collect(by) AS links
}
RETURN
  school.key AS school, premises.key AS premises, school.schoolName AS school_name,
  premises.premisesName AS premises_name, premises.category AS category, toInteger(round(metres)) AS metres,
  premises.openedOn AS opened,
  CASE WHEN metres < $distance_m[premises.category] / 2.0 THEN 'high' ELSE 'medium' END AS severity,
  operators AS subjects, [school, premises] AS facts, links,
  [premises.category + '「' + premises.premisesName + '」距' + school.schoolName + '（' + school.schoolType + '）'
    + toString(toInteger(round(metres))) + ' 米，在 ' + toString($distance_m[premises.category]) + ' 米以内',
   toString(premises.openedOn) + ' 开业，截至 ' + toString($as_of) + ' 在营业'] AS reasons
ORDER BY school, premises
