"""A connection to PostgreSQL that gives up a server which is there and says nothing, such as one that hangs.

The network's own limits do not notice that: the system of the server still answers for it. And what is cancelled
here is not waited for as long as psycopg does, because somebody stands at the desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Self, TypeVar

import psycopg
from psycopg import pq, sql, waiting
from psycopg.abc import PQGen

from cashier import clock

T = TypeVar("T")

_ANSWER_SECONDS = 40.0
"""How long one statement may take. The server ends each by itself before that, after its statement_timeout."""
_CANCEL_SECONDS = 1.0
_INTERVAL_SECONDS = 0.1

LIMITS: Mapping[str, str] = {
    "lock_timeout": "10s",
    "statement_timeout": "30s",
    # Somebody who freezes or vanishes in the middle of a transaction holds the locks of it: others wait until it is
    # ended, so it is before they would give up themselves.
    "idle_in_transaction_session_timeout": "8s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "15000",
}
"""What the server keeps to for each connection. It is told after connecting: a pooler lets no options through before.

https://www.postgresql.org/docs/15/runtime-config-client.html and …/runtime-config-connection.html
"""


class PostgresqlConnection(psycopg.AsyncConnection[Any]):
    """An asynchronous connection with a limit on every answer; one that is over the limit is closed."""

    @classmethod
    async def connect(cls, conninfo: str = "", **settings: Any) -> Self:
        """Connect, have the server keep to ``LIMITS``, and hear what time it is there.

        Raises what psycopg raises; nothing stays open then.
        """
        connection = await super().connect(conninfo, **settings)
        try:
            # Outside a transaction, whose end would take it back.
            await connection.set_autocommit(True)
            told = sql.SQL(", ").join(
                sql.SQL("set_config({}, {}, false)").format(name, value) for name, value in LIMITS.items()
            )
            asked_at = clock.machine_now()
            answer = await connection.execute(sql.SQL("SELECT clock_timestamp(), {}").format(told))
            row = await answer.fetchone()
            if row is not None:
                clock.hear(row[0], asked_at=asked_at)
            await connection.set_autocommit(bool(settings.get("autocommit", False)))
        except BaseException:
            connection.pgconn.finish()
            raise
        return connection

    async def wait(
        self,
        gen: PQGen[T],
        interval: float = _INTERVAL_SECONDS,
        timeout: float | None = None,  # noqa: ASYNC109 - psycopg's own
    ) -> T:
        """Wait for the server. Raises ``OperationalError`` when it does not answer; the connection is closed then."""
        try:
            return await waiting.wait_async(
                gen, self.pgconn.socket, interval=interval, timeout=timeout or _ANSWER_SECONDS
            )
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - it has no other name
            self.pgconn.finish()
            raise psycopg.OperationalError("the server does not answer") from None
        except asyncio.CancelledError:
            await self._end(gen, interval)
            raise

    async def _end(self, gen: PQGen[T], interval: float) -> None:
        """Cancel what the server does for us; close the connection when it does not say soon that it has."""
        if self.pgconn.transaction_status != pq.TransactionStatus.ACTIVE:
            return
        try:
            await self.cancel_safe(timeout=_CANCEL_SECONDS)
            await waiting.wait_async(gen, self.pgconn.socket, interval=interval, timeout=_CANCEL_SECONDS)
        except psycopg.errors.QueryCanceled:
            pass  # as expected
        except psycopg.Error:
            self.pgconn.finish()
        except BaseException:
            self.pgconn.finish()
            raise
