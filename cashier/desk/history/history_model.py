"""The payments that a query finds as Qt's views see them, with their sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont

from cashier.desk.context import DeskContext
from cashier.desk.history.words import means, outcome, purpose
from cashier.desk.kit.controls import INK_OF
from cashier.desk.kit.words import day_and_time
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import Index, PagedModel
from cashier.history.views import HistoryKey, HistoryTotals, PaymentQuery, PaymentRow

_NOWHERE = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    BEGUN = 0
    PATIENT = 1
    PURPOSE = 2
    MEANS = 3
    AMOUNT = 4
    DESK = 5
    OUTCOME = 6


HEADINGS = ("Begun", "Patient", "For", "Paid with", "Amount", "Desk", "Outcome")


class HistoryModel(PagedModel[PaymentQuery, PaymentRow, HistoryKey]):
    """The payments of one query at a time, newest first. Sums arrive a little later than rows."""

    added_up = Signal(object)
    """Carries ``HistoryTotals`` of everything that the query finds."""

    def __init__(self, context: DeskContext, parent: QObject | None = None) -> None:
        """Show nothing yet."""
        history, actor = context.services.history, context.actor
        super().__init__(
            context.thread,
            PaymentQuery(),
            lambda query, after, skip: history.page(query, actor, after=after, skip=skip, limit=PAGE_ROWS),
            parent,
        )
        self._context = context
        self._totals: HistoryTotals | None = None

    def show(self, query: PaymentQuery) -> None:
        """Look for ``query``, and add up what it finds."""
        self._totals = None
        super().show(query)
        self._add_up()

    def refresh(self) -> None:
        """Fetch again what is being looked at, and add up anew."""
        super().refresh()
        self._add_up()

    def counted_rows(self) -> int | None:
        """Return how many payments there are, as soon as they are added up."""
        return None if self._totals is None else self._totals.payments

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment, weight or colour; nothing while the row is being fetched."""
        column = Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == Qt.ItemDataRole.FontRole:
            return _font(column)
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.ForegroundRole,
        ):
            return None
        row = self.row_at(index.row())
        if row is None:
            return "Loading" if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.ForegroundRole:
            return QBrush(QColor(INK_OF[outcome(row)[1]])) if column is Column.OUTCOME else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(row.invoices) if column is Column.PURPOSE else None
        return _TEXTS[column](row, self._context.station.time_zone)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(Column(section))
        return HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def _add_up(self) -> None:
        # The list works without sums, so a failure is left to the pages to tell.
        self._thread.ask(
            self,
            self._context.services.history.totals(self._query, self._context.actor),
            then=partial(self._take_totals, self._generation),
            failed=partial(self._fail, self._generation),
        )

    def _take_totals(self, generation: int, totals: HistoryTotals) -> None:
        if generation == self._generation:
            self._totals = totals
            self.take_count()
            self.added_up.emit(totals)


def _side(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column is Column.AMOUNT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _font(column: Column) -> QFont | None:
    if column not in (Column.PATIENT, Column.OUTCOME):
        return None
    font = QFont()
    font.setBold(True)
    return font


_TEXTS: Mapping[Column, Callable[[PaymentRow, str], str]] = {
    Column.BEGUN: lambda row, zone: day_and_time(row.created_at, zone),
    Column.PATIENT: lambda row, _zone: row.patient_name,
    Column.PURPOSE: lambda row, _zone: purpose(row),
    Column.MEANS: lambda row, _zone: means(row),
    Column.AMOUNT: lambda row, _zone: str(row.amount),
    Column.DESK: lambda row, _zone: row.desk,
    Column.OUTCOME: lambda row, _zone: outcome(row)[0],
}
