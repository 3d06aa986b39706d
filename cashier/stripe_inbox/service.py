"""The inbox of Stripe's events: each stored once and answered at once, processed afterwards.

Processing asks Stripe about the object; what the event itself said is never believed. So doubles, gaps
and any order are harmless, and several events about one payment become one question.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from cashier import logs
from cashier.books.from_stripe.event import StripeEvent
from cashier.cards.service import Cards
from cashier.clock import now
from cashier.database import Database
from cashier.disputes.service import Disputes
from cashier.errors import CashierError
from cashier.failpoints import FailPoint, reach
from cashier.payments.service import Payments
from cashier.refunds.service import Refunds
from cashier.stripe_gateway.webhooks import EventNotice
from cashier.stripe_inbox.taking import Batch, Taken, take_batch

log = logging.getLogger(__name__)

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
        self._taking = asyncio.Lock()
        self._in_hand: deque[list[Taken]] = deque()
        self._marking = asyncio.Lock()
        self._worked: list[str] = []

    async def store(self, notices: Sequence[EventNotice]) -> int:
        """Store events in one commit; return how many were new. The same event twice is stored once."""
        moment = now()
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
                "attempts": 0,
                "received_at": moment,
                "due_at": moment,
            }
            for notice in notices
        ]
        return await self._database.add_new(StripeEvent, rows)

    async def process_waiting(
        self, stopping: asyncio.Event | None = None, *, before_each_batch: Callable[[], Awaitable[None]] | None = None
    ) -> int:
        """Work through the events whose turn has come, until none is left or ``stopping`` is set.

        Returns how many were done. Several may do this at once, also in several processes: each takes other
        events. One that cannot be processed now waits for its next turn, at growing intervals, and never
        stands in the way of those that were tried less often; among these the oldest come first.
        ``before_each_batch`` is waited for before events are taken, so that whatever is more urgent goes first.
        """
        done = 0
        while True:
            if stopping is not None and stopping.is_set():
                await self._give_back()
                return done
            async with self._taking:
                while not self._in_hand:
                    if before_each_batch is not None:
                        await before_each_batch()
                    batch = await take_batch(self._database)
                    if batch is None:
                        return done
                    done += self._take_in_hand(batch)
                events = self._in_hand.popleft()
            if time.monotonic() < events[0].until:
                done += await self._process_group(events)

    async def status(self) -> InboxStatus:
        """Tell how many events wait and when the last one came."""
        async with self._database.reading() as session:
            waiting = await session.execute(
                sa.select(sa.func.count()).select_from(StripeEvent).where(StripeEvent.processed_at.is_(None))
            )
            last = await session.execute(sa.select(sa.func.max(StripeEvent.received_at)))
            return InboxStatus(waiting=waiting.scalar_one(), last_received_at=last.scalar_one())

    def _take_in_hand(self, batch: Batch) -> int:
        self._in_hand.extend(batch.groups)
        if batch.foreign:
            log.info("events about nothing of ours", extra={"events": batch.foreign})
        return batch.foreign

    async def _give_back(self) -> None:
        """Let others have at once what was taken here and not begun."""
        async with self._taking:
            ids = [event.id for events in self._in_hand for event in events]
            self._in_hand.clear()
            if ids:
                async with self._database.transaction() as session:
                    left = sa.update(StripeEvent).where(StripeEvent.id.in_(ids), StripeEvent.processed_at.is_(None))
                    await session.execute(left.values(due_at=now()))

    async def _process_group(self, events: list[Taken]) -> int:
        ids = [event.id for event in events]
        reach(FailPoint.EVENT_TAKEN)
        try:
            await self._look(events[0])
        except CashierError as error:
            log.warning("event not processed", extra={"events": ids, "reason": error.message.english})
            await self._put_off(events, error.message.english)
            return 0
        except Exception as error:
            reference = logs.new_reference()
            log.exception("event failed", extra={"events": ids, "reference": reference})
            await self._put_off(events, f"{type(error).__name__} ({reference})")
            return 0
        reach(FailPoint.EVENT_WORKED)
        self._worked += ids
        await self._mark_worked()
        return len(ids)

    async def _mark_worked(self) -> None:
        """Mark as done what was worked on: all that is finished while one commit runs goes into the next."""
        async with self._marking:
            ids, self._worked = self._worked, []
            if not ids:
                return
            try:
                async with self._database.transaction() as session:
                    done = sa.update(StripeEvent).where(StripeEvent.id.in_(ids))
                    await session.execute(done.values(processed_at=now(), last_error=None))
            except BaseException:
                self._worked += ids  # for whoever waits behind us; else somebody works on them once more
                raise

    async def _look(self, event: Taken) -> None:
        """Ask Stripe about what the event points at."""
        match event.kind:
            case "charge.dispute":
                await self._disputes.look_at_charge(event.object_id)
            case "payment_method":
                await self._cards.look_at_card(event.object_id)
            case "customer":
                await self._cards.look_at_customer(event.object_id)
            case "refund":
                await self._refunds.look_at(event.object_id)
            case _ if event.payment_id is not None:
                await self._payments.refresh(event.payment_id)

    async def _put_off(self, events: list[Taken], error: str) -> None:
        async with self._database.transaction() as session:
            moment = now()
            for event in events:
                wait = min(_RETRY_SECONDS * 2**event.attempts, _RETRY_SECONDS_MAX)
                await session.execute(
                    sa.update(StripeEvent)
                    .where(StripeEvent.id == event.id, StripeEvent.processed_at.is_(None))
                    .values(
                        attempts=event.attempts + 1, last_error=error[:200], due_at=moment + timedelta(seconds=wait)
                    )
                )
