/*+++
id = "M13"
slug = "fuel-tax"
title = "成品油涉税"
lines = ["公益"]
receivers = ["税务局"]
description = "加油站申报销售吨数低于液位仪销售吨数的允许范围，达到规定月数。同月几份申报相加，没有申报的按零计。"
misses = "液位仪没有接入或者被改动的加油站；以他人名义申报的。"
legal_basis = ["中华人民共和国税收征收管理法"]
maturity = "tried"
timeout_seconds = 120
identity = ["station"]
severity = "少报 100 吨以上或者 6 个月以上为 high；其余为 medium"

[datasets]
fuel_records = ["month", "soldTons"]
fuel_tax_filings = ["month", "declaredTons"]

[params.tolerance]
type = "number"
default = 0.1
min = 0
max = 1
description = "允许的差率"

[params.min_months]
type = "integer"
default = 3
min = 1
unit = "个月"
description = "少报的月数达到这一数目"

[returns]
station = {title = "加油站"}
months = {title = "少报月数（个月）"}
sold = {title = "液位仪销售（吨）"}
declared = {title = "申报销售（吨）"}
missing = {title = "少报（吨）"}
unfiled = {title = "没有申报的月份（个）"}
+++*/
MATCH (record:FuelRecord)-[by:SOLD_BY]->(station:Company)
WHERE record.knownFrom <= $as_of AND by.probability >= $min_confidence
WITH station, record.month AS month, collect(record) AS records, collect(by) AS links, sum(record.soldTons) AS sold
CALL (station, month) {
  MATCH (station)<-[:FILED_BY]-(filing:FuelTaxFiling {month: month})
  WHERE filing.knownFrom <= $as_of
  RETURN collect(filing) AS filings, coalesce(sum(filing.declaredTons), 0) AS declared
}
// what one who may be the station filed may be this month's filing; of another with a number of its own, only what is
// its own in doubt
CALL (station, month) {
  MATCH (station)-[:MAY_BE]-(other:Entity)<-[:FILED_BY]-(filing:FuelTaxFiling {month: month})
  WHERE filing.knownFrom <= $as_of
    AND (station.creditCode IS NULL OR other.creditCode IS NULL
      OR EXISTS { (filing)-[filed:FILED_BY]->(other) WHERE filed.probability < 1 })
  RETURN coalesce(sum(filing.declaredTons), 0) AS perhaps
}
WITH * WHERE declared + perhaps < round((1 - $tolerance) * sold, 6)
WITH * ORDER BY month
WITH station, collect({month: month, sold: sold, declared: declared, unfiled: filings = []}) AS months,
     reduce(all = [], some IN collect(records + filings) | all + some) AS facts,
     reduce(all = [], some IN collect(links) | all + some) AS links,
     sum(sold) AS sold, sum(declared) AS declared
WHERE size(months) >= $min_months
RETURN
  station.entityId AS station, size(months) AS months, round(sold, 2) AS sold, round(declared, 2) AS declared,
  round(sold - declared, 2) AS missing, size([m IN months WHERE m.unfiled]) AS unfiled,
  CASE WHEN sold - declared >= 100 OR size(months) >= 6 THEN 'high' ELSE 'medium' END AS severity,
  [station] AS subjects, facts, links,
  [station.name + ' 有 ' + toString(size(months)) + ' 个月申报低于液位仪销售的 ' + toString(round((1 - $tolerance) * 100))
    + '%，合计少报 ' + toString(round(sold - declared, 2)) + ' 吨']
  + [m IN months | toString(m.month.year) + '年' + toString(m.month.month) + '月：销售 ' + toString(round(m.sold, 2))
    + ' 吨，' + CASE WHEN m.unfiled THEN '没有申报' ELSE '申报 ' + toString(round(m.declared, 2)) + ' 吨' END] AS reasons
ORDER BY missing DESC, station
