"""The desired graph as files that Neo4j's offline import reads, written by DuckDB into the exchange folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from graph.bulk import ARRAY_DELIMITER, NodeFile, RelationshipFile
from graph.desired import Desired
from graph.draft import RELATIONSHIP_PROPERTIES, NodeTable, literal, quoted
from resolution.workspace import Workspace

IMPORT_TYPES = {
    "VARCHAR": "string",
    "DATE": "date",
    "TIMESTAMP": "localdatetime",
    "DOUBLE": "double",
    "BIGINT": "long",
    "INTEGER": "long",
    "BOOLEAN": "boolean",
    "VARCHAR[]": "string[]",
    "BIGINT[]": "long[]",
}
"""DuckDB type → type in the header of an import file."""


@contextmanager
def written(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, desired: Desired, publication: str
) -> Iterator[tuple[list[NodeFile], list[RelationshipFile]]]:
    """The files, for as long as the block runs; `publication` is the id that the store will bear.

    Files that a killed run left behind are removed first.
    """
    folder = workspace.exchange / "publish"
    _empty(folder)
    folder.mkdir(mode=0o700)
    try:
        nodes = [
            NodeFile(_write(connection, _nodes(table), folder / f"{table.label}.csv"), labels=table.labels)
            for table in desired.tables
        ]
        marker = f"""SELECT 'publication' AS "key:ID", {literal(publication)} AS id"""
        nodes.append(NodeFile(_write(connection, marker, folder / "Publication.csv"), labels=("Publication",)))
        edges = RelationshipFile(_write(connection, _relationships(), folder / "relationships.csv"))
        yield nodes, [edges]
    finally:
        _empty(folder)


def _empty(folder: Path) -> None:
    if folder.exists():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> Path:
    connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT csv, HEADER)")
    path.chmod(0o600)
    return path


def _nodes(table: NodeTable) -> str:
    columns = ['key AS "key:ID"']
    columns += [_column(name, kind) for name, kind in table.columns.items() if name != "key"]
    return f"SELECT {', '.join(columns)} FROM {table.name}"


def _relationships() -> str:
    columns = ", ".join(_column(name, kind) for name, kind in RELATIONSHIP_PROPERTIES.items())
    return (
        f"""SELECT from_key AS ":START_ID", to_key AS ":END_ID", type AS ":TYPE", {columns} FROM graph.relationships"""
    )


def _column(name: str, kind: str) -> str:
    """The column in the form that the import reads; NULL is written as nothing at all, which is an absent property."""
    column = quoted(name)
    header = quoted(f"{name}:{IMPORT_TYPES[kind]}")
    if kind.endswith("[]"):
        return f"array_to_string({column}, {literal(ARRAY_DELIMITER)}) AS {header}"
    if kind == "TIMESTAMP":
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%f') AS {header}"
    return f"{column} AS {header}"
