"""What happens to a Checkout Session when its customer pays or saves a card, fails to, or lets it expire.

The page and the command line's payment pages call ``submit``; whatever ends an attempt, also a 3-D Secure challenge,
ends in ``follow_payment`` or ``follow_setup``.
"""

from __future__ import annotations

from dataclasses import dataclass

from cashier.sandbox.checkout.checkout_ownership import owned_by, session_of
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects import customers
from cashier.sandbox.objects.bank_redirects import REDIRECTS
from cashier.sandbox.objects.declines import Decline
from cashier.sandbox.objects.payment_attempts import attempt, is_manual, when_concluded
from cashier.sandbox.objects.payment_intents import cancel_intent, new_intent, options_for
from cashier.sandbox.objects.setup_intents import cancel_setup, new_setup_intent, set_up, when_set_up
from cashier.sandbox.objects.vouchers import open_voucher


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the customer asks for with the button: this payment method, and perhaps to keep it for the next time."""

    method: Json
    save_agreed: bool = False


def submit(account: Account, session: Json, wish: Wish) -> Decline | None:
    """Try to pay an open session, or to save the card for it; the session and its intent are saved.

    Returns the decline, or nothing when the session is complete or waits for 3-D Secure or for the customer's bank.
    """
    if session["status"] != "open":
        raise invalid(f"This Checkout Session cannot be submitted because it has a status of {session['status']}.")
    customer = session["customer"] or _new_customer(account, session, wish.method)
    method = wish.method
    if session["mode"] == "setup":
        intent = account.fetch("setup_intent", session["setup_intent"])
        account.save(intent | {"customer": customer})
        _allow_redisplay(account, session, method, agreed=True)
        return set_up(account, intent | {"customer": customer}, method)
    intent = _payment_intent_of(account, session, customer)
    if method["customer"] is None and customer and (wish.save_agreed or intent["setup_future_usage"]):
        _allow_redisplay(account, session, method, agreed=wish.save_agreed)
    way_back = f"{account.base_url}/c/pay/{session['id']}/return" if method["type"] in REDIRECTS else None
    return attempt(account, intent, method, return_url=way_back)


def open_setup(account: Account, session: Json, data: Json) -> None:
    """Make the setup intent of a new session that saves a card."""
    intent = new_setup_intent(account, data | {"customer": session["customer"]})
    intent["automatic_payment_methods"] = None
    account.add(intent, owned_by(session))
    account.emit("setup_intent.created", intent)
    account.save(session | {"setup_intent": intent["id"]})


def offers_saving(session: Json) -> bool:
    """Tell whether the page may ask the customer to keep the card."""
    options = session["saved_payment_method_options"] or {}
    known = session["customer"] or session["customer_creation"] == "always"
    return bool(options.get("payment_method_save") == "enabled" and known)


def expire_session(account: Account, session: Json) -> Json:
    """Close an open session for good; an intent that was begun is cancelled."""
    if session["payment_intent"]:
        cancel_intent(account, account.fetch("payment_intent", session["payment_intent"]), "expired")
    if session["setup_intent"]:
        cancel_setup(account, account.fetch("setup_intent", session["setup_intent"]), "abandoned")
    session |= {"status": "expired", "url": None}
    account.save(session)
    account.emit("checkout.session.expired", session)
    return session


@when_concluded
def follow_payment(account: Account, intent: Json) -> None:
    """Complete the session whose intent is paid, authorized, in processing, or waits for its voucher to be paid.

    What comes later is told as well.
    """
    session = session_of(account, intent)
    if session is None or session["status"] == "expired":
        return
    is_paid = intent["status"] == "succeeded"
    if session["status"] == "open":
        if intent["status"] in ("succeeded", "requires_capture", "processing") or open_voucher(account, intent):
            _complete(account, session, intent, "paid" if is_paid else "unpaid")
        return
    if is_paid:
        account.save(session | {"payment_status": "paid"})
    if not is_manual(intent):
        kind = "async_payment_succeeded" if is_paid else "async_payment_failed"
        account.emit(f"checkout.session.{kind}", account.fetch("checkout.session", session["id"]))


@when_set_up
def follow_setup(account: Account, intent: Json) -> None:
    """Complete the session whose card was saved just now."""
    session = session_of(account, intent)
    if session and session["status"] == "open":
        _complete(account, session, intent, "no_payment_required")


def _complete(account: Account, session: Json, intent: Json, payment_status: str) -> None:
    billing = account.fetch("payment_method", intent["payment_method"])["billing_details"]
    known = session["customer_details"] or {}
    session |= {
        "customer": intent["customer"],
        "customer_details": skeleton(
            "session.Session.CustomerDetails",
            address=billing["address"] if session["mode"] == "payment" else None,
            email=known.get("email") or billing["email"],
            name=billing["name"],
            phone=billing["phone"],
            tax_exempt="none",
            tax_ids=[],
        ),
        "payment_status": payment_status,
        "status": "complete",
        "url": None,
    }
    account.save(session)
    _keep_email(account, intent["customer"], billing["email"])
    account.emit("checkout.session.completed", session)


def _keep_email(account: Account, customer_id: str | None, typed: str | None) -> None:
    """Give a customer without an e-mail address the one that was typed, as Checkout does.

    https://docs.stripe.com/api/checkout/sessions/create
    """
    customer = account.store.find(customer_id, "customer") if customer_id else None
    if typed and customer and not customer.get("deleted") and not customer["email"]:
        customers.update(account, {"email": typed}, customer["id"])


def _payment_intent_of(account: Account, session: Json, customer: str | None) -> Json:
    """Return the session's intent; it is made when the customer submits for the first time."""
    if session["payment_intent"]:
        return account.fetch("payment_intent", session["payment_intent"])
    facts = {"amount": session["amount_total"], "currency": session["currency"], "customer": customer}
    intent = new_intent(account, account.private(session["id"])["intent_data"] | facts)
    # Checkout decides itself how the customer may pay, so its intents do not.
    intent["automatic_payment_methods"] = None
    intent["payment_method_types"] = session["payment_method_types"]
    intent["payment_method_options"] = options_for(session["payment_method_types"])
    account.add(intent, owned_by(session))
    account.emit("payment_intent.created", intent)
    session["payment_intent"] = intent["id"]
    account.save(session)
    return intent


def _new_customer(account: Account, session: Json, method: Json) -> str | None:
    """Make a customer where the session wants one or has to have one to save the card for."""
    begun = session["payment_intent"] or session["setup_intent"]
    kept = begun and (account.store.find(begun) or {}).get("customer")
    if kept:
        return str(kept)
    needed = account.private(session["id"])["intent_data"].get("setup_future_usage")
    if session["customer_creation"] != "always" and not needed:
        return None
    billing = method["billing_details"]
    known = {"email": billing["email"] or session["customer_email"], "name": billing["name"]}
    created = customers.create(account, {name: value for name, value in known.items() if value})
    return str(created["id"])


def _allow_redisplay(account: Account, session: Json, method: Json, *, agreed: bool) -> None:
    """Mark a card that is going to be saved with whether the customer agreed to see it again."""
    private = account.private(session["id"])
    method["allow_redisplay"] = private["redisplay"] or ("always" if agreed else "limited")
    account.save(method, account.private(method["id"]) | {"saving_agreed": agreed})
