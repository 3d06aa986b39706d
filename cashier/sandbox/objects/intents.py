"""What payment intents and setup intents have in common: the client secret, and the payment method they are given."""

from __future__ import annotations

from collections.abc import Iterable

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.objects.payment_methods import from_data, usable

_NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def fetch_with_secret(account: Account, kind: str, intent_id: str, client_secret: str | None) -> Json:
    """Return an intent of ``kind``; a client secret that is given has to be its own."""
    intent = account.fetch(kind, intent_id)
    if client_secret not in (None, intent["client_secret"]):
        raise invalid(
            f"The client_secret provided does not match the client_secret associated with the {_NAMES[kind]}.",
            param="client_secret",
            code="payment_intent_invalid_parameter" if kind == "payment_intent" else "setup_intent_invalid_parameter",
        )
    return intent


def refuse_without_confirm(kind: str, params: Json, names: Iterable[str]) -> None:
    """Refuse the parameters ``names`` on a new intent of ``kind`` that is not confirmed at once."""
    if params.get("confirm", False):
        return
    for name in names:
        if name in params:
            raise invalid(
                f"The parameter `{name}` cannot be passed when creating a {_NAMES[kind]} unless `confirm` is set to "
                "true.",
                param=name,
            )


def method_of(account: Account, intent: Json, params: Json) -> Json | None:
    """Return the payment method that the request names or describes, checked against the intent's customer."""
    if params.get("payment_method"):
        method = usable(account, params["payment_method"], param="payment_method")
    elif params.get("payment_method_data"):
        method = from_data(account, params["payment_method_data"])
    else:
        return None
    name = _NAMES[intent["object"]]
    if method["customer"] and method["customer"] != intent["customer"]:
        raise invalid(
            f"The PaymentMethod {method['id']} belongs to a customer, so the {name} has to name the same one. "
            f"Please include the Customer in the `customer` parameter on the {name}.",
            param="payment_method",
        )
    if method["type"] not in intent["payment_method_types"]:
        is_payment = intent["object"] == "payment_intent"
        raise invalid(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this {name}. The allowed types "
            f"are: {', '.join(intent['payment_method_types'])}.",
            param="payment_method",
            code="payment_intent_incompatible_payment_method" if is_payment else "setup_intent_invalid_parameter",
        )
    return method
