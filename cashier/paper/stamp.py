"""Marking a copy: the stored bytes of a receipt with ``COPY n`` on every page.

On a sheet it stands in large pale letters behind everything as well. On a roll, which knows no pale, it has a place
of its own above the page, which is longer by that.
"""

from __future__ import annotations

import io

from pypdf import PdfReader, PdfWriter
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from cashier.language import m
from cashier.palette import Colour
from cashier.paper.drawing import draw_line
from cashier.paper.typeface import BOLD, register_fonts, shrink, width_of

_MARK_SIZE = 14.0
_WATERMARK_SIZE = 120.0
_WATERMARK_WIDTH_MAX = 720.0
"""From edge to edge across an A4 page, at its angle."""
_BOX_PADDING = 10.0
_BOX_HEIGHT = 22.0
_BOX_TOP = 18.0
_ROLL_WIDTH_MAX = 300.0
_ABOVE_ROLL = 32.0


def stamp_copy(pdf: bytes, copy: int) -> bytes:
    """Return ``pdf`` with ``COPY n`` on every page; the same input, in one language, always gives the same bytes."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    for page in writer.pages:
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        if width < _ROLL_WIDTH_MAX:
            height += _ABOVE_ROLL
            page.mediabox.upper_right = page.cropbox.upper_right = (width, height)
        overlay = PdfReader(io.BytesIO(_overlay(str(m("COPY {number}", number=copy)), (width, height)))).pages[0]
        page.merge_page(overlay)
    stamped = io.BytesIO()
    writer.write(stamped)
    return stamped.getvalue()


def _overlay(mark: str, size: tuple[float, float]) -> bytes:
    register_fonts()
    width, height = size
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, invariant=1)
    if width < _ROLL_WIDTH_MAX:
        _draw_box(canvas, mark, width, height - (_ABOVE_ROLL + _BOX_HEIGHT) / 2, Colour.INK)
    else:
        _draw_watermark(canvas, mark, width, height)
        _draw_box(canvas, mark, width, height - _BOX_TOP - _BOX_HEIGHT, Colour.BAD)
    canvas.save()
    return buffer.getvalue()


def _draw_watermark(canvas: Canvas, mark: str, width: float, height: float) -> None:
    canvas.saveState()
    canvas.setFillColor(HexColor(Colour.BAD.printed), alpha=0.07)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(50)
    watermark = shrink(mark, BOLD, _WATERMARK_SIZE, _WATERMARK_WIDTH_MAX, size_min=1)
    canvas.setFont(BOLD, watermark)
    left = -width_of(mark, BOLD, watermark) / 2
    draw_line(canvas, (left, -watermark / 3), mark, font=BOLD, size=watermark)
    canvas.restoreState()


def _draw_box(canvas: Canvas, mark: str, width: float, bottom: float, colour: Colour) -> None:
    box_width = width_of(mark, BOLD, _MARK_SIZE) + 2 * _BOX_PADDING
    canvas.setStrokeColor(HexColor(colour.printed))
    canvas.setFillColor(HexColor(Colour.PAPER.printed))
    canvas.setLineWidth(1.5)
    canvas.roundRect((width - box_width) / 2, bottom, box_width, _BOX_HEIGHT, 4, stroke=1, fill=1)
    canvas.setFillColor(HexColor(colour.printed))
    canvas.setFont(BOLD, _MARK_SIZE)
    left = (width - width_of(mark, BOLD, _MARK_SIZE)) / 2
    draw_line(canvas, (left, bottom + (_BOX_HEIGHT - _MARK_SIZE) / 2 + 2.5), mark, font=BOLD, size=_MARK_SIZE)
