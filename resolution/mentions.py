"""Mentions: who each staged row speaks of, in which role, and what the row says of them.

A mention is one (dataset, record, role). `mention_text` holds its describing cells as the agency wrote them;
`mention_context` holds what else the row hangs on (documents, licences, properties, employers): two rows that name
the same person and hang on the same thing are rarely about two people.
"""

from __future__ import annotations

import duckdb

from resolution.intake import last_event
from resolution.normalise.tables import extend, forget_company_names
from resolution.source import Source

DESCRIBING = ("name", "former_name", "id", "sex", "birth_date", "address", "phone")


def staged_datasets(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of the datasets that are staged in this workspace."""
    rows = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'staged'").fetchall()
    return {name for (name,) in rows}


def read_mentions(connection: duckdb.DuckDBPyConnection, sources: dict[str, Source]) -> None:
    """Fill `mention_text` and `mention_kind` from all staged datasets and normalise the distinct values they use.

    All of it is derived and can be filled again at any time; nothing that others read is touched.

    A mention is made for every role whose name is given (for a property: whose certificate or address is given).
    Party mentions are told apart by what their number is and, failing that, by what their name looks like.
    """
    columns = ", ".join(f"{name} VARCHAR" for name in DESCRIBING)
    connection.execute(
        "CREATE OR REPLACE TABLE mention_text (mention_id BIGINT, dataset VARCHAR, record_id VARCHAR, role VARCHAR,"
        " declared VARCHAR, register BOOLEAN, once VARCHAR, among VARCHAR, held VARCHAR, pool VARCHAR,"
        f" adult_by DATE, {columns})"
    )
    staged = staged_datasets(connection)
    wanted = {mention.among for source in sources.values() for mention in source.mentions.values() if mention.among}
    newest = max(last_event(connection).values(), default=None)
    told: list[str] = []
    given: list[object] = []
    for dataset, source in sources.items():
        if dataset not in staged:
            continue
        on = f'"{source.fact.on}"::DATE' if source.fact.on else "NULL::DATE"
        for role, mention in source.mentions.items():
            cells = {name: getattr(mention, name) for name in DESCRIBING}
            cells["name"] = mention.name
            picked = ", ".join(f'CAST("{column}" AS VARCHAR)' if column else "NULL" for column in cells.values())
            filled = " OR ".join(
                f'"{cells[name]}" IS NOT NULL'
                for name in (("id", "address") if mention.kind == "property" else ("name",))
                if cells[name]
            )
            adult_by = f"CAST(coalesce({on}, ?::DATE) - INTERVAL 16 YEAR AS DATE)" if mention.adult else "?::DATE"
            pool = f"{dataset}/{role}" if mention.profession else None
            once = dataset if source.one_each and mention.kind == "person" else None
            latest = newest if mention.adult else None
            told.append(
                f"""SELECT (hash(? || '/' || "recordId" || '/' || ?) >> 1)::BIGINT, ?, "recordId", ?, ?, ?::BOOLEAN,
                    ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, {adult_by}, {picked}
                FROM staged."{dataset}" WHERE {filled}"""
            )
            given += [
                *(dataset, role, dataset, role, mention.kind, source.registers, once, mention.among),
                *(f"{dataset}/{role}" if f"{dataset}/{role}" in wanted else None, pool, latest),
            ]
    if told:
        # in one statement: a hundred small ones would each be written to disk by themselves
        connection.execute(f"INSERT INTO mention_text {' UNION ALL '.join(told)}", given)
    extend(
        connection,
        "identity",
        "SELECT DISTINCT id AS value FROM mention_text WHERE id IS NOT NULL AND declared <> 'property'",
    )
    companies = (
        "SELECT DISTINCT name AS value FROM mention_text WHERE name IS NOT NULL AND declared IN ('company', 'party')"
    )
    # names teach each other: those of rows that are gone teach nothing any more
    forget_company_names(connection, companies)
    extend(connection, "company_name", companies)
    connection.execute(
        """CREATE OR REPLACE TABLE mention_kind AS
        SELECT mention_id, dataset, record_id, role,
            CASE WHEN declared <> 'party' THEN declared
                 WHEN i.kind = 'credit' AND i.valid THEN 'company'
                 WHEN i.kind = 'resident' AND i.valid
                     AND length(regexp_replace(t.id, '[^0-9Xx]', '', 'g')) = 18 THEN 'person'
                 WHEN c.kind = 'person' THEN 'person'
                 WHEN c.kind = 'company' THEN 'company'
                 WHEN i.kind IN ('resident', 'masked') THEN 'person'
                 WHEN i.kind IN ('credit', 'registration') THEN 'company'
                 WHEN length(c.full) <= 4 THEN 'person' ELSE 'company' END AS kind
        FROM mention_text t LEFT JOIN norm.identity i ON i.value = t.id
            LEFT JOIN norm.company_name c ON c.value = t.name"""
    )
    connection.execute("CREATE OR REPLACE TABLE trade_place (mention_id BIGINT, address VARCHAR)")
    for dataset, source in sources.items():
        places = source.fact.places[:1] if dataset in staged else ()
        for place in places:
            extend(
                connection,
                "address",
                f'SELECT DISTINCT "{place.column}" AS value FROM staged."{dataset}" WHERE "{place.column}" IS NOT NULL',
            )
            if all(mention.kind != "trade_name" for mention in source.mentions.values()):
                continue
            connection.execute(
                f"""INSERT INTO trade_place SELECT m.mention_id, s."{place.column}" FROM mention_kind m
                JOIN staged."{dataset}" s ON s."recordId" = m.record_id
                    WHERE m.dataset = ? AND m.kind = 'trade_name'""",
                [dataset],
            )
    for kind, query in {
        "person_name": """SELECT DISTINCT name AS value
            FROM mention_text JOIN mention_kind USING (mention_id) WHERE kind = 'person'
            UNION SELECT DISTINCT former_name FROM mention_text WHERE former_name IS NOT NULL""",
        "trade_name": "SELECT DISTINCT name AS value FROM mention_text WHERE declared = 'trade_name'",
        "address": "SELECT DISTINCT address AS value FROM mention_text WHERE address IS NOT NULL",
        "phone": "SELECT DISTINCT phone AS value FROM mention_text WHERE phone IS NOT NULL",
    }.items():
        extend(connection, kind, query)  # type: ignore[arg-type]


def build_contexts(connection: duckdb.DuckDBPyConnection, sources: dict[str, Source], kind: str) -> None:
    """Fill `mention_context(mention_id, key, holders)` for the mentions of one kind.

    A row hangs on its own reference numbers, on those of the rows that it points to (an objection is about the
    property that its enforcement seized), for people on workplaces (`shared`), on properties and companies resolved
    before, and, for companies, on the names of the people beside it. Keys with one holder or more than 400 say nothing
    and are left out.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE record_context (dataset VARCHAR, record_id VARCHAR, key VARCHAR)")
    staged = staged_datasets(connection)
    here = {name: source for name, source in sources.items() if name in staged}
    for dataset, source in here.items():
        _own_context(connection, dataset, source, kind)
    connection.execute(
        """INSERT INTO record_context SELECT m.dataset, m.record_id, m.kind || ':' || e.entity_id
        FROM mentions m JOIN entity_of e USING (mention_id) WHERE m.kind IN ('property', 'company')"""
    )
    if kind == "company":
        connection.execute(
            """INSERT INTO record_context SELECT m.dataset, m.record_id, 'person:' || n.full
            FROM mentions m JOIN mention_text t USING (mention_id) JOIN norm.person_name n ON n.value = t.name
            WHERE m.kind = 'person' AND NOT n.titled"""
        )
    for dataset, source in here.items():
        for join in source.fact.joins:
            target, _, column = join.to.partition(".")
            if target in here:
                connection.execute(
                    f"""INSERT INTO record_context SELECT DISTINCT '{dataset}', s."recordId", c.key
                    FROM staged."{dataset}" s JOIN staged."{target}" t ON t."{column}" = s."{join.column}"
                    JOIN record_context c ON c.dataset = '{target}' AND c.record_id = t."recordId" """
                )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE mention_context AS
        WITH pairs AS (SELECT DISTINCT m.mention_id, c.key
            FROM mentions m JOIN record_context c USING (dataset, record_id)
                       WHERE m.kind = ?),
             spread AS (SELECT key, count(*) AS holders FROM pairs GROUP BY key)
        SELECT mention_id, key, holders FROM pairs JOIN spread USING (key) WHERE holders BETWEEN 2 AND 400""",
        [kind],
    )


def _own_context(connection: duckdb.DuckDBPyConnection, dataset: str, source: Source, kind: str) -> None:
    """What the rows of one dataset hang on by their own cells."""
    joined = {join.column: join.to for join in source.fact.joins}
    # properties are resolved, and who shares a household is by that very fact somebody else
    resolved = {mention.id for mention in source.mentions.values() if mention.kind == "property"}
    resolved |= {group.column for group in source.fact.groups}
    for column, spec in source.columns.items():
        if spec.type != "reference" or column in resolved:
            continue
        if joined.get(column) == "property":
            connection.execute(
                f"""INSERT INTO record_context SELECT '{dataset}', s."recordId", 'property:' || p.entity_id
                FROM staged."{dataset}" s JOIN property_certificate p ON p.certificate = s."{column}" """
            )
        else:
            space = joined.get(column, f"{dataset}.{column}")
            connection.execute(
                f"""INSERT INTO record_context SELECT '{dataset}', "recordId", '{space}:' || "{column}"
                FROM staged."{dataset}" WHERE "{column}" IS NOT NULL"""
            )
    lived_at = [m.address for m in source.mentions.values() if m.kind == "person" and m.address]
    for column in [*lived_at, *(place.column for place in source.fact.places)]:
        connection.execute(
            f"""INSERT INTO record_context SELECT '{dataset}', s."recordId", 'property:' || p.entity_id
            FROM staged."{dataset}" s JOIN property_address p ON p.address = s."{column}" """
        )
    for column, spec in source.columns.items():
        if spec.shared and kind == "person":
            connection.execute(
                f"""INSERT INTO record_context SELECT '{dataset}', "recordId", '{column}:' || "{column}"
                FROM staged."{dataset}" WHERE "{column}" IS NOT NULL"""
            )
