"""Keys as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.language import NOTHING, Message, joined, mc, verbatim

_WORDS: Mapping[str, Message] = {
    "Return": mc("a key", "Enter"),
    "Down": verbatim("↓"),
    "Left": verbatim("←"),
    "Right": verbatim("→"),
    "Del": mc("a key", "Del"),
    "Shift": mc("a key", "Shift"),
    "Space": mc("a key", "Space"),
}


def key_words(key: str, enter: Message = _WORDS["Return"]) -> Message:
    """Return ``key``, as Qt writes it (“Shift+F2”), in the reader's words; ``enter`` stands for Enter."""
    if not key:
        return NOTHING
    words = {**_WORDS, "Return": enter}
    parts = [part or "+" for part in key.replace("++", "+").split("+")]
    return joined("+", [words.get(part, verbatim(part)) for part in parts])
