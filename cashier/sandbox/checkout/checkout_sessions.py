"""Checkout Sessions: a customer pays, or saves a card, on a hosted page. https://docs.stripe.com/api/checkout/sessions

The page itself is ``checkout_page``; what happens when the customer pays is ``checkout_payment``.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from cashier.sandbox.checkout.checkout_items import add_items, build_items
from cashier.sandbox.checkout.checkout_payment import expire_session, open_setup
from cashier.sandbox.engine.account import Account, agenda_action
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.amounts import check_total, checked_currency
from cashier.sandbox.objects.method_types import check_types

_EXPIRES_DEFAULT_SECONDS = 24 * 60 * 60
_EXPIRES_MIN_SECONDS = 30 * 60
_CLIENT_REFERENCE_MAX = 200

# What the sandbox's page can do. Everything else is refused rather than ignored.
_OFFERED = frozenset(
    {
        "adaptive_pricing",
        "allowed_payment_method_types",
        "billing_address_collection",
        "cancel_url",
        "client_reference_id",
        "currency",
        "customer",
        "customer_creation",
        "customer_email",
        "expires_at",
        "line_items",
        "locale",
        "metadata",
        "mode",
        "payment_intent_data",
        "payment_method_data",
        "saved_payment_method_options",
        "setup_intent_data",
        "submit_type",
        "success_url",
        "ui_mode",
    }
)
_OFFERED_INTENT_DATA = frozenset(
    {
        "capture_method",
        "description",
        "metadata",
        "receipt_email",
        "setup_future_usage",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
    }
)
_OF_THE_OTHER_MODE = {
    "payment": {"setup_intent_data"},
    "setup": {"line_items", "payment_intent_data", "saved_payment_method_options", "submit_type"},
}


@operation("POST", "/v1/checkout/sessions")
def create(account: Account, params: Json) -> Json:
    """Open a session; its ``url`` is the page on which the customer pays or saves a card."""
    _refuse_what_is_not_offered(params)
    for name in ("success_url", "cancel_url"):
        _check_url(params, name)
    session = _session(account, params, _customer_of(account, params))
    session["expires_at"] = _expiry_of(account, params)
    items = _priced(account, session, params) if session["mode"] == "payment" else []
    if items:
        check_types(session["payment_method_types"], session["currency"], param="allowed_payment_method_types")
    redisplay = (params.get("payment_method_data") or {}).get("allow_redisplay")
    account.add(session, {"intent_data": _intent_data(params), "redisplay": redisplay})
    add_items(account, session["id"], items)
    if session["mode"] == "setup":
        open_setup(account, session, params.get("setup_intent_data") or {})
    account.later(session["expires_at"] - account.clock.precise(), "checkout session expires", session["id"])
    return account.fetch("checkout.session", session["id"])


@operation("GET", "/v1/checkout/sessions/{session}")
def retrieve(account: Account, _params: Json, session_id: str) -> Json:
    """Return a session."""
    return account.fetch("checkout.session", session_id)


@operation("POST", "/v1/checkout/sessions/{session}")
def update(account: Account, params: Json, session_id: str) -> Json:
    """Change a session's metadata, and what its intent will be made with while nobody has paid."""
    session = account.fetch("checkout.session", session_id)
    refused = sorted(params.keys() - {"metadata", "payment_intent_data"})
    if refused:
        raise invalid(f"The sandbox does not offer to update `{refused[0]}` of a session.", param=refused[0])
    private = account.private(session_id)
    if "payment_intent_data" in params:
        if session["status"] != "open" or session["payment_intent"]:
            raise invalid(
                "The `payment_intent_data` of a Checkout Session can only be updated before the customer submits it.",
                param="payment_intent_data",
            )
        changed = params["payment_intent_data"]
        metadata = merged_metadata(private["intent_data"].get("metadata", {}), changed.get("metadata", {}))
        private["intent_data"] |= {**changed, "metadata": metadata}
    if "metadata" in params:
        session["metadata"] = merged_metadata(session["metadata"], params["metadata"])
    return account.save(session, private)


@operation("GET", "/v1/checkout/sessions")
def list_all(account: Account, params: Json) -> Json:
    """List sessions of a customer, an intent, a status or an e-mail address."""
    conditions = equal_where_given(params, "customer", "payment_intent", "payment_link", "status", "subscription")
    if params.get("customer_details"):
        conditions.append(equal("customer_details.email", params["customer_details"]["email"]))
    return answer_list(account, "checkout.session", params, "/v1/checkout/sessions", conditions)


@operation("POST", "/v1/checkout/sessions/{session}/expire")
def expire(account: Account, _params: Json, session_id: str) -> Json:
    """Take an open session out of the world: nobody can pay on it any more."""
    session = account.fetch("checkout.session", session_id)
    if session["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status '
            f"of {session['status']}."
        )
    return expire_session(account, session)


@agenda_action("checkout session expires")
def _expire_in_time(account: Account, session_id: str) -> None:
    session = account.store.find(session_id, "checkout.session")
    if session and session["status"] == "open":
        expire_session(account, session)


