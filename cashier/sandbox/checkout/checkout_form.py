"""What a customer typed on the Checkout page: read it, and say under which field something is wrong.

The number and the security code are read here and forgotten: they are neither stored, logged, nor shown again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure
from cashier.sandbox.objects.cards import Card, checked_expiry, read_card
from cashier.sandbox.objects.test_cards import is_luhn_valid

_NUMBER_MIN = 12


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What may be shown again when the form comes back: everything but the card."""

    email: str = ""
    name: str = ""
    country: str = ""
    postal_code: str = ""
    save: bool = False
    method: str = ""

    def billing_details(self) -> Json:
        """Return the billing details of the payment method; empty fields are left out."""
        address = {"country": self.country or None, "postal_code": self.postal_code or None}
        return {"address": address, "email": self.email or None, "name": self.name or None}


@dataclass(kw_only=True)
class Complaints:
    """What is wrong: by the id of the field, and in general."""

    fields: dict[str, str] = field(default_factory=dict)
    message: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything is wrong."""
        return bool(self.fields or self.message)


def read_typed(form: Mapping[str, str]) -> Typed:
    """Read everything but the card."""
    return Typed(
        email=form.get("email", "").strip()[:200],
        name=form.get("billingName", "").strip()[:200],
        country=form.get("billingCountry", "").strip()[:2].upper(),
        postal_code=form.get("billingPostalCode", "").strip()[:20],
        save=form.get("saveCard") == "yes",
        method=form.get("method", ""),
    )


def read_typed_card(account: Account, form: Mapping[str, str]) -> Card | Complaints:
    """Read the card, or say all that is wrong with it, in the words that Stripe's page uses."""
    number = re.sub(r"\D", "", form.get("cardNumber", ""))
    expiry = re.fullmatch(r"(\d{1,2})\s*/?\s*(\d{2}|\d{4})", form.get("cardExpiry", "").strip())
    cvc = form.get("cardCvc", "").strip()
    found = {
        "cardNumber": _number_complaint(number),
        "cardExpiry": _expiry_complaint(account, expiry),
        "cardCvc": _cvc_complaint(cvc, number),
    }
    complaints = Complaints(fields={field_id: words for field_id, words in found.items() if words})
    if complaints or not expiry:
        return complaints
    fields = {"number": number, "exp_month": expiry[1], "exp_year": expiry[2], "cvc": cvc}
    try:
        return read_card(account, fields, "card")
    except StripeFailure as failure:
        return Complaints(message=str(failure))


def _number_complaint(number: str) -> str | None:
    if len(number) < _NUMBER_MIN:
        return "Your card number is incomplete."
    return None if is_luhn_valid(number) else "Your card number is invalid."


def _expiry_complaint(account: Account, expiry: re.Match[str] | None) -> str | None:
    if not expiry:
        return "Your card's expiration date is incomplete."
    try:
        checked_expiry(account, int(expiry[1]), int(expiry[2]))
    except StripeFailure:
        month_exists = 1 <= int(expiry[1]) <= 12
        return f"Your card's expiration date is {'in the past' if month_exists else 'invalid'}."
    return None


def _cvc_complaint(cvc: str, number: str) -> str | None:
    length = 4 if re.match("3[47]", number) else 3
    return None if re.fullmatch(rf"\d{{{length}}}", cvc) else "Your card's security code is incomplete."


def email_complaint(email: str, *, is_needed: bool = False) -> Complaints:
    """Say whether what was typed cannot be an e-mail address; none is fine unless it ``is_needed``."""
    if is_needed and not email:
        return Complaints(fields={"email": "Your email is incomplete."})
    if email and not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", email):
        return Complaints(fields={"email": "Your email is invalid."})
    return Complaints()
