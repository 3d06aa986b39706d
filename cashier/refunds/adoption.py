"""Refunds that somebody made in Stripe's dashboard: finding our row of one, or making it."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.refunds import RefundMoved
from cashier.books.from_stripe.refund_report import RefundReport
from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import Refund, RefundOrigin, RefundReason, RefundState
from cashier.identifiers import id_from
from cashier.refunds.effects import facts_of, record, spread
from cashier.refunds.locking import lock_payment
from cashier.refunds.queries import MADE_IN_THE_DASHBOARD
from cashier.tenders.refund_way import RefundWay


async def find_or_adopt(session: AsyncSession, report: RefundReport) -> uuid.UUID | None:
    """Return our refund that ``report`` is about, made now if nobody here asked for it; None when it is not ours.

    It counts as a correction: what it gives back is owed again.
    """
    known = (
        await session.execute(sa.select(Refund.id).where(Refund.stripe_refund_id == report.stripe_id))
    ).scalar_one_or_none()
    if known is not None:
        return known
    known = id_from(report.reference)
    if known is not None and await session.get(Refund, known) is not None:
        return known
    return await _adopt(session, report)


async def _adopt(session: AsyncSession, report: RefundReport) -> uuid.UUID | None:
    if report.intent_id is None:
        return None
    statement = sa.select(Payment.id).where(
        Payment.stripe_intent_id == report.intent_id, Payment.state == PaymentState.PAID
    )
    payment_id = (await session.execute(statement)).scalar_one_or_none()
    if payment_id is None:
        return None
    payment = await lock_payment(session, payment_id)
    refund_id = uuid.uuid5(payment_id, report.stripe_id)
    # Looked for under the lock: two companions may come upon it at once.
    if await session.get(Refund, refund_id) is not None:
        return refund_id
    refund = Refund(
        id=refund_id,
        payment_id=payment_id,
        amount_minor=report.amount.amount_minor,
        currency=report.amount.currency,
        reason=RefundReason.REQUESTED_BY_CUSTOMER,
        note=MADE_IN_THE_DASHBOARD.english,
        way=RefundWay.CARD,
        reopens=True,
        origin=RefundOrigin.STRIPE,
        state=RefundState.APPROVED,
        requested_at=report.created_at,
        stripe_refund_id=report.stripe_id,
    )
    session.add(refund)
    await session.flush()
    await spread(session, payment, refund)
    await record(session, RefundMoved(kind=DeedKind.REFUND_ADOPTED, **facts_of(refund)), journal.PROGRAM)
    return refund_id
