"""What stands on an invoice's sheet, read at one moment so that it adds up."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.hospital import Hospital, ReceiptExtra
from cashier.books.invoice import Invoice, InvoiceLine, InvoiceStatus, Patient
from cashier.clock import now, on_the_clock
from cashier.errors import Misconfigured, Refused
from cashier.language import m
from cashier.receipts.earlier import earlier_shares
from cashier.receipts.facts import EarlierShare, invoice_that_adds_up


class SheetLine(msgspec.Struct, frozen=True, kw_only=True):
    """One service; `quantity_milli` 1500 is 1.5, `tax_basis_points` 2100 is 21 %; amounts in minor units."""

    description: str
    quantity_milli: int
    unit_price_minor: int
    tax_basis_points: int
    tax_minor: int
    total_minor: int


class SheetFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice at `made_at` (ISO 8601, the hospital's clocks); amounts in minor units of `currency`.

    Total, less the insurer's share, less what is not owed any more, less what was `paid`, is the balance. The
    patient's name and date of birth are there where the hospital wants them on its papers.
    """

    number: str
    department: str
    status: str
    issued_on: str
    due_on: str
    made_at: str
    hospital: str
    legal_name: str
    tax_id: str
    address: str
    phone: str
    record_number: str
    patient_name: str
    patient_born: str
    currency: str
    insurer: str
    total_minor: int
    insurer_share_minor: int
    returned_minor: int
    balance_minor: int
    lines: tuple[SheetLine, ...]
    paid: tuple[EarlierShare, ...]
    is_training: bool

    @property
    def paid_minor(self) -> int:
        """What counts towards it."""
        return sum(share.amount_minor for share in self.paid)

    @property
    def tax_minor(self) -> int:
        """The tax that its lines hold."""
        return sum(line.tax_minor for line in self.lines)


async def collect(session: AsyncSession, invoice_id: int, *, is_training: bool) -> SheetFacts:
    """Read everything that stands on the sheet of an invoice.

    Raises ``Refused`` where there is no such invoice, ``Misconfigured`` while the hospital is not set up.
    """
    invoice, hospital = await session.get(Invoice, invoice_id), await session.get(Hospital, 1)
    if invoice is None:
        raise Refused(m("This invoice does not exist any more."), advice=m("Search for it again."))
    if hospital is None:
        raise Misconfigured(m("The hospital's name and address are not set up."), advice=m("Run: cashier setup"))
    patient = await session.get_one(Patient, invoice.patient_id)
    extras = hospital.on_receipts
    shows_born = patient.born is not None and ReceiptExtra.DATE_OF_BIRTH in extras
    return SheetFacts(
        number=invoice.number,
        department=invoice.department,
        status=invoice.status.value,
        issued_on=invoice.issued_on.isoformat(),
        due_on=invoice.due_on.isoformat(),
        made_at=on_the_clock(now(), hospital.time_zone).isoformat(timespec="seconds"),
        hospital=hospital.name,
        legal_name=hospital.legal_name,
        tax_id=hospital.tax_id,
        address=hospital.address,
        phone=hospital.phone,
        record_number=patient.record_number,
        patient_name=patient.name if ReceiptExtra.PATIENT_NAME in extras else "",
        patient_born=patient.born.isoformat() if patient.born and shows_born else "",
        currency=invoice.currency,
        insurer=invoice.insurer,
        total_minor=invoice.total_minor,
        insurer_share_minor=invoice.insurer_share_minor,
        returned_minor=invoice.returned_minor,
        balance_minor=invoice.balance_minor,
        lines=await _lines_of(session, invoice),
        paid=await _paid_for(session, invoice, hospital),
        is_training=is_training,
    )


async def _lines_of(session: AsyncSession, invoice: Invoice) -> tuple[SheetLine, ...]:
    statement = sa.select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
    return tuple(
        SheetLine(
            description=line.description,
            quantity_milli=line.quantity_milli,
            unit_price_minor=line.unit_price_minor,
            tax_basis_points=line.tax_basis_points,
            tax_minor=line.tax_minor,
            total_minor=line.total_minor,
        )
        for line in (await session.execute(statement)).scalars()
    )


async def _paid_for(session: AsyncSession, invoice: Invoice, hospital: Hospital) -> tuple[EarlierShare, ...]:
    """Return what counted towards it, oldest first; what no receipt tells stands among it."""
    known = (await earlier_shares(session, [invoice], hospital.time_zone))[invoice.id]
    if invoice.status is InvoiceStatus.CANCELLED:
        return tuple(known)
    whole = invoice_that_adds_up(
        number=invoice.number,
        department=invoice.department,
        issued_on=invoice.issued_on.isoformat(),
        total_minor=invoice.total_minor,
        insurer_share_minor=invoice.insurer_share_minor,
        returned_minor=invoice.returned_minor,
        paid_now_minor=0,
        balance_after_minor=invoice.balance_minor,
        known=known,
    )
    return whole.earlier or ()
