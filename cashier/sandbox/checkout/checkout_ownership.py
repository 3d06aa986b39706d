"""Which Checkout Session an intent belongs to; while that is open, the intent is the session's business alone."""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid


def owned_by(session: Json) -> Json:
    """Return the private part of an intent that ``session`` makes for itself."""
    return {"checkout_session": session["id"]}


def session_of(account: Account, intent: Json) -> Json | None:
    """Return the session to which a payment or setup intent belongs, if it does."""
    return account.store.find(account.private(intent["id"]).get("checkout_session", ""), "checkout.session")


def refuse_for_checkout(account: Account, intent: Json, verb: str, param: str | None = None) -> None:
    """Raise when ``intent`` belongs to an open session: it ends when that is paid or expires.

    https://docs.stripe.com/api/payment_intents/cancel
    """
    session = session_of(account, intent)
    if session and session["status"] == "open":
        name = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}[intent["object"]]
        raise invalid(
            f"You cannot {verb} this {name} because it belongs to an open Checkout Session. Expire the Checkout "
            "Session instead.",
            param=param,
            code=f"{intent['object']}_unexpected_state",
        )
