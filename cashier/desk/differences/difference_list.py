"""The table of differences: those that are open, or page by page those that were settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHeaderView, QTableView

from cashier.desk.context import DeskContext
from cashier.desk.differences.difference_words import DIFFERENCE_WORDS
from cashier.desk.kit.controls import INK_OF
from cashier.desk.kit.words import day_and_time
from cashier.desk.tables.row_table import show_whole_rows
from cashier.errors import CashierError
from cashier.reconciliation.views import DifferencePage, DifferenceView

Index = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()
_ROW_HEIGHT = 38


class DifferenceColumn(IntEnum):
    """The columns, from left to right."""

    WHAT = 0
    AMOUNT = 1
    HAPPENED = 2
    FOUND = 3


class DifferenceModel(QAbstractTableModel):
    """Holds what is shown. Reading again keeps the rows until the new ones are there."""

    rows_changed = Signal()
    loading_failed = Signal(object)
    """Carries a ``CashierError``."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing yet."""
        super().__init__()
        self._context = context
        self._rows: tuple[DifferenceView, ...] = ()
        self._is_settled = False
        self._after: int | None = None
        self._is_fetching = False

    def load(self, *, settled: bool) -> None:
        """Read from the beginning what is open, or what was ``settled``."""
        self._is_settled = settled
        reconciliation, actor = self._context.services.reconciliation, self._context.actor
        if settled:
            self._is_fetching = True
            self._context.thread.ask(
                self,
                reconciliation.settled_differences(self._context.actor),
                then=self._start_settled,
                failed=self._fail,
            )
        else:
            self._context.thread.ask(
                self, reconciliation.open_differences(actor), then=self._start_open, failed=self._fail
            )

    def row(self, number: int) -> DifferenceView | None:
        """Return the difference in a row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def find(self, difference_id: int) -> int | None:
        """Return the row of a difference."""
        return next((place for place, row in enumerate(self._rows) if row.id == difference_id), None)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many rows are in memory."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(DifferenceColumn)

    def canFetchMore(self, parent: Index) -> bool:
        """Tell whether there is a further page."""
        return not parent.isValid() and self._after is not None and not self._is_fetching

    def fetchMore(self, parent: Index) -> None:
        """Read the next page; Qt asks for it when somebody scrolls to the end."""
        self._is_fetching = True
        self._context.thread.ask(
            self,
            self._context.services.reconciliation.settled_differences(self._context.actor, after=self._after),
            then=self._append,
            failed=self._fail,
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment, weight or colour."""
        row, column = self.row(index.row()), DifferenceColumn(index.column())
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _TEXTS[column](row, self._context.station.time_zone)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(column)
            case Qt.ItemDataRole.FontRole if column is DifferenceColumn.WHAT:
                font = QFont()
                font.setBold(True)
                return font
            case Qt.ItemDataRole.ForegroundRole if column is DifferenceColumn.WHAT and not self._is_settled:
                return QBrush(QColor(INK_OF[DIFFERENCE_WORDS[row.kind].tone]))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = DifferenceColumn(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return "Settled" if self._is_settled and column is DifferenceColumn.FOUND else _HEADINGS[column]

    def _start_open(self, rows: tuple[DifferenceView, ...]) -> None:
        if not self._is_settled:
            self._replace(rows, None)

    def _start_settled(self, page: DifferencePage) -> None:
        self._is_fetching = False
        if self._is_settled:
            self._replace(page.rows, page.after)

    def _replace(self, rows: tuple[DifferenceView, ...], after: int | None) -> None:
        self.beginResetModel()
        self._rows, self._after = rows, after
        self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(DifferenceColumn) - 1)
        self.rows_changed.emit()

    def _append(self, page: DifferencePage) -> None:
        self._is_fetching = False
        if not self._is_settled or not page.rows:
            return
        self.beginInsertRows(_NOWHERE, len(self._rows), len(self._rows) + len(page.rows) - 1)
        self._rows, self._after = self._rows + page.rows, page.after
        self.endInsertRows()

    def _fail(self, error: CashierError) -> None:
        self._is_fetching = False
        self.loading_failed.emit(error)


class DifferenceTable(QTableView):
    """One row a difference. What is chosen is told; Enter and Ctrl+C are told too."""

    difference_chosen = Signal(object)
    """Carries the ``DifferenceView``, or None."""
    settling_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, model: DifferenceModel) -> None:
        """Show ``model``."""
        super().__init__()
        self.setObjectName("difference_table")
        self.setAccessibleName("Differences")
        self._model = model
        self.setModel(model)
        show_whole_rows(self, row_height=_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(DifferenceColumn.WHAT, QHeaderView.ResizeMode.Stretch)
        self._chosen: DifferenceView | None = None
        model.rows_changed.connect(self._keep_choice)
        self.selectionModel().currentRowChanged.connect(self._tell_choice)
        self.doubleClicked.connect(self.settling_wanted)

    @property
    def chosen(self) -> DifferenceView | None:
        """The difference under the cursor."""
        return self._model.row(self.currentIndex().row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter settles, Ctrl+C copies; the other keys move as in any list."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.settling_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _keep_choice(self) -> None:
        """Stay on the same difference when rows are read again; otherwise go to the first."""
        place = self._model.find(self._chosen.id) if self._chosen is not None else None
        if self._model.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self._model.index(place or 0, 0), flags)
        self._tell_choice()

    def _tell_choice(self) -> None:
        if self.chosen != self._chosen:
            self._chosen = self.chosen
            self.difference_chosen.emit(self._chosen)


_HEADINGS: Mapping[DifferenceColumn, str] = {
    DifferenceColumn.WHAT: "What",
    DifferenceColumn.AMOUNT: "Amount",
    DifferenceColumn.HAPPENED: "Happened",
    DifferenceColumn.FOUND: "Found",
}
_TEXTS: Mapping[DifferenceColumn, Callable[[DifferenceView, str], str]] = {
    DifferenceColumn.WHAT: lambda row, _zone: DIFFERENCE_WORDS[row.kind].title,
    DifferenceColumn.AMOUNT: lambda row, _zone: str(row.amount),
    DifferenceColumn.HAPPENED: lambda row, zone: day_and_time(row.happened_at, zone),
    DifferenceColumn.FOUND: lambda row, zone: day_and_time(row.resolved_at or row.found_at, zone),
}


def _side(column: DifferenceColumn) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column is DifferenceColumn.AMOUNT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
