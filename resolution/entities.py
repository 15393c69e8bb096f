"""Entities: what is known of each (their ids: see `lineage`)."""

from __future__ import annotations

import duckdb

from resolution.settings import Settings

AS_PUBLISHED = "floor(probability * 1000 + 1e-6) / 1000"
"""A probability as the graph and the clues have it, in SQL. Every delivery moves every frequency a little, and with it
the last digits of each probability: in whole thousandths, never rounded up to certainty, a thousand new rows do not
send half a million relationships again."""


def describe_people(connection: duckdb.DuckDBPyConnection) -> None:
    """`person_entities`: the name most rows give, all names, sex, birth date, number,
    and how many others bear the name."""
    connection.execute(
        """CREATE OR REPLACE TABLE person_entities AS
        WITH said AS (SELECT e.entity_id, d.* FROM described d JOIN entity_of e USING (mention_id)),
        best AS (SELECT entity_id, name FROM said GROUP BY entity_id, name
            QUALIFY row_number() OVER (PARTITION BY entity_id
                ORDER BY bool_or(titled), count(*) DESC, length(name) DESC, name) = 1),
        known AS (SELECT entity_id, list_sort(list_distinct(list(name))) AS names, mode(sex ORDER BY sex) AS sex,
            coalesce(any_value(birth ORDER BY birth) FILTER (id_valid IS NOT NULL), mode(birth
                ORDER BY birth)) AS birth_date,
            min(id_valid) AS id_number FROM said GROUP BY entity_id)
        SELECT entity_id, name, names, sex, birth_date, id_number, count(*) OVER (PARTITION BY name) - 1 AS homonyms
        FROM known JOIN best USING (entity_id)"""
    )


def describe_companies(connection: duckdb.DuckDBPyConnection) -> None:
    """`company_entities` (the registered name before others) and `branches` (a branch and its parent)."""
    connection.execute(
        """CREATE OR REPLACE TABLE company_entities AS
        WITH said AS (SELECT e.entity_id, d.* FROM described d JOIN entity_of e USING (mention_id)),
        best AS (SELECT entity_id, name, tradename, pinyin, trade, region, form_group AS form, branch, core FROM said
            GROUP BY entity_id, name, tradename, pinyin, trade, region, form_group, branch, core
            QUALIFY row_number() OVER (PARTITION BY entity_id
                ORDER BY bool_or(dataset = 'companies') DESC, count(*) DESC, length(name) DESC, name) = 1),
        known AS (SELECT entity_id, list_sort(list_distinct(list(name))) AS names, min(code_valid)
            AS credit_code FROM said GROUP BY entity_id)
        SELECT * FROM known JOIN best USING (entity_id)"""
    )
    # A parent's code or its whole name at the head of the branch's says more than equal words and region.
    connection.execute(
        """CREATE OR REPLACE TABLE branches AS
        WITH candidate AS (
            SELECT b.entity_id AS branch_id, p.entity_id AS parent_id, p.credit_code IS NOT NULL AS registered,
                CASE WHEN b.credit_code = p.credit_code THEN 4
                     WHEN len(list_filter(p.names, lambda n: starts_with(b.name, n))) > 0 THEN 3
                     WHEN b.region = p.region THEN 2 ELSE 1 END AS likeness
            FROM company_entities b JOIN company_entities p ON p.core = b.core AND p.branch = ''
                AND (contains(b.region, p.region) OR contains(p.region, b.region))
            WHERE b.branch <> ''),
        best AS (SELECT * FROM candidate QUALIFY likeness = max(likeness) OVER (PARTITION BY branch_id)
            AND (registered OR NOT bool_or(registered) OVER (PARTITION BY branch_id, likeness)))
        SELECT branch_id, min(parent_id) AS parent_id,
            CASE max(likeness) WHEN 4 THEN 1.0 WHEN 3 THEN 0.99 ELSE 0.95 END AS probability
        FROM best GROUP BY branch_id HAVING count(*) = 1"""
    )


