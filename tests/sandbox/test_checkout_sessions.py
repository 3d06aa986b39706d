"""Checkout Sessions through the API."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
import stripe

from tests.sandbox.browser import AUTHENTICATED, DECLINED, Browser, open_session

_DAY = 24 * 60 * 60


@pytest.fixture
def browser(session: aiohttp.ClientSession) -> Browser:
    return Browser(session)


async def _types(client: stripe.StripeClient) -> list[str]:
    events = await client.v1.events.list_async({"limit": 100})
    return [event.type for event in reversed(events.data)]


async def test_a_new_session_is_open_and_has_a_page_but_no_intent_yet(client, sandbox):
    session = await open_session(client, client_reference_id="payment-1", metadata={"payment": "1"})

    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency) == (12_500, "eur")
    assert session.url == f"{sandbox.url}/c/pay/{session.id}"
    assert session.expires_at - session.created == _DAY
    assert session.client_reference_id == "payment-1"
    assert await _types(client) == []


async def test_line_items_come_in_their_order_and_add_up(client):
    items = [
        {
            "quantity": n,
            "price_data": {"currency": "eur", "unit_amount": 100 * n, "product_data": {"name": f"Item {n}"}},
        }
        for n in (1, 2, 3)
    ]

    session = await open_session(client, line_items=items, expand=["line_items"])
    listed = await client.v1.checkout.sessions.line_items.list_async(session.id, {"limit": 2})

    assert session.amount_total == 100 + 400 + 900
    assert [item.description for item in session.line_items.data] == ["Item 1", "Item 2", "Item 3"]
    assert [item.amount_total for item in listed.data] == [100, 400]
    assert listed.has_more is True


async def test_a_price_made_before_can_be_charged(client):
    first = await open_session(client, expand=["line_items"])
    price = first.line_items.data[0].price.id

    session = await open_session(client, line_items=[{"price": price, "quantity": 3}])

    assert session.amount_total == 3 * 12_500


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"mode": "subscription"}, None, "mode=payment"),
        ({"ui_mode": "elements"}, None, "hosted_page"),
        ({"success_url": "cashier"}, "url_invalid", "Not a valid URL"),
        ({"line_items": []}, "parameter_missing", "line_items"),
        ({"allow_promotion_codes": True}, None, "does not offer"),
        ({"payment_intent_data": {"application_fee_amount": 1}}, None, "does not offer"),
        ({"customer": "cus_nobody"}, "resource_missing", "No such customer"),
        ({"currency": "usd"}, None, "currency"),
        ({"client_reference_id": "x" * 201}, None, "200 characters"),
        ({"metadata": {"k": "v" * 501}}, None, "500 characters"),
    ],
)
async def test_what_cannot_be_opened_is_refused_with_its_reason(client, change, code, message):
    with pytest.raises(stripe.InvalidRequestError, match=message) as refusal:
        await open_session(client, **change)

    assert refusal.value.code == code


async def test_success_url_is_required(wire):
    answer = await wire.post("/v1/checkout/sessions", {"mode": "payment"})

    assert (answer.status, answer.error["param"]) == (400, "success_url")


async def test_a_total_below_the_minimum_is_refused_in_stripes_words(client):
    with pytest.raises(stripe.InvalidRequestError, match=r"must add up to at least €0\.50 eur") as refusal:
        await open_session(client, amount=49)

    assert refusal.value.code == "amount_too_small"


async def test_all_items_have_one_currency(client):
    def item(currency: str) -> dict[str, Any]:
        price = {"currency": currency, "unit_amount": 500, "product_data": {"name": "Item"}}
        return {"quantity": 1, "price_data": price}

    with pytest.raises(stripe.InvalidRequestError, match="same currency"):
        await open_session(client, line_items=[item("eur"), item("usd")])


@pytest.mark.parametrize("seconds", [30 * 60 - 5, _DAY + 60])
async def test_a_session_lives_between_half_an_hour_and_a_day(client, sandbox, seconds):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await open_session(client, expires_at=sandbox.account.now + seconds)

    assert refusal.value.param == "expires_at"


async def test_a_session_expires_by_the_clock(client, sandbox, wire):
    session = await open_session(client, expires_at=sandbox.account.now + 1_900)

    await wire.control("clock", {"advance_seconds": 1_901})

    expired = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert await _types(client) == ["checkout.session.expired"]


async def test_an_expired_session_cancels_the_intent_that_was_begun(client, browser):
    session = await open_session(client)
    await browser.pay(session.url, DECLINED)

    expired = await client.v1.checkout.sessions.expire_async(session.id, {"expand": ["payment_intent"]})

    assert (expired.status, expired.payment_intent.status) == ("expired", "canceled")
    assert (await _types(client))[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


async def test_only_an_open_session_can_be_expired(client, browser):
    session = await open_session(client)
    await browser.pay(session.url)

    with pytest.raises(stripe.InvalidRequestError, match="status of complete"):
        await client.v1.checkout.sessions.expire_async(session.id)

    assert (await client.v1.checkout.sessions.retrieve_async(session.id)).payment_status == "paid"


async def test_the_intent_of_an_open_session_is_left_to_the_session(client, browser):
    session = await open_session(client)
    await browser.pay(session.url, AUTHENTICATED)
    intent = (await client.v1.checkout.sessions.retrieve_async(session.id)).payment_intent

    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        await client.v1.payment_intents.cancel_async(intent)
    with pytest.raises(stripe.InvalidRequestError, match="Checkout Session"):
        await client.v1.payment_intents.confirm_async(intent, {"payment_method": "pm_card_visa"})
    with pytest.raises(stripe.InvalidRequestError, match="Checkout Session"):
        await client.v1.payment_intents.update_async(intent, {"amount": 100})


async def test_metadata_and_the_facts_of_the_intent_can_be_changed_before_the_payment(client, browser):
    session = await open_session(
        client, metadata={"a": "1"}, payment_intent_data={"description": "Old", "metadata": {"x": "1"}}
    )
    changed = await client.v1.checkout.sessions.update_async(
        session.id,
        {"metadata": {"b": "2"}, "payment_intent_data": {"description": "New", "metadata": {"y": "2"}}},
    )
    await browser.pay(session.url)

    paid = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent"]})
    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}
    assert paid.payment_intent.description == "New"
    assert paid.payment_intent.metadata.to_dict() == {"x": "1", "y": "2"}


async def test_sessions_are_listed_by_customer_status_and_intent(client, browser):
    customer = await client.v1.customers.create_async({})
    mine = await open_session(client, customer=customer.id)
    other = await open_session(client)
    await browser.pay(other.url)
    paid = await client.v1.checkout.sessions.retrieve_async(other.id)

    async def ids(**filters: Any) -> list[str]:
        return [found.id for found in (await client.v1.checkout.sessions.list_async(filters)).data]

    assert await ids() == [other.id, mine.id]
    assert await ids(customer=customer.id) == [mine.id]
    assert await ids(status="open") == [mine.id]
    assert await ids(status="complete") == [other.id]
    assert await ids(payment_intent=paid.payment_intent) == [other.id]


async def test_manual_capture_completes_the_session_and_is_paid_later(client, browser):
    session = await open_session(client, payment_intent_data={"capture_method": "manual"})
    await browser.pay(session.url)
    authorized = await client.v1.checkout.sessions.retrieve_async(session.id)
    await client.v1.payment_intents.capture_async(authorized.payment_intent)
    captured = await client.v1.checkout.sessions.retrieve_async(session.id)

    assert (authorized.status, authorized.payment_status) == ("complete", "unpaid")
    assert (captured.status, captured.payment_status) == ("complete", "paid")


@pytest.mark.parametrize(
    ("outcome", "event", "payment_status", "intent_status"),
    [
        ("succeeded", "checkout.session.async_payment_succeeded", "paid", "succeeded"),
        ("insufficient_funds", "checkout.session.async_payment_failed", "unpaid", "requires_payment_method"),
    ],
)
async def test_a_payment_that_takes_its_time_is_told_when_it_ends(
    client, browser, wire, outcome, event, payment_status, intent_status
):
    await wire.control("outcomes", {"delays": [outcome]})
    session = await open_session(client)
    arrived = await browser.pay(session.url)
    waiting = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent"]})
    await wire.control("clock", {"advance_seconds": 61})

    ended = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["payment_intent"]})
    assert arrived.is_outside
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    assert (ended.payment_status, ended.payment_intent.status) == (payment_status, intent_status)
    assert (await _types(client))[-1] == event


async def test_a_customer_is_made_when_the_session_wants_one(client, browser):
    session = await open_session(client, customer_creation="always", customer_email="someone@example.com")
    await browser.pay(session.url)

    paid = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": ["customer", "payment_intent"]})
    assert paid.customer.email == "someone@example.com"
    assert paid.payment_intent.customer == paid.customer.id


async def test_payment_pages_pay_as_the_command_line_does(wire, client):
    session = await open_session(client)
    method = await client.v1.payment_methods.create_async({"type": "card", "card": {"token": "tok_visa"}})

    page = await wire.get(f"/v1/payment_pages/{session.id}")
    wrong = await wire.post(
        f"/v1/payment_pages/{session.id}/confirm", {"payment_method": method.id, "expected_amount": "1"}
    )
    paid = await wire.post(
        f"/v1/payment_pages/{session.id}/confirm", {"payment_method": method.id, "expected_amount": "12500"}
    )

    assert (page.status, page.body["status"]) == (200, "open")
    assert (wrong.status, wrong.error["param"]) == (400, "expected_amount")
    assert (paid.status, paid.body["status"]) == (200, "complete")
    assert (await client.v1.checkout.sessions.retrieve_async(session.id)).payment_status == "paid"


async def test_what_is_only_answered_when_asked_for_is_expanded_in_depth(client):
    session = await open_session(client)
    paths = ["total_details.breakdown", "line_items.data.price.currency_options"]
    plain = await client.v1.checkout.sessions.retrieve_async(session.id)
    asked = await client.v1.checkout.sessions.retrieve_async(session.id, {"expand": paths})
    price = asked.line_items.data[0].price

    assert "breakdown" not in plain.total_details
    assert asked.total_details.breakdown.to_dict() == {"discounts": [], "taxes": []}
    assert price.currency_options["eur"]["unit_amount"] == 12_500
    assert "currency_options" not in await client.v1.prices.retrieve_async(price.id)
