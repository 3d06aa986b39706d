"""Payments that a bank has still to decide about: a shift is closed with them, and they are carried over.

Each stands on every report of its desk until it is decided, and then, on the next one, with how it ended. So none is
counted twice, and none is lost between two shifts: what is carried over is no part of a shift's sums.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice
from cashier.books.payment import Payment, PaymentItem, PaymentState
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.shift import Shift
from cashier.clock import on_the_clock
from cashier.shifts.facts import PendingLine, thaw


async def carried_over(session: AsyncSession, shift: Shift, time_zone: str) -> tuple[PendingLine, ...]:
    """Return what the desk of ``shift`` has pending, the oldest first, whichever shift it began in."""
    pending = sa.select(Payment).where(Payment.desk_id == shift.desk_id, Payment.state == PaymentState.PROCESSING)
    found = (await session.execute(pending.order_by(Payment.created_at))).scalars().all()
    return tuple([await _line(session, payment, time_zone) for payment in found])


async def decided_since(
    session: AsyncSession, shift: Shift, pending: Iterable[PendingLine], time_zone: str
) -> tuple[PendingLine, ...]:
    """Return what the desk's last Z report carried over and is not ``pending`` any more, as it ended."""
    still = {line.payment for line in pending}
    same_world = Shift.number < 0 if shift.is_training else Shift.number > 0
    last = (
        sa.select(Shift.facts)
        .where(Shift.desk_id == shift.desk_id, Shift.id < shift.id, Shift.facts.is_not(None), same_world)
        .order_by(Shift.id.desc())
        .limit(1)
    )
    facts = (await session.execute(last)).scalar_one_or_none()
    ids = [] if facts is None else [each.payment for each in thaw(facts).pending if each.payment not in still]
    ended = [await session.get_one(Payment, uuid.UUID(payment_id)) for payment_id in ids]
    return tuple([await _line(session, payment, time_zone) for payment in ended])


async def _line(session: AsyncSession, payment: Payment, time_zone: str) -> PendingLine:
    numbers = sa.select(Invoice.number).join(PaymentItem, PaymentItem.invoice_id == Invoice.id)
    invoices = await session.execute(numbers.where(PaymentItem.payment_id == payment.id).order_by(Invoice.id))
    line = PendingLine(
        payment=str(payment.id),
        tender=payment.tender.value,
        method=payment.card_brand or "",
        last_four=payment.card_last_four or "",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        since=_day(payment.pending_since or payment.created_at, time_zone),
        until="" if payment.pending_until is None else _day(payment.pending_until, time_zone),
        invoices=", ".join(invoices.scalars()),
    )
    if not payment.state.is_final:
        return line
    of_payment = sa.and_(Receipt.payment_id == payment.id, Receipt.kind == ReceiptKind.PAYMENT)
    receipt = (await session.execute(sa.select(Receipt).where(of_payment))).scalar_one_or_none()
    return msgspec.structs.replace(line, receipt="" if receipt is None else receipt.full_number)


def _day(moment: datetime, time_zone: str) -> str:
    return on_the_clock(moment, time_zone).date().isoformat()
