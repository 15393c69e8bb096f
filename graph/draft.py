"""The desired graph while it is being written: what `nodes`, `relationships` and `derived` add to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from resolution.entities import AS_PUBLISHED
from resolution.source import Source
from resolution.workspace import Workspace

RELATIONSHIP_PROPERTIES = {
    "probability": "DOUBLE",
    "role": "VARCHAR",
    "match": "VARCHAR",
    "records": "VARCHAR[]",
    "words": "VARCHAR[]",
    "positions": "BIGINT[]",
}
"""All properties that a relationship may have, with their DuckDB types."""


def quoted(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as an SQL literal; for names out of our own source files, never for data."""
    return "'" + text.replace("'", "''") + "'"


def staged(source: Source) -> str:
    """The table of the source's rows."""
    return f"staged.{quoted(source.name)}"


@dataclass(frozen=True)
class NodeTable:
    """Nodes of one label: `graph."node_<Label>"` with a typed column a property."""

    general: str
    label: str
    columns: dict[str, str]
    """Property → DuckDB type, `key` first, without `hash`."""

    @property
    def name(self) -> str:
        """The table, as it stands in SQL."""
        return f"graph.{quoted('node_' + self.label)}"

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels that the nodes bear."""
        return tuple(dict.fromkeys((self.general, self.label)))


@dataclass
class Draft:
    """A build in progress, inside a transaction of `connection`."""

    workspace: Workspace
    connection: duckdb.DuckDBPyConnection
    sources: Sequence[Source]
    tables: list[NodeTable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Drop the former nodes and open an empty list of relationships."""
        former = self.connection.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'graph' AND starts_with(table_name, 'node_')"
        ).fetchall()
        for (name,) in former:
            self.connection.execute(f"DROP TABLE graph.{quoted(name)}")
        columns = ", ".join(f"{name} {kind}" for name, kind in RELATIONSHIP_PROPERTIES.items())
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE drawn"
            f" (type VARCHAR, from_general VARCHAR, from_key VARCHAR, to_general VARCHAR, to_key VARCHAR, {columns})"
        )

    def add_nodes(self, general: str, label: str, query: str) -> None:
        """Make the label's table from a query whose columns are `key` and the properties."""
        table = NodeTable(general, label, {})
        self.connection.execute(f"CREATE TABLE {table.name} AS SELECT *, hash(nodes) AS hash FROM ({query}) nodes")
        shape = self.connection.execute(f"DESCRIBE {table.name}").fetchall()
        table.columns.update({str(column): str(kind) for column, kind, *_ in shape if column != "hash"})
        self.tables.append(table)

    def add_relationships(self, query: str) -> None:
        """Add relationships; the query names the columns of `drawn` that it fills.

        No two of them may have the same type and ends.
        """
        self.connection.execute(f"INSERT INTO drawn BY NAME {query}")

    def finish(self) -> None:
        """Leave `graph.nodes` and `graph.relationships`."""
        nodes = " UNION ALL ".join(
            f"SELECT key, {literal(table.general)} AS general, {literal(table.label)} AS label, hash FROM {table.name}"
            for table in self.tables
        )
        self.connection.execute(f"CREATE OR REPLACE TABLE graph.nodes AS {nodes}")
        properties = ", ".join(RELATIONSHIP_PROPERTIES)
        # a record may have gone since it was resolved, and a relationship needs both ends
        self.connection.execute(f"""
            CREATE OR REPLACE TABLE graph.relationships AS
            SELECT r.*, hash({properties}) AS hash FROM (SELECT * REPLACE ({AS_PUBLISHED} AS probability) FROM drawn) r
            SEMI JOIN graph.nodes a ON a.key = r.from_key
            SEMI JOIN graph.nodes b ON b.key = r.to_key
        """)
        self.connection.execute("DROP TABLE drawn")

    def hashes(self, kind: str, query: str) -> pa.Table:
        """The distinct values of the query with their keyed hashes, as `Workspace.hash` gives them."""
        values = self.connection.sql(query).to_arrow_table().column(0).to_pylist()
        digests = [self.workspace.hash(kind, value) for value in values]
        return pa.table({"value": pa.array(values, pa.string()), "hash": pa.array(digests, pa.string())})
