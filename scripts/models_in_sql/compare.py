"""The models beside the same rules written by hand in SQL: whether they find the same, and how long each takes.

A model that has a file `<id>.sql` here is compared: one SELECT over the resolved tables of the workspace, with the
parameters of the model under their names; its first line says which columns make a clue this one.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from graph.catalogue import catalogue
from graph.connection import Graph, GraphUnavailable
from graph.detect import DetectError, Run, default_as_of, published, run_model
from graph.masking import install
from graph.model import Model
from graph.readiness import readiness
from resolution.source_files import read_sources
from resolution.workspace import MEMORY_LIMIT, Workspace

HERE = Path(__file__).parent
THREADS = 2
REPEATS = 2
"""Timed runs after the first; the best of them counts."""
_IDENTITY = re.compile(r"-- identity: (.+)")

Said = Callable[[str], None]


@dataclass
class Line:
    """One model: clues, seconds of the first and of the best later run, the same for SQL, and what differs."""

    model: str
    title: str
    clues: int | None = None
    cypher_first: float | None = None
    cypher: float | None = None
    limit: float = 0.0
    problem: str = ""
    sql_clues: int | None = None
    sql_first: float | None = None
    sql: float | None = None
    sql_problem: str = ""
    both: int | None = None
    only_cypher: list[list[Any]] | None = None
    only_sql: list[list[Any]] | None = None

    @property
    def ratio(self) -> float | None:
        """How many times as long as SQL the model takes; None when one of them did not run."""
        return self.cypher / self.sql if self.cypher is not None and self.sql else None

    def as_dict(self) -> dict[str, Any]:
        """As JSON takes it; of what differs, the first 20."""
        shown = {name: value[:20] if isinstance(value, list) else value for name, value in asdict(self).items()}
        counted = {
            f"{name}_count": len(shown[name]) if shown[name] is None else len(getattr(self, name))
            for name in ("only_cypher", "only_sql")
            if shown[name] is not None
        }
        return {**shown, **counted, "ratio": self.ratio}


def compare(
    workspace: Workspace, models: list[str] | None, as_of: date | None, min_confidence: float, say: Said
) -> list[Line]:
    """Time these models (default: all) on the graph published, and those that have SQL beside it.

    What fails is said in its line, and the others go on; only a Neo4j that stays away ends the comparison.
    Raises DetectError when nothing is published, KeyError for an unknown model.
    """
    known = catalogue()
    for fault in known.faults:
        say(str(fault))
    chosen = known.select(models)
    with Graph(workspace) as graph:
        loaded = published(graph)
        day = as_of or default_as_of(graph)
        if day is None:
            raise DetectError("the loaded data names no event day: give --as-of YYYY-MM-DD")
        able = readiness(workspace, chosen, loaded)
        say(f"as of {day}, {sum(loaded.values()):,} rows in the graph")
        lines = []
        for number, model in enumerate(chosen, 1):
            say(f"{number}/{len(chosen)} {model.id} {model.slug}")
            line = Line(model.id, model.title, limit=model.timeout_seconds)
            lines.append(line)
            given = model.parameters({})
            run = _time_cypher(
                line, lambda m=model, g=given: run_model(graph, m, day, g, min_confidence, able.get(m.id)), say
            )
            if (HERE / f"{model.id}.sql").exists():
                _beside(line, workspace, model, {**given, "as_of": day, "min_confidence": min_confidence}, run, say)
    return lines


def _time_cypher(line: Line, once: Callable[[], Run], say: Said) -> Run | None:
    run = None
    for repeat in range(1 + REPEATS):
        try:
            run = once()
        except GraphUnavailable as error:
            # the engine went down under this model: it is started again for the next one
            line.problem = str(error)
            say(f"   {line.problem}")
            return None
        if run.problem:
            line.problem = run.problem
            say(f"   {run.problem} ({run.seconds:.1f} s)")
            return None
        if repeat == 0:
            line.cypher_first, line.clues = run.seconds, len(run.clues)
            if run.truncated:
                line.problem = f"cut at {line.clues} rows"
        else:
            line.cypher = min(run.seconds, line.cypher or run.seconds)
        say(f"   Cypher {run.seconds:.3f} s, {len(run.clues)} clues")
    return run


def _beside(line: Line, workspace: Workspace, model: Model, bound: dict[str, Any], run: Run | None, say: Said) -> None:
    """The same rule in SQL, timed and compared clue by clue."""
    text = (HERE / f"{model.id}.sql").read_text(encoding="utf-8")
    stated = _IDENTITY.match(text)
    identity = [name.strip() for name in stated[1].split(",")] if stated else []
    if identity != list(model.identity):
        line.sql_problem = f"{model.id}.sql: write `-- identity: {', '.join(model.identity)}` in its first line"
        say(f"   {line.sql_problem}")
        return
    names = set(re.findall(r"\$(\w+)", text))
    try:
        with opened(workspace) as connection:
            for repeat in range(1 + REPEATS):
                started = time.monotonic()
                found = connection.execute(text, {name: bound[name] for name in names})
                columns = [column[0] for column in found.description or []]
                rows = found.fetchall()
                seconds = time.monotonic() - started
                if repeat == 0:
                    line.sql_first = seconds
                else:
                    line.sql = min(seconds, line.sql or seconds)
                say(f"   SQL    {seconds:.3f} s, {len(rows)} rows")
    except duckdb.Error as error:
        line.sql_problem = f"{model.id}.sql: {error}"
        say(f"   {line.sql_problem}")
        return
    places = [columns.index(name) for name in identity]
    in_sql = {tuple(row[place] for place in places) for row in rows}
    line.sql_clues = len(in_sql)
    if run is not None:
        in_graph = {tuple(clue.columns[name] for name in identity) for clue in run.clues}
        line.both = len(in_graph & in_sql)
        line.only_cypher = sorted(map(list, in_graph - in_sql))
        line.only_sql = sorted(map(list, in_sql - in_graph))


def opened(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """The workspace's DuckDB, read-only, with the views that the rules share.

    `link`: row, role → entity; `parcel_number`: certificate → property; `known`: the day from which a row exists;
    `address_in_use`: addresses that are places of the graph.
    """
    connection = duckdb.connect(
        str(workspace.duckdb_path),
        read_only=True,
        config={"threads": THREADS, "memory_limit": MEMORY_LIMIT, "enable_external_access": "false"},
    )
    install(connection)
    connection.execute((HERE / "links.sql").read_text(encoding="utf-8"))
    sources = [source for source in read_sources().values() if _staged(connection, source.name)]
    days = [
        f"SELECT '{source.name}/' || \"recordId\" AS key, {_day(source.fact.on, source)} AS day"
        f' FROM staged."{source.name}"'
        for source in sources
        if any(mention.phone or mention.address for mention in source.mentions.values())
    ]
    connection.execute(f"CREATE TEMP VIEW known AS {' UNION ALL '.join(days)}")
    used = [
        f'SELECT "{place.column}" AS value FROM staged."{source.name}"'
        for source in sources
        for place in source.fact.places
    ]
    used.append("SELECT address AS value FROM entity_addresses")
    connection.execute(f"CREATE TEMP VIEW address_in_use AS {' UNION ALL '.join(used)}")
    return connection


def _day(column: str | None, source: Any) -> str:
    if column is None:
        return "DATE '1900-01-01'"
    day = f'make_date("{column}", 1, 1)' if source.columns[column].type == "year" else f'"{column}"::DATE'
    return f"coalesce({day}, DATE '1900-01-01')"


def _staged(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'staged' AND table_name = ?", [name]
    ).fetchone()
    return bool(found and found[0])


def table(lines: Iterable[Line]) -> str:
    """The lines as a table in Markdown: seconds are the best run after the first."""
    rows = [
        "| model | clues | Cypher first s | Cypher s | SQL s | ratio | in both | only Cypher | only SQL | |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        cells = [
            line.model, _count(line.clues), _seconds(line.cypher_first), _seconds(line.cypher), _seconds(line.sql),
            "" if line.ratio is None else f"{line.ratio:.1f}", _count(line.both),
            _count(None if line.only_cypher is None else len(line.only_cypher)),
            _count(None if line.only_sql is None else len(line.only_sql)),
            "; ".join(filter(None, (line.problem, line.sql_problem))).replace("\n", " ").replace("|", "/"),
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.3f}"


def as_json(lines: Iterable[Line]) -> str:
    """The lines as JSON."""
    return json.dumps([line.as_dict() for line in lines], ensure_ascii=False, indent=1, default=str)
