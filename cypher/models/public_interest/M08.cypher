/*+++
id = "M08"
slug = "online-catering"
title = "网络餐饮超范围经营"
lines = ["公益"]
receivers = ["市场监管局"]
description = """
网络餐饮店铺：a 采集日期没有经营者有效的食品经营许可；b 经营品类含有许可项目没有的类别；
c 公示的量化等级与许可不符，或者有等级而不公示。b、c 只与采集日期有效的许可比较。
"""
misses = "经营品类以菜名而非类别书写的；一证多址的许可与店铺地址是否一致。没有填写经营者的店铺以其公示的许可证为准。"
legal_basis = ["中华人民共和国食品安全法", "网络餐饮服务食品安全监督管理办法"]
maturity = "tried"
timeout_seconds = 120
identity = ["shop", "ground"]
severity = "a 为 high；b 为 medium；c 为 low"
may_be_empty = [
  "online_restaurants.operator",
  "online_restaurants.licenceNumber",
  "online_restaurants.shownGrade",
  "food_licences.grade",
]

[datasets]
online_restaurants = ["operator", "licenceNumber", "categories", "shownGrade", "collectedOn"]
food_licences = ["licenceNumber", "items", "issuedOn", "validTo", "grade"]

[without]
"food_licences.grade" = "量化等级公示（c）不能核对"

[params.items]
type = "strings"
default = ["冷食类", "生食类", "糕点类", "自制饮品", "热食类"]
description = "核对的类别"

[conditions]
inForce = "采集日期有效的许可"
beyond = "许可项目以外的经营品类"
grades = "许可的量化等级"

[returns]
shop = {title = "店铺记录"}
ground = {title = "情形", description = "a 无有效许可，b 超出许可项目，c 量化等级不符"}
shop_name = {title = "店铺名称"}
platform = {title = "平台"}
collected = {title = "采集日期"}
beyond = {title = "超出许可的类别"}
shown_grade = {title = "公示等级"}
licence_grade = {title = "许可等级"}
+++*/
MATCH (shop:OnlineRestaurant)
WHERE shop.knownFrom <= $as_of
OPTIONAL MATCH (shop)-[by:OPERATED_BY]->(operator:Entity) WHERE by.probability >= $min_confidence
WITH shop, by, operator WHERE operator IS NOT NULL OR shop.operator IS NULL
CALL (shop, operator) {
  CALL (shop, operator) {
    MATCH (operator)<-[link:LICENSES_OPERATOR]-(licence:FoodLicence) RETURN licence, link
    UNION
    MATCH (shop)-[:SHOWS_LICENCE]->(licence:FoodLicence) WHERE shop.operator IS NULL RETURN licence, null AS link
  }
  WITH shop, licence, link WHERE licence.knownFrom <= $as_of
  WITH licence, link, licence.issuedOn <= shop.collectedOn AND shop.collectedOn <= licence.validTo AS inForce,
       EXISTS { (shop)-[:SHOWS_LICENCE]->(licence) } AS shown,
       EXISTS { (shop)-[:LOCATED_AT]->()<-[:LOCATED_AT]-(licence) } AS here
  ORDER BY licence.issuedOn, licence.key
  RETURN collect({licence: licence, link: link, inForce: inForce, shown: shown, here: here}) AS licences
}
WITH *, [l IN licences WHERE l.inForce] AS inForce
// a licence that is the operator's only in doubt keeps the shop out of a, and proves nothing against it
WITH *, [l IN inForce WHERE l.link IS NULL OR l.link.probability >= $min_confidence] AS sure
// of several licences in force the one shown counts, then that of the place
WITH *, CASE
    WHEN any(l IN sure WHERE l.shown) THEN [l IN sure WHERE l.shown]
    WHEN any(l IN sure WHERE l.here) THEN [l IN sure WHERE l.here]
    ELSE sure
  END AS compared
WITH *, [item IN $items WHERE shop.categories CONTAINS item
         AND none(l IN compared WHERE l.licence.items CONTAINS item)] AS beyond,
     [l IN compared WHERE l.licence.grade IS NOT NULL | l.licence.grade] AS grades
// a licence of one who may be the operator leaves it open whether there is none
WITH *, EXISTS {
  MATCH (operator)-[:MAY_BE]-(:Entity)<-[:LICENSES_OPERATOR]-(licence:FoodLicence)
  WHERE licence.knownFrom <= $as_of AND licence.issuedOn <= shop.collectedOn AND shop.collectedOn <= licence.validTo
} AS open
UNWIND CASE
  WHEN inForce = [] THEN CASE WHEN open THEN [] ELSE ['a'] END
  ELSE CASE WHEN beyond = [] OR compared = [] THEN [] ELSE ['b'] END
    + CASE WHEN grades = [] OR coalesce(shop.shownGrade IN grades, false) THEN [] ELSE ['c'] END
END AS ground
WITH *, CASE ground WHEN 'a' THEN licences ELSE compared END AS proof
RETURN
  shop.key AS shop, ground, shop.shopName AS shop_name, shop.platform AS platform, shop.collectedOn AS collected,
  CASE ground WHEN 'b' THEN beyond ELSE [] END AS beyond,
  CASE ground WHEN 'c' THEN shop.shownGrade END AS shown_grade, CASE ground WHEN 'c' THEN head(grades) END AS licence_grade,
  CASE ground WHEN 'a' THEN 'high' WHEN 'b' THEN 'medium' ELSE 'low' END AS severity,
  CASE WHEN operator IS NULL THEN [] ELSE [operator] END AS subjects,
  [shop] + [l IN proof | l.licence] AS facts,
  CASE WHEN by IS NULL THEN [] ELSE [by] END
    + [l IN proof WHERE ground <> 'a' AND l.link IS NOT NULL | l.link] AS links,
  [
    '店铺「' + shop.shopName + '」（' + shop.platform + '，' + toString(shop.collectedOn) + ' 采集），经营者 '
      + coalesce(operator.name, '未填写'),
    CASE ground
      WHEN 'a' THEN 'a 采集日期没有有效的食品经营许可' + CASE WHEN licences = [] THEN '，没有查到任何许可'
        ELSE '，已查到的许可有效期止 ' + toString(last(licences).licence.validTo) END
      WHEN 'b' THEN 'b 经营品类含有' + reduce(text = head(beyond), item IN tail(beyond) | text + '、' + item)
        + '，许可项目（' + head(compared).licence.items + '）没有'
      ELSE 'c 许可的量化等级为 ' + head(grades) + '，' + coalesce('公示为 ' + shop.shownGrade, '没有公示') END
  ] AS reasons
ORDER BY shop, ground
