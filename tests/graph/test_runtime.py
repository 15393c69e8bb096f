"""Fetching the Neo4j jars: taken up where it was cut, never taken on trust. The repository is a real HTTP server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from graph.runtime import LOCK, Jar, RuntimeFault, fetch, read_lock

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
JAR = Jar(SHA256, len(CONTENT), "org/neo4j/neo4j/5.26.30/neo4j-5.26.30.jar")


class Repository(ThreadingHTTPServer):
    """Serves CONTENT under every path; `cuts` answers end half way, `other` serves something else."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.cuts = 0
        self.other = False
        self.asked: list[str | None] = []


class Answer(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        if "absent" in self.path:
            self.send_error(404)
            return
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        content = CONTENT[::-1] if self.server.other else CONTENT
        body = content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.server.cuts:
            self.server.cuts -= 1
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    server = Repository()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("CLUEGRAPH_MAVEN", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


def test_a_file_is_fetched_once(repository: Repository, tmp_path: Path) -> None:
    fetch([JAR], tmp_path)
    fetch([JAR], tmp_path)
    assert (tmp_path / "neo4j-5.26.30.jar").read_bytes() == CONTENT
    assert repository.asked == [None]


def test_a_cut_download_goes_on_where_it_ended(repository: Repository, tmp_path: Path) -> None:
    repository.cuts = 2
    fetch([JAR], tmp_path)
    assert (tmp_path / "neo4j-5.26.30.jar").read_bytes() == CONTENT
    assert repository.asked == [None, "bytes=256000-", "bytes=384000-"]


def test_what_a_killed_run_left_is_taken_up(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "neo4j-5.26.30.jar.part").write_bytes(CONTENT[:1000])
    fetch([JAR], tmp_path)
    assert (tmp_path / "neo4j-5.26.30.jar").read_bytes() == CONTENT
    assert repository.asked == ["bytes=1000-"]


def test_a_damaged_file_is_fetched_anew(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "neo4j-5.26.30.jar").write_bytes(b"x" * len(CONTENT))
    fetch([JAR], tmp_path)
    assert (tmp_path / "neo4j-5.26.30.jar").read_bytes() == CONTENT


def test_another_file_than_the_one_in_the_lock_is_never_used(repository: Repository, tmp_path: Path) -> None:
    repository.other = True
    with pytest.raises(RuntimeFault, match="SHA-256"):
        fetch([JAR], tmp_path)
    assert not (tmp_path / "neo4j-5.26.30.jar").exists()


def test_a_file_that_is_not_there_is_named_with_what_to_do(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(RuntimeFault, match=r"cannot fetch absent.jar: .*404.*CLUEGRAPH_MAVEN"):
        fetch([Jar(SHA256, 10, "org/absent.jar")], tmp_path)


def test_every_file_of_the_lock_has_its_hash_and_a_name_of_its_own() -> None:
    version, jars = read_lock(LOCK)
    assert version.startswith("5.26.")
    assert len({jar.name for jar in jars}) == len(jars) > 200
    assert all(len(jar.sha256) == 64 and jar.size > 0 and jar.path.endswith(".jar") for jar in jars)
