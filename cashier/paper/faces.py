"""The fonts of further scripts: those beside the code, and those that the hospital names. The only door to HarfBuzz.

Noto Sans (see ``typeface``) has Latin, Greek and Cyrillic. What it lacks is shaped by HarfBuzz with the first of
these fonts that has it. Nothing is read, and HarfBuzz not imported, before such a character is printed.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cashier.resources import RESOURCES

log = logging.getLogger(__name__)

_SHIPPED = ("Arabic", "Hebrew", "Devanagari", "Bengali", "Thai")
_named: list[str] = []


class UnreadableFontError(Exception):
    """A file that is not there, or no font."""


@dataclass(frozen=True, eq=False)
class Face:
    """A font file that is read, and the characters that it has."""

    font: Any
    units_per_em: int
    characters: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Glyph:
    """A shape of a face and where it stands in its run, in the units of the face."""

    shape: int
    x: int
    y: int


@dataclass(frozen=True, kw_only=True)
class Shaped:
    """A run of one script as it is drawn, from left to right; ``advance`` is in parts of the font's size."""

    face: Face
    glyphs: tuple[Glyph, ...]
    advance: float

    def draw(self, pen_at: Callable[[int, int], object]) -> None:
        """Draw the outlines, in the units of the face; ``pen_at`` gives the pen for a glyph at its place."""
        for glyph in self.glyphs:
            self.face.font.draw_glyph_with_pen(glyph.shape, pen_at(glyph.x, glyph.y))


def use_fonts(paths: Sequence[str]) -> None:
    """Use these files, in this order, for what the shipped fonts lack; ``FILE#2`` is the third font of a collection.

    Call it before anything is printed. A file that cannot be read is left out; ``check_font`` says why.
    """
    _named[:] = paths
    _faces.cache_clear()
    face_of.cache_clear()


def check_font(path: str) -> None:
    """Raise ``UnreadableFontError`` for a file that cannot be used."""
    _read(path)


@functools.cache
def face_of(character: str) -> Face | None:
    """Return the font that has ``character``; None where none has."""
    return next((face for face in _faces() if ord(character) in face.characters), None)


@functools.lru_cache(maxsize=1024)
def shape(text: str, face: Face, *, is_to_left: bool) -> Shaped:
    """Put the letters of one script together as they are written."""
    import uharfbuzz  # noqa: PLC0415 - only where such a script is printed

    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if is_to_left else "ltr"
    uharfbuzz.shape(face.font, buffer, {"kern": True, "liga": True})
    glyphs, x = [], 0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append(Glyph(shape=info.codepoint, x=x + position.x_offset, y=position.y_offset))
        x += position.x_advance
    return Shaped(face=face, glyphs=tuple(glyphs), advance=x / face.units_per_em)


@functools.cache
def _faces() -> tuple[Face, ...]:
    shipped = [str(RESOURCES / "fonts" / f"NotoSans{script}-Regular.ttf") for script in _SHIPPED]
    faces = []
    for path in (*shipped, *_named):
        try:
            faces.append(_read(path))
        except UnreadableFontError as reason:
            log.warning("font left out", extra={"font": path, "reason": str(reason)})
    return tuple(faces)


def _read(path: str) -> Face:
    import uharfbuzz  # noqa: PLC0415

    name, _, number = path.partition("#")
    if not Path(name).is_file():
        raise UnreadableFontError("there is no such file")
    try:
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(name), int(number or 0))
    except (OSError, ValueError, uharfbuzz.HarfBuzzError) as error:
        raise UnreadableFontError(str(error)) from None
    characters = frozenset(face.unicodes)
    if not characters:
        raise UnreadableFontError("it is no font, or has no letters")
    return Face(uharfbuzz.Font(face), face.upem, characters)
