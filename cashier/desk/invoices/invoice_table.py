"""The table of invoices: painted by hand, so that a million rows scroll as lightly as ten."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from cashier.desk.invoices.invoice_model import RIGHT_ALIGNED, Column, InvoiceModel, RowRole, text_of
from cashier.desk.kit.controls import GROUND_OF, INK_OF
from cashier.desk.kit.words import invoice_words
from cashier.desk.tables.row_table import show_whole_rows
from cashier.invoices.views import InvoiceRow
from cashier.palette import Colour

ROW_HEIGHT = 36
_PADDING = 8
_PATIENT_WIDTH_MIN = 180
# Where a name would be cut, these are left to the pane beside the list, the first one first.
_GIVE_WAY = (Column.DEPARTMENT, Column.ISSUED)
# As wide as what stands in them; the patient's name gets what is left.
_WIDEST_TEXTS = {
    Column.NUMBER: "INV-2026-000000",
    Column.RECORD_NUMBER: "MRN-0000000",
    Column.DEPARTMENT: "Ophthalmology",
    Column.ISSUED: "00 May 2026",
    Column.TOTAL: "00,000.00 €",
    Column.DUE: "00,000.00 €",
    Column.STATUS: "Being paid",
}
_PILL_PADDING = 10


class InvoiceTable(QTableView):
    """One row an invoice. Keys that the table has no use for go to the search field."""

    payment_wanted = Signal()
    """Enter, or a double click."""
    left_upwards = Signal()
    """The arrow up was pressed in the first row."""
    typed = Signal(str)
    """Text was typed (or scanned) while the table had the keyboard."""
    dismissed = Signal()
    """Esc was pressed."""

    def __init__(self, model: InvoiceModel, parent: QWidget | None = None) -> None:
        """Show ``model``."""
        super().__init__(parent)
        self.setObjectName("invoice_table")
        self.setAccessibleName("Invoices")
        self.setModel(model)
        self._model = model
        self._widths: dict[Column, int] = {}
        self.setItemDelegate(InvoiceDelegate(self))
        show_whole_rows(self, row_height=ROW_HEIGHT)
        self.ensurePolished()
        self._set_widths()
        self.doubleClicked.connect(self._want_payment)

    @property
    def current_invoice(self) -> InvoiceRow | None:
        """The selected invoice; None where there is none, or while it is being fetched."""
        index = self.currentIndex()
        return self._model.data(index, RowRole) if index.isValid() else None

    def select_row(self, row: int, *, scrolls: bool) -> None:
        """Select ``row``; the view only moves there when ``scrolls``."""
        index = self._model.index(row, 0)
        moves = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.setAutoScroll(scrolls)
        self.selectionModel().setCurrentIndex(index, moves)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep names readable: in a narrow list other columns give way."""
        self._make_room_for_names()
        super().resizeEvent(event)

    def _make_room_for_names(self) -> None:
        left = self.viewport().width() - sum(self._widths.values())
        for column in _GIVE_WAY:
            gives_way = left < _PATIENT_WIDTH_MIN
            if self.isColumnHidden(column) != gives_way:
                self.setColumnHidden(column, gives_way)
            left += self._widths[column] if gives_way else 0

    def _want_payment(self) -> None:
        if self.currentIndex().isValid():
            self.payment_wanted.emit()

    def _set_widths(self) -> None:
        header = self.horizontalHeader()
        header.setMinimumSectionSize(_PATIENT_WIDTH_MIN // 3)
        metrics = QFontMetrics(self.font())
        for column in Column:
            if column in _WIDEST_TEXTS:
                width = metrics.horizontalAdvance(_WIDEST_TEXTS[column]) + 2 * _PADDING + 2
                self._widths[column] = width + (_PILL_PADDING if column is Column.STATUS else 0)
                header.resizeSection(column, self._widths[column])
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)


class InvoiceDelegate(QStyledItemDelegate):
    """Paints one cell. A row that is on its way is a soft bar; a status is a pill."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell at ``index``."""
        painter.save()
        rect: QRect = option.rect
        state = option.state
        is_selected = bool(state & state.State_Selected)
        painter.fillRect(rect, QColor(Colour.ACCENT_SOFT if is_selected else Colour.PAPER))
        painter.setPen(QColor(Colour.HAIRLINE))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        column = Column(index.column())
        if is_selected and column is Column.NUMBER:
            painter.fillRect(rect.left(), rect.top(), 4, rect.height(), QColor(Colour.ACCENT))
        row: InvoiceRow | None = index.data(RowRole)
        inner = rect.adjusted(_PADDING, 0, -_PADDING, -1)
        painter.setFont(option.font)
        if row is None:
            _paint_placeholder(painter, inner, column)
        elif column is Column.STATUS:
            _paint_pill(painter, inner, row, is_selected=is_selected)
        else:
            _paint_text(painter, inner, row, column)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the same height for every row."""
        return QSize(80, ROW_HEIGHT)


def _paint_text(painter: QPainter, rect: QRect, row: InvoiceRow, column: Column) -> None:
    is_owed = bool(row.balance)
    font = QFont(painter.font())
    font.setBold(column is Column.PATIENT or (column is Column.DUE and is_owed))
    painter.setFont(font)
    secondary = column in (Column.RECORD_NUMBER, Column.DEPARTMENT, Column.ISSUED)
    painter.setPen(QColor(Colour.INK_SOFT if secondary or (column is Column.DUE and not is_owed) else Colour.INK))
    side = Qt.AlignmentFlag.AlignRight if column in RIGHT_ALIGNED else Qt.AlignmentFlag.AlignLeft
    if column in RIGHT_ALIGNED:
        # A shortened amount would be a wrong one: an unusually long one goes into the padding before its column.
        rect = rect.adjusted(-2 * _PADDING, 0, 0, 0)
    text = painter.fontMetrics().elidedText(text_of(row, column), Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, text)


def _paint_pill(painter: QPainter, rect: QRect, row: InvoiceRow, *, is_selected: bool) -> None:
    words, tone = invoice_words(row)
    font = QFont(painter.font())
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() - 1)
    painter.setFont(font)
    width = min(rect.width(), painter.fontMetrics().horizontalAdvance(words) + 2 * _PILL_PADDING)
    pill = QRect(rect.left(), rect.center().y() - 11, width, 22)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(Qt.PenStyle.NoPen))
    # On the selected row's own tint a pill needs the paper behind it.
    painter.setBrush(QColor(Colour.PAPER if is_selected else GROUND_OF[tone]))
    painter.drawRoundedRect(pill, 11, 11)
    painter.setPen(QColor(INK_OF[tone]))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)


def _paint_placeholder(painter: QPainter, rect: QRect, column: Column) -> None:
    width = int(rect.width() * (0.5 if column in RIGHT_ALIGNED else 0.7))
    left = rect.right() - width if column in RIGHT_ALIGNED else rect.left()
    painter.setPen(QPen(Qt.PenStyle.NoPen))
    painter.setBrush(QColor(Colour.GROUND_DISABLED))
    painter.drawRoundedRect(QRect(left, rect.center().y() - 4, width, 8), 4, 4)
