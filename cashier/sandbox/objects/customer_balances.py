"""What a customer owes or has to come: balance, cash balance, tax ids, sessions.

https://docs.stripe.com/api/customer_balance_transactions
"""

from __future__ import annotations

import re
from typing import Any

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure, invalid, missing_parameter, no_such
from cashier.sandbox.engine.ids import new_id, random_text
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given
from cashier.sandbox.engine.operations import includable, operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.amounts import checked_currency

_SESSION_SECONDS = 30 * 60
_TRANSFERS = {
    "eur": "eu_bank_transfer", "gbp": "gb_bank_transfer", "jpy": "jp_bank_transfer", "mxn": "mx_bank_transfer",
}  # fmt: skip
_COMPONENTS = (
    "active_entitlements", "buy_button", "customer_portal", "customer_sheet", "mobile_payment_element",
    "payment_element", "pricing_table",
)  # fmt: skip


@operation("POST", "/v1/customers/{customer}/balance_transactions")
def create(account: Account, params: Json, customer_id: str) -> Json:
    """Change a customer's balance: a negative amount is a credit."""
    customer = account.fetch_existing("customer", customer_id)
    currency = checked_currency(params["currency"])
    if customer["currency"] not in (None, currency):
        raise invalid(f"This customer's balance is in {customer['currency']}.", param="currency")
    before = {"balance": customer["balance"], "currency": customer["currency"]}
    customer |= {"balance": customer["balance"] + params["amount"], "currency": currency}
    account.save(customer)
    account.emit("customer.updated", customer, before)
    transaction = skeleton(
        "customer_balance_transaction",
        id=new_id("cbtxn"),
        amount=params["amount"],
        created=account.now,
        currency=currency,
        customer=customer_id,
        description=params.get("description"),
        ending_balance=customer["balance"],
        livemode=False,
        metadata=merged_metadata({}, params.get("metadata") or {}),
        type="adjustment",
    )
    return account.add(transaction)


@operation("GET", "/v1/customers/{customer}/balance_transactions/{transaction}")
def retrieve(account: Account, _params: Json, customer_id: str, transaction_id: str) -> Json:
    """Return a change of a customer's balance."""
    return _of_customer(account, "customer_balance_transaction", customer_id, transaction_id)


@operation("POST", "/v1/customers/{customer}/balance_transactions/{transaction}")
def update(account: Account, params: Json, customer_id: str, transaction_id: str) -> Json:
    """Change the description or metadata of a change of balance; its amount stays."""
    transaction = _of_customer(account, "customer_balance_transaction", customer_id, transaction_id)
    if "description" in params:
        transaction["description"] = params["description"]
    if "metadata" in params:
        transaction["metadata"] = merged_metadata(transaction["metadata"], params["metadata"])
    return account.save(transaction)


@operation("GET", "/v1/customers/{customer}/balance_transactions")
def list_all(account: Account, params: Json, customer_id: str) -> Json:
    """List the changes of a customer's balance."""
    account.fetch_existing("customer", customer_id)
    conditions = [equal("customer", customer_id), *equal_where_given(params, "invoice")]
    url = f"/v1/customers/{customer_id}/balance_transactions"
    return answer_list(account, "customer_balance_transaction", params, url, conditions)


@operation("GET", "/v1/customers/{customer}/cash_balance")
def retrieve_cash_balance(account: Account, _params: Json, customer_id: str) -> Json:
    """Return the money that a customer sent by bank transfer, and that pays for nothing yet."""
    account.fetch_existing("customer", customer_id)
    private = account.private(customer_id)
    mode = private.get("reconciliation_mode")
    return skeleton(
        "cash_balance",
        available=private.get("cash"),
        customer=customer_id,
        livemode=False,
        settings={"reconciliation_mode": mode or "automatic", "using_merchant_default": mode is None},
    )


@operation("POST", "/v1/customers/{customer}/cash_balance")
def update_cash_balance(account: Account, params: Json, customer_id: str) -> Json:
    """Set how bank transfers of the customer would be matched with payments."""
    customer = account.fetch_existing("customer", customer_id)
    mode = (params.get("settings") or {}).get("reconciliation_mode")
    if mode:
        kept = None if mode == "merchant_default" else mode
        account.save(customer, account.private(customer_id) | {"reconciliation_mode": kept})
    return retrieve_cash_balance(account, {}, customer_id)


