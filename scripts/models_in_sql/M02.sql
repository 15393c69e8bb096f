-- identity: enforcement, lease
WITH enforcement AS (
    SELECT e."recordId", l.entity_id AS debtor, e."filedOn", e."judgmentNumber", e."caseNumber", e."seizedCertificate",
           CASE WHEN e."seizedOn" <= $as_of THEN e."seizedOn" END AS seized_on,
           nullif(trim(e."seizedCertificate"), '') IS NOT NULL AND coalesce(e."seizedOn" <= $as_of, true) AS named
    FROM staged.enforcement_cases e
    JOIN link l ON l.dataset = 'enforcement_cases' AND l.role = '被执行人' AND l.record_id = e."recordId"
    WHERE e.status <> '结案' AND coalesce(e."filedOn" <= $as_of, true) AND l.probability >= $min_confidence
), lease AS MATERIALIZED (
    SELECT s."recordId", s."certificateNumber", s.area, s."monthlyRent", s.payment, s."signedOn", s."filedOn",
           s."termStart", s."termEnd", p.entity_id AS property, q.district
    FROM staged.leases s
    JOIN link p ON p.dataset = 'leases' AND p.role = '房屋' AND p.record_id = s."recordId"
    JOIN property_entities q ON q.entity_id = p.entity_id
    WHERE coalesce(s."filedOn" <= $as_of, true) AND p.probability >= $min_confidence
), title AS (
    SELECT r."recordId", r.use, r."registeredOn", p.entity_id AS property, p.probability
    FROM staged.real_estate r
    JOIN link p ON p.dataset = 'real_estate' AND p.role = '房屋' AND p.record_id = r."recordId"
    WHERE coalesce(r."registeredOn" <= $as_of, true)
), owned AS (
    SELECT DISTINCT t.property, o.entity_id AS owner
    FROM title t JOIN link o ON o.dataset = 'real_estate' AND o.role = '权利人' AND o.record_id = t."recordId"
    WHERE o.probability >= $min_confidence
), judged AS (
    SELECT number, max("judgedOn") FILTER (coalesce("judgedOn" <= $as_of, true)) AS judged_on,
           list('judgments/' || "recordId") AS facts
    FROM (SELECT "recordId", "judgedOn", reference("documentNumber") AS number FROM staged.judgments)
    GROUP BY number HAVING count(*) <= 100
), candidate AS MATERIALIZED (
    SELECT e."recordId" AS enforcement, e.debtor, e."filedOn" AS enforced_on, e.seized_on, e."caseNumber",
           s."recordId" AS lease, s.* EXCLUDE ("recordId"), j.judged_on, j.facts AS judgments
    FROM enforcement e
    JOIN link b ON b.dataset = 'leases' AND b.role = '出租人' AND b.entity_id = e.debtor
        AND b.probability >= $min_confidence
    JOIN lease s ON s."recordId" = b.record_id AND s."termEnd" > e."filedOn"
    LEFT JOIN judged j ON j.number = reference(e."judgmentNumber")
    LEFT JOIN parcel_number n ON n.entity_id = s.property AND n.number = reference(e."seizedCertificate")
    LEFT JOIN owned o ON o.property = s.property AND o.owner = e.debtor
    WHERE s."filedOn" > coalesce(j.judged_on, e."filedOn" - to_days($lookback_days::INTEGER))
      AND CASE WHEN e.named
          THEN n.number IS NOT NULL OR coalesce(trim(s."certificateNumber") = trim(e."seizedCertificate"), false)
          ELSE o.owner IS NOT NULL END
), tenant AS (
    SELECT c.enforcement, c.lease, c.debtor, c."caseNumber", t.entity_id AS tenant
    FROM candidate c
    JOIN link t ON t.dataset = 'leases' AND t.role = '承租人' AND t.record_id = c.lease
    WHERE t.probability >= $min_confidence
), pair AS MATERIALIZED (
    SELECT DISTINCT tenant, debtor FROM tenant
), either AS (
    SELECT tenant AS one, debtor AS two, tenant, debtor FROM pair UNION ALL SELECT debtor, tenant, tenant, debtor FROM pair
), party AS MATERIALIZED (
    SELECT DISTINCT one AS entity_id FROM either
), member AS (
    SELECT l.entity_id, h."recordId", reference(h."householdNumber") AS number
    FROM link l JOIN staged.household h ON h."recordId" = l.record_id
    WHERE l.dataset = 'household' AND l.role = '人员' AND l.probability >= $min_confidence
      AND l.entity_id IN (FROM party)
), phone AS MATERIALIZED (
    SELECT p.entity_id, p.phone, max(p.probability) AS probability,
           list_sort(list_distinct(flatten(list(p.records))))[:10] AS records
    FROM entity_phones p WHERE p.phone <> '' AND p.entity_id IN (FROM party) GROUP BY p.entity_id, p.phone
), cold_phone AS (
    SELECT phone FROM entity_phones WHERE phone IN (SELECT phone FROM phone)
    GROUP BY phone HAVING count(DISTINCT entity_id) <= $hot_holders
), shared_phone AS (
    SELECT p.tenant, p.debtor, a.records AS mine, b.records AS theirs
    FROM pair p JOIN phone a ON a.entity_id = p.tenant JOIN phone b ON b.entity_id = p.debtor AND b.phone = a.phone
    JOIN cold_phone q ON q.phone = a.phone
    WHERE p.tenant <> p.debtor AND least(a.probability, b.probability) >= $min_confidence
), place_key AS MATERIALIZED (
    SELECT DISTINCT n.key FROM entity_addresses e JOIN norm.address n ON n.value = e.address
    WHERE e.entity_id IN (FROM party)
), place AS MATERIALIZED (
    -- an address that names no district is the one place of that key when all others with it lie in one district
    SELECT n.value, n.key, coalesce(nullif(n.district, ''), k.district, '') AS district
    FROM norm.address n SEMI JOIN place_key USING (key)
    LEFT JOIN (SELECT key, min(district) AS district FROM norm.address WHERE district <> ''
               AND concat(number, compound, building, unit, room) <> '' AND value IN (FROM address_in_use)
               GROUP BY key HAVING count(DISTINCT district) = 1) k USING (key)
    WHERE n.key <> '' AND concat(n.number, n.compound, n.building, n.unit, n.room) <> ''
), located AS MATERIALIZED (
    SELECT e.entity_id, p.district, p.key, max(e.probability) AS probability,
           list_sort(list_distinct(flatten(list(e.records))))[:10] AS records
    FROM entity_addresses e JOIN place p ON p.value = e.address GROUP BY e.entity_id, p.district, p.key
), quiet AS (
    SELECT district, key FROM located LEFT JOIN company_entities c USING (entity_id)
    GROUP BY district, key HAVING count(*) <= $hot_holders AND count(c.entity_id) < $hall_businesses
), shared_place AS (
    SELECT p.tenant, p.debtor, a.records AS mine, b.records AS theirs
    FROM pair p JOIN located a ON a.entity_id = p.tenant
    JOIN located b ON b.entity_id = p.debtor AND b.key = a.key AND b.district = a.district
    JOIN quiet q ON q.key = a.key AND q.district = a.district
    WHERE p.tenant <> p.debtor AND least(a.probability, b.probability) >= $min_confidence
), shared AS MATERIALIZED (
    SELECT row_number() OVER () AS number, * FROM (FROM shared_phone UNION ALL FROM shared_place)
), seen AS (
    -- both sides must have a row that is there on the day
    SELECT r.number FROM (
        SELECT number, 1 AS side, unnest(mine) AS key FROM shared UNION ALL SELECT number, 2, unnest(theirs) FROM shared
    ) r JOIN known k ON k.key = r.key AND k.day <= $as_of
    GROUP BY r.number HAVING count(DISTINCT r.side) = 2
), tie AS (
    SELECT p.tenant, p.debtor FROM pair p
    JOIN member a ON a.entity_id = p.tenant JOIN member b ON b.entity_id = p.debtor
        AND b.number = a.number AND b."recordId" <> a."recordId"
    UNION
    SELECT tenant, debtor FROM shared SEMI JOIN seen USING (number)
    UNION
    SELECT e.tenant, e.debtor FROM either e
    JOIN link c ON c.dataset = 'shareholders' AND c.role = '企业' AND c.entity_id = e.one
    JOIN link h ON h.dataset = 'shareholders' AND h.role = '股东' AND h.record_id = c.record_id AND h.entity_id = e.two
    WHERE least(c.probability, h.probability) >= $min_confidence
    UNION
    SELECT e.tenant, e.debtor FROM either e
    JOIN link c ON c.dataset = 'companies' AND c.role = '企业' AND c.entity_id = e.one
    JOIN link h ON h.dataset = 'companies' AND h.role = '法定代表人' AND h.record_id = c.record_id AND h.entity_id = e.two
    JOIN staged.companies r ON r."recordId" = c.record_id AND coalesce(r."foundedOn" <= $as_of, true)
    WHERE least(c.probability, h.probability) >= $min_confidence
), use AS MATERIALIZED (
    SELECT property, arg_max(use, ("registeredOn" IS NULL, "registeredOn")) AS use,
           arg_max(use, ("registeredOn" IS NULL, "registeredOn")) FILTER (probability >= $min_confidence) AS sure_use
    FROM title WHERE use IS NOT NULL GROUP BY property
), rent AS (
    SELECT s.district, u.sure_use AS use, list(s."monthlyRent" / s.area ORDER BY s."monthlyRent" / s.area) AS rents
    FROM lease s JOIN use u USING (property) WHERE s.area > 0 AND s."monthlyRent" IS NOT NULL AND u.sure_use IS NOT NULL
    GROUP BY s.district, u.sure_use
), compared AS (
    -- the median of the others: the sorted list without this lease's own rent
    SELECT c.enforcement, c.lease, c."monthlyRent" / c.area AS per_metre, len(r.rents) - 1 AS others,
           (CASE WHEN per_metre <= r.rents[(others - 1) // 2 + 1] THEN r.rents[(others - 1) // 2 + 2]
                 ELSE r.rents[(others - 1) // 2 + 1] END
            + CASE WHEN per_metre <= r.rents[others // 2 + 1] THEN r.rents[others // 2 + 2]
                 ELSE r.rents[others // 2 + 1] END) / 2 AS median
    FROM candidate c JOIN use u USING (property) JOIN rent r ON r.district = c.district AND r.use = u.use
    WHERE c.area > 0
), dry AS (
    SELECT c.enforcement, c.lease, g.month,
           year(g.month) * 12 + month(g.month)
             - row_number() OVER (PARTITION BY c.enforcement, c.lease ORDER BY g.month) AS run
    FROM candidate c JOIN (
        SELECT l.entity_id AS property, u.month
        FROM staged.utility_usage u
        JOIN link l ON l.dataset = 'utility_usage' AND l.role = '房屋' AND l.record_id = u."recordId"
        WHERE u.month <= $as_of AND l.probability >= $min_confidence
          AND l.entity_id IN (SELECT property FROM candidate)
        GROUP BY l.entity_id, u.month HAVING max(u.electricity) = 0 AND max(u.water) = 0
    ) g ON g.property = c.property
        AND g.month >= date_trunc('month', c."termStart") + to_months(1) AND g.month <= c."termEnd"
), idle AS (
    SELECT enforcement, lease, max(months) AS idle
    FROM (SELECT enforcement, lease, count(*) AS months FROM dry GROUP BY enforcement, lease, run
          HAVING count(*) >= $idle_months)
    GROUP BY enforcement, lease
), objected AS (
    SELECT t.enforcement, t.lease, t.tenant, min(o."filedOn") AS objected
    FROM tenant t
    JOIN staged.enforcement_objections o ON reference(o."caseNumber") = reference(t."caseNumber")
    JOIN link l ON l.dataset = 'enforcement_objections' AND l.role = '异议人' AND l.record_id = o."recordId"
        AND l.entity_id = t.tenant
    WHERE coalesce(o."filedOn" <= $as_of, true) AND l.probability >= $min_confidence
    GROUP BY t.enforcement, t.lease, t.tenant
), signs AS (
    SELECT c.enforcement, c.lease, t.tenant,
           coalesce(c."filedOn" > c.seized_on, false)
             OR coalesce(c."signedOn" < coalesce(c.seized_on, c.enforced_on)
                         AND c."filedOn" > coalesce(c.seized_on, c.enforced_on), false) AS ab,
           e.tenant IS NOT NULL AS c,
           coalesce(m.others >= $min_rents AND m.per_metre < round($rent_ratio * m.median, 6), false) AS d,
           coalesce(c.payment = '一次性付清'
             AND c."termEnd" + to_days(1) >= c."termStart" + to_years($long_years::INTEGER), false) AS e,
           i.idle IS NOT NULL AS f, g.objected IS NOT NULL AS g, m.per_metre, m.median, i.idle, g.objected, c.judgments
    FROM candidate c
    LEFT JOIN tenant t ON t.enforcement = c.enforcement AND t.lease = c.lease
    LEFT JOIN tie e ON e.tenant = t.tenant AND e.debtor = c.debtor
    LEFT JOIN compared m ON m.enforcement = c.enforcement AND m.lease = c.lease
    LEFT JOIN idle i ON i.enforcement = c.enforcement AND i.lease = c.lease
    LEFT JOIN objected g ON g.enforcement = c.enforcement AND g.lease = c.lease AND g.tenant = t.tenant
)
SELECT 'enforcement_cases/' || enforcement AS enforcement, 'leases/' || lease AS lease, tenant,
       ab, c, d, e, f, g, ab::INT + c::INT + d::INT + e::INT + f::INT + g::INT AS count,
       per_metre, median, idle, objected, judgments
FROM signs WHERE count >= $min_signs
