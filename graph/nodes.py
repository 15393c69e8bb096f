"""The nodes of the desired graph: entities, facts, and what several of them share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from string import Formatter

import duckdb

from graph import derived
from graph.draft import Draft, literal, quoted, staged
from graph.ontology import HIDDEN_TYPES, RENAMED, hashed_phones
from resolution import intake
from resolution.normalise.tables import extend
from resolution.source import Source

CAPTION_LENGTH = 60
UNKNOWN = "—"


def normalise(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """See to it that `norm.address` knows every address that becomes a place."""
    extend(connection, "address", f"SELECT DISTINCT value FROM ({_addresses(sources)}) WHERE value IS NOT NULL")
    for source in sources:
        for column in hashed_phones(source):
            query = f"SELECT DISTINCT {quoted(column)} AS value FROM {staged(source)}"
            extend(connection, "phone", f"{query} WHERE value <> ''")


def _addresses(sources: Sequence[Source]) -> str:
    queries = [f"SELECT {quoted(p.column)} AS value FROM {staged(s)}" for s in sources for p in s.fact.places]
    return " UNION ALL ".join([*queries, "SELECT address AS value FROM entity_addresses"])


def entities(draft: Draft) -> None:
    """Person, Company, TradeName and Property, one node an entity."""
    ids = draft.hashes("id", "SELECT DISTINCT id_number FROM person_entities WHERE id_number IS NOT NULL")
    draft.connection.register("id_hashes", ids)
    draft.add_nodes(
        "Entity",
        "Person",
        f"""
        SELECT entity_id AS key, entity_id AS "entityId", masked(plain(name)) AS name, {_texts("names")} AS names,
               nullif(sex, '') AS sex, birth_date AS "birthDate",
               id_number[:4] || '**********' || id_number[-4:] AS "idMasked", h.hash AS "idHash", homonyms
        FROM person_entities p LEFT JOIN id_hashes h ON h.value = p.id_number
    """,
    )
    draft.connection.unregister("id_hashes")
    draft.add_nodes(
        "Entity",
        "Company",
        f"""
        SELECT entity_id AS key, entity_id AS "entityId", masked(plain(name)) AS name, {_texts("names")} AS names,
               plain(tradename) AS "tradeName", plain(pinyin) AS "tradeNamePinyin", plain(trade) AS trade,
               plain(region) AS region, plain(form) AS "legalForm", plain(branch) AS branch,
               masked_code(plain(credit_code)) AS "creditCode"
        FROM company_entities
    """,
    )
    draft.add_nodes(
        "Entity",
        "TradeName",
        f"""
        SELECT entity_id AS key, entity_id AS "entityId", masked(plain(name)) AS name, {_texts("names")} AS names,
               plain(pinyin) AS pinyin, masked_reference(plain(registration_number)) AS "registrationNumber"
        FROM trade_name_entities
    """,
    )
    draft.add_nodes(
        "Entity",
        "Property",
        f"""
        SELECT entity_id AS key, entity_id AS "entityId", masked(plain(name)) AS name, {_texts("names")} AS names,
               {_texts("certificates", "masked_reference")} AS certificates, plain(district) AS district
        FROM property_entities
    """,
    )


def _texts(column: str, macro: str = "masked") -> str:
    """A list column without empty texts and doubles, in a fixed order; NULL when nothing is left."""
    texts = f"list_transform({column}, lambda t: {macro}(plain(t)))"
    kept = f"list_sort(list_distinct(list_filter({texts}, lambda t: t IS NOT NULL)))"
    return f"CASE WHEN len({kept}) > 0 THEN {kept} END"


def facts(draft: Draft) -> None:
    """One node an agency row, with its columns but for those that may not leave the workspace."""
    parts: dict[str, list[str]] = defaultdict(list)
    _callers(draft)
    for source in draft.sources:
        parts[source.fact.label].append(_fact(source))
    for label, queries in parts.items():
        draft.add_nodes("Fact", label, " UNION ALL BY NAME ".join(queries))


def _callers(draft: Draft) -> None:
    """`callers(value, hash)`: the phones of rows that describe nobody by them, under their keyed hashes."""
    columns = [(source, column) for source in draft.sources for column in hashed_phones(source)]
    used = " UNION ".join(f"SELECT {quoted(column)} AS value FROM {staged(source)}" for source, column in columns)
    known = f"FROM norm.phone n SEMI JOIN ({used or 'SELECT NULL AS value'}) v ON v.value = n.value"
    where = "WHERE n.canonical <> '' AND NOT coalesce(n.placeholder, false)"
    hashes = draft.hashes("phone", f"SELECT DISTINCT n.canonical {known} {where}")
    draft.connection.register("caller_hashes", hashes)
    draft.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE callers AS
        SELECT n.value, h.hash {known} JOIN caller_hashes h ON h.value = n.canonical"""
    )
    draft.connection.unregister("caller_hashes")


