"""What can go back of an invoice or of one payment: read for the window that asks for a refund."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Allocation, Payment, PaymentState
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund, RefundState
from cashier.clock import now
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.language import NOTHING, m
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.refunds.checks import check_payment, left_of, left_on_invoice
from cashier.refunds.views import FailedRefund, Refundable, RefundOffer
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import CREDIT_TENDER


async def offer_of_invoice(session: AsyncSession, invoice_id: int) -> RefundOffer:
    """Read what can go back of an invoice, the newest payment first. Raises ``Refused`` when there is none."""
    invoice = await session.get(Invoice, invoice_id)
    if invoice is None:
        raise Refused(m("This invoice does not exist any more."), advice=m("Search for it again."))
    if invoice.is_credit_note:
        return await _offer_of_note(session, invoice)
    allocated = sa.select(Allocation.payment_id).where(Allocation.invoice_id == invoice_id)
    statement = (
        sa.select(Payment)
        .where(Payment.id.in_(allocated), Payment.state == PaymentState.PAID)
        .order_by(Payment.settled_at.desc(), Payment.id)
    )
    payments = (await session.execute(statement)).scalars().all()
    return RefundOffer(
        patient=await _identity(session, invoice.patient_id),
        invoice_id=invoice_id,
        invoice_number=invoice.number,
        currency=invoice.currency,
        payments=tuple([await _refundable(session, payment, invoice_id) for payment in payments]),
    )


async def offer_of_payment(session: AsyncSession, payment_id: uuid.UUID) -> RefundOffer:
    """Read what can go back of one payment. Raises ``Refused`` when there is none, or it is not paid."""
    payment = await session.get(Payment, payment_id)
    if payment is None:
        raise Refused(m("There is no such payment."), advice=m("Look at the payment history."))
    if payment.state is not PaymentState.PAID:
        raise Refused(m("This payment is not paid."), advice=m("Only what was paid can go back."))
    return RefundOffer(
        patient=await _identity(session, payment.patient_id),
        invoice_id=None,
        invoice_number="",
        currency=payment.currency,
        payments=(await _refundable(session, payment, None),),
    )


async def _offer_of_note(session: AsyncSession, note: Invoice) -> RefundOffer:
    """Offer what is left of a credit note: as one payment that is made when it is asked for."""
    left = Money(note.credit_minor, note.currency)
    credit = Refundable(
        payment_id=new_id(),
        amount=left,
        left=left,
        way=CREDIT_TENDER.row.way_back,
        tender=CREDIT_TENDER,
        card_brand=None,
        card_last_four=None,
        settled_at=note.received_at,
        receipt_number=note.number,
        credit_note_id=note.id,
    )
    return RefundOffer(
        patient=await _identity(session, note.patient_id),
        invoice_id=None,
        invoice_number=note.number,
        currency=note.currency,
        payments=(credit,) if left else (),
        credit_note_id=note.id,
    )


async def _refundable(session: AsyncSession, payment: Payment, invoice_id: int | None) -> Refundable:
    moment = now()
    left, obstacle = await left_of(session, payment, moment), NOTHING
    if invoice_id is not None:
        there = await left_on_invoice(session, payment, invoice_id, moment)
        left = there if there < left else left
    try:
        await check_payment(session, payment)
    except Refused as refusal:
        left, obstacle = Money(0, payment.currency), refusal.message
    receipt = (
        await session.execute(
            sa.select(Receipt).where(Receipt.payment_id == payment.id, Receipt.kind == ReceiptKind.PAYMENT)
        )
    ).scalar_one_or_none()
    return Refundable(
        payment_id=payment.id,
        amount=payment.amount,
        left=left,
        way=payment.way_back,
        tender=payment.tender,
        card_brand=payment.card_brand,
        card_last_four=payment.card_last_four,
        settled_at=payment.settled_at or payment.created_at,
        receipt_number=payment.reference if receipt is None else receipt.full_number,
        obstacle=obstacle,
        failed=await _failed(session, payment, left),
    )


async def _failed(session: AsyncSession, payment: Payment, left: Money) -> tuple[FailedRefund, ...]:
    """Read the card refunds that failed and for which no cash was given yet, as far as so much is left."""
    standing_in = sa.select(Refund.instead_of).where(
        Refund.payment_id == payment.id,
        Refund.instead_of.is_not(None),
        Refund.state.in_([state for state in RefundState if state.takes_money]),
    )
    statement = sa.select(Refund).where(
        Refund.payment_id == payment.id,
        Refund.way == RefundWay.CARD,
        Refund.state == RefundState.FAILED,
        Refund.amount_minor <= left.amount_minor,
        Refund.id.not_in(standing_in),
    )
    return tuple(
        FailedRefund(refund_id=refund.id, amount=refund.amount)
        for refund in (await session.execute(statement.order_by(Refund.requested_at))).scalars()
    )


async def _identity(session: AsyncSession, patient_id: int) -> PatientIdentity:
    patient = await session.get_one(Patient, patient_id)
    return PatientIdentity(name=patient.name, record_number=patient.record_number, born=patient.born)
