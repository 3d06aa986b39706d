"""A line of text as it is drawn: in pieces from left to right, each in one font."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from cashier.paper.direction import levels_of, visual_order
from cashier.paper.faces import Face, Shaped, face_of, shape

UNSEEN = "\u200c\u200d\u200e\u200f\u061c"
"""Joiners decide how the letters of some scripts are joined, marks of direction on which side a number stands."""
BOX_WIDTH = 0.6
"""How wide the box is that stands for a character which no font has, in parts of the font's size."""

_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part of a line, as ``text`` in the order of speech: plain, shaped, or ``boxes`` for what no font has.

    ``place`` says where it is among the others in that order.
    """

    text: str
    place: int = 0
    plain: str = ""
    shaped: Shaped | None = None
    boxes: int = 0


def pieces_of(text: str, plain: frozenset[int]) -> tuple[Piece, ...]:
    """Cut one line into pieces; the characters in ``plain`` need no shaping."""
    levels = levels_of(text)
    runs = list(_runs(text, levels, plain))
    order = visual_order([level for level, _, _ in runs])
    return tuple(_piece(place, *runs[place]) for place in order)


def _runs(text: str, levels: list[int], plain: frozenset[int]) -> Iterator[tuple[int, Face | str, str]]:
    """Return level, font and text of what is drawn in one go, in the order of speech."""
    marked = list(zip(levels, _faces_along(text, plain), text, strict=True))
    for (level, face), group in groupby(marked, key=lambda each: each[:2]):
        yield level, face, "".join(character for _, _, character in group)


_PLAIN, _NONE = "plain", "none"


def _faces_along(text: str, plain: frozenset[int]) -> Iterator[Face | str]:
    """Return the font of each character; marks and what is unseen stay with the letter that they belong to."""
    before: Face | str = _PLAIN
    for character in text:
        belongs = character in UNSEEN or unicodedata.category(character).startswith("M")
        if not (belongs and _has(before, character, plain)):
            before = _PLAIN if ord(character) in plain else face_of(character) or _NONE
        yield before


def _has(face: Face | str, character: str, plain: frozenset[int]) -> bool:
    if character in UNSEEN:
        return True
    if isinstance(face, Face):
        return ord(character) in face.characters
    return face == _PLAIN and ord(character) in plain


def _piece(place: int, level: int, face: Face | str, text: str) -> Piece:
    is_to_left = bool(level % 2)
    if isinstance(face, Face):
        return Piece(text=text, place=place, shaped=shape(text, face, is_to_left=is_to_left))
    seen = text.translate({ord(each): None for each in UNSEEN})
    if face == _NONE:
        return Piece(text=text, place=place, boxes=len(seen))
    return Piece(text=text, place=place, plain=seen[::-1].translate(_MIRRORED) if is_to_left else seen)
