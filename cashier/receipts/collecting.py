"""Collecting what stands on a receipt, from the rows of the settling transaction."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.hospital import Hospital
from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Allocation, Payment
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund, RefundItem
from cashier.books.staff import Staff
from cashier.clock import on_the_clock
from cashier.errors import Misconfigured
from cashier.language import m
from cashier.receipts.facts import ReceiptFacts, ReceiptInvoice, ReceiptTender
from cashier.tenders.refund_way import RefundWay

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What a receipt is issued for. ``amount_minor`` is negative when money goes back."""

    kind: ReceiptKind
    amount_minor: int
    unallocated_minor: int
    desk_id: int
    staff_id: int
    shares: dict[int, int]
    original_number: str = ""
    reason: str = ""
    reason_code: str = ""
    way: RefundWay = RefundWay.CARD
    reference: str = ""
    rounding_minor: int = 0


async def describe(session: AsyncSession, payment: Payment, kind: ReceiptKind, refund: Refund | None) -> Occasion:
    """Describe the payment, or its ``refund``, as the occasion of a receipt."""
    if refund is None:
        return Occasion(
            kind=kind,
            amount_minor=payment.amount_minor,
            unallocated_minor=payment.unallocated_minor,
            desk_id=payment.desk_id,
            staff_id=payment.staff_id,
            shares=await _allocated(session, payment),
        )
    sign = -1 if kind is ReceiptKind.REFUND else 1
    items = await session.execute(
        sa.select(RefundItem.invoice_id, RefundItem.amount_minor).where(RefundItem.refund_id == refund.id)
    )
    shares = {invoice_id: sign * amount_minor for invoice_id, amount_minor in items}
    original = await session.execute(
        sa.select(Receipt).where(Receipt.payment_id == payment.id, Receipt.kind == ReceiptKind.PAYMENT)
    )
    return Occasion(
        kind=kind,
        amount_minor=sign * refund.amount_minor,
        unallocated_minor=sign * refund.amount_minor - sum(shares.values()),
        desk_id=refund.desk_id or payment.desk_id,
        staff_id=refund.requested_by or payment.staff_id,
        shares=shares,
        original_number=original.scalar_one().full_number,
        reason=refund.hospital_reason or refund.reason.value,
        reason_code=refund.reason_code or "",
        way=refund.way,
        reference=refund.reference,
        rounding_minor=sign * refund.rounding_minor,
    )


async def collect(
    session: AsyncSession, payment: Payment, occasion: Occasion, *, number: str, desk: str, issued_at: datetime
) -> ReceiptFacts:
    """Collect the facts of a receipt. Raises ``Misconfigured`` when the hospital is not set up."""
    hospital = await session.get(Hospital, 1)
    if hospital is None:
        raise Misconfigured(
            m("The hospital's name and address are not set up, so no receipt can be issued."),
            advice=m("An administrator has to enter them; the payment settles by itself afterwards."),
        )
    cashier = (await session.execute(sa.select(Staff.display_name).where(Staff.id == occasion.staff_id))).scalar_one()
    record_number = (
        await session.execute(sa.select(Patient.record_number).where(Patient.id == payment.patient_id))
    ).scalar_one()
    return ReceiptFacts(
        number=number,
        issued_at=on_the_clock(issued_at, hospital.time_zone).isoformat(timespec="seconds"),
        hospital=hospital.name,
        legal_name=hospital.legal_name,
        tax_id=hospital.tax_id,
        address=hospital.address,
        phone=hospital.phone,
        footer=hospital.receipt_footer,
        desk=desk,
        cashier=cashier,
        record_number=record_number,
        currency=payment.currency,
        invoices=await _invoices_of(session, occasion.shares),
        tenders=(_tender_of(payment, occasion),),
        unallocated_minor=occasion.unallocated_minor,
        deposit_minor=payment.deposit_minor if occasion.kind is ReceiptKind.PAYMENT else 0,
        kind=occasion.kind.value,
        original_number=occasion.original_number,
        reason=occasion.reason,
        reason_code=occasion.reason_code,
    )


async def _allocated(session: AsyncSession, payment: Payment) -> dict[int, int]:
    statement = (
        sa.select(Allocation.invoice_id, sa.func.sum(Allocation.amount_minor))
        .where(Allocation.payment_id == payment.id)
        .group_by(Allocation.invoice_id)
    )
    # PostgreSQL sums a BIGINT into a NUMERIC.
    return {invoice_id: int(amount_minor) for invoice_id, amount_minor in await session.execute(statement)}


async def _invoices_of(session: AsyncSession, shares: dict[int, int]) -> tuple[ReceiptInvoice, ...]:
    statement = sa.select(Invoice).where(Invoice.id.in_(shares)).order_by(Invoice.id)
    return tuple(
        ReceiptInvoice(
            number=invoice.number,
            department=invoice.department,
            issued_on=invoice.issued_on.isoformat(),
            total_minor=invoice.total_minor,
            insurer_share_minor=invoice.insurer_share_minor,
            paid_now_minor=shares[invoice.id],
            balance_after_minor=invoice.balance_minor,
        )
        for invoice in (await session.execute(statement)).scalars()
    )


def _tender_of(payment: Payment, occasion: Occasion) -> ReceiptTender:
    """Describe how the money came, or by which way it goes back."""
    if occasion.way is not RefundWay.CARD:
        return ReceiptTender(
            kind=occasion.way.value,
            amount_minor=occasion.amount_minor,
            reference=occasion.reference,
            rounding_minor=occasion.rounding_minor,
        )
    return ReceiptTender(
        kind=payment.tender.value,
        amount_minor=occasion.amount_minor,
        card_brand=payment.card_brand or "",
        card_last_four=payment.card_last_four or "",
        reference=payment.reference or payment.stripe_intent_id or str(payment.id),
        tendered_minor=payment.tendered_minor if occasion.kind is ReceiptKind.PAYMENT else None,
        rounding_minor=payment.rounding_minor if occasion.kind is ReceiptKind.PAYMENT else 0,
    )
