"""Charges and balance transactions."""

from __future__ import annotations

from typing import Any

import pytest
import stripe


async def test_a_token_can_be_charged_directly_and_captured_later(client):
    charge = await client.v1.charges.create_async(
        {"amount": 900, "currency": "usd", "source": "tok_visa", "capture": False}
    )
    captured = await client.v1.charges.capture_async(charge.id, {"amount": 700})

    assert (charge.captured, charge.source.object) == (False, "card")
    assert (captured.amount_captured, captured.amount_refunded) == (700, 200)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await client.v1.charges.capture_async(charge.id)
    assert refusal.value.code == "charge_already_captured"


async def test_a_customers_card_is_charged_by_name_or_as_the_default(client):
    customer = await client.v1.customers.create_async({"source": "tok_visa"})
    second: Any = await client.v1.customers.payment_sources.create_async(customer.id, {"source": "tok_amex"})
    stranger = await client.v1.customers.create_async({})
    charging = {"amount": 900, "currency": "usd", "customer": customer.id}

    by_default: Any = await client.v1.charges.create_async(charging)
    named: Any = await client.v1.charges.create_async({**charging, "source": second.id})
    with pytest.raises(stripe.CardError) as nothing:
        await client.v1.charges.create_async({**charging, "customer": stranger.id})
    with pytest.raises(stripe.InvalidRequestError, match="does not have a linked source") as not_theirs:
        await client.v1.charges.create_async({**charging, "customer": stranger.id, "source": second.id})

    assert (by_default.source.brand, by_default.payment_method) == ("Visa", customer.default_source)
    assert (named.source.brand, named.payment_method, named.customer) == ("American Express", second.id, customer.id)
    assert (nothing.value.code, not_theirs.value.code) == ("missing", "missing")


async def test_a_declined_token_leaves_a_failed_charge(client):
    with pytest.raises(stripe.CardError) as decline:
        await client.v1.charges.create_async({"amount": 900, "currency": "usd", "source": "tok_chargeDeclined"})

    error: Any = decline.value.error
    charge = await client.v1.charges.retrieve_async(error.charge)
    assert charge.status == "failed"


async def test_charges_are_found_by_customer_and_by_search(client):
    customer = await client.v1.customers.create_async({})
    charge = await client.v1.charges.create_async(
        {"amount": 900, "currency": "usd", "source": "tok_visa", "customer": customer.id, "metadata": {"a": "b"}}
    )
    await client.v1.charges.create_async({"amount": 901, "currency": "usd", "source": "tok_amex"})

    listed = await client.v1.charges.list_async({"customer": customer.id})
    found = await client.v1.charges.search_async({"query": 'payment_method_details.card.brand:"visa" amount<901'})

    assert [hit.id for hit in listed.data] == [hit.id for hit in found.data] == [charge.id]


async def test_money_becomes_available_after_two_days_or_at_once(client, wire):
    for token in ("tok_visa", "tok_bypassPending"):
        await client.v1.charges.create_async({"amount": 900, "currency": "usd", "source": token})
    before = await client.v1.balance_transactions.list_async()
    await wire.control("clock", {"advance_seconds": 2 * 24 * 3600})
    after = await client.v1.balance_transactions.list_async()

    told = await client.v1.events.list_async({"type": "balance.available"})

    assert [movement.status for movement in before.data] == ["available", "pending"]
    assert [movement.status for movement in after.data] == ["available", "available"]
    assert [event.data.object["available"][0]["amount"] for event in told.data] == [1688, 844]


async def test_a_charge_can_be_annotated(client):
    charge = await client.v1.charges.create_async({"amount": 900, "currency": "usd", "source": "tok_visa"})

    await client.v1.charges.update_async(charge.id, {"description": "corrected"})

    [event] = (await client.v1.events.list_async({"types": ["charge.updated"]})).data
    assert event.data.to_dict()["previous_attributes"] == {"description": None}
