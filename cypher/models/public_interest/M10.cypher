/*+++
id = "M10"
slug = "environment-tax"
title = "环境保护税"
lines = ["公益"]
receivers = ["税务局", "生态环境局"]
description = """
因排放污染物受到生态环境处罚的当事人，处罚日期所在季度已经结束，而没有税额大于零的环境保护税申报（合起来）覆盖该季度。
"""
misses = "没有受到处罚的排放；申报数额偏低的；依法免税的排放。"
legal_basis = ["中华人民共和国环境保护税法"]
maturity = "tried"
timeout_seconds = 60
identity = ["party", "quarter"]
severity = "同一季度处罚两次以上为 high；其余为 medium"

[datasets]
admin_penalties = ["field", "facts", "penalisedOn"]
environment_tax = ["periodStart", "periodEnd", "taxPaid"]

[params.discharge_words]
type = "strings"
default = ["废水", "废气", "噪声", "固废", "排放", "超标"]
description = "违法事实含有其中之一即为排放污染物"

[conditions]
uncovered = "季度中没有完税申报覆盖的日子"

[returns]
party = {title = "当事人"}
quarter = {title = "季度"}
penalties = {title = "处罚（次）"}
fines = {title = "罚款合计（元）"}
filings = {title = "该季度的申报（份）", description = "零税额的，或者没有覆盖全季的"}
+++*/
MATCH (penalty:Penalty {field: '生态环境'})-[imposed:IMPOSED_ON]->(party:Entity)
WHERE penalty.knownFrom <= $as_of AND imposed.probability >= $min_confidence
  AND any(word IN $discharge_words WHERE penalty.facts CONTAINS word)
WITH party, date.truncate('quarter', penalty.penalisedOn) AS begins, penalty, imposed
WITH *, begins + duration({months: 3}) - duration({days: 1}) AS ends
WHERE ends < $as_of
WITH party, begins, ends, penalty, imposed ORDER BY penalty.penalisedOn, penalty.key
WITH party, begins, ends, collect(penalty) AS penalties, collect(imposed) AS links, sum(penalty.fine) AS fines
CALL (party, begins, ends) {
  MATCH (party)<-[:FILED_BY]-(filing:EnvironmentTaxFiling)
  WHERE filing.knownFrom <= $as_of AND filing.periodStart <= ends AND filing.periodEnd >= begins
  WITH filing ORDER BY filing.periodStart, filing.key
  RETURN collect(filing) AS filings
}
WITH *, [f IN filings WHERE f.taxPaid > 0] AS paid
// days of the quarter that lie in no filing with tax
WITH *, [day IN range(0, duration.inDays(begins, ends).days)
         WHERE none(f IN paid WHERE f.periodStart <= begins + duration({days: day})
                                AND begins + duration({days: day}) <= f.periodEnd)] AS uncovered
WHERE uncovered <> []
  // tax that one who may be the party paid for the quarter leaves it open; of another with a number of its own, only
  // what is its own in doubt
  AND NOT EXISTS {
    MATCH (party)-[:MAY_BE]-(other:Entity)<-[filed:FILED_BY]-(filing:EnvironmentTaxFiling)
    WHERE filing.knownFrom <= $as_of AND filing.taxPaid > 0 AND filing.periodStart <= ends AND filing.periodEnd >= begins
      AND (party.creditCode IS NULL OR other.creditCode IS NULL OR filed.probability < 1)
  }
WITH *, toString(begins.year) + '年第' + toString(begins.quarter) + '季度' AS quarter
RETURN
  party.entityId AS party, quarter, size(penalties) AS penalties, fines, size(filings) AS filings,
  CASE WHEN size(penalties) > 1 THEN 'high' ELSE 'medium' END AS severity,
  [party] AS subjects, penalties + filings AS facts, links,
  [p IN penalties | party.name + ' ' + toString(p.penalisedOn) + ' 因「' + p.facts + '」受到' + p.authority + '处罚（'
    + p.documentNumber + '）']
  + [CASE
      WHEN filings = [] THEN quarter + '没有查到环境保护税申报'
      WHEN paid = [] THEN quarter + '的环境保护税申报税额均为零'
      ELSE quarter + '的环境保护税申报没有覆盖整个季度'
    END] AS reasons
ORDER BY quarter, party
