"""The table of invoices on the screen: it chooses nothing by itself, and what is typed there is a search."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from cashier.desk.invoices.folding.folded_rows import FoldedRows
from cashier.desk.invoices.folding.list_row import ListRow
from cashier.desk.invoices.invoice_painter import (
    ARROW,
    InvoicePainter,
    box_in,
    has_box,
    indent_of,
    name_height,
    name_width,
    parts_of,
)
from cashier.desk.kit.look import for_hands, scaled
from cashier.desk.tables.columns import Column, place_of
from cashier.desk.tables.row_painter import PADDING, PILL_PADDING, PILL_PICTURE
from cashier.desk.tables.row_table import RowTable
from cashier.language import m

_ROW_HEIGHT = 36
_PATIENT_WIDTH_MIN = 180
_WORD_WIDTH_MIN = 96
_MOST_IN_SIGHT = 100
_FINGER = 52
"""How wide (pixels) the place of the arrow is for fingers."""


class InvoiceTable(RowTable[ListRow]):
    """One row a patient, and the bills of who is unfolded. Keys that have no use here go to the search field."""

    payment_wanted = Signal()
    """Enter, or a double click."""
    left_upwards = Signal()
    """The arrow up was pressed in the first row."""
    typed = Signal(str)
    """Text was typed (or scanned) while the table had the keyboard."""
    dismissed = Signal()
    """Esc was pressed."""
    tick_wanted = Signal(int)
    """The bill in this row is to be ticked, or not any more: the space bar."""
    box_clicked = Signal(int)
    """The same, by its box."""
    all_ticks_wanted = Signal()
    """All bills of the chosen patient are to be ticked."""

    rest_width_min = _PATIENT_WIDTH_MIN

    def __init__(self, model: FoldedRows, parent: QWidget | None = None) -> None:
        """Show ``model``."""
        super().__init__(model, name="invoice_table", title=m("Invoices"), row_height=_ROW_HEIGHT, parent=parent)
        self._folded = model
        self.horizontalHeader().setMinimumSectionSize(scaled(_PATIENT_WIDTH_MIN) // 3)
        self._painter = InvoicePainter(model, self._row_height, self)
        self._widest_name = self._widest_word = 0
        self.setItemDelegate(self._painter)
        self.doubleClicked.connect(self._want_payment)
        model.query_shown.connect(self._forget_names)
        model.rows_moved.connect(self._show_whole_names)
        self.verticalScrollBar().valueChanged.connect(self._show_whole_names)

    def show_taken(self, taken: frozenset[int]) -> None:
        """Show the boxes of these invoices as ticked: a payment would be taken of them."""
        self._painter.taken = taken
        self.viewport().update()

    def rest_width_wanted(self) -> int:
        """Return how wide (pixels) the names are that were seen since the last search: other columns give way."""
        return max(super().rest_width_wanted(), self._widest_name)

    def rest_width_least(self) -> int:
        """Return how wide (pixels) the longest word of these names is: names may stand in two lines."""
        return min(self.rest_width_wanted(), max(scaled(_WORD_WIDTH_MIN), self._widest_word))

    def leave_columns_out(self) -> None:
        """Show the columns that there is room for; how many invoices there are is told in any case."""
        super().leave_columns_out()
        self._painter.tells_count = self.isColumnHidden(place_of(self.rows.columns, "count"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show names whole in the new width."""
        super().resizeEvent(event)
        self._show_whole_names()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a row; the arrow only unfolds, and a box only ticks."""
        if event.button() != Qt.MouseButton.LeftButton or not self._press(event.position().toPoint()):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take twice what means something by itself for two clicks; elsewhere, a payment is wanted."""
        if event.button() != Qt.MouseButton.LeftButton or not self._press(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)

    def _press(self, at: QPoint) -> bool:
        """Press the arrow or the box that is ``at`` this point; tell whether there is one."""
        index = self.indexAt(at)
        row = self.rows.row_at(index.row()) if index.isValid() else None
        if row is None:
            return False
        name = self.rows.columns[index.column()].name
        if name == "patient" and row.is_patient and at.x() < for_hands(ARROW + PADDING, touched=_FINGER):
            self.pressed.emit(index)
            self._turn(index.row())
            return True
        box = box_in(self.visualRect(index).adjusted(PADDING, 0, -PADDING, 0))
        if name == "due" and has_box(row) and box.adjusted(-8, -8, 8, 8).contains(at):
            self.pressed.emit(index)
            self.box_clicked.emit(index.row())
            return True
        return False

    def width_of(self, text: str, column: Column[ListRow]) -> int:
        """Return how wide (pixels) ``column`` has to be for ``text``, painted by hand."""
        width = QFontMetrics(self.font()).horizontalAdvance(text) + 2 * PADDING + 2
        return width + (PILL_PADDING + scaled(PILL_PICTURE) if column.is_pill else 0)

    def select_row(self, row: int, *, scrolls: bool) -> None:
        """Select ``row``; the view only moves there when ``scrolls``."""
        self.setAutoScroll(scrolls)
        self.go_to(row)
        self.setAutoScroll(True)

    def clear_current(self) -> None:
        """Select nothing."""
        self.selectionModel().clear()
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the keyboard without choosing anything.

        A list of Qt's chooses its first row then. After a dialog closes, that would put another patient's
        invoice in the place of the one that was just paid and has left the list.
        """
        QAbstractScrollArea.focusInEvent(self, event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn keys into wishes; arrows and page keys move the selection as in any list."""
        text, plain = (
            event.text(),
            event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier),
        )
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # A key that is held down must not order a second payment.
            if not event.isAutoRepeat():
                self._want_payment()
        elif event.key() == Qt.Key.Key_Escape:
            self.dismissed.emit()
        elif event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.left_upwards.emit()
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left) and plain:
            self._fold_by_key(unfolds=event.key() == Qt.Key.Key_Right)
        elif event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.tick_wanted.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_A and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.all_ticks_wanted.emit()
        elif plain and text.isprintable() and text.strip():
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def _turn(self, place: int) -> None:
        """Unfold or fold the patient in this row, and show as many of the bills as there is room for."""
        self._folded.turn(place)
        row = self.rows.row_at(place)
        if row is not None and row.is_unfolded:
            self.scrollTo(self.rows.index(place + len(self._folded.bills_below(row)), 0))
        self.scrollTo(self.rows.index(place, 0))

    def _fold_by_key(self, *, unfolds: bool) -> None:
        """Unfold, and then go to the first bill; or go to the patient, and then fold."""
        place, row = self.currentIndex().row(), self.chosen
        if row is None:
            return
        if row.is_patient and row.is_unfolded != unfolds:
            self._turn(place)
        elif row.is_patient and unfolds:
            self.select_row(place + 1, scrolls=True)
        elif row.is_below and not unfolds:
            patient = self._folded.row_of_patient(place)
            if patient is not None:
                self.select_row(patient, scrolls=True)

    def _want_payment(self) -> None:
        if self.currentIndex().isValid():
            self.payment_wanted.emit()

    def _forget_names(self) -> None:
        self._widest_name = self._widest_word = 0
        self._show_whole_names()

    def _show_whole_names(self) -> None:
        """Let columns give way to the names in sight; where that is not enough, let their rows be higher."""
        first, last = max(0, self.rowAt(0)), self.rowAt(self.viewport().height() - 1)
        end = last + 1 if last >= 0 else min(self.rows.rowCount(), first + _MOST_IN_SIGHT)
        names = {place: self.rows.text(place, "patient") for place in range(first, end)}
        indents = {place: indent_of(self.rows.row_at(place)) for place in names}
        widest = max((name_width(self.font(), name) + indents[place] for place, name in names.items()), default=0)
        words = [(word, indents[place]) for place, name in names.items() for word in parts_of(name)]
        longest = max((name_width(self.font(), word) + indent for word, indent in words), default=0)
        if widest > self._widest_name or longest > self._widest_word:
            self._widest_name = max(widest, self._widest_name)
            self._widest_word = max(longest, self._widest_word)
            self.leave_columns_out()
        width = self.columnWidth(0) - 2 * PADDING
        for place, name in names.items():
            height = max(self._row_height, name_height(self.font(), name, width - indents[place]))
            if self.rowHeight(place) != height:
                self.setRowHeight(place, height)
