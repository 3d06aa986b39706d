"""The line items of a Checkout Session, and the prices that are made on the spot for them.

https://docs.stripe.com/api/checkout/sessions/line_items
"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, invalid, missing_parameter
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, whole_list
from cashier.sandbox.engine.operations import includable, operation
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.engine.store import Condition
from cashier.sandbox.objects.amounts import checked_currency

_ITEMS_MAX = 100


@operation("GET", "/v1/checkout/sessions/{session}/line_items")
def list_items(account: Account, params: Json, session_id: str) -> Json:
    """List what a session charges for."""
    account.fetch("checkout.session", session_id)
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    return answer_list(account, "item", params, url, [_of(session_id)], has_created=False)


@includable("checkout.session", "line_items")
def _line_items(account: Account, session: Json) -> Json:
    return whole_list(items_of(account, session["id"]), f"/v1/checkout/sessions/{session['id']}/line_items")


@includable("session.Session.TotalDetails", "breakdown")
def _breakdown(_account: Account, _total_details: Json) -> Json:
    """Tell of which discounts and taxes the total is made: there are none."""
    return {"discounts": [], "taxes": []}


def items_of(account: Account, session_id: str) -> list[Json]:
    """Return the line items of a session in their order."""
    return account.select("item", _of(session_id))


def build_items(account: Account, wanted: list[Json], *, may_recur: bool = False) -> list[Json]:
    """Build the line items of a new session from its parameters, without adding them.

    Prices are one-time, unless they ``may_recur``.
    """
    if not wanted:
        raise missing_parameter("line_items")
    if len(wanted) > _ITEMS_MAX:
        raise invalid(f"You can have up to {_ITEMS_MAX} line items.", param="line_items")
    items = [_item(account, item, f"line_items[{place}]", may_recur) for place, item in enumerate(wanted)]
    if len({item["currency"] for item in items}) > 1:
        raise invalid("All line items of a Checkout Session must have the same currency.", param="line_items")
    return items


def add_items(account: Account, session_id: str, items: list[Json]) -> None:
    """Add the items of a new session."""
    # Lists answer the newest object first, but line items come in the order in which they were given.
    for item in reversed(items):
        account.add(item, {"session": session_id})


def _of(session_id: str) -> Condition:
    return Condition(sql="json_extract(private, '$.session') = ?", values=(session_id,))


def _item(account: Account, wanted: Json, path: str, may_recur: bool) -> Json:
    for name in ("adjustable_quantity", "tax_rates"):
        if wanted.get(name):
            raise invalid(f"The sandbox does not offer `{name}` for line items.", param=f"{path}[{name}]")
    if ("price" in wanted) == ("price_data" in wanted):
        raise invalid(f"You must specify either `price` or `price_data` for {path}.", param=path)
    quantity = wanted.get("quantity")
    if quantity is None:
        raise invalid(f"Quantity is required. Add `quantity` to `{path}`.", param=f"{path}[quantity]")
    if quantity < 1:
        raise invalid(
            "This value must be greater than or equal to 1.",
            param=f"{path}[quantity]",
            code="parameter_invalid_integer",
        )
    if "price" in wanted:
        price = account.fetch("price", wanted["price"], param=f"{path}[price]")
    else:
        price = _price_on_the_spot(account, wanted["price_data"], f"{path}[price_data]")
    if price["unit_amount"] is None or (price["type"] != "one_time" and not may_recur):
        raise invalid(f"The price of {path} must be a one-time price with an amount.", param=f"{path}[price]")
    total = price["unit_amount"] * quantity
    return skeleton(
        "item",
        id=new_id("li"),
        amount_discount=0,
        amount_subtotal=total,
        amount_tax=0,
        amount_total=total,
        currency=price["currency"],
        description=_name_of(account, price),
        metadata=wanted.get("metadata") or {},
        price=price,
        quantity=quantity,
    )


def _price_on_the_spot(account: Account, data: Json, path: str) -> Json:
    """Add the price that ``price_data`` describes: Stripe keeps it, inactive, with its product."""
    if data.get("recurring"):
        raise invalid("The sandbox offers one-time prices only.", param=f"{path}[recurring]")
    if "unit_amount" not in data:
        raise missing_parameter(f"{path}[unit_amount]")
    if data["unit_amount"] < 0:
        raise invalid(
            "This value must be greater than or equal to 0.",
            param=f"{path}[unit_amount]",
            code="parameter_invalid_integer",
        )
    if ("product" in data) == ("product_data" in data):
        raise invalid("You must specify either `product` or `product_data`.", param=path)
    if "product" in data:
        product_id = account.fetch("product", data["product"], param=f"{path}[product]")["id"]
    else:
        product_id = _product_on_the_spot(account, data["product_data"])["id"]
    price = skeleton(
        "price",
        id=new_id("price"),
        active=False,
        billing_scheme="per_unit",
        created=account.now,
        currency=checked_currency(data["currency"]),
        livemode=False,
        metadata={},
        product=product_id,
        tax_behavior=data.get("tax_behavior", "unspecified"),
        type="one_time",
        unit_amount=data["unit_amount"],
        unit_amount_decimal=str(data["unit_amount"]),
    )
    return account.add(price)


def _product_on_the_spot(account: Account, data: Json) -> Json:
    product = skeleton(
        "product",
        id=new_id("prod"),
        active=False,
        created=account.now,
        description=data.get("description"),
        images=data.get("images") or [],
        livemode=False,
        marketing_features=[],
        metadata=data.get("metadata") or {},
        name=data["name"],
        type="service",
        unit_label=data.get("unit_label"),
        updated=account.now,
    )
    return account.add(product)


def _name_of(account: Account, price: Json) -> str:
    product = account.store.find(price["product"], "product") or {}
    return str(product.get("name") or price["nickname"] or price["id"])
