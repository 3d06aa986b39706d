"""Marking a copy: the stored bytes of a receipt with ``COPY n`` over every page."""

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


def stamp_copy(pdf: bytes, copy: int) -> bytes:
    """Return ``pdf`` with ``COPY n`` on every page; the same input, in one language, always gives the same bytes."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    for page in writer.pages:
        size = (float(page.mediabox.width), float(page.mediabox.height))
        overlay = PdfReader(io.BytesIO(_overlay(str(m("COPY {number}", number=copy)), size))).pages[0]
        page.merge_page(overlay)
    stamped = io.BytesIO()
    writer.write(stamped)
    return stamped.getvalue()


def _overlay(mark: str, size: tuple[float, float]) -> bytes:
    register_fonts()
    width, height = size
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, invariant=1)
    canvas.saveState()
    canvas.setFillColor(HexColor(Colour.BAD.printed), alpha=0.07)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(50)
    watermark = shrink(mark, BOLD, _WATERMARK_SIZE, _WATERMARK_WIDTH_MAX, size_min=1)
    canvas.setFont(BOLD, watermark)
    left = -width_of(mark, BOLD, watermark) / 2
    draw_line(canvas, (left, -watermark / 3), mark, font=BOLD, size=watermark)
    canvas.restoreState()

    box_width = width_of(mark, BOLD, _MARK_SIZE) + 2 * _BOX_PADDING
    bottom = height - _BOX_TOP - _BOX_HEIGHT
    canvas.setStrokeColor(HexColor(Colour.BAD.printed))
    canvas.setFillColor(HexColor(Colour.PAPER.printed))
    canvas.setLineWidth(1.5)
    canvas.roundRect((width - box_width) / 2, bottom, box_width, _BOX_HEIGHT, 4, stroke=1, fill=1)
    canvas.setFillColor(HexColor(Colour.BAD.printed))
    canvas.setFont(BOLD, _MARK_SIZE)
    left = (width - width_of(mark, BOLD, _MARK_SIZE)) / 2
    draw_line(canvas, (left, bottom + (_BOX_HEIGHT - _MARK_SIZE) / 2 + 2.5), mark, font=BOLD, size=_MARK_SIZE)
    canvas.save()
    return buffer.getvalue()
