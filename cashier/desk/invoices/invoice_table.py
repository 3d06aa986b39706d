"""The table of invoices on the screen: it chooses nothing by itself, and what is typed there is a search."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from cashier.desk.invoices.invoice_columns import InvoiceRows
from cashier.desk.kit.look import scaled
from cashier.desk.tables.columns import Column
from cashier.desk.tables.row_painter import PADDING, PILL_PADDING, RowPainter
from cashier.desk.tables.row_table import RowTable
from cashier.invoices.views import InvoiceRow
from cashier.language import m

_ROW_HEIGHT = 36
_PATIENT_WIDTH_MIN = 180


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

    rest_width_min = _PATIENT_WIDTH_MIN

    def __init__(self, model: InvoiceRows, parent: QWidget | None = None) -> None:
        """Show ``model``."""
        super().__init__(model, name="invoice_table", title=m("Invoices"), row_height=_ROW_HEIGHT, parent=parent)
        self.horizontalHeader().setMinimumSectionSize(scaled(_PATIENT_WIDTH_MIN) // 3)
        self.setItemDelegate(RowPainter(model, self._row_height, self))
        self.doubleClicked.connect(self._want_payment)

    def width_of(self, text: str, column: Column[InvoiceRow]) -> int:
        """Return how wide (pixels) ``column`` has to be for ``text``, painted by hand."""
        width = QFontMetrics(self.font()).horizontalAdvance(text) + 2 * PADDING + 2
        return width + (PILL_PADDING if column.is_pill else 0)

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
        elif plain and text.isprintable() and text.strip():
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def _want_payment(self) -> None:
        if self.currentIndex().isValid():
            self.payment_wanted.emit()
