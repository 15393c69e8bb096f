"""Who is this? Questions with any fields are answered by the entities that they may be about.

The same parsers, blocks, comparisons and frequencies as in a run; a question stands where a row without a number
would stand, and its candidates are weighed against each other and against one who stands in no register.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from resolution import lookup
from resolution.candidates import Answer, weighed
from resolution.question import Question, profiles
from resolution.reading import NotResolved, Reader
from resolution.settings import KINDS, Kind, Settings, read_settings
from resolution.weights import level_columns
from resolution.workspace import WorkspaceError

MOST = 100  # questions at a time
CHUNK = 500  # values of one look-up
ROWS = 50  # inserted at a time


class Matcher:
    """Answers questions from the look-up file; safe for threads, one batch at a time."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._file: Path | None = None
        self._workspace_stamp: tuple[int, int] | None = None

    def refresh(self) -> None:
        """Make the look-up file anew where the resolved data has changed. Raises WorkspaceBusy, NotResolved.

        It takes a second for 20,000 rows and grows with them; who asks meanwhile is answered from the former file.
        """
        with self._making:
            stamp = self._database_stamp()
            if stamp is None or stamp != self._workspace_stamp or lookup.current(self.reader.workspace) is None:
                lookup.build(self.reader)
                self._workspace_stamp = stamp

    def refresh_aside(self, patience: float) -> None:
        """See that the file fits, but wait no longer than `patience` seconds where a former one can answer.

        Raises WorkspaceBusy and NotResolved only where there is none.
        """
        there = lookup.current(self.reader.workspace) is not None
        if there and self._database_stamp() == self._workspace_stamp:
            return
        if not there:
            self.refresh()
        elif not self._making.locked():
            making = threading.Thread(target=self._refresh_quietly, daemon=True)
            making.start()
            making.join(patience)

    def _refresh_quietly(self) -> None:
        # the workspace is being written: the next question tries again
        with suppress(WorkspaceError):
            self.refresh()

    def _database_stamp(self) -> tuple[int, int] | None:
        database = self.reader.workspace.duckdb_path
        if not database.exists():
            return None
        stat = database.stat()
        return stat.st_mtime_ns, stat.st_size

    def match(self, questions: Sequence[Question]) -> list[Answer]:
        """The answers, in order. Raises QuestionError, and NotResolved before the first `refresh`."""
        answers: dict[int, Answer] = {}
        with self._lock:
            connection = self._open()
            made = profiles(questions, *self._taught)
            for kind in KINDS:
                chosen = [number for number, question in enumerate(questions) if question.kind == kind]
                if chosen:
                    asked = [(number, questions[number], made[number]) for number in chosen]
                    answers |= _answered(connection, self._settings[kind], self._entities[kind], asked)
        return [answers[number] for number in range(len(questions))]

    def known(self, entity_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Facts of entities by id; ids that are not there are left out."""
        with self._lock:
            connection = self._open()
            found: dict[str, dict[str, Any]] = {}
            for kind in KINDS:
                for row in _in(connection, f"SELECT * FROM {kind}_entity WHERE entity_id IN ({{}})", entity_ids):
                    found[row["entity_id"]] = row | {"kind": kind}
        return found

    def beginning(self, prefix: str, kinds: Iterable[Kind], limit: int) -> list[dict[str, Any]]:
        """Entities whose name begins so, by name; an index of the column bounds the look-up."""
        found: list[dict[str, Any]] = []
        with self._lock:
            connection = self._open()
            for kind in kinds:
                query = f"""SELECT * FROM {kind}_entity WHERE name >= ? AND name < ? ORDER BY name, entity_id LIMIT ?"""
                rows = _rows(connection.execute(query, [prefix, prefix + "\U0010ffff", limit]))
                found += [row | {"kind": kind} for row in rows]
        return found[:limit]

    def _open(self) -> duckdb.DuckDBPyConnection:
        """The look-up file in place; a file that was replaced is opened anew."""
        file = lookup.current(self.reader.workspace)
        if file is None:
            raise NotResolved("nothing to look up yet: run cluegraph resolve first")
        if self._connection is None or file != self._file:
            if self._connection is not None:
                self._connection.close()
            connection = lookup.opened(file)
            self._settings = {kind: read_settings(kind) for kind in KINDS}
            self._entities = dict(connection.execute("SELECT kind, entities FROM population").fetchall())
            self._taught = lookup.learnt(connection)
            for kind in KINDS:
                _prepare(connection, self._settings[kind])
            self._connection, self._file = connection, file
        return self._connection


def _prepare(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Temporary tables for a batch, and its statements planned once."""
    kind = settings.kind
    connection.execute(f"CREATE TEMP TABLE {kind}_asked AS SELECT 0::BIGINT AS q, * FROM {kind}_row LIMIT 0")
    connection.execute(f"CREATE TEMP TABLE {kind}_taken AS SELECT * FROM {kind}_row LIMIT 0")
    connection.execute(f"CREATE TEMP TABLE {kind}_asked_of (q BIGINT, number BIGINT)")
    if settings.comparison:
        connection.execute(
            f"""PREPARE {kind}_score AS SELECT q, r.number, {level_columns(settings)}
            FROM {kind}_asked l JOIN {kind}_asked_of o USING (q) JOIN {kind}_taken r ON r.number = o.number"""
        )


Asked = tuple[int, Question, dict[str, Any]]


def _answered(
    connection: duckdb.DuckDBPyConnection, settings: Settings, entities: float, asked: list[Asked]
) -> dict[int, Answer]:
    """Answers of one kind by question."""
    kind = settings.kind
    for _, _, profile in asked:
        _cool(connection, kind, profile)
    pairs, rows = _candidates(connection, settings, asked)
    for number, _, profile in asked:
        _doubt(profile, [rows[row] for row in pairs.get(number, ())], settings)
    scored: dict[tuple[int, int], tuple[Any, ...]] = {}
    if settings.comparison:
        _fill(connection, kind, asked)
        scored = _scored(connection, settings, pairs)
    wanted = {rows[row]["entity_id"] for found in pairs.values() for row in found}
    facts = {
        row["entity_id"]: row
        for row in _in(connection, f"SELECT * FROM {kind}_entity WHERE entity_id IN ({{}})", sorted(wanted))
    }
    bearers = _bearers(connection, kind, asked)
    answers = {}
    for number, question, profile in asked:
        found = [(rows[row], scored.get((number, row))) for row in pairs.get(number, ())]
        answers[number] = weighed(settings, entities, question, profile, found, facts, bearers)
    return answers


def _fill(connection: duckdb.DuckDBPyConnection, kind: Kind, asked: list[Asked]) -> None:
    connection.execute(f"DELETE FROM {kind}_asked")
    columns = [
        name for name in dict.fromkeys(name for _, _, profile in asked for name in profile) if not name.startswith("_")
    ]
    _insert(
        connection,
        f"{kind}_asked (q, {', '.join(columns)})",
        [(number, *(profile.get(name) for name in columns)) for number, _, profile in asked],
    )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """A few rows into a temporary table; they go in as parameters."""
    for start in range(0, len(rows), ROWS):
        part = rows[start : start + ROWS]
        marks = f"({', '.join('?' * len(part[0]))})"
        connection.execute(
            f"INSERT INTO {table} VALUES {', '.join([marks] * len(part))}", [cell for row in part for cell in row]
        )


def _candidates(
    connection: duckdb.DuckDBPyConnection, settings: Settings, asked: list[Asked]
) -> tuple[dict[int, list[int]], dict[int, dict[str, Any]]]:
    """Rows to weigh by question, and those rows: index look-ups only."""
    kind = settings.kind
    asking: dict[int, list[int]] = defaultdict(list)
    for number, _, profile in asked:
        for key in lookup.keys(settings, profile):
            asking[key].append(number)
    pairs: dict[int, dict[int, None]] = defaultdict(dict)
    for row in _in(connection, f"SELECT key, number FROM {kind}_key WHERE key IN ({{}})", sorted(asking)):
        for q in asking[row["key"]]:
            pairs[q][row["number"]] = None
    numbers = sorted({number for found in pairs.values() for number in found})
    connection.execute(f"DELETE FROM {kind}_taken")
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        marks = ", ".join("?" * len(part))
        connection.execute(f"INSERT INTO {kind}_taken SELECT * FROM {kind}_row WHERE number IN ({marks})", part)
    rows = {row["number"]: row for row in _rows(connection.execute(f"SELECT * FROM {kind}_taken"))}
    return {q: list(found) for q, found in pairs.items()}, rows


def _scored(
    connection: duckdb.DuckDBPyConnection, settings: Settings, pairs: dict[int, list[int]]
) -> dict[tuple[int, int], tuple[Any, ...]]:
    """Levels and bits of each question with each of its rows."""
    both = [(q, row) for q, found in pairs.items() for row in found]
    if not both:
        return {}
    connection.execute(f"DELETE FROM {settings.kind}_asked_of")
    _insert(connection, f"{settings.kind}_asked_of", both)
    return {(row[0], row[1]): row[2:] for row in connection.execute(f"EXECUTE {settings.kind}_score").fetchall()}


def _in(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows whose indexed column holds one of the values, which go in as parameters."""
    found = []
    for start in range(0, len(values), CHUNK):
        part = list(values[start : start + CHUNK])
        found += _rows(connection.execute(query.format(", ".join("?" * len(part))), part))
    return found


def _rows(answer: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _cool(connection: duckdb.DuckDBPyConnection, kind: Kind, profile: dict[str, Any]) -> None:
    """A phone that very many give ties nobody."""
    if kind in ("person", "company") and profile.get("phone"):
        known = connection.execute(f"SELECT 1 FROM {kind}_hot_phone WHERE phone = ?", [profile["phone"]]).fetchall()
        if known:
            profile["phone"] = None


def _doubt(profile: dict[str, Any], rows: list[dict[str, Any]], settings: Settings) -> None:
    """A sound number whose bearers all have another name says nothing about who is asked for, as in a run."""
    number = profile.get("id_valid")
    if not number or not profile.get("name"):
        return
    bearers = [row for row in rows if row.get("id_valid") == number]
    if bearers and not any(_compatible(profile, row) for row in bearers):
        profile |= {"id_valid": None, "id_number": None, "_doubted": True}


def _compatible(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return any(
        a.get(name) is not None and a.get(name) == b.get(name) for name in ("name", "pinyin", "shape", "fuzzy")
    ) or (bool(a.get("titled") or b.get("titled")) and a.get("surname") == b.get("surname"))


def _bearers(connection: duckdb.DuckDBPyConnection, kind: Kind, asked: list[Asked]) -> dict[str, int]:
    """How many known people bear the names asked for."""
    if kind != "person":
        return {}
    names = sorted({profile["name"] for _, _, profile in asked if profile.get("name")})
    rows = _in(connection, "SELECT name, bearers FROM name_bearers WHERE name IN ({})", names)
    return {row["name"]: row["bearers"] for row in rows}
