"""Terminal: cards that are told by telephone or letter and typed into a reader (MOTO)."""

from __future__ import annotations

import pytest

MOTO = {"process_config[moto]": "true"}


@pytest.fixture
async def reader(wire):
    """A simulated reader."""
    form = {"display_name": "Main hall", "address[country]": "US", "address[line1]": "1 Main Street"}
    location = (await wire.post("/v1/terminal/locations", form)).body["id"]
    form = {"registration_code": "simulated-wpe", "location": location}
    return (await wire.post("/v1/terminal/readers", form)).body["id"]


async def _intent(wire, kind):
    form = {"amount": "2500", "currency": "usd", "allowed_payment_method_types[]": kind}
    return (await wire.post("/v1/payment_intents", form)).body["id"]


async def _process(wire, reader, intent, **form: str):
    path = f"/v1/terminal/readers/{reader}/process_payment_intent"
    return await wire.post(path, {"payment_intent": intent, **form})


async def _type(wire, reader, number):
    form = {"type": "card", "card[number]": number, "card[exp_month]": "12", "card[exp_year]": "2040"}
    return await wire.post(f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method", form)


async def test_a_typed_card_is_charged_and_marked_as_moto(wire, reader):
    intent = await _intent(wire, "card")
    await _process(wire, reader, intent, **MOTO)

    action = (await _type(wire, reader, "4242424242424242")).body["action"]

    paid = (await wire.get(f"/v1/payment_intents/{intent}?expand[]=latest_charge")).body
    details = paid["latest_charge"]["payment_method_details"]
    assert (action["status"], paid["status"]) == ("succeeded", "succeeded")
    assert (details["type"], details["card"]["moto"], details["card"]["last4"]) == ("card", True, "4242")


async def test_nobody_asks_the_bank_about_a_typed_card(wire, reader):
    intent = await _intent(wire, "card")
    await _process(wire, reader, intent, **MOTO)

    await _type(wire, reader, "4000002760003184")

    assert (await wire.get(f"/v1/payment_intents/{intent}")).body["status"] == "succeeded"


async def test_a_typed_card_may_be_declined_and_another_one_typed(wire, reader):
    intent = await _intent(wire, "card")
    await _process(wire, reader, intent, **MOTO)
    declined = (await _type(wire, reader, "4000000000009995")).body["action"]
    await _process(wire, reader, intent, **MOTO)

    await _type(wire, reader, "5555555555554444")

    assert (declined["status"], declined["api_error"]["decline_code"]) == ("failed", "insufficient_funds")
    assert (await wire.get(f"/v1/payment_intents/{intent}")).body["status"] == "succeeded"


@pytest.mark.parametrize(("kind", "form"), [("card_present", MOTO), ("card", {})])
async def test_an_intent_is_either_for_typed_cards_or_for_present_ones(wire, reader, kind, form):
    refused = await _process(wire, reader, await _intent(wire, kind), **form)

    assert (refused.status, refused.error["param"]) == (400, "payment_intent")


async def test_a_cart_has_to_be_cleared_before_a_card_is_typed(wire, reader):
    form = {"type": "cart", "cart[currency]": "usd", "cart[total]": "2500", "cart[line_items][0][amount]": "2500",
            "cart[line_items][0][description]": "Visit", "cart[line_items][0][quantity]": "1"}  # fmt: skip
    await wire.post(f"/v1/terminal/readers/{reader}/set_reader_display", form)
    intent = await _intent(wire, "card")

    refused = await _process(wire, reader, intent, **MOTO)
    await wire.post(f"/v1/terminal/readers/{reader}/cancel_action")

    assert (refused.status, refused.error["code"]) == (400, "invalid_reader_state")
    assert (await _process(wire, reader, intent, **MOTO)).status == 200
