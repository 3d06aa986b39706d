"""Bank redirects: the customer is sent to the bank's page, and comes back with the payment made, or refused.

https://docs.stripe.com/payments/bank-redirects

Stripe's test page asks what becomes of it; whoever leaves it has done nothing. Customers cannot dispute them, and
their refunds take the bank some days. https://docs.stripe.com/payments/ideal#refunds
"""

from __future__ import annotations

from dataclasses import dataclass

from cashier.sandbox.engine.failures import Json
from cashier.sandbox.engine.skeletons import skeleton


@dataclass(frozen=True, kw_only=True)
class RedirectKind:
    """One kind: its payment method tells ``public``, and a charge ``charged`` beside it."""

    name: str
    part: str
    public: Json
    charged: Json


REDIRECTS = {
    "bancontact": RedirectKind(
        name="Bancontact",
        part="Bancontact",
        public={},
        charged={
            "bank_code": "VAPE",
            "bank_name": "VAN DE PUT & CO",
            "bic": "VAPEBE22",
            "iban_last4": "7061",
            "preferred_language": "en",
            "verified_name": "Jenny Rosen",
        },
    ),
    "eps": RedirectKind(name="EPS", part="Eps", public={}, charged={"verified_name": "Jenny Rosen"}),
    "ideal": RedirectKind(
        name="iDEAL",
        part="Ideal",
        public={"bank": "ing", "bic": "INGBNL2A"},
        charged={"iban_last4": "8091", "verified_name": "Jenny Rosen"},
    ),
    "p24": RedirectKind(name="Przelewy24", part="P24", public={}, charged={"verified_name": "Jenny Rosen"}),
}


def redirect_part(kind: str) -> Json:
    """Return what a payment method of this ``kind`` tells of itself."""
    row = REDIRECTS[kind]
    return skeleton(f"payment_method.PaymentMethod.{row.part}", **row.public)


def redirect_charged(kind: str) -> Json:
    """Return what a charge tells of the bank from which it was paid."""
    row = REDIRECTS[kind]
    return skeleton(f"charge.Charge.PaymentMethodDetails.{row.part}", **row.public, **row.charged)
