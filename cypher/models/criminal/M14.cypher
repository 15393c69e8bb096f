/*+++
id = "M14"
slug = "false-work-certificate"
title = "特种作业操作证造假"
lines = ["刑事", "公益"]
receivers = ["应急管理局", "公安局"]
description = """
在岗人员出示的特种作业操作证：a 发证登记中没有该证；b 登记在他人名下；
c 出示之日已经过期，或者登记为注销、撤销（同一证号同一人有几条登记的，以最好的一条为准）；d 登记的作业类别不同；
e 附带的查询网址不是官方网站。只有 e 也是线索。
"""
misses = "冒用本人真证的照片；证号抄写有误的真证会列为 a，须核对原件。"
legal_basis = ["中华人民共和国安全生产法", "特种作业人员安全技术培训考核管理规定"]
maturity = "tried"
timeout_seconds = 120
identity = ["certificate"]
severity = "a、b、e 为 high；c、d 为 medium"
may_be_empty = ["work_certificates.queryUrl"]

[datasets]
work_certificates = ["certificateNumber", "workType", "shownOn", "queryUrl"]
certificate_registry = ["certificateNumber", "workType", "validTo", "status"]

[without]
"work_certificates.queryUrl" = "查询网址（e）不能核对"

[params.official_hosts]
type = "strings"
default = ["cx.mem.gov.cn"]
description = "官方查询网站的主机名"

[conditions]
best = "最相符的发证登记"
entries = "该证号的发证登记"
own = "登记在本人名下"
good = "出示时有效"
fitting = "作业类别相符"
a = "登记中没有该证"
b = "登记在他人名下"
c = "已过期或者注销、撤销"
d = "作业类别不符"
e = "查询网址不是官方网站"

[returns]
certificate = {title = "出示证件记录"}
holder = {title = "出示人"}
employer = {title = "用人单位"}
number = {title = "证书编号"}
grounds = {title = "情形", description = "a 至 e，见说明"}
host = {title = "查询网址主机名"}
shown = {title = "出示日期"}
+++*/
MATCH (certificate:WorkCertificate)-[shownBy:SHOWN_BY]->(holder:Person)
WHERE certificate.knownFrom <= $as_of AND shownBy.probability >= $min_confidence
CALL (certificate, holder) {
  MATCH (certificate)-[:SHOWS]->(entry:CertificateRegistration)-[issued:ISSUED_TO]->(owner:Person)
  WHERE entry.knownFrom <= $as_of
  // same name and same number of the certificate, though one row may carry a wrong number of the person
  WITH entry, issued, owner, EXISTS { (owner)-[:MAY_BE*0..1]-(holder) } AS own,
       entry.validTo >= certificate.shownOn AND entry.status = '有效' AS good,
       entry.workType = certificate.workType AS fitting
  ORDER BY own DESC, good AND fitting DESC, good DESC, fitting DESC, entry.validTo DESC, entry.key
  RETURN collect({entry: entry, issued: issued, owner: owner, own: own, good: good, fitting: fitting}) AS entries
}
// the host between the scheme and the first / ? # \, without user and port
WITH *, split(split(split(split(last(split(toLower(certificate.queryUrl), '://')), '/')[0], '?')[0], '#')[0], '\\')[0]
  AS authority
WITH *, split(last(split(authority, '@')), ':')[0] AS host, head(entries) AS best
// whose the registration is, only in doubt: that it is there is known, and nothing else
WITH *, entries <> [] AND best.issued.probability >= $min_confidence AS sure
WITH *,
     entries = [] AS a,
     sure AND NOT best.own AS b,
     sure AND best.own AND NOT best.good AS c,
     sure AND best.own AND NOT best.fitting AS d,
     coalesce(NOT host IN $official_hosts, false) AS e
WITH *, [ground IN [['a', a], ['b', b], ['c', c], ['d', d], ['e', e]] WHERE ground[1] | ground[0]] AS grounds
WHERE grounds <> []
OPTIONAL MATCH (certificate)-[employs:EMPLOYED_BY]->(employer:Company) WHERE employs.probability >= $min_confidence
WITH *, collect(employer) AS employers
RETURN
  certificate.key AS certificate, holder.name AS holder, certificate.employer AS employer,
  certificate.certificateNumber AS number, grounds, host, certificate.shownOn AS shown,
  CASE WHEN a OR b OR e THEN 'high' ELSE 'medium' END AS severity,
  [holder] + employers AS subjects,
  [certificate] + [x IN entries | x.entry] AS facts,
  [shownBy] + [x IN entries WHERE x.own AND x.issued.probability >= $min_confidence | x.issued] AS links,
  [reason IN [
    holder.name + ' ' + toString(certificate.shownOn) + ' 在' + certificate.employer + '出示' + certificate.workType + '证 '
      + certificate.certificateNumber,
    CASE WHEN a THEN 'a 发证登记中没有该证' END,
    CASE WHEN b THEN 'b 该证号登记在他人（' + best.owner.name + '）名下' END,
    CASE WHEN c THEN 'c 登记' + CASE WHEN best.entry.status <> '有效' THEN '为' + best.entry.status
      ELSE '有效期止 ' + toString(best.entry.validTo) + '，出示时已过期' END END,
    CASE WHEN d THEN 'd 登记的作业类别为' + best.entry.workType END,
    CASE WHEN e THEN 'e 查询网址指向 ' + host + '，不是官方网站' END
  ] WHERE reason IS NOT NULL] AS reasons
ORDER BY certificate
