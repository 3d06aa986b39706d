"""Rules about events: of whatever was paid other systems were told, and of nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice
from cashier.books.outgoing.event import EventKind, OutgoingEvent, OutgoingHead
from cashier.books.payment import Allocation, Payment, PaymentState
from cashier.language import Message, m


async def wrong_events(session: AsyncSession) -> AsyncIterator[Message]:
    """Find what was paid without an event, events of what was not, and balances that were last told otherwise.

    What happened before events were written has none.
    """
    async for found in _payments(session):
        yield found
    async for found in _invoices(session):
        yield found


async def _payments(session: AsyncSession) -> AsyncIterator[Message]:
    since = sa.select(OutgoingHead.since).scalar_subquery()
    told = sa.and_(
        OutgoingEvent.payment_id == Payment.id,
        OutgoingEvent.kind == EventKind.PAYMENT_SETTLED,
    )
    is_paid = sa.and_(Payment.state == PaymentState.PAID, Payment.settled_at >= since)
    as_told = sa.and_(OutgoingEvent.amount_minor == Payment.amount_minor, OutgoingEvent.currency == Payment.currency)
    untold = (
        sa.select(Payment.id)
        .outerjoin(OutgoingEvent, sa.and_(told, as_told))
        .where(is_paid, OutgoingEvent.number.is_(None))
        .order_by(Payment.created_at)
    )
    async for (payment_id,) in await session.stream(untold):
        yield m("payment {payment} is paid, and no event says so", payment=payment_id)
    made_up = (
        sa.select(Payment.id, OutgoingEvent.number)
        .join(OutgoingEvent, told)
        .where(sa.or_(Payment.state != PaymentState.PAID, sa.not_(as_told)))
        .order_by(OutgoingEvent.number)
    )
    async for payment_id, number in await session.stream(made_up):
        yield m("event {number} says otherwise of payment {payment} than it is", number=number, payment=payment_id)


async def _invoices(session: AsyncSession) -> AsyncIterator[Message]:
    since = sa.select(OutgoingHead.since).scalar_subquery()
    last = (
        sa.select(OutgoingEvent.invoice_id, sa.func.max(OutgoingEvent.number).label("number"))
        .where(OutgoingEvent.invoice_id.is_not(None))
        .group_by(OutgoingEvent.invoice_id)
        .subquery()
    )
    moved = sa.select(Allocation.invoice_id).where(Allocation.at >= since).distinct().subquery()
    statement = (
        sa.select(Invoice.number, Invoice.balance_minor, Invoice.currency)
        .outerjoin(last, last.c.invoice_id == Invoice.id)
        .outerjoin(moved, moved.c.invoice_id == Invoice.id)
        .outerjoin(OutgoingEvent, OutgoingEvent.number == last.c.number)
        .where(
            sa.or_(last.c.number.is_not(None), moved.c.invoice_id.is_not(None)),
            sa.or_(OutgoingEvent.number.is_(None), OutgoingEvent.amount_minor != Invoice.balance_minor),
        )
        .order_by(Invoice.number)
    )
    async for number, balance_minor, currency in await session.stream(statement):
        yield m(
            "{balance} {currency} (minor units) are due on invoice {number}, and the last event says otherwise",
            balance=balance_minor,
            currency=currency,
            number=number,
        )
