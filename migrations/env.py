"""Runs migrations on SQLite and PostgreSQL, each in one transaction, one program at a time."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy.engine import URL

from cashier.books.schema.revision import metadata

_LOCK = 0x0CA5_41E4


def run() -> None:
    """Connect without the async driver and run what Alembic was asked for."""
    url: URL = context.config.attributes["url"]
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = sa.create_engine(
        url.set(drivername="sqlite" if is_sqlite else "postgresql+psycopg"), poolclass=sa.NullPool
    )
    if is_sqlite:
        sa.event.listen(engine, "connect", _begin_by_ourselves)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=metadata, render_as_batch=is_sqlite, compare_type=True
        )
        with context.begin_transaction():
            if not is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            context.run_migrations()
    engine.dispose()


def _begin_by_ourselves(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")


run()
