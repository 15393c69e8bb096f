/*+++
id = "M15"
slug = "mortgage-loan-fraud"
title = "违法发放房产抵押经营贷"
lines = ["刑事", "民事"]
receivers = ["公安局", "金融监管局"]
description = """
房产抵押经营贷有下列疑点之二的为可疑贷款：a 借款企业成立不久即借款；b 借款后不久注销、吊销；c 几个借款企业同一住所；
d 实际借款人既不是借款企业股东，也不是法定代表人；e 抵押房产登记到企业或者实际借款人名下不久。
同一中介，或者同一银行的同一经办人，经手可疑贷款达到规定笔数为一条线索。
"""
misses = "没有填写中介、经办人的贷款；经办人改名、换行的。"
legal_basis = ["中华人民共和国刑法", "中华人民共和国商业银行法"]
maturity = "tried"
timeout_seconds = 180
identity = ["role", "who"]
severity = "可疑贷款 5 笔以上为 high；其余为 medium"
may_be_empty = [
  "mortgage_loans.clerk",
  "mortgage_loans.broker",
  "companies.statusDate",
  "shareholders.share",
  "shareholders.position",
]

[datasets]
mortgage_loans = ["lentOn", "amount", "bank", "clerk", "broker"]
companies = ["foundedOn", "status", "statusDate", "address"]
shareholders = ["share", "position"]
real_estate = ["registeredOn"]

[without]
"mortgage_loans.clerk" = "银行经办人的线索查不出"
"mortgage_loans.broker" = "中介的线索查不出"

[params.min_signs]
type = "integer"
default = 2
min = 1
max = 5
unit = "个"
description = "疑点达到这一个数为可疑贷款"

[params.young_days]
type = "integer"
default = 90
min = 1
unit = "天"
description = "企业成立、房产登记距放款不足这些天"

[params.short_days]
type = "integer"
default = 365
min = 1
unit = "天"
description = "放款后不足这些天注销、吊销"

[params.address_share]
type = "integer"
default = 3
min = 2
unit = "家"
description = "同一住所的借款企业达到这一家数"

[params.ring]
type = "integer"
default = 3
min = 2
unit = "笔"
description = "同一中介、经办人的可疑贷款达到这一笔数"

[conditions]
a = "成立不久即借款"
b = "放款后不久注销、吊销"
c = "多家借款企业同一住所"
d = "实际借款人与企业无关"
e = "抵押房产刚登记"
atAddress = "同一住所的借款企业"
titles = "刚登记的抵押房产"
suspects = "可疑贷款"
signs = "成立的疑点"

[returns]
role = {title = "身份", description = "中介或者银行经办人"}
who = {title = "中介（实体）或者银行与经办人"}
name = {title = "姓名"}
loans = {title = "可疑贷款（笔）"}
money = {title = "可疑贷款金额（元）"}
borrowers = {title = "借款企业"}
signs = {title = "各笔疑点"}
+++*/
MATCH (loan:MortgageLoan)-[borrowed:BORROWED_BY]->(company:Company)
WHERE loan.knownFrom <= $as_of AND borrowed.probability >= $min_confidence
OPTIONAL MATCH (loan)-[actual:ACTUALLY_BORROWED_BY]->(person:Person) WHERE actual.probability >= $min_confidence
CALL (company) {
  MATCH (company)<-[link:REGISTERS]-(row:CompanyRegistration)
  WHERE row.knownFrom <= $as_of AND link.probability >= $min_confidence
  RETURN collect(row) AS registrations, collect(link) AS registers
}
CALL (loan, company, person) {
  MATCH (loan)-[:MORTGAGES]->(:Property)<-[:TITLE_TO]-(title:Ownership)-[owned:OWNED_BY]->(owner)
  WHERE (owner = company OR owner = person) AND title.knownFrom <= $as_of AND owned.probability >= $min_confidence
    AND title.registeredOn <= loan.lentOn
    AND duration.inDays(title.registeredOn, loan.lentOn).days < $young_days
  RETURN collect(DISTINCT title) AS titles
}
CALL (company) {
  MATCH (company)-[mine:HAS_ADDRESS]->(address:Address)<-[theirs:HAS_ADDRESS]-(other:Company)
  WHERE EXISTS { MATCH (l:MortgageLoan)-[:BORROWED_BY]->(other) WHERE l.knownFrom <= $as_of }
  WITH address, count(DISTINCT other) + 1 AS borrowers
  RETURN coalesce(max(borrowers), 1) AS atAddress
}
WITH *,
     any(r IN registrations WHERE r.foundedOn <= loan.lentOn
       AND duration.inDays(r.foundedOn, loan.lentOn).days < $young_days) AS a,
     any(r IN registrations WHERE r.status IN ['注销', '吊销'] AND r.statusDate <= $as_of AND r.statusDate >= loan.lentOn
       AND duration.inDays(loan.lentOn, r.statusDate).days < $short_days) AS b,
     atAddress >= $address_share AS c,
     person IS NOT NULL
       AND NOT EXISTS {
         MATCH (company)<-[:SHARE_OF]-(holding:Shareholding)-[:HELD_BY]->(:Entity)-[:MAY_BE*0..1]-(person)
         WHERE holding.knownFrom <= $as_of
           AND (coalesce(holding.share, 0) > 0 OR coalesce(holding.position, '股东') CONTAINS '股东')
       }
       AND NOT EXISTS {
         MATCH (company)<-[:REGISTERS]-(row:CompanyRegistration)-[:REPRESENTED_BY]->(:Entity)-[:MAY_BE*0..1]-(person)
         WHERE row.knownFrom <= $as_of
       } AS d,
     titles <> [] AS e
