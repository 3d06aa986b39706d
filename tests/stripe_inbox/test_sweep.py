"""The sweep: several may run at once, and the mark only moves ahead."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from cashier.books.payment import PaymentState
from cashier.stripe_gateway.lists import read_or_set_aside
from cashier.stripe_gateway.records import _charge
from tests.payments.patient import pay_on_page
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases


async def test_several_sweeps_at_once_all_come_to_their_end(services, sandbox):
    sandbox.ask("/v1/customers", description="An event")

    missing = await asyncio.gather(*(services.sweep.run() for _ in range(6)))

    assert sum(missing) == 1
    assert (await services.inbox.status()).waiting == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_sweep_begins_ten_minutes_before_the_last_one_for_what_stripe_lists_late(services, sandbox):
    await services.sweep.run()
    mark = await services.sweep.last_at()

    await services.sweep.run()

    asked = [parse_qs(urlsplit(each["path"]).query) for each in sandbox.exchanges() if "/v1/events" in each["path"]]
    assert int(asked[-1]["created[gte]"][0]) == int((mark - timedelta(minutes=10)).timestamp())


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_what_other_programs_call_their_objects_stops_no_sweep(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url)
    sandbox.ask("/v1/products", id="wing-b-" + "x" * 100, name="Canteen")

    await services.sweep.run()
    await services.inbox.process_waiting()

    assert (await services.payments.view(begun.id)).state is PaymentState.PAID


def test_an_object_that_cannot_be_read_is_set_aside_with_a_line(caplog):
    odd = stripe.Charge.construct_from({"id": "ch_odd", "amount_captured": 5, "currency": "nix"}, None)

    assert read_or_set_aside(odd, _charge) is None
    assert [(each.message, each.stripe) for each in caplog.records] == [("set aside, not readable", "ch_odd")]


async def test_a_slow_sweep_does_not_move_the_mark_back(services):
    await services.sweep.run()
    marked = await services.sweep.last_at()

    await services.sweep._move_mark(marked - timedelta(seconds=1))

    assert await services.sweep.last_at() == marked