def _fact(source: Source) -> str:
    shown = {
        name: _shown(name, column.type)
        for name, column in source.columns.items()
        if name != "recordId" and column.type not in HIDDEN_TYPES
    }
    extra, join = derived.fact_columns(source)
    for number, (column, name) in enumerate(hashed_phones(source).items()):
        extra = [*extra, f"caller{number}.hash AS {quoted(name)}"]
        join += f" LEFT JOIN callers caller{number} ON caller{number}.value = s.{quoted(column)}"
    columns = ", ".join(
        f"{quoted(name)} AS {quoted(RENAMED[name])}" if name in RENAMED else quoted(name) for name in shown
    )
    return f"""
        SELECT key, CASE WHEN length(caption) > {CAPTION_LENGTH} THEN caption[:{CAPTION_LENGTH - 1}] || '…'
                         WHEN caption = '' THEN {literal(source.title)} ELSE caption END AS name,
               {literal(source.name)} AS dataset, "recordId", {_known_from(source)} AS "knownFrom",
               * EXCLUDE (key, caption, "recordId", {", ".join(map(quoted, shown))}), {columns}
        FROM (
            SELECT *, rtrim({_caption(source)}, ' {UNKNOWN}') AS caption
            FROM (
                SELECT {literal(source.name + "/")} || s."recordId" AS key, s."recordId",
                       {", ".join([*(f"{value} AS {quoted(name)}" for name, value in shown.items()), *extra])}
                FROM {staged(source)} s {join}
            )
        )
    """


def _shown(name: str, kind: str) -> str:
    """The column as a property."""
    column = f"s.{quoted(name)}"
    if kind in ("text", "address"):
        return f"masked(plain({column}))"
    if kind == "reference":
        return f"masked_reference(plain({column}))"
    if kind == "uscc":
        return f"masked_code(plain({column}))"
    return f"plain({column})" if kind == "enum" else column


def _caption(source: Source) -> str:
    """The source's caption with the row's values in it."""
    pieces = []
    for text, name, _, _ in Formatter().parse(source.fact.caption):
        if text:
            pieces.append(literal(text))
        if name is not None:
            pieces.append(f"coalesce({_worded(name, source.columns[name].type)}, '{UNKNOWN}')")
    return " || ".join(pieces) or "''"


def _worded(name: str, kind: str) -> str:
    """The property's value as it reads in a sentence: 110 and not 110.0, 2023-11 for a month."""
    column = quoted(name)
    if kind in HIDDEN_TYPES:
        return "NULL"
    if kind in ("money", "number", "lon", "lat"):
        return (
            f"CASE WHEN {column} = trunc({column}) AND abs({column}) < 1e15 THEN {column}::BIGINT::VARCHAR"
            f" ELSE round({column}, 2)::VARCHAR END"
        )
    if kind == "month":
        return f"strftime({column}, '%Y-%m')"
    if kind == "datetime":
        return f"strftime({column}, '%Y-%m-%d %H:%M')"
    if kind == "bool":
        return f"CASE WHEN {column} THEN '是' WHEN NOT {column} THEN '否' END"
    return f"{column}::VARCHAR"


def _known_from(source: Source) -> str:
    """The day from which the row exists; rows without one have always been there."""
    day = source.fact.on
    if not day:
        return "DATE '1900-01-01'"
    known = f"make_date({quoted(day)}, 1, 1)" if source.columns[day].type == "year" else f"{quoted(day)}::DATE"
    return f"coalesce({known}, DATE '1900-01-01')"