WITH *, [sign IN [['a', a], ['b', b], ['c', c], ['d', d], ['e', e]] WHERE coalesce(sign[1], false) | sign[0]] AS signs
WHERE size(signs) >= $min_signs
WITH loan, company, {
    loan: loan, company: company, signs: signs,
    facts: [loan] + registrations + titles,
    links: [borrowed] + CASE WHEN actual IS NULL THEN [] ELSE [actual] END + registers
  } AS suspect
CALL (loan) {
  MATCH (loan)-[link:BROKERED_BY]->(broker:Entity) WHERE link.probability >= $min_confidence
  RETURN '中介' AS role, broker.entityId AS who, broker.name AS name, broker, link
  UNION ALL
  WITH loan WHERE loan.clerk IS NOT NULL
  RETURN '银行经办人' AS role, loan.bank + '|' + loan.clerk AS who, loan.clerk AS name, null AS broker, null AS link
}
WITH role, who, name, broker, suspect, link ORDER BY suspect.loan.lentOn, suspect.loan.key
WITH role, who, name, collect(DISTINCT broker) AS brokers, collect(suspect) AS suspects, collect(link) AS brokered
WHERE size(suspects) >= $ring
WITH *, round(reduce(sum = 0.0, s IN suspects | sum + s.loan.amount), 2) AS money
RETURN
  role, who, name, size(suspects) AS loans, money,
  [s IN suspects | s.company.name] AS borrowers,
  [s IN suspects | reduce(text = '', sign IN s.signs | text + sign)] AS signs,
  CASE WHEN size(suspects) >= 5 THEN 'high' ELSE 'medium' END AS severity,
  brokers + [s IN suspects | s.company] AS subjects,
  reduce(all = [], s IN suspects | all + s.facts) AS facts,
  reduce(all = brokered, s IN suspects | all + s.links) AS links,
  [role + CASE role WHEN '中介' THEN ' ' + name ELSE '（' + split(who, '|')[0] + '）' + name END + ' 经手可疑贷款 '
    + toString(size(suspects)) + ' 笔，合计 ' + toString(money) + ' 元']
  + [s IN suspects | s.company.name + ' ' + toString(s.loan.lentOn) + ' 贷款 ' + toString(s.loan.amount) + ' 元：'
    + reduce(text = '', sign IN s.signs | text + CASE text WHEN '' THEN '' ELSE '；' END + CASE sign
      WHEN 'a' THEN 'a 成立不足 ' + toString($young_days) + ' 天'
      WHEN 'b' THEN 'b 放款后不足 ' + toString($short_days) + ' 天注销、吊销'
      WHEN 'c' THEN 'c 与其他借款企业同一住所'
      WHEN 'd' THEN 'd 实际借款人不是股东、法定代表人'
      ELSE 'e 抵押房产登记不足 ' + toString($young_days) + ' 天' END)] AS reasons
ORDER BY loans DESC, role, who
