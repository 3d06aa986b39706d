"""The table of invoices, and how they are read: page by page, with the counts of every filter a little later."""

from __future__ import annotations

from PySide6.QtCore import QObject

from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import EVERY_INVOICE_WORD, day, invoice_words
from cashier.desk.service_thread import ServiceThread
from cashier.desk.tables.columns import Column, Side, Width, always
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import Counting, PagedModel
from cashier.invoices.service import Invoices
from cashier.invoices.views import OWED, InvoiceQuery, InvoiceRow, Place
from cashier.language import NOTHING, m, verbatim


def _second(_row: InvoiceRow) -> Tone:
    return Tone.NEUTRAL


INVOICE_COLUMNS: tuple[Column[InvoiceRow], ...] = (
    Column(name="number", heading=m("Invoice"), text=lambda row: verbatim(row.number), width="INV-2026-000000"),
    Column(
        name="patient",
        heading=m("Patient"),
        text=lambda row: verbatim(row.patient_name),
        is_bold=always,
        width=Width.REST,
    ),
    Column(
        name="born",
        heading=m("Born"),
        text=lambda row: NOTHING if row.born is None else day(row.born),
        tone=_second,
        width="00 May 2026",
        gives_way=4,
    ),
    Column(
        name="record_number",
        heading=m("Record no."),
        text=lambda row: verbatim(row.record_number),
        tone=_second,
        width="MRN-0000000",
    ),
    # Where a name would be cut, these are left to the pane beside the list.
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
        name="total",
        heading=m("Total"),
        text=lambda row: verbatim(row.total),
        side=Side.RIGHT,
        width="00,000.00 €",
        gives_way=3,
    ),
    Column(
        name="due",
        heading=m("Due"),
        text=lambda row: verbatim(row.balance if row.balance else "–"),
        side=Side.RIGHT,
        tone=lambda row: None if row.status in OWED else Tone.NEUTRAL,
        is_bold=lambda row: row.status in OWED,
        width="00,000.00 €",
    ),
    Column(
        name="status",
        heading=m("Status"),
        text=lambda row: invoice_words(row)[0],
        tone=lambda row: invoice_words(row)[1],
        is_pill=True,
        width=EVERY_INVOICE_WORD,
    ),
)

InvoiceRows = PagedModel[InvoiceQuery, InvoiceRow, Place]
"""The invoices that a query finds; ``InvoiceCounts`` of every filter are its count."""


def invoice_rows(thread: ServiceThread, invoices: Invoices, parent: QObject | None = None) -> InvoiceRows:
    """Make the list of the invoices of one query at a time, fetched from ``invoices``."""
    return PagedModel(
        INVOICE_COLUMNS,
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
