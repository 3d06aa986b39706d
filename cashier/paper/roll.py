"""A roll of paper: one column of blocks below each other, and a page as long as they are.

Thermal printers know ink or no ink, so everything is black, and a band of black with white words is the only colour.
Words come first and are folded; amounts stand at the right edge and are never cut: where both have no room in one
line, the amount has the next one.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from reportlab.lib.colors import black, white
from reportlab.pdfgen.canvas import Canvas

from cashier.language import Message, m
from cashier.paper.drawing import draw_line
from cashier.paper.pdf_file import begin_pdf
from cashier.paper.typeface import BOLD, REGULAR, printable, shrink, width_of, wrap
from cashier.settings import ReceiptPaper

_POINTS_PER_MM = 72 / 25.4
_PRINTED_MM = {ReceiptPaper.ROLL_80: 72.0, ReceiptPaper.ROLL_58: 48.0}
"""How wide a thermal printer prints on a roll that is wider."""
_NARROW = 60 * _POINTS_PER_MM
_EDGE = 2.0
_LENGTH_MAX = 10_000.0
"""A page of a PDF is at most 14,400 points long (ISO 32000-1, annex C.2), and its picture has to be drawn whole."""
_FOOT = 12.0
_GAP = 6.0
_LABEL_PART_MIN = 0.42
"""What part of the width words have beside an amount, at least; else the amount stands below them."""
_LEADING = 1.28
_ASCENT = 0.95
_NEVER_CUT = 1.0
_LINES_MAX = 400
_BAND_PADDING = 4.0


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Something as high as it is; ``draw`` gets the canvas and its upper edge, counted from the foot of the page."""

    height: float
    draw: Callable[[Canvas, float], None]


class Roll:
    """A document on a roll in the making. The same calls, in one language, always give the same bytes."""

    def __init__(
        self,
        paper: ReceiptPaper,
        *,
        title: Message,
        author: str,
        subject: Message,
        made_at: datetime,
        is_training: bool = False,
    ) -> None:
        """Begin a document on ``paper``; as ``cashier.paper.sheet.Paper`` otherwise."""
        self.width = _PRINTED_MM[paper] * _POINTS_PER_MM
        self.size = 8.6 if self.width > _NARROW else 7.4
        """The size of plain words, in points."""
        self._blocks: list[_Block] = []
        self._is_training = is_training
        self._buffer = io.BytesIO()
        first = (self.width, _FOOT)
        self._canvas = begin_pdf(self._buffer, first, title=title, author=author, subject=subject, made_at=made_at)
        self._mark_training()

    def words(
        self, text: Message, *, size: float | None = None, font: str = REGULAR, is_centred: bool = False
    ) -> None:
        """Write ``text`` on as many lines as it takes; nothing for an empty one."""
        size = size or self.size
        for line in wrap(str(text), font, size, self._inner, lines_max=_LINES_MAX):
            self._line(line, size, font, is_centred=is_centred)

    def large(self, text: Message, *, size: float) -> None:
        """Write one line in the middle that is never cut and never folded: it is as small as it has to be."""
        line = printable(str(text))
        fitting = shrink(line, BOLD, size, self._inner, size_min=_NEVER_CUT)
        self._line(line, fitting, BOLD, is_centred=True)

    def amount(
        self, label: Message, amount: str, *, size: float | None = None, font: str = REGULAR, indent: float = 0
    ) -> None:
        """Write ``label`` at the left and ``amount`` at the right edge."""
        size = size or self.size
        beside = self._inner - indent - width_of(amount, font, size) - _GAP
        is_beside = beside >= self._inner * _LABEL_PART_MIN
        lines = wrap(str(label), font, size, beside if is_beside else self._inner - indent, lines_max=_LINES_MAX)
        for line in lines[:-1] if is_beside else lines:
            self._line(line, size, font, indent=indent)
        self._pair(lines[-1] if is_beside and lines else "", amount, size, font, indent)

    def rule(self, *, is_strong: bool = False) -> None:
        """Draw a line across, dashed unless it is strong."""

        def draw(canvas: Canvas, top: float) -> None:
            canvas.setStrokeColor(black)
            canvas.setLineWidth(1.2 if is_strong else 0.7)
            canvas.setDash([] if is_strong else [2, 2])
            canvas.line(0, top - 4, self.width, top - 4)

        self._blocks.append(_Block(height=8, draw=draw))

    def space(self, height: float) -> None:
        """Leave ``height`` points empty."""
        self._blocks.append(_Block(height=height, draw=lambda _canvas, _top: None))

    def band(self, text: Message) -> None:
        """Write ``text`` in white on a black band, on as many lines as it takes."""
        lines = wrap(str(text), BOLD, self.size, self._inner - 2 * _BAND_PADDING, lines_max=_LINES_MAX)
        leading = self.size * _LEADING
        height = leading * len(lines) + 2 * _BAND_PADDING

        def draw(canvas: Canvas, top: float) -> None:
            canvas.setFillColor(black)
            canvas.rect(0, top - height, self.width, height, stroke=0, fill=1)
            canvas.setFillColor(white)
            canvas.setFont(BOLD, self.size)
            y = top - _BAND_PADDING - self.size * _ASCENT
            for line in lines:
                x = (self.width - width_of(line, BOLD, self.size)) / 2
                draw_line(canvas, (x, y), line, font=BOLD, size=self.size)
                y -= leading

        self._blocks += [_Block(height=height, draw=draw), _Block(height=4, draw=lambda _canvas, _top: None)]

    def finish(self) -> bytes:
        """End the document and return its bytes: one page, or several where one would be longer than a PDF allows."""
        self.space(_GAP)
        self._mark_training()
        for blocks in _pages(self._blocks):
            # Whole points: what is marked later moves by whole dots, and nothing becomes blurred.
            top = float(math.ceil(sum(block.height for block in blocks) + _FOOT))
            self._canvas.setPageSize((self.width, top))
            for block in blocks:
                block.draw(self._canvas, top)
                top -= block.height
            self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()

    @property
    def _inner(self) -> float:
        return self.width - 2 * _EDGE

    def _mark_training(self) -> None:
        if self._is_training:
            self.band(m("TRAINING – no money moved, and this paper counts for nothing"))

    def _line(self, line: str, size: float, font: str, *, is_centred: bool = False, indent: float = 0) -> None:
        x = (self.width - width_of(line, font, size)) / 2 if is_centred else _EDGE + indent
        self._blocks.append(_text_block([(x, line)], size, font))

    def _pair(self, label: str, amount: str, size: float, font: str, indent: float) -> None:
        fitting = shrink(amount, font, size, self._inner, size_min=_NEVER_CUT)
        right = self.width - _EDGE - width_of(amount, font, fitting)
        texts = [(_EDGE + indent, label)] if label else []
        self._blocks.append(_text_block([*texts, (right, printable(amount))], fitting, font))


def _text_block(texts: list[tuple[float, str]], size: float, font: str) -> _Block:
    def draw(canvas: Canvas, top: float) -> None:
        canvas.setFillColor(black)
        canvas.setFont(font, size)
        for x, text in texts:
            draw_line(canvas, (x, top - size * _ASCENT), text, font=font, size=size)

    return _Block(height=size * _LEADING, draw=draw)


def _pages(blocks: list[_Block]) -> list[list[_Block]]:
    pages: list[list[_Block]] = [[]]
    length = 0.0
    for block in blocks:
        if length + block.height > _LENGTH_MAX:
            pages.append([])
            length = 0.0
        pages[-1].append(block)
        length += block.height
    return pages
