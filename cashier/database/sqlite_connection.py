"""A connection to SQLite that ends whenever it is told to: twice, half-way, or after its event loop.

aiosqlite 0.22 answers from a thread that leaves at the first of two stops, so that a close which comes second waits
for ever; and an answer for an event loop that has ended kills the thread before it has closed the file. Both happen
when a task is cancelled in the middle of a statement and again while SQLAlchemy closes its connection: a desk that is
closed during a search would stay in the list of processes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite
from aiosqlite.core import _connection_worker_thread

T = TypeVar("T")


class SqliteConnection(aiosqlite.Connection):
    """An aiosqlite connection whose end is safe to repeat.

    See https://aiosqlite.omnilib.dev/en/stable/api.html#aiosqlite.Connection.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        """Prepare a connection that ``connector`` opens on its own thread, once this is awaited."""
        super().__init__(connector, iter_chunk_size=64)
        self._is_stopped = False
        self._thread = threading.Thread(target=self._work, name="sqlite", daemon=True)

    async def visit(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        """Call ``ask`` with the plain connection on its thread, where everything else waits; return what it returns.

        Whoever is cancelled meanwhile goes at once; ``ask`` goes on to its end.
        """
        found: T = await self._execute(ask, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite's own way
        return found

    @property
    def is_in_transaction(self) -> bool:
        """Tell whether a transaction is open; what is closed has none."""
        plain: sqlite3.Connection | None = self._connection
        return plain is not None and plain.in_transaction

    def stop(self) -> asyncio.Future[Any] | None:
        """Close after what is queued already, and end the thread. Repeated, it does nothing and returns None."""
        if self._is_stopped:
            return None
        self._is_stopped = True
        return super().stop()

    def _work(self) -> None:
        has_ended = False
        while not has_ended:
            try:
                _connection_worker_thread(self._tx)
                has_ended = True
            except RuntimeError:  # the event loop has ended, so nobody waits for this answer any more
                has_ended = self._is_stopped and self._tx.empty()


def connect(database: str, **options: Any) -> SqliteConnection:
    """Prepare a connection to the file ``database``; ``options`` are those of ``sqlite3.connect``."""
    return SqliteConnection(lambda: sqlite3.connect(database, **options))
