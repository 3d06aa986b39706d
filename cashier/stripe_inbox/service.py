"""The inbox of Stripe's events: each stored once and answered at once, processed afterwards.

Processing asks Stripe about the object; what the event itself said is never believed. So doubles, gaps
and any order are harmless, and several events about one payment become one question.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cashier.cards.service import Cards
from cashier.database import Database, now
from cashier.errors import CashierError
from cashier.failpoints import FailPoint, reach
from cashier.payments.service import Payments
from cashier.refunds.service import Refunds
from cashier.stripe_gateway.webhooks import EventNotice
from cashier.stripe_inbox.model import StripeEvent

log = logging.getLogger(__name__)

_BATCH = 200
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

    def __init__(self, database: Database, payments: Payments, refunds: Refunds, cards: Cards) -> None:
        """Work on ``database``; events lead to ``payments``, ``refunds`` and ``cards``."""
        self._database = database
        self._refunds = refunds
        self._payments = payments
        self._cards = cards

    async def store(self, notices: Sequence[EventNotice]) -> int:
        """Store events in one transaction; return how many were new. The same event twice is stored once."""
        rows = [
            {
                "id": notice.id,
                "type": notice.type,
                "object_id": notice.object_id,
                "payment_reference": notice.payment_reference,
                "api_version": notice.api_version,
                "livemode": notice.livemode,
                "created_at": notice.created_at,
                "received_at": now(),
                "attempts": 0,
            }
            for notice in notices
        ]
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        statement = insert(StripeEvent).on_conflict_do_nothing().returning(StripeEvent.id)
        async with self._database.transaction() as session:
            return len((await session.execute(statement, rows)).all())

    async def process_waiting(self) -> int:
        """Work through the stored events; return how many were done.

        An event that cannot be processed now waits for its next turn, at growing intervals, and never
        stands in the way of those that were tried less often; among these the oldest come first.
        """
        async with self._database.reading() as session:
            waiting = (
                (
                    await session.execute(
                        sa.select(StripeEvent)
                        .where(StripeEvent.processed_at.is_(None))
                        .order_by(StripeEvent.attempts, StripeEvent.received_at)
                        .limit(_BATCH)
                    )
                )
                .scalars()
                .all()
            )
        due = [event for event in waiting if _is_due(event)]
        groups: dict[str, list[StripeEvent]] = {}
        for event in due:
            groups.setdefault(event.payment_reference or event.object_id, []).append(event)
        done = 0
        for events in groups.values():
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

    async def _process_group(self, events: list[StripeEvent]) -> int:
        ids = [event.id for event in events]
        reach(FailPoint.EVENT_TAKEN)
        try:
            for kind in {event.type.split(".")[0]: event for event in events}.values():
                await self._look(kind)
        except CashierError as error:
            log.warning("event not processed", extra={"events": ids, "reason": error.message})
            await self._mark(ids, error=error.message)
            return 0
        reach(FailPoint.EVENT_WORKED)
        await self._mark(ids, error=None)
        return len(ids)

    async def _look(self, event: StripeEvent) -> None:
        """Ask Stripe about what the event points at; an object that is not ours is left alone."""
        kind = event.type.split(".")[0]
        if kind in ("payment_method", "customer"):
            patient_id = await self._cards.patient_of_card(event.object_id)
            if patient_id is None:
                patient_id = await self._cards.patient_of_customer(event.object_id)
            if patient_id is not None:
                await self._cards.refresh(patient_id)
            return
        if event.object_id.startswith(_REFUND_PREFIXES):
            await self._refunds.look_at(event.object_id)
            return
        payment_id = await self._payment_of(event)
        if payment_id is not None:
            await self._payments.refresh(payment_id)

    async def _payment_of(self, event: StripeEvent) -> uuid.UUID | None:
        if event.payment_reference is not None:
            try:
                reference = uuid.UUID(event.payment_reference)
            except ValueError:
                log.warning("event with a foreign reference", extra={"event_id": event.id})
                return None
            return reference if await self._payments.exists(reference) else None
        return await self._payments.find_by_stripe_id(event.object_id)

    async def _mark(self, ids: list[str], *, error: str | None) -> None:
        change = sa.update(StripeEvent).where(StripeEvent.id.in_(ids))
        if error is None:
            change = change.values(processed_at=now(), last_error=None)
        else:
            change = change.values(attempts=StripeEvent.attempts + 1, last_error=error[:200])
        async with self._database.transaction() as session:
            await session.execute(change)


def _is_due(event: StripeEvent) -> bool:
    """Tell whether an event's turn has come: its attempts are spread over the time since it was received."""
    waits = (min(_RETRY_SECONDS * 2**attempt, _RETRY_SECONDS_MAX) for attempt in range(event.attempts))
    return now() >= event.received_at + timedelta(seconds=sum(waits))
