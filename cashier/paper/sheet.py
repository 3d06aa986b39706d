"""A sheet of A4: drawing in points from the top left corner, with text that always fits.

On a sheet of another size stands the same drawing, as large as it fits, in the middle: what is on which page never
depends on the paper of a desk.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, LETTER

from cashier.language import Message, verbatim
from cashier.palette import Colour
from cashier.paper.drawing import draw_line
from cashier.paper.pdf_file import begin_pdf
from cashier.paper.training_mark import draw_training_mark
from cashier.paper.typeface import REGULAR, clip, printable, shrink, width_of, wrap
from cashier.settings import PaperSize

WIDTH, HEIGHT = A4
MARGIN = 48.0
RIGHT = WIDTH - MARGIN
BOTTOM = HEIGHT - MARGIN

# The mark, on the grid of 64 of resources/logo.svg.
_MARK_GRID = 64.0
_MARK_CORNER = 14.0
MARK_SLIP = ((17, 11), (47, 11), (47, 52), (42, 48), (37, 52), (32, 48), (27, 52), (22, 48), (17, 52))
MARK_CROSS = (
    (28.5, 18), (35.5, 18), (35.5, 24.5), (42, 24.5), (42, 31.5), (35.5, 31.5),
    (35.5, 38), (28.5, 38), (28.5, 31.5), (22, 31.5), (22, 24.5), (28.5, 24.5),
)  # fmt: skip


_POINTS: Mapping[PaperSize, tuple[float, float]] = {PaperSize.A4: A4, PaperSize.LETTER: LETTER}
_sizes = [PaperSize.A4]


def use_size(size: PaperSize) -> None:
    """Make all papers from now on in this ``size``. Call it before anything is printed; safe to repeat."""
    _sizes[:] = [size]


class Paper:
    """A document in the making. The same calls always give the same bytes."""

    def __init__(
        self, *, title: Message, author: str, subject: Message, made_at: datetime, is_training: bool = False
    ) -> None:
        """Begin a document; ``made_at`` becomes its date, so that no clock is in the bytes.

        Where ``is_training``, every page is marked: no money moved.
        All messages are read while it is drawn, in the language that is spoken then.
        """
        self._buffer = io.BytesIO()
        self._size = _POINTS[_sizes[0]]
        self._canvas = begin_pdf(
            self._buffer, self._size, title=title, author=author, subject=subject, made_at=made_at
        )
        self._is_training = is_training
        self._begin_page()

    def text(
        self,
        x: float,
        y: float,
        text: Message,
        *,
        size: float,
        font: str = REGULAR,
        colour: Colour = Colour.INK,
        width: float | None = None,
        size_min: float | None = None,
    ) -> None:
        """Write one line with its baseline at ``y``; wider than ``width`` it shrinks to ``size_min``, then is cut."""
        line, size = self._take_pen(text, size, font, colour, width, size_min)
        draw_line(self._canvas, (x, HEIGHT - y), line, font=font, size=size)

    def text_to_right(
        self,
        x: float,
        y: float,
        text: Message,
        *,
        size: float,
        font: str = REGULAR,
        colour: Colour = Colour.INK,
        width: float | None = None,
        size_min: float | None = None,
    ) -> None:
        """Write one line that ends at ``x``; otherwise as ``text``."""
        line, size = self._take_pen(text, size, font, colour, width, size_min)
        left = x - width_of(line, font, size)
        draw_line(self._canvas, (left, HEIGHT - y), line, font=font, size=size)

    def paragraph(
        self,
        x: float,
        y: float,
        text: Message,
        *,
        size: float,
        leading: float,
        width: float,
        lines_max: int,
        colour: Colour,
    ) -> float:
        """Write lines from the baseline ``y`` downwards; return the baseline below the last."""
        lines = wrap(str(text), REGULAR, size, width, lines_max=lines_max)
        for line in lines:
            self.text(x, y, verbatim(line), size=size, colour=colour)
            y += leading
        return y

    def rule(
        self,
        y: float,
        *,
        colour: Colour = Colour.HAIRLINE,
        thickness: float = 0.6,
        start: float = MARGIN,
        end: float = RIGHT,
    ) -> None:
        """Draw a line across, from margin to margin unless told otherwise."""
        self._canvas.setStrokeColor(HexColor(colour.printed))
        self._canvas.setLineWidth(thickness)
        self._canvas.line(start, HEIGHT - y, end, HEIGHT - y)

    def panel(self, x: float, y: float, width: float, height: float, *, colour: Colour, corner: float = 6) -> None:
        """Fill a rectangle with round corners; ``y`` is its upper edge."""
        self._canvas.setFillColor(HexColor(colour.printed))
        self._canvas.roundRect(x, HEIGHT - y - height, width, height, corner, stroke=0, fill=1)

    def mark(self, x: float, y: float, size: float) -> None:
        """Draw Cashier's mark with its upper left corner at ``x``, ``y``."""
        unit = size / _MARK_GRID
        self.panel(x, y, size, size, colour=Colour.ACCENT, corner=_MARK_CORNER * unit)
        for points, colour in ((MARK_SLIP, Colour.PAPER), (MARK_CROSS, Colour.ACCENT)):
            self._polygon([(x + across * unit, y + down * unit) for across, down in points], colour)

    def next_page(self) -> None:
        """End this page and begin another."""
        self._canvas.showPage()
        self._begin_page()

    def finish(self) -> bytes:
        """End the document and return its bytes."""
        self._canvas.save()
        return self._buffer.getvalue()

    def _begin_page(self) -> None:
        width, height = self._size
        scale = min(width / WIDTH, height / HEIGHT)
        if (width, height) != (WIDTH, HEIGHT):
            self._canvas.translate((width - WIDTH * scale) / 2, (height - HEIGHT * scale) / 2)
            self._canvas.scale(scale, scale)
        if self._is_training:
            draw_training_mark(self._canvas, WIDTH, HEIGHT)

    def _polygon(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        path = self._canvas.beginPath()
        path.moveTo(points[0][0], HEIGHT - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, HEIGHT - y)
        path.close()
        self._canvas.setFillColor(HexColor(colour.printed))
        self._canvas.drawPath(path, stroke=0, fill=1)

    def _take_pen(  # noqa: PLR0917 - private, and called with all of them
        self, text: Message, size: float, font: str, colour: Colour, width: float | None, size_min: float | None
    ) -> tuple[str, float]:
        """Choose font and colour, and the size so that ``text`` fits; return what fits of it, and the size."""
        line = str(text)
        if width is not None:
            size = shrink(line, font, size, width, size_min=size_min or size)
        self._canvas.setFont(font, size)
        self._canvas.setFillColor(HexColor(colour.printed))
        # Shrinking may end a rounding error above the width.
        return printable(line) if width is None else clip(line, font, size, width + 0.01), size
