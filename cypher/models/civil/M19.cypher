/*+++
id = "M19"
slug = "wage-arrears"
title = "农民工欠薪支持起诉"
lines = ["民事"]
receivers = ["人社局", "法院"]
description = """
欠薪没有解决、有证据、登记已满规定天数，劳动者自欠薪起没有起诉该用人单位（包括作为原告之一，不论结案方式），
而用人单位没有注销：可以支持起诉。
"""
misses = "尚未裁判的诉讼不在裁判文书之内；以包工头为被告的诉讼；劳动仲裁。"
legal_basis = ["中华人民共和国民事诉讼法", "保障农民工工资支付条例"]
maturity = "tried"
timeout_seconds = 60
identity = ["worker", "employer"]
severity = "欠薪 3 万元以上，或者同一单位还有 5 名以上劳动者的为 high；其余为 medium"
optional = ["judgments", "companies"]
may_be_empty = ["companies.statusDate"]

[datasets]
wage_arrears = ["status", "hasEvidence", "registeredOn", "owedFrom", "amount"]
judgments = ["filedOn", "plaintiff", "defendant"]
companies = ["status", "statusDate"]

[without]
judgments = "不能排除劳动者已经起诉的"
companies = "不能排除用人单位已经注销的"

[params.days]
type = "integer"
default = 30
min = 0
unit = "天"
description = "登记已满这些天"

[returns]
worker = {title = "劳动者（实体）"}
employer = {title = "用人单位（实体）"}
worker_name = {title = "劳动者"}
employer_name = {title = "用人单位"}
money = {title = "欠薪（元）"}
since = {title = "欠薪起"}
colleagues = {title = "同一单位其他被欠薪的劳动者（人）"}
+++*/
MATCH (arrears:WageArrears)-[to:OWED_TO]->(worker:Person)
WHERE arrears.status <> '已解决' AND arrears.hasEvidence
  AND arrears.knownFrom <= $as_of AND arrears.registeredOn <= $as_of - duration({days: $days})
  AND to.probability >= $min_confidence
MATCH (arrears)-[by:OWED_BY]->(employer:Company)
WHERE by.probability >= $min_confidence
  AND NOT EXISTS {
    MATCH (employer)-[:MAY_BE*0..1]-(:Entity)<-[:REGISTERS]-(registration:CompanyRegistration {status: '注销'})
    WHERE registration.knownFrom <= $as_of
      AND (registration.statusDate IS NULL OR registration.statusDate <= $as_of)
  }
  // sued already, also as one of several plaintiffs whom the row names together, or by one who may be the worker
  AND NOT EXISTS {
    MATCH (employer)-[:MAY_BE*0..1]-(:Entity)<-[:SUES]-(suit:Judgment)
    WHERE suit.knownFrom <= $as_of AND suit.filedOn >= arrears.owedFrom
      AND (EXISTS { (suit)-[:SUED_BY]->(:Entity)-[:MAY_BE*0..1]-(worker) }
        OR suit.plaintiff CONTAINS '、' AND any(name IN split(suit.plaintiff, '、')
          WHERE trim(name) = arrears.worker OR name STARTS WITH arrears.worker + '等'))
  }
WITH worker, employer, arrears, to, by ORDER BY arrears.owedFrom, arrears.key
WITH worker, employer, collect(arrears) AS rows, collect(to) + collect(by) AS links, round(sum(arrears.amount), 2) AS money
CALL (worker, employer) {
  MATCH (employer)<-[:OWED_BY]-(other:WageArrears)-[:OWED_TO]->(colleague:Person)
  WHERE other.knownFrom <= $as_of AND other.status <> '已解决' AND colleague <> worker
  RETURN count(DISTINCT colleague) AS colleagues
}
RETURN
  worker.entityId AS worker, employer.entityId AS employer, worker.name AS worker_name, employer.name AS employer_name,
  money, head(rows).owedFrom AS since, colleagues,
  CASE WHEN money >= 30000 OR colleagues >= 5 THEN 'high' ELSE 'medium' END AS severity,
  [worker, employer] AS subjects, rows AS facts, links,
  [employer.name + ' 欠 ' + worker.name + ' 工资 ' + toString(money) + ' 元（' + toString(head(rows).owedFrom) + ' 起，'
    + toString(head(rows).registeredOn) + ' 登记，' + head(rows).status + '），有证据',
   '自 ' + toString(head(rows).owedFrom) + ' 以来没有查到劳动者起诉该单位的裁判文书，该单位没有注销',
   '同一单位还有 ' + toString(colleagues) + ' 名劳动者的欠薪没有解决'] AS reasons
ORDER BY money DESC, worker, employer
