"""What companies, shops, schools, addresses and streets are called, and where they are: what texts may name.

`gather` leaves the temporary table `called`: `name`, the node that bears it (`general`, `key`), `kind` (company, shop,
school, address, street), `whole` (a name as it is registered, with region or legal form; else an abbreviation, which
says who is meant only within a place), `bare` (no region stands at its head), `district` and `street` (one row a
place of the bearer, NULL where not told), `probability` (the weakest identity link that the bearer's name rests on).
Names are in capitals, with brackets as in norm.company_name, see `AS_NAMED`.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence

import duckdb

from graph.draft import literal, quoted, staged
from graph.keywords import TEXTS
from resolution.normalise.tables import extend
from resolution.source import Mention, Source

SHORTEST = 3
"""Fewer characters are found in too many texts to be a name."""

AS_NAMED = f"translate({{}}, '(){string.ascii_lowercase}', '（）{string.ascii_uppercase}')"
"""A text as names are compared; every character keeps its place."""

SCHOOLS = "schools"
_REGION = "^(?:[^省市区县]{2,6}省)?(?:[^市区县]{2,6}市)?(?:[^市区县]{1,6}[区县])?"
STREET = "(?:^|[市区县])([^市区县]{1,8}?(?:街道|镇|乡|苏木))"
"""Where the street stands in a text about a place."""


def normalise(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """See to it that the names of companies and shops are parsed (they are, once they have been resolved)."""
    for source in sources:
        for mention in source.mentions.values():
            table = {"company": "company_name", "party": "company_name", "trade_name": "trade_name"}.get(mention.kind)
            if table and mention.name:
                query = f"SELECT DISTINCT {quoted(mention.name)} AS value FROM {staged(source)}"
                extend(connection, table, query)  # type: ignore[arg-type]


def gather(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Leave `called`. Names that only texts give are none: they are what is looked for.

    Needs the tables that `nodes` leaves: `places` and `entity_places`.
    """
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE called (name VARCHAR, general VARCHAR, key VARCHAR, kind VARCHAR, whole BOOLEAN,
            bare BOOLEAN, district VARCHAR, street VARCHAR, probability DOUBLE)
    """)
    known = [source for source in sources if source.name not in TEXTS]
    _companies(connection, known)
    for source in known:
        _shops(connection, source)
        if source.name == SCHOOLS:
            _schools(connection, source)
    _addresses(connection)
    _streets(connection, sources)
    connection.execute(f"DELETE FROM called WHERE length(name) < {SHORTEST}")


def _roles(source: Source, *kinds: str) -> Iterator[tuple[str, Mention]]:
    return ((role, mention) for role, mention in source.mentions.items() if mention.kind in kinds and mention.name)


def _companies(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Registered names, and 字号 with trade as abbreviation: of 湘陵市老马牛肉面有限公司 湘陵市老马牛肉面, 老马牛肉面
    and 老马牛肉面有限公司."""
    said = [
        f"""SELECT e.entity_id, n.*, e.probability FROM mentions m JOIN entity_of e USING (mention_id)
            JOIN {staged(source)} s ON s."recordId" = m.record_id
            JOIN norm.company_name n ON n.value = s.{quoted(str(mention.name))}
            WHERE m.dataset = {literal(source.name)} AND m.role = {literal(role)} AND m.kind = 'company'"""
        for source in sources
        for role, mention in _roles(source, "company", "party")
    ]
    if not said:
        return
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE company_called AS
        WITH named AS (
            SELECT entity_id, "full", region, core, trade, form, branch, max(probability) AS probability,
                   region = '' OR starts_with("full", tradename) AS bare
            FROM ({" UNION ALL ".join(said)}) WHERE kind <> 'person' AND "full" <> '' AND core <> '' GROUP BY ALL
        )
        SELECT entity_id, "full" AS name, true AS whole, bare, probability FROM named WHERE form <> '' OR region <> ''
        UNION ALL
        SELECT entity_id, translate("full", '（）', ''), true, bare, probability FROM named
        WHERE contains("full", '（') AND form <> '' AND branch = ''
        UNION ALL
        SELECT entity_id, region || core, false, false, probability FROM named WHERE region <> '' AND form <> ''
        UNION ALL
        SELECT entity_id, core, false, true, probability FROM named WHERE trade <> ''
        UNION ALL
        SELECT entity_id, core || unnest(CASE WHEN form = '有限公司' THEN ['有限公司', '有限责任公司'] ELSE [form] END),
               false, true, probability
        FROM named WHERE form <> '' AND branch = ''
    """)
    connection.execute("""
        INSERT INTO called
        SELECT n.name, 'Entity', n.entity_id, 'company', bool_or(n.whole), bool_and(n.bare), l.district, l.street,
               max(n.probability)
        FROM company_called n LEFT JOIN (
            SELECT DISTINCT e.entity_id, nullif(p.district, '') AS district, nullif(p.street, '') AS street
            FROM entity_places e JOIN places p USING (place)
        ) l USING (entity_id)
        GROUP BY ALL
    """)


def _shops(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """What shops call themselves, at the place of the row: the business that runs the shop is meant, where the row
    names one, else the trade name."""
    operators = [literal(role) for role, _ in _roles(source, "company", "party")]
    for role, mention in _roles(source, "trade_name"):
        for place in source.fact.places[:1]:
            connection.execute(f"""
                INSERT INTO called
                WITH shop AS (
                    SELECT DISTINCT unnest([{AS_NAMED.format('n."full"')}, {AS_NAMED.format("n.core")}]) AS name,
                           coalesce(o.entity_id, e.entity_id) AS key, nullif(p.district, '') AS district,
                           nullif(p.street, '') AS street, coalesce(o.probability, e.probability) AS probability
                    FROM mentions m JOIN entity_of e USING (mention_id)
                    JOIN {staged(source)} s ON s."recordId" = m.record_id
                    JOIN norm.trade_name n ON n.value = s.{quoted(str(mention.name))}
                    LEFT JOIN places p ON p.value = s.{quoted(place.column)}
                    LEFT JOIN (
                        SELECT record_id, min(entity_id) AS entity_id, min(probability) AS probability
                        FROM mentions JOIN entity_of USING (mention_id)
                        WHERE dataset = {literal(source.name)} AND role IN ({", ".join(operators) or "NULL"})
                              AND kind = 'company'
                        GROUP BY record_id HAVING count(DISTINCT entity_id) = 1
                    ) o ON o.record_id = m.record_id
                    WHERE m.dataset = {literal(source.name)} AND m.role = {literal(role)}
                )
                SELECT name, 'Entity', key, 'shop', false, true, district, street, max(probability)
                FROM shop WHERE name <> '' GROUP BY ALL
            """)


def _schools(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Schools as registered, without the region at the head, and 光清二中 for 光清第二中学."""
    connection.execute(f"""
        INSERT INTO called
        WITH school AS (
            SELECT {literal(source.name + "/")} || s."recordId" AS key, {AS_NAMED.format('s."schoolName"')} AS name,
                   regexp_replace({AS_NAMED.format('s."schoolName"')}, '{_REGION}', '') AS short,
                   nullif(p.district, '') AS district, nullif(p.street, '') AS street
            FROM {staged(source)} s LEFT JOIN places p ON p.value = s.address
            WHERE s."schoolName" <> ''
        ), named AS (
            SELECT *, name AS said, short <> name AS whole, short = name AS bare FROM school
            UNION ALL
            SELECT *, short, false, true FROM school WHERE short <> name
            UNION ALL
            SELECT *, regexp_replace(short, '第([一二三四五六七八九十]+)([小中])学$', '\\1\\2'), false, true FROM school
            WHERE regexp_matches(short, '..第[一二三四五六七八九十]+[小中]学$')
        )
        SELECT said, 'Fact', key, 'school', whole, bare, district, street, 1.0 FROM named
    """)


