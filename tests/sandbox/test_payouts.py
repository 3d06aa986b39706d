"""The balance, its transactions and payouts to the bank."""

from __future__ import annotations

import pytest

METHODS = {"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"}
DAY = 24 * 60 * 60


async def _paid(wire, card="pm_card_bypassPending", amount=10000, currency="usd"):
    form = {"amount": str(amount), "currency": currency, "confirm": "true", "payment_method": card, **METHODS}
    return (await wire.post("/v1/payment_intents", form)).body


async def _balance(wire, currency="usd"):
    balance = (await wire.get("/v1/balance")).body
    return [
        next(entry["amount"] for entry in balance[part] if entry["currency"] == currency)
        for part in ("available", "pending")
    ]


async def test_an_empty_account_has_an_empty_balance(wire):
    assert await _balance(wire) == [0, 0]


async def test_money_is_pending_for_two_days_unless_the_card_bypasses_that(wire):
    await _paid(wire, amount=10000)
    await _paid(wire, "pm_card_visa", amount=5000)
    await _paid(wire, "pm_card_visa", amount=700, currency="eur")

    assert await _balance(wire) == [10000 - 320, 5000 - 175]
    assert await _balance(wire, "eur") == [0, 700 - 50]

    await wire.control("clock", {"advance_seconds": 3 * DAY})

    assert await _balance(wire) == [10000 - 320 + 5000 - 175, 0]


async def test_a_payout_leaves_and_arrives(wire):
    await _paid(wire)

    payout = (await wire.post("/v1/payouts", {"amount": "9000", "currency": "usd"})).body
    assert (payout["status"], payout["automatic"]) == ("pending", False)
    assert await _balance(wire) == [680, 0]

    await wire.control("clock", {"advance_seconds": 2 * 60 * 60})
    assert (await wire.get(f"/v1/payouts/{payout['id']}")).body["status"] == "in_transit"
    await wire.control("clock", {"advance_seconds": 2 * DAY})
    assert (await wire.get(f"/v1/payouts/{payout['id']}")).body["status"] == "paid"
    types = [event["type"] for event in (await wire.get("/v1/events?type=payout.*")).body["data"]]
    assert types == ["payout.paid", "payout.updated", "payout.created"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"amount": "9681", "currency": "usd"}, "balance_insufficient"),
        ({"amount": "1", "currency": "eur"}, "balance_insufficient"),
        ({"amount": "0", "currency": "usd"}, "parameter_invalid_integer"),
        ({"amount": "10", "currency": "usd", "destination": "ba_none"}, None),
        ({"currency": "usd"}, "parameter_missing"),
    ],
)
async def test_a_payout_beyond_the_balance_is_refused(wire, form, code):
    await _paid(wire)

    answer = await wire.post("/v1/payouts", form)

    assert (answer.status, answer.error.get("code")) == (400, code)


async def test_a_payout_can_be_cancelled_before_it_leaves(wire):
    await _paid(wire)
    payout = (await wire.post("/v1/payouts", {"amount": "9000", "currency": "usd"})).body

    cancelled = await wire.post(f"/v1/payouts/{payout['id']}/cancel")
    again = await wire.post(f"/v1/payouts/{payout['id']}/cancel")

    assert (cancelled.body["status"], again.status) == ("canceled", 400)
    assert await _balance(wire) == [9680, 0]


async def test_a_payout_that_arrived_can_be_reversed_once(wire):
    await _paid(wire)
    payout = (await wire.post("/v1/payouts", {"amount": "9000", "currency": "usd"})).body
    early = await wire.post(f"/v1/payouts/{payout['id']}/reverse")
    await wire.control("clock", {"advance_seconds": 2 * 60 * 60})
    await wire.control("clock", {"advance_seconds": 3 * DAY})

    back = await wire.post(f"/v1/payouts/{payout['id']}/reverse", {"metadata[why]": "test"})
    again = await wire.post(f"/v1/payouts/{payout['id']}/reverse")

    assert (early.status, again.status) == (400, 400)
    assert (back.body["amount"], back.body["original_payout"]) == (-9000, payout["id"])
    assert await _balance(wire) == [9680, 0]


async def test_an_automatic_payout_tells_what_it_is_made_of(wire):
    intent = await _paid(wire)
    await wire.post("/v1/refunds", {"payment_intent": intent["id"], "amount": "1000"})
    await _paid(wire, "pm_card_visa")

    [payout_id] = (await wire.control("payouts", {}))["payouts"]
    nothing_more = (await wire.control("payouts", {}))["payouts"]

    payout = (await wire.get(f"/v1/payouts/{payout_id}")).body
    parts = (await wire.get(f"/v1/balance_transactions?payout={payout_id}")).body["data"]
    assert (payout["amount"], payout["automatic"], nothing_more) == (8680, True, [])
    assert sorted(part["type"] for part in parts) == ["charge", "payout", "refund"]
    assert sum(part["net"] for part in parts) == 0
    assert (await _balance(wire))[0] == 0


async def test_balance_transactions_are_found_by_type_source_and_currency(client, wire):
    intent = await _paid(wire)
    refund = await client.v1.refunds.create_async({"payment_intent": intent["id"], "amount": 5})
    await _paid(wire, currency="eur")

    async def found(**filters: str):
        return [t.source for t in (await client.v1.balance_transactions.list_async(filters)).data]

    assert await found(type="refund") == [refund.id]
    assert await found(source=intent["latest_charge"]) == [intent["latest_charge"]]
    assert len(await found(currency="eur")) == 1
    assert len(await found()) == 3


async def test_the_sdk_lists_payouts_and_reads_the_account(client, wire):
    await _paid(wire)
    payout = await client.v1.payouts.create_async({"amount": 500, "currency": "usd", "method": "instant"})
    await client.v1.payouts.update_async(payout.id, {"metadata": {"day": "1"}})

    listed = await client.v1.payouts.list_async({"status": "pending", "arrival_date": {"gt": 0}})
    none = await client.v1.payouts.list_async({"arrival_date": {"lt": 5}})
    account = await client.v1.accounts.retrieve_current_async()

    assert [(p.id, p.metadata.to_dict()) for p in listed.data] == [(payout.id, {"day": "1"})]
    assert none.data == []
    assert account.charges_enabled is True
