"""Rows painted by hand, so that a million of them scroll as lightly as ten."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from cashier.desk.kit.controls import GROUND_OF, ICON_OF, INK_OF, PICTURED, Tone
from cashier.desk.kit.icons import icon
from cashier.desk.kit.look import current_look, scaled, shade
from cashier.desk.tables.column_model import ColumnModel, Index, RowRole
from cashier.desk.tables.columns import Column, Side
from cashier.palette import Colour

PADDING = 8
PILL_PADDING = 10
PILL_PICTURE = 14
"""How wide (pixels) the picture before a status is, at text of 100 percent."""
_PILL_HEIGHT = 22


class RowPainter(QStyledItemDelegate):
    """Paints one cell. A row that is on its way is a soft bar; a status is a pill."""

    def __init__(self, model: ColumnModel[Any], row_height: int, parent: QObject) -> None:
        """Paint the rows of ``model``; heights are pixels."""
        super().__init__(parent)
        self._model = model
        self._row_height = row_height

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the cell at ``index``."""
        painter.save()
        rect: QRect = option.rect
        state = option.state
        is_selected = bool(state & state.State_Selected)
        painter.fillRect(rect, shade(Colour.SELECTED if is_selected else Colour.PAPER))
        painter.setPen(shade(Colour.HAIRLINE))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        column = self._model.columns[index.column()]
        if is_selected and index.column() == 0:
            painter.fillRect(rect.left(), rect.top(), 4, rect.height(), shade(Colour.ACCENT))
        row = self._model.data(index, RowRole)
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        painter.setFont(option.font)
        if row is None:
            _paint_placeholder(painter, inner, column.side)
        elif not column.is_pill:
            self.paint_cell(painter, inner, row, column, index)
        elif self.says(row, column):
            _paint_pill(
                painter, inner, str(column.text(row)), column.tone(row) or Tone.NEUTRAL, is_selected=is_selected
            )
        painter.restore()

    def paint_cell(self, painter: QPainter, rect: QRect, row: Any, column: Column[Any], _index: Index) -> None:
        """Paint what stands in a cell that is no status into ``rect``, which is the cell without its padding."""
        _paint_text(painter, rect, row, column)

    def says(self, row: Any, column: Column[Any]) -> bool:
        """Tell whether the status in ``column`` is worth a pill."""
        return bool(str(column.text(row)))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the same height for every row."""
        return QSize(80, self._row_height)


def _paint_text(painter: QPainter, rect: QRect, row: Any, column: Column[Any]) -> None:
    font = QFont(painter.font())
    font.setBold(column.is_bold(row))
    painter.setFont(font)
    tone = column.tone(row)
    painter.setPen(shade(Colour.INK if tone is None else INK_OF[tone]))
    if column.side is Side.RIGHT:
        # A shortened amount would be a wrong one: an unusually long one goes into the padding before its column.
        rect = rect.adjusted(-2 * PADDING, 0, 0, 0)
    text = painter.fontMetrics().elidedText(str(column.text(row)), Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, column.side.alignment, text)


def _paint_pill(painter: QPainter, rect: QRect, words: str, tone: Tone, *, is_selected: bool) -> None:
    font = QFont(painter.font())
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() - 1)
    painter.setFont(font)
    side = scaled(PILL_PICTURE) if tone in PICTURED else 0
    width = min(rect.width(), painter.fontMetrics().horizontalAdvance(words) + 2 * PILL_PADDING + side)
    height = scaled(_PILL_HEIGHT)
    pill = QRect(rect.left(), rect.center().y() - height // 2, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    is_edged = current_look().theme.is_high_contrast
    painter.setPen(QPen(shade(INK_OF[tone])) if is_edged else QPen(Qt.PenStyle.NoPen))
    # On the selected row's own tint a pill needs the paper behind it.
    painter.setBrush(shade(Colour.PAPER if is_selected else GROUND_OF[tone]))
    painter.drawRoundedRect(pill, height / 2, height / 2)
    painter.setPen(shade(INK_OF[tone]))
    painter.drawText(pill.adjusted(side, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, words)
    if side:
        place = QRect(pill.left() + PILL_PADDING - 4, pill.center().y() - side // 2 + 1, side, side)
        icon(ICON_OF[tone], INK_OF[tone]).paint(painter, place)


def _paint_placeholder(painter: QPainter, rect: QRect, side: Side) -> None:
    width = int(rect.width() * (0.5 if side is Side.RIGHT else 0.7))
    left = rect.right() - width if side is Side.RIGHT else rect.left()
    painter.setPen(QPen(Qt.PenStyle.NoPen))
    painter.setBrush(shade(Colour.HAIRLINE))
    painter.drawRoundedRect(QRect(left, rect.center().y() - 4, width, 8), 4, 4)
