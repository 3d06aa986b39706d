"""The sweep: reads Stripe's own list of events, so that a webhook that never came is found.

Stripe keeps events for 30 days; each sweep begins where the last one ended, with an overlap, because events
do not appear in the list strictly in the order of their moments.
https://docs.stripe.com/webhooks/process-undelivered-events
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite

from cashier.books.from_stripe.sweep_mark import SweepMark
from cashier.clock import now
from cashier.database import Database
from cashier.stripe_gateway.records import RecordsGateway
from cashier.stripe_inbox.service import StripeInbox

_OVERLAP = timedelta(minutes=10)
_FIRST_LOOK = timedelta(days=3)
_KEPT_BY_STRIPE = timedelta(days=29)


class Sweep:
    """Brings events that no webhook brought."""

    def __init__(self, database: Database, records: RecordsGateway, inbox: StripeInbox) -> None:
        """Read from ``records`` into ``inbox``."""
        self._database = database
        self._records = records
        self._inbox = inbox

    async def run(self) -> int:
        """Read Stripe's events since the last sweep into the inbox; return how many were missing.

        Safe to repeat and to interrupt: the mark moves only after the events are stored. Raises
        ``Unreachable`` when Stripe does not answer.
        """
        read_until = await self.last_at()
        started_at = now()
        since = started_at - _FIRST_LOOK if read_until is None else read_until - _OVERLAP
        found = await self._records.events_since(max(since, started_at - _KEPT_BY_STRIPE))
        missing = await self._inbox.store(found.notices) if found.notices else 0
        # What happened is dated by Stripe's clock: one that is ahead of it would pass over what comes meanwhile.
        await self._move_mark(started_at if found.asked_at is None else min(started_at, found.asked_at))
        return missing

    async def _move_mark(self, read_until: datetime) -> None:
        """Move the mark ahead, never back: several may sweep at once."""
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        statement = (
            insert(SweepMark)
            .values(id=1, read_until=read_until)
            .on_conflict_do_update(
                index_elements=[SweepMark.id],
                set_={"read_until": read_until},
                where=SweepMark.read_until < read_until,
            )
        )
        async with self._database.transaction() as session:
            await session.execute(statement)

    async def last_at(self) -> datetime | None:
        """Tell when the last complete sweep began (UTC); None before the first."""
        async with self._database.reading() as session:
            mark = await session.get(SweepMark, 1)
        return None if mark is None else mark.read_until
