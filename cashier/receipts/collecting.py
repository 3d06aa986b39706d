"""Collecting what stands on a receipt, from the rows of the settling transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.dispute import Reversal
from cashier.books.hospital import Desk, Hospital, ReceiptExtra
from cashier.books.invoice import Invoice, InvoiceLine, Patient
from cashier.books.payment import Allocation, Payment
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund
from cashier.books.staff import Staff
from cashier.clock import on_the_clock
from cashier.errors import Misconfigured
from cashier.language import m
from cashier.receipts.earlier import earlier_shares
from cashier.receipts.facts import (
    ReceiptFacts,
    ReceiptInvoice,
    ReceiptService,
    ReceiptTender,
    invoice_that_adds_up,
)
from cashier.tenders.refund_way import RefundWay

_HEADING = (
    sa.select(Desk, Staff.display_name, Patient, Hospital)
    .select_from(Desk)
    .join(Staff, Staff.id == sa.bindparam("staff"))
    .join(Patient, Patient.id == sa.bindparam("patient"))
    .outerjoin(Hospital, Hospital.id == 1)
    .where(Desk.id == sa.bindparam("desk"))
)


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What a receipt is issued for. ``amount_minor`` is negative when money goes back.

    ``shares`` is how much of it counts towards each invoice, by its key.
    """

    kind: ReceiptKind
    amount_minor: int
    desk_id: int
    staff_id: int
    shares: Mapping[int, int]
    original: Receipt | None = None
    reason: str = ""
    reason_code: str = ""
    way: RefundWay = RefundWay.CARD
    reference: str = ""
    rounding_minor: int = 0

    @property
    def unallocated_minor(self) -> int:
        """What of it no invoice takes, or gives back."""
        return self.amount_minor - sum(self.shares.values())


async def occasion_of_payment(session: AsyncSession, payment: Payment) -> Occasion:
    """Describe a payment whose money is allocated."""
    return Occasion(
        kind=ReceiptKind.PAYMENT,
        amount_minor=payment.amount_minor,
        desk_id=payment.desk_id,
        staff_id=payment.staff_id,
        shares=await _allocated(session, payment),
    )


async def occasion_of_refund(
    session: AsyncSession, payment: Payment, refund: Refund, *, kind: ReceiptKind, moved: Mapping[int, int]
) -> Occasion:
    """Describe a refund of ``payment``, or one that came back; ``moved`` is what each invoice has by it now."""
    sign = -1 if kind is ReceiptKind.REFUND else 1
    return Occasion(
        kind=kind,
        amount_minor=sign * refund.amount_minor,
        desk_id=refund.desk_id or payment.desk_id,
        staff_id=refund.requested_by or payment.staff_id,
        shares=moved,
        original=await _original_of(session, payment),
        reason=refund.hospital_reason or refund.reason.value,
        reason_code=refund.reason_code or "",
        way=refund.way,
        reference=refund.reference,
        rounding_minor=sign * refund.rounding_minor,
    )


async def occasion_of_reversal(
    session: AsyncSession, payment: Payment, reversal: Reversal, *, moved: Mapping[int, int]
) -> Occasion:
    """Describe money of ``payment`` that a bank took and that is owed again; ``moved`` as for a refund."""
    return Occasion(
        kind=ReceiptKind.REVERSAL,
        amount_minor=-reversal.amount_minor,
        desk_id=reversal.desk_id,
        staff_id=reversal.decided_by,
        shares=moved,
        original=await _original_of(session, payment),
    )


async def _original_of(session: AsyncSession, payment: Payment) -> Receipt | None:
    of_payment = sa.select(Receipt).where(Receipt.payment_id == payment.id, Receipt.kind == ReceiptKind.PAYMENT)
    return (await session.execute(of_payment)).scalar_one_or_none()


@dataclass(frozen=True, kw_only=True)
class Heading:
    """Where a receipt is issued, by whom and for whom."""

    hospital: Hospital
    desk: Desk
    cashier: str
    patient: Patient


async def heading_of(session: AsyncSession, payment: Payment, occasion: Occasion) -> Heading:
    """Read it with one question. Raises ``Misconfigured`` when the hospital is not set up."""
    keys = {"desk": occasion.desk_id, "staff": occasion.staff_id, "patient": payment.patient_id}
    desk, cashier, patient, hospital = (await session.execute(_HEADING, keys)).one()
    if hospital is None:
        raise Misconfigured(
            m("The hospital's name and address are not set up, so no receipt can be issued."),
            advice=m("An administrator has to enter them; the payment settles by itself afterwards."),
        )
    return Heading(hospital=hospital, desk=desk, cashier=cashier, patient=patient)


