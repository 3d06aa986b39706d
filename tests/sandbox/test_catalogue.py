"""Products, prices and payment links."""

from __future__ import annotations

import pytest


async def _price(wire, **form: str):
    form = {"currency": "usd", "unit_amount": "1500", "product_data[name]": "Visit", **form}
    return (await wire.post("/v1/prices", form)).body


async def test_a_product_comes_with_its_first_price(client):
    product = await client.v1.products.create_async(
        {"name": "X-ray", "id": "xray", "default_price_data": {"currency": "eur", "unit_amount": 900}}
    )

    found = await client.v1.products.retrieve_async("xray", {"expand": ["default_price"]})

    assert (product.id, found.default_price.unit_amount, found.default_price.currency) == ("xray", 900, "eur")
    with pytest.raises(Exception, match="already exists"):
        await client.v1.products.create_async({"name": "Y", "id": "xray"})


async def test_products_are_changed_listed_searched_and_deleted(client, wire):
    product = await client.v1.products.create_async({"name": "Lab", "metadata": {"ward": "B"}})
    other = await client.v1.products.create_async({"name": "Food", "active": False})
    await client.v1.products.update_async(
        product.id, {"description": "Blood", "images": ["https://example.com/a.png"]}
    )

    active = await client.v1.products.list_async({"active": True})
    by_ids = await client.v1.products.list_async({"ids": [other.id]})
    found = await client.v1.products.search_async({"query": 'name~"lab" AND metadata["ward"]:"B"'})
    await client.v1.products.delete_async(other.id)
    gone = await wire.get(f"/v1/products/{other.id}")

    assert [p.id for p in active.data] == [p.id for p in found.data] == [product.id]
    assert [p.id for p in by_ids.data] == [other.id]
    assert active.data[0].description == "Blood"
    assert gone.status == 404


async def test_a_product_with_prices_stays(wire):
    price = await _price(wire)

    assert (await wire.delete(f"/v1/products/{price['product']}")).status == 400


async def test_a_product_has_no_features(wire):
    product = (await _price(wire))["product"]

    assert (await wire.get(f"/v1/products/{product}/features")).body["data"] == []
    refused = await wire.post(f"/v1/products/{product}/features", {"entitlement_feature": "feat_1"})
    assert (refused.status, refused.error["code"]) == (400, "resource_missing")
    assert (await wire.delete(f"/v1/products/{product}/features/prodft_1")).status == 404


async def test_prices_are_changed_listed_and_searched(client, wire):
    once = await _price(wire, lookup_key="visit")
    monthly = await _price(wire, **{"recurring[interval]": "month", "unit_amount": "700"})

    await client.v1.prices.update_async(once["id"], {"nickname": "Visit", "active": False})

    recurring = await client.v1.prices.list_async({"type": "recurring", "recurring": {"interval": "month"}})
    by_key = await client.v1.prices.list_async({"lookup_keys": ["visit"]})
    found = await client.v1.prices.search_async({"query": 'active:"false"'})
    assert [p.id for p in recurring.data] == [monthly["id"]]
    assert monthly["recurring"]["interval_count"] == 1
    assert [p.id for p in by_key.data] == [p.id for p in found.data] == [once["id"]]


async def test_a_lookup_key_has_one_price(wire):
    first = await _price(wire, lookup_key="visit")

    refused = await wire.post("/v1/prices", {"currency": "usd", "unit_amount": "1", "lookup_key": "visit",
                                             "product": first["product"]})  # fmt: skip
    moved = await _price(wire, lookup_key="visit", transfer_lookup_key="true")

    assert (refused.status, refused.error["param"]) == (400, "lookup_key")
    assert moved["lookup_key"] == "visit"
    assert (await wire.get(f"/v1/prices/{first['id']}")).body["lookup_key"] is None


async def test_a_price_may_be_finer_than_a_cent(wire):
    fine = (await wire.post("/v1/prices", {"currency": "usd", "unit_amount_decimal": "0.5",
                                           "product_data[name]": "Sheet"})).body  # fmt: skip

    assert (fine["unit_amount"], fine["unit_amount_decimal"]) == (None, "0.5")


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"currency": "usd", "unit_amount": "5"}, "product"),
        ({"currency": "usd", "unit_amount": "5", "product": "prod_none"}, "product"),
        ({"currency": "xyz", "unit_amount": "5", "product_data[name]": "A"}, "currency"),
        ({"currency": "usd", "product_data[name]": "A"}, "unit_amount"),
        ({"currency": "usd", "unit_amount": "-5", "product_data[name]": "A"}, "unit_amount"),
        ({"currency": "usd", "unit_amount_decimal": "five", "product_data[name]": "A"}, "unit_amount_decimal"),
        ({"currency": "usd", "unit_amount": "5", "product_data[name]": "A", "tiers_mode": "volume"}, "tiers_mode"),
    ],
)
async def test_a_price_that_cannot_be_is_refused(wire, form, param):
    answer = await wire.post("/v1/prices", form)

    assert (answer.status, answer.error["param"]) == (400, param)


async def test_a_payment_link_opens_a_session_for_each_visitor(wire, session):
    price = await _price(wire)
    link = (await wire.post("/v1/payment_links", {"line_items[0][price]": price["id"], "line_items[0][quantity]": "2",
                                                  "metadata[desk]": "3"})).body  # fmt: skip

    for _ in range(2):
        async with session.get(link["url"], allow_redirects=False) as visit:
            assert (visit.status, "/c/" in visit.headers["Location"]) == (303, True)

    sessions = (await wire.get(f"/v1/checkout/sessions?payment_link={link['id']}")).body["data"]
    items = (await wire.get(f"/v1/payment_links/{link['id']}/line_items")).body["data"]
    assert [s["amount_total"] for s in sessions] == [3000, 3000]
    assert [item["amount_total"] for item in items] == [3000]


async def test_a_payment_link_that_is_switched_off_opens_nothing(client, wire, session):
    price = await _price(wire)
    item = {"price": price["id"], "quantity": 1}
    link = await client.v1.payment_links.create_async({"line_items": [item]})
    await client.v1.payment_links.update_async(link.id, {"active": False, "inactive_message": "Closed today."})

    async with session.get(link.url, allow_redirects=False) as visit:
        assert (visit.status, await visit.text()) == (404, "Closed today.")

    listed = await client.v1.payment_links.list_async({"active": False})
    expanded = await client.v1.payment_links.retrieve_async(link.id, {"expand": ["line_items"]})
    assert [entry.id for entry in listed.data] == [link.id]
    assert expanded.line_items.data[0].amount_total == 1500
    refused = await wire.post("/v1/payment_links", {"line_items[0][price]": price["id"],
                                                    "line_items[0][quantity]": "1",
                                                    "application_fee_amount": "5"})  # fmt: skip
    assert refused.error["param"] == "application_fee_amount"
