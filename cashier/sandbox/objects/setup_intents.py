"""Setup intents: a card on its way to being saved, without a payment. https://docs.stripe.com/api/setup_intents"""

from __future__ import annotations

from collections.abc import Callable

from cashier.sandbox.checkout.checkout_ownership import refuse_for_checkout
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid
from cashier.sandbox.engine.ids import new_id, random_text
from cashier.sandbox.engine.lists import answer_list, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.authentication import answers_challenge, close_challenge, open_challenge, way_back
from cashier.sandbox.objects.confirmation_tokens import without_confirmation_token
from cashier.sandbox.objects.declines import DECLINES, Decline, declined
from cashier.sandbox.objects.intents import fetch_with_secret, method_of, refuse_without_confirm
from cashier.sandbox.objects.payment_methods import attach_to, test_card_of
from cashier.sandbox.objects.test_cards import Authentication

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_ONLY_WITH_CONFIRM = ("return_url", "use_stripe_sdk", "mandate_data")
_NEEDS_AUTHENTICATION = (Authentication.REQUIRED, Authentication.REQUIRED_UNLESS_SET_UP)

WhenSetUp = Callable[[Account, Json], None]
_when_set_up: list[WhenSetUp] = []


def when_set_up(listener: WhenSetUp) -> WhenSetUp:
    """Register ``function(account, intent)``, called after each card that was set up."""
    _when_set_up.append(listener)
    return listener


@operation("POST", "/v1/setup_intents")
def create(account: Account, params: Json) -> Json:
    """Make a setup intent, and confirm it at once when asked to."""
    confirm_now = params.get("confirm", False)
    params = without_confirmation_token(account, params, confirming=confirm_now)
    refuse_without_confirm("setup_intent", params, _ONLY_WITH_CONFIRM)
    intent = new_setup_intent(account, params)
    method = method_of(account, intent, params)
    if method:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    if confirm_now:
        _check_confirmable(intent, params)
    account.add(intent)
    account.emit("setup_intent.created", intent)
    return _confirmed(account, intent, params) if confirm_now else intent


@operation("GET", "/v1/setup_intents/{intent}")
def retrieve(account: Account, params: Json, intent_id: str) -> Json:
    """Return a setup intent; a client secret that is given has to be its own."""
    return fetch_with_secret(account, "setup_intent", intent_id, params.get("client_secret"))


@operation("POST", "/v1/setup_intents/{intent}")
def update(account: Account, params: Json, intent_id: str) -> Json:
    """Change a setup intent; what concerns the card only while it is open."""
    intent = account.fetch("setup_intent", intent_id)
    for name in ("customer", "payment_method", "payment_method_data"):
        if name in params:
            refuse_for_checkout(account, intent, "update", name)
        if name in params and intent["status"] not in _OPEN:
            raise _unexpected_state(intent, f"cannot get another {name}", "updated")
    if "customer" in params:
        account.fetch("customer", params["customer"], param="customer")
        intent["customer"] = params["customer"]
    _take(intent, params)
    method = method_of(account, intent, params)
    if method:
        close_challenge(account, intent)
        intent |= {"next_action": None, "payment_method": method["id"], "status": "requires_confirmation"}
    return account.save(intent)


@operation("GET", "/v1/setup_intents")
def list_all(account: Account, params: Json) -> Json:
    """List setup intents."""
    conditions = equal_where_given(params, "customer", "payment_method")
    return answer_list(account, "setup_intent", params, "/v1/setup_intents", conditions)


@operation("POST", "/v1/setup_intents/{intent}/confirm")
def confirm(account: Account, params: Json, intent_id: str) -> Json:
    """Try to set up the card."""
    intent = account.fetch("setup_intent", intent_id)
    refuse_for_checkout(account, intent, "confirm")
    if intent["status"] not in _OPEN:
        raise _unexpected_state(intent, "could not be confirmed", "confirmed")
    params = without_confirmation_token(account, params, confirming=True)
    _take(intent, params)
    method = method_of(account, intent, params)
    if method:
        intent["payment_method"] = method["id"]
    _check_confirmable(intent, params)
    return _confirmed(account, intent, params)