def _addresses(connection: duckdb.DuckDBPyConnection) -> None:
    """Places with a number, as they are written from the road on, and so with the district before it."""
    connection.execute(f"""
        INSERT INTO called
        WITH spelt AS (
            SELECT DISTINCT place, nullif(district, '') AS district, nullif(street, '') AS street,
                   {AS_NAMED.format("value[strpos(value, road):]")} AS name
            FROM places WHERE road <> '' AND contains(value, road)
        )
        SELECT name, 'Address', place, 'address', false, true, district, street, 1.0 FROM spelt
        WHERE regexp_matches(name, '[0-9]')
        UNION ALL
        SELECT district || name, 'Address', place, 'address', true, false, district, street, 1.0 FROM spelt
        WHERE district IS NOT NULL AND regexp_matches(name, '[0-9]')
    """)


def _streets(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Streets and towns; `street_district` says in which district each lies, where all addresses agree."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE street_district AS
        SELECT street, min(district) AS district FROM norm.address WHERE street <> '' AND district <> ''
        GROUP BY street HAVING count(DISTINCT district) = 1
    """)
    columns = [
        f"SELECT regexp_extract(street, '{STREET}', 1) AS street FROM {staged(source)}"
        for source in sources
        if source.name in TEXTS and "street" in source.columns
    ]
    connection.execute(f"""
        INSERT INTO called
        SELECT DISTINCT street, '', street, 'street', true, false, NULL, street, 1.0
        FROM ({" UNION ALL ".join([*columns, "SELECT street FROM norm.address"])}) WHERE street <> ''
    """)
