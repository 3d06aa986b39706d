"""What belongs to a customer: sources, balances, tax numbers, sessions; and confirmation tokens."""

from __future__ import annotations

import pytest

RETURN = "http://127.0.0.1/return"


async def _customer(wire):
    return (await wire.post("/v1/customers", {})).body["id"]


async def test_a_source_is_a_card_seen_the_old_way(wire):
    customer = await _customer(wire)
    path = f"/v1/customers/{customer}/sources"

    source = (await wire.post(path, {"source": "tok_visa", "metadata[a]": "1"})).body
    changed = (await wire.post(f"{path}/{source['id']}", {"name": "Ann Example", "exp_year": "2040"})).body

    listed = (await wire.get(f"{path}?object=card")).body["data"]
    methods = (await wire.get(f"/v1/customers/{customer}/payment_methods")).body["data"]
    assert (source["object"], source["last4"], source["customer"]) == ("card", "4242", customer)
    assert (changed["name"], changed["exp_year"], changed["metadata"]) == ("Ann Example", 2040, {"a": "1"})
    assert listed == [changed]
    assert [(method["id"], method["card"]["exp_year"]) for method in methods] == [(source["id"], 2040)]
    assert (await wire.get(f"/v1/customers/{customer}")).body["default_source"] == source["id"]
    expanded = (await wire.get(f"/v1/customers/{customer}?expand[]=sources")).body
    assert expanded["sources"]["data"] == [changed]


async def test_a_deleted_source_is_gone(wire):
    customer = await _customer(wire)
    path = f"/v1/customers/{customer}/sources"
    source = (await wire.post(path, {"source": "tok_visa"})).body

    deleted = (await wire.delete(f"{path}/{source['id']}")).body

    assert deleted == {"id": source["id"], "object": "card", "deleted": True}
    assert (await wire.get(f"{path}/{source['id']}")).status == 404
    assert (await wire.get(f"/v1/customers/{customer}")).body["default_source"] is None
    kinds = [event["type"] for event in (await wire.get("/v1/events?type=customer.source.*")).body["data"]]
    assert kinds == ["customer.source.deleted", "customer.source.created"]


async def test_a_declined_card_becomes_no_source(wire):
    path = f"/v1/customers/{await _customer(wire)}/sources"

    refused = await wire.post(path, {"source": "tok_chargeDeclined"})

    assert (refused.status, refused.error["code"]) == (402, "card_declined")
    assert (await wire.get(path)).body["data"] == []


async def test_changes_of_a_balance_add_up(client, wire):
    customer = await _customer(wire)
    first = await client.v1.customers.balance_transactions.create_async(customer, {"amount": -500, "currency": "usd"})
    second = await client.v1.customers.balance_transactions.create_async(customer, {"amount": 200, "currency": "usd"})

    await client.v1.customers.balance_transactions.update_async(customer, first.id, {"description": "Goodwill"})
    other = await wire.post(f"/v1/customers/{customer}/balance_transactions", {"amount": "1", "currency": "eur"})

    listed = (await client.v1.customers.balance_transactions.list_async(customer)).data
    assert [(t.id, t.ending_balance, t.description) for t in listed] == [
        (second.id, -300, None),
        (first.id, -500, "Goodwill"),
    ]
    assert (await client.v1.customers.retrieve_async(customer)).balance == -300
    assert (other.status, other.error["param"]) == (400, "currency")


async def test_tax_numbers_are_noted(client, wire):
    customer = await _customer(wire)
    tax_id = await client.v1.customers.tax_ids.create_async(customer, {"type": "eu_vat", "value": "DE123456789"})

    listed = await client.v1.customers.tax_ids.list_async(customer)
    gone = await client.v1.customers.tax_ids.delete_async(customer, tax_id.id)
    stranger = await wire.get(f"/v1/customers/{await _customer(wire)}/tax_ids/{tax_id.id}")

    assert [(t.id, t.country, t.verification.status) for t in listed.data] == [(tax_id.id, "DE", "unavailable")]
    assert (gone.deleted, stranger.status) == (True, 404)