def _refuse_what_is_not_offered(params: Json) -> None:
    if "mode" not in params:
        raise missing_parameter("mode")
    if params["mode"] == "subscription":
        raise invalid("The sandbox offers `mode=payment` and `mode=setup` only.", param="mode")
    if params["mode"] == "setup" and not ("currency" in params or params.get("allowed_payment_method_types")):
        raise missing_parameter("currency")
    for name in sorted(params.keys() & _OF_THE_OTHER_MODE[params["mode"]]):
        raise invalid(f"You can not pass `{name}` in `{params['mode']}` mode.", param=name)
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise invalid("The sandbox offers `ui_mode=hosted_page` only.", param="ui_mode")
    refused = sorted(params.keys() - _OFFERED)
    if refused:
        raise invalid(f"The sandbox does not offer `{refused[0]}` for Checkout Sessions.", param=refused[0])
    for name in sorted((params.get("payment_intent_data") or {}).keys() - _OFFERED_INTENT_DATA):
        raise invalid(
            f"The sandbox does not offer `payment_intent_data[{name}]`.", param=f"payment_intent_data[{name}]"
        )
    types = params.get("allowed_payment_method_types") or ["card"]
    if params["mode"] == "setup" and types != ["card"]:
        raise invalid("The sandbox saves cards only.", param="allowed_payment_method_types")
    options = params.get("saved_payment_method_options") or {}
    if options.get("payment_method_remove") == "enabled":
        raise invalid(
            "The sandbox's page does not let customers remove cards.",
            param="saved_payment_method_options[payment_method_remove]",
        )
    if len(params.get("client_reference_id", "")) > _CLIENT_REFERENCE_MAX:
        raise invalid(
            f"Invalid string: must be at most {_CLIENT_REFERENCE_MAX} characters", param="client_reference_id"
        )


def _check_url(params: Json, name: str) -> None:
    if name not in params:
        if name == "success_url":
            raise missing_parameter(name)
        return
    parts = urlsplit(params[name])
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Not a valid URL", param=name, code="url_invalid")


def _customer_of(account: Account, params: Json) -> Json | None:
    if not params.get("customer"):
        return None
    for name in ("customer_email", "customer_creation"):
        if params.get(name):
            raise invalid(f"You may only specify one of these parameters: customer, {name}.", param=name)
    return account.fetch("customer", params["customer"], param="customer")


def _expiry_of(account: Account, params: Json) -> int:
    expires_at: int = params.get("expires_at", account.now + _EXPIRES_DEFAULT_SECONDS)
    if expires_at < account.now + _EXPIRES_MIN_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    if expires_at > account.now + _EXPIRES_DEFAULT_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return expires_at


def _intent_data(params: Json) -> Json:
    data: Json = dict(params.get("payment_intent_data") or {})
    return data | {"metadata": merged_metadata({}, data.get("metadata") or {})}


def _priced(account: Account, session: Json, params: Json) -> list[Json]:
    """Build the items of a payment and put their total into ``session``."""
    items = build_items(account, params.get("line_items") or [])
    total = sum(item["amount_total"] for item in items)
    currency = items[0]["currency"]
    if (params.get("currency") or currency).lower() != currency:
        raise invalid("The currency has to be the one of the line items.", param="currency")
    check_total(total, currency)
    session |= {"amount_subtotal": total, "amount_total": total, "currency": currency}
    return items


def _session(account: Account, params: Json, customer: Json | None) -> Json:
    """Build the session but for its amounts, its expiry and its intent."""
    session_id = new_id("cs_test")
    paying = params["mode"] == "payment"
    saving = params.get("saved_payment_method_options") or {}
    return skeleton(
        "checkout.session",
        id=session_id,
        adaptive_pricing={"enabled": bool((params.get("adaptive_pricing") or {}).get("enabled", False))},
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        billing_address_collection=params.get("billing_address_collection"),
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        collected_information={"business_name": None, "individual_name": None, "shipping_details": None},
        created=account.now,
        currency=checked_currency(params["currency"]) if params.get("currency") else None,
        custom_fields=[],
        custom_text=dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        customer=customer["id"] if customer else None,
        customer_creation=None if customer else params.get("customer_creation", "if_required"),
        customer_details=_details_known_before(customer, params.get("customer_email")),
        customer_email=params.get("customer_email"),
        discounts=[],
        expires_at=account.now,
        invoice_creation=_no_invoice() if paying else None,
        livemode=False,
        locale=params.get("locale"),
        metadata=merged_metadata({}, params.get("metadata") or {}),
        mode=params["mode"],
        payment_method_collection="if_required" if paying else "always",
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=params.get("allowed_payment_method_types") or ["card"],
        payment_status="unpaid" if paying else "no_payment_required",
        phone_number_collection={"enabled": False},
        saved_payment_method_options={
            "allow_redisplay_filters": saving.get("allow_redisplay_filters") or ["always"],
            "payment_method_remove": "disabled",
            "payment_method_save": saving.get("payment_method_save"),
        }
        if paying and (customer or saving)
        else None,
        shipping_options=[],
        status="open",
        submit_type=params.get("submit_type"),
        success_url=params["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0} if paying else None,
        ui_mode="hosted_page",
        url=f"{account.base_url}/c/pay/{session_id}",
    )


def _details_known_before(customer: Json | None, email: str | None) -> Json | None:
    known = customer["email"] if customer else email
    return skeleton("session.Session.CustomerDetails", email=known, tax_exempt="none") if known else None


def _no_invoice() -> Json:
    return {
        "enabled": False,
        "invoice_data": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": None,
            "metadata": {},
            "rendering_options": None,
        },
    }
