"""What keys of the API look like: ``cashier_live_<public id>_<secret><check sum>``.

The beginning lets scanners of source code find a key that got there, the check sum refuses a mistyped one without
asking the database. The secret has 256 bits, so a plain digest of it is as good as one that is slow to make.
https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from cashier.books.api_client import PUBLIC_ID_LENGTH
from cashier.identifiers import CHECK_LENGTH, check_letters, random_letters

_SECRET_LENGTH = 43


class KeyKind(StrEnum):
    """What a key is for; the words stand at its beginning."""

    LIVE = "cashier_live_"
    """A client's own, where money moves."""
    TEST = "cashier_test_"
    """A client's own, where no money moves."""
    TOKEN = "cashier_token_"  # noqa: S105 - what all of them begin with
    """A short-lived one, for one patient's records."""


@dataclass(frozen=True, kw_only=True)
class MadeKey:
    """A new key. ``text`` is shown once; ``digest`` is what is kept of it (SHA-256, hexadecimal)."""

    kind: KeyKind
    public_id: str
    digest: str
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ShownKey:
    """A key that somebody shows: which one it says to be, and the digest by which that is proved."""

    kind: KeyKind
    public_id: str
    digest: str


def make_key(kind: KeyKind) -> MadeKey:
    """Make a key that nobody has."""
    public_id = random_letters(PUBLIC_ID_LENGTH)
    secret = random_letters(_SECRET_LENGTH)
    body = f"{kind}{public_id}_{secret}"
    text = body + check_letters(body)
    return MadeKey(kind=kind, public_id=public_id, digest=digest_of(text), text=text)


def read_key(text: str) -> ShownKey | None:
    """Read what somebody shows as their key; None for what cannot be one, such as one with a slip of the pen."""
    kind = next((kind for kind in KeyKind if text.startswith(kind)), None)
    if kind is None or len(text) != len(kind) + PUBLIC_ID_LENGTH + 1 + _SECRET_LENGTH + CHECK_LENGTH:
        return None
    body, check = text[:-CHECK_LENGTH], text[-CHECK_LENGTH:]
    public_id = text[len(kind) : len(kind) + PUBLIC_ID_LENGTH]
    if not text.isascii() or text[len(kind) + PUBLIC_ID_LENGTH] != "_" or check != check_letters(body):
        return None
    return ShownKey(kind=kind, public_id=public_id, digest=digest_of(text))


def digest_of(text: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(text.encode()).hexdigest()
