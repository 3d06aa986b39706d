"""The rows of invoices painted by hand: a patient's bills as one block, names whole, and boxes to tick."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen

from cashier.desk.kit.controls import Tone
from cashier.desk.kit.look import scaled, shade
from cashier.desk.kit.wrapped import wrap_flag, wrapped_height
from cashier.desk.tables.column_model import Index
from cashier.desk.tables.columns import Column
from cashier.desk.tables.row_painter import PADDING, RowPainter
from cashier.invoices.views import InvoiceRow
from cashier.palette import Colour

INDENT = 16
"""How far (pixels) the further bills of a patient stand to the right."""
BOX = 18
"""How wide (pixels) a box to tick is, at text of 100 percent."""
_SMALLER_POINTS = 1.5
_ABOVE_AND_BELOW = 3


class InvoicePainter(RowPainter):
    """Paints a cell of the list of invoices."""

    taken: frozenset[int] = frozenset()
    """Keys of the invoices that a payment would be taken of now."""

    def paint_cell(self, painter: QPainter, rect: QRect, row: Any, column: Column[Any], index: Index) -> None:
        """Paint names that wrap and are never cut, sums once a patient, and boxes beside amounts."""
        follows = self._stands_beside(index.row(), -1)
        if column.name == "patient":
            _paint_name(painter, rect, str(column.text(row)), follows=follows)
        elif column.name == "in_all":
            if not follows:
                _paint_sums(painter, rect, str(column.text(row)))
        else:
            if column.name == "due" and self.has_box(index.row()):
                self._paint_box(painter, box_in(rect), is_ticked=row.id in self.taken)
            super().paint_cell(painter, rect, row, column, index)

    def says(self, row: Any, column: Column[Any]) -> bool:
        """Tell whether a status says more than the list that it stands in."""
        words = str(column.text(row))
        query = getattr(self._model, "query", None)
        is_plain = column.tone(row) is not Tone.BAD and row.under_way is None and not row.returned_minor
        return bool(words) and not (query is not None and is_plain and query.statuses == {row.status})

    def has_box(self, place: int) -> bool:
        """Tell whether the bill in row ``place`` can be ticked: there are several of its patient to choose from."""
        row: InvoiceRow | None = self._model.row_at(place)
        is_one_of_several = self._stands_beside(place, -1) or self._stands_beside(place, 1)
        return row is not None and row.is_free and is_one_of_several

    def _stands_beside(self, place: int, step: int) -> bool:
        return self._model.is_same_page(place, place + step) and _is_of_same(
            self._model.row_at(place), self._model.row_at(place + step)
        )

    def _paint_box(self, painter: QPainter, box: QRect, *, is_ticked: bool) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(shade(Colour.ACCENT if is_ticked else Colour.EDGE), 2))
        painter.setBrush(shade(Colour.ACCENT if is_ticked else Colour.PAPER))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
        if is_ticked:
            painter.setPen(QPen(shade(Colour.INK_ON_ACCENT), 2))
            left, down, side = box.left(), box.top(), box.width()
            corners = ((0.24, 0.52), (0.43, 0.70), (0.76, 0.31))
            painter.drawPolyline([QPointF(left + x * side, down + y * side) for x, y in corners])
        painter.restore()


def box_in(cell: QRect) -> QRect:
    """Return where in the cell of an amount (without its padding) the box stands."""
    side = scaled(BOX)
    return QRect(cell.left() - PADDING // 2, cell.center().y() - side // 2, side, side)


def name_height(font: QFont, name: str, width: int) -> int:
    """Return how high (pixels) a row has to be for ``name`` in a cell of this width without its padding."""
    if QFontMetrics(_bold(font)).horizontalAdvance(name) <= width:
        return 0
    return wrapped_height(QFontMetrics(_smaller(font)), name, width) + 2 * _ABOVE_AND_BELOW


def name_width(font: QFont, name: str) -> int:
    """Return how wide (pixels) a cell has to be for ``name`` in one line."""
    return QFontMetrics(_bold(font)).horizontalAdvance(name) + 2 * PADDING + 2


def _paint_name(painter: QPainter, rect: QRect, name: str, *, follows: bool) -> None:
    font = QFont(painter.font())
    if follows:
        rect = rect.adjusted(INDENT, 0, 0, 0)
    bold = _bold(font)
    is_whole = QFontMetrics(bold).horizontalAdvance(name) <= rect.width()
    shown = bold if is_whole and not follows else font if is_whole else _smaller(font)
    painter.setFont(shown)
    painter.setPen(shade(Colour.INK_SOFT if follows else Colour.INK))
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    if is_whole:
        painter.drawText(rect, flags, name)
    else:
        wrap = wrap_flag(painter.fontMetrics(), name, rect.width())
        painter.drawText(rect, int(flags) | int(wrap), name)


def _paint_sums(painter: QPainter, rect: QRect, sums: str) -> None:
    """Paint sums in one line, or those of each currency in a line of its own: amounts are never cut."""
    if painter.fontMetrics().horizontalAdvance(sums) > rect.width():
        sums = sums.replace(" + ", "\n+ ")
        font = QFont(painter.font())
        font.setPointSizeF(font.pointSizeF() - _SMALLER_POINTS)
        painter.setFont(font)
    painter.setPen(shade(Colour.INK_SOFT))
    # What is still wider goes into the cell before it.
    wide = rect.adjusted(-rect.width(), 0, 0, 0)
    painter.drawText(wide, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, sums)


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setBold(True)
    return made


def _smaller(font: QFont) -> QFont:
    made = _bold(font)
    made.setPointSizeF(made.pointSizeF() - _SMALLER_POINTS)
    return made


def _is_of_same(one: InvoiceRow | None, other: InvoiceRow | None) -> bool:
    return one is not None and other is not None and one.patient_id == other.patient_id
