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
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol, TypeVar

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.database import SILENT_NETWORK, Database
from cashier.errors import CashierError, Party

T = TypeVar("T")

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


class Followed(Protocol[T]):
    """What somebody watches: how it is looked at here, and how Stripe is asked about it."""

    @property
    def subject(self) -> str | None:
        """The subject whose news wake the watch; None: all news."""

    @property
    def silence_seconds(self) -> float:
        """How long Stripe may be left unasked."""

    async def look(self) -> T:
        """Read how it stands. Raises a ``CashierError`` by ``Party.DATABASE`` while that is away."""

    async def ask(self, seen: T) -> None:
        """Ask Stripe about what is not over yet, and take in the answers. Raises ``CashierError``."""

    def with_trouble(self, seen: T, error: CashierError | None) -> T:
        """Say beside ``seen`` why it may be older than it looks; None: it is not."""

    def is_over(self, seen: T) -> bool:
        """Tell whether nothing more is expected."""


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

    async def follow(self, followed: Followed[T]) -> AsyncIterator[T]:
        """Yield what is ``followed`` whenever it looks different, until nothing more is expected of it.

        News wakes us. After its silent seconds Stripe is asked, whatever other news came meanwhile, so that a
        companion that is down costs seconds, not money. A trouble of the database or of Stripe does not end the
        watch: it is shown beside what was seen last. Raises what the first ``look`` raises.
        """
        shown: T | None = None
        trouble: CashierError | None = None
        asked_at = time.monotonic()
        with self.watch(followed.subject) as watch:
            while True:
                try:
                    seen = await followed.look()
                    if not followed.is_over(seen):
                        seen = followed.with_trouble(seen, trouble)
                except CashierError as error:
                    if shown is None or error.by is not Party.DATABASE:
                        raise
                    # What Stripe was asked about meanwhile tells more than that the database is away.
                    asked_meanwhile = trouble is not None and trouble.by is Party.DATABASE
                    seen = followed.with_trouble(shown, trouble if asked_meanwhile else error)
                if seen != shown:
                    yield seen
                    shown = seen
                if followed.is_over(seen):
                    return
                left = followed.silence_seconds - (time.monotonic() - asked_at)
                if left > 0:
                    await watch.wait(left)
                    continue
                try:
                    await followed.ask(seen)
                    trouble = None
                except CashierError as error:
                    trouble = error
                asked_at = time.monotonic()

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
