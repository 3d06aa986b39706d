"""The table of refunds: what waits for a decision, what is under way, or what became of the last ones."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from enum import Enum, IntEnum
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView

from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import INK_OF
from cashier.desk.kit.words import day_and_time
from cashier.desk.refunding.words import asked_by, reason, state_words
from cashier.desk.tables.row_table import show_whole_rows
from cashier.refunds.views import RefundView

Index = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()
_ROW_HEIGHT = 38
_WITH_REASON, _WITH_PERSON = 640, 780
"""How wide the table is when the reason, and the person as well, have room in it."""


class Shelf(Enum):
    """Which refunds are looked at."""

    WAITING = "To decide"
    UNDER_WAY = "Under way"
    SETTLED = "Settled"


class RefundColumn(IntEnum):
    """The columns, from left to right."""

    ASKED = 0
    PATIENT = 1
    AMOUNT = 2
    REASON = 3
    BY = 4
    STATE = 5


_HEADINGS = ("Asked for", "Patient", "Amount", "Reason", "By", "Stands")
_TEXTS: Mapping[RefundColumn, Callable[[RefundView, str], str]] = {
    RefundColumn.ASKED: lambda view, zone: day_and_time(view.requested_at, zone),
    RefundColumn.PATIENT: lambda view, _zone: view.patient_name,
    RefundColumn.AMOUNT: lambda view, _zone: str(view.amount),
    RefundColumn.REASON: lambda view, _zone: reason(view),
    RefundColumn.BY: lambda view, _zone: asked_by(view),
    RefundColumn.STATE: lambda view, _zone: state_words(view.state, view.way)[0],
}


class RefundModel(QAbstractTableModel):
    """Holds one shelf. Reading again keeps the rows until the new ones are there."""

    rows_changed = Signal()
    loading_failed = Signal(object)
    """Carries a ``CashierError``."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing yet."""
        super().__init__()
        self._context = context
        self._rows: tuple[RefundView, ...] = ()
        self._shelf = Shelf.WAITING

    def load(self, shelf: Shelf) -> None:
        """Read a shelf."""
        self._shelf = shelf
        lists, actor = self._context.services.refund_lists, self._context.actor
        read = {Shelf.WAITING: lists.waiting, Shelf.UNDER_WAY: lists.under_way, Shelf.SETTLED: lists.settled}[shelf]
        self._context.thread.ask(self, read(actor), then=partial(self._take, shelf), failed=self.loading_failed.emit)

    def row(self, number: int) -> RefundView | None:
        """Return the refund in a row."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def find(self, refund_id: uuid.UUID) -> int | None:
        """Return the row of a refund."""
        return next((place for place, row in enumerate(self._rows) if row.id == refund_id), None)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many refunds there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(RefundColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment or colour."""
        view, column = self.row(index.row()), RefundColumn(index.column())
        if view is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _TEXTS[column](view, self._context.station.time_zone)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(column)
            case Qt.ItemDataRole.ForegroundRole if column is RefundColumn.STATE:
                return QBrush(QColor(INK_OF[state_words(view.state, view.way)[1]]))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(RefundColumn(section))
        return _HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None

    def _take(self, shelf: Shelf, rows: tuple[RefundView, ...]) -> None:
        if shelf is not self._shelf:
            return
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        self.rows_changed.emit()


class RefundTable(QTableView):
    """One row a refund. What is chosen is told, also when it has changed."""

    refund_chosen = Signal(object)
    """Carries the ``RefundView``, or None."""

    def __init__(self, model: RefundModel) -> None:
        """Show ``model``."""
        super().__init__()
        self.setObjectName("refund_table")
        self.setAccessibleName("Refunds")
        self._model = model
        self._chosen: RefundView | None = None
        self.setModel(model)
        show_whole_rows(self, row_height=_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(RefundColumn.PATIENT, QHeaderView.ResizeMode.Stretch)
        model.rows_changed.connect(self._keep_choice)
        self.selectionModel().currentRowChanged.connect(self._tell_choice)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the reason and the person to the sheet where there is too little room."""
        super().resizeEvent(event)
        for column, needs in ((RefundColumn.REASON, _WITH_REASON), (RefundColumn.BY, _WITH_PERSON)):
            self.setColumnHidden(column, self.viewport().width() < needs)

    @property
    def chosen(self) -> RefundView | None:
        """The refund under the cursor."""
        return self._model.row(self.currentIndex().row())

    def _keep_choice(self) -> None:
        """Stay on the same refund when rows are read again; otherwise go to the first."""
        place = self._model.find(self._chosen.id) if self._chosen is not None else None
        if self._model.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self._model.index(place or 0, 0), flags)
        self._tell_choice()

    def _tell_choice(self) -> None:
        if self.chosen != self._chosen:
            self._chosen = self.chosen
            self.refund_chosen.emit(self._chosen)


def _side(column: RefundColumn) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column is RefundColumn.AMOUNT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
