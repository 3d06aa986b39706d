"""The fonts of the paper: registered once, and text made to fit into its place.

Noto Sans holds Latin with all accents (Vietnamese too), Greek and Cyrillic. Any other character is shown
as the replacement character: visible, and never a reason not to print a receipt.
"""

from __future__ import annotations

import functools
import unicodedata

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from cashier.resources import RESOURCES

REGULAR = "NotoSans-Regular"
BOLD = "NotoSans-Bold"

_REPLACEMENT = "\ufffd"
# The font has no mathematical minus; the en dash is as wide and reads the same before a number.
_SUBSTITUTES = str.maketrans({"\u2212": "–", "\t": " ", "\r": " ", "\n": " "})


@functools.cache
def register_fonts() -> frozenset[int]:
    """Make the fonts known to ReportLab and return the characters that both hold. Reads the files once."""
    fonts = [TTFont(name, str(RESOURCES / "fonts" / f"{name}.ttf")) for name in (REGULAR, BOLD)]
    for font in fonts:
        pdfmetrics.registerFont(font)
    regular, bold = (frozenset(font.face.charToGlyph) for font in fonts)
    return regular & bold


def printable(text: str) -> str:
    """Turn ``text`` into one line of characters that the fonts hold."""
    characters = register_fonts()
    composed = unicodedata.normalize("NFC", text.translate(_SUBSTITUTES))
    return "".join(
        character if ord(character) in characters else _REPLACEMENT
        for character in composed
        if unicodedata.category(character) not in ("Cc", "Cf")
    ).strip()


def width_of(text: str, font: str, size: float) -> float:
    """Measure a line in points."""
    register_fonts()
    return float(pdfmetrics.stringWidth(text, font, size))


def clip(text: str, font: str, size: float, width: float) -> str:
    """Return ``text`` as one line of at most ``width`` points, cut with an ellipsis if need be."""
    line = printable(text)
    if width_of(line, font, size) <= width:
        return line
    while line and width_of(line + "…", font, size) > width:
        line = line[:-1].rstrip()
    return line + "…"


def shrink(text: str, font: str, size: float, width: float, *, size_min: float) -> float:
    """Return the largest size, from ``size`` down to ``size_min``, at which ``text`` takes at most ``width``."""
    needed = width_of(printable(text), font, size)
    return size if needed <= width else max(size_min, size * width / needed)


def wrap(text: str, font: str, size: float, width: float, *, lines_max: int) -> list[str]:
    """Break ``text`` into at most ``lines_max`` lines of ``width`` points; what is beyond is cut with an ellipsis.

    Line breaks in the text are kept; a word wider than a line is broken.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines += _fold(printable(paragraph), font, size, width)
    if len(lines) <= lines_max:
        return lines
    return [*lines[: lines_max - 1], clip(f"{lines[lines_max - 1]} …", font, size, width)]


def _fold(paragraph: str, font: str, size: float, width: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in paragraph.split():
        joined = f"{line} {word}" if line else word
        if width_of(joined, font, size) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while width_of(line, font, size) > width and len(line) > 1:
            head = _longest_start(line, font, size, width)
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line] if line else lines


def _longest_start(word: str, font: str, size: float, width: float) -> str:
    end = 1
    while width_of(word[: end + 1], font, size) <= width:
        end += 1
    return word[:end]
