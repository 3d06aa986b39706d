"""Ids with Stripe's prefixes and lengths."""

from __future__ import annotations

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits

# Objects of a payment share the middle of Stripe's long ids; a plain random tail of the same length serves as well.
_LENGTHS = {
    "cus": 14, "evt": 24, "req": 14, "tok": 24, "price": 24, "prod": 14, "tmr": 14, "tml": 14, "cs_test": 58,
    "whsec": 32,
}  # fmt: skip


def new_id(prefix: str) -> str:
    """Make an id such as ``pi_3…`` that was never used before."""
    return f"{prefix}_{random_text(_LENGTHS.get(prefix, 24))}"


def random_text(length: int) -> str:
    """Return ``length`` random letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
