"""The table of invoices on the screen: it chooses nothing by itself, and what is typed there is a search."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from cashier.desk.invoices.invoice_columns import InvoiceRows
from cashier.desk.invoices.invoice_painter import INDENT, InvoicePainter, box_in, name_height, name_width
from cashier.desk.kit.look import scaled
from cashier.desk.tables.columns import Column
from cashier.desk.tables.row_painter import PADDING, PILL_PADDING, PILL_PICTURE
from cashier.desk.tables.row_table import RowTable
from cashier.invoices.views import InvoiceRow
from cashier.language import m

_ROW_HEIGHT = 36
_PATIENT_WIDTH_MIN = 180
_WORD_WIDTH_MIN = 96
_MOST_IN_SIGHT = 100


class InvoiceTable(RowTable[InvoiceRow]):
    """One row an invoice. Keys that the table has no use for go to the search field."""

    payment_wanted = Signal()
    """Enter, or a double click."""
    left_upwards = Signal()
    """The arrow up was pressed in the first row."""
    typed = Signal(str)
    """Text was typed (or scanned) while the table had the keyboard."""
    dismissed = Signal()
    """Esc was pressed."""
    tick_wanted = Signal(int)
    """The bill in this row is to be ticked, or not any more: the space bar, or a click on its box."""
    all_ticks_wanted = Signal()
    """All bills of the chosen patient are to be ticked."""

    rest_width_min = _PATIENT_WIDTH_MIN

    def __init__(self, model: InvoiceRows, parent: QWidget | None = None) -> None:
        """Show ``model``."""
        super().__init__(model, name="invoice_table", title=m("Invoices"), row_height=_ROW_HEIGHT, parent=parent)
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

    def of_same_patient(self, place: int) -> list[InvoiceRow]:
        """Return the bills that stand in one block with that in row ``place``."""
        row = self.rows.row_at(place)
        block = [] if row is None else [row]
        for step in (-1, 1):
            other = place + step
            while self.rows.is_same_page(place, other):
                beside = self.rows.row_at(other)
                if row is None or beside is None or beside.patient_id != row.patient_id:
                    break
                block.append(beside)
                other += step
        return block

    def rest_width_wanted(self) -> int:
        """Return how wide (pixels) the names are that were seen since the last search: other columns give way."""
        return max(super().rest_width_wanted(), self._widest_name)

    def rest_width_least(self) -> int:
        """Return how wide (pixels) the longest word of these names is: names may stand in two lines."""
        return min(self.rest_width_wanted(), max(scaled(_WORD_WIDTH_MIN), self._widest_word))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show names whole in the new width."""
        super().resizeEvent(event)
        self._show_whole_names()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a row; a click on a box ticks as well."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self.rows.columns[index.column()].name == "due" and self._painter.has_box(index.row()):
            cell = self.visualRect(index).adjusted(PADDING, 0, -PADDING, 0)
            if box_in(cell).adjusted(-8, -8, 8, 8).contains(event.position().toPoint()):
                self.tick_wanted.emit(index.row())

    def width_of(self, text: str, column: Column[InvoiceRow]) -> int:
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
        elif event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.tick_wanted.emit(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_A and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.all_ticks_wanted.emit()
        elif plain and text.isprintable() and text.strip():
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

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
        widest = max((name_width(self.font(), name) for name in names.values()), default=0) + INDENT
        words = [word for name in names.values() for word in name.split()]
        longest = max((name_width(self.font(), word) for word in words), default=0) + INDENT
        if widest > self._widest_name or longest > self._widest_word:
            self._widest_name = max(widest, self._widest_name)
            self._widest_word = max(longest, self._widest_word)
            self.leave_columns_out()
        width = self.columnWidth(0) - 2 * PADDING - INDENT
        for place, name in names.items():
            height = max(self._row_height, name_height(self.font(), name, width))
            if self.rowHeight(place) != height:
                self.setRowHeight(place, height)
