"""The service's own Neo4j: started, taken up, stopped; one for each workspace.

It listens on 127.0.0.1 only, under a random password, and is a daemon: `cluegraph run` and `cluegraph serve` share it.
When `NEO4J_URI` names a Neo4j that is there, nothing is ever started.

Settings: `CLUEGRAPH_NEO4J_HEAP` (1g), `CLUEGRAPH_NEO4J_PAGECACHE` (512m), `NEO4J_HOME` (see `graph.runtime`).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import neo4j
import neo4j.exceptions
import psutil  # type: ignore[import-untyped]

from graph import keeper
from graph.runtime import ADMIN_TOOL, Runtime, runtime
from resolution.workspace import Workspace

BOLT_PORT, HTTP_PORT = 7687, 7474
FIRST_STORE = "graph-1"
USERNAME = "neo4j"
START_LIMIT = 300.0
STOP_LIMIT = 60.0
PORT_TAKEN = ("Address already in use", "PortBindException")

CONFIGURATION = """\
# written by cluegraph at every start; settings of its own: CLUEGRAPH_NEO4J_HEAP, CLUEGRAPH_NEO4J_PAGECACHE
initial.dbms.default_database={database}
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{bolt}
server.bolt.advertised_address=127.0.0.1:{bolt}
server.http.listen_address=127.0.0.1:{http}
server.http.advertised_address=127.0.0.1:{http}
server.https.enabled=false
server.memory.heap.initial_size={heap}
server.memory.heap.max_size={heap}
server.memory.pagecache.size={page_cache}
# nothing leaves the machine, no query reads a file or an address
dbms.security.allow_csv_import_from_file_urls=false
internal.dbms.cypher_ip_blocklist=0.0.0.0/0,::/0
client.allow_telemetry=false
server.bolt.telemetry.enabled=false
# the password is random: locking the account would only serve whoever wants the service down
dbms.security.auth_max_failed_attempts=0
# queries carry names and numbers of people: they are not logged
db.logs.query.enabled=OFF
db.logs.query.obfuscate_literals=true
db.logs.query.parameter_logging_enabled=false
# what a client does not limit itself; a client hears within seconds that an engine is stuck
db.transaction.timeout=30m
db.transaction.monitor.check.interval=100ms
db.lock.acquisition.timeout=60s
server.bolt.connection_keep_alive=5s
server.bolt.connection_keep_alive_for_requests=ALL
server.bolt.connection_keep_alive_probes=2
# the graph can be published again: little transaction log is kept
db.tx_log.rotation.size=64m
db.tx_log.rotation.retention_policy=2 files
db.tx_log.preallocate=false
# Bolt would wait five seconds for nobody at every stop
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
"""
# gone from 2025 on
CONFIGURATION_5 = "dbms.usage_report.enabled=false\n"


class ServerError(Exception):
    """The Neo4j of this workspace cannot be used; the message says what to do."""


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


@dataclass(frozen=True)
class Settings:
    """What a workspace remembers of its Neo4j: ports, the store that is served, and the one before."""

    bolt: int = BOLT_PORT
    http: int = HTTP_PORT
    database: str = FIRST_STORE
    former: str | None = None


@dataclass(frozen=True)
class Process:
    """A JVM that we started: pid and its start time (seconds since the epoch) say that it is still the same one.

    `owner` is the process that it ends with, if any.
    """

    pid: int
    started: float
    bolt: int
    http: int
    database: str
    owner: int | None = None

    def alive(self) -> psutil.Process | None:
        """The process, when it still runs."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) < 1.5 and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


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
        return _stop(workspace)


def status(workspace: Workspace) -> Server | None:
    """The running Neo4j of this workspace (or the one that NEO4J_URI names), None when it does not run."""
    if server := external():
        return server
    process = _recorded(workspace)
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


def folder(workspace: Workspace, name: str) -> Path:
    """A folder under the workspace's Neo4j home, made with mode 0700."""
    path = workspace.neo4j_home / name
    for part in (workspace.neo4j_home, path):
        part.mkdir(mode=0o700, exist_ok=True)
    return path


def settings(workspace: Workspace) -> Settings:
    """What the workspace remembers (defaults at first)."""
    return Settings(**(_read(workspace.neo4j_home / "settings.json") or {}))


def remember(workspace: Workspace, kept: Settings) -> None:
    """Keep the settings, whole or not at all."""
    _write(folder(workspace, "") / "settings.json", asdict(kept))