async def test_a_cash_balance_has_settings_but_no_money(client, wire):
    customer = await _customer(wire)
    await client.v1.customers.cash_balance.update_async(customer, {"settings": {"reconciliation_mode": "manual"}})

    found = await client.v1.customers.cash_balance.retrieve_async(customer)

    assert (found.available, found.settings.reconciliation_mode) == (None, "manual")
    assert (await wire.get(f"/v1/customers/{customer}/cash_balance_transactions")).body["data"] == []
    assert (await wire.get(f"/v1/customers/{customer}/cash_balance_transactions/ccsbtxn_1")).status == 404


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("DELETE", "discount", None),
        ("POST", "funding_instructions", {"currency": "usd", "funding_type": "bank_transfer",
                                          "bank_transfer[type]": "us_bank_transfer"}),
        ("POST", "sources/card_none/verify", {}),
    ],
)  # fmt: skip
async def test_what_cannot_apply_to_cards_is_refused(wire, method, path, form):
    answer = await wire.send(method, f"/v1/customers/{await _customer(wire)}/{path}", form)

    assert answer.status in (400, 404)
    assert answer.error["message"]


async def test_a_deleted_customer_has_no_parts(wire):
    customer = await _customer(wire)
    await wire.delete(f"/v1/customers/{customer}")

    for part in ("sources", "tax_ids", "balance_transactions", "cash_balance"):
        assert (await wire.get(f"/v1/customers/{customer}/{part}")).status == 404


async def test_a_customer_session_opens_the_components_asked_for(client, wire):
    session = await client.v1.customer_sessions.create_async(
        {"customer": await _customer(wire), "components": {"buy_button": {"enabled": True}}}
    )

    assert (session.components.buy_button.enabled, session.components.pricing_table.enabled) == (True, False)
    assert session.client_secret


async def test_a_confirmation_token_pays_once(wire):
    token = (await wire.post("/v1/test_helpers/confirmation_tokens",
                             {"payment_method": "pm_card_visa", "return_url": RETURN})).body  # fmt: skip
    form = {"amount": "500", "currency": "usd", "confirm": "true", "confirmation_token": token["id"]}

    paid = await wire.post("/v1/payment_intents", form)
    again = await wire.post("/v1/payment_intents", form)
    unconfirmed = await wire.post("/v1/payment_intents", {**form, "confirm": "false"})

    assert token["payment_method_preview"]["card"]["last4"] == "4242"
    assert paid.body["status"] == "succeeded"
    assert (again.status, unconfirmed.status) == (400, 400)


async def test_a_confirmation_token_that_expired_is_refused(wire):
    token = (await wire.post("/v1/test_helpers/confirmation_tokens", {"payment_method": "pm_card_visa"})).body
    await wire.control("clock", {"advance_seconds": 13 * 60 * 60})
    setup = (await wire.post("/v1/setup_intents", {})).body

    answer = await wire.post(f"/v1/setup_intents/{setup['id']}/confirm", {"confirmation_token": token["id"]})

    assert (answer.status, answer.error["param"]) == (400, "confirmation_token")


async def test_a_bank_transfer_and_a_top_up_arrive(unlogged):
    customer = (await unlogged.post("/v1/customers", {})).body
    fund = f"/v1/test_helpers/customers/{customer['id']}/fund_cash_balance"

    for amount in ("1000", "500"):
        funded = (await unlogged.post(fund, {"amount": amount, "currency": "eur"})).body
    refused = await unlogged.post(fund, {"amount": "-1", "currency": "eur"})
    topup = (await unlogged.post("/v1/topups", {"amount": "2000", "currency": "eur"})).body
    await unlogged.control("clock", {"advance_seconds": 86_401})

    cash = (await unlogged.get(f"/v1/customers/{customer['id']}/cash_balance")).body
    assert (funded["type"], funded["net_amount"], funded["ending_balance"]) == ("funded", 500, 1500)
    assert (cash["available"], refused.status) == ({"eur": 1500}, 400)
    assert (topup["status"], (await unlogged.get(f"/v1/topups/{topup['id']}")).body["status"]) == (
        "pending",
        "succeeded",
    )
    assert (await unlogged.get("/v1/balance")).body["available"][0]["amount"] == 2000
