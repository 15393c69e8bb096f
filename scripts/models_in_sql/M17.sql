-- identity: role, who
WITH numbered AS (
    SELECT "recordId", reference("documentNumber") AS number, count(*) OVER (PARTITION BY reference("documentNumber")) AS bearers
    FROM staged.judgments WHERE "documentNumber" IS NOT NULL
), hit AS (
    SELECT j."recordId" AS suit, nullif(trim(j.agent), '') AS agent, w."recordId" AS withdrawal, w.amount, s.entity_id AS person
    FROM staged.housing_fund_withdrawals w
    JOIN numbered n ON n.number = reference(w."judgmentNumber") AND n.bearers <= 100
    JOIN staged.judgments j ON j."recordId" = n."recordId"
    JOIN link s ON s.dataset = 'judgments' AND s.role = '被告' AND s.record_id = j."recordId" AND s.kind = 'person'
    JOIN link t ON t.dataset = 'housing_fund_withdrawals' AND t.role = '提取人' AND t.record_id = w."recordId"
        AND t.entity_id = s.entity_id
    WHERE w.reason = '司法扣划' AND j.closure = '调解'
      AND j."judgedOn" <= $as_of AND w."withdrawnOn" <= $as_of
      AND j."judgedOn" - j."filedOn" BETWEEN 0 AND $fast_days
      AND w."withdrawnOn" - j."judgedOn" BETWEEN 0 AND $after_days
      AND s.probability >= $min_confidence AND t.probability >= $min_confidence
), suit AS (
    SELECT suit, any_value(agent) AS agent, list(DISTINCT person) AS people,
           list(DISTINCT withdrawal) AS withdrawals, sum(amount) AS money
    FROM hit GROUP BY suit
), bearer AS (
    SELECT entity_id, name, id_number AS number FROM person_entities
    UNION ALL SELECT entity_id, name, credit_code FROM company_entities
), known AS (
    -- who has a number and has sued in a suit on which housing fund was taken out
    SELECT DISTINCT l.entity_id FROM staged.judgments j JOIN numbered n ON n."recordId" = j."recordId" AND n.bearers <= 100
    JOIN staged.housing_fund_withdrawals w ON reference(w."judgmentNumber") = n.number
    JOIN link l ON l.dataset = 'judgments' AND l.role = '原告' AND l.record_id = j."recordId"
    JOIN bearer b ON b.entity_id = l.entity_id AND b.number IS NOT NULL
    WHERE j.closure = '调解' AND w.reason = '司法扣划' AND j."judgedOn" <= $as_of AND w."withdrawnOn" <= $as_of
), may AS (
    SELECT m.one, m.other FROM (
        SELECT entity_a AS one, entity_b AS other, probability FROM may_be
        UNION ALL SELECT entity_b, entity_a, probability FROM may_be) m
    JOIN known k ON k.entity_id = m.other JOIN bearer b ON b.entity_id = m.one AND b.number IS NULL
    WHERE m.probability >= $min_confidence
    QUALIFY row_number() OVER (PARTITION BY m.one ORDER BY m.probability DESC, m.other) = 1
), party AS (
    SELECT DISTINCT '原告' AS role, coalesce(m.other, l.entity_id) AS who, s.*
    FROM suit s JOIN link l ON l.dataset = 'judgments' AND l.role = '原告' AND l.record_id = s.suit
        AND l.probability >= $min_confidence
    LEFT JOIN may m ON m.one = l.entity_id
    UNION ALL
    SELECT '委托代理人', coalesce(b.name, s.agent), s.* FROM suit s
    LEFT JOIN link l ON l.dataset = 'judgments' AND l.role = '委托代理人' AND l.record_id = s.suit
    LEFT JOIN bearer b ON b.entity_id = l.entity_id WHERE s.agent IS NOT NULL
), ring AS (
    SELECT role, who, count(*) AS suits, list(suit) AS members, len(list_distinct(flatten(list(people)))) AS people,
           round(sum(money), 2) AS money, flatten(list(withdrawals)) AS withdrawals
    FROM party GROUP BY role, who HAVING count(*) >= $ring
), contained AS (
    SELECT a.who, p.who AS plaintiff
    FROM party a JOIN party p ON p.suit = a.suit AND p.role = '原告'
    JOIN ring r ON r.role = '原告' AND r.who = p.who
    JOIN ring q ON q.role = a.role AND q.who = a.who
    WHERE a.role = '委托代理人'
    GROUP BY a.who, p.who HAVING count(*) = any_value(q.suits)
)
SELECT role, who, suits, people, money,
       list_concat(list_transform(members, lambda m: 'judgments/' || m),
                   list_transform(withdrawals, lambda w: 'housing_fund_withdrawals/' || w)) AS facts
FROM ring WHERE role = '原告' OR who NOT IN (SELECT who FROM contained)
