"""The inbox of Stripe's events: each stored once and answered at once, processed afterwards.

Processing asks Stripe about the object; what the event itself said is never believed. So doubles, gaps
and any order are harmless, and several events about one payment become one question.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cashier.books.from_stripe.event import StripeEvent
from cashier.cards.service import Cards
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.disputes.service import Disputes
from cashier.errors import CashierError
from cashier.failpoints import FailPoint, reach
from cashier.identifiers import id_from
from cashier.payments.service import Payments
from cashier.refunds.service import Refunds
from cashier.stripe_gateway.webhooks import EventNotice

log = logging.getLogger(__name__)

_GROUP_MAX = 200
_TAKEN = timedelta(minutes=1)
"""How long events that somebody took are left alone; longer than asking Stripe takes, and harmless if not."""
_REFUND_PREFIXES = ("re_", "pyr_")
_RETRY_SECONDS = 15
_RETRY_SECONDS_MAX = 900


@dataclass(frozen=True, kw_only=True)
class InboxStatus:
    """How the inbox is doing: events not yet processed, and when the last one came (UTC)."""

    waiting: int
    last_received_at: datetime | None


class StripeInbox:
    """Stores events and turns them into questions to Stripe."""

    def __init__(
        self, database: Database, *, payments: Payments, refunds: Refunds, cards: Cards, disputes: Disputes
    ) -> None:
        """Work on ``database``; events lead to ``payments``, ``refunds``, ``cards`` and ``disputes``."""
        self._database = database
        self._refunds = refunds
        self._payments = payments
        self._cards = cards
        self._disputes = disputes

    async def store(self, notices: Sequence[EventNotice]) -> int:
        """Store events in one transaction; return how many were new. The same event twice is stored once."""
        received_at = now()
        rows = [
            {
                "id": notice.id,
                "type": notice.type,
                "object_id": notice.object_id,
                "payment_reference": notice.payment_reference,
                "decline_code": notice.decline_code,
                "api_version": notice.api_version,
                "livemode": notice.livemode,
                "created_at": notice.created_at,
                "received_at": received_at,
                "due_at": received_at,
                "attempts": 0,
            }
            for notice in notices
        ]
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        statement = insert(StripeEvent).on_conflict_do_nothing().returning(StripeEvent.id)
        async with self._database.transaction() as session:
            return len((await session.execute(statement, rows)).all())

    async def process_waiting(self, stopping: asyncio.Event | None = None) -> int:
        """Work through the events whose turn has come, until none is left or ``stopping`` is set.

        Returns how many were done. Several may do this at once, also in several processes: each takes other
        events. One that cannot be processed now waits for its next turn, at growing intervals, and never
        stands in the way of those that were tried less often; among these the oldest come first.
        """
        done = 0
        while stopping is None or not stopping.is_set():
            events = await self._take()
            if not events:
                break
            done += await self._process_group(events)
        return done

    async def status(self) -> InboxStatus:
        """Tell how many events wait and when the last one came."""
        async with self._database.reading() as session:
            waiting = await session.execute(
                sa.select(sa.func.count()).select_from(StripeEvent).where(StripeEvent.processed_at.is_(None))
            )
            last = await session.execute(sa.select(sa.func.max(StripeEvent.received_at)))
            return InboxStatus(waiting=waiting.scalar_one(), last_received_at=last.scalar_one())

    async def _take(self) -> list[StripeEvent]:
        """Take the first event whose turn has come, and all others about the same payment or object.

        Nobody else gets them for a while. Should we die meanwhile, somebody does after that.
        """
        due = (
            sa.select(StripeEvent)
            .where(StripeEvent.processed_at.is_(None), StripeEvent.due_at <= now())
            .order_by(StripeEvent.attempts, StripeEvent.received_at)
        )
        # Looking first keeps those who find nothing from taking SQLite's one right to write.
        async with self._database.reading() as session:
            if (await session.execute(due.limit(1))).first() is None:
                return []
        due = due.with_for_update(skip_locked=True, **ROW_LOCK)
        async with self._database.transaction() as session:
            first = (await session.execute(due.limit(1))).scalar_one_or_none()
            if first is None:
                return []
            if first.payment_reference is not None:
                same = StripeEvent.payment_reference == first.payment_reference
            else:
                same = StripeEvent.object_id == first.object_id
            events = list((await session.execute(due.where(same).limit(_GROUP_MAX))).scalars())
            for event in events:
                event.due_at = now() + _TAKEN
        return events

    async def _process_group(self, events: list[StripeEvent]) -> int:
        ids = [event.id for event in events]
        reach(FailPoint.EVENT_TAKEN)
        try:
            for event in {_kind_of(event): event for event in events}.values():
                await self._look(event)
        except CashierError as error:
            log.warning("event not processed", extra={"events": ids, "reason": error.message.english})
            await self._put_off(events, error.message.english)
            return 0
        reach(FailPoint.EVENT_WORKED)
        async with self._database.transaction() as session:
            done = sa.update(StripeEvent).where(StripeEvent.id.in_(ids))
            await session.execute(done.values(processed_at=now(), last_error=None))
        return len(ids)

    async def _look(self, event: StripeEvent) -> None:
        """Ask Stripe about what the event points at; an object that is not ours is left alone."""
        kind = _kind_of(event)
        if kind == "charge.dispute":
            await self._disputes.look_at_charge(event.object_id)
            return
        if kind == "payment_method":
            await self._cards.look_at_card(event.object_id)
            return
        if kind == "customer":
            await self._cards.look_at_customer(event.object_id)
            return
        if event.object_id.startswith(_REFUND_PREFIXES):
            await self._refunds.look_at(event.object_id)
            return
        payment_id = await self._payment_of(event)
        if payment_id is not None:
            await self._payments.refresh(payment_id)

    async def _payment_of(self, event: StripeEvent) -> uuid.UUID | None:
        if event.payment_reference is not None:
            reference = id_from(event.payment_reference)
            if reference is None:
                log.warning("event with a foreign reference", extra={"event_id": event.id})
                return None
            return reference if await self._payments.exists(reference) else None
        return await self._payments.find_by_stripe_id(event.object_id)

    async def _put_off(self, events: list[StripeEvent], error: str) -> None:
        async with self._database.transaction() as session:
            for event in events:
                wait = min(_RETRY_SECONDS * 2**event.attempts, _RETRY_SECONDS_MAX)
                await session.execute(
                    sa.update(StripeEvent)
                    .where(StripeEvent.id == event.id, StripeEvent.processed_at.is_(None))
                    .values(
                        attempts=event.attempts + 1, last_error=error[:200], due_at=now() + timedelta(seconds=wait)
                    )
                )


def _kind_of(event: StripeEvent) -> str:
    """Return what kind of object an event leads to: events of one kind about one object are one question."""
    return "charge.dispute" if event.type.startswith("charge.dispute.") else event.type.split(".")[0]
