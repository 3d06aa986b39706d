"""Lists, searches and expansion."""

from __future__ import annotations

import time

import pytest

from tests.sandbox.conftest import Wire


async def _customers(wire: Wire, count: int) -> list[str]:
    return [(await wire.post("/v1/customers", {"name": f"C{n}"})).body["id"] for n in range(count)]


async def test_pages_go_back_in_time_and_forth_again(wire):
    ids = await _customers(wire, 5)
    newest_first = ids[::-1]

    first = (await wire.get("/v1/customers?limit=2")).body
    second = (await wire.get(f"/v1/customers?limit=2&starting_after={first['data'][-1]['id']}")).body
    back = (await wire.get(f"/v1/customers?limit=2&ending_before={second['data'][0]['id']}")).body

    assert [c["id"] for c in first["data"]] == newest_first[:2]
    assert first["has_more"] is True
    assert [c["id"] for c in second["data"]] == newest_first[2:4]
    assert [c["id"] for c in back["data"]] == newest_first[:2]
    assert back["has_more"] is False


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "starting_after=cus_none", "limit=ten"])
async def test_wrong_paging_is_refused(wire, query):
    assert (await wire.get(f"/v1/customers?{query}")).status == 400


async def test_the_time_of_creation_filters(wire):
    [early] = await _customers(wire, 1)
    created = (await wire.get(f"/v1/customers/{early}")).body["created"]
    await wire.control("clock", {"advance_seconds": 100})
    [late] = await _customers(wire, 1)

    after = (await wire.get(f"/v1/customers?created[gt]={created + 50}")).body["data"]
    before = (await wire.get(f"/v1/customers?created[lte]={created + 50}")).body["data"]

    assert [c["id"] for c in after] == [late]
    assert [c["id"] for c in before] == [early]


async def test_thousands_of_events_page_fast(sandbox, wire):
    customer = (await wire.post("/v1/customers", {})).body
    with sandbox.account.transaction():
        for _ in range(5000):
            sandbox.account.emit("customer.updated", customer, {})
    started = time.perf_counter()

    seen, after = 0, ""
    for _ in range(10):
        page = (await wire.get(f"/v1/events?limit=100&types[]=customer.updated{after}")).body
        seen += len(page["data"])
        after = f"&starting_after={page['data'][-1]['id']}"

    assert seen == 1000
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('metadata["order"]:"A1"', ["a"]),
        ('name:"Ann"', ["a"]),
        ('name~"nn"', None),
        ('name~"ann"', ["a"]),
        ('-name:"Ann"', ["b"]),
        ('name:"Ann" OR name:"Bob"', ["b", "a"]),
        ('name:"Ann" AND metadata["order"]:"B2"', []),
        ('metadata["order"]:null', []),
        ('created>0 name:"Bob"', ["b"]),
        ('colour:"red"', None),
        ('name:"Ann" AND name:"Bob" OR name:"C"', None),
        ("name>5", None),
        ("rubbish", None),
        (r'metadata["a\"b"]:"c"', None),
        ("", None),
    ],
)
async def test_search_finds_what_the_query_says(wire, query, found):
    ids = {
        (await wire.post("/v1/customers", {"name": "Ann", "metadata[order]": "A1"})).body["id"]: "a",
        (await wire.post("/v1/customers", {"name": "Bob", "metadata[order]": "B2"})).body["id"]: "b",
    }

    async with wire.session.get(
        f"{wire.url}/v1/customers/search", params={"query": query}, headers={"Authorization": "Bearer sk_test_x"}
    ) as answer:
        body = await answer.json()

    if found is None:
        assert answer.status == 400
    else:
        assert [ids[customer["id"]] for customer in body["data"]] == found


async def test_search_pages_with_a_token(client):
    for _ in range(3):
        await client.v1.customers.create_async({"name": "Same"})

    first = await client.v1.customers.search_async({"query": 'name:"Same"', "limit": 2})
    rest = await client.v1.customers.search_async({"query": 'name:"Same"', "limit": 2, "page": first.next_page})

    assert (len(first.data), first.has_more) == (2, True)
    assert (len(rest.data), rest.has_more) == (1, False)


async def test_ids_expand_into_objects_at_any_allowed_depth(wire):
    paid = {"amount": "500", "currency": "eur", "confirm": "true", "payment_method": "pm_card_visa"}
    await wire.post("/v1/payment_intents", paid | {"allowed_payment_method_types[]": "card"})

    path = "/v1/payment_intents?expand[]=data.latest_charge.balance_transaction.source&expand[]=data.customer"
    [intent] = (await wire.get(path)).body["data"]

    assert intent["latest_charge"]["balance_transaction"]["source"]["object"] == "charge"
    assert intent["customer"] is None


@pytest.mark.parametrize("path", ["amount", "nonsense", "latest_charge.x", "data.customer", "a.b.c.d.e"])
async def test_what_cannot_be_expanded_is_refused(wire, path):
    paid = {"amount": "500", "currency": "eur", "confirm": "true", "payment_method": "pm_card_visa"}
    intent = (await wire.post("/v1/payment_intents", paid | {"allowed_payment_method_types[]": "card"})).body

    answer = await wire.get(f"/v1/payment_intents/{intent['id']}?expand[]={path}")

    assert answer.status == 400
    assert answer.error["param"] == "expand"
