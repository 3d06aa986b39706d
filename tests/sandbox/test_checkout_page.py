"""The hosted page as a browser sees it, also one without JavaScript."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import stripe

from tests.sandbox.browser import AUTHENTICATED, CANCEL_URL, DECLINED, NO_FUNDS, VISA, Browser, open_session


@pytest.fixture
def browser(session: aiohttp.ClientSession) -> Browser:
    return Browser(session)


async def _fetch(client: stripe.StripeClient, session: stripe.checkout.Session) -> Any:
    return await client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["payment_intent.latest_charge", "payment_intent.payment_method"]}
    )


async def _charges(client: stripe.StripeClient) -> list[stripe.Charge]:
    return (await client.v1.charges.list_async({"limit": 100})).data


async def _types(client: stripe.StripeClient) -> list[str]:
    events = await client.v1.events.list_async({"limit": 100})
    return [event.type for event in reversed(events.data)]


async def test_the_page_shows_who_is_paid_how_much_and_for_what(client, browser):
    session = await open_session(client)

    page = await browser.open(session.url)

    for text in ("TEST MODE", "Sandbox Hospital", "125.00 €", "Hospital services", f'href="{CANCEL_URL}"'):
        assert text in page.text
    for element in ("email", "cardNumber", "cardExpiry", "cardCvc", "billingName", "pay", "back"):
        assert f'id="{element}"' in page.text


async def test_the_page_is_locked_down(client, browser):
    page = await browser.open((await open_session(client)).url)

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://cashier.invalid" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not re.search(r'(src|href)="(?!https://cashier\.invalid)[a-z]+:', page.text)


async def test_what_the_page_shows_cannot_be_markup(client, browser):
    price = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "<b>Item</b>"}}
    session = await open_session(client, line_items=[{"quantity": 1, "price_data": price}])

    page = await browser.pay(session.url, "1", billingName='"><script>')

    assert "<b>Item" not in page.text
    assert '"><script>' not in page.text


async def test_a_good_card_pays_and_leads_to_the_success_url(client, browser):
    session = await open_session(
        client, payment_intent_data={"description": "Hospital services", "metadata": {"payment": "1"}}
    )

    arrived = await browser.pay(session.url, billingName="Card Holder", email="someone@example.com")

    paid = await _fetch(client, session)
    assert arrived.address == f"https://cashier.invalid/paid?session={session.id}"
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert (paid.payment_intent.status, paid.payment_intent.amount_received) == ("succeeded", 12_500)
    assert paid.payment_intent.latest_charge.paid is True
    assert paid.payment_intent.metadata.to_dict() == {"payment": "1"}
    assert (paid.customer_details.name, paid.customer_details.email) == ("Card Holder", "someone@example.com")
    assert await _types(client) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"cardNumber": ""}, "cardNumber", "Your card number is incomplete."),
        ({"cardNumber": "4242 4242 4242 4241"}, "cardNumber", "Your card number is invalid."),
        ({"cardExpiry": ""}, "cardExpiry", "Your card's expiration date is incomplete."),
        ({"cardExpiry": "01 / 20"}, "cardExpiry", "Your card's expiration date is in the past."),
        ({"cardExpiry": "13 / 40"}, "cardExpiry", "Your card's expiration date is invalid."),
        ({"cardCvc": "12"}, "cardCvc", "Your card's security code is incomplete."),
        ({"email": "nobody"}, "email", "Your email is invalid."),
    ],
)
async def test_what_is_wrong_is_said_under_its_field_and_nothing_is_tried(client, browser, typed, field, message):
    session = await open_session(client)

    page = await browser.pay(session.url, **{"number": VISA, **typed})

    assert page.error(field) == message
    assert (await _fetch(client, session)).payment_intent is None


async def test_all_mistakes_are_said_at_once(client, browser):
    session = await open_session(client)

    page = await browser.pay(session.url, "4242", cardExpiry="", cardCvc="")

    assert all(page.error(field) for field in ("cardNumber", "cardExpiry", "cardCvc"))


async def test_what_was_typed_comes_back_but_never_the_card(client, browser):
    session = await open_session(client)

    page = await browser.pay(session.url, VISA, cardCvc="98", billingName="Card Holder", email="someone@example.com")

    assert 'value="Card Holder"' in page.text
    assert 'value="someone@example.com"' in page.text
    assert VISA not in page.text
    assert 'value="98"' not in page.text


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (DECLINED, "Your card was declined."),
        (NO_FUNDS, "Your card has insufficient funds."),
        ("4000000000000069", "Your card has expired."),
        ("4000000000000127", "Your card's security code is incorrect."),
        ("4000000000000119", "An error occurred while processing your card. Try again in a little bit."),
        ("4100000000000019", "Your card was declined."),
    ],
)
async def test_a_declined_card_leaves_the_session_open(client, browser, number, message):
    session = await open_session(client)

    page = await browser.pay(session.url, number)

    declined = await _fetch(client, session)
    assert page.decline_message == message
    assert (declined.status, declined.payment_intent.status) == ("open", "requires_payment_method")
    assert declined.payment_intent.latest_charge.status == "failed"


async def test_after_a_decline_another_card_pays_the_same_intent(client, browser):
    session = await open_session(client)
    await browser.pay(session.url, DECLINED)
    first = await _fetch(client, session)

    arrived = await browser.pay(session.url)

    paid = await _fetch(client, session)
    assert arrived.is_outside
    assert paid.payment_intent.id == first.payment_intent.id
    assert [charge.status for charge in await _charges(client)] == ["succeeded", "failed"]


async def test_a_live_card_is_declined(client, browser):
    session = await open_session(client)

    page = await browser.pay(session.url, "4111111111111111")

    assert "used a non test card" in page.decline_message
    assert await _charges(client) == []


async def test_pressing_the_button_several_times_charges_once(client, browser):
    session = await open_session(client)

    arrived = await asyncio.gather(*(browser.pay(session.url) for _ in range(5)))

    assert {shown.address for shown in arrived} == {f"https://cashier.invalid/paid?session={session.id}"}
    assert len(await _charges(client)) == 1
    assert (await _types(client)).count("checkout.session.completed") == 1


async def test_a_complete_session_shows_that_it_is_done(client, browser):
    session = await open_session(client)
    await browser.pay(session.url)

    page = await browser.open(session.url)

    assert "You're all done here" in page.text.replace("&#x27;", "'")
    assert 'id="cardNumber"' not in page.text


async def test_an_expired_session_cannot_be_paid(client, browser):
    session = await open_session(client)
    await client.v1.checkout.sessions.expire_async(session.id)

    shown, tried = await browser.open(session.url), await browser.pay(session.url)

    for page in (shown, tried):
        assert "This page has expired" in page.text
        assert f'href="{CANCEL_URL}"' in page.text
    assert await _charges(client) == []


async def test_a_page_that_does_not_exist_says_so(browser, sandbox):
    page = await browser.open(f"{sandbox.url}/c/pay/cs_test_unknown")

    assert (page.status, "does not exist" in page.text) == (404, True)


async def test_a_card_is_saved_only_with_consent(client, browser):
    customer = await client.v1.customers.create_async({})
    saving = {"customer": customer.id, "saved_payment_method_options": {"payment_method_save": "enabled"}}
    without = await open_session(client, **saving)
    await browser.pay(without.url)
    kept_without = await client.v1.customers.payment_methods.list_async(customer.id)
    agreed = await open_session(client, **saving)

    await browser.pay(agreed.url, saveCard="yes")

    kept = await client.v1.customers.payment_methods.list_async(customer.id, {"allow_redisplay": "always"})
    paid = await _fetch(client, agreed)
    assert kept_without.data == []
    assert [method.id for method in kept.data] == [paid.payment_intent.payment_method.id]
    assert (await _types(client)).count("payment_method.attached") == 1


async def test_saving_is_asked_only_where_the_session_allows_it(client, browser):
    customer = await client.v1.customers.create_async({})
    session = await open_session(client, customer=customer.id)

    page = await browser.open(session.url)
    await browser.pay(session.url, saveCard="yes")

    assert 'id="saveCard"' not in page.text
    assert (await client.v1.customers.payment_methods.list_async(customer.id)).data == []


async def test_a_card_kept_for_future_usage_without_consent_is_not_shown_again(client, browser):
    customer = await client.v1.customers.create_async({})
    session = await open_session(
        client, customer=customer.id, payment_intent_data={"setup_future_usage": "off_session"}
    )
    await browser.pay(session.url)

    [kept] = (await client.v1.customers.payment_methods.list_async(customer.id)).data
    page = await browser.open((await open_session(client, customer=customer.id)).url)
    assert kept.allow_redisplay == "limited"
    assert kept.id not in page.text


async def _saved_card(client: stripe.StripeClient, **card: Any) -> tuple[str, str]:
    customer = await client.v1.customers.create_async({})
    method = await client.v1.payment_methods.create_async(
        {"type": "card", "card": {"token": "tok_visa"}, "allow_redisplay": "always"}
    )
    await client.v1.payment_methods.attach_async(method.id, {"customer": customer.id})
    if card:
        change: Any = {"card": card}
        await client.v1.payment_methods.update_async(method.id, change)
    return customer.id, method.id


async def test_a_saved_card_can_be_chosen_and_pays(client, browser):
    customer, method = await _saved_card(client)
    session = await open_session(client, customer=customer)

    page = await browser.open(session.url)
    arrived = await browser.pay(session.url, "", method=method, cardExpiry="", cardCvc="")

    paid = await _fetch(client, session)
    assert f'id="saved-{method}"' in page.text
    assert "Visa •••• 4242" in page.text
    assert arrived.is_outside
    assert paid.payment_intent.payment_method.id == method


async def test_another_customers_card_cannot_be_chosen(client, browser):
    _, foreign = await _saved_card(client)
    customer, _ = await _saved_card(client)
    session = await open_session(client, customer=customer)

    page = await browser.pay(session.url, "", method=foreign, cardExpiry="", cardCvc="")

    assert page.error("cardNumber")
    assert await _charges(client) == []


async def test_a_saved_card_that_has_expired_is_not_offered(client, browser, wire):
    now = datetime.now(UTC)
    customer, method = await _saved_card(client, exp_month=now.month, exp_year=now.year)
    await wire.control("clock", {"advance_seconds": 32 * 24 * 60 * 60})

    page = await browser.open((await open_session(client, customer=customer)).url)

    assert method not in page.text


async def test_the_customers_address_is_shown_not_asked(client, browser):
    customer = await client.v1.customers.create_async({"email": "someone@example.com"})
    session = await open_session(client, customer=customer.id)

    page = await browser.open(session.url)

    assert "someone@example.com" in page.text
    assert 'id="email"' not in page.text


async def test_an_address_that_is_typed_is_kept_for_a_customer_without_one(client, browser):
    customer = await client.v1.customers.create_async({})
    for typed in ("first@example.com", "second@example.com"):
        session = await open_session(client, customer=customer.id)
        await browser.pay(session.url, email=typed)

    kept = await client.v1.customers.retrieve_async(customer.id)
    assert kept.email == "first@example.com"
    assert (await _types(client)).count("customer.updated") == 1


async def test_card_numbers_are_neither_kept_nor_logged(client, browser, sandbox, exchange_log):
    session = await open_session(client)
    for number in (VISA, DECLINED, AUTHENTICATED):
        await browser.pay(session.url, number, cardCvc="987")

    kept = "\n".join(sandbox.account.store.connection.iterdump())
    logged = [line for line in exchange_log.read_text().splitlines() if "/c/pay/" in json.loads(line)["path"]]
    assert not re.search(r"4242424242424242|4000000000000002|4000002760003184|987", re.sub(r"[\w-]*_\w+", "", kept))
    assert logged == []


async def test_a_page_can_be_told_to_fail(client, browser, wire):
    session = await open_session(client)
    await wire.control("troubles", {"path": "/c/pay/", "status": 503})

    failed, healed = await browser.open(session.url), await browser.open(session.url)

    assert (failed.status, healed.status) == (503, 200)


async def test_a_payment_whose_answer_is_lost_is_still_one_payment(client, browser, wire):
    session = await open_session(client)
    await wire.control("troubles", {"path": "/c/pay/", "method": "POST", "status": 502, "when": "after"})

    lost = await browser.pay(session.url)
    again = await browser.pay(session.url)

    assert (lost.status, again.is_outside) == (502, True)
    assert len(await _charges(client)) == 1
