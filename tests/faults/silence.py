"""What becomes of a desk that freezes in a transaction, in the tests' own process: the server ends that transaction.

Real processes that really freeze are slow, since the server waits before it does so. Here it does at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from cashier import failpoints
from cashier.failpoints import FailPoint

_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
)


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Whoever is in a transaction ``at`` this step says nothing more; outside of one, nothing comes of it."""

    at: FailPoint


class _Silencing:
    """Ends all transactions at ``url`` in which nothing happens, at the next ``point``, once ordered."""

    def __init__(self) -> None:
        self.point: FailPoint | None = None
        self.url = ""

    def look(self, reached: FailPoint) -> None:
        if reached is self.point:
            self.point = None
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(_END)


silencing = _Silencing()
failpoints.arm(silencing.look)
