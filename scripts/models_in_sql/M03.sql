-- identity: term
WITH term AS (
    SELECT t."recordId", l.entity_id, t."admissionDate", coalesce(t."releaseDate", t."termEnd") AS released,
           date_trunc('month', t."admissionDate")::DATE + to_months($grace_months) AS counted_from
    FROM staged.prison_terms t
    JOIN link l ON l.dataset = 'prison_terms' AND l.role = '罪犯' AND l.record_id = t."recordId"
    WHERE t.execution = '监狱服刑' AND coalesce(t."admissionDate" <= $as_of, true) AND l.probability >= $min_confidence
), payment AS (
    SELECT p."recordId", p."paidOn", p.amount, p."subsidyType", l.entity_id
    FROM staged.subsidy_payments p
    JOIN link l ON l.dataset = 'subsidy_payments' AND l.role = '领取人' AND l.record_id = p."recordId"
    WHERE p."paidOn" <= $as_of AND list_contains($subsidy_types, p."subsidyType") AND l.probability >= $min_confidence
)
SELECT 'prison_terms/' || t."recordId" AS term, count(*) AS payments, round(sum(p.amount), 2) AS total,
       min(p."paidOn") AS first, max(p."paidOn") AS last, list('subsidy_payments/' || p."recordId") AS facts
FROM term t JOIN payment p ON p.entity_id = t.entity_id
    AND p."paidOn" >= t.counted_from AND p."paidOn" > t."admissionDate" AND p."paidOn" < t.released
GROUP BY t."recordId"
