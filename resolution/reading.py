"""Reading the workspace beside others: one shared read-only connection, closed as soon as nobody reads.

DuckDB lets one process write or many read. A service that kept its connection open would keep `resolve` out, so it
holds one only while somebody reads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from resolution.workspace import Workspace, WorkspaceError


class WorkspaceBusy(WorkspaceError):
    """Another process writes the workspace at this moment."""


class NotResolved(WorkspaceError):
    """The workspace holds nothing resolved yet."""


class Reader:
    """Cursors over the workspace's DuckDB, any number at a time from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._readers = 0

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own; temporary tables made on it are its own too.

        Raises WorkspaceBusy while another process writes, NotResolved before the first `resolve`.
        """
        with self._lock:
            if self._connection is None:
                self._connection = self._open()
            self._readers += 1
            cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()
            with self._lock:
                self._readers -= 1
                if not self._readers and self._connection is not None:
                    self._connection.close()
                    self._connection = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        if not self.workspace.duckdb_path.exists():
            raise NotResolved("nothing is resolved here yet: run cluegraph load and cluegraph resolve first")
        try:
            connection = self.workspace.connect(read_only=True)
        except WorkspaceError as error:
            raise WorkspaceBusy(str(error)) from error
        except duckdb.InvalidInputException as error:  # this very process writes it: a job, or an export
            raise WorkspaceBusy(f"{self.workspace.home} is being written; try again when that is done") from error
        known = {
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
            ).fetchall()
        }
        if not {"entity_of", "mention_text", "person_profile", "person_edge"} <= known:
            connection.close()
            raise NotResolved("nothing is resolved here yet: run cluegraph resolve first")
        return connection
