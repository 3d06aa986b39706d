"""Taking invoices in from the hospital's system: new ones are added, known ones brought up to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier import journal
from cashier.database import Database, now
from cashier.errors import Refused
from cashier.invoices.model import Invoice, InvoiceLine, InvoiceStatus, InvoiceWord, Patient
from cashier.invoices.search import words_of_invoice
from cashier.invoices.views import IncomingInvoice
from cashier.money import Money

_BATCH = 500


async def take_in(
    database: Database, incoming: Iterable[IncomingInvoice], *, actor: journal.Actor = journal.PROGRAM
) -> int:
    """Add or update invoices, oldest first; return how many were new.

    Safe to repeat: the invoice's number is its identity. Works in transactions of some hundred, so an
    interruption leaves whole invoices. Raises ``Refused`` on the first that contradicts itself or what is
    paid already; the batches before it stay.
    """
    added = 0
    batch: list[IncomingInvoice] = []
    for each in incoming:
        batch.append(each)
        if len(batch) == _BATCH:
            added += await _take_in_batch(database, batch, actor)
            batch = []
    if batch:
        added += await _take_in_batch(database, batch, actor)
    return added


async def _take_in_batch(database: Database, batch: Sequence[IncomingInvoice], actor: journal.Actor) -> int:
    async with database.transaction() as session:
        patients = await _patients_of(session, batch)
        known = {
            invoice.number: invoice
            for invoice in (
                await session.execute(
                    sa.select(Invoice).where(Invoice.number.in_([each.number for each in batch])).with_for_update()
                )
            ).scalars()
        }
        fresh: dict[str, Invoice] = {}
        for each in batch:
            invoice = known.get(each.number) or fresh.get(each.number)
            if invoice is None:
                invoice = fresh[each.number] = Invoice(number=each.number, paid_minor=0, received_at=now())
                session.add(invoice)
            _write(invoice, each, patients[each.record_number])
        await session.flush()
        await _rewrite_details(session, {**known, **fresh}, batch)
        await journal.record(
            session, "invoices received", subject="invoice", subject_id=batch[-1].number, actor=actor,
            facts={"new": len(fresh), "known": len(known)},
        )  # fmt: skip
        return len(fresh)


async def _patients_of(session: AsyncSession, batch: Sequence[IncomingInvoice]) -> dict[str, Patient]:
    numbers = {each.record_number for each in batch}
    found = (await session.execute(sa.select(Patient).where(Patient.record_number.in_(numbers)))).scalars()
    patients = {patient.record_number: patient for patient in found}
    for each in batch:
        patient = patients.get(each.record_number)
        if patient is None:
            patient = patients[each.record_number] = Patient(record_number=each.record_number)
            session.add(patient)
        patient.name = each.patient_name
        patient.phone = each.phone
        patient.email = each.email
    await session.flush()
    return patients


def _write(invoice: Invoice, incoming: IncomingInvoice, patient: Patient) -> None:
    total = sum(line.total_minor for line in incoming.lines)
    _check(invoice, incoming, total)
    invoice.patient_id = patient.id
    invoice.department = incoming.department
    invoice.currency = incoming.currency
    invoice.issued_on = incoming.issued_on
    invoice.due_on = incoming.due_on
    invoice.insurer = incoming.insurer
    invoice.insurer_share_minor = incoming.insurer_share_minor
    invoice.total_minor = total
    invoice.status = InvoiceStatus.CANCELLED if incoming.cancelled else InvoiceStatus.DUE
    invoice.keep_balance()


def _check(invoice: Invoice, incoming: IncomingInvoice, total_minor: int) -> None:
    Money(total_minor, incoming.currency)  # refuses a currency that is none
    if not incoming.number.strip() or not incoming.record_number.strip():
        raise Refused("An invoice without its number or the patient's record number cannot be taken in.")
    if not 0 <= incoming.insurer_share_minor <= total_minor:
        raise Refused(f"The insurer's share of {incoming.number} is not between zero and its total.")
    if invoice.paid_minor and incoming.currency != invoice.currency:
        raise Refused(f"{incoming.number} is paid in {invoice.currency}; it cannot become {incoming.currency}.")
    if total_minor - incoming.insurer_share_minor < invoice.paid_minor:
        raise Refused(
            f"{incoming.number} would be less than what is paid for it already.",
            advice="Refund the difference first, then send the invoice again.",
        )


async def _rewrite_details(
    session: AsyncSession, invoices: dict[str, Invoice], batch: Sequence[IncomingInvoice]
) -> None:
    """Write lines and words anew; several versions of one invoice in a batch: the last one counts."""
    ids = [invoice.id for invoice in invoices.values()]
    await session.execute(sa.delete(InvoiceLine).where(InvoiceLine.invoice_id.in_(ids)))
    await session.execute(sa.delete(InvoiceWord).where(InvoiceWord.invoice_id.in_(ids)))
    lines, words = [], []
    for each in {each.number: each for each in batch}.values():
        invoice_id = invoices[each.number].id
        lines += [
            {
                "invoice_id": invoice_id,
                "position": position,
                "description": line.description,
                "quantity_milli": line.quantity_milli,
                "unit_price_minor": line.unit_price_minor,
                "tax_basis_points": line.tax_basis_points,
                "tax_minor": line.tax_minor,
                "total_minor": line.total_minor,
            }
            for position, line in enumerate(each.lines, start=1)
        ]
        found_by = words_of_invoice(
            number=each.number, patient_name=each.patient_name, record_number=each.record_number
        )
        words += [{"invoice_id": invoice_id, "word": word} for word in sorted(found_by)]
    if lines:
        await session.execute(sa.insert(InvoiceLine), lines)
    await session.execute(sa.insert(InvoiceWord), words)
