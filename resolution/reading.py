"""Reading the workspace beside others: one shared read-only connection, closed as soon as nobody reads.

DuckDB lets one process write or many read. A service that kept its connection open would keep `resolve` out, so it
holds one only while somebody reads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from resolution.workspace import Workspace, WorkspaceError


class WorkspaceBusy(WorkspaceError):
    """Another process writes the workspace at this moment."""


class NotResolved(WorkspaceError):
    """The workspace holds nothing resolved yet."""


@dataclass
class _Shared:
    """The connection that all readers of one workspace in this process use: DuckDB gives a file out once."""

    connection: duckdb.DuckDBPyConnection
    readers: int = 0


_lock = threading.Lock()
_open_files: dict[Path, _Shared] = {}


class Reader:
    """Cursors over the workspace's DuckDB, any number at a time from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of its own; temporary tables made on it are its own too.

        Raises WorkspaceBusy while another process writes, NotResolved before the first `resolve`.
        """
        path = self.workspace.duckdb_path
        with _lock:
            shared = _open_files.get(path)
            if shared is None:
                shared = _open_files[path] = _Shared(self._open())
            shared.readers += 1
            cursor = shared.connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()
            with _lock:
                shared.readers -= 1
                if not shared.readers:
                    shared.connection.close()
                    del _open_files[path]

    def _open(self) -> duckdb.DuckDBPyConnection:
        if not self.workspace.duckdb_path.exists():
            raise NotResolved("nothing is resolved here yet: run cluegraph load and cluegraph resolve first")
        try:
            connection = self.workspace.connect(read_only=True)
        except WorkspaceError as error:
            raise WorkspaceBusy(str(error)) from error
        except (
            duckdb.InvalidInputException,
            duckdb.ConnectionException,
        ) as error:  # this very process writes it: a job, or an export
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
