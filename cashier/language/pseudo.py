"""A language for tests: every text longer, with accents and in brackets, so that what is cut or bare is seen."""

from __future__ import annotations

import re

PSEUDO = "en_XA"
_LONGER_BY = 0.35
_ACCENTED = str.maketrans("aceinosuyACEINOSUY", "áçéíñóšúýÁÇÉÍÑÓŠÚÝ")


def lengthened(text: str) -> str:
    """Return ``text`` with accents, a third longer and in brackets; ``{values}`` and an accelerator's sign stay."""
    if not text.strip():
        return text
    # Every second part is a value: {name}, or %(name)s in the texts of Python's own.
    parts = re.split(r"(\{[^{}]*\}|%\(\w+\)[sr]|%[sr])", text)
    accented = "".join(part if place % 2 else part.translate(_ACCENTED) for place, part in enumerate(parts))
    letters = sum(len(part) for part in parts[::2])
    return f"[{accented}{'·' * max(1, round(letters * _LONGER_BY))}]"
