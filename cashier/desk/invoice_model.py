"""The invoice list as Qt's views see it: a million rows, of which a few pages are in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from cashier.desk.invoice_window import PAGE_ROWS, InvoiceWindow
from cashier.desk.service_thread import ServiceThread
from cashier.desk.words import day, invoice_words
from cashier.errors import CashierError
from cashier.invoices.service import Invoices
from cashier.invoices.views import InvoiceCounts, InvoicePage, InvoiceQuery, InvoiceRow

Index = QModelIndex | QPersistentModelIndex
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


class InvoiceModel(QAbstractTableModel):
    """Shows one query at a time. Painting a row that is not held fetches its page; nothing fetches all."""

    query_shown = Signal()
    """The first page of the newest query is on the screen."""
    rows_moved = Signal()
    """Rows were replaced; an invoice may stand elsewhere now."""
    rows_leaving = Signal(int)
    """Rows from this one on are about to go."""
    counted = Signal(object)
    """How many invoices the text finds; carries ``InvoiceCounts``."""
    loading_failed = Signal(object)
    """Rows could not be fetched; carries a ``CashierError``."""

    def __init__(self, thread: ServiceThread, invoices: Invoices, parent: QObject | None = None) -> None:
        """Show nothing yet; fetch from ``invoices``."""
        super().__init__(parent)
        self._thread = thread
        self._invoices = invoices
        self._query = InvoiceQuery()
        self._generation = 0
        self._shown_generation = 0
        self._counts: InvoiceCounts | None = None
        self._window = InvoiceWindow()
        # The newest pages that were painted without rows; older wishes are forgotten while scrolling.
        self._wanted: deque[int] = deque(maxlen=2)
        self._fetching: int | None = None
        self._has_failed = False

    @property
    def query(self) -> InvoiceQuery:
        """The newest query, shown or about to be."""
        return self._query

    @property
    def is_current(self) -> bool:
        """Tell whether what is shown answers the newest query."""
        return self._shown_generation == self._generation

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return self._window.rows_held

    def show(self, query: InvoiceQuery) -> None:
        """Look for ``query``; what is shown stays until its first page is there. Late answers are dropped."""
        is_counted = self._counts is not None and query.text == self._query.text and self.is_current
        self._query = query
        self._generation += 1
        self._has_failed = False
        self._wanted.clear()
        self._fetching = None
        self._thread.ask(
            self,
            self._invoices.page(query, limit=PAGE_ROWS),
            then=partial(self._start_over, self._generation),
            failed=partial(self._fail, self._generation),
        )
        if not is_counted:
            self._counts = None
            self.count()

    def refresh(self) -> None:
        """Fetch again what is being looked at; rows stay where they are meanwhile."""
        self._has_failed = False
        self._window.mark_stale()
        self._repaint()

    def count(self) -> None:
        """Count the invoices that the text finds."""
        # The list works without counts, so a failure is left to the pages to tell.
        self._thread.ask(
            self,
            self._invoices.counts(self._query.text),
            then=partial(self._take_counts, self._query.text),
            failed=partial(self._fail, self._generation),
        )

    def find(self, invoice_id: int) -> int | None:
        """Return the row of an invoice if it is among those in memory."""
        return self._window.find(invoice_id)

    def row_at(self, row: int) -> InvoiceRow | None:
        """Return what is in ``row``; fetches its page when it is not held or not fresh."""
        page = row // PAGE_ROWS
        if not self._window.is_fresh(page):
            self._want(page)
        return self._window.row(row)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many rows there are, as far as is known."""
        return 0 if parent.isValid() else self._window.total

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

    def _start_over(self, generation: int, page: InvoicePage) -> None:
        if generation != self._generation:
            return
        self.beginResetModel()
        self._window = InvoiceWindow()
        if self._counts is not None:
            self._expect(self._counts)
        self._window.take(0, page)
        self._shown_generation = generation
        self.endResetModel()
        self.query_shown.emit()

    def _take_counts(self, text: str, counts: InvoiceCounts) -> None:
        if text != self._query.text:
            return
        self._counts = counts
        if self.is_current:
            before = self._window.total
            self._expect(counts)
            self._resize(before)
        self.counted.emit(counts)

    def _expect(self, counts: InvoiceCounts) -> None:
        total = counts.of(self._query.statuses)
        if total is not None:
            self._window.expect(total)

    def _want(self, page: int) -> None:
        if self._has_failed or not self.is_current or page == self._fetching or page in self._wanted:
            return
        self._wanted.append(page)
        if self._fetching is None:
            self._fetch_next()

    def _fetch_next(self) -> None:
        self._fetching = self._wanted.pop() if self._wanted else None
        if self._fetching is None:
            return
        after, skip = self._window.place_of(self._fetching)
        self._thread.ask(
            self,
            self._invoices.page(self._query, after=after, skip=skip, limit=PAGE_ROWS),
            then=partial(self._take_page, self._generation, self._fetching),
            failed=partial(self._fail, self._generation),
        )

    def _take_page(self, generation: int, number: int, page: InvoicePage) -> None:
        if generation != self._generation:
            return
        before = self._window.total
        self._window.take(number, page)
        self._resize(before)
        self._repaint()
        self.rows_moved.emit()
        self._fetch_next()

    def _resize(self, before: int) -> None:
        """Tell the views about rows that were added or removed at the end, which moves nothing above."""
        total = self._window.total
        if total > before:
            self._window.total = before
            self.beginInsertRows(_NOWHERE, before, total - 1)
            self._window.total = total
            self.endInsertRows()
        elif total < before:
            self._window.total = before
            self.rows_leaving.emit(total)
            self.beginRemoveRows(_NOWHERE, total, before - 1)
            self._window.total = total
            self.endRemoveRows()

    def _repaint(self) -> None:
        if self._window.total:
            self.dataChanged.emit(self.index(0, 0), self.index(self._window.total - 1, len(Column) - 1))

    def _fail(self, generation: int, error: CashierError) -> None:
        if generation == self._generation:
            # Painting asks again and again; a failure is tried again only when somebody says so.
            self._has_failed = True
            self._fetching = None
            self._wanted.clear()
            self.loading_failed.emit(error)


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