@operation("POST", "/v1/test_helpers/customers/{customer}/fund_cash_balance")
def fund_cash_balance(account: Account, params: Json, customer_id: str) -> Json:
    """Let a bank transfer of the customer arrive.

    https://docs.stripe.com/api/cash_balance_transactions/fund_cash_balance
    """
    customer = account.fetch_existing("customer", customer_id)
    for name in ("amount", "currency"):
        if name not in params:
            raise missing_parameter(name)
    amount, currency = str(params["amount"]), checked_currency(params["currency"])
    if not re.fullmatch(r"[1-9]\d{0,11}", amount):
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    private = account.private(customer_id)
    cash = (private.get("cash") or {}) | {currency: (private.get("cash") or {}).get(currency, 0) + int(amount)}
    account.save(customer, private | {"cash": cash})
    transaction = skeleton(
        "customer_cash_balance_transaction",
        id=new_id("ccsbtxn"),
        created=account.now,
        currency=currency,
        customer=customer_id,
        ending_balance=cash[currency],
        funded={
            "bank_transfer": {
                "reference": params.get("reference"),
                "type": _TRANSFERS.get(currency, "us_bank_transfer"),
            }
        },
        livemode=False,
        net_amount=int(amount),
        type="funded",
    )
    account.emit("customer_cash_balance_transaction.created", account.add(transaction))
    account.emit("cash_balance.funds_available", retrieve_cash_balance(account, {}, customer_id))
    return transaction


@operation("GET", "/v1/customers/{customer}/cash_balance_transactions")
def list_cash(account: Account, params: Json, customer_id: str) -> Json:
    """List a customer's bank transfers."""
    account.fetch_existing("customer", customer_id)
    url = f"/v1/customers/{customer_id}/cash_balance_transactions"
    conditions = [equal("customer", customer_id)]
    return answer_list(account, "customer_cash_balance_transaction", params, url, conditions)


@operation("GET", "/v1/customers/{customer}/cash_balance_transactions/{transaction}")
def retrieve_cash(account: Account, _params: Json, customer_id: str, transaction_id: str) -> Json:
    """Return a bank transfer of a customer."""
    return _of_customer(account, "customer_cash_balance_transaction", customer_id, transaction_id)


@operation("DELETE", "/v1/customers/{customer}/discount")
def delete_discount(account: Account, _params: Json, customer_id: str) -> Json:
    """Say that the customer has no discount: the sandbox offers no coupons."""
    account.fetch_existing("customer", customer_id)
    raise StripeFailure(404, f"No active discount for customer: {customer_id}", code="resource_missing")


@operation("POST", "/v1/customers/{customer}/tax_ids")
def create_tax_id(account: Account, params: Json, customer_id: str) -> Json:
    """Note a customer's tax number; nobody verifies it here."""
    account.fetch_existing("customer", customer_id)
    kind, value = params["type"], params["value"]
    tax_id = skeleton(
        "tax_id",
        id=new_id("txi"),
        country=(value if kind == "eu_vat" else kind)[:2].upper(),
        created=account.now,
        customer=customer_id,
        livemode=False,
        owner={"customer": customer_id, "type": "customer"},
        type=kind,
        value=value,
        verification={"status": "unavailable", "verified_address": None, "verified_name": None},
    )
    account.emit("customer.tax_id.created", account.add(tax_id))
    return tax_id


@operation("GET", "/v1/customers/{customer}/tax_ids/{id}")
def retrieve_tax_id(account: Account, _params: Json, customer_id: str, tax_id: str) -> Json:
    """Return a tax number of a customer."""
    return _of_customer(account, "tax_id", customer_id, tax_id)


@operation("DELETE", "/v1/customers/{customer}/tax_ids/{id}")
def delete_tax_id(account: Account, _params: Json, customer_id: str, tax_id: str) -> Json:
    """Delete a tax number."""
    account.emit("customer.tax_id.deleted", _of_customer(account, "tax_id", customer_id, tax_id))
    return account.delete("tax_id", tax_id)


@operation("GET", "/v1/customers/{customer}/tax_ids")
def list_tax_ids(account: Account, params: Json, customer_id: str) -> Json:
    """List a customer's tax numbers."""
    account.fetch_existing("customer", customer_id)
    url = f"/v1/customers/{customer_id}/tax_ids"
    return answer_list(account, "tax_id", params, url, [equal("customer", customer_id)])


@includable("customer", "tax_ids")
def _tax_ids(account: Account, customer: Json) -> Json:
    return list_tax_ids(account, {}, customer["id"])


@operation("POST", "/v1/customer_sessions")
def create_session(account: Account, params: Json) -> Json:
    """Let a page of Stripe's components see a customer's saved cards for half an hour."""
    if not params.get("customer"):
        raise invalid("Missing required param: customer.", param="customer", code="parameter_missing")
    account.fetch("customer", params["customer"], param="customer")
    components: dict[str, Any] = {name: {"enabled": False} for name in _COMPONENTS}
    for name, wanted in params["components"].items():
        components[name] = {"enabled": wanted["enabled"]} if name in components else {}
    return skeleton(
        "customer_session",
        client_secret=f"cuss_secret_{random_text(40)}",
        components=components,
        created=account.now,
        customer=params["customer"],
        expires_at=account.now + _SESSION_SECONDS,
        livemode=False,
    )


def _of_customer(account: Account, kind: str, customer_id: str, object_id: str) -> Json:
    account.fetch_existing("customer", customer_id)
    found = account.store.find(object_id, kind)
    if found is None or found.get("customer") != customer_id:
        raise no_such(kind, object_id, param="id")
    return found
