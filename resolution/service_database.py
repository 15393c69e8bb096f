"""The service database: what people decided and did. SQLite in the workspace, or what CLUEGRAPH_DATABASE_URL names.

Its tables are made and changed by the revisions in `migrations/versions/` (Alembic) alone. Opening brings a database
to the newest of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from resolution.workspace import Workspace, WorkspaceError

NEWEST = "0001"
"""The last revision: a database that has it is opened without a look at the others."""

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK = 0x636C7565  # any number that nothing else in the database server locks


def opened(workspace: Workspace) -> Engine:
    """The database with its tables at the newest revision; a file of the workspace is for its owner's eyes only.

    Raises WorkspaceError when a newer release has changed the tables already.
    """
    engine: Engine = create_engine(workspace.database_url)
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        event.listen(engine, "connect", _sqlite_settings)
    if _revision(engine) != NEWEST:
        _upgrade(engine)
    if sqlite and (path := workspace.home / "service.db").exists():
        path.chmod(0o600)
    return engine


def _revision(engine: Engine) -> str | None:
    """The revision that the database is at; None for one that is new or older than revisions."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError):
        return None


def _upgrade(engine: Engine) -> None:
    # loading Alembic takes longer than most commands' whole look at the database
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with engine.begin() as connection:
        _lock(connection)
        found = MigrationContext.configure(connection).get_current_revision()
        if found and found not in known:
            raise WorkspaceError(
                f"the service database is at revision {found}, which a newer release of cluegraph made; this one knows"
                f" revisions up to {NEWEST}: install the newer release, or name another database"
                " (CLUEGRAPH_HOME, CLUEGRAPH_DATABASE_URL)"
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _lock(connection: Connection) -> None:
    """One process at a time changes tables, until its transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _sqlite_settings(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA foreign_keys=ON")
