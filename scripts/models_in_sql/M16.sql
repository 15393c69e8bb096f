-- identity: person, ground
WITH claim AS (
    SELECT c."recordId", c.hospital, c."visitType", c."admittedOn", c."dischargedOn", c."fundPaid",
           l.entity_id AS person
    FROM staged.medical_claims c
    JOIN link l ON l.dataset = 'medical_claims' AND l.role = '参保人' AND l.record_id = c."recordId"
    WHERE coalesce(c."admittedOn" <= $as_of, true) AND l.probability >= $min_confidence
), found AS (
    SELECT c.person, 'a' AS ground, c."recordId", c."admittedOn", c."fundPaid", 'deaths/' || d."recordId" AS proof
    FROM staged.deaths d
    JOIN link l ON l.dataset = 'deaths' AND l.role = '死者' AND l.record_id = d."recordId"
    JOIN claim c ON c.person = l.entity_id AND d."deathDate" < c."admittedOn"
    WHERE d."deathDate" <= $as_of AND l.probability >= $min_confidence
    UNION ALL
    SELECT c.person, 'b', c."recordId", c."admittedOn", c."fundPaid", 'prison_terms/' || t."recordId"
    FROM staged.prison_terms t
    JOIN link l ON l.dataset = 'prison_terms' AND l.role = '罪犯' AND l.record_id = t."recordId"
    JOIN claim c ON c.person = l.entity_id AND c."visitType" = '住院'
        AND c."admittedOn" > t."admissionDate" AND c."admittedOn" < coalesce(t."releaseDate", t."termEnd")
    WHERE t.execution = '监狱服刑' AND t."admissionDate" <= $as_of AND l.probability >= $min_confidence
    UNION ALL
    SELECT c.person, 'c', c."recordId", c."admittedOn", c."fundPaid", 'medical_claims/' || o."recordId"
    FROM claim c JOIN claim o ON o.person = c.person AND o.hospital <> c.hospital
    WHERE c."visitType" = '住院' AND o."visitType" = '住院'
      AND least(c."dischargedOn", o."dischargedOn") - greatest(c."admittedOn", o."admittedOn") > $overlap_days
), distinct_claims AS (
    SELECT person, ground, "recordId", any_value("admittedOn") AS admitted, any_value("fundPaid") AS paid,
           list(proof) AS proofs
    FROM found GROUP BY person, ground, "recordId"
)
SELECT person, ground, count(*) AS claims, round(sum(paid), 2) AS money, min(admitted) AS first, max(admitted) AS last,
       list_concat(list('medical_claims/' || "recordId"), flatten(list(proofs))) AS facts
FROM distinct_claims GROUP BY person, ground
