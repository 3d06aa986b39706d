"""ESC/POS, as far as receipts need it: a picture, a cut, and what the printer says of itself.

Commands and answers are those of Epson's reference (https://download4.epson.biz/sec_pubs/pos/reference_en/escpos/):
``GS v 0``, ``GS V``, ``DLE EOT`` and ``GS ( H``. A receipt goes as a picture, so that every script and every form
comes out as on the screen, whatever code pages a printer has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

INITIALISE = b"\x1b@"
FEED_AND_CUT = b"\x1dVB\x10"
"""Feed what lies between head and knife, and a little more; then cut, but for a point."""

_BAND_LINES = 128
"""A printer begins before all has arrived, and none has to keep a whole receipt."""
_STATUS = b"\x10\x04"
_ASKED = (1, 2, 3, 4)
_FIXED, _FIXED_BITS = 0b10010011, 0b00010010
_ID_HEADER, _ID_END = b"\x37\x22", b"\x00"
ID_LENGTH = 4

STATUS_REQUEST = b"".join(_STATUS + bytes((number,)) for number in _ASKED)
"""Asks for the four bytes of a status; answered at once, even by a printer that is off line."""
STATUS_LENGTH = len(_ASKED)


class Hindrance(StrEnum):
    """Why a printer does not print."""

    COVER_OPEN = "cover_open"
    NO_PAPER = "no_paper"
    CUTTER = "cutter"
    BROKEN = "broken"
    OFF_LINE = "off_line"


@dataclass(frozen=True, kw_only=True)
class PrinterStatus:
    """What a printer says of itself; None: nothing is in its way."""

    hindrance: Hindrance | None = None
    is_paper_low: bool = False


def read_status(answer: bytes) -> PrinterStatus | None:
    """Read the four bytes that ``STATUS_REQUEST`` asks for; None for what no printer of this kind answers."""
    if len(answer) != STATUS_LENGTH or any(byte & _FIXED != _FIXED_BITS for byte in answer):
        return None
    line, cause, error, paper = answer
    hindrances = (
        (cause & 0b0000100, Hindrance.COVER_OPEN),
        (cause & 0b0100000 or paper & 0b1100000, Hindrance.NO_PAPER),
        (error & 0b0001000, Hindrance.CUTTER),
        (error & 0b0100000, Hindrance.BROKEN),
        (line & 0b0001000, Hindrance.OFF_LINE),
    )
    return PrinterStatus(
        hindrance=next((each for is_so, each in hindrances if is_so), None), is_paper_low=bool(paper & 0b0001100)
    )


def picture(dots: bytes, width_bytes: int) -> Iterator[bytes]:
    """Yield the commands that print a picture: eight dots a byte from left to right, 1 is black, a row after another.

    ``dots`` holds whole rows of ``width_bytes``.
    """
    band = _BAND_LINES * width_bytes
    for start in range(0, len(dots), band):
        part = dots[start : start + band]
        lines = len(part) // width_bytes
        yield b"\x1dv0\x00" + width_bytes.to_bytes(2, "little") + lines.to_bytes(2, "little") + part


def ask_when_printed(mark: bytes) -> bytes:
    """Return the command that has the printer send ``mark`` (4 characters) when all before it is on paper."""
    return b"\x1d(H\x06\x00\x30\x30" + mark


def has_told(mark: bytes, heard: bytes) -> bool:
    """Tell whether the printer has sent back ``mark``, among whatever else it said."""
    return _ID_HEADER + mark + _ID_END in heard
