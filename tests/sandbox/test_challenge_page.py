"""The 3-D Secure page, behind Checkout and behind an intent that the API confirmed."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
import stripe

from tests.sandbox.browser import AUTHENTICATED, VISA, Browser, open_session

RETURN_URL = "https://cashier.invalid/back?desk=1"


@pytest.fixture
def browser(session: aiohttp.ClientSession) -> Browser:
    return Browser(session)


async def _fetch(client: stripe.StripeClient, session: stripe.checkout.Session) -> Any:
    return await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent"]})


async def test_a_passed_challenge_completes_the_session(client, browser):
    session = await open_session(client)

    challenge = await browser.pay(session.url, AUTHENTICATED)
    waiting = await _fetch(client, session)
    arrived = await browser.answer(challenge, "complete")

    paid = await _fetch(client, session)
    assert "Sandbox Hospital" in challenge.text
    assert "125.00 €" in challenge.text
    assert (waiting.status, waiting.payment_intent.status) == ("open", "requires_action")
    assert waiting.payment_intent.next_action.type == "use_stripe_sdk"
    assert arrived.address == f"https://cashier.invalid/paid?session={session.id}"
    assert (paid.status, paid.payment_intent.status) == ("complete", "succeeded")


async def test_a_failed_challenge_leads_back_to_an_open_page_that_says_so(client, browser):
    session = await open_session(client)

    page = await browser.answer(await browser.pay(session.url, AUTHENTICATED), "fail")

    failed = await _fetch(client, session)
    assert page.decline_message.startswith("We are unable to authenticate your payment method.")
    assert failed.status == "open"
    assert failed.payment_intent.status == "requires_payment_method"
    assert failed.payment_intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert (await client.v1.charges.list_async({})).data == []


async def test_an_abandoned_challenge_is_shown_again_and_offered_on_the_page(client, browser):
    session = await open_session(client)
    challenge = await browser.pay(session.url, AUTHENTICATED)

    again = await browser.open(challenge.address)
    page = await browser.open(session.url)

    assert 'id="complete"' in again.text
    assert 'id="continue"' in page.text
    assert challenge.address.rsplit("/", 1)[-1] in page.text


async def test_paying_with_another_card_leaves_the_challenge_behind(client, browser):
    session = await open_session(client)
    challenge = await browser.pay(session.url, AUTHENTICATED)
    await browser.pay(session.url, VISA)

    late = await browser.open(challenge.address)

    assert late.is_outside
    assert len((await client.v1.charges.list_async({})).data) == 1


async def test_a_challenge_of_an_expired_session_pays_nothing(client, browser):
    session = await open_session(client)
    challenge = await browser.pay(session.url, AUTHENTICATED)
    await client.v1.checkout.sessions.expire_async(session.id)

    page = await browser.answer(challenge, "complete")

    assert "This page has expired" in page.text
    assert (await _fetch(client, session)).payment_intent.status == "canceled"
    assert (await client.v1.charges.list_async({})).data == []


async def test_answering_twice_changes_nothing(client, browser):
    session = await open_session(client)
    challenge = await browser.pay(session.url, AUTHENTICATED)
    await browser.answer(challenge, "complete")

    again = await browser.answer(challenge, "fail")

    assert again.address == f"https://cashier.invalid/paid?session={session.id}"
    assert (await _fetch(client, session)).payment_status == "paid"


@pytest.mark.parametrize(("answer", "result"), [("complete", "succeeded"), ("fail", "failed")])
async def test_an_intent_of_the_api_returns_to_its_own_address(client, browser, answer, result):
    intent = await client.v1.payment_intents.create_async(
        {
            "amount": 2500,
            "currency": "eur",
            "confirm": True,
            "payment_method": "pm_card_authenticationRequired",
            "return_url": RETURN_URL,
        }
    )

    challenge = await browser.open(intent.next_action.redirect_to_url.url)
    arrived = await browser.answer(challenge, answer)

    assert arrived.address.startswith(f"{RETURN_URL}&payment_intent={intent.id}")
    assert arrived.address.endswith(f"redirect_status={result}")


async def test_a_bank_may_open_a_window_of_its_own(client, browser, wire, sandbox):
    await wire.control("challenges", {"in_window": True})
    session = await open_session(client)

    waiting = await browser.pay(session.url, AUTHENTICATED)
    [path] = [part for part in waiting.text.split('"') if part.endswith("?window")]
    thanks = await browser.answer(await browser.open(sandbox.url + path), "complete")
    goes_on = await browser.open(waiting.address)

    assert waiting.headers["Refresh"].startswith("1; url=/c/pay/")
    assert "You can close this window" in thanks.text
    assert goes_on.address == f"https://cashier.invalid/paid?session={session.id}"


async def test_an_unknown_challenge_is_not_found(browser, sandbox):
    page = await browser.open(f"{sandbox.url}/3ds/authenticate/payatt_unknown")

    assert page.status == 404
