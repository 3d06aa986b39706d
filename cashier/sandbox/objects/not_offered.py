"""Operations of the API that cannot apply to an account that takes cards only: each says so, in Stripe's form.

They are known to the sandbox, unlike an address that Stripe does not have, and they do nothing.
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.operations import operation


@operation("POST", "/v1/payment_intents/{intent}/apply_customer_balance")
def apply_customer_balance(account: Account, _params: Json, intent_id: str) -> Json:
    """Refuse: there are no bank transfers to apply."""
    account.fetch("payment_intent", intent_id)
    raise invalid(
        "This PaymentIntent does not allow customer_balance, so no cash balance can be applied to it.",
        code="payment_intent_incompatible_payment_method",
    )


@operation("POST", "/v1/payment_intents/{intent}/verify_microdeposits")
def verify_payment(account: Account, _params: Json, intent_id: str) -> Json:
    """Refuse: cards are not verified with micro-deposits."""
    account.fetch("payment_intent", intent_id)
    raise invalid(
        "This PaymentIntent does not wait for micro-deposits: they verify bank accounts, not cards.",
        code="payment_intent_unexpected_state",
    )


@operation("POST", "/v1/setup_intents/{intent}/verify_microdeposits")
def verify_setup(account: Account, _params: Json, intent_id: str) -> Json:
    """Refuse: cards are not verified with micro-deposits."""
    account.fetch("setup_intent", intent_id)
    raise invalid(
        "This SetupIntent does not wait for micro-deposits: they verify bank accounts, not cards.",
        code="setup_intent_unexpected_state",
    )


@operation("POST", "/v1/customers/{customer}/funding_instructions")
def funding_instructions(account: Account, _params: Json, customer_id: str) -> Json:
    """Refuse: the account has no bank transfers."""
    account.fetch_existing("customer", customer_id)
    raise invalid("Bank transfers are not enabled for this account.", param="funding_type")


@operation("POST", "/v1/terminal/onboarding_links")
def onboarding_link(_account: Account, _params: Json) -> Json:
    """Refuse: there is no Tap to Pay to accept terms for."""
    raise invalid("Tap to Pay on iPhone is not enabled for this account.", param="link_type")


@operation("GET", "/v1/payment_intents/{intent}/amount_details_line_items")
def amount_details_line_items(account: Account, _params: Json, intent_id: str) -> Json:
    """List no line items: the sandbox's intents have an amount only."""
    account.fetch("payment_intent", intent_id)
    url = f"/v1/payment_intents/{intent_id}/amount_details_line_items"
    return {"object": "list", "data": [], "has_more": False, "url": url}
