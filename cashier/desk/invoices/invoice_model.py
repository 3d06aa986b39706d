"""The invoice list as Qt's views see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from cashier.desk.kit.words import day, invoice_words
from cashier.desk.service_thread import ServiceThread
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import Index, PagedModel
from cashier.invoices.service import Invoices
from cashier.invoices.views import InvoiceCounts, InvoiceQuery, InvoiceRow

RowRole = Qt.ItemDataRole.UserRole
"""The ``InvoiceRow`` itself; None while it is being fetched."""

_NOWHERE = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    NUMBER = 0
    PATIENT = 1
    RECORD_NUMBER = 2
    DEPARTMENT = 3
    ISSUED = 4
    TOTAL = 5
    DUE = 6
    STATUS = 7


HEADINGS = ("Invoice", "Patient", "Record no.", "Department", "Issued", "Total", "Due", "Status")
RIGHT_ALIGNED = frozenset({Column.TOTAL, Column.DUE})


class InvoiceModel(PagedModel[InvoiceQuery, InvoiceRow, int]):
    """The invoices that a query finds, and how many each filter would find."""

    counted = Signal(object)
    """How many invoices the text finds; carries ``InvoiceCounts``."""

    def __init__(self, thread: ServiceThread, invoices: Invoices, parent: QObject | None = None) -> None:
        """Show nothing yet; fetch from ``invoices``."""
        super().__init__(
            thread,
            InvoiceQuery(),
            lambda query, after, skip: invoices.page(query, after=after, skip=skip, limit=PAGE_ROWS),
            parent,
        )
        self._invoices = invoices
        self._counts: InvoiceCounts | None = None

    def show(self, query: InvoiceQuery) -> None:
        """Look for ``query``, and count anew what another text finds."""
        is_counted = self._counts is not None and query.text == self.query.text and self.is_current
        super().show(query)
        if not is_counted:
            self._counts = None
            self.count()

    def count(self) -> None:
        """Count the invoices that the text finds."""
        # The list works without counts, so a failure is left to the pages to tell.
        self._thread.ask(
            self,
            self._invoices.counts(self._query.text),
            then=partial(self._take_counts, self._query.text),
            failed=partial(self._fail, self._generation),
        )

    def counted_rows(self) -> int | None:
        """Return how many invoices are listed, where that is known."""
        return None if self._counts is None else self._counts.of(self._query.statuses)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment or the row itself."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() in RIGHT_ALIGNED else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, RowRole):
            return None
        row = self.row_at(index.row())
        if role == RowRole:
            return row
        if row is None:
            return "Loading" if role == Qt.ItemDataRole.AccessibleTextRole else ""
        return text_of(row, Column(index.column()))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in RIGHT_ALIGNED else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def _take_counts(self, text: str, counts: InvoiceCounts) -> None:
        if text == self._query.text:
            self._counts = counts
            self.take_count()
            self.counted.emit(counts)


def text_of(row: InvoiceRow, column: Column) -> str:
    """Return what stands in ``column``."""
    return _TEXTS[column](row)


_TEXTS: Mapping[Column, Callable[[InvoiceRow], str]] = {
    Column.NUMBER: lambda row: row.number,
    Column.PATIENT: lambda row: row.patient_name,
    Column.RECORD_NUMBER: lambda row: row.record_number,
    Column.DEPARTMENT: lambda row: row.department,
    Column.ISSUED: lambda row: day(row.issued_on),
    Column.TOTAL: lambda row: str(row.total),
    Column.DUE: lambda row: str(row.balance) if row.balance else "–",
    Column.STATUS: lambda row: invoice_words(row)[0],
}
