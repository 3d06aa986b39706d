"""“Something changed”: wakes whoever watches a payment or the list, in every process.

On SQLite the database's version counter is polled (3 µs a look), so a change says only that something
changed; on PostgreSQL LISTEN/NOTIFY carries its subject. Watchers read again what they care about, so a
wake-up too many is harmless, and one that gets lost costs the watcher's own time limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.database import SILENT_NETWORK, Database

log = logging.getLogger(__name__)

_CHANNEL = "cashier_news"
_POLL_SECONDS = 0.1
_RECONNECT_SECONDS = 1.0
_HEARTBEAT_SECONDS = 10.0


class Watch:
    """One watcher's bell. It stays rung until the next ``wait``, so nothing between two waits is missed."""

    def __init__(self, subject: str | None) -> None:
        """Watch ``subject``, or everything."""
        self.subject = subject
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Wake the watcher."""
        self._bell.set()

    async def wait(self, timeout_seconds: float) -> bool:
        """Wait for a change; return False when none came in time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._bell.wait()
        except TimeoutError:
            return False
        self._bell.clear()
        return True


class News:
    """Carries changes between the processes of one database. ``run`` has to run for news to arrive."""

    def __init__(self, database: Database) -> None:
        """Carry the news of ``database``."""
        self._database = database
        self._watches: set[Watch] = set()

    @staticmethod
    async def announce(session: AsyncSession, subject: str) -> None:
        """Tell all processes that ``subject`` changed, once the running transaction is committed."""
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(sa.select(sa.func.pg_notify(_CHANNEL, subject)))

    @contextlib.contextmanager
    def watch(self, subject: str | None = None) -> Iterator[Watch]:
        """Watch ``subject`` (such as ``payment:…``), or everything, inside the ``with`` block."""
        watch = Watch(subject)
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    async def run(self) -> None:
        """Carry news until cancelled; survives the database being away and rings all bells when it is back."""
        carry = self._poll if self._database.is_sqlite else self._listen
        while True:
            try:
                await carry()
            except (sqlite3.Error, psycopg.Error, OSError) as error:
                log.warning("news interrupted", extra={"reason": type(error).__name__})
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _poll(self) -> None:
        with contextlib.closing(sqlite3.connect(self._database.url.database or "")) as connection:
            seen = _version(connection)
            self._ring(None)
            while True:
                await asyncio.sleep(_POLL_SECONDS)
                version = _version(connection)
                if version != seen:
                    seen = version
                    self._ring(None)

    async def _listen(self) -> None:
        url = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        options: dict[str, Any] = {"connect_timeout": 5, "application_name": "cashier news", **SILENT_NETWORK}
        async with await psycopg.AsyncConnection.connect(url, autocommit=True, **options) as connection:
            await connection.execute(f"LISTEN {_CHANNEL}")
            # Whatever changed while nobody listened is read now.
            self._ring(None)
            while True:
                async for notification in connection.notifies(timeout=_HEARTBEAT_SECONDS):
                    self._ring(notification.payload)
                # A server that went away without a word sends no news either; this tells the two apart.
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await connection.execute("SELECT 1")

    def _ring(self, subject: str | None) -> None:
        for watch in tuple(self._watches):
            if subject is None or watch.subject in (None, subject):
                watch.ring()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])
