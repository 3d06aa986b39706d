"""The words of the release before, written beside today's for as long as its desks may still search by them.

Accents and capitals do not count, the order of words does not count, and leading zeros may be left out.
What is searched by today is in ``spelling.py``.
"""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart, as people without that key on their keyboard type them.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"}
)
_WORD_LENGTH_MAX = 40


def words_of(text: str) -> list[str]:
    """Cut ``text`` into plain words: ``García-Löwe`` gives ``garcia`` and ``lowe``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return [word[:_WORD_LENGTH_MAX] for word in re.findall(r"[^\W_]+", plain.translate(_PLAIN_LETTERS))]


def words_of_invoice(*, number: str, patient_name: str, record_number: str) -> set[str]:
    """Return the words by which an invoice is found: those of the name and of both numbers.

    A number counts in its parts, as a whole without punctuation, and without leading zeros.
    """
    words = set(words_of(patient_name))
    for code in (number, record_number):
        parts = words_of(code)
        words.update(parts, {"".join(parts)[:_WORD_LENGTH_MAX]})
        words.update(part.lstrip("0") for part in parts if part.isdigit() and part.strip("0"))
    words.discard("")
    return words
