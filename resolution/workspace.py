"""The workspace: one folder that holds all that the service keeps."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import cached_property
from pathlib import Path

import duckdb

MEMORY_LIMIT = os.environ.get("CLUEGRAPH_MEMORY", "5GB")
SCHEMAS = ("staged", "norm", "graph")


class WorkspaceError(Exception):
    """The workspace cannot be used; the message says what to do."""


class Workspace:
    """Paths, key and databases of one installation.

    `home` is made with mode 0700 when it is not there. Nothing else in the service knows where files lie.
    """

    def __init__(self, home: Path | str | None = None) -> None:
        self.home = Path(home or os.environ.get("CLUEGRAPH_HOME") or "workspace").resolve()
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.home.chmod(0o700)

    @property
    def duckdb_path(self) -> Path:
        """Staged data and resolution state; can be rebuilt from the files."""
        return self.home / "cluegraph.duckdb"

    @property
    def exchange(self) -> Path:
        """The only folder that DuckDB may read or write."""
        path = self.home / "exchange"
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    @property
    def neo4j_home(self) -> Path:
        """Home of the service's own Neo4j."""
        return self.home / "neo4j"

    @property
    def database_url(self) -> str:
        """Where clues, judgements, users, jobs and audit are kept (a SQLAlchemy URL)."""
        return os.environ.get("CLUEGRAPH_DATABASE_URL") or f"sqlite:///{self.home / 'service.db'}"

    @cached_property
    def key(self) -> bytes:
        """32 random bytes, made once and kept with mode 0600."""
        path = self.home / "secret.key"
        if not path.exists():
            temporary = self.home / f".secret.{os.getpid()}"
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(temporary, path)  # the first of two processes wins, whole
            except FileExistsError:
                pass
            finally:
                temporary.unlink()
        return path.read_bytes()

    def hash(self, kind: str, value: str) -> str:
        """Keyed hash of a value that may be found but not read (`kind` keeps a phone from meeting an account)."""
        return hmac.new(self.key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32]

    def connect(self, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        """DuckDB with external access off but for `exchange`, and configuration locked.

        Settings files hold SQL fragments, so the lock comes before any of them is used.
        Raises WorkspaceError when another process has the database open.
        """
        spill = self.home / "spill"
        spill.mkdir(mode=0o700, exist_ok=True)
        try:
            connection = duckdb.connect(str(self.duckdb_path), read_only=read_only)
        except duckdb.IOException as error:
            if "lock" in str(error).lower():
                raise WorkspaceError(
                    f"{self.home} is in use by another cluegraph process; wait for it or stop it, then run again"
                ) from error
            raise
        self.duckdb_path.chmod(0o600)
        connection.execute(f"SET memory_limit='{MEMORY_LIMIT}'")
        connection.execute(f"SET threads={os.cpu_count() or 2}")
        connection.execute("SET preserve_insertion_order=false")
        # DuckDB draws one on stdout, where results go, whenever it takes the process for an interactive one
        connection.execute("SET enable_progress_bar=false")
        connection.execute(f"SET temp_directory='{_quoted(spill)}'")
        connection.execute(f"SET allowed_directories=['{_quoted(self.exchange)}/']")
        connection.execute("SET enable_external_access=false")
        connection.execute("SET lock_configuration=true")
        if not read_only:
            for schema in SCHEMAS:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        return connection


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