def restart(workspace: Workspace) -> Server:
    """Stop and start, for a caller that holds `locked`; a server that ends with this process still does."""
    process = _recorded(workspace)
    _stop(workspace)
    return _start(workspace, owner=process is not None and process.owner == os.getpid())


def heap() -> str:
    """Heap of the server's JVM, as Java writes it."""
    return os.environ.get("CLUEGRAPH_NEO4J_HEAP", "1g")


def run_admin(
    workspace: Workspace, arguments: Sequence[str], *, memory: str = "512m", within: Path | None = None
) -> None:
    """Run a command of `neo4j-admin` on the workspace's stores, in folder `within`; it dies with this process.

    Raises ServerError with what it said.
    """
    java = runtime()
    if not (workspace.neo4j_home / "conf" / "neo4j.conf").exists():
        _configure(workspace, settings(workspace), java)
    log = folder(workspace, "logs") / "admin.log"
    log.unlink(missing_ok=True)
    command = java.command(ADMIN_TOOL, *arguments, heap=memory)
    environment = {
        **os.environ,
        "NEO4J_HOME": str(workspace.neo4j_home),
        "NEO4J_CONF": str(workspace.neo4j_home / "conf"),
    }
    process = _keep(str(os.getpid()), log, command, environment, within or log.parent)
    try:
        failed = process.wait() != 0
    finally:
        _end(process)
    if failed:
        raise ServerError(f"neo4j-admin {' '.join(arguments[:3])} failed: {_tail(_text(log))}{_advice(_text(log))}")


def _start(workspace: Workspace, *, owner: bool) -> Server:
    process = _recorded(workspace)
    wanted = settings(workspace)
    if process and process.alive():
        if process.database == wanted.database and (server := _await(workspace, process)):
            return server
        _stop(workspace)
    _end_strays(workspace)
    java = runtime()
    _ensure_password(workspace)
    for attempt in range(5):
        bolt = _free_port(wanted.bolt + attempt * secrets.randbelow(20))
        wanted = replace(wanted, bolt=bolt, http=_free_port(wanted.http, other_than=bolt))
        _configure(workspace, wanted, java)
        process = _launch(workspace, java, wanted, owner=owner)
        if server := _await(workspace, process):
            remember(workspace, replace(settings(workspace), bolt=wanted.bolt, http=wanted.http))
            return server
        said = _said(workspace)
        if not any(sign in said for sign in PORT_TAKEN):
            break  # only where another program was quicker to take a port does it help to try again
    logs = workspace.neo4j_home / "logs"
    raise ServerError(f"Neo4j did not start: {_tail(said)}{_advice(said)} (all that it said is in {logs})")


def _launch(workspace: Workspace, java: Runtime, wanted: Settings, *, owner: bool) -> Process:
    home = workspace.neo4j_home
    log, own_log = _logs(workspace)
    log.unlink(missing_ok=True)
    if own_log.exists():
        own_log.replace(own_log.with_suffix(".before.log"))
    command = java.command(java.entry_point, *_home_arguments(home), heap=heap())
    child = _keep(str(os.getpid()) if owner else "daemon", log, command, dict(os.environ), log.parent)
    assert child.stdout is not None
    pid = int(child.stdout.readline() or 0)
    child.stdout.close()
    if owner:
        _kept.append(child)
    else:
        child.wait()
    try:
        started = psutil.Process(pid).create_time()
    except psutil.Error:
        started = 0.0
    owned_by = os.getpid() if owner else None
    process = Process(pid, started, wanted.bolt, wanted.http, wanted.database, owned_by)
    _write(_process_file(workspace), asdict(process))
    return process


# keepers of servers that end with this process: held so that they can be reaped
_kept: list[subprocess.Popen[bytes]] = []