def places(draft: Draft) -> None:
    """Address nodes: a place is its district and its canonical key.

    An address that names no district is taken for the one place of that key when all others with it lie in one
    district. One that names only a road or a village (解放路) is no place.
    """
    draft.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE places AS
        WITH used AS (
            SELECT * FROM norm.address n SEMI JOIN ({_addresses(draft.sources)}) v ON v.value = n.value
            WHERE n.key <> '' AND concat(n.number, n.compound, n.building, n.unit, n.room) <> ''
        ), known AS (
            SELECT key, min(district) AS district FROM used WHERE district <> ''
            GROUP BY key HAVING count(DISTINCT district) = 1
        )
        SELECT u.* REPLACE (coalesce(nullif(u.district, ''), k.district, '') AS district),
               'Address:' || coalesce(nullif(u.district, ''), k.district, '') || '|' || u.key AS place
        FROM used u LEFT JOIN known k USING (key)
    """)
    draft.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE entity_places AS
        SELECT e.entity_id, p.place, max(e.probability) AS probability, {RECORDS} AS records
        FROM entity_addresses e JOIN places p ON p.value = e.address
        GROUP BY ALL
    """)
    draft.add_nodes(
        "Address",
        "Address",
        """
        SELECT p.place AS key, masked(plain(arg_max(value, (length(value), value)))) AS name,
               nullif(any_value(district), '') AS district, nullif(max(street), '') AS street,
               nullif(max(road), '') AS road, nullif(max(number), '') AS number, nullif(max(base), '') AS place,
               nullif(concat_ws('-', nullif(max(building), ''), nullif(max(unit), ''), nullif(max(room), '')), '')
                   AS unit,
               coalesce(any_value(h.holders), 0) AS holders
        FROM places p LEFT JOIN
            (SELECT place, count(DISTINCT entity_id) AS holders FROM entity_places GROUP BY place) h
            ON h.place = p.place
        GROUP BY p.place
    """,
    )


RECORDS = "list_sort(list_distinct(flatten(list(e.records))))[:10]"


def phones(draft: Draft) -> None:
    """Phone nodes, found by hash and read masked."""
    hashes = draft.hashes("phone", "SELECT DISTINCT phone FROM entity_phones WHERE phone <> ''")
    draft.connection.register("phone_hashes", hashes)
    draft.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE entity_telephones AS
        SELECT e.entity_id, 'Phone:' || h.hash AS phone, masked_phone(any_value(e.phone)) AS masked,
               max(e.probability) AS probability, {RECORDS} AS records
        FROM entity_phones e JOIN phone_hashes h ON h.value = e.phone
        GROUP BY e.entity_id, h.hash
    """)
    draft.connection.unregister("phone_hashes")
    draft.add_nodes(
        "Phone",
        "Phone",
        """
        SELECT phone AS key, any_value(masked) AS name, any_value(masked) AS masked,
               count(DISTINCT entity_id) AS holders
        FROM entity_telephones GROUP BY phone
    """,
    )


def groups(draft: Draft) -> None:
    """What several facts share by a number of their own: 户号 → Household."""
    parts: dict[str, list[str]] = defaultdict(list)
    for source in draft.sources:
        for group in source.fact.groups:
            parts[group.label].append(f"SELECT reference({quoted(group.column)}) AS number FROM {staged(source)}")
    for label, queries in parts.items():
        draft.add_nodes(
            label,
            label,
            f"""
            SELECT {literal(label + ":")} || number AS key, masked_reference(number) AS name, count(*) AS members
            FROM ({" UNION ALL ".join(queries)}) WHERE number IS NOT NULL GROUP BY number
        """,
        )


def datasets(draft: Draft) -> None:
    """One node a dataset loaded: how much of it, and up to which day it tells of events."""
    events = intake.last_event(draft.connection)
    parts = [
        f"SELECT {literal(source.name)} AS dataset, {literal(source.title)} AS title,"
        f' {literal(source.agency)} AS agency, (SELECT count(*) FROM {staged(source)}) AS "rows",'
        f' {literal(str(events[source.name])) if events.get(source.name) else "NULL"}::DATE AS "lastEvent"'
        for source in draft.sources
    ]
    draft.add_nodes(
        "Dataset",
        "Dataset",
        f"""
        SELECT 'dataset/' || dataset AS key, title AS name, dataset, title, agency, "rows",
               coalesce(rejected, 0)::BIGINT AS rejected, loaded AS "loadedAt", "lastEvent"
        FROM ({" UNION ALL ".join(parts)}) LEFT JOIN
            (SELECT dataset, sum(rejected) AS rejected, max(loaded_at)::TIMESTAMP AS loaded
             FROM files GROUP BY dataset) USING (dataset)
    """,
    )


STEPS = (entities, facts, places, phones, groups, datasets)
