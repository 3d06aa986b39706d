"""Products: what prices are for. https://docs.stripe.com/api/products"""

from __future__ import annotations

from cashier.sandbox.engine.account import Account, changes
from cashier.sandbox.engine.failures import Json, invalid, no_such
from cashier.sandbox.engine.ids import new_id
from cashier.sandbox.engine.lists import answer_list, equal, equal_where_given, one_of
from cashier.sandbox.engine.operations import operation
from cashier.sandbox.engine.parameters import merged_metadata
from cashier.sandbox.engine.search import Searchable, answer_search
from cashier.sandbox.engine.skeletons import skeleton
from cashier.sandbox.objects.prices import add_price

_PLAIN = (
    "active", "default_price", "description", "name", "package_dimensions", "shippable", "statement_descriptor",
    "tax_code", "tax_details", "unit_label", "url",
)  # fmt: skip
_LISTS = ("images", "marketing_features")
_SEARCHABLE = Searchable(
    numbers=frozenset({"created"}), texts=frozenset({"active", "description", "name", "shippable", "url"})
)


@operation("POST", "/v1/products")
def create(account: Account, params: Json) -> Json:
    """Make a product, perhaps under an id of one's own and with its first price."""
    product_id = params.get("id") or new_id("prod")
    if account.store.find(product_id):
        raise invalid(f"Product already exists: {product_id}", param="id", code="resource_already_exists")
    product = skeleton(
        "product",
        id=product_id,
        active=True,
        created=account.now,
        images=[],
        livemode=False,
        marketing_features=[],
        metadata={},
        name=params["name"],
        type=params.get("type") or "service",
        updated=account.now,
    )
    account.add(_taken(product, params))
    account.emit("product.created", product)
    if params.get("default_price_data"):
        price = add_price(account, params["default_price_data"], product_id)
        account.save(product | {"default_price": price["id"]})
        product["default_price"] = price["id"]
    return product


@operation("GET", "/v1/products/{id}")
def retrieve(account: Account, _params: Json, product_id: str) -> Json:
    """Return a product."""
    return account.fetch_existing("product", product_id)


@operation("POST", "/v1/products/{id}")
def update(account: Account, params: Json, product_id: str) -> Json:
    """Change a product."""
    product = account.fetch_existing("product", product_id)
    before = product | {}
    if params.get("default_price"):
        price = account.fetch("price", params["default_price"], param="default_price")
        if price["product"] != product_id:
            raise invalid("The default price has to be one of the product's own prices.", param="default_price")
    _taken(product, params)
    if product != before:
        product["updated"] = account.now
        account.save(product)
        account.emit("product.updated", product, changes(before, product))
    return product


@operation("DELETE", "/v1/products/{id}")
def delete(account: Account, _params: Json, product_id: str) -> Json:
    """Delete a product that has no prices."""
    product = account.fetch_existing("product", product_id)
    if account.select("price", equal("product", product_id), limit=1):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.")
    account.emit("product.deleted", product)
    return account.delete("product", product_id)


@operation("GET", "/v1/products")
def list_all(account: Account, params: Json) -> Json:
    """List products."""
    conditions = equal_where_given(params, "active", "shippable", "type", "url")
    if params.get("ids"):
        conditions.append(one_of("id", params["ids"]))
    return answer_list(account, "product", params, "/v1/products", conditions)


@operation("GET", "/v1/products/search")
def search(account: Account, params: Json) -> Json:
    """Search products."""
    return answer_search(account, "product", params, "/v1/products/search", _SEARCHABLE)


@operation("GET", "/v1/products/{product}/features")
def list_features(account: Account, params: Json, product_id: str) -> Json:
    """List a product's features: none, because the account has no entitlement features."""
    account.fetch_existing("product", product_id)
    return answer_list(account, "product_feature", params, f"/v1/products/{product_id}/features", has_created=False)


@operation("POST", "/v1/products/{product}/features")
def add_feature(account: Account, params: Json, product_id: str) -> Json:
    """Refuse the feature, because the account has none."""
    account.fetch_existing("product", product_id)
    raise no_such("feature", params["entitlement_feature"], param="entitlement_feature", status=400)


@operation("GET", "/v1/products/{product}/features/{id}")
@operation("DELETE", "/v1/products/{product}/features/{id}")
def no_feature(account: Account, _params: Json, product_id: str, feature_id: str) -> Json:
    """Say that there is no such feature."""
    account.fetch_existing("product", product_id)
    raise no_such("product_feature", feature_id, param="id")


def _taken(product: Json, params: Json) -> Json:
    product |= {name: params[name] for name in _PLAIN if name in params}
    product |= {name: params[name] or [] for name in _LISTS if name in params}
    if "metadata" in params:
        product["metadata"] = merged_metadata(product["metadata"], params["metadata"])
    return product
