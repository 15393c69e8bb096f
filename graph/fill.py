"""How well the loaded rows are filled: for each dataset its rows, the share of each field, and the whole rows.

Counted in DuckDB over the staged tables, one pass a dataset, and kept until the workspace's database changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from graph.draft import quoted
from resolution.workspace import Workspace

Fields = tuple[str, ...]
Needs = Mapping[str, frozenset[Fields]]
"""By dataset, the sets of fields of which a row may need all; every field of a set is measured alone too."""

_measured: dict[str, tuple[object, dict[str, Fill]]] = {}


@dataclass(frozen=True)
class Fill:
    """A dataset as it was loaded."""

    rows: int
    shares: dict[str, float]
    """Share of the rows in which a field is filled, 0 to 1, by field."""
    whole: dict[Fields, int]
    """Rows that have all fields of a set."""


def measure(workspace: Workspace, needs: Needs) -> dict[str, Fill] | None:
    """The fill of every dataset of `needs` that is loaded; a column that the table lacks is filled nowhere.

    None when nothing is loaded here. While another process has the database open, what was measured before is
    answered, and None when nothing was.
    """
    path = workspace.duckdb_path
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    stamp = (status.st_mtime_ns, status.st_size, tuple(sorted(needs.items())))
    known = _measured.get(str(path))
    if known and known[0] == stamp:
        return known[1]
    try:
        found = _count(path, needs)
    except duckdb.Error:
        return known[1] if known else None
    _measured[str(path)] = (stamp, found)
    return found


def _count(path: object, needs: Needs) -> dict[str, Fill]:
    found = {}
    # no settings: a connection with other settings than one that this process has open already is refused
    with duckdb.connect(str(path), read_only=True) as connection:
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'staged'"
        ).fetchall():
            tables.setdefault(table, {})[column] = kind
        for dataset in sorted(needs.keys() & tables.keys()):
            found[dataset] = _pass(connection, dataset, sorted(needs[dataset]), tables[dataset])
    return found


def _pass(connection: duckdb.DuckDBPyConnection, dataset: str, sets: list[Fields], columns: dict[str, str]) -> Fill:
    """One pass over one table."""
    fields = sorted({field for each in sets for field in each})

    def filled(field: str) -> str:
        if field not in columns:
            return "false"
        # an empty text is as good as none, and no other type has such
        return f"{quoted(field)} <> ''" if columns[field] == "VARCHAR" else f"{quoted(field)} IS NOT NULL"

    counted = [filled(field) for field in fields]
    counted += [" AND ".join(map(filled, each)) or "true" for each in sets]
    query = ", ".join(["count(*)", *(f"count(*) FILTER ({condition})" for condition in counted)])
    row = connection.execute(f"SELECT {query} FROM staged.{quoted(dataset)}").fetchone()
    assert row is not None
    rows, alone, together = row[0], row[1 : 1 + len(fields)], row[1 + len(fields) :]
    return Fill(
        rows,
        {field: count / rows if rows else 0.0 for field, count in zip(fields, alone, strict=True)},
        dict(zip(sets, together, strict=True)),
    )
