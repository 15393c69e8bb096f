"""The service database: what people decided and did. SQLite in the workspace, or what CLUEGRAPH_DATABASE_URL names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, create_engine, event
from sqlalchemy.engine import Engine

from resolution.workspace import Workspace


def opened(workspace: Workspace, tables: MetaData) -> Engine:
    """The database with these tables in it; a file of the workspace is for its owner's eyes only."""
    engine: Engine = create_engine(workspace.database_url)
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        event.listen(engine, "connect", _sqlite_settings)
    tables.create_all(engine)
    if sqlite and (path := workspace.home / "service.db").exists():
        path.chmod(0o600)
    return engine


def _sqlite_settings(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA busy_timeout=30000")
