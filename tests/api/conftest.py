"""A real Neo4j with a small graph, the clues that its rows prove, and the service over both."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from httpx import Client
from playwright.sync_api import Page, Route, expect, sync_playwright

from api.app import create_app
from graph import server
from graph.clue import Clue
from graph.clues import ClueStore
from graph.connection import Graph
from graph.detect import detect
from graph.ontology import constraints
from resolution.workspace import Workspace

expect.set_options(timeout=20_000)
DATA = Path(__file__).parent / "data"
ZHANG_ID = "620102197405061234"
ZHANG_PHONE = "13800005678"
LEASE_CLUE = "M02-0123456789abcdef"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose own Neo4j ends with this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("NEO4J_URI", "CLUEGRAPH_CONFIG", "CLUEGRAPH_DATABASE_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("CLUEGRAPH_NEO4J_HEAP", "512m")
        patch.setenv("CLUEGRAPH_NEO4J_PAGECACHE", "64m")
        made = Workspace(tmp_path_factory.mktemp("service"))
        patch.setenv("CLUEGRAPH_HOME", str(made.home))
        # ports of our own: another server that starts at the same moment would be taken for this one
        server.remember(made, server.Settings(bolt=free_port(), http=free_port()))
        with Graph(made, owner=True) as graph:
            for statement in constraints():
                graph.write(statement)
            hashes = {"zhang_hash": made.hash("id", ZHANG_ID), "phone_hash": made.hash("phone", ZHANG_PHONE)}
            graph.write((DATA / "graph.cypher").read_text(encoding="utf-8"), hashes)
            graph.write("CALL db.awaitIndexes()")
        yield made
        server.stop(made)


@pytest.fixture
def store(workspace: Workspace) -> ClueStore:
    """The clues, as the models and one false lease leave them."""
    (workspace.home / "service.db").unlink(missing_ok=True)
    detect(workspace, models=["M03"])
    clues = ClueStore(workspace)
    people = [
        {"entity_id": f"P-{key}", "label": "Person", "name": name}
        for key, name in (("zhang", "张伟"), ("wang", "王秀英"))
    ]
    facts = [{"dataset": "leases", "record_id": number} for number in ("ZL0001", "ZL-gone")]
    reasons = ["租约备案在裁判之后", "租期18年，一次性付清"]
    title = "虚假租赁阻碍执行：张伟、王秀英"
    clues.record("M02", [Clue("M02", LEASE_CLUE, title, 0.88, "high", "2022-06-01", people, facts, {}, reasons)], {})
    return clues


@pytest.fixture
def app(workspace: Workspace, store: ClueStore) -> FastAPI:
    """The service."""
    return create_app(workspace)


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The service on a port of this machine."""
    port = free_port()
    running = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join()


@pytest.fixture
def stranger(address: str) -> Iterator[Client]:
    """Somebody without the token."""
    with Client(base_url=address, timeout=30) as client:
        yield client


@pytest.fixture
def client(app: FastAPI, address: str) -> Iterator[Client]:
    """Somebody who has the token."""
    with Client(base_url=address, timeout=30, headers={"Authorization": f"Bearer {app.state.service.token}"}) as client:
        yield client


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    assert Path(path).exists(), "install chromium (scripts/test does), or name it in CHROMIUM"
    return path


@pytest.fixture
def page(app: FastAPI, address: str, chromium: str) -> Iterator[Page]:
    """A signed-in browser at 1366×768; it may reach nothing but the service, and may log no error."""
    strayed: list[str] = []
    complaints: list[str] = []

    def only_here(route: Route) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(address).netloc:
            route.continue_()
        else:
            strayed.append(route.request.url)
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        made = browser.new_page(base_url=address, viewport={"width": 1366, "height": 768}, locale="zh-CN")
        made.route("**/*", only_here)
        made.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.goto("/")
        made.get_by_label("访问令牌").fill(app.state.service.token)
        made.get_by_role("button", name="登录").click()
        expect(made.get_by_role("heading", name="线索", exact=True)).to_be_visible()
        yield made
        browser.close()
    assert strayed == []
    assert complaints == []
