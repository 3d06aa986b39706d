"""Payment intents: one amount on its way to being paid. https://docs.stripe.com/api/payment_intents"""

from __future__ import annotations

from cashier.sandbox.checkout.checkout_ownership import refuse_for_checkout
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid
from cashier.sandbox.engine.ids import new_id, random_text
from cashier.sandbox.engine.lists import answer_list, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.search import Searchable, answer_search
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.amounts import check_amount, checked_currency
from cashier.sandbox.objects.authentication import close_challenge, way_back
from cashier.sandbox.objects.bank_redirects import REDIRECTS
from cashier.sandbox.objects.charges import capture_charge, release_charge
from cashier.sandbox.objects.confirmation_tokens import without_confirmation_token
from cashier.sandbox.objects.declines import declined
from cashier.sandbox.objects.intents import fetch_with_secret, method_of, refuse_without_confirm
from cashier.sandbox.objects.method_types import METHOD_TYPES, check_types
from cashier.sandbox.objects.payment_attempts import attempt, tell_concluded

_BEFORE_PAYMENT = ("requires_payment_method", "requires_confirmation", "requires_action")
_CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)
_SEARCHABLE = Searchable(
    numbers=frozenset({"amount", "created"}), texts=frozenset({"currency", "customer", "status"})
)
# Parameters that are kept as they come, on create, update and confirm.
_PLAIN = (
    "description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
    "statement_descriptor_suffix", "transfer_group", "capture_method", "excluded_payment_method_types",
)  # fmt: skip
_ONLY_WITH_CONFIRM = ("error_on_requires_action", "off_session", "return_url", "use_stripe_sdk", "mandate_data")


@operation("POST", "/v1/payment_intents")
def create(account: Account, params: Json) -> Json:
    """Make a payment intent, and confirm it at once when asked to."""
    confirm_now = params.get("confirm", False)
    params = without_confirmation_token(account, params, confirming=confirm_now)
    refuse_without_confirm("payment_intent", params, _ONLY_WITH_CONFIRM)
    if params.get("customer"):
        account.fetch("customer", params["customer"], param="customer")
    intent = new_intent(account, params)
    method = method_of(account, intent, params)
    if method:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    if confirm_now:
        _check_confirmable(intent, params)
    account.add(intent)
    account.emit("payment_intent.created", intent)
    return _confirmed(account, intent, params) if confirm_now else intent


@operation("GET", "/v1/payment_intents/{intent}")
def retrieve(account: Account, params: Json, intent_id: str) -> Json:
    """Return a payment intent; a client secret that is given has to be its own."""
    return fetch_with_secret(account, "payment_intent", intent_id, params.get("client_secret"))


@operation("POST", "/v1/payment_intents/{intent}")
def update(account: Account, params: Json, intent_id: str) -> Json:
    """Change an intent; once it is paid or cancelled only what does not touch the money."""
    intent = account.fetch("payment_intent", intent_id)
    for name in ("amount", "currency", "customer", "payment_method", "payment_method_data", "setup_future_usage"):
        if name in params:
            refuse_for_checkout(account, intent, "update", name)
        if name in params and intent["status"] not in _BEFORE_PAYMENT:
            raise unexpected_state(intent, f"cannot get another {name}", _BEFORE_PAYMENT, "updated")
    if "currency" in params:
        intent["currency"] = checked_currency(params["currency"])
    if "amount" in params:
        check_amount(params["amount"], intent["currency"])
        intent["amount"] = params["amount"]
    if "customer" in params:
        account.fetch("customer", params["customer"], param="customer")
        intent["customer"] = params["customer"]
    _take_plain(intent, params)
    method = method_of(account, intent, params)
    if method:
        close_challenge(account, intent)
        intent |= {"next_action": None, "payment_method": method["id"], "status": "requires_confirmation"}
    return account.save(intent)


@operation("GET", "/v1/payment_intents")
def list_all(account: Account, params: Json) -> Json:
    """List payment intents."""
    return answer_list(
        account, "payment_intent", params, "/v1/payment_intents", equal_where_given(params, "customer")
    )


@operation("GET", "/v1/payment_intents/search")
def search(account: Account, params: Json) -> Json:
    """Search payment intents."""
    return answer_search(account, "payment_intent", params, "/v1/payment_intents/search", _SEARCHABLE)


