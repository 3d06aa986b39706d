"""The rows of the till's list painted by hand: names whole, arrows to unfold, bills below, and boxes to tick."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen

from cashier.desk.invoices.folding.list_row import ListRow
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.look import scaled, shade
from cashier.desk.kit.wrapped import paint_wrapped, wrapped_height
from cashier.desk.tables.column_model import Index
from cashier.desk.tables.columns import Column
from cashier.desk.tables.row_painter import PADDING, RowPainter
from cashier.palette import Colour

ARROW = 20
"""How much room (pixels) the arrow before a name has, at text of 100 percent."""
INDENT = 16
"""How far (pixels) bills stand to the right of their patient's name."""
BOX = 18
"""How wide (pixels) a box to tick is, at text of 100 percent."""
_SMALLER_POINTS = 1.5
_ABOVE_AND_BELOW = 3


class InvoicePainter(RowPainter):
    """Paints a cell of the list of invoices."""

    taken: frozenset[int] = frozenset()
    """Keys of the invoices that a payment would be taken of now."""
    tells_count = False
    """How many invoices a patient has is to be told beside the sum: there is no room for a column."""

    def paint_cell(self, painter: QPainter, rect: QRect, row: ListRow, column: Column[Any], index: Index) -> None:
        """Paint names that wrap and are never cut, sums of two currencies, and boxes beside amounts."""
        if column.name == "patient":
            if row.is_patient:
                _paint_arrow(painter, arrow_in(rect), points_down=row.is_unfolded)
            _paint_name(painter, rect.adjusted(indent_of(row), 0, 0, 0), str(column.text(row)), is_below=row.is_below)
        elif column.name == "due" and row.is_patient:
            if self.tells_count:
                _paint_count(painter, rect, row.patient.count)
            _paint_sums(painter, rect, str(column.text(row)), is_owed=column.is_bold(row))
        else:
            if column.name == "due" and has_box(row):
                self._paint_box(painter, box_in(rect), is_ticked=row.id in self.taken)
            super().paint_cell(painter, rect, row, column, index)

    def says(self, row: ListRow, column: Column[Any]) -> bool:
        """Tell whether a status says more than the list that it stands in."""
        words, bill = str(column.text(row)), row.bill
        query = getattr(self._model, "query", None)
        is_plain = column.tone(row) is not Tone.BAD and bill.under_way is None and not bill.returned_minor
        is_as_all = not row.is_patient and query is not None and query.statuses == {bill.status}
        return bool(words) and not (is_plain and is_as_all)

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


def has_box(row: ListRow | None) -> bool:
    """Tell whether the bill in ``row`` can be ticked: it is one of several."""
    return row is not None and row.is_below and row.bill.is_free


def indent_of(row: ListRow | None) -> int:
    """Return how far (pixels) from the left the name begins in ``row``, or what is said of a bill."""
    return scaled(ARROW) + (INDENT if row is not None and row.is_below else 0)


def arrow_in(cell: QRect) -> QRect:
    """Return where in the cell of a name (without its padding) the arrow stands."""
    side = scaled(ARROW) - 4
    return QRect(cell.left() - 2, cell.center().y() - side // 2, side, side)


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


def parts_of(name: str) -> list[str]:
    """Return what of ``name`` stands in one line: a line may end after a word, or a hyphen."""
    return name.replace("-", "- ").split()


def _paint_arrow(painter: QPainter, place: QRect, *, points_down: bool) -> None:
    left, top, side = place.left(), place.top(), place.width()
    corners = ((0.2, 0.35), (0.5, 0.68), (0.8, 0.35)) if points_down else ((0.35, 0.2), (0.68, 0.5), (0.35, 0.8))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(shade(Colour.INK_SOFT), 2))
    painter.drawPolyline([QPointF(left + x * side, top + y * side) for x, y in corners])
    painter.restore()


def _paint_name(painter: QPainter, rect: QRect, name: str, *, is_below: bool) -> None:
    font = QFont(painter.font())
    is_whole = QFontMetrics(_bold(font)).horizontalAdvance(name) <= rect.width()
    shown = _smaller(font) if not is_whole else font if is_below else _bold(font)
    painter.setFont(shown)
    painter.setPen(shade(Colour.INK))
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    if is_whole:
        painter.drawText(rect, flags, name)
    else:
        paint_wrapped(painter, rect, int(flags), name)


def _paint_count(painter: QPainter, rect: QRect, count: int) -> None:
    painter.setPen(shade(Colour.INK_SOFT))
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{count}:")


def _paint_sums(painter: QPainter, rect: QRect, sums: str, *, is_owed: bool) -> None:
    """Paint sums in one line, or those of each currency in a line of its own: amounts are never cut."""
    painter.setFont(_bold(painter.font()) if is_owed else painter.font())
    if painter.fontMetrics().horizontalAdvance(sums) > rect.width():
        sums = sums.replace(" + ", "\n+ ")
        painter.setFont(_smaller(painter.font()))
    painter.setPen(shade(Colour.INK if is_owed else Colour.INK_SOFT))
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
