"""Which types of payment methods the sandbox offers: their names, their currencies, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cashier.sandbox.engine.failures import Json, StripeFailure, invalid
from cashier.sandbox.objects.bank_accounts import ACCOUNTS
from cashier.sandbox.objects.bank_redirects import REDIRECTS
from cashier.sandbox.objects.vouchers import VOUCHERS

_CARDS = frozenset({"card", "card_present"})


@dataclass(frozen=True, kw_only=True)
class MethodType:
    """One type beside cards: it takes ``currencies``, and needs the customer's ``needs`` of the billing details."""

    name: str
    currencies: frozenset[str]
    needs: tuple[str, ...] = ("name", "email")
    options: Json = field(default_factory=dict)


def _type(name: str, *currencies: str, needs: tuple[str, ...] = ("name", "email"), **options: object) -> MethodType:
    return MethodType(name=name, currencies=frozenset(currencies), needs=needs, options=options)


METHOD_TYPES = {
    "sepa_debit": _type("SEPA Direct Debit", "eur"),
    "us_bank_account": _type("US bank account", "usd", verification_method="automatic"),
    "multibanco": _type(VOUCHERS["multibanco"].name, "eur", needs=("email",)),
    "oxxo": _type(VOUCHERS["oxxo"].name, "mxn", expires_after_days=VOUCHERS["oxxo"].days),
    "bancontact": _type(REDIRECTS["bancontact"].name, "eur", needs=("name",), preferred_language="en"),
    "eps": _type(REDIRECTS["eps"].name, "eur", needs=("name",)),
    "ideal": _type(REDIRECTS["ideal"].name, "eur", needs=()),
    "p24": _type(REDIRECTS["p24"].name, "eur", "pln", needs=("email",)),
}
"""By what Stripe calls each."""

DEBITS = frozenset(account.kind for account in ACCOUNTS.values())
"""Those among them for which the customer types the number of an account."""


def check_types(types: Iterable[str], currency: str, *, param: str) -> None:
    """Raise for a type that the sandbox does not offer, and for one that does not take ``currency``."""
    for kind in types:
        if kind in _CARDS:
            continue
        if kind not in METHOD_TYPES:
            offered = ", ".join(("card", *METHOD_TYPES))
            raise invalid(f"The sandbox does not offer '{kind}'. It offers {offered}.", param=param)
        if currency not in METHOD_TYPES[kind].currencies:
            raise StripeFailure(
                400,
                f"The currency provided ({currency}) is invalid for one or more payment method types: {kind} takes "
                f"{', '.join(sorted(METHOD_TYPES[kind].currencies))}.",
                code="payment_method_invalid_parameter",
                param=param,
            )