@operation("POST", "/v1/payment_intents/{intent}/confirm")
def confirm(account: Account, params: Json, intent_id: str) -> Json:
    """Try to pay the intent."""
    intent = account.fetch("payment_intent", intent_id)
    refuse_for_checkout(account, intent, "confirm")
    if intent["status"] not in _BEFORE_PAYMENT:
        raise unexpected_state(intent, "could not be confirmed", _BEFORE_PAYMENT, "confirmed")
    params = without_confirmation_token(account, params, confirming=True)
    if params.get("amount_to_confirm", intent["amount"]) != intent["amount"]:
        raise invalid(
            "The amount_to_confirm does not match the amount of the PaymentIntent.", param="amount_to_confirm"
        )
    _take_plain(intent, params)
    method = method_of(account, intent, params)
    if method:
        intent["payment_method"] = method["id"]
    _check_confirmable(intent, params)
    return _confirmed(account, intent, params)


@operation("POST", "/v1/payment_intents/{intent}/cancel")
def cancel(account: Account, params: Json, intent_id: str) -> Json:
    """Cancel an intent that is not paid; what was authorized goes back to the card."""
    intent = account.fetch("payment_intent", intent_id)
    refuse_for_checkout(account, intent, "cancel")
    return cancel_intent(account, intent, params.get("cancellation_reason"))


@operation("POST", "/v1/payment_intents/{intent}/capture")
def capture(account: Account, params: Json, intent_id: str) -> Json:
    """Take the money that was authorized, or a part of it."""
    intent = account.fetch("payment_intent", intent_id)
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "could not be captured", ("requires_capture",), "captured")
    amount = params["amount_to_capture"] if "amount_to_capture" in params else intent["amount_capturable"]
    if "metadata" in params:
        intent["metadata"] = merged_metadata(intent["metadata"], params["metadata"])
    charge = account.fetch("charge", intent["latest_charge"])
    capture_charge(account, charge, amount, param="amount_to_capture")
    intent |= {"amount_capturable": 0, "amount_received": amount, "status": "succeeded"}
    account.save(intent)
    account.emit("payment_intent.succeeded", intent)
    tell_concluded(account, intent)
    return intent


@operation("POST", "/v1/payment_intents/{intent}/increment_authorization")
def increment_authorization(account: Account, params: Json, intent_id: str) -> Json:
    """Raise an authorized amount, where the intent asked for that possibility."""
    intent = account.fetch("payment_intent", intent_id)
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "could not be incremented", ("requires_capture",), "incremented")
    options = (intent["payment_method_options"] or {}).get("card") or {}
    if options.get("request_incremental_authorization") != "if_available":
        raise invalid(
            "This PaymentIntent is not eligible for incremental authorization: it was not requested with "
            "payment_method_options[card][request_incremental_authorization].",
            code="payment_intent_unexpected_state",
        )
    amount = params["amount"]
    if amount <= intent["amount"]:
        raise invalid("The amount must be greater than the currently authorized amount.", param="amount")
    check_amount(amount, intent["currency"])
    charge = account.fetch("charge", intent["latest_charge"])
    charge["amount"] = amount
    charge["payment_method_details"]["card"]["amount_authorized"] = amount
    account.save(charge)
    intent |= {"amount": amount, "amount_capturable": amount}
    intent |= {name: params[name] for name in ("description", "statement_descriptor") if name in params}
    if "metadata" in params:
        intent["metadata"] = merged_metadata(intent["metadata"], params["metadata"])
    account.save(intent)
    account.emit("payment_intent.amount_capturable_updated", intent)
    return intent


def new_intent(account: Account, params: Json) -> Json:
    """Build an intent from the parameters of a create, without adding it; Checkout makes its own this way too."""
    currency = checked_currency(params["currency"])
    check_amount(params["amount"], currency)
    intent_id = new_id("pi")
    allowed = params.get("allowed_payment_method_types")
    check_types(allowed or (), currency, param="allowed_payment_method_types")
    # A request without a version has that of the account, which is from before Stripe chose by itself.
    by_itself = not allowed and account.request.is_pinned
    automatic = params.get("automatic_payment_methods") or ({"enabled": True} if by_itself else {})
    intent = skeleton(
        "payment_intent",
        id=intent_id,
        allowed_payment_method_types=allowed,
        amount=params["amount"],
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        automatic_payment_methods={"allow_redirects": "always", **automatic} if automatic.get("enabled") else None,
        capture_method=params.get("capture_method") or "automatic_async",
        client_secret=f"{intent_id}_secret_{random_text(25)}",
        confirmation_method=params.get("confirmation_method", "automatic"),
        created=account.now,
        currency=currency,
        customer=params.get("customer"),
        livemode=False,
        metadata={},
        payment_method_options=options_for(allowed or ["card"]),
        payment_method_types=allowed or ["card"],
        status="requires_payment_method",
    )
    _take_plain(intent, params)
    return intent


