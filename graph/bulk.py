"""The whole graph at once: built aside by Neo4j's offline import, then served in place of the one before.

Three stores take turns: the one that is served, the one before it (for `roll_back`), and the next. The import runs
beside a running server; `switch` restarts it under the other name. Killed at any point, the old store is served or the
new one, and what a killed import left is removed by the next.

The files
---------
CSV in UTF-8, all in one folder, as DuckDB writes it with `COPY (SELECT …) TO '….csv' (FORMAT csv, HEADER)`.

*Columns* are named as Neo4j's importer wants them, type included: `"key:ID"` (the node's key, kept as property `key`),
`":START_ID"`, `":END_ID"`, then properties `"name"`, `"knownFrom:date"`, `"calledAt:localdatetime"`,
`"amount:double"`, `"rows:long"`, `"branch:boolean"`, `"names:string[]"`. Labels and type come with the file
(`NodeFile.labels`, `RelationshipFile.type`) or in columns `":LABEL"` (several as a list) and `":TYPE"`.

*Values*: NULL is written as nothing and gives no property; '' is written as "" and gives an empty string; quotation
marks are doubled; commas and line breaks may stand inside quotation marks; a backslash is nothing special; nothing is
trimmed. Dates as 2024-03-05; timestamps by `strftime(t, '%Y-%m-%dT%H:%M:%S.%f')`; booleans as true and false. Lists:
`array_to_string(names, ARRAY_DELIMITER)`, whose items may hold anything but that separator; an empty list gives no
property, and a list of one empty text neither.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graph import server
from graph.configuration import folder, heap
from graph.connection import Graph, GraphError
from graph.engine import run_admin
from graph.server import Server, ServerError
from resolution.workspace import Workspace

STORES = ("graph-1", "graph-2", "graph-3")
ARRAY_DELIMITER = "\x1f"
"""Unit separator: no agency text holds it."""
SYSTEM = "system"
_FILE_NAME = re.compile(r"[A-Za-z0-9][\w.-]*\.csv", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z]\w*", re.ASCII)


class BulkError(Exception):
    """The graph could not be built aside, or not be switched to; the one before is served. Says what to do."""


@dataclass(frozen=True)
class NodeFile:
    """Nodes; `labels` are those that all of them have."""

    path: Path
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class RelationshipFile:
    """Relationships; all of `type`, when it is given."""

    path: Path
    type: str = ""


def possible() -> bool:
    """Whether the graph can be built aside: not in a Neo4j that NEO4J_URI names, whose files are elsewhere."""
    return server.external() is None


def import_aside(workspace: Workspace, nodes: Sequence[NodeFile], relationships: Sequence[RelationshipFile]) -> str:
    """Build a graph of these files in a store aside and return its name, for `switch`.

    Every key must be unique and every relationship must find both ends, or nothing is built. One import at a time: the
    caller sees to that. Raises BulkError.
    """
    _refuse_external()
    place = _check_files([*(file.path for file in nodes), *(file.path for file in relationships)])
    for token in [label for file in nodes for label in file.labels] + [
        file.type for file in relationships if file.type
    ]:
        if not _TOKEN.fullmatch(token):
            raise BulkError(f"{token!r} cannot be a label or a type: letters and digits only")
    remove_unused(workspace)
    kept = server.settings(workspace)
    name = next(store for store in STORES if store not in (kept.database, kept.former))
    arguments = [
        *("database", "import", "full"),
        *(f"--nodes={_named(':'.join(file.labels), file.path)}" for file in nodes),
        *(f"--relationships={_named(file.type, file.path)}" for file in relationships),
        # the two above take all names that follow, so an option has to follow
        f"--array-delimiter=U+{ord(ARRAY_DELIMITER):04X}",
        *("--multiline-fields=true", "--bad-tolerance=0", "--verbose"),
        f"--report-file={folder(workspace, 'logs') / 'import.report'}",
        f"--max-off-heap-memory={os.environ.get('CLUEGRAPH_NEO4J_IMPORT_MEMORY', '2g')}",
        name,
    ]
    try:
        run_admin(workspace, arguments, memory=heap(), within=place)
    except ServerError as error:
        _remove(workspace, name)
        raise BulkError(f"{error} The graph that is served is unchanged: mend the rows and publish again") from error
    return name


def switch(workspace: Workspace, name: str, *, prepare: Iterable[str] = ()) -> Server:
    """Serve the store `name` in place of the present one, which is kept for `roll_back`.

    `prepare`: schema statements (`ontology.constraints()`) that must succeed and whose indexes must be filled before
    the switch counts; if they do not, the store before is served again. Raises BulkError.
    """
    _refuse_external()
    with server.locked(workspace):
        kept = server.settings(workspace)
        if not _store(workspace, name).exists():
            raise BulkError(f"there is no store {name}: publish again")
        if name != kept.database:
            former = kept.database if _store(workspace, kept.database).exists() else None
            server.remember(workspace, replace(kept, database=name, former=former))
        try:
            serving = server.restart(workspace)
        except ServerError as error:
            _go_back(workspace, kept)
            raise BulkError(f"the new graph did not start, the one before is served: {error}") from error
    try:
        _prepare(workspace, prepare)
    except GraphError as error:
        with server.locked(workspace):
            _go_back(workspace, kept)
        raise BulkError(f"the new graph does not keep its constraints, the one before is served: {error}") from error
    remove_unused(workspace)
    return serving


def roll_back(workspace: Workspace) -> Server:
    """Serve the store that was served before the last switch; the present one becomes the one before.

    Raises BulkError when there is none.
    """
    _refuse_external()
    former = server.settings(workspace).former
    if former is None or not _store(workspace, former).exists():
        raise BulkError("there is no earlier graph to go back to: load the earlier files and publish again")
    return switch(workspace, former)


def remove_unused(workspace: Workspace) -> None:
    """Remove every store that is neither served nor the one before: older ones, and what a killed import left."""
    kept = server.settings(workspace)
    for parent in ("databases", "transactions"):
        for path in (workspace.neo4j_home / "data" / parent).glob("*/"):
            if path.name not in (SYSTEM, kept.database, kept.former):
                shutil.rmtree(path)


def _named(name: str, path: Path) -> str:
    return f"{name}=./{path.name}" if name else f"./{path.name}"


def _prepare(workspace: Workspace, statements: Iterable[str]) -> None:
    with Graph(workspace) as graph:
        for statement in statements:
            graph.write(statement)
        while waiting := graph.read("SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name, state"):
            if failed := [row["name"] for row in waiting if row["state"] == "FAILED"]:
                raise GraphError(f"index {', '.join(failed)} could not be filled")
            time.sleep(0.1)


def _go_back(workspace: Workspace, kept: server.Settings) -> None:
    server.remember(workspace, kept)
    server.restart(workspace)


def _check_files(paths: list[Path]) -> Path:
    """The folder of the files; the importer takes names as patterns, so they have to be plain."""
    places = {path.parent.resolve() for path in paths}
    if len(places) != 1:
        raise BulkError("an import takes files from one folder")
    for path in paths:
        if not _FILE_NAME.fullmatch(path.name):
            raise BulkError(f"{path.name}: name it with letters, digits, _ - . and .csv at the end")
        if not path.exists():
            raise BulkError(f"{path} is not there: write it before the import")
    return places.pop()


def _store(workspace: Workspace, name: str) -> Path:
    return workspace.neo4j_home / "data" / "databases" / name


def _remove(workspace: Workspace, name: str) -> None:
    for parent in ("databases", "transactions"):
        shutil.rmtree(workspace.neo4j_home / "data" / parent / name, ignore_errors=True)


def _refuse_external() -> None:
    if not possible():
        raise BulkError("NEO4J_URI names a Neo4j whose files are elsewhere: publish over Bolt, or unset NEO4J_URI")
