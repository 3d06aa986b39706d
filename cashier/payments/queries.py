"""Reading payments for windows."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.card_reader import CardReader
from cashier.books.hospital import Desk, Hospital
from cashier.books.invoice import Invoice
from cashier.books.payment import Payment, PaymentItem, PaymentState
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.staff import Staff
from cashier.channels.declines import advice_for
from cashier.errors import Refused
from cashier.language import Message, m
from cashier.money import Money
from cashier.payments.views import PENDING_ADVICE, NoSuchPayment, PaidShare, PaymentView, Pending
from cashier.tenders.card_brands import paid_with
from cashier.tenders.methods import other_method

# Every move of every payment asks this: it is put together once.
_ONE = (
    sa.select(Payment, Staff.display_name, Desk.code, CardReader.label, Receipt, Hospital.time_zone)
    .join(Staff, Staff.id == Payment.staff_id)
    .join(Desk, Desk.id == Payment.desk_id)
    .outerjoin(Hospital, sa.true())
    .outerjoin(CardReader, CardReader.id == Payment.reader_id)
    .outerjoin(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.kind == ReceiptKind.PAYMENT))
    .where(Payment.id == sa.bindparam("payment_id"))
)
_SHARES = (
    sa.select(PaymentItem.invoice_id, Invoice.number, PaymentItem.amount_minor)
    .join(Invoice, Invoice.id == PaymentItem.invoice_id)
    .where(PaymentItem.payment_id == sa.bindparam("payment_id"))
    .order_by(PaymentItem.invoice_id)
)


async def view_of(session: AsyncSession, payment_id: uuid.UUID) -> PaymentView:
    """Read one payment as windows see it. Raises ``NoSuchPayment`` when there is none."""
    row = (await session.execute(_ONE, {"payment_id": payment_id})).first()
    if row is None:
        raise NoSuchPayment
    payment, cashier, desk, reader_label, found, time_zone = row
    receipt: Receipt | None = found
    return PaymentView(
        id=payment.id,
        patient_id=payment.patient_id,
        state=payment.state,
        tender=payment.tender,
        settlement_id=payment.settlement_id,
        amount=payment.amount,
        deposit=Money(payment.deposit_minor, payment.currency),
        unallocated=Money(payment.unallocated_minor, payment.currency),
        tendered=None if payment.tendered_minor is None else Money(payment.tendered_minor, payment.currency),
        rounding=Money(payment.rounding_minor, payment.currency),
        reference=payment.reference,
        reader_label=reader_label,
        shares=await _shares_of(session, payment),
        asked=payment.asked,
        pending=pending_of(payment, time_zone),
        desk=desk,
        desk_id=payment.desk_id,
        cashier=cashier,
        created_at=payment.created_at,
        settled_at=payment.settled_at,
        decline=advice_for(payment.decline_code, method=payment.card_brand) if payment.decline_code else None,
        card_brand=payment.card_brand,
        card_last_four=payment.card_last_four,
        receipt_id=None if receipt is None else receipt.id,
        receipt_number=None if receipt is None else receipt.full_number,
        contradiction=payment.contradiction_words,
        stripe_session_id=payment.stripe_session_id,
        stripe_intent_id=payment.stripe_intent_id,
        stripe_charge_id=payment.stripe_charge_id,
        taken_over_by=await _taker_of(session, payment) if payment.state is PaymentState.CANCELLED else None,
    )


def pending_of(payment: Payment, time_zone: str | None) -> Pending | None:
    """Return what is pending of ``payment``; None unless its bank decides for days, or somebody has to pay a voucher.

    Days are those of ``time_zone``.
    """
    method = other_method(payment.card_brand)
    if payment.state is not PaymentState.PROCESSING or payment.pending_since is None or method is None:
        return None
    return Pending(
        amount=payment.amount,
        method=paid_with(payment.card_brand, payment.card_last_four),
        is_voucher=method.is_voucher,
        since=payment.pending_since,
        until=payment.pending_until,
        time_zone=time_zone or "UTC",
    )


async def refuse_pending(session: AsyncSession, payment: Payment) -> None:
    """Raise ``Refused`` while the bank of ``payment`` decides for days: nobody takes that away from it."""
    hospital = await session.get(Hospital, 1)
    pending = pending_of(payment, None if hospital is None else hospital.time_zone)
    if pending is not None:
        raise Refused(pending.words, advice=PENDING_ADVICE)


def unfinished() -> sa.Select[uuid.UUID]:
    """Select the payments that have no outcome yet, the oldest first."""
    return (
        sa.select(Payment.id)
        .where(Payment.state.not_in((PaymentState.PAID, PaymentState.CANCELLED)))
        .order_by(Payment.created_at)
    )


def called_at_stripe(stripe_id: str) -> sa.Select[uuid.UUID]:
    """Select the payment that this session, intent or charge belongs to."""
    names = (Payment.stripe_session_id, Payment.stripe_intent_id, Payment.stripe_charge_id)
    return sa.select(Payment.id).where(sa.or_(*(name == stripe_id for name in names)))


async def _shares_of(session: AsyncSession, payment: Payment) -> tuple[PaidShare, ...]:
    items = await session.execute(_SHARES, {"payment_id": payment.id})
    return tuple(
        PaidShare(invoice_id=invoice_id, invoice_number=number, amount=Money(amount_minor, payment.currency))
        for invoice_id, number, amount_minor in items
    )


async def _taker_of(session: AsyncSession, payment: Payment) -> Message | None:
    """Name who took a payment over: ``Sol Example at desk D2``."""
    statement = (
        sa.select(Staff.display_name, Desk.code)
        .select_from(Payment)
        .join(Staff, Staff.id == Payment.taken_over_by)
        .join(Desk, Desk.id == Payment.taken_over_desk_id)
        .where(Payment.id == payment.id)
    )
    row = (await session.execute(statement)).first()
    return None if row is None else m("{person} at desk {desk}", person=row[0], desk=row[1])
