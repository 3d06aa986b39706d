"""One attempt to pay an intent: authenticate, charge or decline, and move the intent on.

A card is charged at once, an account is debited days later, a voucher is paid whenever its customer does, and a bank
to which the customer is redirected says yes or no there.

Used by the API, by the Checkout page, by the 3-D Secure page and by the readers, so that all of them agree.
"""

from __future__ import annotations

from collections.abc import Callable

from cashier.sandbox.engine.account import Account, agenda_action
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.objects.authentication import answers_challenge, close_challenge, open_challenge
from cashier.sandbox.objects.bank_accounts import ACCOUNTS, BankAccount, account_named
from cashier.sandbox.objects.bank_redirects import REDIRECTS
from cashier.sandbox.objects.charges import add_charge, end_pending
from cashier.sandbox.objects.declines import DECLINES, Decline
from cashier.sandbox.objects.method_types import DEBITS
from cashier.sandbox.objects.payment_methods import attach_to, test_card_of
from cashier.sandbox.objects.test_cards import Authentication
from cashier.sandbox.objects.vouchers import VOUCHERS, issue_voucher, open_voucher

_DELAY_SECONDS = 60
_RETURNED_SECONDS = 24 * 60 * 60

WhenConcluded = Callable[[Account, Json], None]
_when_concluded: list[WhenConcluded] = []


def when_concluded(listener: WhenConcluded) -> WhenConcluded:
    """Register ``function(account, intent)``, called when an attempt ended or takes its time, and after a capture."""
    _when_concluded.append(listener)
    return listener


def attempt(
    account: Account,
    intent: Json,
    method: Json,
    *,
    return_url: str | None = None,
    off_session: bool = False,
    may_challenge: bool = True,
) -> Decline | None:
    """Try to pay ``intent`` with ``method``; ``intent`` is changed and saved, and the events are out.

    Returns the decline, or nothing when the intent is paid, authorized, or waits: for 3-D Secure, for the bank to
    which the customer is redirected, or for a voucher to be paid.
    """
    close_challenge(account, intent)
    intent |= {"payment_method": method["id"], "next_action": None}
    if _wants_authentication(account, intent, method, off_session=off_session):
        if off_session or not may_challenge:
            return _conclude(account, intent, method, DECLINES["authentication_required"])
        intent["status"] = "requires_action"
        intent["next_action"] = open_challenge(account, intent, return_url)
        account.save(intent)
        account.emit("payment_intent.requires_action", intent)
        return None
    if method["type"] in VOUCHERS:
        intent |= {"last_payment_error": None, "next_action": issue_voucher(account, intent, method)}
        intent["status"] = "requires_action"
        account.save(intent)
        account.emit("payment_intent.requires_action", intent)
        tell_concluded(account, intent)
        return None
    return _conclude(account, intent, method, _decline_of(account, method))


@answers_challenge("payment_intent")
def _go_on(account: Account, intent: Json, passed: bool) -> Json:
    """Go on with the attempt that waited for its challenge."""
    method = account.fetch("payment_method", intent["payment_method"])
    if passed:
        if intent["setup_future_usage"] or account.private(method["id"]).get("saving_agreed"):
            account.save(method, account.private(method["id"]) | {"set_up": True})
        _conclude(account, intent, method, _decline_of(account, method), authenticated=True)
        return intent
    message = (
        "The customer did not approve the PaymentIntent. Provide a new payment method to attempt to fulfill this "
        "PaymentIntent again."
        if method["type"] in REDIRECTS
        else "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
        "PaymentMethod to attempt to fulfill this PaymentIntent again."
    )
    error = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": message,
        "payment_method": method,
        "type": "invalid_request_error",
    }
    _fail(account, intent, error)
    return intent


def _wants_authentication(account: Account, intent: Json, method: Json, *, off_session: bool) -> bool:
    if method["type"] in REDIRECTS:
        return True
    if method["type"] != "card" or account.private(method["id"]).get("moto"):
        return False
    wish = test_card_of(account, method["id"]).authentication
    if wish == Authentication.REQUIRED:
        return True
    if wish == Authentication.REQUIRED_UNLESS_SET_UP:
        return not account.private(method["id"]).get("set_up", False)
    if wish == Authentication.ALREADY_SET_UP:
        return not off_session
    options = (intent["payment_method_options"] or {}).get("card") or {}
    return wish == Authentication.OPTIONAL and options.get("request_three_d_secure") in ("any", "challenge")


def _decline_of(account: Account, method: Json) -> Decline | None:
    if account.forced_declines:
        return DECLINES[account.forced_declines.popleft()]
    name = test_card_of(account, method["id"]).decline
    return DECLINES[name] if name else None


def is_manual(intent: Json) -> bool:
    """Tell whether a successful attempt only authorizes."""
    card = (intent["payment_method_options"] or {}).get("card") or {}
    return bool(intent["capture_method"] == "manual" or card.get("capture_method") == "manual")


def _conclude(
    account: Account, intent: Json, method: Json, decline: Decline | None, *, authenticated: bool = False
) -> Decline | None:
    if account.forced_delays:
        _delay(account, intent, account.forced_delays.popleft(), authenticated=authenticated)
        return None
    bank_account = account_named(account.private(method["id"]))
    if bank_account is not None:
        _debit(account, intent, method, bank_account)
        return None
    return _charge(account, intent, method, decline, authenticated=authenticated)


def _delay(account: Account, intent: Json, outcome: str, *, authenticated: bool) -> None:
    """Keep the attempt in processing, as with methods that take their time, until it ends with ``outcome``."""
    intent |= {"last_payment_error": None, "next_action": None, "status": "processing"}
    delayed = {"outcome": outcome, "authenticated": authenticated}
    account.save(intent, account.private(intent["id"]) | {"delayed": delayed})
    account.emit("payment_intent.processing", intent)
    account.later(_DELAY_SECONDS, "delayed payment ends", intent["id"])
    tell_concluded(account, intent)