async def collect(
    session: AsyncSession,
    payment: Payment,
    occasion: Occasion,
    heading: Heading,
    *,
    issued_at: datetime,
    is_training: bool,
) -> ReceiptFacts:
    """Collect the facts of a receipt, but for its number, which is taken last."""
    hospital, patient, desk = heading.hospital, heading.patient, heading.desk
    extras = hospital.on_receipts
    original = occasion.original
    return ReceiptFacts(
        number="",
        issued_at=on_the_clock(issued_at, hospital.time_zone).isoformat(timespec="seconds"),
        hospital=hospital.name,
        legal_name=hospital.legal_name,
        tax_id=hospital.tax_id,
        address=hospital.address,
        phone=hospital.phone,
        footer=hospital.receipt_footer,
        desk=f"{desk.code} · {desk.name}",
        cashier=heading.cashier,
        record_number=patient.record_number,
        patient_name=patient.name if ReceiptExtra.PATIENT_NAME in extras else "",
        patient_born=patient.born.isoformat() if patient.born and ReceiptExtra.DATE_OF_BIRTH in extras else "",
        currency=payment.currency,
        invoices=await _invoices_of(session, occasion, hospital),
        tenders=(_tender_of(payment, occasion),),
        unallocated_minor=occasion.unallocated_minor,
        deposit_minor=payment.deposit_minor if occasion.kind is ReceiptKind.PAYMENT else 0,
        kind=occasion.kind.value,
        original_number=original.full_number if original is not None else "",
        original_on=_day_of(original.issued_at, hospital) if original is not None else "",
        credit_note="" if payment.tender.row.brings_money else payment.reference,
        reason=occasion.reason,
        reason_code=occasion.reason_code,
        is_training=is_training,
    )


async def _allocated(session: AsyncSession, payment: Payment) -> dict[int, int]:
    statement = (
        sa.select(Allocation.invoice_id, sa.func.sum(Allocation.amount_minor))
        .where(Allocation.payment_id == payment.id)
        .group_by(Allocation.invoice_id)
    )
    # PostgreSQL sums a BIGINT into a NUMERIC.
    return {invoice_id: int(amount_minor) for invoice_id, amount_minor in await session.execute(statement)}


async def _invoices_of(session: AsyncSession, occasion: Occasion, hospital: Hospital) -> tuple[ReceiptInvoice, ...]:
    shares = occasion.shares
    statement = sa.select(Invoice).where(Invoice.id.in_(shares)).order_by(Invoice.id)
    invoices = (await session.execute(statement)).scalars().all()
    earlier = await earlier_shares(session, invoices, hospital.time_zone)
    with_services = ReceiptExtra.SERVICES in hospital.on_receipts
    services = await _services_of(session, list(shares)) if with_services else {}
    return tuple(
        invoice_that_adds_up(
            number=invoice.number,
            department=invoice.department,
            issued_on=invoice.issued_on.isoformat(),
            total_minor=invoice.total_minor,
            insurer_share_minor=invoice.insurer_share_minor,
            returned_minor=invoice.returned_minor,
            paid_now_minor=shares[invoice.id],
            balance_after_minor=invoice.balance_minor,
            known=earlier[invoice.id],
            services=services.get(invoice.id, ()),
        )
        for invoice in invoices
    )


async def _services_of(session: AsyncSession, invoice_ids: list[int]) -> dict[int, list[ReceiptService]]:
    statement = (
        sa.select(InvoiceLine)
        .where(InvoiceLine.invoice_id.in_(invoice_ids))
        .order_by(InvoiceLine.invoice_id, InvoiceLine.position)
    )
    services: dict[int, list[ReceiptService]] = {}
    for line in (await session.execute(statement)).scalars():
        services.setdefault(line.invoice_id, []).append(
            ReceiptService(
                description=line.description, quantity_milli=line.quantity_milli, total_minor=line.total_minor
            )
        )
    return services


def _day_of(moment: datetime, hospital: Hospital) -> str:
    return on_the_clock(moment, hospital.time_zone).date().isoformat()


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
