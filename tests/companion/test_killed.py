"""A companion that is killed in the middle of bursts of events, as a process: nothing is lost, nothing done twice."""

from __future__ import annotations

import asyncio
import contextlib

import httpx
import pytest

from cashier.books.payment import PaymentState
from tests.companion.conftest import deliver
from tests.companion.stripe_events import event
from tests.payments.patient import pay_on_page
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_of, share_of
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])
"""The steps of an event at which a companion dies are tried on SQLite too (``tests/faults``)."""

BURST, CONNECTIONS = 120, 12
KINDS = ("payment_intent.succeeded", "charge.succeeded", "checkout.session.completed")
NUMBERS = (DUE, DUE_OF_SAME_PATIENT, DUE_OF_OTHER_PATIENT)


class Stripe:
    """Sends events until each has its answer, many at once, and what was answered comes twice now and then."""

    def __init__(self, events):
        self.events = events
        self.answered: set[str] = set()

    async def send(self, url, *, until=lambda: False):
        """Send all that have no answer, and some that have, until the other side is gone or ``until`` says so."""
        left = [each for number, each in enumerate(self.events) if each["id"] not in self.answered or number % 5 == 0]
        async with httpx.AsyncClient(base_url=url, trust_env=False, verify=PLAIN, timeout=15) as client:

            async def work():
                with contextlib.suppress(httpx.TransportError):
                    while left and not until():
                        sent = left.pop()
                        if (await deliver(client, sent)).status_code == 200:
                            self.answered.add(sent["id"])

            await asyncio.gather(*(work() for _ in range(CONNECTIONS)))


async def paid_on_pages(services, hospital):
    """Let patients pay on Stripe's page; nobody here has heard of it."""
    begun = [
        await services.payments.begin(order_of(share_of(hospital, number, 3_000)), hospital.cashier)
        for number in NUMBERS
    ]
    for each in begun:
        await pay_on_page(each.page_url)
    return begun


def events_of(payments):
    about = [
        event(
            type=kind, data={"object": {"id": each.stripe_session_id, "metadata": {"cashier_payment": str(each.id)}}}
        )
        for each in payments
        for kind in KINDS
    ]
    return about + [event(type="moon.eclipsed") for _ in range(BURST)]


async def test_killed_again_and_again_it_loses_nothing_and_does_nothing_twice(
    start_companion, services, hospital, stored_events
):
    payments = await paid_on_pages(services, hospital)
    stripe = Stripe(events_of(payments))

    def worked_on():
        return any(each["processed_at"] is not None for each in stored_events())

    with start_companion() as companion:  # while they come
        await stripe.send(companion.url, until=lambda: len(stripe.answered) >= BURST / 2)
        companion.process.kill()
    assert stripe.answered <= {each["id"] for each in stored_events()}
    with start_companion() as companion:  # while they are worked on
        await stripe.send(companion.url)
        while not await asyncio.to_thread(worked_on):  # noqa: ASYNC110 - the companion is another process
            await asyncio.sleep(0.01)
        companion.process.kill()
    # What it had in hand is left alone for a minute.
    hospital.execute("UPDATE stripe_event SET due_at = received_at WHERE processed_at IS NULL")
    with start_companion() as companion:
        await stripe.send(companion.url)
        async with asyncio.timeout(30):
            while any(each["processed_at"] is None for each in await asyncio.to_thread(stored_events)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    stored = {each["id"] for each in stored_events()}  # among them what the sweep brought
    assert stored >= stripe.answered == {each["id"] for each in stripe.events}
    views = [await services.payments.view(each.id) for each in payments]
    assert {view.state for view in views} == {PaymentState.PAID}
    assert len({view.receipt_number for view in views}) == len(views)
    paid = hospital.execute("SELECT paid_minor FROM invoice WHERE paid_minor > 0")
    assert [row["paid_minor"] for row in paid] == [3_000] * len(views)
    told = hospital.execute("SELECT subject_id FROM journal_entry WHERE action = 'payment paid'")
    assert sorted(row["subject_id"] for row in told) == sorted(str(each.id) for each in payments)
    assert await contradictions_in(services.database) == []
