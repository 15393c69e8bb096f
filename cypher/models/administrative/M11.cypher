/*+++
id = "M11"
slug = "convicted-public-employee"
title = "涉刑在编人员"
lines = ["行政"]
receivers = ["纪委监委", "主管部门"]
description = """
被判有罪（以判决日期为准）或者相对不起诉（以处理日期为准）之日在编，截至日期仍未离编，
自案件受理之日以后没有党纪政务处分的人员。
"""
misses = "处分没有报送的；离编日期登记有误的；编外聘用人员。"
legal_basis = ["中华人民共和国公职人员政务处分法"]
maturity = "tried"
timeout_seconds = 60
identity = ["case"]
severity = "判决有罪为 high；相对不起诉为 medium"
may_be_empty = ["criminal_cases.verdict", "criminal_cases.judgedOn", "public_employees.leftOn", "disciplinary_actions.employer"]

[datasets]
criminal_cases = ["outcome", "verdict", "acceptedOn", "decidedOn", "judgedOn"]
public_employees = ["status", "enteredOn", "leftOn", "system"]
disciplinary_actions = ["decidedOn", "employer"]

[without]
"criminal_cases.verdict" = "判决有罪的查不出，只看相对不起诉"

[returns]
case = {title = "刑事案件记录"}
person = {title = "姓名"}
system = {title = "系统"}
employer = {title = "单位"}
crime = {title = "罪名"}
outcome = {title = "结果"}
decided = {title = "判决或者处理日期"}
days = {title = "至截至日期（天）"}
+++*/
MATCH (case:CriminalCase)-[charged:CHARGES]->(person:Person)
WHERE case.knownFrom <= $as_of AND charged.probability >= $min_confidence
  AND (case.verdict = '有罪' OR case.outcome = '相对不起诉')
WITH case, charged, person,
     CASE WHEN case.verdict = '有罪' THEN coalesce(case.judgedOn, case.decidedOn) ELSE case.decidedOn END AS decided
WHERE decided <= $as_of
MATCH (person)<-[employed:EMPLOYS]-(employment:PublicEmployment)
WHERE employment.knownFrom <= $as_of AND employed.probability >= $min_confidence
  AND employment.enteredOn <= decided
  AND CASE WHEN employment.leftOn IS NULL THEN employment.status = '在编' ELSE employment.leftOn > $as_of END
  AND NOT EXISTS {
    MATCH (person)<-[:DISCIPLINES]-(action:DisciplinaryAction)
    WHERE action.knownFrom <= $as_of AND action.decidedOn >= case.acceptedOn
  }
  // an action against one who may be this person leaves it open whether there is none, unless it names another employer
  AND NOT EXISTS {
    MATCH (person)-[:MAY_BE]-(:Person)<-[:DISCIPLINES]-(action:DisciplinaryAction)
    WHERE action.knownFrom <= $as_of AND action.decidedOn >= case.acceptedOn
      AND (action.employer IS NULL OR action.employer CONTAINS employment.employer
        OR employment.employer CONTAINS action.employer)
  }
  // names of more than 30 have no MAY_BE: there the employer and the lack of a number decide
  AND NOT EXISTS {
    MATCH (namesake:Person {name: person.name})<-[:DISCIPLINES]-(action:DisciplinaryAction)
    WHERE person.homonyms >= 30 AND namesake.idHash IS NULL AND action.knownFrom <= $as_of AND action.decidedOn >= case.acceptedOn
      AND (action.employer CONTAINS employment.employer OR employment.employer CONTAINS action.employer)
  }
WITH case, charged, person, decided, employment, employed ORDER BY employment.enteredOn, employment.key
WITH case, charged, person, decided, collect(employment) AS employments, collect(employed) AS employedLinks
WITH *, duration.inDays(decided, $as_of).days AS days, head(employments) AS post,
     CASE WHEN case.verdict = '有罪' THEN '判决有罪' ELSE '相对不起诉' END AS outcome
RETURN
  case.key AS case, person.name AS person, post.system AS system, post.employer AS employer, case.crime AS crime,
  outcome, decided, days,
  CASE outcome WHEN '判决有罪' THEN 'high' ELSE 'medium' END AS severity,
  [person] AS subjects, [case] + employments AS facts, [charged] + employedLinks AS links,
  [
    person.name + ' 因' + case.crime + ' ' + toString(decided) + ' ' + outcome + '（' + case.caseNumber + '）',
    toString(post.enteredOn) + ' 起在' + post.employer + '（' + post.system + '系统）在编，截至 ' + toString($as_of) + ' 未离编',
    '自受理之日 ' + toString(case.acceptedOn) + ' 以后没有查到党纪政务处分，距' + outcome + '已 ' + toString(days) + ' 天'
  ] AS reasons
ORDER BY days DESC, case
