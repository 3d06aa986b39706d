"""The brands of cards, and of what else pays on Stripe's page, by their own names: the same in every language."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.language import NOTHING, Message, m, verbatim
from cashier.tenders.methods import other_method

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


def paid_with(code: str | None, last_four: str | None) -> Message:
    """Name by what was paid: ``Visa •••• 4242``, or “SEPA Direct Debit ending in 3000”; nothing where nobody knows.

    ``code`` is Stripe's of the brand or the method, and ``last_four`` ends its number, if it has one.
    """
    if not code:
        return NOTHING
    brand = brand_name(code)
    if not last_four:
        return verbatim(brand)
    if other_method(code) is not None:
        return m("{method} ending in {digits}", method=brand, digits=last_four)
    return verbatim(f"{brand} •••• {last_four}")


def brand_name(code: str) -> str:
    """Return what a brand or a method calls itself by Stripe's ``code``; a new one is named by its code."""
    other = other_method(code)
    return other.name if other is not None else _BRANDS.get(code, code.replace("_", " ").title())