def _keep(
    owner: str, log: Path, command: list[str], environment: dict[str, str], within: Path
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-S", str(Path(keeper.__file__)), owner, str(log), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=within,
        umask=0o077,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a keeper (Ctrl-C while it works) and with it what it keeps."""
    if process.poll() is None:
        process.terminate()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _await(workspace: Workspace, process: Process) -> Server | None:
    """The server as soon as it answers; None when its process has ended. Raises ServerError after five minutes."""
    server = _server(workspace, process)
    end = time.monotonic() + START_LIMIT
    while engine := process.alive():
        try:
            if not _listens(engine, process.bolt):
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
            raise ServerError(
                f"Neo4j (pid {process.pid}) has not answered for {START_LIMIT:.0f} s: {_tail(_said(workspace))} "
                "Stop it with `cluegraph neo4j stop` and start again"
            )
    return None


def _listens(engine: psutil.Process, port: int) -> bool:
    """Whether it is this process that has the port, and not the Neo4j of another workspace."""
    try:
        return any(one.laddr.port == port for one in engine.net_connections("tcp") if one.status == "LISTEN")
    except psutil.AccessDenied:
        return True  # this system does not tell; the password will


def _stop(workspace: Workspace) -> bool:
    process = _recorded(workspace)
    running = process.alive() if process else None
    if running:
        running.terminate()
        _, stuck = psutil.wait_procs([running], timeout=STOP_LIMIT)
        for one in stuck:
            one.kill()
        psutil.wait_procs(stuck, timeout=10)
    _end_strays(workspace)
    _process_file(workspace).unlink(missing_ok=True)
    for child in _kept:
        child.poll()
    return running is not None


def _end_strays(workspace: Workspace) -> None:
    """Kill a server on this store that nobody has on record: its starter was killed in between."""
    mark = _home_arguments(workspace.neo4j_home)[0]
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if mark in command and keeper.__file__ not in command:
            with contextlib.suppress(psutil.Error):
                process.kill()
                process.wait(10)


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
    run_admin(workspace, ["dbms", "set-initial-password", f"@{draft}"])  # by file: arguments can be seen by others
    draft.rename(path)


def _configure(workspace: Workspace, wanted: Settings, java: Runtime) -> None:
    text = CONFIGURATION.format(
        database=wanted.database,
        bolt=wanted.bolt,
        http=wanted.http,
        heap=heap(),
        page_cache=os.environ.get("CLUEGRAPH_NEO4J_PAGECACHE", "512m"),
    )
    text += CONFIGURATION_5 if java.version.startswith("5.") else "server.config.strict_validation.enabled=false\n"
    (folder(workspace, "conf") / "neo4j.conf").write_text(text, encoding="utf-8")


def _free_port(preferred: int, *, other_than: int | None = None) -> int:
    for port in range(preferred, preferred + 1000):
        if port == other_than:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise ServerError(f"no free port from {preferred} on: end the programs that listen there and start again")


def _server(workspace: Workspace, process: Process) -> Server:
    return Server(
        uri=f"bolt://127.0.0.1:{process.bolt}",
        http=f"http://127.0.0.1:{process.http}",
        username=USERNAME,
        password_file=workspace.neo4j_home / "password",
        database=process.database,
        pid=process.pid,
    )


def _home_arguments(home: Path) -> tuple[str, str]:
    return f"--home-dir={home}", f"--config-dir={home / 'conf'}"


def _process_file(workspace: Workspace) -> Path:
    return folder(workspace, "run") / "process.json"


def _recorded(workspace: Workspace) -> Process | None:
    kept = _read(workspace.neo4j_home / "run" / "process.json")
    return Process(**kept) if kept else None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def _write(path: Path, values: dict[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(values, indent=1), encoding="utf-8")
    draft.replace(path)


def _logs(workspace: Workspace) -> tuple[Path, Path]:
    """What Java says, and what Neo4j says once its log works; both of the last start only."""
    logs = folder(workspace, "logs")
    return logs / "console.log", logs / "neo4j.log"


def _said(workspace: Workspace) -> str:
    return "\n".join(map(_text, _logs(workspace)))


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def _tail(text: str) -> str:
    """What a Java program said last: the innermost cause of its error, if it names one."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    if causes := [line for line in lines if line.startswith("Caused by: ")]:
        return re.sub(r"^Caused by: ([\w.$]+: )?", "", causes[-1]) + "."
    telling = [line for line in lines if "ERROR" in line or "rror:" in line]
    return " | ".join((telling or lines)[-3:]) or "it said nothing."


def _advice(text: str) -> str:
    for sign, remedy in (
        ("No space left", "disk full: free some space and start again."),
        ("java.lang.OutOfMemoryError", "give it more memory with CLUEGRAPH_NEO4J_HEAP (now " + heap() + ")."),
        ("Could not reserve enough space", "give it less memory with CLUEGRAPH_NEO4J_HEAP (now " + heap() + ")."),
        ("store_lock", "another program has this store open: end it and start again."),
        ("Permission denied", "give this account the workspace (chown -R) and start again."),
    ):
        if sign in text:
            return f" {remedy}"
    return ""


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
