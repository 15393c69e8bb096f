"""The life of the service's own Neo4j: started once, shared, survived, gone without a trace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import neo4j
import neo4j.exceptions
import psutil  # type: ignore[import-untyped]
import pytest

from graph import server
from graph.connection import Graph
from graph.server import Server
from resolution.workspace import Workspace

OWNER = """
import sys, time
from graph import server
from resolution.workspace import Workspace
server.start(Workspace(sys.argv[1]), owner=True)
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def workspace(frugal: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = Workspace(tmp_path_factory.mktemp("life"))
    yield workspace
    server.stop(workspace)
    assert engines(workspace) == []


@pytest.fixture
def running(workspace: Workspace) -> Server:
    """The workspace's Neo4j, with one person in it."""
    with Graph(workspace, owner=True) as graph:
        graph.write("MERGE (:Person {key: 'p1', name: '张伟'})")
        return graph.server


def engines(workspace: Workspace) -> list[int]:
    """Every JVM on the workspace's store."""
    mark = f"--home-dir={workspace.neo4j_home}"
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "name", "status"])
        if mark in (process.info["cmdline"] or []) and "java" in process.info["name"]
    ]


def command(workspace: Workspace, action: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "graph.server", action],
        env={**os.environ, "CLUEGRAPH_HOME": str(workspace.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def gone_within(workspace: Workspace, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while engines(workspace) and time.monotonic() < end:
        time.sleep(0.1)
    return not engines(workspace)


def test_two_starts_at_once_make_one_and_a_third_takes_it_up(workspace: Workspace) -> None:
    both = [command(workspace, "start") for _ in range(2)]
    said = [process.communicate(timeout=400) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert said[0][0] == said[1][0]
    (engine,) = engines(workspace)
    assert server.start(workspace).pid == engine
    assert f"pid {engine}" in command(workspace, "status").communicate(timeout=300)[0]


def test_it_outlives_its_starter_and_stops_when_told(workspace: Workspace) -> None:
    assert command(workspace, "start").wait(timeout=400) == 0
    assert len(engines(workspace)) == 1
    assert command(workspace, "stop").communicate(timeout=300)[0] == "stopped\n"
    assert engines(workspace) == []
    assert server.status(workspace) is None
    assert command(workspace, "stop").communicate(timeout=300)[0] == "not running\n"


def test_only_this_machine_may_call_and_only_with_the_password(workspace: Workspace, running: Server) -> None:
    assert running.pid is not None
    engine = psutil.Process(running.pid)
    listening = [one.laddr.ip for one in engine.net_connections(kind="tcp") if one.status == psutil.CONN_LISTEN]
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
    assert len(listening) == 2
    with (
        neo4j.GraphDatabase.driver(running.uri, auth=("neo4j", "neo4j")) as driver,
        pytest.raises(neo4j.exceptions.AuthError),
    ):
        driver.verify_connectivity()


def test_nobody_else_may_read_its_files_and_nothing_shows_the_password(workspace: Workspace, running: Server) -> None:
    assert running.password_file is not None
    assert len(running.password) == 64
    assert running.password_file.stat().st_mode & 0o777 == 0o600
    for path in [workspace.home, *workspace.home.rglob("*/")]:
        assert path.stat().st_mode & 0o077 == 0, path
    for path in workspace.neo4j_home.rglob("*"):
        if path.is_file() and path != running.password_file:
            assert running.password.encode() not in path.read_bytes(), path
    assert running.password not in repr(running)


def test_after_a_crash_the_next_call_starts_it_again_and_nothing_is_lost(workspace: Workspace, running: Server) -> None:
    with Graph(workspace, owner=True) as graph:
        (engine,) = engines(workspace)
        os.kill(engine, signal.SIGKILL)
        assert graph.read("MATCH (p:Person) RETURN p.name AS name")[0]["name"] == "张伟"
        assert engines(workspace) != [engine]
        assert len(engines(workspace)) == 1


def test_the_record_of_a_crashed_one_is_cleared_though_its_pid_lives_on(workspace: Workspace, running: Server) -> None:
    server.stop(workspace)
    record = workspace.neo4j_home / "run" / "process.json"
    stranger = {"pid": os.getpid(), "started": 1.0, "bolt": 1, "http": 2, "database": "graph-1"}
    record.write_text(json.dumps(stranger))
    assert server.status(workspace) is None
    with Graph(workspace, owner=True) as graph:
        assert graph.read("MATCH (p:Person) RETURN p.name AS name")[0]["name"] == "张伟"


def test_an_engine_without_a_record_is_ended_and_a_new_one_started(workspace: Workspace, running: Server) -> None:
    (stray,) = engines(workspace)
    (workspace.neo4j_home / "run" / "process.json").unlink()
    assert server.start(workspace, owner=True).pid != stray
    assert stray not in engines(workspace)


def test_a_port_that_is_taken_is_left_to_who_has_it(workspace: Workspace, running: Server) -> None:
    server.stop(workspace)
    taken = server.settings(workspace).bolt
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", taken))
        other.listen()
        moved = server.start(workspace, owner=True)
    assert moved.uri != f"bolt://127.0.0.1:{taken}"
    assert server.status(workspace) == moved


def test_two_workspaces_that_want_one_port_both_get_one(tmp_path: Path) -> None:
    both = [Workspace(tmp_path / name) for name in ("one", "other")]
    try:
        starts = [command(workspace, "start") for workspace in both]
        said = [process.communicate(timeout=500) for process in starts]
        assert [process.returncode for process in starts] == [0, 0], said
        found = [server.status(workspace) for workspace in both]
        assert len({one.uri for one in found if one}) == 2
        assert len({one.http for one in found if one}) == 2
    finally:
        for workspace in both:
            server.stop(workspace)


def test_a_lost_password_is_replaced_and_the_graph_stays(workspace: Workspace, running: Server) -> None:
    assert running.password_file is not None
    old = running.password
    server.stop(workspace)
    running.password_file.unlink()
    with Graph(workspace, owner=True) as graph:
        assert graph.read("MATCH (p:Person) RETURN p.name AS name")[0]["name"] == "张伟"
        assert graph.server.password != old


def test_killing_its_owner_leaves_no_orphan(workspace: Workspace, running: Server) -> None:
    server.stop(workspace)
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(workspace.home)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "ready\n"
    assert len(engines(workspace)) == 1
    owner.kill()
    owner.communicate()
    assert gone_within(workspace, 5)


@pytest.mark.parametrize("seconds", [0.3, 1.5])
def test_killing_its_owner_while_it_starts_leaves_no_orphan(workspace: Workspace, seconds: float) -> None:
    server.stop(workspace)
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(workspace.home)], stdout=subprocess.DEVNULL)
    time.sleep(seconds)
    owner.kill()
    owner.wait()
    assert gone_within(workspace, 5)
    assert server.start(workspace, owner=True).pid in engines(workspace)


def test_a_neo4j_that_is_named_is_used_and_none_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "neo4j://graph.example:7687")
    monkeypatch.setenv("NEO4J_USERNAME", "office")
    monkeypatch.setenv("NEO4J_PASSWORD", "secret-word")
    monkeypatch.setenv("NEO4J_DATABASE", "clues")
    workspace = Workspace(tmp_path)
    found = server.start(workspace)
    assert (found.uri, found.username, found.password, found.database) == (
        "neo4j://graph.example:7687", "office", "secret-word", "clues",
    )  # fmt: skip
    assert server.stop(workspace) is False
    assert not workspace.neo4j_home.exists()


def test_a_home_without_neo4j_in_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_HOME", str(tmp_path / "nothing"))
    process = command(Workspace(tmp_path), "start")
    _, said = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "unpacked Neo4j, or unset it" in said
