"""Checkout in setup mode: a card is saved, nothing is charged."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
import stripe

from tests.sandbox.browser import AUTHENTICATED, CANCEL_URL, DECLINED, SUCCESS_URL, Browser


@pytest.fixture
def browser(session: aiohttp.ClientSession) -> Browser:
    return Browser(session)


async def _open(client: stripe.StripeClient, **more: Any) -> Any:
    customer = await client.v1.customers.create_async({})
    params: Any = {
        "mode": "setup",
        "currency": "eur",
        "customer": customer.id,
        "success_url": SUCCESS_URL,
        "cancel_url": CANCEL_URL,
        **more,
    }
    return await client.v1.checkout.sessions.create_async(params)


async def _fetch(client: stripe.StripeClient, session: Any) -> Any:
    return await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["setup_intent"]})


async def test_a_card_is_saved_and_nothing_is_charged(client, browser):
    session = await _open(client, setup_intent_data={"description": "Card on file"})

    page = await browser.open(session.url)
    arrived = await browser.pay(session.url)

    saved = await _fetch(client, session)
    [method] = (await client.v1.customers.payment_methods.list_async(session.customer)).data
    assert "Save card" in page.text
    assert "Nothing is charged now" in page.text
    assert arrived.is_outside
    assert (saved.status, saved.payment_status, saved.amount_total) == ("complete", "no_payment_required", None)
    assert (saved.setup_intent.status, saved.setup_intent.description) == ("succeeded", "Card on file")
    assert (method.id, method.allow_redisplay) == (saved.setup_intent.payment_method, "always")
    assert (await client.v1.charges.list_async({})).data == []


async def test_a_challenge_decides_whether_the_card_is_saved(client, browser):
    session = await _open(client)

    page = await browser.answer(await browser.pay(session.url, AUTHENTICATED), "fail")
    failed = await _fetch(client, session)
    arrived = await browser.answer(await browser.pay(session.url, AUTHENTICATED), "complete")
    saved = await _fetch(client, session)

    assert page.decline_message.startswith("We are unable to authenticate")
    assert (failed.status, failed.setup_intent.status) == ("open", "requires_payment_method")
    assert arrived.is_outside
    assert (saved.status, saved.setup_intent.status) == ("complete", "succeeded")


async def test_a_declined_card_is_not_saved(client, browser):
    session = await _open(client)

    page = await browser.pay(session.url, DECLINED)

    assert page.decline_message == "Your card was declined."
    assert (await _fetch(client, session)).status == "open"
    assert (await client.v1.customers.payment_methods.list_async(session.customer)).data == []


async def test_an_expired_session_cancels_its_setup_intent(client):
    session = await _open(client)

    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        await client.v1.setup_intents.cancel_async(session.setup_intent)
    await client.v1.checkout.sessions.expire_async(session.id)

    expired = await _fetch(client, session)
    assert (expired.status, expired.setup_intent.status) == ("expired", "canceled")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"payment_intent_data": {"description": "Item"}}, "payment_intent_data"),
        ({"saved_payment_method_options": {"payment_method_save": "enabled"}}, "saved_payment_method_options"),
    ],
)
async def test_what_belongs_to_payments_is_refused(client, change, param):
    with pytest.raises(stripe.InvalidRequestError, match="setup") as refusal:
        await _open(client, **change)

    assert refusal.value.param == param
