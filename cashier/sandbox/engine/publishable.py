"""What a publishable key may do: the few things that Stripe.js asks from a payer's browser, and nothing else.

Intents are shown and confirmed only to whoever has their client secret, and without what is the merchant's own:
customer, metadata, charges. https://docs.stripe.com/keys and https://docs.stripe.com/api/payment_intents/retrieve
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid, missing_parameter
from cashier.sandbox.engine.operations import Match

_CONFIRMING = frozenset(
    {"client_secret", "mandate_data", "payment_method", "payment_method_data", "return_url", "use_stripe_sdk"}
)
_ALLOWED: dict[tuple[str, str], frozenset[str] | None] = {
    ("POST", "/v1/payment_methods"): None,
    ("POST", "/v1/tokens"): None,
    ("GET", "/v1/payment_intents/{intent}"): frozenset({"client_secret"}),
    ("GET", "/v1/setup_intents/{intent}"): frozenset({"client_secret"}),
    ("POST", "/v1/payment_intents/{intent}/confirm"): _CONFIRMING
    | {"payment_method_options", "receipt_email", "setup_future_usage", "shipping"},
    ("POST", "/v1/setup_intents/{intent}/confirm"): _CONFIRMING | {"payment_method_options"},
}
"""The operations, and the parameters of those on an intent; what is made anew takes what it always does."""

_SHOWN = {
    "payment_intent": (
        "id", "object", "amount", "amount_details", "automatic_payment_methods", "canceled_at", "cancellation_reason",
        "capture_method", "client_secret", "confirmation_method", "created", "currency", "description",
        "last_payment_error", "livemode", "next_action", "payment_method", "payment_method_configuration_details",
        "payment_method_types", "processing", "receipt_email", "setup_future_usage", "shipping", "source", "status",
    ),
    "setup_intent": (
        "id", "object", "automatic_payment_methods", "cancellation_reason", "client_secret", "created", "description",
        "last_setup_error", "livemode", "next_action", "payment_method", "payment_method_configuration_details",
        "payment_method_types", "status", "usage",
    ),
}  # fmt: skip


def is_publishable(key: str) -> bool:
    """Tell whether ``key`` is one that browsers have."""
    return key.startswith("pk_")


def admitted(account: Account, found: Match, form: Json) -> Json:
    """Return what the operation gets of ``form``, sent with a publishable key.

    Raises ``secret_key_required`` for what only a secret key may do, and Stripe's refusals of a parameter, of a
    missing and of a wrong client secret.
    """
    key = (found.operation.method, found.operation.path) if found.operation else ("", "")
    if key not in _ALLOWED:
        raise StripeFailure(
            403,
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            code="secret_key_required",
        )
    names = _ALLOWED[key]
    if names is None:
        return form
    for name in form:
        if name not in names:
            raise invalid(f"The parameter `{name}` cannot be used with a publishable API key.", param=name)
    if "client_secret" not in form:
        raise missing_parameter("client_secret")
    _check_secret(account, key, found.values[0], form["client_secret"])
    return {name: value for name, value in form.items() if name != "client_secret"}


def shown(body: Json) -> Json:
    """Return of an answer what a browser may see."""
    names = _SHOWN.get(body.get("object", ""))
    return {name: body[name] for name in names if name in body} if names else body


def shown_failure(failure: StripeFailure) -> StripeFailure:
    """Return ``failure`` with what a browser may see of the objects that it carries."""
    failure.error = {
        name: shown(value) if isinstance(value, dict) else value for name, value in failure.error.items()
    }
    return failure


def _check_secret(account: Account, key: tuple[str, str], intent_id: str, client_secret: object) -> None:
    kind = key[1].removeprefix("/v1/").partition("/")[0].removesuffix("s")
    intent = account.fetch(kind, intent_id)
    if client_secret != intent["client_secret"]:
        name = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}[kind]
        raise invalid(
            f"The client_secret provided does not match the client_secret associated with the {name}.",
            param="client_secret",
            code=f"{kind}_invalid_parameter",
        )
    if key[0] == "POST" and intent.get("confirmation_method") == "manual":
        raise invalid("A publishable key cannot be used when `confirmation_method` is set to `manual`.")
