"""Payments whose requests or answers got lost: taking back charges nothing, and what was charged is found."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cashier.books.payment import Payment, PaymentState
from cashier.errors import Unreachable
from tests.payments.conftest import INTENTS, SESSIONS, charged, grow_old, holds, lose
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases


async def test_taking_back_a_saved_card_payment_that_stripe_never_heard_of_charges_nothing(
    services, hospital, sandbox, by_saved_card
):
    await lose(services, hospital, sandbox, by_saved_card, INTENTS, drop=True)

    view = await services.payments.cancel(by_saved_card.payment_id, hospital.cashier)

    assert view.state is PaymentState.CANCELLED
    assert charged(sandbox) == [12_000]
    assert await holds(services) == []


async def test_a_saved_card_payment_that_went_through_unseen_comes_back_as_paid(
    services, hospital, sandbox, by_saved_card
):
    await lose(services, hospital, sandbox, by_saved_card, INTENTS, drop=True, when="after")

    view = await services.payments.cancel(by_saved_card.payment_id, hospital.cashier)

    assert view.state is PaymentState.PAID
    assert charged(sandbox) == [4_500, 12_000]
    assert await contradictions_in(services.database) == []


async def test_a_request_that_arrives_after_its_payment_was_taken_back_is_refused_by_stripe(
    services, hospital, sandbox, by_saved_card
):
    await lose(services, hospital, sandbox, by_saved_card, INTENTS, drop=True)
    async with services.database.reading() as session:
        sent = await session.get_one(Payment, by_saved_card.payment_id)
    await services.payments.cancel(by_saved_card.payment_id, hospital.cashier)

    late = await services.payments._channel_of(sent).open(sent)

    assert late.standing.value == "cancelled"
    assert charged(sandbox) == [12_000]


@pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 500, "when": "after"}, {"status": 503}])
async def test_a_page_whose_opening_failed_at_stripe_can_be_taken_back_at_once(services, hospital, sandbox, trouble):
    order = order_for(hospital, sample_hospital.DUE, 12_000)
    sandbox.order("troubles", path=SESSIONS, method="POST", times=2, **trouble)
    if trouble.get("when") == "after":
        # It was opened all the same, and Stripe's records say so.
        assert (await services.payments.begin(order, hospital.cashier)).state is PaymentState.OPEN
    else:
        with pytest.raises(Unreachable):
            await services.payments.begin(order, hospital.cashier)

    view = await services.payments.cancel(order.payment_id, hospital.cashier)

    assert view.state is PaymentState.CANCELLED
    assert await holds(services) == []
    assert {each["status"] for each in sandbox.ask(SESSIONS)["data"]} == {"expired"}


async def test_an_old_request_that_never_arrived_is_withdrawn_not_sent(services, hospital, sandbox, by_saved_card):
    await lose(services, hospital, sandbox, by_saved_card, INTENTS, drop=True)
    await grow_old(services, by_saved_card.payment_id, timedelta(hours=2))

    assert await services.payments.recover() == 1

    assert (await services.payments.view(by_saved_card.payment_id)).state is PaymentState.CANCELLED
    assert charged(sandbox) == [12_000]


async def test_a_page_that_stripe_would_not_open_any_more_does_not_hold_its_invoice_for_ever(
    services, hospital, sandbox
):
    order = order_for(hospital, sample_hospital.DUE, 12_000)
    await lose(services, hospital, sandbox, order, SESSIONS, drop=True)
    # Its page would expire in less than the half hour that Stripe asks for.
    await grow_old(services, order.payment_id, timedelta(minutes=40))

    assert await services.payments.recover() == 1

    assert (await services.payments.view(order.payment_id)).state is PaymentState.CANCELLED
    assert await holds(services) == []


async def test_a_busy_stripe_is_no_word_about_what_was_charged_before(services, hospital, sandbox, by_saved_card):
    sandbox.order("troubles", path=INTENTS, method="POST", times=1, drop=True, when="after")
    sandbox.order("troubles", path=INTENTS, method="POST", times=1, status=429)

    with pytest.raises(Unreachable) as told:
        await services.payments.begin(by_saved_card, hospital.cashier)

    assert charged(sandbox) == [4_500, 12_000]
    assert "nothing was charged" not in str(told.value)


async def test_a_customer_is_made_although_stripe_repeats_an_error_of_its_own(services, hospital, sandbox):
    sandbox.order("troubles", path="/v1/customers", method="POST", times=2, status=500)

    view = await services.payments.begin(order_for(hospital, sample_hospital.DUE, 12_000), hospital.cashier)

    assert view.state is PaymentState.OPEN
