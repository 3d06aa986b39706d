"""What stands in the address of a link: ``<43 letters and digits><6 for slips of the pen>``, and nothing else.

Whoever knows it may see and pay the invoice, so it has 256 random bits and is kept nowhere: a digest of it finds the
link. A signature would need a key that desks and companions share, and would say which invoice it is for.
"""

from __future__ import annotations

import hashlib
import re

from cashier.identifiers import CHECK_LENGTH, check_letters, random_letters

_RANDOM_LENGTH = 43
_SHAPE = re.compile(rf"[0-9A-Za-z]{{{_RANDOM_LENGTH + CHECK_LENGTH}}}")


def make_secret() -> str:
    """Make a secret that nobody has."""
    random = random_letters(_RANDOM_LENGTH)
    return random + check_letters(random)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret (SHA-256, hexadecimal)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def could_be_one(text: str) -> bool:
    """Tell whether ``text`` can be a secret at all, without asking the database."""
    return _SHAPE.fullmatch(text) is not None and text[-CHECK_LENGTH:] == check_letters(text[:-CHECK_LENGTH])
