"""What leaves the service as files: clues, entities, rejected rows, the graph. No file holds a full number."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import csv as arrow_csv

from api import queries
from resolution.workspace import Workspace

FORMATS = {
    "clues": ("jsonl", "csv", "xlsx"),
    "entities": ("csv", "jsonl", "xlsx"),
    "rejects": ("csv", "jsonl", "xlsx"),
    "graph": ("graphml", "gexf"),
}
LARGEST_GRAPH = 50_000  # nodes: more than that no program draws
LARGEST_SHEET = 1_048_575  # rows that a sheet holds below its header

ENTITIES = """
SELECT m.dataset, m.record_id, m.role, m.kind, e.entity_id, e.probability
FROM mentions m JOIN entity_of e USING (mention_id)
ORDER BY m.dataset, m.record_id, m.role
"""
REJECTS = "SELECT dataset, file, line, column_name, value, reason FROM rejects ORDER BY dataset, file, line"
MISSING = {"entities": "run `cluegraph resolve` first", "rejects": "run `cluegraph load` first"}


class ExportError(Exception):
    """Nothing can be written; the message says what to do."""


def export(workspace: Workspace, what: str, form: str, path: Path) -> tuple[int, str]:
    """Write the file, whole or not at all; returns how much was written, and of what."""
    if what == "clues":
        from graph import clue_files
        from graph.clues import ClueStore

        return clue_files.write(ClueStore(workspace).every(), path, form), "clues"
    with _whole(path) as part:
        if what == "graph":
            return _graph(workspace, form, part)
        return _table(workspace, what, form, part), {"entities": "mentions", "rejects": "rejected rows"}[what]


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _table(workspace: Workspace, what: str, form: str, path: Path) -> int:
    with closing(workspace.connect()) as connection:
        try:
            batches = connection.sql(ENTITIES if what == "entities" else REJECTS).to_arrow_reader(50_000)
        except duckdb.CatalogException as error:
            raise ExportError(f"There are no {what} in {workspace.home}: {MISSING[what]}.") from error
        assert batches is not None
        # a record id must come out as it went in; what an agency typed wrong may be a formula
        escape = what == "rejects"
        if form == "csv":
            return _csv(batches, path, escape=escape)
        rows = (row for batch in batches for row in batch.to_pylist())
        return _jsonl(rows, path) if form == "jsonl" else _xlsx(rows, batches.schema.names, path)


def _csv(batches: pa.RecordBatchReader, path: Path, *, escape: bool) -> int:
    count = 0
    if escape:
        from graph.clue_files import escaped

        with path.open("w", encoding="utf-8-sig", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(batches.schema.names)
            for batch in batches:
                for row in zip(*batch.to_pydict().values(), strict=True):
                    writer.writerow([escaped(cell) if isinstance(cell, str) else cell for cell in row])
                count += batch.num_rows
        return count
    with path.open("wb") as file:
        file.write((",".join(batches.schema.names) + "\n").encode())
        with arrow_csv.CSVWriter(
            file, batches.schema, write_options=arrow_csv.WriteOptions(include_header=False)
        ) as out:
            for batch in batches:
                out.write_batch(batch)
                count += batch.num_rows
    return count


def _jsonl(rows: Iterable[dict[str, Any]], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
    return count


def _xlsx(rows: Iterable[dict[str, Any]], names: list[str], path: Path) -> int:
    import xlsxwriter

    from graph.clue_files import escaped

    count = 0
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for place, name in enumerate(names):
            sheet.write_string(0, place, name)
        for count, row in enumerate(rows, 1):
            if count > LARGEST_SHEET:
                raise ExportError(f"More than {LARGEST_SHEET:,} rows: no sheet holds them; take --format csv.")
            for place, value in enumerate(row.values()):
                if isinstance(value, str):
                    sheet.write_string(count, place, escaped(value))
                elif value is not None:
                    sheet.write_number(count, place, value)
    return count


def _graph(workspace: Workspace, form: str, path: Path) -> tuple[int, str]:
    import networkx

    from graph.connection import Graph

    with Graph(workspace) as source:
        total = source.read(queries.ALL_COUNT)[0]["total"]
        drawn = networkx.MultiDiGraph()
        for row in source.read(queries.ALL_NODES, {"limit": LARGEST_GRAPH}, timeout=300):
            drawn.add_node(row["key"], label=row["label"], name=row["name"] or "", dataset=row["dataset"] or "")
        for row in source.read(queries.ALL_EDGES, {"keys": list(drawn)}, timeout=300):
            drawn.add_edge(
                row["source"],
                row["target"],
                type=row["type"],
                probability=_number(row["probability"]),
                role=row["role"] or "",
            )
    write = networkx.write_graphml if form == "graphml" else networkx.write_gexf
    write(drawn, str(path), encoding="utf-8")
    left_out = f" of {total:,} (a file holds at most {LARGEST_GRAPH:,})" if total > len(drawn) else ""
    return len(drawn), f"nodes{left_out} and {drawn.number_of_edges():,} relationships"


def _number(value: float | None) -> float:
    return 1.0 if value is None else float(value)
