"""Customers. https://docs.stripe.com/api/customers"""

from __future__ import annotations

import re

from cashier.sandbox.engine.account import Account, changes
from cashier.sandbox.engine.failures import Json, invalid, no_such
from cashier.sandbox.engine.ids import new_id, random_text
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given, whole_list
from cashier.sandbox.engine.operations import includable, operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.search import Searchable, answer_search
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.customer_sources import add_source
from cashier.sandbox.objects.payment_methods import attach_to, detach, usable

_PLAIN = (
    "address", "business_name", "description", "individual_name", "invoice_prefix", "name", "next_invoice_sequence",
    "phone", "preferred_locales", "shipping",
)  # fmt: skip
_SEARCHABLE = Searchable(numbers=frozenset({"created"}), texts=frozenset({"email", "name", "phone"}))


@operation("POST", "/v1/customers")
def create(account: Account, params: Json) -> Json:
    """Make a customer, perhaps with a payment method saved at once."""
    _refuse_what_is_not_offered(params)
    customer = skeleton(
        "customer",
        id=new_id("cus"),
        balance=params.get("balance", 0),
        created=account.now,
        delinquent=False,
        invoice_prefix=random_text(8).upper(),
        invoice_settings={
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        livemode=False,
        metadata={},
        next_invoice_sequence=1,
        preferred_locales=[],
        tax_exempt="none",
    )
    _take(customer, params)
    account.add(customer)
    account.emit("customer.created", customer)
    if params.get("payment_method"):
        attach_to(account, usable(account, params["payment_method"], param="payment_method"), customer["id"])
    _set_default(account, customer, params)
    return _with_source(account, customer, params)


@operation("GET", "/v1/customers/{customer}")
def retrieve(account: Account, _params: Json, customer_id: str) -> Json:
    """Return a customer; of a deleted one, the stub that says so."""
    return account.fetch("customer", customer_id)


@operation("POST", "/v1/customers/{customer}")
def update(account: Account, params: Json, customer_id: str) -> Json:
    """Change a customer."""
    _refuse_what_is_not_offered(params)
    customer = account.fetch_existing("customer", customer_id)
    before = customer | {}
    _take(customer, params)
    _set_default(account, customer, params)
    if customer != before:
        account.save(customer)
        account.emit("customer.updated", customer, changes(before, customer))
    return _with_source(account, customer, params)


@operation("DELETE", "/v1/customers/{customer}")
def delete(account: Account, _params: Json, customer_id: str) -> Json:
    """Delete a customer for good; its payment methods are detached."""
    customer = account.fetch_existing("customer", customer_id)
    for method in account.select("payment_method", equal("customer", customer_id)):
        detach(account, {}, method["id"])
    account.emit("customer.deleted", customer)
    return account.delete("customer", customer_id)


@operation("GET", "/v1/customers")
def list_all(account: Account, params: Json) -> Json:
    """List customers, perhaps those with one e-mail address."""
    return answer_list(account, "customer", params, "/v1/customers", equal_where_given(params, "email", "test_clock"))


@operation("GET", "/v1/customers/search")
def search(account: Account, params: Json) -> Json:
    """Search customers."""
    return answer_search(account, "customer", params, "/v1/customers/search", _SEARCHABLE)


@includable("customer", "subscriptions")
def _subscriptions(_account: Account, customer: Json) -> Json:
    return whole_list([], f"/v1/customers/{customer['id']}/subscriptions")


def _refuse_what_is_not_offered(params: Json) -> None:
    for name in ("cash_balance", "tax", "tax_id_data", "test_clock"):
        if name in params:
            raise invalid(f"The sandbox does not offer `{name}` for customers.", param=name)


def _take(customer: Json, params: Json) -> None:
    email = params.get("email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", email):
        raise invalid(f"Invalid email address: {email}", param="email", code="email_invalid")
    customer |= {name: params[name] for name in (*_PLAIN, "email", "balance") if name in params}
    if "tax_exempt" in params:
        customer["tax_exempt"] = params["tax_exempt"] or "none"
    if "metadata" in params:
        customer["metadata"] = merged_metadata(customer["metadata"], params["metadata"])


def _with_source(account: Account, customer: Json, params: Json) -> Json:
    """Save the card of a token the old way, which makes it the default, or choose another of the customer's."""
    chosen = params.get("default_source")
    if params.get("source"):
        chosen = add_source(account, customer["id"], params["source"], {})["id"]
    if not chosen:
        return customer
    method = account.store.find(chosen, "payment_method")
    if method is None or method["customer"] != customer["id"] or not account.private(chosen).get("source"):
        raise no_such("source", chosen, param="default_source", status=400)
    customer = account.fetch("customer", customer["id"])
    return account.save(customer | {"default_source": chosen})


def _set_default(account: Account, customer: Json, params: Json) -> None:
    """Take over the invoice settings; the default has to be one of the customer's own payment methods."""
    settings = params.get("invoice_settings")
    if not settings:
        return
    default = settings.get("default_payment_method")
    if default:
        method = account.fetch(
            "payment_method", default, param="invoice_settings[default_payment_method]", label="PaymentMethod"
        )
        if method["customer"] != customer["id"]:
            raise invalid(
                "The customer does not have a payment method with the ID "
                f"{default}. The payment method must be attached to the customer.",
                param="invoice_settings[default_payment_method]",
                code="resource_missing",
            )
    customer["invoice_settings"] = customer["invoice_settings"] | settings
    account.save(customer)
