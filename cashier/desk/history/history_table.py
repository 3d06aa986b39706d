"""The table of payments. The chosen one stays chosen wherever it moves."""

from __future__ import annotations

import uuid

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView

from cashier.desk.history.history_model import Column, HistoryModel
from cashier.desk.tables.row_table import show_whole_rows
from cashier.history.views import PaymentRow

_ROW_HEIGHT = 38
_PADDING = 26
# As wide as what stands in them; the patient's name gets what is left.
_WIDEST_TEXTS = {
    Column.BEGUN: "00 May 2026, 00:00",
    Column.PURPOSE: "INV-2026-000000",
    Column.MEANS: "Mastercard •••• 0000",
    Column.AMOUNT: "00,000.00 €",
    Column.DESK: "D00",
    Column.OUTCOME: "Part refunded",
}

_LEFT_OUT_BELOW = {Column.DESK: 840, Column.PURPOSE: 800, Column.MEANS: 660}
"""Columns that a narrow table does without, and how wide it has to be to show them."""


class HistoryTable(QTableView):
    """One row a payment; whichever is under the cursor is told."""

    payment_chosen = Signal(object)
    """Carries the ``PaymentRow``, or None where there is none."""

    def __init__(self, model: HistoryModel) -> None:
        """Show ``model``."""
        super().__init__()
        self.setObjectName("history_table")
        self.setAccessibleName("Payments")
        self._model = model
        self._chosen_id: uuid.UUID | None = None
        self.setModel(model)
        show_whole_rows(self, row_height=_ROW_HEIGHT)
        self._set_widths()
        model.query_shown.connect(self._start_at_top)
        model.rows_moved.connect(self._keep_choice)
        model.rows_leaving.connect(self._leave_rows)
        self.selectionModel().currentRowChanged.connect(self._tell_choice)

    @property
    def chosen(self) -> PaymentRow | None:
        """The payment under the cursor; None where there is none, or while it is being fetched."""
        index = self.currentIndex()
        return self._model.row_at(index.row()) if index.isValid() else None

    def sizeHint(self) -> QSize:
        """Want room for some rows, and leave the rest to the window."""
        return QSize(600, 6 * _ROW_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what the sheet beside the list tells as well, before anything has to be scrolled to."""
        width = self.viewport().width()
        for column, width_min in _LEFT_OUT_BELOW.items():
            self.setColumnHidden(column, width < width_min)
        super().resizeEvent(event)

    def _set_widths(self) -> None:
        header = self.horizontalHeader()
        self.ensurePolished()
        bold = QFont(self.font())
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        for column in Column:
            if column in _WIDEST_TEXTS:
                header.resizeSection(column, metrics.horizontalAdvance(_WIDEST_TEXTS[column]) + _PADDING)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def _start_at_top(self) -> None:
        """Show the newest payment of another query, unless the one that was chosen is there too."""
        place = self._model.find(self._chosen_id) if self._chosen_id is not None else None
        if self._model.rowCount():
            self._go_to(place or 0)
            self.scrollTo(self.currentIndex()) if place else self.scrollToTop()
        self._tell_choice(self.currentIndex(), self.currentIndex())

    def _keep_choice(self) -> None:
        """Follow the chosen payment to where it stands now; new ones come in above it."""
        place = self._model.find(self._chosen_id) if self._chosen_id is not None else None
        if place is not None and place != self.currentIndex().row():
            self.setAutoScroll(False)
            self._go_to(place)
            self.setAutoScroll(True)
        self._tell_choice(self.currentIndex(), self.currentIndex())

    def _leave_rows(self, first: int) -> None:
        """Go before the row goes: Qt would choose its neighbour, which is another payment."""
        if self.currentIndex().row() >= first:
            self.selectionModel().clear()

    def _go_to(self, place: int) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self._model.index(place, 0), flags)

    def _tell_choice(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self._model.row_at(current.row()) if current.isValid() else None
        if row is None and current.isValid():
            return
        chosen_id = None if row is None else row.id
        if chosen_id != self._chosen_id:
            self._chosen_id = chosen_id
            self.payment_chosen.emit(row)
