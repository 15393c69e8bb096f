"""Alive, ready, counted; and what is said when the graph is away."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from fastapi.testclient import TestClient
from httpx import Client, TransportError, get

from api.app import create_app
from graph import server
from resolution.workspace import Workspace
from tests.api.conftest import free_port


def test_the_service_is_ready(client: Client) -> None:
    assert client.get("/readyz").json() == client.get("/api/v1/readyz").json() == {"status": "ready"}


def test_metrics_count_requests_by_template_and_clues_by_status(client: Client) -> None:
    client.get("/api/v1/entities/P-zhang")
    text = client.get("/metrics").text
    assert 'route="/api/v1/entities/{key}"' in text and "P-zhang" not in text
    assert 'cluegraph_clues{model="M03",status="new"} 1.0' in text


@pytest.fixture
def deserted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A service whose Neo4j takes connections and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setenv("NEO4J_URI", f"bolt://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.delenv("CLUEGRAPH_DATABASE_URL", raising=False)
        app = create_app(Workspace(tmp_path / "home"))
        yield TestClient(
            app, headers={"Authorization": f"Bearer {app.state.service.token}"}, raise_server_exceptions=False
        )


def test_without_the_graph_the_service_is_alive_and_not_ready(deserted: TestClient) -> None:
    assert deserted.get("/healthz").status_code == 200
    begun = time.monotonic()
    answer = deserted.get("/readyz")
    assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
    assert time.monotonic() - begun < 5


def test_without_the_graph_clues_are_listed_and_pictures_come_later(deserted: TestClient) -> None:
    assert deserted.get("/api/v1/clues").json() == {"items": [], "total": 0, "next": None}
    answer = deserted.get("/api/v1/entities/P-zhang")
    assert (answer.status_code, answer.json()["title"]) == (503, "图数据库暂不可用")
    page = deserted.get("/entities/P-zhang", headers={"Accept": "text/html"})
    assert page.status_code == 503 and "稍后刷新" in page.text


def test_a_served_workspace_leaves_nothing_running_when_it_is_stopped(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    server.remember(workspace, server.Settings(bolt=free_port(), http=free_port()))
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J", "CLUEGRAPH"))}
    small = {"CLUEGRAPH_HOME": str(workspace.home), "CLUEGRAPH_NEO4J_HEAP": "512m", "CLUEGRAPH_NEO4J_PAGECACHE": "64m"}
    serving = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
        env=environment | small,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: answers(port), serving)
        running = server.status(workspace)
        assert running and running.pid
    finally:
        serving.terminate()
        told, errors = serving.communicate(timeout=90)
    assert serving.returncode == 0, errors
    assert f"http://127.0.0.1:{port}/" in told and str(workspace.home / "access.token") in told
    assert not psutil.pid_exists(running.pid)
    assert server.status(workspace) is None


def wait_for(happens: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 180
    while not happens():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.2)


def answers(port: int) -> bool:
    try:
        return get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except TransportError:
        return False
