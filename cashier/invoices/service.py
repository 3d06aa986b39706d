"""Finding invoices and showing one; taking them in is in ``intake.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from cashier.books.invoice import Invoice, InvoiceStatus, Patient
from cashier.database import Database, look_within
from cashier.database.looking import Look
from cashier.errors import Refused
from cashier.invoices.identification import Numbered, numbers_among
from cashier.invoices.paying import deposit_uses_of, disputes_of_invoice, payments_of, refunds_of
from cashier.invoices.people.namesakes import namesakes_of
from cashier.invoices.rows import rows_of
from cashier.invoices.search.bills import bills_of_patient, with_bills
from cashier.invoices.search.exact import only_one_meant
from cashier.invoices.search.finding import count_patients, count_statuses, find
from cashier.invoices.views import (
    OWED,
    InvoiceCounts,
    InvoiceDetail,
    InvoicePage,
    InvoiceQuery,
    InvoiceRow,
    LineView,
    Namesake,
    Place,
)
from cashier.language import m
from cashier.money import Money
from cashier.patients.records import current_of


class Invoices:
    """Finds invoices among a million, and shows one with its history."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def page(
        self, query: InvoiceQuery, *, after: Place | None = None, skip: int = 0, limit: int = 200
    ) -> InvoicePage:
        """Return up to ``limit`` patients with invoices that fit, after the place ``after``, leaving out ``skip``.

        Those whose invoice the text means as a whole number come first, then those with whole words; of each, whose
        invoice is the newest. ``skip`` is for a jump of the scroll bar; ``InvoicePage.after`` is what to follow.
        """
        return await self._database.look(_page(query, after, skip, limit))

    async def bills_of(self, patient_id: int, statuses: frozenset[InvoiceStatus]) -> tuple[InvoiceRow, ...]:
        """Return the newest thousand invoices of a patient, in one of ``statuses`` (empty: all), the newest first."""
        return await self._database.look(bills_of_patient(patient_id, statuses))

    async def counts(self, query: InvoiceQuery) -> InvoiceCounts:
        """Count the invoices that its text finds, by status, and its patients. Unknown where all words are common."""
        return await self._database.look(_counts(query))

    async def find_by_number(self, number: str) -> InvoiceRow | None:
        """Return the invoice that this whole number means, as it is typed or scanned; that of a receipt as well.

        Capitals, punctuation, blanks and zeros in front do not count, as long as one invoice alone is meant.
        """
        return await self._database.look(_numbered(number))

    async def numbers_among(self, readings: Sequence[str]) -> tuple[Numbered, ...]:
        """Return what a scan is whose text may be any of ``readings``; see ``identification.py``."""
        return await self._database.look(numbers_among(readings))

    async def id_of(self, number: str) -> int | None:
        """Return the key of the invoice with this very number, for other systems: nothing is guessed."""
        async with self._database.reading() as session:
            return (await session.execute(sa.select(Invoice.id).where(Invoice.number == number))).scalar_one_or_none()

    async def patient_of(self, record_number: str) -> int | None:
        """Return the key of the patient with this very record number, for other systems: nothing is guessed.

        An old number that the hospital merged is that of the patient who stays.
        """
        current = sa.func.coalesce(Patient.merged_into_id, Patient.id)
        statement = sa.select(current).where(Patient.record_number == record_number)
        async with self._database.reading() as session:
            return (await session.execute(statement)).scalar_one_or_none()

    async def due_of_patient(self, patient_id: int, currency: str) -> tuple[InvoiceRow, ...]:
        """Return what a patient has to pay in ``currency``, the oldest invoice first."""
        async with self._database.reading() as session:
            current = await current_of(session, patient_id)
            statement = sa.select(Invoice.id).where(
                Invoice.patient_id == current, Invoice.currency == currency, Invoice.status.in_(OWED)
            )
            rows = await look_within(session, rows_of(list((await session.execute(statement)).scalars())))
        return tuple(sorted(rows, key=lambda row: (row.issued_on, row.id)))

    async def namesakes_of(self, patient_id: int) -> tuple[Namesake, ...]:
        """Return the other patients who are called as this one is, those with invoices to pay first."""
        async with self._database.reading() as session:
            return await namesakes_of(session, patient_id)

    async def newest_of_patient(self, patient_id: int) -> InvoiceDetail:
        """Return the newest invoice of a patient. Raises ``Refused`` when there is none."""
        async with self._database.reading() as session:
            current = await current_of(session, patient_id)
            newest = sa.select(sa.func.max(Invoice.id)).where(Invoice.patient_id == current)
            invoice_id = (await session.execute(newest)).scalar_one()
        return await self.detail(invoice_id or 0)

    async def detail(self, invoice_id: int) -> InvoiceDetail:
        """Return everything about one invoice. Raises ``Refused`` when there is none."""
        async with self._database.reading() as session:
            statement = (
                sa.select(Invoice)
                .where(Invoice.id == invoice_id)
                .options(joinedload(Invoice.patient), selectinload(Invoice.lines))
            )
            invoice = (await session.execute(statement)).scalar_one_or_none()
            if invoice is None:
                raise Refused(m("This invoice does not exist any more."), advice=m("Search for it again."))
            (row,) = await look_within(session, rows_of([invoice.id]))
            return replace(
                _detail(invoice, row),
                payments=await payments_of(session, invoice),
                deposit_uses=await deposit_uses_of(session, invoice),
                refunds=await refunds_of(session, invoice),
                disputes=await disputes_of_invoice(session, invoice),
            )


def _page(query: InvoiceQuery, after: Place | None, skip: int, limit: int) -> Look[InvoicePage]:
    found = yield from find(query.text, query.statuses, after=after, skip=skip, limit=limit + 1)
    has_more = len(found) > limit
    rank, last = found[limit - 1] if has_more else (0, None)
    firsts, meant = [row for _, row in found[:limit]], frozenset(row.id for rank, row in found if rank == 0)
    rows = yield from with_bills(firsts, meant=meant, statuses=query.statuses)
    return InvoicePage(rows=rows, after=None if last is None else Place(rank, last.id))


def _counts(query: InvoiceQuery) -> Look[InvoiceCounts]:
    counted = yield from count_statuses(query.text)
    if counted is None:
        return InvoiceCounts(by_status=None, patients=None)
    patients = yield from count_patients(query.text, query.statuses)
    by_status = {status: counted.get(status, 0) for status in InvoiceStatus}
    return InvoiceCounts(by_status=by_status, patients=patients)


def _numbered(number: str) -> Look[InvoiceRow | None]:
    meant = yield from only_one_meant(number)
    rows = yield from rows_of([] if meant is None else [meant])
    return rows[0] if rows else None


def _detail(invoice: Invoice, row: InvoiceRow) -> InvoiceDetail:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, invoice.currency)

    return InvoiceDetail(
        row=row,
        patient_id=invoice.patient_id,
        phone=invoice.patient.phone,
        email=invoice.patient.email,
        due_on=invoice.due_on,
        insurer=invoice.insurer,
        insurer_share=money(invoice.insurer_share_minor),
        paid=money(invoice.paid_minor),
        returned=money(invoice.returned_minor),
        lines=tuple(
            LineView(
                description=line.description,
                quantity_milli=line.quantity_milli,
                unit_price=money(line.unit_price_minor),
                tax_basis_points=line.tax_basis_points,
                tax=money(line.tax_minor),
                total=money(line.total_minor),
            )
            for line in invoice.lines
        ),
        payments=(),
    )