@operation("POST", "/v1/setup_intents/{intent}/cancel")
def cancel(account: Account, params: Json, intent_id: str) -> Json:
    """Cancel a setup intent that did not succeed."""
    intent = account.fetch("setup_intent", intent_id)
    refuse_for_checkout(account, intent, "cancel")
    return cancel_setup(account, intent, params.get("cancellation_reason"))


def new_setup_intent(account: Account, params: Json) -> Json:
    """Build a setup intent from the parameters of a create, without adding it; Checkout makes its own this way."""
    if params.get("customer"):
        account.fetch("customer", params["customer"], param="customer")
    if "single_use" in params:
        raise invalid("Single-use mandates are not valid for cards.", param="single_use")
    intent_id = new_id("seti")
    allowed = params.get("allowed_payment_method_types")
    # A request without a version has that of the account, which is from before Stripe chose by itself.
    by_itself = not allowed and account.request.is_pinned
    automatic = params.get("automatic_payment_methods") or ({"enabled": True} if by_itself else {})
    types = allowed or ["card"]
    intent = skeleton(
        "setup_intent",
        id=intent_id,
        allowed_payment_method_types=allowed,
        automatic_payment_methods={"allow_redirects": "always", **automatic} if automatic.get("enabled") else None,
        client_secret=f"{intent_id}_secret_{random_text(25)}",
        created=account.now,
        customer=params.get("customer"),
        livemode=False,
        metadata={},
        payment_method_options=_options_for(types),
        payment_method_types=types,
        status="requires_payment_method",
        usage=params.get("usage") or "off_session",
    )
    _take(intent, params)
    return intent


def set_up(account: Account, intent: Json, method: Json, *, return_url: str | None = None) -> Decline | None:
    """Try to set up ``method``; ``intent`` is changed and saved, and the events are out.

    Returns the decline, or nothing when the card is saved or waits for 3-D Secure. Used by the API, by Checkout
    and by the readers.
    """
    close_challenge(account, intent)
    intent |= {"payment_method": method["id"], "next_action": None}
    if method["type"] == "card" and test_card_of(account, method["id"]).authentication in _NEEDS_AUTHENTICATION:
        intent |= {"status": "requires_action", "next_action": open_challenge(account, intent, return_url)}
        account.save(intent)
        account.emit("setup_intent.requires_action", intent)
        return None
    return _conclude(account, intent, method)


def cancel_setup(account: Account, intent: Json, reason: str | None) -> Json:
    """Cancel ``intent`` unless it is over already."""
    if intent["status"] not in _OPEN:
        raise _unexpected_state(intent, "could not be canceled", "canceled")
    close_challenge(account, intent)
    intent |= {"cancellation_reason": reason, "next_action": None, "status": "canceled"}
    account.save(intent)
    account.emit("setup_intent.canceled", intent)
    return intent


@answers_challenge("setup_intent")
def _go_on(account: Account, intent: Json, passed: bool) -> Json:
    """Go on with the setup that waited for its challenge."""
    method = account.fetch("payment_method", intent["payment_method"])
    if passed:
        _conclude(account, intent, method, authenticated=True)
        return intent
    error = {
        "code": "setup_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/setup-intent-authentication-failure",
        "message": "The latest attempt to set up the payment method has failed because authentication failed.",
        "payment_method": method,
        "type": "invalid_request_error",
    }
    _fail(account, intent, method, error)
    return intent


def _conclude(account: Account, intent: Json, method: Json, *, authenticated: bool = False) -> Decline | None:
    test_card = test_card_of(account, method["id"])
    name = account.forced_declines.popleft() if account.forced_declines else test_card.decline
    if name and (name != test_card.decline or not test_card.attachable):
        decline = DECLINES[name]
        _fail(account, intent, method, {**decline.error_facts(None), "payment_method": method})
        return decline
    account.save(method, account.private(method["id"]) | {"set_up": True})
    # A card that was read by a reader cannot be charged again itself; the reader saves a copy that can.
    if intent["customer"] and method["type"] == "card":
        attach_to(account, method, intent["customer"])
    attempt = _add_attempt(account, intent, method, "succeeded", authenticated=authenticated)
    intent |= {"last_setup_error": None, "latest_attempt": attempt, "next_action": None, "status": "succeeded"}
    account.save(intent)
    account.emit("setup_intent.succeeded", intent)
    for listener in _when_set_up:
        listener(account, intent)
    return None


