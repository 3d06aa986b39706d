"""Vouchers: shown at once, paid or run out days later, and nothing charged before."""

from __future__ import annotations

import pytest

from tests.sandbox.browser import Browser, open_session

DAY = 86_400


@pytest.fixture
def browser(session):
    """The customer's browser."""
    return Browser(session)


async def vouched(wire, kind="multibanco", *, currency="eur", email="patient@example.org"):
    """Confirm an intent with a voucher; return the answer."""
    form = {
        "amount": "2500", "currency": currency, "confirm": "true", "allowed_payment_method_types[]": kind,
        "payment_method_data[type]": kind, "payment_method_data[billing_details][email]": email,
        "payment_method_data[billing_details][name]": "Patient",
    }  # fmt: skip
    return await wire.post("/v1/payment_intents", form)


async def look(wire, intent):
    return (await wire.get(f"/v1/payment_intents/{intent['id']}?expand[]=latest_charge")).body


async def test_a_voucher_says_how_to_pay_and_until_when(wire):
    multibanco = (await vouched(wire)).body
    oxxo = (await vouched(wire, "oxxo", currency="mxn")).body

    by_reference = multibanco["next_action"]["multibanco_display_details"]
    by_number = oxxo["next_action"]["oxxo_display_details"]
    assert {multibanco["status"], oxxo["status"]} == {"requires_action"}
    assert multibanco["latest_charge"] is None
    assert (len(by_reference["entity"]), len(by_reference["reference"]), len(by_number["number"])) == (5, 9, 14)
    assert by_reference["expires_at"] == multibanco["created"] + 7 * DAY
    assert by_number["expires_after"] == oxxo["created"] + 3 * DAY
    assert "/c/voucher/" in by_reference["hosted_voucher_url"]


@pytest.mark.parametrize(
    ("email", "seconds", "status", "why"),
    [
        ("anybody@example.org", 181, "succeeded", None),
        ("mr.succeed_immediately@example.org", 4, "succeeded", None),
        ("expire_immediately@example.org", 4, "requires_payment_method", "payment_intent_payment_attempt_expired"),
        ("expire_with_delay@example.org", 181, "requires_payment_method", "payment_intent_payment_attempt_expired"),
        ("fill_never@example.org", 7 * DAY + 1, "requires_payment_method", "payment_intent_payment_attempt_expired"),
    ],
)
async def test_the_address_decides_what_becomes_of_it(wire, email, seconds, status, why):
    begun = (await vouched(wire, email=email)).body
    await wire.control("clock", {"advance_seconds": seconds})
    ended = await look(wire, begun)

    assert (ended["status"], (ended["last_payment_error"] or {}).get("code")) == (status, why)
    assert (ended["latest_charge"] is None) is (status != "succeeded")


async def test_a_voucher_is_paid_once_and_not_after_its_intent_was_cancelled(wire):
    begun = (await vouched(wire)).body
    await wire.post(f"/v1/payment_intents/{begun['id']}/cancel", {})
    await wire.control("clock", {"advance_seconds": DAY})

    assert (await look(wire, begun))["status"] == "canceled"
    assert (await wire.get("/v1/charges")).body["data"] == []


async def test_a_page_that_ends_in_a_voucher_is_complete_and_unpaid_until_that_is_paid(client, browser, wire):
    session = await open_session(client, allowed_payment_method_types=["card", "multibanco"])
    shown = await browser.pay(session.url, method="multibanco", email="fill_never@example.org")
    unpaid = await client.v1.checkout.sessions.retrieve_async(session.id)
    lacking = await browser.pay((await open_session(client, allowed_payment_method_types=["card", "multibanco"])).url,
                                   method="multibanco")  # fmt: skip
    after = await browser.answer(shown, "paid")
    paid = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent.latest_charge"]})
    kinds = {event.type for event in (await client.v1.events.list_async({"limit": 50})).data}

    assert "/c/voucher/" in shown.address
    assert "Multibanco" in shown.text
    assert (unpaid.status, unpaid.payment_status) == ("complete", "unpaid")
    assert lacking.error("email") == "Your email is incomplete."
    assert "This voucher is paid" in after.text
    assert (paid.status, paid.payment_status) == ("complete", "paid")
    assert paid.payment_intent.latest_charge.payment_method_details.type == "multibanco"
    assert {"checkout.session.completed", "checkout.session.async_payment_succeeded"} <= kinds


async def test_money_of_a_voucher_goes_back_to_an_account_that_is_asked_for_or_not_at_all(wire):
    multibanco = (await vouched(wire, email="succeed_immediately@example.org")).body
    oxxo = (await vouched(wire, "oxxo", currency="mxn", email="succeed_immediately@example.org")).body
    await wire.control("clock", {"advance_seconds": 4})
    asked = (await wire.post("/v1/refunds", {"payment_intent": multibanco["id"]})).body
    refused = await wire.post("/v1/refunds", {"payment_intent": oxxo["id"]})
    await wire.control("clock", {"advance_seconds": DAY + 1})
    sent = (await wire.get(f"/v1/refunds/{asked['id']}")).body

    assert asked["status"] == "requires_action"
    assert asked["next_action"]["display_details"]["email_sent"]["email_sent_to"] == "succeed_immediately@example.org"
    assert sent["status"] == "succeeded"
    assert refused.status == 400
    assert "cannot be refunded" in refused.error["message"]
