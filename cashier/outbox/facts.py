"""What is told of an event: ids, numbers, amounts and states. No name, no address, nothing of what it was for.

The form of a message is that of Standard Webhooks 1.0:
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice
from cashier.books.outgoing.event import EventKind, OutgoingEvent
from cashier.books.payment import PaymentItem


@dataclass(frozen=True, kw_only=True)
class EventFacts:
    """One event as other systems read it. ``invoices`` are the numbers of those that it is about, in their order.

    ``amount_minor`` of ``invoice.balance_changed`` is what is left to be paid; below zero, what is left of a credit
    note.
    """

    number: int
    id: uuid.UUID
    position: int | None
    kind: EventKind
    at: datetime
    invoices: tuple[str, ...]
    payment_id: uuid.UUID | None
    refund_id: uuid.UUID | None
    dispute_id: str | None
    amount_minor: int
    currency: str
    state: str
    tender: str | None
    reason: str | None

    @property
    def data(self) -> dict[str, Any]:
        """What happened, without what does not apply."""
        told = {
            "invoices": list(self.invoices),
            "payment": None if self.payment_id is None else str(self.payment_id),
            "refund": None if self.refund_id is None else str(self.refund_id),
            "dispute": self.dispute_id,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "state": self.state,
            "tender": self.tender,
            "reason": self.reason,
        }
        return {name: value for name, value in told.items() if value is not None}

    @property
    def timestamp(self) -> str:
        """When it happened, in UTC (ISO 8601)."""
        return self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def body(self) -> bytes:
        """What is sent: the same bytes at every attempt."""
        told = {"type": self.kind.value, "timestamp": self.timestamp, "data": self.data}
        return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


async def facts_of(session: AsyncSession, events: Sequence[OutgoingEvent]) -> list[EventFacts]:
    """Return what is told of ``events``, in their order. What it adds to their rows never changes."""
    payments = {event.payment_id for event in events if event.payment_id is not None}
    numbers: defaultdict[object, list[str]] = defaultdict(list)
    if payments:
        items = (
            sa.select(PaymentItem.payment_id, Invoice.number)
            .join(Invoice, Invoice.id == PaymentItem.invoice_id)
            .where(PaymentItem.payment_id.in_(payments))
            .order_by(Invoice.id)
        )
        for payment_id, number in await session.execute(items):
            numbers[payment_id].append(number)
    invoices = {event.invoice_id for event in events if event.invoice_id is not None}
    if invoices:
        found = sa.select(Invoice.id, Invoice.number).where(Invoice.id.in_(invoices))
        for invoice_id, number in await session.execute(found):
            numbers[invoice_id].append(number)
    return [_facts(event, tuple(numbers[event.invoice_id or event.payment_id])) for event in events]


def _facts(event: OutgoingEvent, invoices: tuple[str, ...]) -> EventFacts:
    return EventFacts(
        number=event.number,
        id=event.id,
        position=event.position,
        kind=event.kind,
        at=event.at,
        invoices=invoices,
        payment_id=event.payment_id,
        refund_id=event.refund_id,
        dispute_id=event.dispute_id,
        amount_minor=event.amount_minor,
        currency=event.currency,
        state=event.state,
        tender=event.tender,
        reason=event.reason,
    )
