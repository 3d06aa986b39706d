"""Bank redirects: the payer's bank says yes or no on its own page, or the payer never comes back."""

from __future__ import annotations

import pytest

from tests.sandbox.browser import Browser, open_session


@pytest.fixture
def browser(session):
    """The payer's browser."""
    return Browser(session)


async def redirected(wire, kind="ideal", *, return_url="https://cashier.invalid/back", **more):
    """Confirm an intent whose payer is sent to a bank; return the answer."""
    form = {
        "amount": "2500", "currency": "eur", "confirm": "true", "allowed_payment_method_types[]": kind,
        "payment_method_data[type]": kind, "payment_method_data[billing_details][name]": "Patient",
        "payment_method_data[billing_details][email]": "patient@example.org", **more,
    }  # fmt: skip
    return await wire.post("/v1/payment_intents", form | ({"return_url": return_url} if return_url else {}))


@pytest.mark.parametrize("kind", ["bancontact", "eps", "ideal", "p24"])
async def test_a_bank_that_says_yes_pays_at_once(wire, browser, kind):
    begun = (await redirected(wire, kind)).body
    action = begun["next_action"]["redirect_to_url"]
    back = await browser.answer(await browser.open(action["url"]), "complete")
    ended = (await wire.get(f"/v1/payment_intents/{begun['id']}?expand[]=latest_charge")).body

    assert begun["status"] == "requires_action"
    assert "redirect_status=succeeded" in back.address
    assert ended["status"] == "succeeded"
    assert ended["latest_charge"]["payment_method_details"]["type"] == kind


async def test_a_bank_that_says_no_leaves_the_intent_to_be_paid_otherwise(wire, browser):
    begun = (await redirected(wire)).body
    back = await browser.answer(await browser.open(begun["next_action"]["redirect_to_url"]["url"]), "fail")
    ended = (await wire.get(f"/v1/payment_intents/{begun['id']}")).body

    assert "redirect_status=failed" in back.address
    assert ended["status"] == "requires_payment_method"
    assert ended["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    assert ended["last_payment_error"]["message"].startswith("The customer did not approve the PaymentIntent.")


async def test_the_way_back_and_the_currency_have_to_be_right(wire):
    lost = await redirected(wire, return_url=None)
    in_zloty = await redirected(wire, "ideal", currency="pln")

    assert (lost.status, lost.error["param"]) == (400, "return_url")
    assert in_zloty.error["code"] == "payment_method_invalid_parameter"


async def test_a_page_goes_to_the_bank_and_back_and_stays_open_while_nobody_answers(client, browser):
    session = await open_session(client, allowed_payment_method_types=["card", "ideal"])
    bank = await browser.pay(session.url, method="ideal")
    abandoned = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent"]})
    refused = await browser.answer(bank, "fail")
    again = await browser.pay(session.url, method="ideal")
    paid = await browser.answer(again, "complete")
    ended = await client.v1.checkout.sessions.retrieve_async(session.id)

    assert "iDEAL test payment page" in bank.text
    assert (abandoned.status, abandoned.payment_intent.status) == ("open", "requires_action")
    assert abandoned.payment_intent.next_action.type == "redirect_to_url"
    assert "unable to authenticate" in refused.decline_message
    assert paid.is_outside
    assert (ended.status, ended.payment_status) == ("complete", "paid")


async def test_a_refund_takes_the_bank_some_time_and_nothing_can_be_kept_for_later(wire, browser):
    begun = (await redirected(wire)).body
    await browser.answer(await browser.open(begun["next_action"]["redirect_to_url"]["url"]), "complete")
    refund = (await wire.post("/v1/refunds", {"payment_intent": begun["id"]})).body
    await wire.control("clock", {"advance_seconds": 31})
    customer = (await wire.post("/v1/customers", {})).body
    method = (await wire.post("/v1/payment_methods", {"type": "ideal"})).body
    kept = await wire.post(f"/v1/payment_methods/{method['id']}/attach", {"customer": customer["id"]})

    assert (refund["status"], refund["pending_reason"]) == ("pending", "processing")
    assert (await wire.get(f"/v1/refunds/{refund['id']}")).body["status"] == "succeeded"
    assert kept.status == 400
