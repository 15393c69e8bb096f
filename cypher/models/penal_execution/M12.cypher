/*+++
id = "M12"
slug = "explosives-correction"
title = "涉爆类社区矫正对象再违法"
lines = ["刑事执行"]
receivers = ["社区矫正管理局"]
description = "因涉爆炸物、枪支、弹药、烟花爆竹犯罪接受社区矫正的人，在矫正期内又受到行政处罚，或者又有刑事案件被受理。"
misses = "外地的处罚和案件；矫正期间提前解除的日期。"
legal_basis = ["中华人民共和国社区矫正法"]
maturity = "tried"
timeout_seconds = 60
identity = ["correction"]
severity = "矫正期内有刑事案件为 high；只有行政处罚为 medium"

[datasets]
community_corrections = ["crime", "startsOn", "endsOn"]
admin_penalties = ["penalisedOn"]
criminal_cases = ["acceptedOn"]

[params.crime_words]
type = "strings"
default = ["爆炸物", "枪支", "弹药", "烟花爆竹"]
description = "罪名含有其中之一"

[returns]
correction = {title = "社区矫正记录"}
person = {title = "姓名"}
crime = {title = "罪名"}
offences = {title = "矫正期内再违法（次）"}
first = {title = "首次再违法日期"}
+++*/
MATCH (correction:CommunityCorrection)-[corrects:CORRECTS]->(person:Person)
WHERE correction.knownFrom <= $as_of AND corrects.probability >= $min_confidence
  AND any(word IN $crime_words WHERE correction.crime CONTAINS word)
CALL (person, correction) {
  CALL (person) {
    MATCH (person)<-[link:IMPOSED_ON]-(row:Penalty)
    RETURN row, link, row.penalisedOn AS day, '行政处罚：' + row.facts + '（' + row.authority + '）' AS text
    UNION ALL
    MATCH (person)<-[link:CHARGES]-(row:CriminalCase)
    RETURN row, link, row.acceptedOn AS day, '刑事案件受理：' + row.crime + '（' + row.caseNumber + '）' AS text
  }
  WITH row, link, day, text, correction
  WHERE row.knownFrom <= $as_of AND link.probability >= $min_confidence
    AND correction.startsOn <= day AND day <= correction.endsOn
  WITH row, link, day, text ORDER BY day, row.key
  RETURN collect({row: row, link: link, day: day, text: text}) AS offences
}
WITH * WHERE offences <> []
RETURN
  correction.key AS correction, person.name AS person, correction.crime AS crime,
  size(offences) AS offences, head(offences).day AS first,
  CASE WHEN any(o IN offences WHERE o.row:CriminalCase) THEN 'high' ELSE 'medium' END AS severity,
  [person] AS subjects, [correction] + [o IN offences | o.row] AS facts,
  [corrects] + [o IN offences | o.link] AS links,
  [person.name + ' 因' + correction.crime + '接受社区矫正（' + correction.category + '），矫正期 '
    + toString(correction.startsOn) + ' 至 ' + toString(correction.endsOn)]
  + [o IN offences | '矫正期内 ' + toString(o.day) + ' ' + o.text] AS reasons
ORDER BY correction