def cancel_intent(account: Account, intent: Json, reason: str | None) -> Json:
    """Cancel ``intent`` unless it is paid or cancelled already; Checkout does it when a session expires."""
    if intent["status"] not in _CANCELABLE:
        raise unexpected_state(intent, "could not be canceled", _CANCELABLE, "canceled")
    if intent["status"] == "requires_capture":
        release_charge(account, account.fetch("charge", intent["latest_charge"]))
    close_challenge(account, intent)
    intent |= {
        "amount_capturable": 0,
        "canceled_at": account.now,
        "cancellation_reason": reason,
        "next_action": None,
        "status": "canceled",
    }
    account.save(intent)
    account.emit("payment_intent.canceled", intent)
    return intent


def unexpected_state(intent: Json, what: str, allowed: tuple[str, ...], verb: str) -> StripeFailure:
    """Refuse what an intent's status does not allow; the error carries the intent."""
    return StripeFailure(
        400,
        f"This PaymentIntent {what} because it has a status of {intent['status']}. Only a PaymentIntent with one of "
        f"the following statuses may be {verb}: {', '.join(allowed)}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )


_CARD_OPTIONS: Json = {
    "installments": None,
    "mandate_options": None,
    "network": None,
    "request_three_d_secure": "automatic",
}
_OPTIONS: Json = {
    **{name: row.options for name, row in METHOD_TYPES.items()},
    "card": _CARD_OPTIONS,
    "card_present": {"request_extended_authorization": False, "request_incremental_authorization_support": False},
}


def options_for(types: list[str]) -> Json:
    """Return the options that an intent of these ``types`` begins with."""
    return {name: options for name, options in _OPTIONS.items() if name in types}


def _take_plain(intent: Json, params: Json) -> None:
    intent |= {name: params[name] for name in _PLAIN if name in params}
    if "metadata" in params:
        intent["metadata"] = merged_metadata(intent["metadata"], params["metadata"])
    if params.get("allowed_payment_method_types"):
        types = params["allowed_payment_method_types"]
        check_types(types, intent["currency"], param="allowed_payment_method_types")
        intent |= {"allowed_payment_method_types": types, "payment_method_types": types}
        intent["payment_method_options"] = options_for(types) | {
            name: options for name, options in intent["payment_method_options"].items() if name in types
        }
    card = (params.get("payment_method_options") or {}).get("card")
    if card:
        current = (intent["payment_method_options"] or {}).get("card") or _CARD_OPTIONS
        public = {name: value for name, value in card.items() if name not in ("cvc_token", "moto", "three_d_secure")}
        intent["payment_method_options"] = intent["payment_method_options"] | {"card": current | public}


def _check_confirmable(intent: Json, params: Json) -> None:
    if not intent["payment_method"]:
        raise StripeFailure(
            400,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    if params.get("off_session") and intent["setup_future_usage"]:
        raise invalid(
            "You cannot confirm with `off_session=true` when `setup_future_usage` is also set on the PaymentIntent. "
            "The customer needs to be on-session to perform the steps which may be required to set up the "
            "PaymentMethod for future usage.",
            param="off_session",
        )
    automatic = intent["automatic_payment_methods"]
    may_redirect = automatic is not None and automatic["allow_redirects"] != "never"
    present = not params.get("off_session") and not params.get("use_stripe_sdk")
    if may_redirect and present and not params.get("return_url"):
        raise invalid(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. "
            "If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` "
            "to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and "
            "Payment Intents.",
        )


def _confirmed(account: Account, intent: Json, params: Json) -> Json:
    method = account.fetch("payment_method", intent["payment_method"])
    if method["type"] in REDIRECTS and not params.get("return_url"):
        raise invalid(
            f"You must provide a `return_url` when confirming a PaymentIntent with a PaymentMethod of type "
            f"`{method['type']}`, which redirects the customer.",
            param="return_url",
        )
    decline = attempt(
        account,
        intent,
        method,
        return_url=params["return_url"] if method["type"] in REDIRECTS else way_back(account, params),
        off_session=bool(params.get("off_session")),
        may_challenge=not params.get("error_on_requires_action", False),
    )
    if decline:
        raise declined(
            decline,
            charge_id=intent["latest_charge"],
            keeps_changes=True,
            payment_intent=intent,
            payment_method=method,
        )
    return intent
