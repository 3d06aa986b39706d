"""How an invoice was paid: its payments, what went back of them, and what their cardholders dispute."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.hospital import Desk
from cashier.books.invoice import Invoice
from cashier.books.payment import Allocation, DepositUse, Payment, PaymentItem
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund, RefundItem
from cashier.books.staff import Staff
from cashier.disputes.views import DisputeView, disputes_of
from cashier.invoices.views import InvoiceDepositUse, InvoicePayment, InvoiceRefund
from cashier.money import Money


async def payments_of(session: AsyncSession, invoice: Invoice) -> tuple[InvoicePayment, ...]:
    """Read all attempts to pay ``invoice``, the newest first."""
    statement = (
        sa.select(PaymentItem.amount_minor, Payment, Staff.display_name, Desk.code, Receipt)
        .join(Payment, Payment.id == PaymentItem.payment_id)
        .join(Staff, Staff.id == Payment.staff_id)
        .join(Desk, Desk.id == Payment.desk_id)
        .outerjoin(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.kind == ReceiptKind.PAYMENT))
        .where(PaymentItem.invoice_id == invoice.id)
        .order_by(Payment.created_at.desc())
    )
    return tuple(_payment_view(*row, currency=invoice.currency) for row in await session.execute(statement))


async def deposit_uses_of(session: AsyncSession, invoice: Invoice) -> tuple[InvoiceDepositUse, ...]:
    """Read what of the patient's account was used for ``invoice``, the newest first."""
    statement = (
        sa.select(DepositUse, Staff.display_name, Desk.code)
        .join(Staff, Staff.id == DepositUse.staff_id)
        .join(Desk, Desk.id == DepositUse.desk_id)
        .where(DepositUse.invoice_id == invoice.id)
        .order_by(DepositUse.used_at.desc())
    )
    return tuple(
        InvoiceDepositUse(
            use_id=use.id,
            amount=Money(use.amount_minor, use.currency),
            used_at=use.used_at,
            cashier=cashier,
            desk=desk,
        )
        for use, cashier, desk in await session.execute(statement)
    )


async def refunds_of(session: AsyncSession, invoice: Invoice) -> tuple[InvoiceRefund, ...]:
    """Read what refunds take, or would take, off ``invoice``, the newest first; of a credit note, of its credit."""
    if invoice.is_credit_note:
        return await _refunds_of_note(session, invoice)
    statement = (
        sa.select(RefundItem.amount_minor, Refund, Payment, Receipt)
        .join(Refund, Refund.id == RefundItem.refund_id)
        .join(Payment, Payment.id == Refund.payment_id)
        .outerjoin(Receipt, sa.and_(Receipt.refund_id == Refund.id, Receipt.kind == ReceiptKind.REFUND))
        .where(RefundItem.invoice_id == invoice.id)
        .order_by(Refund.requested_at.desc(), Refund.id)
    )
    return tuple(_refund_view(*row) for row in await session.execute(statement))


async def _refunds_of_note(session: AsyncSession, note: Invoice) -> tuple[InvoiceRefund, ...]:
    taken_off = sa.select(PaymentItem.payment_id).where(PaymentItem.invoice_id == note.id)
    statement = (
        sa.select(Refund.amount_minor, Refund, Payment, Receipt)
        .join(Payment, Payment.id == Refund.payment_id)
        .outerjoin(Receipt, sa.and_(Receipt.refund_id == Refund.id, Receipt.kind == ReceiptKind.REFUND))
        .where(Refund.payment_id.in_(taken_off))
        .order_by(Refund.requested_at.desc(), Refund.id)
    )
    return tuple(_refund_view(*row) for row in await session.execute(statement))


async def disputes_of_invoice(session: AsyncSession, invoice: Invoice) -> tuple[DisputeView, ...]:
    """Read the disputes about payments that ``invoice`` was paid with, also from a deposit."""
    paid_with = sa.union(
        sa.select(PaymentItem.payment_id).where(PaymentItem.invoice_id == invoice.id),
        sa.select(Allocation.payment_id).where(Allocation.invoice_id == invoice.id),
    )
    found = await disputes_of(session, paid_with)
    return tuple(dispute for disputes in found.values() for dispute in disputes)


def _payment_view(
    amount_minor: int, payment: Payment, cashier: str, desk: str, receipt: Receipt | None, *, currency: str
) -> InvoicePayment:
    return InvoicePayment(
        payment_id=payment.id,
        amount=Money(amount_minor, currency),
        tender=payment.tender.value,
        state=payment.state.value,
        created_at=payment.created_at,
        settled_at=payment.settled_at,
        cashier=cashier,
        desk=desk,
        card_brand=payment.card_brand,
        card_last_four=payment.card_last_four,
        decline_code=payment.decline_code,
        receipt_id=None if receipt is None else receipt.id,
        receipt_number=None if receipt is None else receipt.full_number,
        pending_since=payment.pending_since,
        pending_until=payment.pending_until,
    )


def _refund_view(amount_minor: int, refund: Refund, payment: Payment, receipt: Receipt | None) -> InvoiceRefund:
    return InvoiceRefund(
        refund_id=refund.id,
        amount=Money(amount_minor, refund.currency),
        state=refund.state,
        way=refund.way,
        origin=refund.origin,
        reopens=refund.reopens,
        requested_at=refund.requested_at,
        tender=payment.tender.value,
        card_brand=payment.card_brand,
        card_last_four=payment.card_last_four,
        receipt_id=None if receipt is None else receipt.id,
        receipt_number=None if receipt is None else receipt.full_number,
    )
