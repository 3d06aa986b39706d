"""Confirmation tokens: what a payment form collected, to confirm an intent with, once.

Stripe's forms make them; the sandbox has the test helper. https://docs.stripe.com/api/confirmation_tokens
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.payment_methods import from_data, usable

_KEPT_SECONDS = 12 * 60 * 60
_PASSED_ON = ("return_url", "setup_future_usage", "shipping")


@operation("POST", "/v1/test_helpers/confirmation_tokens")
def create(account: Account, params: Json) -> Json:
    """Make a confirmation token for a payment method, as a payment form would."""
    if params.get("payment_method"):
        method = usable(account, params["payment_method"], param="payment_method")
    else:
        method = from_data(account, params.get("payment_method_data") or {"type": "card"})
    preview = {name: method[name] for name in ("allow_redisplay", "billing_details", "card", "customer", "type")}
    token = skeleton(
        "confirmation_token",
        id=new_id("ctoken"),
        created=account.now,
        expires_at=account.now + _KEPT_SECONDS,
        livemode=False,
        payment_method_preview=preview,
        use_stripe_sdk=True,
        **{name: params.get(name) for name in _PASSED_ON},
    )
    return account.add(token, {"payment_method": method["id"]})


def without_confirmation_token(account: Account, params: Json, *, confirming: bool) -> Json:
    """Return the parameters of a request with what its confirmation token holds in its place; that uses it up."""
    token_id = params.get("confirmation_token")
    if not token_id:
        return params
    if not confirming:
        raise invalid("A confirmation token needs `confirm` to be true.", param="confirmation_token")
    if params.get("payment_method") or params.get("payment_method_data"):
        raise invalid("You may pass a payment method or a confirmation token, not both.", param="confirmation_token")
    token = account.fetch("confirmation_token", token_id, param="confirmation_token")
    method = account.private(token_id).get("payment_method")
    if method is None or token["expires_at"] <= account.now:
        raise invalid(
            f"The confirmation token {token_id} was used already or has expired.", param="confirmation_token"
        )
    account.save(token, {})
    held = {name: token[name] for name in _PASSED_ON if token[name] is not None}
    return held | params | {"payment_method": method}
