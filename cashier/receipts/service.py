"""Issuing receipts in the settling transaction, and handing out their documents."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier import journal
from cashier.database import Database, now
from cashier.desks.model import Desk, Hospital
from cashier.errors import Misconfigured, Refused
from cashier.invoices.model import Invoice, Patient
from cashier.payments.model import Allocation, Payment
from cashier.receipts.facts import ReceiptFacts, ReceiptInvoice, ReceiptTender, freeze, thaw
from cashier.receipts.model import Receipt, ReceiptDocument, ReceiptPrint, ReceiptSeries
from cashier.receipts.pdf import render
from cashier.receipts.stamp import stamp_copy
from cashier.staff.model import Staff

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ReceiptPdf:
    """A receipt as a document; ``copy`` is 0 for the original, and else the number stamped on it."""

    number: str
    pdf: bytes
    copy: int = 0

    @property
    def file_name(self) -> str:
        """Suggest a name for saving it: ``receipt-D1-000042.pdf``, of a copy ``receipt-D1-000042-copy-1.pdf``."""
        return f"receipt-{self.number}{f'-copy-{self.copy}' if self.copy else ''}.pdf"


class Receipts:
    """Issues receipts and hands them out."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def issue(self, session: AsyncSession, payment: Payment, actor: journal.Actor) -> Receipt:
        """Give ``payment`` its receipt, in the transaction that settles it.

        Call it when the allocations and the invoices' balances are flushed, and before any other entry in
        the journal: everyone takes the number series first and the journal second. A payment has one
        receipt; a second one breaks a constraint. Raises ``Misconfigured`` when the hospital is not set up.
        """
        issued_at = now()
        desk, number = await _next_number(session, payment.desk_id)
        receipt = Receipt(series=desk.code, number=number, payment_id=payment.id, issued_at=issued_at, facts="")
        facts = await _collect(session, payment, receipt.full_number, f"{desk.code} · {desk.name}", issued_at)
        receipt.facts = freeze(facts)
        session.add(receipt)
        await session.flush()
        await journal.record(
            session, "receipt issued", subject="receipt", subject_id=receipt.full_number, actor=actor,
            facts={"payment": str(payment.id), "amount_minor": payment.amount_minor, "currency": payment.currency},
        )  # fmt: skip
        return receipt

    async def document(self, receipt_id: int) -> ReceiptPdf:
        """Return the receipt for looking at it on the screen; this does not count as handing it out.

        Made and stored at the first use; always the same bytes. Raises ``Refused`` when there is none.
        """
        async with self._database.reading() as session:
            receipt = await session.get(Receipt, receipt_id)
            if receipt is None:
                raise Refused("This receipt does not exist.", advice="Open the invoice again and choose it there.")
            stored = await session.get(ReceiptDocument, receipt_id)
        if stored is not None:
            return ReceiptPdf(number=receipt.full_number, pdf=stored.pdf)
        pdf = render(thaw(receipt.facts))
        async with self._database.transaction() as session:
            await _lock(session, receipt_id)
            stored = await session.get(ReceiptDocument, receipt_id)
            if stored is None:
                stored = ReceiptDocument(receipt_id=receipt_id, pdf=pdf, stored_at=now())
                session.add(stored)
        return ReceiptPdf(number=receipt.full_number, pdf=stored.pdf)

    async def hand_out(self, receipt_id: int, actor: journal.Actor) -> ReceiptPdf:
        """Return the receipt for printing or saving, and count it: first the original, then ``COPY 1``, ``COPY 2``…

        What is returned may be sent to the printer again when the paper jams; calling this again makes
        the next copy. Raises ``Refused`` when there is no such receipt.
        """
        original = await self.document(receipt_id)
        async with self._database.transaction() as session:
            await _lock(session, receipt_id)
            last = sa.select(sa.func.max(ReceiptPrint.copy)).where(ReceiptPrint.receipt_id == receipt_id)
            last_copy = (await session.execute(last)).scalar()
            copy = 0 if last_copy is None else last_copy + 1
            session.add(
                ReceiptPrint(
                    receipt_id=receipt_id,
                    copy=copy,
                    printed_at=now(),
                    staff_id=actor.staff_id,
                    desk_id=actor.desk_id,
                )
            )
            await session.flush()
            await journal.record(
                session, "receipt reprinted" if copy else "receipt printed",
                subject="receipt", subject_id=original.number, actor=actor, facts={"copy": copy},
            )  # fmt: skip
        if not copy:
            return original
        return ReceiptPdf(number=original.number, pdf=stamp_copy(original.pdf, copy), copy=copy)


