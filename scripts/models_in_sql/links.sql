-- What every rule stands on: who a row speaks of, with the probability of the weakest link; and numbers as compared.
CREATE TEMP VIEW link AS
SELECT m.dataset, m.record_id, m.role, e.entity_id, any_value(m.kind) AS kind, max(e.probability) AS probability
FROM mentions m JOIN entity_of e USING (mention_id)
GROUP BY m.dataset, m.record_id, m.role, e.entity_id;
CREATE TEMP VIEW parcel_number AS
SELECT DISTINCT entity_id, reference(unnest(certificates)) AS number FROM property_entities;
