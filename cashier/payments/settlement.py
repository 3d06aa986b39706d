"""Taking in what Stripe says: one transaction that moves the state and, when paid, settles the invoices."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.contradiction import Disagreement
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.payments import OfPayment, OtherAmountPaid, PaymentContradicted, PaymentMove, PaymentMoved
from cashier.books.from_stripe.payment_report import PaymentReport
from cashier.books.invoice import Invoice
from cashier.books.payment import InvoiceHold, Payment, PaymentItem, PaymentState
from cashier.books.receipt import Receipt
from cashier.clock import now
from cashier.database import ROW_LOCK
from cashier.failpoints import FailPoint, reach
from cashier.payments.queries import view_of
from cashier.payments.views import PaymentView
from cashier.receipts.service import Receipts

_MOVE_TO: Mapping[PaymentState, PaymentMove] = {
    PaymentState.OPEN: DeedKind.PAYMENT_OPEN,
    PaymentState.PROCESSING: DeedKind.PAYMENT_PROCESSING,
    PaymentState.PAID: DeedKind.PAYMENT_PAID,
    PaymentState.CANCELLED: DeedKind.PAYMENT_CANCELLED,
}
"""What it is called when a payment comes into a state; it begins in the one that is missing."""


async def take_in_report(
    session: AsyncSession, receipts: Receipts, payment: Payment, report: PaymentReport, actor: journal.Actor
) -> bool:
    """Let ``payment`` (its row locked) learn ``report``; settle or release its invoices. True when it moved.

    A report that contradicts a final state changes nothing but is kept on the payment for a supervisor.
    """
    moved = await _learn(session, payment, report, actor)
    if moved:
        await _conclude(session, receipts, payment, actor)
    return moved


async def take_in_and_view(
    session: AsyncSession, receipts: Receipts, payment: Payment, report: PaymentReport, actor: journal.Actor
) -> tuple[bool, PaymentView]:
    """Do what ``take_in_report`` does, and return whether it moved and how windows see it then.

    It is read before its receipt is numbered: for that everybody at its desk waits, until the commit.
    """
    moved = await _learn(session, payment, report, actor)
    view = (await view_of(session, payment.id)).as_reported(report)
    receipt = await _conclude(session, receipts, payment, actor) if moved else None
    if receipt is None:
        return moved, view
    return moved, replace(view, receipt_id=receipt.id, receipt_number=receipt.full_number)


async def _learn(session: AsyncSession, payment: Payment, report: PaymentReport, actor: journal.Actor) -> bool:
    """Move the state and the invoices; True where ``_conclude`` has to follow."""
    try:
        moved = payment.learn(report)
    except Disagreement as found:
        if payment.keep_contradiction(found):
            told = PaymentContradicted(**_facts_of(payment), standing=report.standing.value)
            await journal.record(session, told, actor)
        return False
    if moved and payment.state is PaymentState.PAID:
        await _allocate(session, payment)
    if moved and payment.state.is_final:
        await _release(session, payment.id)
    return moved


async def _conclude(
    session: AsyncSession, receipts: Receipts, payment: Payment, actor: journal.Actor
) -> Receipt | None:
    """Issue the receipt of a ``payment`` that has just been paid, and write down how any has moved."""
    receipt = None
    if payment.state is PaymentState.PAID:
        receipt = await receipts.issue(session, payment, actor)
        reach(FailPoint.PAYMENT_RECEIPTED)
    deed = PaymentMoved(kind=_MOVE_TO[payment.state], **_facts_of(payment))
    await journal.record(session, deed, actor)
    if payment.asked_minor is not None:
        other = OtherAmountPaid(
            payment=payment.id,
            asked_minor=payment.asked_minor,
            paid_minor=payment.amount_minor,
            currency=payment.currency,
        )
        await journal.record(session, other, actor)
    return receipt


async def _allocate(session: AsyncSession, payment: Payment) -> None:
    """Count the money towards the invoices it was meant for; the deposit, and what they cannot take, stays free.

    They cannot when the hospital's system cancelled or reduced an invoice while its payment was under way, or gave it
    to another patient after the payment was given up.
    """
    items = (await session.execute(_items_of(payment.id))).scalars().all()
    statement = (
        sa.select(Invoice)
        .where(Invoice.id.in_([item.invoice_id for item in items]))
        .order_by(Invoice.id)
        .with_for_update(**ROW_LOCK)
        .execution_options(populate_existing=True)
    )
    invoices = {invoice.id: invoice for invoice in (await session.execute(statement)).scalars()}
    left = payment.amount_minor
    for item in items:
        invoice = invoices[item.invoice_id]
        # Less than was asked for may have come: then the first invoices are paid first.
        takes = min(item.amount_minor, invoice.room_minor, left) if payment.is_like(invoice) else 0
        if takes == 0:
            continue
        left -= takes
        session.add(payment.count_towards(invoice, takes, at=payment.settled_at or now()))
    payment.unallocated_minor = left
    await session.flush()


async def _release(session: AsyncSession, payment_id: uuid.UUID) -> None:
    await session.execute(sa.delete(InvoiceHold).where(InvoiceHold.payment_id == payment_id))


def _items_of(payment_id: uuid.UUID) -> sa.Select[PaymentItem]:
    return sa.select(PaymentItem).where(PaymentItem.payment_id == payment_id).order_by(PaymentItem.invoice_id)


def _facts_of(payment: Payment) -> OfPayment:
    return {
        "payment": payment.id,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "intent": payment.stripe_intent_id,
        "session": payment.stripe_session_id,
        "decline": payment.decline_code,
        "unallocated_minor": payment.unallocated_minor,
    }
