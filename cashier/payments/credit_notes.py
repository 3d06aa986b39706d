"""The credit of credit notes: money that the hospital owes a patient, without any having come.

A credit note is an invoice of less than nothing; what is left of it is its balance. Credit that is used leaves the
note as a payment by the tender of credit notes: of exactly so much, at the desk and by the cashier that use it. From
then on it is money on the patient's account like any other: it pays invoices, or goes back. No money came by it, so
that it is in no drawer, on no receipt and in no report.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.payments import CreditPutBack, CreditTaken
from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.payment import Allocation, Payment, PaymentItem, PaymentState
from cashier.clock import now
from cashier.database import ROW_LOCK
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.language import m
from cashier.money import Money
from cashier.news import News
from cashier.tenders.tender import CREDIT_TENDER


async def notes_with_credit(
    session: AsyncSession, patient_id: int, *, currency: str | None = None
) -> Sequence[Invoice]:
    """Return the patient's credit notes of which something is left, by their keys."""
    statement = sa.select(Invoice).where(Invoice.patient_id == patient_id, Invoice.status == InvoiceStatus.CREDIT)
    if currency is not None:
        statement = statement.where(Invoice.currency == currency)
    return (await session.execute(statement.order_by(Invoice.id))).scalars().all()


async def take_credit(
    session: AsyncSession,
    note: Invoice,
    amount_minor: int,
    actor: journal.Actor,
    *,
    payment_id: uuid.UUID | None = None,
) -> Payment:
    """Take so much credit off the locked ``note``; return the payment on which it is, not allocated yet.

    Raises ``Refused`` for more than is left of it, and without a desk and a cashier.
    """
    if actor.desk_id is None or actor.staff_id is None:
        raise Refused(m("Using credit needs a desk and a cashier."), advice=m("Sign in first."))
    left = Money(note.credit_minor, note.currency)
    if not 0 < amount_minor <= left.amount_minor:
        raise Refused(
            m("{left} are left of credit note {number}.", left=left, number=note.number),
            advice=m("Use at most {left}.", left=left),
        )
    payment = _payment(note, amount_minor, actor, payment_id or new_id())
    payment.learn(PaymentReport(standing=Standing.PAID, received=payment.amount))
    payment.unallocated_minor = amount_minor
    session.add(payment)
    await session.flush()
    session.add(PaymentItem(payment_id=payment.id, invoice_id=note.id, amount_minor=amount_minor))
    session.add(payment.count_towards(note, -amount_minor, at=payment.created_at))
    await session.flush()
    deed = CreditTaken(payment=payment.id, note=note.number, amount_minor=amount_minor, currency=note.currency)
    await _record(session, deed, note, actor)
    return payment


async def put_credit_back(
    session: AsyncSession, payment: Payment, actor: journal.Actor, *, promised_minor: int = 0
) -> None:
    """Put what nobody uses of the locked ``payment`` back on its credit note; nothing for a payment of money.

    ``promised_minor`` of it is asked for by other refunds, and stays. So a note's balance tells what is left of it,
    and the hospital can still withdraw what was asked for in vain.
    """
    left_minor = payment.unallocated_minor - promised_minor
    if payment.tender.row.brings_money or left_minor <= 0:
        return
    taken_from = sa.select(Allocation.invoice_id).where(Allocation.payment_id == payment.id)
    statement = sa.select(Invoice).where(Invoice.id.in_(taken_from), Invoice.total_minor < 0)
    locked = statement.with_for_update(**ROW_LOCK).execution_options(populate_existing=True)
    note = (await session.execute(locked)).scalar_one()
    payment.unallocated_minor -= left_minor
    session.add(payment.count_towards(note, left_minor, at=now()))
    await session.flush()
    deed = CreditPutBack(payment=payment.id, note=note.number, amount_minor=left_minor, currency=note.currency)
    await _record(session, deed, note, actor)


def _payment(note: Invoice, amount_minor: int, actor: journal.Actor, payment_id: uuid.UUID) -> Payment:
    return Payment(
        id=payment_id,
        patient_id=note.patient_id,
        desk_id=actor.desk_id,
        staff_id=actor.staff_id,
        tender=CREDIT_TENDER,
        settlement_id=payment_id,
        state=PaymentState.PREPARED,
        amount_minor=amount_minor,
        deposit_minor=amount_minor,
        unallocated_minor=0,
        rounding_minor=0,
        reference=note.number,
        currency=note.currency,
        created_at=now(),
        return_base="",
    )


async def _record(
    session: AsyncSession, deed: CreditTaken | CreditPutBack, note: Invoice, actor: journal.Actor
) -> None:
    await journal.record(session, deed, actor)
    await News.announce(session, f"invoice:{note.id}")
