/*+++
id = "M17"
slug = "false-suit-housing-fund"
title = "虚假诉讼套取住房公积金"
lines = ["民事"]
receivers = ["法院", "公积金中心"]
description = """
立案后很快以调解结案，被告随即凭该文书以司法扣划提取公积金的案件；同一原告或者同一委托代理人有这样的案件达到规定件数为一条线索。
代理人的案件全部属于某一原告的线索时，不另列代理人。
"""
misses = """
不写文书号的提取；原告各不相同、又没有代理人的团伙。委托代理人只有姓名，同名即视为一人。
没有号码的原告，或为有同类案件的某人时算作该人，线索的把握随之降低；名字常见、几件都没有号码的对不上。
"""
legal_basis = ["住房公积金管理条例", "中华人民共和国民事诉讼法"]
maturity = "tried"
timeout_seconds = 60
identity = ["role", "who"]
severity = "5 件以上为 high；其余为 medium"
may_be_empty = ["judgments.agent"]

[datasets]
judgments = ["filedOn", "judgedOn", "closure", "plaintiff", "defendant", "agent"]
housing_fund_withdrawals = ["reason", "withdrawnOn", "amount", "judgmentNumber"]

[without]
"judgments.agent" = "委托代理人的线索查不出"
"housing_fund_withdrawals.judgmentNumber" = "提取与诉讼对不上"

[params.fast_days]
type = "integer"
default = 15
min = 0
unit = "天"
description = "立案至调解不超过这些天"

[params.after_days]
type = "integer"
default = 90
min = 0
unit = "天"
description = "裁判之后这些天以内提取"

[params.ring]
type = "integer"
default = 3
min = 2
unit = "件"
description = "同一原告、代理人的案件达到这一件数"

[returns]
role = {title = "身份", description = "原告或者委托代理人"}
who = {title = "原告（实体）或者代理人姓名"}
name = {title = "姓名或者名称"}
suits = {title = "案件（件）"}
people = {title = "提取人（人）"}
money = {title = "提取金额（元）"}
+++*/
MATCH (suit:Judgment {closure: '调解'})<-[:BASED_ON]-(withdrawal:HousingFundWithdrawal {reason: '司法扣划'})
WHERE suit.knownFrom <= $as_of AND withdrawal.knownFrom <= $as_of
  AND suit.filedOn <= suit.judgedOn AND duration.inDays(suit.filedOn, suit.judgedOn).days <= $fast_days
  AND suit.judgedOn <= withdrawal.withdrawnOn
  AND duration.inDays(suit.judgedOn, withdrawal.withdrawnOn).days <= $after_days
MATCH (suit)-[sued:SUES]->(person:Person)<-[took:WITHDRAWN_BY]-(withdrawal)
WHERE sued.probability >= $min_confidence AND took.probability >= $min_confidence
WITH suit, person, withdrawal, sued, took ORDER BY withdrawal.withdrawnOn, withdrawal.key
WITH suit, collect(DISTINCT person) AS people, collect(withdrawal) AS withdrawals,
     collect(DISTINCT sued) + collect(took) AS links
// a plaintiff without a number counts as one whom he may be and who has such suits of his own: two namesakes hardly meet
// in this pattern, and the clue says how sure that is
CALL (suit) {
  MATCH (suit)-[by:SUED_BY]->(named:Entity) WHERE by.probability >= $min_confidence
  OPTIONAL MATCH (named)-[may:MAY_BE]-(known:Entity)<-[:SUED_BY]-(other:Judgment {closure: '调解'})
                 <-[:BASED_ON]-(taken:HousingFundWithdrawal {reason: '司法扣划'})
  WHERE coalesce(named.idHash, named.creditCode) IS NULL AND coalesce(known.idHash, known.creditCode) IS NOT NULL
    AND may.probability >= $min_confidence AND other.knownFrom <= $as_of AND taken.knownFrom <= $as_of
  WITH named, by, known, may ORDER BY may.probability DESC, known.entityId
  WITH named, by, head(collect(known)) AS known, head(collect(may)) AS may
  RETURN collect({party: coalesce(known, named), links: [by] + CASE WHEN may IS NULL THEN [] ELSE [may] END}) AS plaintiffs
}
CALL (suit, plaintiffs) {
  UNWIND plaintiffs AS plaintiff
  WITH plaintiff.party AS party, head(collect(plaintiff.links)) AS by
  RETURN '原告' AS role, party.entityId AS who, party.name AS name, party, by
  UNION ALL
  WITH suit WHERE suit.agent IS NOT NULL
  OPTIONAL MATCH (suit)-[:PLEADED_BY]->(agent:Person)
  WITH suit, head(collect(agent)) AS agent
  // the name as most rows have it: 黃文華 and 黄文华 are one agent
  WITH suit, agent, coalesce(agent.name, suit.agent) AS name
  RETURN '委托代理人' AS role, name AS who, name, agent AS party, [] AS by
}
WITH role, who, name, suit, plaintiffs, party, by, people, withdrawals, links ORDER BY suit.judgedOn, suit.key
WITH role, who, head(collect(name)) AS name, collect(suit) AS suits, collect(DISTINCT party) AS parties,
     reduce(all = [], some IN collect(by) | all + some) AS bys, collect([p IN plaintiffs | p.party]) AS sides,
     collect(people) AS peoples, collect(withdrawals) AS taken, collect(links) AS linked
// an agent whose suits are all one plaintiff's is no clue beside the plaintiff
WHERE size(suits) >= $ring AND (role = '原告' OR none(one IN head(sides) WHERE all(side IN sides WHERE one IN side)))
WITH {role: role, who: who, name: name, suits: suits, parties: parties, bys: bys, linked: linked} AS ring,
     reduce(all = [], some IN peoples | all + [p IN some WHERE NOT p IN all]) AS people,
     reduce(all = [], some IN taken | all + some) AS withdrawals
WITH *, round(reduce(sum = 0.0, w IN withdrawals | sum + w.amount), 2) AS money
RETURN
  ring.role AS role, ring.who AS who, ring.name AS name, size(ring.suits) AS suits, size(people) AS people, money,
  CASE WHEN size(ring.suits) >= 5 THEN 'high' ELSE 'medium' END AS severity,
  ring.parties + people AS subjects,
  ring.suits + withdrawals AS facts,
  reduce(all = ring.bys, some IN ring.linked | all + some) AS links,
  [ring.role + ' ' + ring.name + ' 有 ' + toString(size(ring.suits)) + ' 件立案后 ' + toString($fast_days)
    + ' 天以内调解结案的诉讼，被告 ' + toString(size(people)) + ' 人随后凭文书以司法扣划提取公积金 ' + toString(money) + ' 元']
  + [suit IN ring.suits | suit.documentNumber + '：' + toString(suit.filedOn) + ' 立案，' + toString(suit.judgedOn)
    + ' 调解，被告 ' + suit.defendant] AS reasons
ORDER BY suits DESC, role, who
