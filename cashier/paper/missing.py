"""Saying that no font has what somebody typed, before it is a row of boxes on paper."""

from __future__ import annotations

from cashier.language import NOTHING, Message, m
from cashier.paper.typeface import without_font

_CHARACTERS_MAX = 12

NAME_A_FONT: Message = m(
    "Name a font that has them in fonts in [paper] of the settings, on each machine that prints: docs/SETTINGS.md."
)


def boxes_in(*texts: str) -> Message:
    """Say which characters are boxes on paper, and not in whose name they are; nothing where all have a font."""
    missing = without_font("".join({character for text in texts for character in text}))
    if not missing:
        return NOTHING
    shown = missing if len(missing) <= _CHARACTERS_MAX else f"{missing[:_CHARACTERS_MAX]}…"
    return m("No font has these characters, so on paper they are boxes: {characters}", characters=shown)
