"""The fonts of the paper: registered once, and text made to fit into its place.

Noto Sans holds Latin with all accents (Vietnamese too), Greek and Cyrillic; a line of these alone is drawn as it is.
Other scripts are put together from fonts of their own (``faces``). What no font has is a box: seen, and never a
reason not to print a receipt.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from cashier.paper.faces import face_of
from cashier.paper.line import BOX_WIDTH, UNSEEN, Piece, pieces_of
from cashier.resources import RESOURCES

REGULAR = "NotoSans-Regular"
BOLD = "NotoSans-Bold"

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
    """Turn ``text`` into one line without controls."""
    composed = unicodedata.normalize("NFC", text.translate(_SUBSTITUTES))
    return "".join(
        character
        for character in composed
        if character in UNSEEN or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    ).strip()


def is_plain(line: str) -> bool:
    """Tell whether Noto Sans alone draws this printable ``line`` as it is written."""
    return register_fonts().issuperset(map(ord, line))


def pieces(line: str) -> Sequence[Piece]:
    """Return a printable ``line`` as it is drawn from left to right."""
    return (Piece(text=line, plain=line),) if is_plain(line) else pieces_of(line, register_fonts())


def without_font(text: str) -> str:
    """Return the characters of ``text`` that no font has, each once; on paper they are boxes."""
    unknown = {each for each in printable(text) if ord(each) not in register_fonts() and each not in UNSEEN}
    return "".join(sorted(each for each in unknown if face_of(each) is None))


def piece_width(piece: Piece, font: str, size: float) -> float:
    """Measure a piece in points."""
    if piece.shaped is not None:
        return piece.shaped.advance * size
    return float(pdfmetrics.stringWidth(piece.plain, font, size)) + piece.boxes * BOX_WIDTH * size


def width_of(text: str, font: str, size: float) -> float:
    """Measure a line in points."""
    return _measure(printable(text), font, size)


def clip(text: str, font: str, size: float, width: float) -> str:
    """Return ``text`` as one line of at most ``width`` points, cut with an ellipsis if need be."""
    line = printable(text)
    if _measure(line, font, size) <= width:
        return line
    # The longest of its beginnings that fits, found by halving: the last in ``ends`` is too long.
    ends = _ends(line)
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        fits = _measure(line[: ends[middle]].rstrip() + "…", font, size) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return line[: ends[low]].rstrip() + "…"


def shrink(text: str, font: str, size: float, width: float, *, size_min: float) -> float:
    """Return the largest size, from ``size`` down to ``size_min``, at which ``text`` takes at most ``width``."""
    needed = width_of(text, font, size)
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


def _measure(line: str, font: str, size: float) -> float:
    """Measure a printable line in points."""
    if is_plain(line):
        return float(pdfmetrics.stringWidth(line, font, size))
    return sum(piece_width(piece, font, size) for piece in pieces(line))


def _fold(paragraph: str, font: str, size: float, width: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in paragraph.split():
        joined = f"{line} {word}" if line else word
        if _measure(joined, font, size) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while _measure(line, font, size) > width and len(_ends(line)) > 2:
            head = _longest_start(line, font, size, width)
            # A single sign may be wider than a line: there is one in Arabic that is a whole sentence.
            lines.append(clip(head, font, size, width))
            line = line[len(head) :]
        line = clip(line, font, size, width)
    return [*lines, line] if line else lines


def _longest_start(word: str, font: str, size: float, width: float) -> str:
    ends = _ends(word)[1:]
    place = 0
    while place + 2 < len(ends) and _measure(word[: ends[place + 1]], font, size) <= width:
        place += 1
    return word[: ends[place]]


def _ends(line: str) -> list[int]:
    """Return where ``line`` may be cut, its start and end included: never between a letter and its marks."""
    return [
        place
        for place in range(len(line) + 1)
        if place in (0, len(line)) or not (_belongs_to_before(line[place]) or line[place - 1] == "\u200d")
    ]


def _belongs_to_before(character: str) -> bool:
    return character in UNSEEN or unicodedata.category(character).startswith("M")
