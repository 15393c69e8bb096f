"""How everything else gets to Neo4j: reads that cannot write and cannot run away, writes in managed transactions.

Settings: `NEO4J_URI`, `NEO4J_USERNAME`, `NEO4J_PASSWORD`, `NEO4J_DATABASE` name a Neo4j that is there; without them it
is the workspace's own, started when it does not run (`graph.server`).
"""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import neo4j
import neo4j.exceptions as faults

from graph import server
from graph.runtime import RuntimeFault
from resolution.workspace import Workspace

READ_TIMEOUT = 60.0
WRITE_TIMEOUT = 600.0
RETRY = 15.0
CONNECTION_SETTINGS: dict[str, Any] = {
    "connection_timeout": 3.0,
    "max_transaction_retry_time": 0.0,  # `Graph` tries again itself: sooner, within a bound, and after a new start
    "connection_acquisition_timeout": 5.0,
    "liveness_check_timeout": 5.0,  # a connection that idled through a restart of the engine is not handed out
    "max_connection_pool_size": 64,
    "notifications_min_severity": "OFF",
    "telemetry_disabled": True,
    "user_agent": "cluegraph",
}
# the driver reports lost connections to nobody unless the service set up logs: errors say it
logging.getLogger("neo4j").addHandler(logging.NullHandler())
_BOLT_GREETING = bytes.fromhex("6060b01700040405000000000000000000000000")

Parameters = Mapping[str, Any] | None
T = TypeVar("T")


class GraphError(Exception):
    """Neo4j refused or failed; the message says what to do."""


class GraphUnavailable(GraphError):
    """Neo4j does not answer now; the same call may succeed later."""


class QueryTimeout(GraphError):
    """The query was stopped at its time limit."""


class QueryTooLarge(GraphError):
    """The query was stopped at its memory limit."""


def driver(workspace: Workspace, *, owner: bool = False) -> neo4j.Driver:
    """A bare driver for the workspace's graph; its own server is started when it does not run.

    It tries nothing again: that is what `Graph` is for. `owner`: see `server.start`. Raises `server.ServerError`.
    """
    return _driver(server.start(workspace, owner=owner))