async def _next_number(session: AsyncSession, desk_id: int) -> tuple[Desk, int]:
    """Take the next number of the desk's series; both rows stay locked until the commit, so none is lost.

    The desk's row is locked first because the series may not exist yet. It is a lock that lets others
    refer to the desk meanwhile (FOR NO KEY UPDATE).
    """
    statement = sa.select(Desk).where(Desk.id == desk_id).with_for_update(key_share=True)
    desk = (await session.execute(statement)).scalar_one()
    series = await session.get(ReceiptSeries, desk.code, with_for_update=True)
    if series is None:
        series = ReceiptSeries(code=desk.code, last_number=0)
        session.add(series)
    series.last_number += 1
    await session.flush()
    return desk, series.last_number


async def _lock(session: AsyncSession, receipt_id: int) -> None:
    await session.execute(sa.select(Receipt.id).where(Receipt.id == receipt_id).with_for_update())


async def _collect(
    session: AsyncSession, payment: Payment, number: str, desk: str, issued_at: datetime
) -> ReceiptFacts:
    hospital = await session.get(Hospital, 1)
    if hospital is None:
        raise Misconfigured(
            "The hospital's name and address are not set up, so no receipt can be issued.",
            advice="An administrator has to enter them; the payment settles by itself afterwards.",
        )
    cashier = (await session.execute(sa.select(Staff.display_name).where(Staff.id == payment.staff_id))).scalar_one()
    record_number = (
        await session.execute(sa.select(Patient.record_number).where(Patient.id == payment.patient_id))
    ).scalar_one()
    return ReceiptFacts(
        number=number,
        issued_at=issued_at.astimezone(_zone(hospital.time_zone)).isoformat(timespec="seconds"),
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
        invoices=await _invoices_of(session, payment),
        tenders=(_tender_of(payment),),
        unallocated_minor=payment.unallocated_minor,
    )


async def _invoices_of(session: AsyncSession, payment: Payment) -> tuple[ReceiptInvoice, ...]:
    paid_now = sa.func.sum(Allocation.amount_minor)
    statement = (
        sa.select(Invoice, paid_now)
        .join(Allocation, Allocation.invoice_id == Invoice.id)
        .where(Allocation.payment_id == payment.id)
        .group_by(Invoice.id)
        .order_by(Invoice.id)
    )
    return tuple(
        ReceiptInvoice(
            number=invoice.number,
            department=invoice.department,
            issued_on=invoice.issued_on.isoformat(),
            total_minor=invoice.total_minor,
            insurer_share_minor=invoice.insurer_share_minor,
            # PostgreSQL sums a BIGINT into a NUMERIC.
            paid_now_minor=int(paid_now_minor),
            balance_after_minor=invoice.balance_minor,
        )
        for invoice, paid_now_minor in await session.execute(statement)
    )


def _tender_of(payment: Payment) -> ReceiptTender:
    return ReceiptTender(
        kind=payment.tender.value,
        amount_minor=payment.amount_minor,
        card_brand=payment.card_brand or "",
        card_last_four=payment.card_last_four or "",
        reference=payment.stripe_intent_id or str(payment.id),
    )


def _zone(name: str) -> tzinfo:
    """Find the hospital's time zone. Money that has moved gets its receipt even when the name is wrong: in UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        log.warning("time zone unknown, receipt is in UTC", extra={"time_zone": name})
        return UTC
