"""Locks of refunds, in the order in which everybody takes them: payments by key, the refund, credit notes by key."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice
from cashier.books.payment import Payment
from cashier.books.refund import Refund
from cashier.database import ROW_LOCK
from cashier.errors import Refused
from cashier.language import m
from cashier.refunds.views import RefundRequest


async def lock_sources(session: AsyncSession, requests: Sequence[RefundRequest]) -> None:
    """Lock everything that ``requests`` take money from, before the first of them is looked at.

    What is asked for together may come from payments and from credit notes, and so may what others ask for.
    """
    notes = [each.credit_note_id for each in requests if each.credit_note_id is not None]
    payments = [each.payment_id for each in requests if each.credit_note_id is None]
    by_payment = sa.select(Payment.id).where(Payment.id.in_(payments)).order_by(Payment.id)
    await session.execute(by_payment.with_for_update(**ROW_LOCK))
    if notes:
        by_note = sa.select(Invoice.id).where(Invoice.id.in_(notes)).order_by(Invoice.id)
        await session.execute(by_note.with_for_update(**ROW_LOCK))


async def lock_payment(session: AsyncSession, payment_id: uuid.UUID) -> Payment:
    """Lock a payment: nobody else asks for, approves or settles a refund of it meanwhile.

    Raises ``Refused`` where there is no such payment.
    """
    statement = sa.select(Payment).where(Payment.id == payment_id).with_for_update(**ROW_LOCK)
    payment = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if payment is None:
        raise Refused(m("There is no such payment."), advice=m("Look at the invoice's payments."))
    return payment


async def lock_refund(session: AsyncSession, refund_id: uuid.UUID) -> tuple[Refund, Payment]:
    """Lock a refund and its payment. Raises ``Refused`` where there is no such refund."""
    payment_id = (
        await session.execute(sa.select(Refund.payment_id).where(Refund.id == refund_id))
    ).scalar_one_or_none()
    if payment_id is None:
        raise Refused(m("There is no such refund."), advice=m("Look at the payment's refunds."))
    payment = await lock_payment(session, payment_id)
    refund = await session.get_one(Refund, refund_id, with_for_update=ROW_LOCK, populate_existing=True)
    return refund, payment


async def lock_note(session: AsyncSession, note_id: int) -> Invoice:
    """Lock a credit note: nobody else uses of it, or changes it, meanwhile. Raises ``Refused`` for what is none."""
    statement = sa.select(Invoice).where(Invoice.id == note_id, Invoice.total_minor < 0).with_for_update(**ROW_LOCK)
    note = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if note is None:
        raise Refused(m("There is no such credit note."), advice=m("Search for it again."))
    return note