class Graph:
    """The graph of one workspace; may be shared by threads, and closed as a context manager.

    After a crash of its own server the next call starts it again; during a switch of stores a call waits. While the
    engine is away a call is tried again for `retry` seconds.
    """

    def __init__(self, workspace: Workspace, *, retry: float = RETRY, owner: bool = False) -> None:
        self._workspace, self._retry, self._owner = workspace, retry, owner
        self._lock = threading.Lock()
        self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; the server goes on."""
        self._driver.close()

    @property
    def server(self) -> server.Server:
        """Where the graph is."""
        return self._server

    def read(
        self, query: str, params: Parameters = None, *, timeout: float = READ_TIMEOUT, limit: int | None = None
    ) -> list[neo4j.Record]:
        """The records of a query in a READ session, stopped by the server after `timeout` seconds.

        With `limit`, no more than that many records are fetched: ask for one more than is shown to know of a cut.
        Raises QueryTimeout, QueryTooLarge, GraphUnavailable, GraphError (also when the query writes).
        """

        def work(transaction: neo4j.ManagedTransaction) -> list[neo4j.Record]:
            result = transaction.run(query, dict(params or {}))
            return list(result) if limit is None else result.fetch(limit)

        return self._run(neo4j.READ_ACCESS, work, timeout)

    def write(self, query: str, params: Parameters = None, *, timeout: float = WRITE_TIMEOUT) -> list[neo4j.Record]:
        """The records of a query in one managed write transaction: all of it happens or nothing.

        It may be run twice when the engine goes away in between: use MERGE, not CREATE. Schema commands go here too.
        Raises as `read` does.
        """

        def work(transaction: neo4j.ManagedTransaction) -> list[neo4j.Record]:
            return list(transaction.run(query, dict(params or {})))

        return self._run(neo4j.WRITE_ACCESS, work, timeout)

    def answers(self, timeout: float = 3.0) -> bool:
        """Whether the engine takes up a conversation within `timeout` seconds (for readiness; asks nothing of it)."""
        where = urlsplit(self._server.uri)
        # an encrypted port says nothing before its own handshake: there, being taken is all that can be seen
        greeting = b"" if where.scheme.endswith(("+s", "+ssc")) else _BOLT_GREETING
        try:
            with socket.create_connection((where.hostname or "", where.port or 7687), timeout) as connection:
                connection.settimeout(timeout)
                connection.sendall(greeting)
                return not greeting or len(connection.recv(4)) == 4
        except OSError:
            return False

    def _connect(self) -> None:
        try:
            self._server = server.start(self._workspace, owner=self._owner)
        except (server.ServerError, RuntimeFault) as error:
            raise GraphUnavailable(str(error)) from error
        self._driver = _driver(self._server)
        routed = self._server.uri.startswith("neo4j")
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager() if routed else None

    def _run(self, access: str, work: Callable[[neo4j.ManagedTransaction], T], timeout: float) -> T:
        end = time.monotonic() + self._retry
        revived = False
        while True:
            before = self._driver
            try:
                return self._attempt(access, work, timeout)
            except GraphUnavailable as error:
                if isinstance(error.__cause__, faults.IncompleteCommit):
                    raise  # it may have happened: only the caller knows whether it can be done twice
                if not revived and self._revive(before):
                    revived = True  # once a call: a query that kills the engine shall not do so for ever
                elif time.monotonic() < end:
                    time.sleep(0.1 + random.random() / 5)
                else:
                    raise

    def _attempt(self, access: str, work: Callable[[neo4j.ManagedTransaction], T], timeout: float) -> T:
        try:
            with self._driver.session(
                # the own server serves one store, under a name that changes: it knows which
                database=self._server.database if self._server.pid is None else None,
                default_access_mode=access,
                bookmark_manager=self._bookmarks,
            ) as session:
                execute = session.execute_read if access == neo4j.READ_ACCESS else session.execute_write
                return execute(neo4j.unit_of_work(timeout=timeout)(work))
        except (faults.DriverError, faults.Neo4jError) as error:
            raise _explained(error, self._server.uri, timeout) from error

    def _revive(self, before: neo4j.Driver) -> bool:
        """Start the own server again when it has gone; True when there is a new connection to try."""
        if self._server.pid is None:
            return False
        with self._lock:
            if self._driver is not before:
                return True
            if server.status(self._workspace) == self._server:
                return False
            before.close()
            self._connect()
            return True


def _driver(where: server.Server) -> neo4j.Driver:
    return neo4j.GraphDatabase.driver(
        where.uri,
        auth=(where.username, where.password) if where.password else None,
        **CONNECTION_SETTINGS,
    )


def _explained(error: faults.DriverError | faults.Neo4jError, uri: str, timeout: float) -> GraphError:
    code = getattr(error, "code", None) or ""
    text = str(getattr(error, "message", None) or error)
    if "TransactionTimedOut" in code:
        return QueryTimeout(f"the query was stopped after {timeout:g} s: narrow it, or allow it more time")
    if "OutOfMemory" in code:
        return QueryTooLarge(
            "the query needs more memory than the engine may use: narrow it, or raise CLUEGRAPH_NEO4J_HEAP"
        )
    if "AccessMode" in code:
        return GraphError("the query writes, and a read may not: take CREATE, MERGE, SET, DELETE out of it")
    if isinstance(error, faults.AuthError):
        return GraphError(f"{uri} refused the login: check NEO4J_USERNAME and NEO4J_PASSWORD")
    if isinstance(error, faults.ClientError):
        return GraphError(f"Neo4j refused the query: {text} ({code})")
    return GraphUnavailable(
        f"Neo4j at {uri} does not answer: see `cluegraph neo4j status`, start it with `cluegraph neo4j start`, "
        f"or check NEO4J_URI ({type(error).__name__})"
    )
