-- identity: title, year
WITH year AS (
    SELECT unnest(CASE WHEN len($years) = 0 THEN range(year($as_of) - 3, year($as_of)) ELSE $years::BIGINT[] END) AS year
), land AS (
    SELECT o.entity_id AS owner, p.entity_id AS parcel, r."recordId", r."registeredOn", r."landArea"
    FROM staged.real_estate r
    JOIN link o ON o.dataset = 'real_estate' AND o.role = '权利人' AND o.record_id = r."recordId"
    JOIN link p ON p.dataset = 'real_estate' AND p.role = '房屋' AND p.record_id = r."recordId"
    WHERE r.use IN ('工业', '商业') AND r."landArea" > 0 AND r."registeredOn" <= $as_of
      AND o.probability >= $min_confidence AND p.probability >= $min_confidence
), closed AS (
    SELECT l.entity_id, min(coalesce(c."statusDate", DATE '0001-01-01')) AS since
    FROM staged.companies c
    JOIN link l ON l.dataset = 'companies' AND l.role = '企业' AND l.record_id = c."recordId"
    WHERE c.status = '注销' AND coalesce(c."foundedOn" <= $as_of, true)
    GROUP BY l.entity_id
), may AS (
    SELECT entity_a AS one, entity_b AS other FROM may_be UNION ALL SELECT entity_b, entity_a FROM may_be
    UNION ALL SELECT DISTINCT owner, owner FROM land
), parcel AS (
    SELECT y.year, l.owner, l.parcel, max(l."landArea") AS area,
           list('real_estate/' || l."recordId" ORDER BY l."registeredOn", 'real_estate/' || l."recordId") AS titles
    FROM land l JOIN year y ON l."registeredOn" <= make_date(y.year, 12, 31) AND make_date(y.year, 12, 31) <= $as_of
    WHERE NOT EXISTS (SELECT 1 FROM may m JOIN closed c ON c.entity_id = m.other
        WHERE m.one = l.owner AND c.since <= make_date(y.year, 12, 31))
    GROUP BY y.year, l.owner, l.parcel
), filing AS (
    SELECT f."recordId", f.year, f."declaredArea", nullif(trim(f."certificateNumber"), '') AS certificate
    FROM staged.land_use_tax f WHERE coalesce(make_date(f.year, 1, 1) <= $as_of, true)
), own AS (
    SELECT f.year, n.entity_id AS parcel, sum(f."declaredArea") AS declared,
           list('land_use_tax/' || f."recordId") AS facts
    FROM filing f JOIN parcel_number n ON n.number = reference(f.certificate)
    GROUP BY f.year, n.entity_id
), shared AS (
    SELECT f.year, l.entity_id AS owner, sum(f."declaredArea") AS declared,
           list('land_use_tax/' || f."recordId") AS facts
    FROM filing f JOIN link l ON l.dataset = 'land_use_tax' AND l.role = '纳税人' AND l.record_id = f."recordId"
    WHERE f.certificate IS NULL
    GROUP BY f.year, l.entity_id
), declared AS (
    SELECT p.*, coalesce(o.declared, 0)
             + coalesce(s.declared, 0) * p.area / sum(p.area) OVER (PARTITION BY p.year, p.owner) AS declared,
           list_concat(p.titles, o.facts, s.facts) AS facts
    FROM parcel p
    LEFT JOIN own o ON o.year = p.year AND o.parcel = p.parcel
    LEFT JOIN shared s ON s.year = p.year AND s.owner = p.owner
)
SELECT titles[1] AS title, year, round(area, 2) AS registered, round(declared, 2) AS declared,
       round((area - declared) * $rate, 2) AS missing, facts
FROM declared d WHERE declared < round($declared_ratio * area, 6)
  AND NOT EXISTS (SELECT 1 FROM may m
    JOIN link l ON l.dataset = 'land_use_tax' AND l.role = '纳税人' AND l.entity_id = m.other AND m.other <> m.one
    JOIN filing f ON f."recordId" = l.record_id AND f.certificate IS NULL
    LEFT JOIN company_entities a ON a.entity_id = m.one AND a.credit_code <> ''
    LEFT JOIN company_entities b ON b.entity_id = m.other AND b.credit_code <> ''
    WHERE (a.entity_id IS NULL OR b.entity_id IS NULL OR l.probability < 1) AND m.one = d.owner AND f.year = d.year
      AND d.declared + f."declaredArea" >= round($declared_ratio * d.area, 6))
