/*+++
id = "M07"
slug = "land-use-tax"
title = "土地使用税"
lines = ["公益"]
receivers = ["税务局"]
description = """
年末已登记在名下的工业、商业用地，该年度没有申报土地使用税，或者申报面积不足登记土地面积的规定比例。
一宗地的申报面积 = 写明该不动产权证号的申报 + 该权利人没有写明证号的申报按面积分摊到其各宗应税土地的部分。
住宅、公共用途，年后登记的，以及权利人在年末以前注销的除外。
"""
misses = "减免税土地；同一年度内转让的土地；没有登记土地面积的不动产。"
legal_basis = ["中华人民共和国城镇土地使用税暂行条例"]
maturity = "tried"
timeout_seconds = 300
identity = ["title", "year"]
severity = "少缴 10 万元以上为 high；1 万元以上为 medium；其余为 low"
optional = ["companies"]
may_be_empty = ["land_use_tax.certificateNumber", "companies.statusDate"]

[datasets]
real_estate = ["use", "landArea", "registeredOn"]
land_use_tax = ["certificateNumber", "year", "declaredArea"]
companies = ["status", "statusDate"]

[without]
companies = "不能排除已经注销的单位"
"real_estate.landArea" = "没有土地面积的不动产查不出"

[params.years]
type = "integers"
default = []
description = "核对的年度；空为截至日期之前三个完整年度"

[params.declared_ratio]
type = "number"
default = 0.95
min = 0
max = 1
description = "申报面积不足登记面积的这一比例"

[params.rate]
type = "number"
default = 4
min = 0
unit = "元/㎡"
description = "每平方米年税额"

[conditions]
yearEnd = "当年最后一天"

[returns]
title = {title = "不动产登记记录"}
year = {title = "年度"}
owner = {title = "权利人"}
certificate = {title = "不动产权证号"}
registered = {title = "登记土地面积（㎡）"}
declared = {title = "申报面积（㎡）"}
missing = {title = "少缴税额（元）"}
+++*/
MATCH (title:Ownership)-[owned:OWNED_BY]->(owner:Entity)
WHERE title.use IN ['工业', '商业'] AND title.landArea > 0
  AND title.knownFrom <= $as_of AND owned.probability >= $min_confidence
MATCH (title)-[of:TITLE_TO]->(parcel:Property)
WHERE of.probability >= $min_confidence
UNWIND CASE WHEN $years = [] THEN range($as_of.year - 3, $as_of.year - 1) ELSE $years END AS year
WITH title, owned, owner, of, parcel, year, date({year: year, month: 12, day: 31}) AS yearEnd
WHERE title.registeredOn <= yearEnd AND yearEnd <= $as_of
WITH year, yearEnd, owner, parcel, title, owned, of ORDER BY title.registeredOn, title.key
WITH year, yearEnd, owner, parcel, collect(title) AS titles, collect(owned) + collect(of) AS links,
     max(title.landArea) AS area
WHERE NOT EXISTS {
  MATCH (owner)-[:MAY_BE*0..1]-(:Entity)<-[:REGISTERS]-(registration:CompanyRegistration {status: '注销'})
  WHERE registration.knownFrom <= $as_of AND (registration.statusDate IS NULL OR registration.statusDate <= yearEnd)
}
WITH year, owner, collect({parcel: parcel, titles: titles, links: links, area: area}) AS parcels, sum(area) AS whole
CALL (owner, year) {
  MATCH (owner)<-[by:FILED_BY]-(filing:LandUseTaxFiling {year: year})
  WHERE filing.knownFrom <= $as_of AND filing.certificateNumber IS NULL
  RETURN collect(filing) AS shared, coalesce(sum(filing.declaredArea), 0) AS sharedArea
}
UNWIND parcels AS one
CALL (one, year) {
  WITH one.parcel AS parcel, year
  MATCH (parcel)<-[:FOR_PARCEL]-(filing:LandUseTaxFiling {year: year})
  WHERE filing.knownFrom <= $as_of
  RETURN collect(filing) AS filings, coalesce(sum(filing.declaredArea), 0) AS ownArea
}
WITH year, owner, one, shared, filings, head(one.titles) AS title,
     ownArea + sharedArea * one.area / whole AS declared
WHERE declared < round($declared_ratio * one.area, 6)
  // a filing of one who may be the owner may be for this parcel; of another with a number of its own, only what is its
  // own in doubt
  AND NOT EXISTS {
    MATCH (owner)-[:MAY_BE]-(other:Entity)<-[filed:FILED_BY]-(filing:LandUseTaxFiling {year: year})
    WHERE filing.knownFrom <= $as_of AND filing.certificateNumber IS NULL
      AND (owner.creditCode IS NULL OR other.creditCode IS NULL OR filed.probability < 1)
      AND declared + filing.declaredArea >= round($declared_ratio * one.area, 6)
  }
WITH *, round((one.area - declared) * $rate, 2) AS missing
RETURN
  title.key AS title, year, owner.name AS owner, title.certificateNumber AS certificate,
  round(one.area, 2) AS registered, round(declared, 2) AS declared, missing,
  CASE WHEN missing >= 100000 THEN 'high' WHEN missing >= 10000 THEN 'medium' ELSE 'low' END AS severity,
  [owner, one.parcel] AS subjects,
  one.titles + filings + shared AS facts,
  one.links AS links,
  [
    owner.name + ' ' + toString(title.registeredOn) + ' 登记' + title.use + '用地 ' + toString(round(one.area, 2)) + ' ㎡（'
      + title.certificateNumber + '）',
    CASE WHEN filings + shared = [] THEN toString(year) + ' 年没有查到该宗地的土地使用税申报'
      ELSE toString(year) + ' 年申报 ' + toString(round(declared, 2)) + ' ㎡' + CASE WHEN shared = [] THEN ''
        ELSE '（含未写明证号的申报按面积分摊的部分）' END + '，不足登记面积的 ' + toString(round($declared_ratio * 100)) + '%' END,
    '按 ' + toString($rate) + ' 元/㎡ 计，少缴 ' + toString(missing) + ' 元'
  ] AS reasons
ORDER BY missing DESC, title, year
