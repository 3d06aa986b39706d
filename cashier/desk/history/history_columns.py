"""The table of payments, and how they are read: page by page, with their sums a little later."""

from __future__ import annotations

from PySide6.QtCore import QObject

from cashier.desk.context import DeskContext
from cashier.desk.history.words import PART_REFUNDED, means, outcome, purpose
from cashier.desk.kit.words import MOMENT_IN_SHORT, day_and_time_in_short
from cashier.desk.tables.columns import Column, Side, Width, always
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import Counting, PagedModel
from cashier.history.views import HistoryKey, PaymentQuery, PaymentRow
from cashier.language import joined, m, mc, verbatim

PATIENT_WIDTH_MIN = 190
"""Pixels for a name, before other columns give way: the sheet beside the list tells what they do."""


def history_columns(time_zone: str) -> tuple[Column[PaymentRow], ...]:
    """Return the columns; moments are written as the clocks in ``time_zone`` show them."""
    return (
        Column(
            name="begun",
            heading=mc("when", "Begun"),
            text=lambda row: day_and_time_in_short(row.created_at, time_zone),
            width=MOMENT_IN_SHORT,
            gives_way=5,
        ),
        Column(
            name="patient",
            heading=m("Patient"),
            text=lambda row: row.patient.called,
            is_bold=always,
            width=Width.REST,
        ),
        Column(
            name="record_number",
            heading=m("Record no."),
            text=lambda row: verbatim(row.record_number),
            width="MRN-0000000",
            gives_way=4,
        ),
        Column(
            name="purpose",
            heading=mc("what was paid", "For"),
            text=purpose,
            tip=lambda row: joined("\n", map(verbatim, row.invoices)),
            width="INV-2026-000000",
            gives_way=2,
        ),
        Column(name="means", heading=m("Paid with"), text=means, width="Mastercard •••• 0000", gives_way=3),
        Column(
            name="amount",
            heading=m("Amount"),
            text=lambda row: verbatim(row.amount),
            side=Side.RIGHT,
            width="00,000.00 €",
        ),
        Column(name="desk", heading=m("Desk"), text=lambda row: verbatim(row.desk), width="D00", gives_way=1),
        Column(
            name="outcome",
            heading=m("Outcome"),
            text=lambda row: outcome(row)[0],
            tone=lambda row: outcome(row)[1],
            is_bold=always,
            width=str(PART_REFUNDED),
        ),
    )


def history_rows(context: DeskContext, parent: QObject) -> PagedModel[PaymentQuery, PaymentRow, HistoryKey]:
    """Make the list of the payments of one query at a time, newest first; ``HistoryTotals`` are its count."""
    history, actor = context.services.history, context.actor
    return PagedModel(
        history_columns(context.station.time_zone),
        context.thread,
        PaymentQuery(),
        lambda query, after, skip: history.page(query, actor, after=after, skip=skip, limit=PAGE_ROWS),
        counting=Counting(
            ask=lambda query: history.totals(query, actor), rows=lambda totals, _query: totals.payments
        ),
        parent=parent,
    )
