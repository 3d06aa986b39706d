"""A connection to PostgreSQL that gives up a server which is there and says nothing, such as one that hangs.

The network's own limits do not notice that: the system of the server still answers for it. And what is cancelled
here is not waited for as long as psycopg does, because somebody stands at the desk.
"""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import psycopg
from psycopg import pq, waiting
from psycopg.abc import PQGen

T = TypeVar("T")

_ANSWER_SECONDS = 40.0
"""How long one statement may take. The server ends each by itself before that, after its statement_timeout."""
_CANCEL_SECONDS = 1.0
_INTERVAL_SECONDS = 0.1


class PostgresqlConnection(psycopg.AsyncConnection[Any]):
    """An asynchronous connection with a limit on every answer; one that is over the limit is closed."""

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
