"""What happens to a Checkout Session when its customer pays, fails to, or lets it expire.

The page and the command line's payment pages call ``pay``; a 3-D Secure challenge ends in ``follow_intent``.
"""

from __future__ import annotations

from dataclasses import dataclass

from cashier.sandbox import customers
from cashier.sandbox.account import Account
from cashier.sandbox.declines import Decline
from cashier.sandbox.failures import Json, invalid
from cashier.sandbox.payment_attempts import attempt, when_concluded
from cashier.sandbox.payment_intents import cancel_intent, new_intent
from cashier.sandbox.skeletons import skeleton


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the customer asks for with the button: this payment method, and perhaps to keep it for the next time."""

    method: Json
    save_agreed: bool = False


def pay(account: Account, session: Json, wish: Wish) -> Decline | None:
    """Try to pay an open session; both the session and its intent are saved.

    Returns the decline, or nothing when the session is complete or waits for 3-D Secure.
    """
    if session["status"] != "open":
        raise invalid(
            f"This Checkout Session cannot be paid because it has a status of {session['status']}.",
            code="payment_intent_unexpected_state",
        )
    intent = _intent_of(account, session, wish)
    method = wish.method
    if method["customer"] is None:
        redisplay = "always" if wish.save_agreed else account.private(session["id"])["redisplay"]
        method |= {"allow_redisplay": redisplay if _is_kept(intent, wish) else "unspecified"}
        account.save(method, account.private(method["id"]) | {"saving_agreed": wish.save_agreed})
    return attempt(account, intent, method)


def offers_saving(session: Json) -> bool:
    """Tell whether the page may ask the customer to keep the card."""
    options = session["saved_payment_method_options"] or {}
    known = session["customer"] or session["customer_creation"] == "always"
    return bool(options.get("payment_method_save") == "enabled" and known)


def expire_session(account: Account, session: Json) -> Json:
    """Close an open session for good; an intent that was begun is cancelled."""
    if session["payment_intent"]:
        cancel_intent(account, account.fetch("payment_intent", session["payment_intent"]), "expired")
    session |= {"status": "expired", "url": None}
    account.save(session)
    account.emit("checkout.session.expired", session)
    return session


@when_concluded
def follow_intent(account: Account, intent: Json) -> None:
    """Complete the session whose intent was paid or authorized just now."""
    session = account.store.find(account.private(intent["id"]).get("checkout_session", ""), "checkout.session")
    if not session or intent["status"] not in ("succeeded", "requires_capture"):
        return
    if session["status"] != "open":
        if intent["status"] == "succeeded":
            account.save(session | {"payment_status": "paid"})
        return
    method = account.fetch("payment_method", intent["payment_method"])
    session |= {
        "customer": intent["customer"],
        "customer_details": _details(session, method["billing_details"]),
        "payment_status": "paid" if intent["status"] == "succeeded" else "unpaid",
        "status": "complete",
        "url": None,
    }
    account.save(session)
    account.emit("checkout.session.completed", session)


def _intent_of(account: Account, session: Json, wish: Wish) -> Json:
    """Return the session's intent; it is made when the customer submits for the first time."""
    if session["payment_intent"]:
        return account.fetch("payment_intent", session["payment_intent"])
    data = account.private(session["id"])["intent_data"]
    customer = session["customer"] or _new_customer(account, session, data, wish.method)
    facts = {"amount": session["amount_total"], "currency": session["currency"], "customer": customer}
    # Checkout decides itself how the customer may pay, so its intents do not.
    intent = new_intent(account, data | facts) | {"automatic_payment_methods": None}
    account.add(intent, {"checkout_session": session["id"]})
    account.emit("payment_intent.created", intent)
    session["payment_intent"] = intent["id"]
    account.save(session)
    return intent


def _new_customer(account: Account, session: Json, data: Json, method: Json) -> str | None:
    """Make a customer where the session wants one or has to have one to save the card for."""
    if session["customer_creation"] != "always" and not data.get("setup_future_usage"):
        return None
    billing = method["billing_details"]
    known = {"email": billing["email"] or session["customer_email"], "name": billing["name"]}
    created = customers.create(account, {name: value for name, value in known.items() if value})
    return str(created["id"])


def _is_kept(intent: Json, wish: Wish) -> bool:
    return bool(intent["customer"] and (wish.save_agreed or intent["setup_future_usage"]))


def _details(session: Json, billing: Json) -> Json:
    known = session["customer_details"] or {}
    return skeleton(
        "session.Session.CustomerDetails",
        address=billing["address"],
        email=known.get("email") or billing["email"],
        name=billing["name"],
        phone=billing["phone"],
        tax_exempt="none",
        tax_ids=[],
    )
