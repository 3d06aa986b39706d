"""What a customer typed on the Checkout page: read it, and say under which field something is wrong.

The number and the security code are read here and forgotten: they are neither stored, logged, nor shown again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cashier.sandbox.account import Account
from cashier.sandbox.cards import Card, read_card
from cashier.sandbox.failures import Json, StripeFailure

NUMBER_INCOMPLETE = "Your card number is incomplete."
EXPIRY_INCOMPLETE = "Your card's expiration date is incomplete."
CVC_INCOMPLETE = "Your card's security code is incomplete."

# Stripe's codes for a card that cannot be read, by the field and with the words that its page shows for them.
_FIELD_OF_CODE = {
    "incorrect_number": ("cardNumber", "Your card number is invalid."),
    "invalid_expiry_month": ("cardExpiry", "Your card's expiration date is invalid."),
    "invalid_expiry_year": ("cardExpiry", "Your card's expiration date is invalid."),
    "invalid_cvc": ("cardCvc", CVC_INCOMPLETE),
}


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
    """Read the card, or say what is wrong with it."""
    number = re.sub(r"\D", "", form.get("cardNumber", ""))
    expiry = re.fullmatch(r"(\d{1,2})\s*/?\s*(\d{2}|\d{4})", form.get("cardExpiry", "").strip())
    cvc = form.get("cardCvc", "").strip()
    complaints = Complaints()
    if len(number) < 12:
        complaints.fields["cardNumber"] = NUMBER_INCOMPLETE
    if not expiry:
        complaints.fields["cardExpiry"] = EXPIRY_INCOMPLETE
    if not re.fullmatch(r"\d{3,4}", cvc):
        complaints.fields["cardCvc"] = CVC_INCOMPLETE
    if complaints or not expiry:
        return complaints
    try:
        return read_card(
            account, {"number": number, "exp_month": expiry[1], "exp_year": expiry[2], "cvc": cvc}, "card"
        )
    except StripeFailure as failure:
        return complaints_of(failure)


def complaints_of(failure: StripeFailure) -> Complaints:
    """Say what Stripe's card error means on the page."""
    code = str(failure.error.get("code"))
    if code in _FIELD_OF_CODE:
        field_id, words = _FIELD_OF_CODE[code]
        return Complaints(fields={field_id: words})
    return Complaints(message=str(failure))


def email_complaint(email: str) -> Complaints:
    """Say whether an e-mail address that was typed cannot be one."""
    if email and not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", email):
        return Complaints(fields={"email": "Your email is invalid."})
    return Complaints()
