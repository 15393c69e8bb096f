"""Who may be somebody else in the data: what stands in the way of saying that nothing is known of a party.

`may_be(entity_a, entity_b, probability)` holds each pair once, the lesser id first. A pair is in it when

- its scores leave it in doubt (`doubts`, with that probability), or
- both bear one name, one of them has no number, and nothing that is known of the two contradicts it; the probability is
  1 / (1 + the bearers of the name whom the one without a number may be). Companies of one trade whose names sound the
  same bear one name, and so do people of one surname whose rows give one number: a name changed, or a relative's
  number was written down, and which of the two is not known; or
- both are companies of one trade and legal form at one door or with one phone, and one of them has no number: its name
  may be the other's former one, or
- both are people of one name with one phone, home or birth date, though their numbers differ: one of the numbers may be
  a relative's or damaged (PERHAPS_ONE).

Look-alike characters (健 and 建) make one name of a person. A name with more than MOST_BEARERS bearers says nothing of
any two of them: only doubts tie those.
"""

from __future__ import annotations

import duckdb

MOST_BEARERS = 30
PERHAPS_ONE = 0.5

# What is known of each entity, the names that it bears, and whether all that is known of two fits together.
PEOPLE = (
    """SELECT entity_id, min(id_valid) AS number, max(id_prefix) AS prefix, max(id_suffix) AS suffix,
        list(DISTINCT birth) FILTER (birth IS NOT NULL) AS births, min(adult_by) AS adult_by,
        list(DISTINCT sex) FILTER (sex IS NOT NULL) AS sexes,
        list(DISTINCT district) FILTER (district <> '') AS districts,
        list(DISTINCT phone) FILTER (phone IS NOT NULL) AS phones,
        list(DISTINCT concat(district, '|', address)) FILTER (address_unit) AS homes,
        flatten(list(once)) AS once
    FROM profiled GROUP BY entity_id""",
    # one number under two names of one surname: a change of name, or a relative's number
    """SELECT DISTINCT entity_id, unnest(list_filter([
            coalesce(shape, name), concat(surname, '|', id_given)], lambda each: NOT ends_with(each, '|'))) AS name
    FROM profiled WHERE titled IS NOT TRUE""",
    """list_has_any(a.births, b.births) IS NOT FALSE AND list_has_any(a.sexes, b.sexes) IS NOT FALSE
        AND list_has_any(a.districts, b.districts) IS NOT FALSE AND list_has_any(a.once, b.once) IS NOT TRUE
        AND coalesce(starts_with(b.number, a.prefix), true) AND coalesce(ends_with(b.number, a.suffix), true)
        AND coalesce(list_min(b.births) <= a.adult_by, true)""",
    """list_has_any(a.once, b.once) IS NOT TRUE
        AND (list_has_any(a.phones, b.phones) OR list_has_any(a.homes, b.homes) OR list_has_any(a.births, b.births))""",
)
COMPANIES = (
    """SELECT entity_id, min(code_valid) AS number, list(DISTINCT region) FILTER (region <> '') AS regions,
        list(DISTINCT form_group) FILTER (form_group <> '') AS forms
    FROM profiled GROUP BY entity_id""",
    # the brackets around a place get lost, and the place then reads as part of the name;
    # after a change of name the trade at the door and the phone are what stays
    """SELECT DISTINCT entity_id, concat(branch, '|', unnest(list_filter([
            core, regexp_replace(name, '[()（）\\s]', '', 'g'), CASE WHEN trade <> '' THEN pinyin || '|' || trade END,
            CASE WHEN address_unit AND trade <> '' THEN concat_ws('|', trade, district, address) END,
            CASE WHEN trade <> '' THEN trade || '|' || phone END], lambda each: each IS NOT NULL))) AS name
    FROM profiled WHERE core <> ''""",
    """list_has_any(a.forms, b.forms) IS NOT FALSE AND (a.regions IS NULL OR b.regions IS NULL
        OR len(list_filter(a.regions, lambda x:
            len(list_filter(b.regions, lambda y: contains(x, y) OR contains(y, x))) > 0)) > 0)""",
    "false",
)


def gather(connection: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Add to `may_be` the pairs of the kind that was clustered and described just now, its `doubts` among them."""
    connection.execute(
        """INSERT INTO may_be SELECT d.* FROM doubts d
        ANTI JOIN may_be m ON m.entity_a = d.entity_a AND m.entity_b = d.entity_b"""
    )
    if kind not in ("person", "company"):
        return
    known, names, fitting, close = PEOPLE if kind == "person" else COMPANIES
    connection.execute(
        f"""INSERT INTO may_be
        WITH profiled AS (SELECT p.*, i.entity_id FROM profile p JOIN clustered USING (unique_id)
            JOIN cluster_id i USING (cluster)),
        known AS MATERIALIZED ({known}),
        named AS (SELECT * FROM ({names}) QUALIFY count(*) OVER (PARTITION BY name) BETWEEN 2 AND {MOST_BEARERS}),
        met AS (SELECT DISTINCT l.entity_id AS l, r.entity_id AS r
            FROM named l JOIN named r ON r.name = l.name AND r.entity_id <> l.entity_id),
        -- materialised: as a condition of the join, unequal numbers would pair everybody with everybody
        weighed AS MATERIALIZED (
            SELECT l, r, a.number IS NULL AND {fitting} AS fits, a.number <> b.number AND ({close}) AS near
            FROM met JOIN known a ON a.entity_id = l JOIN known b ON b.entity_id = r),
        found AS (
            SELECT l, r, 1 / (1 + count(*) OVER (PARTITION BY l)) AS probability FROM weighed WHERE fits
            UNION ALL SELECT l, r, {PERHAPS_ONE} FROM weighed WHERE near)
        SELECT least(l, r) AS entity_a, greatest(l, r) AS entity_b, max(probability) FROM found
        ANTI JOIN doubts d ON d.entity_a = least(l, r) AND d.entity_b = greatest(l, r)
        ANTI JOIN called_two t ON t.entity_a = least(l, r) AND t.entity_b = greatest(l, r)
        GROUP BY 1, 2"""
    )
