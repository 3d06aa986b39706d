"""Payment methods: what can be charged, and cards and accounts that are saved for a customer.

https://docs.stripe.com/api/payment_methods
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cashier.sandbox.engine.account import Account, changes
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter, no_such
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.bank_accounts import BankAccount, account_part, read_account
from cashier.sandbox.objects.bank_redirects import REDIRECTS, redirect_part
from cashier.sandbox.objects.cards import (
    Card,
    card_from_private,
    card_of_test_id,
    card_of_token,
    checked_expiry,
    fingerprint,
    fingerprint_of,
    read_card,
)
from cashier.sandbox.objects.declines import DECLINES, declined
from cashier.sandbox.objects.method_types import DEBITS, METHOD_TYPES
from cashier.sandbox.objects.test_cards import TEST_CARDS, Authentication, TestCard


@operation("POST", "/v1/payment_methods")
def create(account: Account, params: Json) -> Json:
    """Make a payment method from card details or a token."""
    if params.get("payment_method"):
        raise invalid("The sandbox holds one account, so there is none to share with.", param="payment_method")
    if "type" not in params:
        raise missing_parameter("type")
    return from_data(account, params)


@operation("GET", "/v1/payment_methods/{payment_method}")
def retrieve(account: Account, _params: Json, method_id: str) -> Json:
    """Return a payment method."""
    return account.fetch("payment_method", method_id, label="PaymentMethod")


@operation("POST", "/v1/payment_methods/{payment_method}")
def update(account: Account, params: Json, method_id: str) -> Json:
    """Change billing details, metadata, expiry or whether it may be shown again."""
    method = retrieve(account, {}, method_id)
    if method["customer"] is None:
        raise invalid(
            "You must save this PaymentMethod to a customer before you can update it.",
            code="payment_method_unexpected_state",
        )
    before = method | {}
    if "card" in params:
        card = method["card"]
        month, year = checked_expiry(
            account,
            params["card"].get("exp_month", card["exp_month"]),
            params["card"].get("exp_year", card["exp_year"]),
        )
        method["card"] = card | {"exp_month": month, "exp_year": year}
    if "billing_details" in params:
        method["billing_details"] = _merged_billing(method["billing_details"], params["billing_details"])
    if "allow_redisplay" in params:
        method["allow_redisplay"] = params["allow_redisplay"]
    if "metadata" in params:
        method["metadata"] = merged_metadata(method["metadata"], params["metadata"])
    account.save(method)
    account.emit("payment_method.updated", method, changes(before, method))
    return method


@operation("GET", "/v1/payment_methods")
def list_all(account: Account, params: Json) -> Json:
    """List payment methods, usually those of one customer."""
    if params.get("customer"):
        account.fetch("customer", params["customer"], param="customer")
    conditions = equal_where_given(params, "customer", "type", "allow_redisplay")
    return answer_list(account, "payment_method", params, "/v1/payment_methods", conditions)


@operation("GET", "/v1/customers/{customer}/payment_methods")
def list_for_customer(account: Account, params: Json, customer_id: str) -> Json:
    """List the payment methods saved for a customer."""
    account.fetch("customer", customer_id)
    conditions = [equal("customer", customer_id), *equal_where_given(params, "type", "allow_redisplay")]
    return answer_list(account, "payment_method", params, f"/v1/customers/{customer_id}/payment_methods", conditions)


@operation("GET", "/v1/customers/{customer}/payment_methods/{payment_method}")
def retrieve_for_customer(account: Account, _params: Json, customer_id: str, method_id: str) -> Json:
    """Return a payment method of this customer."""
    method = account.fetch("payment_method", method_id, label="PaymentMethod")
    if method["customer"] != customer_id:
        raise no_such("PaymentMethod", method_id, param="payment_method")
    return method


@operation("POST", "/v1/payment_methods/{payment_method}/attach")
def attach(account: Account, params: Json, method_id: str) -> Json:
    """Save a payment method for a customer; the card's bank may decline that."""
    customer_id = params.get("customer")
    if not customer_id:
        raise missing_parameter("customer")
    account.fetch("customer", customer_id, param="customer")
    return attach_to(account, usable(account, method_id, param="payment_method", path=True), customer_id)


