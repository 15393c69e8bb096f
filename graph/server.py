"""The service's own Neo4j: started, taken up, stopped; one for each workspace.

It listens on 127.0.0.1 only, under a random password, and is a daemon: `cluegraph run` and `cluegraph serve` share it.
When `NEO4J_URI` names a Neo4j that is there, nothing is ever started.

Settings: see `graph.configuration` (memory) and `graph.runtime` (`NEO4J_HOME`).
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import neo4j
import neo4j.exceptions
import psutil  # type: ignore[import-untyped]

from graph import engine
from graph.configuration import ServerError, Settings, configure, folder, free_port, remember, settings
from graph.engine import Process
from graph.runtime import runtime
from resolution.workspace import Workspace

__all__ = [
    "Server", "ServerError", "Settings", "external", "locked", "remember", "restart", "settings", "start", "status",
    "stop",
]  # fmt: skip

USERNAME = "neo4j"
START_LIMIT = 300.0
PORT_TAKEN = ("Address already in use", "PortBindException")


@dataclass(frozen=True)
class Server:
    """How to reach a Neo4j. `http` is where Neo4j Browser is served; `pid` is None for one that is not ours."""

    uri: str
    http: str | None
    username: str
    password_file: Path | None
    database: str | None
    pid: int | None = None

    @property
    def password(self) -> str:
        """The secret, read when it is needed and never kept."""
        if self.password_file is None:
            return os.environ.get("NEO4J_PASSWORD", "")
        return self.password_file.read_text(encoding="utf-8").strip()


def start(workspace: Workspace, *, owner: bool = False) -> Server:
    """The workspace's Neo4j, started when it does not run, and ready to answer.

    Of two starts at once one starts it and the other takes it up. With `owner` it ends with the calling process, even
    when that is killed; else it runs until `stop`.

    Raises ServerError.
    """
    if server := external():
        return server
    with locked(workspace):
        return _start(workspace, owner=owner)


def stop(workspace: Workspace) -> bool:
    """Stop the workspace's Neo4j, cleanly if it will, by force after a minute. False when none ran."""
    if external():
        return False
    with locked(workspace):
        return engine.stop(workspace)


def status(workspace: Workspace) -> Server | None:
    """The running Neo4j of this workspace (or the one that NEO4J_URI names), None when it does not run."""
    if server := external():
        return server
    process = engine.recorded(workspace)
    return _server(workspace, process) if process and process.alive() else None


def external() -> Server | None:
    """The Neo4j that `NEO4J_URI` names, if it does."""
    uri = os.environ.get("NEO4J_URI")
    if not uri:
        return None
    return Server(uri, None, os.environ.get("NEO4J_USERNAME", USERNAME), None, os.environ.get("NEO4J_DATABASE"))


@contextmanager
def locked(workspace: Workspace) -> Iterator[None]:
    """Alone among the processes that would start, stop or switch this workspace's Neo4j."""
    with (folder(workspace, "run") / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def restart(workspace: Workspace) -> Server:
    """Stop and start, for a caller that holds `locked`; a server that ends with this process still does."""
    process = engine.recorded(workspace)
    engine.stop(workspace)
    return _start(workspace, owner=process is not None and process.owner == os.getpid())


def _start(workspace: Workspace, *, owner: bool) -> Server:
    process = engine.recorded(workspace)
    wanted = settings(workspace)
    if process and process.alive():
        if process.database == wanted.database and (server := _await(workspace, process)):
            return server
        engine.stop(workspace)
    engine.end_strays(workspace)
    java = runtime()
    _ensure_password(workspace)
    for attempt in range(5):
        bolt = free_port(wanted.bolt + attempt * secrets.randbelow(20))
        wanted = replace(wanted, bolt=bolt, http=free_port(wanted.http, other_than=bolt))
        configure(workspace, wanted, java)
        process = engine.launch(workspace, java, wanted, owner=owner)
        if server := _await(workspace, process):
            remember(workspace, replace(settings(workspace), bolt=wanted.bolt, http=wanted.http))
            return server
        said = engine.said(workspace)
        if not any(sign in said for sign in PORT_TAKEN):
            break  # only where another program was quicker to take a port does it help to try again
    logs = workspace.neo4j_home / "logs"
    raise ServerError(f"Neo4j did not start: {engine.explained(said)} (all that it said is in {logs})")


def _await(workspace: Workspace, process: Process) -> Server | None:
    """The server as soon as it answers; None when its process has ended. Raises ServerError after five minutes."""
    server = _server(workspace, process)
    end = time.monotonic() + START_LIMIT
    while running := process.alive():
        try:
            if not engine.listens(running, process.bolt):
                raise ConnectionRefusedError  # not yet, or another program has the port
            with (
                neo4j.GraphDatabase.driver(
                    server.uri, auth=(USERNAME, server.password), connection_timeout=5, max_transaction_retry_time=0
                ) as driver,
                driver.session(default_access_mode=neo4j.READ_ACCESS) as session,
            ):
                session.run("RETURN 1").consume()
                return server
        except neo4j.exceptions.AuthError as error:
            raise ServerError(
                f"Neo4j does not take the password in {server.password_file}: remove that file, run "
                "`cluegraph neo4j stop` and start again; a new one is made and the graph stays"
            ) from error
        except (OSError, psutil.Error, neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError):
            time.sleep(0.1)
        if time.monotonic() > end:
            why = engine.explained(engine.said(workspace))
            raise ServerError(
                f"Neo4j (pid {process.pid}) has not answered for {START_LIMIT:.0f} s: {why} "
                "Stop it with `cluegraph neo4j stop` and start again"
            )
    return None


def _ensure_password(workspace: Workspace) -> None:
    """A random password before the first start, so that there is never a known one.

    Without the file the password of an earlier start is lost: the accounts (database `system`) are made anew.
    """
    path = workspace.neo4j_home / "password"
    if path.exists():
        return
    for lost in ("data/databases/system", "data/transactions/system", "data/dbms"):
        shutil.rmtree(workspace.neo4j_home / lost, ignore_errors=True)
    draft = folder(workspace, "run") / "password"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    engine.run_admin(
        workspace, ["dbms", "set-initial-password", f"@{draft}"]
    )  # by file: arguments can be seen by others
    draft.rename(path)


def _server(workspace: Workspace, process: Process) -> Server:
    return Server(
        uri=f"bolt://127.0.0.1:{process.bolt}",
        http=f"http://127.0.0.1:{process.http}",
        username=USERNAME,
        password_file=workspace.neo4j_home / "password",
        database=process.database,
        pid=process.pid,
    )


def main(arguments: Sequence[str]) -> int:
    """`python -m graph.server start|stop|status`."""
    action = arguments[0] if len(arguments) == 1 else ""
    workspace = Workspace()
    try:
        if action == "stop":
            print("stopped" if stop(workspace) else "not running")
            return 0
        if action not in ("start", "status"):
            print("usage: python -m graph.server start|stop|status", file=sys.stderr)
            return 2
        server = start(workspace) if action == "start" else status(workspace)
    except Exception as error:
        print(error, file=sys.stderr)
        return 1
    if server is None:
        print("not running")
        return 0
    print(f"{server.uri} database {server.database or '(default)'} user {server.username}")
    if server.http:
        print(f"{server.http}/browser/ password in {server.password_file} pid {server.pid}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
