"""What another system may read of why an invoice is refused: numbers and fields, never who it is for."""

from __future__ import annotations

from cashier.language import Message, hiding

TOLD_OF_INVOICE = frozenset({"field", "number", "most", "currency", "other", "character", "years", "used"})
"""The values of a refusal that are about the invoice alone."""


def told_outside(words: Message) -> Message:
    """Return the words of a refusal with “…” for whatever could be about the patient."""
    return hiding(words, shown=TOLD_OF_INVOICE)
