"""Alembic's way into the service database: on the connection that `service_database` holds the lock with."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
