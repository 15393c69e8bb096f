"""The Java processes of the service's own Neo4j: the server's, and those of `neo4j-admin`."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from graph import keeper
from graph.configuration import ServerError, Settings, configure, folder, heap, read, settings, write
from graph.runtime import ADMIN_TOOL, Runtime, runtime
from resolution.workspace import Workspace

STOP_LIMIT = 60.0

# keepers of servers that end with this process: held so that they can be reaped
_kept: list[subprocess.Popen[bytes]] = []


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


def launch(workspace: Workspace, java: Runtime, wanted: Settings, *, owner: bool) -> Process:
    """Start the server's JVM and record it, without waiting for it to be ready."""
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
    write(_process_file(workspace), asdict(process))
    return process


def recorded(workspace: Workspace) -> Process | None:
    """The JVM that was started last and not stopped; it may have died."""
    kept = read(workspace.neo4j_home / "run" / "process.json")
    return Process(**kept) if kept else None


def listens(engine: psutil.Process, port: int) -> bool:
    """Whether it is this process that has the port, and not the Neo4j of another workspace."""
    try:
        return any(one.laddr.port == port for one in engine.net_connections("tcp") if one.status == "LISTEN")
    except psutil.AccessDenied:
        return True  # this system does not tell; the password will


def stop(workspace: Workspace) -> bool:
    """End the server's JVM, after a minute by force. False when none ran."""
    process = recorded(workspace)
    running = process.alive() if process else None
    if running:
        running.terminate()
        _, stuck = psutil.wait_procs([running], timeout=STOP_LIMIT)
        for one in stuck:
            one.kill()
        psutil.wait_procs(stuck, timeout=10)
    end_strays(workspace)
    _process_file(workspace).unlink(missing_ok=True)
    for child in _kept:
        child.poll()
    return running is not None


def end_strays(workspace: Workspace) -> None:
    """Kill a server on this store that nobody has on record: its starter was killed in between."""
    mark = _home_arguments(workspace.neo4j_home)[0]
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if mark in command and keeper.__file__ not in command:
            with contextlib.suppress(psutil.Error):
                process.kill()
                process.wait(10)


def run_admin(
    workspace: Workspace, arguments: Sequence[str], *, memory: str = "512m", within: Path | None = None
) -> None:
    """Run a command of `neo4j-admin` on the workspace's stores, in folder `within`; it dies with this process.

    Raises ServerError with what it said.
    """
    java = runtime()
    if not (workspace.neo4j_home / "conf" / "neo4j.conf").exists():
        configure(workspace, settings(workspace), java)
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
        raise ServerError(f"neo4j-admin {' '.join(arguments[:3])} failed: {explained(_text(log))}")


def said(workspace: Workspace) -> str:
    """All that the server said at its last start."""
    return "\n".join(map(_text, _logs(workspace)))


def explained(text: str) -> str:
    """Why a Java program failed, as far as its words tell, and what to do about it."""
    return f"{_cause(text)}{_remedy(text)}"


def _cause(text: str) -> str:
    """The innermost cause that it names, else what it said last."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("at ")]
    if causes := [line for line in lines if line.startswith("Caused by: ")]:
        return re.sub(r"^Caused by: ([\w.$]+: )?", "", causes[-1]) + "."
    telling = [line for line in lines if "ERROR" in line or "rror:" in line]
    return " | ".join((telling or lines)[-3:]) or "it said nothing."


def _remedy(text: str) -> str:
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


def _home_arguments(home: Path) -> tuple[str, str]:
    return f"--home-dir={home}", f"--config-dir={home / 'conf'}"


def _process_file(workspace: Workspace) -> Path:
    return folder(workspace, "run") / "process.json"


def _logs(workspace: Workspace) -> tuple[Path, Path]:
    """What Java says, and what Neo4j says once its log works; both of the last start only."""
    logs = folder(workspace, "logs")
    return logs / "console.log", logs / "neo4j.log"


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
