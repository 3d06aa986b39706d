"""Payment pages: how the official command line pays a Checkout Session in its fixtures.

Stripe does not document these addresses, so they take whatever is sent and use what they need.
"""

from __future__ import annotations

from cashier.sandbox.checkout.checkout_items import items_of
from cashier.sandbox.checkout.checkout_payment import Wish, submit
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.objects.declines import declined
from cashier.sandbox.objects.payment_methods import usable


@operation("GET", "/v1/payment_pages/{session}")
def retrieve(account: Account, _params: Json, session_id: str) -> Json:
    """Return what the page of a session shows."""
    return _page(account, session_id)


@operation("POST", "/v1/payment_pages/{session}/init")
def start(account: Account, _params: Json, session_id: str) -> Json:
    """Return what the page of a session shows, as a browser asks for it first."""
    return _page(account, session_id)


@operation("POST", "/v1/payment_pages/{session}/confirm")
def confirm(account: Account, params: Json, session_id: str) -> Json:
    """Pay a session with a payment method."""
    session = account.fetch("checkout.session", session_id)
    if not params.get("payment_method"):
        raise missing_parameter("payment_method")
    if str(params.get("expected_amount", session["amount_total"])) != str(session["amount_total"]):
        raise invalid("The amount of this Checkout Session has changed.", param="expected_amount")
    method = usable(account, params["payment_method"], param="payment_method")
    decline = submit(account, session, Wish(method=method))
    if decline:
        raise declined(decline, keeps_changes=True)
    return _page(account, session_id)


def _page(account: Account, session_id: str) -> Json:
    session = account.fetch("checkout.session", session_id)
    intent_id = session["payment_intent"]
    return {
        "id": session["id"],
        "object": "payment_page",
        "line_items": items_of(account, session_id),
        "payment_intent": account.fetch("payment_intent", intent_id) if intent_id else None,
        "session": session,
        "session_id": session_id,
        "status": session["status"],
    }
