"""Watching a payment while the database is away: the last known state stays, with the trouble beside it."""

from __future__ import annotations

import asyncio

import pytest

from cashier.books.payment import PaymentState
from tests.payments.patient import pay_on_page
from tests.surroundings.orders import order_for


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_watch_goes_on_when_the_database_is_back(services, hospital, postgres):
    order = order_for(hospital)
    begun = await services.payments.begin(order, hospital.cashier)
    seen = []
    begun_to_watch = asyncio.Event()

    async def watch():
        async for view in services.payments.follow(begun.id):
            seen.append(view)
            begun_to_watch.set()
            if view.trouble is not None:
                await asyncio.to_thread(postgres.start)
                await pay_on_page(begun.page_url)

    watching = asyncio.create_task(watch())
    await begun_to_watch.wait()
    await asyncio.to_thread(postgres.kill)
    async with asyncio.timeout(60):
        await watching

    assert any(view.trouble is not None and view.state is PaymentState.OPEN for view in seen)
    assert (seen[-1].state, seen[-1].trouble) == (PaymentState.PAID, None)
