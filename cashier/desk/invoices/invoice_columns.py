"""The table of invoices, and how they are read: page by page, with the counts of every filter a little later."""

from __future__ import annotations

from PySide6.QtCore import QObject

from cashier.books.invoice import InvoiceStatus
from cashier.clock import today
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import EVERY_DIFFERENCE, day, what_differs
from cashier.desk.service_thread import ServiceThread
from cashier.desk.tables.columns import Column, Side, Width, always
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import Counting, PagedModel
from cashier.invoices.service import Invoices
from cashier.invoices.views import OWED, InvoiceQuery, InvoiceRow, Place
from cashier.language import NOTHING, Message, joined, m, verbatim


def _second(_row: InvoiceRow) -> Tone:
    return Tone.NEUTRAL


def _in_all(row: InvoiceRow) -> Message:
    """Say how many invoices a patient owes and what they come to; sums of two currencies are never added up."""
    if not row.owes:
        return NOTHING
    count = sum(each.invoices for each in row.owes)
    return joined(": ", [verbatim(count), joined(" + ", [verbatim(each.amount) for each in row.owes])])


def _due(row: InvoiceRow) -> Message:
    return verbatim(row.balance if row.balance and row.status is not InvoiceStatus.CANCELLED else "–")


_FACTS: tuple[Column[InvoiceRow], ...] = (
    Column(
        name="patient",
        heading=m("Patient"),
        text=lambda row: row.patient.called,
        is_bold=always,
        width=Width.REST,
    ),
    Column(
        name="born",
        heading=m("Born"),
        text=lambda row: NOTHING if row.born is None else day(row.born),
        tone=_second,
        width="00 May 2026",
    ),
    Column(
        name="record_number",
        heading=m("Record no."),
        text=lambda row: verbatim(row.record_number),
        tone=_second,
        width="MRN-0000000",
        gives_way=3,
    ),
    Column(
        name="number",
        heading=m("Invoice"),
        text=lambda row: verbatim(row.number),
        width="INV-2026-000000",
        gives_way=5,
    ),
    Column(
        name="department",
        heading=m("Department"),
        text=lambda row: verbatim(row.department),
        tone=_second,
        width="Ophthalmology",
        gives_way=1,
    ),
    Column(
        name="issued",
        heading=m("Issued"),
        text=lambda row: day(row.issued_on),
        tone=_second,
        width="00 May 2026",
        gives_way=2,
    ),
    Column(
        name="in_all",
        heading=m("Owed in all"),
        text=_in_all,
        side=Side.RIGHT,
        tone=_second,
        width="2: 00,000.00 €",
        gives_way=4,
    ),
    Column(
        name="due",
        heading=m("Due"),
        text=_due,
        side=Side.RIGHT,
        tone=lambda row: None if row.status in OWED else Tone.NEUTRAL,
        is_bold=lambda row: row.status in OWED,
        width="☑ 00,000.00 €",
    ),
)


def invoice_columns(time_zone: str) -> tuple[Column[InvoiceRow], ...]:
    """Return the columns of the list. Where a name would be cut, the pane beside the list tells the others.

    They give way in this order: department, day of issue, record number, what is owed in all, number, status.
    """

    def status(row: InvoiceRow) -> tuple[Message, Tone]:
        return what_differs(row, today(time_zone))

    return (
        *_FACTS,
        Column(
            name="status",
            heading=m("Status"),
            text=lambda row: status(row)[0],
            tone=lambda row: status(row)[1],
            is_pill=True,
            width=EVERY_DIFFERENCE,
            gives_way=6,
            lets_names_break=True,
        ),
    )


InvoiceRows = PagedModel[InvoiceQuery, InvoiceRow, Place]
"""The invoices that a query finds; ``InvoiceCounts`` of every filter are its count."""


def invoice_rows(
    thread: ServiceThread, invoices: Invoices, time_zone: str, parent: QObject | None = None
) -> InvoiceRows:
    """Make the list of the invoices of one query at a time, fetched from ``invoices``."""
    return PagedModel(
        invoice_columns(time_zone),
        thread,
        InvoiceQuery(),
        lambda query, after, skip: invoices.page(query, after=after, skip=skip, limit=PAGE_ROWS),
        counting=Counting(
            ask=lambda query: invoices.counts(query.text),
            rows=lambda counts, query: counts.of(query.statuses),
            holds_for_both=lambda one, other: one.text == other.text,
        ),
        parent=parent,
    )
