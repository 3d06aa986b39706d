"""Prices: how much of which currency a product costs. https://docs.stripe.com/api/prices"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from cashier.sandbox.engine.account import Account, changes
from cashier.sandbox.engine.failures import Json, invalid
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given, one_of
from cashier.sandbox.engine.operations import includable, operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.search import Searchable, answer_search
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.amounts import checked_currency

_SEARCHABLE = Searchable(
    numbers=frozenset({"created"}), texts=frozenset({"active", "currency", "lookup_key", "product", "type"})
)
_NOT_OFFERED = ("currency_options", "custom_unit_amount", "tiers", "tiers_mode")


@operation("POST", "/v1/prices")
def create(account: Account, params: Json) -> Json:
    """Make a price for a product, or together with a new one."""
    if ("product" in params) == ("product_data" in params):
        raise invalid("You must specify either `product` or `product_data` when creating a price.", param="product")
    if "product" in params:
        return add_price(account, params, account.fetch("product", params["product"], param="product")["id"])
    return add_price(account, params, _add_product(account, params["product_data"])["id"])


@operation("GET", "/v1/prices/{price}")
def retrieve(account: Account, _params: Json, price_id: str) -> Json:
    """Return a price."""
    return account.fetch("price", price_id)


@operation("POST", "/v1/prices/{price}")
def update(account: Account, params: Json, price_id: str) -> Json:
    """Change what may change of a price: never its amount."""
    price = account.fetch("price", price_id)
    before = price | {}
    _refuse_what_is_not_offered(params)
    price |= {name: params[name] for name in ("active", "nickname", "tax_behavior") if name in params}
    if "metadata" in params:
        price["metadata"] = merged_metadata(price["metadata"], params["metadata"])
    if "lookup_key" in params:
        _claim_lookup_key(account, params, price_id)
        price["lookup_key"] = params["lookup_key"]
    account.save(price)
    account.emit("price.updated", price, changes(before, price))
    return price


@operation("GET", "/v1/prices")
def list_all(account: Account, params: Json) -> Json:
    """List prices."""
    conditions = equal_where_given(params, "active", "currency", "product", "type")
    if params.get("lookup_keys"):
        conditions.append(one_of("lookup_key", params["lookup_keys"]))
    for name, value in (params.get("recurring") or {}).items():
        conditions.append(equal(f"recurring.{name}", value))
    return answer_list(account, "price", params, "/v1/prices", conditions)


@operation("GET", "/v1/prices/search")
def search(account: Account, params: Json) -> Json:
    """Search prices."""
    return answer_search(account, "price", params, "/v1/prices/search", _SEARCHABLE)


@includable("price", "currency_options")
def _currency_options(_account: Account, price: Json) -> Json:
    """Tell the price in each of its currencies; it has one."""
    shown = ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    return {price["currency"]: {name: price[name] for name in shown}}


def add_price(account: Account, params: Json, product_id: str) -> Json:
    """Add the price that ``params`` describe, and tell."""
    _refuse_what_is_not_offered(params)
    amount = _unit_amount(params)
    recurring = params.get("recurring")
    if recurring:
        recurring = {
            "interval_count": 1,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
            **recurring,
        }
    _claim_lookup_key(account, params, None)
    price = skeleton(
        "price",
        id=new_id("price"),
        active=params.get("active", True),
        billing_scheme="per_unit",
        created=account.now,
        currency=checked_currency(params["currency"]),
        livemode=False,
        lookup_key=params.get("lookup_key"),
        metadata=merged_metadata({}, params.get("metadata") or {}),
        nickname=params.get("nickname"),
        product=product_id,
        recurring=recurring,
        tax_behavior=params.get("tax_behavior") or "unspecified",
        transform_quantity=params.get("transform_quantity"),
        type="recurring" if recurring else "one_time",
        unit_amount=int(amount) if amount == amount.to_integral_value() else None,
        unit_amount_decimal=f"{amount.normalize():f}",
    )
    account.add(price)
    account.emit("price.created", price)
    return price


def _unit_amount(params: Json) -> Decimal:
    """Return the amount in minor units; ``unit_amount_decimal`` may have up to twelve decimal places."""
    if ("unit_amount" in params) == ("unit_amount_decimal" in params):
        raise invalid(
            "Prices require either `unit_amount` or `unit_amount_decimal`, and not both.",
            param="unit_amount",
            code="parameter_missing",
        )
    given: Any = params.get("unit_amount", params.get("unit_amount_decimal"))
    try:
        amount = Decimal(str(given))
    except InvalidOperation:
        raise invalid(f"Invalid decimal: {given}", param="unit_amount_decimal") from None
    if not amount.is_finite() or amount < 0:
        raise invalid(
            "This value must be greater than or equal to 0.", param="unit_amount", code="parameter_invalid_integer"
        )
    return amount


def _claim_lookup_key(account: Account, params: Json, price_id: str | None) -> None:
    """Take the lookup key from another price when that is asked for; two active prices never share one."""
    if not params.get("lookup_key"):
        return
    for other in account.select("price", equal("lookup_key", params["lookup_key"])):
        if other["id"] == price_id:
            continue
        if not params.get("transfer_lookup_key"):
            raise invalid(
                f"A price (`{other['id']}`) already uses that lookup key. Pass `transfer_lookup_key` to move it.",
                param="lookup_key",
            )
        account.save(other | {"lookup_key": None})


def _refuse_what_is_not_offered(params: Json) -> None:
    for name in _NOT_OFFERED:
        if params.get(name):
            raise invalid(f"The sandbox does not offer `{name}` for prices.", param=name)


def _add_product(account: Account, data: Json) -> Json:
    product = skeleton(
        "product",
        id=data.get("id") or new_id("prod"),
        active=data.get("active", True),
        created=account.now,
        images=[],
        livemode=False,
        marketing_features=[],
        metadata=merged_metadata({}, data.get("metadata") or {}),
        name=data["name"],
        statement_descriptor=data.get("statement_descriptor"),
        type="service",
        unit_label=data.get("unit_label"),
        updated=account.now,
    )
    if account.store.find(product["id"]):
        raise invalid(f"Product already exists: {product['id']}", param="product_data[id]")
    account.add(product)
    account.emit("product.created", product)
    return product
