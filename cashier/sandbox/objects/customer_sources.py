"""Cards saved the old way, as sources of a customer. https://docs.stripe.com/api/cards

A source is a payment method ``card_…`` of its customer, seen through the older interface; both sides see it change.
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account, changes
from cashier.sandbox.engine.failures import Json, invalid, no_such
from cashier.sandbox.engine.lists import answer_list, equal
from cashier.sandbox.engine.operations import includable, operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.store import Condition
from cashier.sandbox.objects.cards import card_from_private, card_of_token, checked_expiry, legacy_card
from cashier.sandbox.objects.payment_methods import add_card, attach_to, detach

_OWNER = ("name", "address_city", "address_country", "address_line1", "address_line2", "address_state", "address_zip")
_IS_SOURCE = Condition(sql="json_extract(private, '$.source') = 1")


@operation("POST", "/v1/customers/{customer}/sources")
def create(account: Account, params: Json, customer_id: str) -> Json:
    """Save the card of a token for a customer; the first one becomes the default."""
    account.fetch_existing("customer", customer_id)
    return add_source(account, customer_id, params["source"], merged_metadata({}, params.get("metadata") or {}))


def add_source(account: Account, customer_id: str, token_id: str, metadata: Json) -> Json:
    """Save the card of a token for a customer and return the source; the first one becomes the default."""
    card = card_of_token(account, token_id, param="source")
    method = add_card(account, card, metadata=metadata, prefix="card")
    account.save(method, account.private(method["id"]) | {"source": True})
    source = _seen_as_source(account, attach_to(account, method, customer_id))
    account.emit("customer.source.created", source)
    customer = account.fetch("customer", customer_id)
    if customer["default_source"] is None:
        account.save(customer | {"default_source": source["id"]})
        account.emit("customer.updated", customer | {"default_source": source["id"]}, {"default_source": None})
    return source


@operation("GET", "/v1/customers/{customer}/sources/{id}")
def retrieve(account: Account, _params: Json, customer_id: str, source_id: str) -> Json:
    """Return a source of a customer."""
    return _seen_as_source(account, _method(account, customer_id, source_id))


@operation("POST", "/v1/customers/{customer}/sources/{id}")
def update(account: Account, params: Json, customer_id: str, source_id: str) -> Json:
    """Change a card's expiry, its owner's name and address, or its metadata."""
    method = _method(account, customer_id, source_id)
    before = _seen_as_source(account, method)
    card = method["card"]
    if "exp_month" in params or "exp_year" in params:
        month, year = params.get("exp_month", card["exp_month"]), params.get("exp_year", card["exp_year"])
        if not str(month).isdigit() or not str(year).isdigit():
            raise invalid("Your card's expiration date is invalid.", param="exp_month")
        month, year = checked_expiry(account, int(month), int(year))
        method["card"] = card | {"exp_month": month, "exp_year": year}
    if "metadata" in params:
        method["metadata"] = merged_metadata(method["metadata"], params["metadata"])
    owner = {name: params[name] for name in _OWNER if name in params}
    private = account.private(source_id)
    account.save(method, private | {"owner": private.get("owner", {}) | owner})
    source = _seen_as_source(account, method)
    account.emit("customer.source.updated", source, changes(before, source))
    return source


@operation("DELETE", "/v1/customers/{customer}/sources/{id}")
def delete(account: Account, _params: Json, customer_id: str, source_id: str) -> Json:
    """Take a source from its customer."""
    source = _seen_as_source(account, _method(account, customer_id, source_id))
    detach(account, {}, source_id)
    customer = account.fetch("customer", customer_id)
    if customer["default_source"] == source_id:
        others = account.select("payment_method", equal("customer", customer_id), _IS_SOURCE)
        account.save(customer | {"default_source": others[-1]["id"] if others else None})
    account.emit("customer.source.deleted", source)
    return {"id": source_id, "object": "card", "deleted": True}


@operation("GET", "/v1/customers/{customer}/sources")
def list_all(account: Account, params: Json, customer_id: str) -> Json:
    """List the sources of a customer; all are cards."""
    account.fetch_existing("customer", customer_id)
    conditions = [equal("customer", customer_id), _IS_SOURCE]
    if params.get("object") not in (None, "card"):
        conditions.append(Condition(sql="0"))
    url = f"/v1/customers/{customer_id}/sources"
    page = answer_list(account, "payment_method", params, url, conditions)
    return page | {"data": [_seen_as_source(account, method) for method in page["data"]]}


@operation("POST", "/v1/customers/{customer}/sources/{id}/verify")
def verify(account: Account, _params: Json, customer_id: str, source_id: str) -> Json:
    """Refuse: only bank accounts are verified, and the sandbox saves cards only."""
    _method(account, customer_id, source_id)
    raise invalid("Only bank accounts can be verified with micro-deposits. This source is a card.", param="id")


@includable("customer", "sources")
def _sources(account: Account, customer: Json) -> Json:
    return list_all(account, {}, customer["id"])


def _method(account: Account, customer_id: str, source_id: str) -> Json:
    account.fetch_existing("customer", customer_id)
    method = account.store.find(source_id, "payment_method")
    if method is None or method["customer"] != customer_id or not account.private(source_id).get("source"):
        raise no_such("source", source_id, param="id")
    return method


def _seen_as_source(account: Account, method: Json) -> Json:
    private = account.private(method["id"])
    card, shown = card_from_private(private), method["card"]
    return legacy_card(account, card, method["id"], private.get("owner")) | {
        "customer": method["customer"],
        "cvc_check": shown["checks"]["cvc_check"],
        "exp_month": shown["exp_month"],
        "exp_year": shown["exp_year"],
        "metadata": method["metadata"],
    }
