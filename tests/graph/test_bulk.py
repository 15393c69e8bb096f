"""The whole graph built aside: every value as it was, the old graph served until the new one is, and a way back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import psutil  # type: ignore[import-untyped]
import pytest

from graph import server
from graph.bulk import ARRAY_DELIMITER, BulkError, NodeFile, RelationshipFile, import_aside, roll_back, switch
from graph.connection import Graph
from resolution.workspace import Workspace

CONSTRAINT = "CREATE CONSTRAINT person_key IF NOT EXISTS FOR (n:Person) REQUIRE n.key IS UNIQUE"
NASTY = [
    "老马牛肉面",
    'say "hi"',
    '"',
    '""',
    "a,b;c|d\te",
    "two\nlines\r\nand three",
    "back\\slash\\",
    "'; DROP",
    " padded ",
    "㐂𬎆",
    "null",
    "",
]
IMPORTER = """
import sys
from pathlib import Path
from graph.bulk import NodeFile, import_aside
from resolution.workspace import Workspace
import_aside(Workspace(sys.argv[1]), [NodeFile(Path(sys.argv[2]), ("Person",))], [])
"""


@pytest.fixture(scope="module")
def workspace(frugal: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path_factory.mktemp("bulk 检察院"))
    server.start(workspace, owner=True)
    yield workspace
    server.stop(workspace)


@pytest.fixture
def new(workspace: Workspace) -> Workspace:
    """A graph of one person, `new`, after one of another, `old`."""
    if people(workspace) != ["new"]:
        for key in ("old", "new"):
            switch(workspace, import_aside(workspace, [nodes(workspace, f"SELECT '{key}' AS \"key:ID\"")], []))
    return workspace


def nodes(workspace: Workspace, query: str, name: str = "nodes.csv", *params: Any) -> NodeFile:
    return NodeFile(csv(workspace, query, name, *params), ("Person",))


def csv(workspace: Workspace, query: str, name: str, *params: Any) -> Path:
    path = workspace.exchange / name
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER)", list(params))
    return path


def people(workspace: Workspace) -> list[str]:
    with Graph(workspace, owner=True) as graph:
        return [row["key"] for row in graph.read("MATCH (n:Person) RETURN n.key AS key ORDER BY key")]


def stores(workspace: Workspace) -> set[str]:
    return {path.name for path in (workspace.neo4j_home / "data" / "databases").glob("*/")} - {"system"}


def test_every_value_comes_out_as_it_went_in(workspace: Workspace) -> None:
    file = nodes(
        workspace,
        f"""
        SELECT 'p' || lpad(i::VARCHAR, 2, '0') AS "key:ID", text AS name,
               CASE WHEN i % 2 = 1 THEN DATE '2024-02-29' END AS "knownFrom:date",
               CASE WHEN i % 2 = 1 THEN strftime(TIMESTAMP '2024-01-01 10:00:01.5', '%Y-%m-%dT%H:%M:%S.%f') END
                   AS "calledAt:localdatetime",
               CASE i WHEN 1 THEN 1234567.89 WHEN 2 THEN 1e20 WHEN 3 THEN -0.1 END AS "amount:double",
               CASE WHEN i = 1 THEN 9007199254740993 END AS "rows:long",
               CASE i WHEN 1 THEN true WHEN 2 THEN false END AS "moved:boolean",
               CASE i WHEN 1 THEN array_to_string(?::VARCHAR[], '{ARRAY_DELIMITER}') WHEN 2 THEN
                   array_to_string([]::VARCHAR[], '{ARRAY_DELIMITER}') END AS "names:string[]"
        FROM (SELECT unnest(?::VARCHAR[]) AS text, generate_subscripts(?::VARCHAR[], 1) AS i)
        """,
        "nodes.csv",
        NASTY,
        NASTY,
        NASTY,
    )
    nobody = nodes(workspace, "SELECT 'p00' AS \"key:ID\", NULL AS name", "nobody.csv")
    ties = csv(
        workspace,
        """SELECT 'p01' AS ":START_ID", 'p02' AS ":END_ID", 0.875 AS "probability:double", '经办"人"' AS role""",
        "ties.csv",
    )
    name = import_aside(workspace, [file, nobody], [RelationshipFile(ties, "POSSIBLY_SAME")])
    switch(workspace, name, prepare=[CONSTRAINT])
    with Graph(workspace, owner=True) as graph:
        found = {row["n"]["key"]: dict(row["n"]) for row in graph.read("MATCH (n:Person) RETURN n")}
        (tie,) = graph.read("MATCH (a)-[r:POSSIBLY_SAME]->(b) RETURN a.key AS a, b.key AS b, properties(r) AS r")
        constraints = [row["name"] for row in graph.read("SHOW CONSTRAINTS YIELD name")]
    assert [found[f"p{i:02}"]["name"] for i in range(1, len(NASTY) + 1)] == NASTY
    assert found["p00"] == {"key": "p00"}
    first = found["p01"]
    assert first["knownFrom"].to_native() == date(2024, 2, 29)
    assert first["calledAt"].to_native() == datetime(2024, 1, 1, 10, 0, 1, 500_000)  # noqa: DTZ001
    assert (first["amount"], first["rows"], first["moved"]) == (1234567.89, 9007199254740993, True)
    assert first["names"] == NASTY
    assert (found["p02"]["amount"], found["p02"]["moved"]) == (1e20, False)
    assert set(found["p04"]) == {"key", "name"}
    assert (tie["a"], tie["b"], tie["r"]) == ("p01", "p02", {"probability": 0.875, "role": '经办"人"'})
    assert constraints == ["person_key"]


def test_readers_see_the_old_graph_or_the_new_one_and_never_an_error(workspace: Workspace) -> None:
    switch(workspace, import_aside(workspace, [nodes(workspace, "SELECT 'old' AS \"key:ID\"")], []))
    seen: list[list[str]] = []
    stop = threading.Event()

    def look() -> None:
        with Graph(workspace, retry=300, owner=True) as graph:
            while not stop.is_set():
                seen.append([row["key"] for row in graph.read("MATCH (n:Person) RETURN n.key AS key")])

    readers = [threading.Thread(target=look) for _ in range(4)]
    for reader in readers:
        reader.start()
    name = import_aside(workspace, [nodes(workspace, "SELECT 'new' AS \"key:ID\"")], [])
    switch(workspace, name)
    before = len(seen)
    end = time.monotonic() + 60
    while len(seen) < before + 40 and time.monotonic() < end:
        time.sleep(0.1)
    stop.set()
    for reader in readers:
        reader.join()
    assert len(seen) >= before + 40
    assert {tuple(answer) for answer in seen} == {("old",), ("new",)}


def test_there_is_a_way_back_and_forth(new: Workspace) -> None:
    roll_back(new)
    assert people(new) == ["old"]
    roll_back(new)
    assert people(new) == ["new"]
    assert len(stores(new)) == 2


@pytest.mark.parametrize(
    ("rows", "ties", "said"),
    [
        ("SELECT unnest(['a', 'a']) AS \"key:ID\"", None, "defined m(ore than once|ultiple times).*publish again"),
        (
            "SELECT 'a' AS \"key:ID\"",
            """SELECT 'a' AS ":START_ID", 'gone' AS ":END_ID" """,
            "missing node gone|Invalid relationship",
        ),
        ("SELECT 'a' AS \"key:ID\", 'soon' AS \"knownFrom:date\"", None, "cannot be parsed to a Date"),
    ],
)
def test_rows_that_do_not_fit_are_refused_and_the_old_graph_stays(
    new: Workspace, rows: str, ties: str | None, said: str
) -> None:
    before = stores(new)
    relationships = [RelationshipFile(csv(new, ties, "ties.csv"), "KNOWS")] if ties else []
    with pytest.raises(BulkError, match=said):
        import_aside(new, [nodes(new, rows)], relationships)
    assert people(new) == ["new"]
    assert stores(new) == before


def test_a_graph_that_breaks_its_constraints_is_not_served(new: Workspace) -> None:
    name = import_aside(new, [nodes(new, "SELECT unnest(['a', 'b']) AS \"key:ID\", '张伟' AS name")], [])
    with pytest.raises(BulkError, match="the one before is served"):
        switch(new, name, prepare=["CREATE CONSTRAINT FOR (n:Person) REQUIRE n.name IS UNIQUE"])
    assert people(new) == ["new"]


def test_a_killed_import_leaves_no_process_and_its_store_is_cleared(new: Workspace) -> None:
    file = nodes(new, "SELECT i::VARCHAR AS \"key:ID\", repeat('x', 100) AS name FROM range(500000) t(i)")
    importer = subprocess.Popen([sys.executable, "-c", IMPORTER, str(new.home), str(file.path)])
    end = time.monotonic() + 120
    while len(stores(new)) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    assert len(stores(new)) == 3
    os.kill(importer.pid, signal.SIGKILL)
    importer.wait()
    end = time.monotonic() + 5
    while _imports(new) and time.monotonic() < end:
        time.sleep(0.1)
    assert _imports(new) == []
    assert people(new) == ["new"]
    switch(new, import_aside(new, [nodes(new, "SELECT 'next' AS \"key:ID\"")], []))
    assert people(new) == ["next"]
    assert len(stores(new)) == 2


def test_killed_within_the_switch_one_of_the_two_is_served(new: Workspace) -> None:
    name = import_aside(new, [nodes(new, "SELECT 'last' AS \"key:ID\"")], [])
    server.stop(new)
    for seconds in (0.5, 2.0):
        switching = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from graph import bulk; from resolution.workspace import Workspace;"
                "bulk.switch(Workspace(sys.argv[1]), sys.argv[2])",
                str(new.home),
                name,
            ]
        )
        time.sleep(seconds)
        switching.kill()
        switching.wait()
        assert people(new) in (["new"], ["last"])
    switch(new, name)
    assert people(new) == ["last"]


def test_a_graph_elsewhere_is_not_imported_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://graph.example:7687")
    with pytest.raises(BulkError, match="publish over Bolt"):
        import_aside(Workspace(tmp_path), [], [])


def _imports(workspace: Workspace) -> list[int]:
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        command = process.info["cmdline"] or []
        home = (process.info["environ"] or {}).get("NEO4J_HOME")
        if "org.neo4j.cli.AdminTool" in command and home == str(workspace.neo4j_home):
            found.append(process.pid)
    return found
