"""The graph as it should be: built in DuckDB from staged records and resolved entities, nothing sent anywhere.

`build` fills, in one transaction:

- one table a label, `graph."node_<Label>"`: `key`, the properties as typed columns (NULL = absent), `hash`
- `graph.nodes(key, general, label, hash)`: all nodes; `hash` is over the properties
- `graph.relationships(type, from_general, from_key, to_general, to_key, <properties>, hash)`

A relationship is its type and its two ends. Full IDs, phones and accounts stay behind (see `masking`); joins are made
on the full values here.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from graph import derived, keywords, masking, nodes, relationships, texts
from graph.draft import Draft, NodeTable
from resolution.source_files import read_sources
from resolution.workspace import Workspace

RESERVED = frozenset({"key", "dataset", "knownFrom", "caption", "hash"})
"""Names that every fact has already."""


class DesiredError(Exception):
    """The graph cannot be built; the message says what to do first."""


@dataclass(frozen=True)
class Desired:
    """What `build` left in DuckDB."""

    tables: list[NodeTable]
    nodes: int
    relationships: int
    notes: list[str]
    """What the data office should know, in Chinese: numbers that nothing is joined on, and why."""


def build(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Desired:
    """Build the desired graph anew from what is staged and resolved.

    Raises DesiredError when nothing is loaded or the entities are not resolved yet.
    """
    present = {
        (schema, name)
        for schema, name in connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
        ).fetchall()
    }
    sources = [source for source in read_sources().values() if ("staged", source.name) in present]
    if not sources:
        raise DesiredError("nothing is loaded: run `cluegraph load DIR` and `cluegraph resolve` first")
    for source in sources:
        if taken := RESERVED & set(source.columns):
            raise DesiredError(
                f"source {source.name!r}: the graph needs the column names {', '.join(sorted(taken))} for itself;"
                " give the columns other names in the source's file"
            )
    if not {("main", "entity_of"), ("main", "may_be")} <= present:
        raise DesiredError("what is loaded is not resolved yet: run `cluegraph resolve` first")
    masking.install(connection)
    nodes.normalise(connection, sources)
    derived.normalise(connection, sources)
    texts.normalise(connection, sources)
    draft = Draft(workspace, connection, sources)
    connection.begin()
    try:
        draft.begin()
        for step in (*nodes.STEPS, *relationships.STEPS, *derived.STEPS, *keywords.STEPS, *texts.STEPS):
            step(draft)
        draft.finish()
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    return Desired(
        draft.tables, _count(connection, "graph.nodes"), _count(connection, "graph.relationships"), draft.notes
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
