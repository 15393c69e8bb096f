/*+++
id = "M03"
slug = "prisoner-subsidy"
title = "服刑人员领取补贴"
lines = ["行政", "公益"]
receivers = ["民政局", "人社局"]
description = """
在监狱服刑期间仍有补贴发放：发放日期在收监当月之后、释放日期（未填的以刑期止日为准）之前。
收监当月不计。社区矫正、暂予监外执行不属于本模型。
"""
misses = """
补贴发放表没有的种类；发到他人名下的补贴；收监、释放日期登记有误的人员。
同名不同人由实体归并排除，身份证号缺失且姓名常见的人员可能因此漏掉。
"""
legal_basis = ["社会救助暂行办法", "中华人民共和国监狱法"]
maturity = "tried"
timeout_seconds = 120
identity = ["term"]
severity = "合计 10000 元以上为 high；只有一笔为 low；其余为 medium"
may_be_empty = ["prison_terms.releaseDate", "prison_terms.prison", "subsidy_payments.collector"]

[datasets]
prison_terms = ["execution", "admissionDate", "termEnd", "releaseDate", "crime", "prison"]
subsidy_payments = ["subsidyType", "paidOn", "amount", "collector"]

[params.grace_months]
type = "integer"
default = 1
min = 0
max = 120
unit = "个月"
description = "收监当月起不计的月数：1 即收监当月不计"

[params.subsidy_types]
type = "strings"
default = ["最低生活保障", "困难残疾人生活补贴", "重度残疾人护理补贴", "高龄津贴", "城乡居民养老金"]
description = "计入的补贴类型"

[conditions]
countedFrom = "计发起日（收监当月过后）"

[returns]
term = {title = "刑罚执行记录", description = "同一人的同一刑期为一条线索"}
admitted = {title = "收监日期"}
released = {title = "释放日期（未填为刑期止日）"}
payments = {title = "发放笔数（笔）"}
total = {title = "发放总额（元）"}
first = {title = "首笔发放日期"}
last = {title = "末笔发放日期"}
types = {title = "补贴类型"}
collectors = {title = "代领人", description = "发放记录写明的代领人，没有写明的不列"}
+++*/
MATCH (term:PrisonTerm {execution: '监狱服刑'})-[served:SERVED_BY]->(person:Person)
WHERE term.knownFrom <= $as_of AND served.probability >= $min_confidence
WITH term, served, person,
     date.truncate('month', term.admissionDate) + duration({months: $grace_months}) AS countedFrom,
     coalesce(term.releaseDate, term.termEnd) AS released
MATCH (person)<-[paid:PAID_TO]-(payment:SubsidyPayment)
WHERE payment.knownFrom <= $as_of AND paid.probability >= $min_confidence
  AND payment.paidOn >= countedFrom AND payment.paidOn > term.admissionDate
  AND payment.paidOn < released
  AND payment.subsidyType IN $subsidy_types
WITH term, served, person, released, payment, paid
ORDER BY payment.paidOn, payment.key
WITH term, served, person, released,
     collect(payment) AS payments, collect(paid) AS paidLinks, sum(payment.amount) AS total,
     collect(DISTINCT payment.subsidyType) AS types, collect(DISTINCT payment.collector) AS collectors
RETURN
  term.key AS term, term.admissionDate AS admitted, released,
  size(payments) AS payments, round(total, 2) AS total,
  head(payments).paidOn AS first, last(payments).paidOn AS last, types, collectors,
  CASE WHEN total >= 10000 THEN 'high' WHEN size(payments) = 1 THEN 'low' ELSE 'medium' END AS severity,
  [person] AS subjects,
  [term] + payments AS facts,
  [served] + paidLinks AS links,
  [
    person.name + ' ' + toString(term.admissionDate) + ' 收监（' + term.crime + '，监狱服刑），'
      + CASE WHEN term.releaseDate IS NULL THEN '释放日期未填，刑期止日 ' ELSE '释放日期 ' END + toString(released),
    '在押期间发放 ' + toString(size(payments)) + ' 笔，合计 ' + toString(round(total, 2)) + ' 元（'
      + reduce(text = head(types), type IN tail(types) | text + '、' + type) + '），自 '
      + toString(head(payments).paidOn) + ' 至 ' + toString(last(payments).paidOn),
    CASE WHEN collectors = [] THEN '发放记录没有写明代领人'
      ELSE '由 ' + reduce(text = head(collectors), who IN tail(collectors) | text + '、' + who) + ' 代领' END
  ] AS reasons
ORDER BY total DESC, term