def _fail(account: Account, intent: Json, method: Json, error: Json) -> None:
    intent |= {
        "last_setup_error": error,
        "latest_attempt": _add_attempt(account, intent, method, "failed", error=error),
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    account.save(intent)
    account.emit("setup_intent.setup_failed", intent)


def _add_attempt(
    account: Account,
    intent: Json,
    method: Json,
    status: str,
    *,
    authenticated: bool = False,
    error: Json | None = None,
) -> str:
    details: Json = {}
    if method["type"] == "card":
        shown = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
        card = method["card"]
        details = skeleton(
            "setup_attempt.SetupAttempt.PaymentMethodDetails.Card",
            network=card["brand"],
            three_d_secure={"authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0"}
            if authenticated
            else None,
            **{name: card[name] for name in shown},
        )
    attempt = skeleton(
        "setup_attempt",
        id=new_id("setatt"),
        created=account.now,
        customer=intent["customer"],
        livemode=False,
        payment_method=method["id"],
        payment_method_details={method["type"]: details, "type": method["type"]},
        setup_error=error,
        setup_intent=intent["id"],
        status=status,
        usage=intent["usage"],
    )
    attempt_id: str = account.add(attempt)["id"]
    return attempt_id


def _options_for(types: list[str]) -> Json:
    options: Json = {}
    if "card" in types:
        options["card"] = {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
    if "card_present" in types:
        options["card_present"] = {}
    return options


def _take(intent: Json, params: Json) -> None:
    if "description" in params:
        intent["description"] = params["description"]
    if "metadata" in params:
        intent["metadata"] = merged_metadata(intent["metadata"], params["metadata"])
    types = params.get("allowed_payment_method_types")
    if types:
        intent |= {"allowed_payment_method_types": types, "payment_method_types": types}
        intent["payment_method_options"] = _options_for(types)
    card = (params.get("payment_method_options") or {}).get("card")
    if card:
        intent["payment_method_options"]["card"] = intent["payment_method_options"].get("card", {}) | {
            name: value for name, value in card.items() if name not in ("moto", "three_d_secure")
        }


def _check_confirmable(intent: Json, params: Json) -> None:
    if not intent["payment_method"]:
        raise StripeFailure(
            400,
            "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with "
            "a payment method and then confirm it again.",
            code="setup_intent_unexpected_state",
            setup_intent=intent,
        )
    automatic = intent["automatic_payment_methods"]
    may_redirect = automatic is not None and automatic["allow_redirects"] != "never"
    if may_redirect and not params.get("use_stripe_sdk") and not params.get("return_url"):
        raise invalid(
            "This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
            "these payment methods might redirect your customer off of your page, you must provide a `return_url`. "
            "If you don't want to accept redirect-based payment methods, set "
            "`automatic_payment_methods[allow_redirects]` to `never`.",
        )


def _confirmed(account: Account, intent: Json, params: Json) -> Json:
    method = account.fetch("payment_method", intent["payment_method"])
    decline = set_up(account, intent, method, return_url=way_back(account, params))
    if decline:
        raise declined(decline, keeps_changes=True, payment_method=method, setup_intent=intent)
    return intent


def _unexpected_state(intent: Json, what: str, verb: str) -> StripeFailure:
    return StripeFailure(
        400,
        f"This SetupIntent {what} because it has a status of {intent['status']}. Only a SetupIntent with one of the "
        f"following statuses may be {verb}: {', '.join(_OPEN)}.",
        code="setup_intent_unexpected_state",
        setup_intent=intent,
    )
