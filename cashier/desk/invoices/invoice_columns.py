"""The table of the till, and how it is read: patients page by page, the counts of every filter a little later."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QObject

from cashier.books.invoice import InvoiceStatus
from cashier.clock import today
from cashier.desk.invoices.folding.folded_rows import FoldedRows
from cashier.desk.invoices.folding.list_row import ListRow
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import EVERY_DIFFERENCE, day, what_differs
from cashier.desk.service_thread import ServiceThread
from cashier.desk.tables.columns import Column, Side, Width, always
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import Counting, PagedModel
from cashier.invoices.service import Invoices
from cashier.invoices.views import OWED, InvoiceQuery, InvoiceRow
from cashier.language import NOTHING, Message, joined, m, verbatim

_MOST_OVERDUE_FIRST = date.max


def _second(_row: ListRow) -> Tone:
    return Tone.NEUTRAL


def _patient(row: ListRow) -> Message:
    """Name the patient; below the name, each bill: its number is never left out there."""
    if row.is_below:
        return joined(" · ", [verbatim(each) for each in (row.bill.number, row.bill.department) if each])
    return row.bill.patient.called


def _born(row: ListRow) -> Message:
    return NOTHING if row.is_below or row.bill.born is None else day(row.bill.born)


def _count(row: ListRow) -> Message:
    return NOTHING if row.is_below else verbatim(row.patient.count)


def _due(row: ListRow) -> Message:
    """Write what is due; sums of two currencies are never added up."""
    if row.is_patient:
        return (
            joined(" + ", [verbatim(each.amount) for each in row.patient.owed]) if row.patient.owed else verbatim("–")
        )
    bill = row.bill
    return verbatim(bill.balance if bill.balance and bill.status is not InvoiceStatus.CANCELLED else "–")


def _is_owed(row: ListRow) -> bool:
    return bool(row.patient.owed) if row.is_patient else row.bill.status in OWED


def _differs(row: ListRow, on: date) -> tuple[Message, Tone]:
    """Say what differs; of several bills, that one of them is being paid, or else which is overdue the longest."""
    if not row.is_patient:
        return what_differs(row.bill, on)
    owed = [bill for bill in row.patient.bills if bill.status in OWED]
    told = [each for bill in sorted(owed, key=_urgency) if (each := what_differs(bill, on))[0]]
    return told[0] if told else (NOTHING, Tone.NEUTRAL)


def _urgency(bill: InvoiceRow) -> tuple[bool, bool, date]:
    return bill.under_way is None, bill.due_on is None, bill.due_on or _MOST_OVERDUE_FIRST


_FACTS: tuple[Column[ListRow], ...] = (
    Column(
        name="patient",
        heading=m("Patient"),
        text=_patient,
        is_bold=always,
        width=Width.REST,
    ),
    Column(name="born", heading=m("Born"), text=_born, tone=_second, width="00 May 2026"),
    Column(
        name="record_number",
        heading=m("Record no."),
        text=lambda row: NOTHING if row.is_below else verbatim(row.bill.record_number),
        tone=_second,
        width="MRN-0000000",
        gives_way=3,
    ),
    Column(
        name="number",
        heading=m("Invoice"),
        text=lambda row: verbatim(row.bill.number) if not (row.is_patient or row.is_below) else NOTHING,
        width="INV-2026-000000",
        gives_way=4,
    ),
    Column(
        name="department",
        heading=m("Department"),
        text=lambda row: verbatim(row.bill.department) if not (row.is_patient or row.is_below) else NOTHING,
        tone=_second,
        width="Ophthalmology",
        gives_way=1,
    ),
    Column(
        name="issued",
        heading=m("Issued"),
        text=lambda row: NOTHING if row.is_patient else day(row.bill.issued_on),
        tone=_second,
        width="00 May 2026",
        gives_way=2,
    ),
    Column(
        name="count",
        heading=m("Invoices"),
        text=_count,
        side=Side.RIGHT,
        tone=_second,
        width="0,000",
        gives_way=5,
    ),
    Column(
        name="due",
        heading=m("Due"),
        text=_due,
        side=Side.RIGHT,
        tone=lambda row: None if _is_owed(row) else Tone.NEUTRAL,
        is_bold=_is_owed,
        width="☑ 00,000.00 €",
    ),
)


def invoice_columns(time_zone: str) -> tuple[Column[ListRow], ...]:
    """Return the columns of the list. Where a name would be cut, the pane beside the list tells the others.

    They give way in this order: department, day of issue, record number, number, how many there are (then told
    beside the sum), status.
    """

    def status(row: ListRow) -> tuple[Message, Tone]:
        return _differs(row, today(time_zone))

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


def invoice_rows(
    thread: ServiceThread, invoices: Invoices, time_zone: str, parent: QObject | None = None
) -> FoldedRows:
    """Make the list of what one query at a time finds, fetched from ``invoices``."""
    patients = PagedModel(
        (),
        thread,
        InvoiceQuery(),
        lambda query, after, skip: invoices.page(query, after=after, skip=skip, limit=PAGE_ROWS),
        counting=Counting(ask=invoices.counts, rows=lambda counts, _query: counts.patients),
    )
    return FoldedRows(
        invoice_columns(time_zone),
        patients,
        thread,
        lambda patient_id, query: invoices.bills_of(patient_id, query.statuses),
        parent,
    )
