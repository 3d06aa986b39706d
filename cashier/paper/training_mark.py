"""The mark of papers on which no money moved: letters behind everything, and a bar at the foot that says so.

Both are lines and plain black, no grey and no transparency, so that they are there as well where a printer knows only
ink or no ink; the letters are dotted outlines, so that what is written over them stays readable.
"""

from __future__ import annotations

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from cashier.language import m, mc
from cashier.palette import Colour
from cashier.paper.typeface import BOLD, register_fonts, shrink, width_of

_LETTERS = 92.0
_LETTERS_WIDTH_MAX = 470.0
_OUTLINE = 0.75
_DOTS = (0.9, 2.6)
_ANGLE = 32
_PLACES = (0.3, 0.68)
"""How far up the page the letters stand, as parts of its height: twice, so that neither half is without."""
_STROKED = 1
_BAR_TEXT, _BAR_HEIGHT, _BAR_BOTTOM, _BAR_PADDING = 10.0, 18.0, 16.0, 12.0


def draw_training_mark(canvas: Canvas, width: float, height: float) -> None:
    """Draw the mark on a page that is still empty, ``width`` by ``height`` points, in the language spoken now."""
    register_fonts()
    letters = str(mc("across a paper", "TRAINING"))
    size = shrink(letters, BOLD, _LETTERS, _LETTERS_WIDTH_MAX, size_min=1)
    for place in _PLACES:
        canvas.saveState()
        canvas.translate(width / 2, height * place)
        canvas.rotate(_ANGLE)
        canvas.setStrokeColor(HexColor(Colour.INK_SOFT.printed))
        canvas.setLineWidth(_OUTLINE)
        canvas.setDash(*_DOTS)
        text = canvas.beginText(-width_of(letters, BOLD, size) / 2, -size / 3)
        text.setFont(BOLD, size)
        text.setTextRenderMode(_STROKED)
        text.textOut(letters)
        canvas.drawText(text)
        canvas.restoreState()
    words = str(m("TRAINING – no money moved, and this paper counts for nothing"))
    size = shrink(words, BOLD, _BAR_TEXT, width - 120, size_min=6)
    bar = width_of(words, BOLD, size) + 2 * _BAR_PADDING
    canvas.saveState()
    canvas.setFillColor(HexColor(Colour.INK.printed))
    canvas.roundRect((width - bar) / 2, _BAR_BOTTOM, bar, _BAR_HEIGHT, 3, stroke=0, fill=1)
    canvas.setFillColor(HexColor(Colour.PAPER.printed))
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(width / 2, _BAR_BOTTOM + (_BAR_HEIGHT - size) / 2 + 1.5, words)
    canvas.restoreState()
