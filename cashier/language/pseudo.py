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
    parts = re.split(r"(\{[^{}]*\})", text)
    accented = "".join(part if part.startswith("{") else part.translate(_ACCENTED) for part in parts)
    letters = sum(len(part) for part in parts if not part.startswith("{"))
    return f"[{accented}{'·' * max(1, round(letters * _LONGER_BY))}]"
