"""Setup intents: saving a card without a payment."""

from __future__ import annotations

import pytest

from cashier.sandbox.objects.authentication import answer_challenge

RETURN = "http://127.0.0.1/return"


async def _customer(wire):
    return (await wire.post("/v1/customers", {})).body["id"]


async def _set_up(wire, card, **form: str):
    form = {"confirm": "true", "return_url": RETURN, "payment_method": card, **form}
    return await wire.post("/v1/setup_intents", form)


def _answer(sandbox, intent, passed):
    challenge = intent["next_action"]["redirect_to_url"]["url"].rsplit("/", 1)[1]
    with sandbox.account.transaction():
        answer_challenge(sandbox.account, challenge, passed=passed)


async def test_a_card_that_is_set_up_belongs_to_its_customer(wire):
    customer = await _customer(wire)

    intent = (await _set_up(wire, "pm_card_visa", customer=customer)).body

    attempt = (await wire.get(f"/v1/setup_intents/{intent['id']}?expand[]=latest_attempt")).body["latest_attempt"]
    saved = (await wire.get(f"/v1/customers/{customer}/payment_methods")).body["data"]
    assert (intent["status"], intent["usage"]) == ("succeeded", "off_session")
    assert [method["id"] for method in saved] == [intent["payment_method"]]
    assert (attempt["status"], attempt["setup_intent"]) == ("succeeded", intent["id"])


async def test_a_declined_card_is_not_saved_and_another_may_be_tried(wire):
    customer = await _customer(wire)

    refused = await _set_up(wire, "pm_card_chargeDeclinedInsufficientFunds", customer=customer)
    again = await wire.post(
        f"/v1/setup_intents/{refused.error['setup_intent']['id']}/confirm",
        {"payment_method": "pm_card_visa", "return_url": RETURN},
    )

    assert (refused.status, refused.error["decline_code"]) == (402, "insufficient_funds")
    assert refused.error["setup_intent"]["last_setup_error"]["code"] == "card_declined"
    assert refused.error["setup_intent"]["status"] == "requires_payment_method"
    assert again.body["status"] == "succeeded"


async def test_a_card_set_up_with_authentication_pays_without_it_later(wire, sandbox):
    customer = await _customer(wire)
    intent = (await _set_up(wire, "pm_card_authenticationRequiredOnSetup", customer=customer)).body
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "redirect_to_url")

    _answer(sandbox, intent, passed=True)

    intent = (await wire.get(f"/v1/setup_intents/{intent['id']}")).body
    form = {"amount": "900", "currency": "usd", "customer": customer, "payment_method": intent["payment_method"],
            "confirm": "true", "off_session": "true"}  # fmt: skip
    paid = (await wire.post("/v1/payment_intents", form)).body
    assert (intent["status"], paid["status"]) == ("succeeded", "succeeded")


async def test_a_failed_authentication_saves_nothing(wire, sandbox):
    customer = await _customer(wire)
    intent = (await _set_up(wire, "pm_card_authenticationRequired", customer=customer)).body

    _answer(sandbox, intent, passed=False)

    intent = (await wire.get(f"/v1/setup_intents/{intent['id']}")).body
    assert intent["status"] == "requires_payment_method"
    assert intent["last_setup_error"]["code"] == "setup_intent_authentication_failure"
    assert (await wire.get(f"/v1/customers/{customer}/payment_methods")).body["data"] == []


async def test_a_cancelled_setup_stays_cancelled(wire):
    intent = (await wire.post("/v1/setup_intents", {})).body

    cancelled = await wire.post(f"/v1/setup_intents/{intent['id']}/cancel", {"cancellation_reason": "abandoned"})
    late = await wire.post(f"/v1/setup_intents/{intent['id']}/confirm", {"payment_method": "pm_card_visa"})

    assert (cancelled.body["status"], cancelled.body["cancellation_reason"]) == ("canceled", "abandoned")
    assert (late.status, late.error["code"]) == (400, "setup_intent_unexpected_state")


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"customer": "cus_none"}, "customer"),
        ({"confirm": "true", "payment_method": "pm_card_visa"}, None),
        ({"confirm": "true", "return_url": RETURN}, None),
        ({"return_url": RETURN}, "return_url"),
        ({"single_use[amount]": "100", "single_use[currency]": "usd"}, "single_use"),
        ({"usage": "sometimes"}, "usage"),
        ({"payment_method_types[]": "card"}, "payment_method_types"),
    ],
)
async def test_a_setup_that_cannot_be_is_refused(wire, form, param):
    answer = await wire.post("/v1/setup_intents", form)

    assert answer.status == 400
    assert answer.error.get("param") == param


async def test_the_sdk_makes_changes_and_lists_setup_intents(client):
    customer = await client.v1.customers.create_async({})
    intent = await client.v1.setup_intents.create_async({"customer": customer.id, "usage": "on_session"})
    await client.v1.setup_intents.create_async()

    method = await client.v1.payment_methods.create_async(
        {"type": "card", "card": {"token": "tok_visa"}, "allow_redisplay": "always"}
    )
    await client.v1.setup_intents.update_async(intent.id, {"payment_method": method.id, "description": "x"})
    done = await client.v1.setup_intents.confirm_async(intent.id, {"return_url": RETURN})

    method = await client.v1.payment_methods.retrieve_async(str(done.payment_method))
    listed = await client.v1.setup_intents.list_async({"customer": customer.id})
    assert (done.status, done.usage, method.allow_redisplay) == ("succeeded", "on_session", "always")
    assert [i.id for i in listed.data] == [intent.id]


async def test_a_request_without_a_version_saves_a_card_without_a_way_back(unlogged):
    form = {"confirm": "true", "payment_method": "pm_card_authenticationRequired"}

    pinned = await unlogged.post("/v1/setup_intents", form)
    unpinned = await unlogged.post("/v1/setup_intents", form, Stripe_Version="")

    assert (pinned.status, unpinned.status) == (400, 200)
    assert (unpinned.body["status"], unpinned.body["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
