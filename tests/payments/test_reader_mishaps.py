"""Payments on a card reader that are taken back, cut off, lost on the line, or in each other's way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.assembly import open_services
from cashier.books.payment import InvoiceHold, Payment, PaymentState
from cashier.clock import now
from cashier.errors import Unreachable
from cashier.failpoints import FailPoint
from cashier.payments.views import InvoiceHeld
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.card_reader import charged, place_reader, reader_order
from tests.surroundings.cut_off import cut_off_at

pytestmark = pytest.mark.both_databases

READERS = "/v1/terminal/readers"


def status_of(sandbox, view):
    return sandbox.ask(f"/v1/payment_intents/{view.stripe_intent_id}")["status"]


async def holds(services):
    async with services.database.reading() as session:
        return list((await session.execute(sa.select(InvoiceHold))).scalars())


async def test_cancelling_ends_payment_hold_and_the_readers_question(services, hospital, sandbox, reader, tender):
    begun = await services.payments.begin(reader_order(hospital, reader, tender=tender), hospital.cashier)

    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert view.state is PaymentState.CANCELLED
    assert status_of(sandbox, view) == "canceled"
    assert reader.action is None
    assert await holds(services) == []


async def test_a_card_that_was_quicker_than_the_cancellation_is_paid(services, hospital, sandbox, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    reader.present()

    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert (view.state, view.receipt_number) == (PaymentState.PAID, "T-D1-000001")
    assert charged(sandbox) == [12_000]


@pytest.mark.parametrize("why", ["declined", "cancelled by the patient", "never told"])
async def test_a_payment_that_the_reader_does_not_ask_for_can_be_cancelled(services, hospital, sandbox, reader, why):
    if why == "never told":
        reader.order(timeouts=["lost"])
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    if why == "declined":
        reader.present("visa_chargeDeclined")
    elif why == "cancelled by the patient":
        reader.order(customer_cancels=True)

    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert view.state is PaymentState.CANCELLED
    assert status_of(sandbox, view) == "canceled"


async def test_a_payment_can_be_cancelled_while_its_reader_is_offline_and_the_next_one_clears_it(
    services, hospital, sandbox, reader
):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    reader.order(status="offline")
    view = await services.payments.cancel(begun.id, hospital.cashier)
    reader.order(status="online")
    assert reader.asks_for == begun.stripe_intent_id

    following = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)

    assert view.state is PaymentState.CANCELLED
    assert reader.asks_for == following.stripe_intent_id


async def test_a_payment_that_ends_at_stripe_puts_its_reader_to_rest(services, hospital, sandbox, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    sandbox.ask(f"/v1/payment_intents/{begun.stripe_intent_id}/cancel", cancellation_reason="abandoned")

    view = await services.payments.refresh(begun.id)

    assert view.state is PaymentState.CANCELLED
    assert reader.action is None


async def test_while_stripe_does_not_answer_a_cancellation_is_not_believed(services, hospital, sandbox, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    sandbox.order("troubles", path=f"{READERS}/{reader.stripe_id}/cancel_action", times=2, drop=True)

    with pytest.raises(Unreachable):
        await services.payments.cancel(begun.id, hospital.cashier)
    between = await services.payments.view(begun.id)
    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert between.state is PaymentState.OPEN
    assert (view.state, reader.action) == (PaymentState.CANCELLED, None)


async def test_a_reader_that_does_not_hear_the_cancellation_is_told_again(services, hospital, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    reader.order(timeouts=["lost"])

    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert (view.state, reader.action) == (PaymentState.CANCELLED, None)


async def test_one_reader_takes_one_payment_at_a_time(services, hospital, sandbox, reader):
    first = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    other = reader_order(hospital, reader, number=sample_hospital.DUE_OF_OTHER_PATIENT, amount_minor=8_000)

    second = await services.payments.begin(other, hospital.cashier)
    still = await services.payments.refresh(second.id)
    await services.payments.cancel(second.id, hospital.cashier)

    assert (second.decline.code, still.decline.code) == ("terminal_reader_busy", "terminal_reader_busy")
    assert reader.asks_for == first.stripe_intent_id


async def test_two_desks_at_one_reader_take_turns(services, settings, keychain, hospital, sandbox, reader):
    async with open_services(settings, keychain) as beside:
        orders = (
            reader_order(hospital, reader),
            reader_order(hospital, reader, number=sample_hospital.DUE_OF_OTHER_PATIENT, amount_minor=8_000),
        )
        views = await asyncio.gather(
            services.payments.begin(orders[0], hospital.cashier),
            beside.payments.begin(orders[1], hospital.cashier),
        )
        (asked,) = [view for view in views if reader.asks_for == view.stripe_intent_id]
        reader.present()
        (waiting,) = [view for view in views if view is not asked]
        await beside.payments.ask_reader(waiting.id, hospital.cashier)
        reader.present()

        states = {(await services.payments.refresh(view.id)).state for view in views}

    assert waiting.decline is not None
    assert waiting.decline.code == "terminal_reader_busy"
    assert states == {PaymentState.PAID}
    assert sorted(charged(sandbox)) == [8_000, 12_000]


async def test_two_readers_cannot_take_one_invoice(services, hospital, sandbox, reader):
    second = await place_reader(services, hospital, sandbox, label="Second")
    await services.payments.begin(reader_order(hospital, reader), hospital.cashier)

    with pytest.raises(InvoiceHeld):
        await services.payments.begin(reader_order(hospital, second), hospital.cashier)

    assert second.action is None


async def test_a_desk_that_starts_again_finds_its_reader_asking(services, settings, keychain, hospital, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)

    async with open_services(settings, keychain) as again:
        (found,) = await again.payments.unfinished_at(1)
        reader.present()
        paid = await again.payments.refresh(found.id)

    assert (found.id, paid.state) == (begun.id, PaymentState.PAID)


async def test_recovery_never_wakes_a_reader(services, hospital, sandbox, reader):
    order = reader_order(hospital, reader)
    sandbox.order("troubles", path="/v1/payment_intents", method="POST", times=2, drop=True)
    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)

    await services.payments.recover()
    found = await services.payments.refresh(order.payment_id)
    asleep = reader.action
    await services.payments.ask_reader(order.payment_id, hospital.cashier)

    assert (found.state, found.decline.code, asleep) == (PaymentState.OPEN, "reader_not_asked", None)
    assert reader.asks_for == found.stripe_intent_id


async def test_a_reader_does_not_ask_for_long_when_nobody_finishes_the_payment(services, hospital, reader):
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    await services.payments.recover()
    asked = reader.asks_for
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).values(created_at=now() - timedelta(minutes=16)))

    await services.payments.recover()

    assert asked == begun.stripe_intent_id
    assert (await services.payments.view(begun.id)).state is PaymentState.CANCELLED
    assert reader.action is None


@pytest.mark.parametrize("lost", [{"drop": True}, {"drop": True, "when": "after"}, {"status": 500}])
async def test_a_payment_whose_opening_was_lost_can_be_taken_back(services, hospital, sandbox, reader, tender, lost):
    order = reader_order(hospital, reader, tender=tender)
    sandbox.order("troubles", path="/v1/payment_intents", method="POST", times=2, **lost)
    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)

    view = await services.payments.cancel(order.payment_id, hospital.cashier)

    assert (view.state, reader.action) == (PaymentState.CANCELLED, None)
    assert {each["status"] for each in sandbox.ask("/v1/payment_intents")["data"]} == {"canceled"}
    assert await holds(services) == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_command_whose_answer_was_lost_is_found_by_looking(services, hospital, sandbox, reader, when):
    path = f"{READERS}/{reader.stripe_id}/process_payment_intent"
    sandbox.order("troubles", path=path, times=2, drop=True, when=when)
    order = reader_order(hospital, reader)
    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)

    view = await services.payments.refresh(order.payment_id)

    assert (view.decline is None, reader.asks_for == view.stripe_intent_id) == (when == "after", when == "after")


@pytest.mark.parametrize("point", [FailPoint.PAYMENT_OPENED, FailPoint.READER_TELLING, FailPoint.READER_TOLD])
@pytest.mark.parametrize("goes_on", [True, False], ids=["goes on", "withdrawn"])
async def test_a_payment_cut_off_at_the_reader_goes_on_or_is_withdrawn(
    services, settings, keychain, hospital, sandbox, reader, point, goes_on
):
    order = reader_order(hospital, reader)
    with cut_off_at(point):
        await services.payments.begin(order, hospital.cashier)

    async with open_services(settings, keychain) as again:
        if goes_on:
            await again.payments.begin(order, hospital.cashier)
            reader.present()
        else:
            await again.payments.cancel(order.payment_id, hospital.cashier)
        await again.payments.recover()
        view = await again.payments.view(order.payment_id)

    assert view.state is (PaymentState.PAID if goes_on else PaymentState.CANCELLED)
    assert charged(sandbox) == ([12_000] if goes_on else [])
    assert reader.asks_for is None
    assert await contradictions_in(services.database) == []
