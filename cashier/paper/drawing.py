"""Drawing a line onto a canvas: plain text as text, other scripts as outlines that still can be found and copied."""

from __future__ import annotations

from typing import Any

from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from cashier.paper.faces import Shaped
from cashier.paper.line import BOX_WIDTH, Piece
from cashier.paper.typeface import BOLD, piece_width, pieces

_BOLD_EDGE = 0.032
"""How much wider bold outlines are, in parts of the size: further scripts have no bold font here."""
_BOX_HEIGHT, _BOX_EDGE, _BOX_MARGIN = 0.7, 0.05, 0.08
_INVISIBLE = 3

Point = tuple[float, float]


def draw_line(canvas: Canvas, at: tuple[float, float], line: str, *, font: str, size: float) -> None:
    """Draw a printable ``line`` from ``at`` on its baseline; font, size and colour are set already."""
    x, y = at
    placed = []
    for piece in pieces(line):
        placed.append((piece, x))
        x += piece_width(piece, font, size)
    # In the order of speech, for whoever reads the file instead of the paper.
    for piece, left in sorted(placed, key=lambda each: each[0].place):
        if piece.shaped is None and not piece.boxes:
            canvas.drawString(left, y, piece.plain)
        else:
            _draw_outlines(canvas, (left, y), piece, size, is_bold=font == BOLD)


def _draw_outlines(canvas: Canvas, at: tuple[float, float], piece: Piece, size: float, *, is_bold: bool) -> None:
    # What it says, for whoever searches, copies or listens: ISO 32000-1, 14.9.4.
    spoken = piece.text.encode("utf-16-be").hex().upper()
    canvas.addLiteral(f"/Span <</ActualText <FEFF{spoken}>>> BDC")
    canvas.saveState()
    canvas.translate(*at)
    canvas.setStrokeColor(canvas._fillColorObj)  # noqa: SLF001 - a canvas does not tell it otherwise
    if piece.shaped is None:
        _draw_boxes(canvas, piece.boxes, size)
    else:
        _draw_shapes(canvas, piece.shaped, size, is_bold=is_bold)
    canvas.restoreState()
    # Readers look for what is spoken where there are letters, and pass over outlines.
    text = canvas.beginText(*at)
    text.setTextRenderMode(_INVISIBLE)
    text.textOut(" ")
    text.setTextRenderMode(0)
    canvas.drawText(text)
    canvas.addLiteral("EMC")


def _draw_shapes(canvas: Canvas, shaped: Shaped, size: float, *, is_bold: bool) -> None:
    # In the units of the font, numbers are whole and short.
    units = shaped.face.units_per_em
    canvas.scale(size / units, size / units)
    canvas.setLineWidth(units * _BOLD_EDGE)
    canvas.setLineJoin(1)
    path = canvas.beginPath()
    shaped.draw(lambda x, y: _Pen(path, x, y))
    canvas.drawPath(path, stroke=int(is_bold), fill=1, fillMode=FILL_NON_ZERO)


def _draw_boxes(canvas: Canvas, count: int, size: float) -> None:
    canvas.setLineWidth(size * _BOX_EDGE)
    for place in range(count):
        left = (place * BOX_WIDTH + _BOX_MARGIN) * size
        canvas.rect(left, 0, (BOX_WIDTH - 2 * _BOX_MARGIN) * size, _BOX_HEIGHT * size, stroke=1, fill=0)


class _Pen:
    """Takes the outline of a glyph to its place in its run."""

    def __init__(self, path: Any, x: int, y: int) -> None:
        self._path, self._x, self._y = path, x, y
        self._last = (0.0, 0.0)

    def moveTo(self, point: Point) -> None:  # noqa: N802 - HarfBuzz calls it so
        self._path.moveTo(*self._at(point))
        self._last = point

    def lineTo(self, point: Point) -> None:  # noqa: N802
        self._path.lineTo(*self._at(point))
        self._last = point

    def curveTo(self, *points: Point) -> None:  # noqa: N802
        self._path.curveTo(*(part for point in points for part in self._at(point)))
        self._last = points[-1]

    def qCurveTo(self, control: Point, end: Point) -> None:  # noqa: N802
        """Draw a curve of the second order, as TrueType has them, as one of the third, as PDF has them."""
        self.curveTo(_towards(self._last, control), _towards(end, control), end)

    def closePath(self) -> None:  # noqa: N802
        self._path.close()

    def _at(self, point: Point) -> tuple[int, int]:
        return round(self._x + point[0]), round(self._y + point[1])


def _towards(start: Point, control: Point) -> Point:
    return start[0] + (control[0] - start[0]) * 2 / 3, start[1] + (control[1] - start[1]) * 2 / 3
