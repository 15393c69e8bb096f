"""How the service's own Neo4j is set up, and what a workspace remembers of it.

Settings: `CLUEGRAPH_NEO4J_HEAP` (1g), `CLUEGRAPH_NEO4J_PAGECACHE` (512m).
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graph.runtime import Runtime
from resolution.workspace import Workspace

BOLT_PORT, HTTP_PORT = 7687, 7474
FIRST_STORE = "graph-1"

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
class Settings:
    """What a workspace remembers of its Neo4j: ports, the store that is served, and the one before."""

    bolt: int = BOLT_PORT
    http: int = HTTP_PORT
    database: str = FIRST_STORE
    former: str | None = None


def settings(workspace: Workspace) -> Settings:
    """What the workspace remembers (defaults at first)."""
    return Settings(**(read(workspace.neo4j_home / "settings.json") or {}))


def remember(workspace: Workspace, kept: Settings) -> None:
    """Keep the settings."""
    write(folder(workspace, "") / "settings.json", asdict(kept))


def folder(workspace: Workspace, name: str) -> Path:
    """A folder under the workspace's Neo4j home, made with mode 0700."""
    path = workspace.neo4j_home / name
    for part in (workspace.neo4j_home, path):
        part.mkdir(mode=0o700, exist_ok=True)
    return path


def heap() -> str:
    """Heap of the server's JVM, as Java writes it."""
    return os.environ.get("CLUEGRAPH_NEO4J_HEAP", "1g")


def configure(workspace: Workspace, wanted: Settings, java: Runtime) -> None:
    """Write `neo4j.conf` for these ports and this store."""
    text = CONFIGURATION.format(
        database=wanted.database,
        bolt=wanted.bolt,
        http=wanted.http,
        heap=heap(),
        page_cache=os.environ.get("CLUEGRAPH_NEO4J_PAGECACHE", "512m"),
    )
    text += CONFIGURATION_5 if java.version.startswith("5.") else "server.config.strict_validation.enabled=false\n"
    (folder(workspace, "conf") / "neo4j.conf").write_text(text, encoding="utf-8")


def free_port(preferred: int, *, other_than: int | None = None) -> int:
    """The next port of 127.0.0.1 that nobody has, from `preferred` on. Raises ServerError."""
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


def read(path: Path) -> dict[str, Any] | None:
    """A small record of the workspace, None when it is not there."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def write(path: Path, values: dict[str, Any]) -> None:
    """Keep a small record, whole or not at all, for this account only."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(values, indent=1), encoding="utf-8")
    draft.replace(path)
