/*+++
id = "M22"
slug = "hotline-hotspot"
title = "12345 高频投诉"
lines = ["公益"]
receivers = ["主管机关"]
description = """
截至日期之前规定天数以内，同一街道、同一分类的热线工单达到规定件数、来自规定个数以上的号码；
或者同一被反映主体（归并后的企业、店铺）的工单达到规定件数、来自 3 个以上号码。没有号码的工单不算来电人。
被反映主体写的是简称、招牌的，按当地唯一的那一家计；该栏为空的，以内容里写明的唯一一家为被反映主体（「…门口」之类只说明地点的不算）。
"""
misses = "街道名称写法不一的；分类有误的工单；没有写明被反映主体的投诉；简称在当地不止一家的。"
legal_basis = ["中华人民共和国行政诉讼法"]
maturity = "tried"
timeout_seconds = 60
identity = ["kind", "place", "matter"]
severity = "件数达到规定两倍以上为 high；其余为 medium"
may_be_empty = ["hotline_calls.callerPhone", "hotline_calls.subject", "hotline_calls.address"]

[datasets]
hotline_calls = ["calledAt", "callerPhone", "street", "category", "subject", "content", "address"]

[without]
"hotline_calls.callerPhone" = "分不清来电人数，达不到号码数的要求"
"hotline_calls.subject" = "被反映主体的线索查不出"

[params.window_days]
type = "integer"
default = 90
min = 1
unit = "天"
description = "截至日期之前的天数"

[params.calls]
type = "integer"
default = 10
min = 1
unit = "件"
description = "同一街道、分类的工单达到这一件数"

[params.callers]
type = "integer"
default = 5
min = 1
unit = "个"
description = "来自这一个数以上的号码"

[params.subject_calls]
type = "integer"
default = 5
min = 1
unit = "件"
description = "同一被反映主体的工单达到这一件数"

[params.subject_callers]
type = "integer"
default = 3
min = 1
unit = "个"
description = "同一被反映主体的工单来自这一个数以上的号码"

[returns]
kind = {title = "类型", description = "街道分类或者被反映主体"}
place = {title = "街道，或者被反映主体（实体）"}
matter = {title = "分类", description = "被反映主体的为空"}
calls = {title = "工单（件）"}
callers = {title = "来电号码（个）"}
rank = {title = "同类中的名次"}
first = {title = "首件日期"}
last = {title = "末件日期"}
+++*/
CALL () {
  MATCH (ticket:HotlineCall)
  WHERE ticket.knownFrom <= $as_of AND ticket.knownFrom > $as_of - duration({days: $window_days})
  WITH ticket ORDER BY ticket.calledAt, ticket.key
  WITH ticket.street AS place, ticket.category AS matter, collect(ticket) AS rows, count(DISTINCT ticket.callerPhoneHash) AS callers
  WHERE size(rows) >= $calls AND callers >= $callers
  RETURN '街道分类' AS kind, place, matter, place + matter AS name, rows, callers, [] AS subjects, [] AS links,
    $calls AS least
  UNION ALL
  MATCH (ticket:HotlineCall)-[of:COMPLAINS_OF|NAMES]->(subject:Company|TradeName)
  WHERE ticket.knownFrom <= $as_of AND ticket.knownFrom > $as_of - duration({days: $window_days})
    AND of.probability >= $min_confidence
  // whom the words of 被反映主体 name goes before the spelling; where the cell is empty, the only one that the text names
  WITH ticket, collect({of: of, subject: subject}) AS said
  WITH ticket, CASE
      WHEN any(s IN said WHERE s.of.role = '被反映主体' AND type(s.of) = 'NAMES')
        THEN [s IN said WHERE s.of.role = '被反映主体' AND type(s.of) = 'NAMES']
      WHEN ticket.subject IS NOT NULL THEN [s IN said WHERE type(s.of) = 'COMPLAINS_OF']
      WHEN size([s IN said WHERE s.of.role = '内容']) = 1 THEN [s IN said WHERE s.of.role = '内容']
      ELSE [] END AS meant
  UNWIND meant AS one
  WITH ticket, one.of AS of, one.subject AS subject
  WITH ticket, of, subject ORDER BY ticket.calledAt, ticket.key
  WITH subject, collect(ticket) AS rows, collect(of) AS links, count(DISTINCT ticket.callerPhoneHash) AS callers
  WHERE size(rows) >= $subject_calls AND callers >= $subject_callers
  RETURN '被反映主体' AS kind, subject.entityId AS place, '' AS matter, subject.name AS name, rows, callers,
    [subject] AS subjects, links, $subject_calls AS least
}
WITH * ORDER BY size(rows) DESC, callers DESC, place, matter
WITH kind, collect(size(rows)) AS sizes, collect({place: place, matter: matter, name: name, rows: rows, callers: callers, subjects: subjects,
                    links: links, least: least}) AS spots
UNWIND range(0, size(spots) - 1) AS i
WITH kind, spots[i] AS spot, 1 + size([calls IN sizes WHERE calls > sizes[i]]) AS rank
RETURN
  kind, spot.place AS place, spot.matter AS matter, size(spot.rows) AS calls, spot.callers AS callers, rank,
  head(spot.rows).knownFrom AS first, last(spot.rows).knownFrom AS last,
  CASE WHEN size(spot.rows) >= 2 * spot.least THEN 'high' ELSE 'medium' END AS severity,
  spot.subjects AS subjects, spot.rows AS facts, spot.links AS links,
  [spot.name + '：' + toString($as_of) + ' 之前 ' + toString($window_days) + ' 天内热线工单 ' + toString(size(spot.rows))
    + ' 件，来自 ' + toString(spot.callers) + ' 个号码，在同类中列第 ' + toString(rank) + ' 位',
   '最近一件：' + last(spot.rows).name] AS reasons
ORDER BY kind, rank, place, matter