def describe_properties(connection: duckdb.DuckDBPyConnection) -> None:
    """`property_entities`, and `property_certificate` / `property_address`, by which other rows point to a property."""
    connection.execute(
        """CREATE OR REPLACE TABLE property_entities AS
        SELECT entity_id, coalesce(mode(address_text ORDER BY address_text), min(certificate)) AS name,
            list_sort(list_distinct(list(address_text) FILTER (address_text IS NOT NULL)))[:10] AS names,
            list_sort(list_distinct(list(certificate) FILTER (certificate IS NOT NULL)))
                AS certificates, mode(district ORDER BY district) AS district
        FROM described JOIN entity_of USING (mention_id) GROUP BY entity_id"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE property_certificate AS
        SELECT certificate, entity_id FROM described JOIN entity_of USING (mention_id) WHERE certificate IS NOT NULL
        GROUP BY certificate, entity_id QUALIFY row_number() OVER (PARTITION BY certificate
            ORDER BY count(*) DESC, entity_id) = 1"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE property_address AS
        WITH unit AS (SELECT address, coalesce(district, '') AS district, min(entity_id) AS entity_id
            FROM described JOIN entity_of USING (mention_id)
            WHERE address_unit GROUP BY ALL HAVING count(DISTINCT entity_id) = 1)
        SELECT DISTINCT a.value AS address, u.entity_id FROM norm.address a JOIN unit u ON u.address = a.key
            AND (coalesce(a.district, '') = u.district OR coalesce(a.district, '') = '' OR u.district = '')
        QUALIFY count(*) OVER (PARTITION BY a.value) = 1"""
    )


def describe_trade_names(connection: duckdb.DuckDBPyConnection) -> None:
    """`trade_name_entities`."""
    connection.execute(
        """CREATE OR REPLACE TABLE trade_name_entities AS
        SELECT entity_id, mode(name ORDER BY name) AS name, list_sort(list_distinct(list(name))) AS names,
            mode(pinyin ORDER BY pinyin) AS pinyin, min(registration_number) AS registration_number
        FROM described JOIN entity_of USING (mention_id) GROUP BY entity_id"""
    )


def describe_ties(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Add the kind's phones, addresses and doubts to `entity_phones`, `entity_addresses`, `doubts`.

    `called_two` holds the pairs of the kind that people called two.
    """
    if settings.kind in ("person", "company"):
        connection.execute(
            """INSERT INTO entity_phones SELECT e.entity_id, p.canonical, max(e.probability),
                list_sort(list_distinct(list(t.dataset || '/' || t.record_id)))[:10]
            FROM mention_text t JOIN mentions m USING (mention_id) JOIN entity_of e USING (mention_id)
                JOIN norm.phone p ON p.value = t.phone
            WHERE m.kind = ? AND p.canonical IS NOT NULL AND NOT p.placeholder GROUP BY e.entity_id, p.canonical""",
            [settings.kind],
        )
    if settings.kind != "trade_name":
        connection.execute(
            """INSERT INTO entity_addresses
            SELECT e.entity_id, min(t.address), coalesce(d.district, '') || '|' || d.address AS key, max(e.probability),
                list_sort(list_distinct(list(t.dataset || '/' || t.record_id)))[:10]
            FROM part d JOIN mention_text t USING (mention_id) JOIN entity_of e USING (mention_id)
            WHERE d.address IS NOT NULL GROUP BY e.entity_id, key"""
        )
    connection.execute(
        f"""INSERT INTO doubts
        SELECT least(x.entity_id, y.entity_id), greatest(x.entity_id, y.entity_id), max(e.probability)
        FROM edge e JOIN clustered a ON a.unique_id = e.l JOIN clustered b ON b.unique_id = e.r
        JOIN cluster_id x ON x.cluster = a.cluster JOIN cluster_id y ON y.cluster = b.cluster
        WHERE e.probability >= {settings.cluster.review} AND x.entity_id <> y.entity_id GROUP BY 1, 2"""
    )
    # what people called two is in doubt no more
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE called_two AS
        SELECT DISTINCT least(x.entity_id, y.entity_id) AS entity_a, greatest(x.entity_id, y.entity_id) AS entity_b
        FROM judged j JOIN clustered a ON a.unique_id = j.l JOIN clustered b ON b.unique_id = j.r
            JOIN cluster_id x ON x.cluster = a.cluster JOIN cluster_id y ON y.cluster = b.cluster
        WHERE j.verdict = 'not_same'"""
    )
    connection.execute(
        """DELETE FROM doubts d USING called_two t WHERE d.entity_a = t.entity_a AND d.entity_b = t.entity_b"""
    )