@operation("POST", "/v1/payment_methods/{payment_method}/detach")
def detach(account: Account, _params: Json, method_id: str) -> Json:
    """Take a payment method from its customer; it can never be used again."""
    method = retrieve(account, {}, method_id)
    if method["customer"] is None:
        raise invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            param="payment_method",
        )
    customer_id = method["customer"]
    customer = account.store.find(customer_id, "customer")
    if customer and not customer.get("deleted"):
        settings = customer["invoice_settings"]
        if settings["default_payment_method"] == method_id:
            account.save(customer | {"invoice_settings": settings | {"default_payment_method": None}})
    account.save(method | {"customer": None}, account.private(method_id) | {"spent": True})
    method["customer"] = None
    account.emit("payment_method.detached", method, {"customer": customer_id})
    return method


def renew(account: Account, order: Json) -> Json:
    """Let the card's bank replace a saved card: another expiry, and with ``card`` another number.

    Stripe takes that over by itself: https://docs.stripe.com/payments/cards/overview#automatic-card-updates
    """
    method = retrieve(account, {}, order["payment_method"])
    if method["customer"] is None:
        raise invalid("Only a card that is saved for a customer is updated.", param="payment_method")
    old = card_from_private(account.private(method["id"]))
    card = replace(
        old,
        test_card=TEST_CARDS[order["card"]] if "card" in order else old.test_card,
        exp_month=int(order["exp_month"]),
        exp_year=int(order["exp_year"]),
    )
    before = method | {}
    method["card"] = _card_part(account, card)
    account.save(method, account.private(method["id"]) | card.private())
    account.emit("payment_method.automatically_updated", method, changes(before, method))
    return method


def from_data(account: Account, data: Json) -> Json:
    """Make a payment method from ``payment_method_data`` or the parameters of a create."""
    kind = data["type"]
    if kind != "card":
        billing = data.get("billing_details") or {}
        if kind in DEBITS:
            return add_bank_account(account, read_account(kind, data.get(kind) or {}), billing_details=billing)
        return add_other(account, kind, billing_details=billing)
    fields = data.get("card")
    if not fields:
        raise missing_parameter("card")
    if "token" in fields:
        card = card_of_token(account, fields["token"], param="card[token]")
    else:
        card = read_card(account, fields, "card")
    return add_card(
        account,
        card,
        billing_details=data.get("billing_details"),
        metadata=merged_metadata({}, data.get("metadata") or {}),
        allow_redisplay=data.get("allow_redisplay") or "unspecified",
    )


def add_card(
    account: Account,
    card: Card,
    *,
    billing_details: Json | None = None,
    metadata: Json | None = None,
    allow_redisplay: str = "unspecified",
    prefix: str = "pm",
) -> Json:
    """Add a payment method for a card that was read; used by the API and by the hosted page."""
    method = skeleton(
        "payment_method",
        id=new_id(prefix),
        allow_redisplay=allow_redisplay,
        billing_details=_merged_billing(_no_billing(), billing_details or {}),
        card=_card_part(account, card),
        created=account.now,
        livemode=False,
        metadata=metadata or {},
        type="card",
    )
    return account.add(method, card.private())


def add_bank_account(account: Account, bank_account: BankAccount, *, billing_details: Json) -> Json:
    """Add a payment method for an account that is debited; used by the API and by the hosted page.

    Raises unless ``billing_details`` have a name and an e-mail address, as the mandate needs.
    """
    part = account_part(bank_account, fingerprint_of(account, bank_account.name))
    private = {"bank_account": bank_account.name}
    return _add_beside_cards(account, bank_account.kind, part, billing_details, private)


