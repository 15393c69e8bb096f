/*+++
id = "M23"
slug = "keyword-rules"
title = "数据要素研判规则"
lines = ["刑事", "刑事执行", "民事", "行政", "公益", "未检"]
receivers = ["规则所写的单位"]
description = """
按关键词规则研判 12345 热线工单、网格事件和强制报告的内容：规则写明任一词、全部词、不得有的词、街道范围、接收单位和所供模型。
词按分词边界对齐：电动车 不在 电动车间 之中，充电 不在 充电宝 之中。规则文件在 cypher/rules，可由数据部门补充。
"""
misses = "错别字、方言和没有写进规则的说法；否定句（没有扰民）也会命中。"
legal_basis = []
maturity = "tried"
timeout_seconds = 120
row_cap = 200000
identity = ["text", "rule"]
severity = "命中不同词 3 个以上为 high，2 个为 medium，1 个为 low"
optional = ["hotline_calls", "grid_events", "mandatory_reports"]
at_least_one = ["hotline_calls", "grid_events", "mandatory_reports"]
may_be_empty = ["hotline_calls.street", "grid_events.street", "mandatory_reports.street"]

[datasets]
hotline_calls = ["content", "calledAt", "street"]
grid_events = ["content", "reportedAt", "street"]
mandatory_reports = ["content", "reportedAt", "street"]

[without]
hotline_calls = "热线工单的内容没有研判"
grid_events = "网格事件的内容没有研判"
mandatory_reports = "强制报告的内容没有研判"

[params.themes]
type = "strings"
default = []
description = "只看这些专题；空为全部"

[returns]
text = {title = "文本记录"}
rule = {title = "规则"}
theme = {title = "专题"}
words = {title = "命中的词"}
positions = {title = "所在位置（第几字）"}
receiver = {title = "接收单位"}
feeds = {title = "所供模型"}
street = {title = "街道"}
day = {title = "日期"}
+++*/
MATCH (rule:Rule)
WHERE $themes = [] OR rule.theme IN $themes
MATCH (rule)<-[match:MATCHES]-(text:Fact)
WHERE text.knownFrom <= $as_of
WITH rule, match, text, reduce(kinds = [], w IN match.words | CASE WHEN w IN kinds THEN kinds ELSE kinds + w END) AS kinds
RETURN
  text.key AS text, rule.id AS rule, rule.theme AS theme, match.words AS words, match.positions AS positions,
  rule.receiver AS receiver, rule.feeds AS feeds, text.street AS street, text.knownFrom AS day,
  CASE WHEN size(kinds) > 2 THEN 'high' WHEN size(kinds) = 2 THEN 'medium' ELSE 'low' END AS severity,
  [] AS subjects, [text] AS facts, [] AS links,
  ['「' + left(text.content, 80) + '」',
   '专题「' + rule.theme + '」命中：' + reduce(said = '', i IN range(0, size(match.words) - 1) | said
     + CASE i WHEN 0 THEN '' ELSE '、' END + match.words[i] + '（第 ' + toString(match.positions[i]) + ' 字）')
     + '，转' + rule.receiver] AS reasons
ORDER BY size(kinds) DESC, text, rule
