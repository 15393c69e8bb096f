/*+++
id = "M24"
slug = "text-themes"
title = "专项文本线索"
lines = ["未检", "公益"]
receivers = ["规则所写的单位"]
description = """
在关键词规则（M23）之上，按地点和时间归集的专题：
强制报告——反映侵害而公安没有立案的报告；性骚扰家暴——同一地点的反映（没有地址的按件）；
电动车违规充电——同一地址 90 天以内两件以上；校园周边摊贩——写明摊贩，并且写明学校或者就在学校地址的反映，按学校归集；
督促履职——同一地点、同一分类、办理结果写明办结的工单三件以上。
没有地址的反映，以内容里写明的地址为准。
"""
misses = "没有写明地址的反映；地址写法不能归并的；学校简称在当地不止一所的。"
legal_basis = ["中华人民共和国未成年人保护法", "中华人民共和国反家庭暴力法", "中华人民共和国消防法"]
maturity = "tried"
timeout_seconds = 300
identity = ["theme", "place"]
severity = "强制报告、性骚扰家暴，或者 5 件以上为 high；其余为 medium"
optional = ["hotline_calls", "grid_events", "mandatory_reports", "schools"]
at_least_one = ["hotline_calls", "grid_events", "mandatory_reports"]
may_be_empty = ["hotline_calls.outcome", "hotline_calls.address", "grid_events.address", "schools.address"]

[datasets]
hotline_calls = ["content", "category", "outcome", "street", "address"]
grid_events = ["content", "street", "address"]
mandatory_reports = ["content", "policeFiled"]
schools = ["schoolName", "address"]

[without]
hotline_calls = "热线工单里的专题和督促履职查不出"
grid_events = "网格事件里的专题查不出"
mandatory_reports = "强制报告专题查不出"
schools = "校园周边摊贩专题查不出"
"hotline_calls.outcome" = "督促履职查不出"
"hotline_calls.address" = "按地点汇总的专题查不出"

[params.charging_days]
type = "integer"
default = 90
min = 1
unit = "天"
description = "电动车违规充电：同一地址的两件相隔不超过这些天"

[params.charging_texts]
type = "integer"
default = 2
min = 2
unit = "件"
description = "电动车违规充电：这些天以内达到这一件数"

[params.done_texts]
type = "integer"
default = 3
min = 2
unit = "件"
description = "督促履职：同一地点、分类办结的工单达到这一件数"

[params.done_words]
type = "strings"
default = ["已办结", "已整改", "已处理", "已解决", "整改到位", "处理完毕"]
description = "办理结果含有其中之一即为办结"

[returns]
theme = {title = "专题"}
place = {title = "报告、地点或者学校"}
place_name = {title = "地点"}
texts = {title = "反映（件）"}
first = {title = "首件日期"}
last = {title = "末件日期"}
words = {title = "命中的词"}
+++*/
CALL () {
  MATCH (rule:Rule {theme: '强制报告'})<-[match:MATCHES]-(report:MandatoryReport)
  WHERE report.knownFrom <= $as_of AND NOT report.policeFiled
  WITH report, reduce(all = [], m IN collect(match) | all + m.words) AS words
  RETURN '强制报告' AS theme, report.key AS place, report.street AS name, [report] AS texts, words,
    '反映侵害未成年人，公安立案为否' AS why, [] AS more, [] AS links
  UNION ALL
  MATCH (rule:Rule {theme: '性骚扰家暴'})<-[match:MATCHES]-(text:Fact)
  WHERE text.knownFrom <= $as_of AND NOT text:MandatoryReport
  OPTIONAL MATCH (text)-[at:LOCATED_AT|NAMES]->(address:Address)
  WHERE at.probability >= $min_confidence OR at.probability IS NULL
  WITH coalesce(address.key, text.key) AS place, coalesce(address.name, text.street) AS name, text, match, at
  ORDER BY text.knownFrom, text.key
  WITH place, head(collect(name)) AS name, collect(DISTINCT text) AS texts, collect(DISTINCT at) AS ats,
       reduce(all = [], m IN collect(match) | all + m.words) AS words
  RETURN '性骚扰家暴' AS theme, place, name, texts, words, '反映性骚扰、家庭暴力' AS why, [] AS more,
    [at IN ats WHERE at.probability IS NOT NULL] AS links
  UNION ALL
  MATCH (rule:Rule {theme: '电动车违规充电'})<-[match:MATCHES]-(text:Fact)-[at:LOCATED_AT|NAMES]->(address:Address)
  WHERE text.knownFrom <= $as_of AND (at.probability >= $min_confidence OR at.probability IS NULL)
  WITH address, text, collect(DISTINCT at) AS at, collect(DISTINCT match) AS matches ORDER BY text.knownFrom, text.key
  WITH address, collect(text) AS texts, reduce(all = [], a IN collect(at) | all + a) AS ats,
    reduce(all = [], m IN collect(matches) | all + reduce(w = [], x IN m | w + x.words)) AS words
  // days from which enough texts follow within the span: the texts are in order, so the last of enough decides
  WITH address, words, ats, texts, [i IN range(0, size(texts) - $charging_texts)
         WHERE texts[i + $charging_texts - 1].knownFrom <= texts[i].knownFrom + duration({days: $charging_days})
         | texts[i].knownFrom] AS begins
  WITH address, words, ats, [text IN texts WHERE any(begin IN begins WHERE
         begin <= text.knownFrom AND text.knownFrom <= begin + duration({days: $charging_days}))] AS texts
  WHERE texts <> []
  RETURN '电动车违规充电' AS theme, address.key AS place, address.name AS name, texts, words,
    toString($charging_days) + ' 天以内同一地址有 ' + toString($charging_texts) + ' 件以上' AS why, [] AS more,
    [at IN ats WHERE at.probability IS NOT NULL AND startNode(at) IN texts] AS links
  UNION ALL
  MATCH (rule:Rule {theme: '校园周边摊贩'})<-[match:MATCHES]-(text:Fact)
  WHERE text.knownFrom <= $as_of AND NOT text:MandatoryReport
  WITH text, reduce(all = [], m IN collect(match) | all + m.words) AS words
  CALL (text) {
    MATCH (text)-[:LOCATED_AT]->(:Address)<-[:LOCATED_AT]-(school:School)
    WHERE school.knownFrom <= $as_of
    RETURN school, [] AS named
    UNION ALL
    MATCH (text)-[name:NAMES]->(school:School)
    WHERE school.knownFrom <= $as_of AND name.probability >= $min_confidence
    RETURN school, [name] AS named
    UNION ALL
    MATCH (text)-[name:NAMES]->(:Address)<-[:LOCATED_AT]-(school:School)
    WHERE school.knownFrom <= $as_of AND name.probability >= $min_confidence
    RETURN school, [name] AS named
  }
  WITH school, text, words, named ORDER BY text.knownFrom, text.key
  WITH school, collect(DISTINCT text) AS texts, reduce(all = [], w IN collect(words) | all + w) AS words,
       reduce(all = [], n IN collect(named) | all + n) AS links
  RETURN '校园周边摊贩' AS theme, school.key AS place, school.schoolName AS name, texts, words,
    '反映' + school.schoolName + '周边有摊贩' AS why, [school] AS more, links
  UNION ALL
  MATCH (text:HotlineCall)
  WHERE text.knownFrom <= $as_of AND text.outcome IS NOT NULL
  WITH text, text.outcome AS outcome
  WHERE any(word IN $done_words WHERE outcome CONTAINS word)
  MATCH (text)-[at:LOCATED_AT|NAMES]->(address:Address)
  WHERE at.probability >= $min_confidence OR at.probability IS NULL
  WITH address, text.category AS matter, text, collect(at) AS at ORDER BY text.knownFrom, text.key
  WITH address, matter, collect(text) AS texts, reduce(all = [], a IN collect(at) | all + a) AS ats
  WHERE size(texts) >= $done_texts
  RETURN '督促履职' AS theme, address.key + '|' + matter AS place, address.name AS name, texts, [] AS words,
    '同一地点的「' + matter + '」' + toString(size(texts)) + ' 次写明办结，仍有反映' AS why, [] AS more,
    [at IN ats WHERE at.probability IS NOT NULL] AS links
}
WITH *, reduce(kinds = [], w IN words | CASE WHEN w IN kinds THEN kinds ELSE kinds + w END) AS kinds
RETURN
  theme, place, name AS place_name, size(texts) AS texts, head(texts).knownFrom AS first, last(texts).knownFrom AS last,
  kinds AS words,
  CASE WHEN theme IN ['强制报告', '性骚扰家暴'] OR size(texts) >= 5 THEN 'high' ELSE 'medium' END AS severity,
  [] AS subjects, texts + more AS facts, links,
  [coalesce(name + '：', '') + why + '，共 ' + toString(size(texts)) + ' 件']
  + [t IN texts | toString(t.knownFrom) + ' ' + left(t.content, 80) + coalesce('（' + t.outcome + '）', '')] AS reasons
ORDER BY theme, place