def add_other(account: Account, kind: str, *, billing_details: Json) -> Json:
    """Add a payment method of a voucher or of a bank to which the customer is redirected.

    Raises for a ``kind`` that is not offered, and unless ``billing_details`` have what it needs.
    """
    if kind not in METHOD_TYPES:
        raise invalid(f"The sandbox does not offer '{kind}'. It offers {', '.join(METHOD_TYPES)}.", param="type")
    part = redirect_part(kind) if kind in REDIRECTS else {}
    return _add_beside_cards(account, kind, part, billing_details, {})


def _add_beside_cards(account: Account, kind: str, part: Json, billing_details: Json, private: Json) -> Json:
    for name in METHOD_TYPES[kind].needs:
        if not billing_details.get(name):
            raise missing_parameter(f"billing_details[{name}]")
    method = skeleton(
        "payment_method",
        id=new_id("pm"),
        allow_redisplay="unspecified",
        billing_details=_merged_billing(_no_billing(), billing_details),
        created=account.now,
        livemode=False,
        metadata={},
        type=kind,
        **{kind: part},
    )
    return account.add(method, {"test_card": "visa", **private})


def usable(account: Account, method_id: str, *, param: str, path: bool = False) -> Json:
    """Return a payment method that may still be used; ``pm_card_visa`` and the like become a new one.

    Raises for an unknown one, and for one that was detached or used without a customer.
    """
    card = card_of_test_id(account, method_id) if method_id.startswith("pm_card_") else None
    if card is not None:
        return add_card(account, card)
    method = account.fetch("payment_method", method_id, param=None if path else param, label="PaymentMethod")
    if account.private(method_id).get("spent"):
        raise invalid(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared "
            "with a connected account without Customer attachment, or was detached from a Customer. It may not be "
            "used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
            param=param,
        )
    return method


def attach_to(account: Account, method: Json, customer_id: str) -> Json:
    """Save ``method`` for a customer and tell; again for the same customer changes nothing."""
    if method["customer"] == customer_id:
        return method
    if method["customer"] is not None:
        raise invalid(
            "The payment method you provided has already been attached to a customer.", param="payment_method"
        )
    if method["type"] not in ("card", *DEBITS):
        raise invalid(
            f"A PaymentMethod of type `{method['type']}` can be used once only, so it cannot be saved to a customer.",
            param="payment_method",
        )
    test_card = test_card_of(account, method["id"])
    if test_card.decline and not test_card.attachable:
        raise declined(DECLINES[test_card.decline])
    method["customer"] = customer_id
    if method["type"] == "card" and method["card"]["checks"]["cvc_check"] == "unchecked":
        method["card"]["checks"]["cvc_check"] = test_card.cvc_check
    account.save(method)
    account.emit("payment_method.attached", method)
    return method


def test_card_of(account: Account, method_id: str) -> TestCard:
    """Return the test card behind a payment method, which decides how every charge of it goes.

    Of what is no card, it is one with which nothing goes wrong: the courses of those are in modules of their own.
    """
    return TEST_CARDS[account.private(method_id)["test_card"]]


def _card_part(account: Account, card: Card) -> Json:
    test_card = card.test_card
    return skeleton(
        "payment_method.PaymentMethod.Card",
        brand=test_card.brand,
        checks={
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "unchecked" if card.cvc_given else None,
        },
        country=test_card.country,
        display_brand=_DISPLAY_BRANDS.get(test_card.brand, test_card.brand),
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        fingerprint=fingerprint(account, test_card),
        funding=test_card.funding,
        last4=test_card.last4,
        networks={"available": [test_card.brand], "preferred": None},
        regulated_status="unregulated",
        three_d_secure_usage={"supported": test_card.authentication != Authentication.NOT_SUPPORTED},
    )


_DISPLAY_BRANDS = {"amex": "american_express", "diners": "diners_club", "unionpay": "union_pay"}


def _no_billing() -> Json:
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": address, "email": None, "name": None, "phone": None, "tax_id": None}


def _merged_billing(current: Json, change: Json) -> Json:
    merged: dict[str, Any] = current | {name: value for name, value in change.items() if name != "address"}
    if "address" in change:
        merged["address"] = current["address"] | change["address"] if change["address"] else _no_billing()["address"]
    return merged
