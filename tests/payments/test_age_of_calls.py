"""A call to open a payment is repeated with its key for 23 hours, and after that looked up, never sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cashier.books.payment import Payment, PaymentState
from cashier.channels.at_stripe import REPEATABLE
from tests.faults.moved_clock import MovedClock
from tests.payments.conftest import INTENTS, SESSIONS, charged, grow_old, holds, lose
from tests.payments.patient import pay_on_page
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

MINUTE = timedelta(minutes=1)
WITHIN, BEYOND = timedelta(hours=23) - MINUTE, timedelta(hours=23) + MINUTE


def sent(sandbox):
    return [each["path"] for each in sandbox.exchanges() if each.get("method") == "POST"]


def test_stripe_still_knows_every_key_that_is_repeated():
    assert timedelta(hours=23) >= REPEATABLE, "Stripe may forget a key after 24 hours, and clocks differ"


async def test_within_23_hours_the_same_call_is_sent_again_with_its_key(services, hospital, sandbox, by_saved_card):
    await lose(services, hospital, sandbox, by_saved_card, INTENTS, drop=True, when="after")
    await grow_old(services, by_saved_card.payment_id, WITHIN)
    before = len(sent(sandbox))

    view = await services.payments.refresh(by_saved_card.payment_id)

    assert sent(sandbox)[before:] == [INTENTS]
    assert view.state is PaymentState.PAID
    assert charged(sandbox) == [4_500, 12_000]


async def test_after_23_hours_what_stripe_never_heard_of_is_not_sent(services, hospital, sandbox, by_saved_card):
    await lose(services, hospital, sandbox, by_saved_card, INTENTS, drop=True)
    await grow_old(services, by_saved_card.payment_id, BEYOND)
    before = len(sent(sandbox))

    view = await services.payments.refresh(by_saved_card.payment_id)

    assert sent(sandbox)[before:] == []
    assert view.state is PaymentState.CANCELLED
    assert charged(sandbox) == [12_000]
    assert await holds(services) == []


@pytest.mark.parametrize("verb", ["refresh", "cancel"])
async def test_after_23_hours_what_went_through_unseen_is_found_without_a_call(
    services, hospital, sandbox, by_saved_card, verb
):
    await lose(services, hospital, sandbox, by_saved_card, INTENTS, drop=True, when="after")
    await grow_old(services, by_saved_card.payment_id, BEYOND)
    before = len(sent(sandbox))

    if verb == "refresh":
        view = await services.payments.refresh(by_saved_card.payment_id)
    else:
        view = await services.payments.cancel(by_saved_card.payment_id, hospital.cashier)

    assert sent(sandbox)[before:] == []
    assert view.state is PaymentState.PAID
    assert await contradictions_in(services.database) == []


async def test_a_key_is_used_up_for_as_long_as_a_call_with_it_could_charge(
    services, hospital, sandbox, by_saved_card
):
    await lose(services, hospital, sandbox, by_saved_card, INTENTS, drop=True)
    await grow_old(services, by_saved_card.payment_id, WITHIN)
    async with services.database.reading() as session:
        on_its_way = await session.get_one(Payment, by_saved_card.payment_id)
    await services.payments.cancel(by_saved_card.payment_id, hospital.cashier)

    late = await services.payments._channel_of(on_its_way).open(on_its_way)

    assert late.standing.value == "cancelled"
    assert charged(sandbox) == [12_000]


async def test_a_repeated_opening_tells_what_has_become_of_the_payment_since(
    services, hospital, sandbox, monkeypatch
):
    order = order_for(hospital)
    await lose(services, hospital, sandbox, order, SESSIONS, drop=True, when="after")
    (opened,) = sandbox.ask(SESSIONS)["data"]
    await pay_on_page(opened["url"])
    MovedClock(monkeypatch).move(MINUTE)

    view = await services.payments.refresh(order.payment_id)

    assert view.state is PaymentState.PAID