def _debit(account: Account, intent: Json, method: Json, bank_account: BankAccount) -> None:
    """Ask a bank for the money: its charge is pending until the bank decides."""
    charge = add_charge(account, method, is_pending=True, captured=True, **_charge_facts(intent))
    intent |= {"last_payment_error": None, "latest_charge": charge["id"], "status": "processing"}
    account.save(intent)
    account.emit("payment_intent.processing", intent)
    account.later(bank_account.seconds, "bank decides on debit", intent["id"])
    tell_concluded(account, intent)


@agenda_action("bank decides on debit")
def _end_debit(account: Account, intent_id: str) -> None:
    intent = account.fetch("payment_intent", intent_id)
    if intent["status"] != "processing":
        return
    method = account.fetch("payment_method", intent["payment_method"])
    bank_account = ACCOUNTS[account.private(method["id"])["bank_account"]]
    charge = end_pending(account, account.fetch("charge", intent["latest_charge"]), bank_account.failure)
    if bank_account.failure is not None:
        error = bank_account.failure.error_facts(charge["id"]) | {"type": "invalid_request_error"}
        _fail(account, intent, {**error, "payment_method": method})
        return
    intent |= {"amount_received": intent["amount"], "next_action": None, "status": "succeeded"}
    account.save(intent)
    account.emit("payment_intent.succeeded", intent)
    tell_concluded(account, intent)
    if bank_account.returned is not None:
        account.later(_RETURNED_SECONDS, "bank takes debit back", charge["id"])


@agenda_action("voucher ends")
def _end_voucher_in_time(account: Account, voucher_id: str) -> None:
    end_voucher(account, voucher_id, paid=account.fetch("sandbox.voucher", voucher_id)["is_paid"])


def end_voucher(account: Account, voucher_id: str, *, paid: bool) -> Json:
    """Let a voucher be paid, or run out, and return its intent; one that counts no more changes nothing.

    Inside a transaction only. Raises ``resource_missing`` for an unknown voucher.
    """
    voucher = account.fetch("sandbox.voucher", voucher_id)
    intent = account.fetch("payment_intent", voucher["intent"])
    current = open_voucher(account, intent)
    if current is None or current["id"] != voucher_id:
        return intent
    method = account.fetch("payment_method", intent["payment_method"])
    if paid:
        _charge(account, intent, method, None, authenticated=False)
        return intent
    error = {
        "code": "payment_intent_payment_attempt_expired",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-payment-attempt-expired",
        "message": "The latest payment attempt for the PaymentIntent has expired. Check the last_payment_error "
        "property on the PaymentIntent for more details, and provide a new payment method to attempt to fulfill this "
        "PaymentIntent again.",
        "payment_method": method,
        "type": "invalid_request_error",
    }
    _fail(account, intent, error)
    return intent


@agenda_action("delayed payment ends")
def _end_delay(account: Account, intent_id: str) -> None:
    intent = account.fetch("payment_intent", intent_id)
    if intent["status"] != "processing":
        return
    delayed = account.private(intent_id)["delayed"]
    decline = None if delayed["outcome"] == "succeeded" else DECLINES[delayed["outcome"]]
    method = account.fetch("payment_method", intent["payment_method"])
    _charge(account, intent, method, decline, authenticated=delayed["authenticated"])


def _charge(
    account: Account, intent: Json, method: Json, decline: Decline | None, *, authenticated: bool
) -> Decline | None:
    manual = is_manual(intent)
    charge = add_charge(
        account,
        method,
        captured=not manual,
        decline=decline,
        authenticated=authenticated,
        **_charge_facts(intent),
    )
    intent["latest_charge"] = charge["id"]
    if decline:
        _fail(account, intent, {**decline.error_facts(charge["id"]), "payment_method": method})
        return decline
    _keep_card(account, intent, method)
    intent |= {"last_payment_error": None, "next_action": None}
    if manual:
        intent |= {"amount_capturable": intent["amount"], "status": "requires_capture"}
    else:
        intent |= {"amount_received": intent["amount"], "status": "succeeded"}
    account.save(intent)
    account.emit("payment_intent.amount_capturable_updated" if manual else "payment_intent.succeeded", intent)
    tell_concluded(account, intent)
    return None


def _charge_facts(intent: Json) -> Json:
    """Return what a charge takes over from its intent."""
    same = (
        "currency", "customer", "description", "metadata", "receipt_email", "shipping", "statement_descriptor",
        "statement_descriptor_suffix", "transfer_group",
    )  # fmt: skip
    facts: Json = {name: intent[name] for name in same}
    return facts | {"amount_minor": intent["amount"], "payment_intent": intent["id"]}


def _fail(account: Account, intent: Json, error: Json) -> None:
    intent |= {
        "last_payment_error": error,
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    account.save(intent)
    account.emit("payment_intent.payment_failed", intent)
    tell_concluded(account, intent)


def _keep_card(account: Account, intent: Json, method: Json) -> None:
    """Save the card for the customer when that was asked for; otherwise an unsaved card is spent now."""
    if method["customer"] is not None:
        return
    agreed = account.private(method["id"]).get("saving_agreed")
    is_reusable = method["type"] in ("card", *DEBITS)
    if intent["customer"] and (intent["setup_future_usage"] or agreed) and is_reusable:
        attach_to(account, method, intent["customer"])
    else:
        account.save(method, account.private(method["id"]) | {"spent": True})


def tell_concluded(account: Account, intent: Json) -> None:
    """Let the other rooms follow an intent that moved on; a later capture is told as well."""
    for listener in _when_concluded:
        listener(account, intent)
