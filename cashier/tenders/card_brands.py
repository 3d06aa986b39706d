"""The brands of cards by their own names: data, the same in every language."""

from __future__ import annotations

from collections.abc import Mapping

_BRANDS: Mapping[str, str] = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "Eftpos Australia",
    "jcb": "JCB",
    "link": "Link",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


def brand_name(code: str) -> str:
    """Return what a brand calls itself by Stripe's ``code``; a new one is named by its code."""
    return _BRANDS.get(code, code.replace("_", " ").title())
