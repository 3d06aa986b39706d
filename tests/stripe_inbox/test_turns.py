"""Who works on which event, and in which order events get their turn when some of them cannot be processed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier import failpoints
from cashier.books.from_stripe.event import StripeEvent
from cashier.books.payment import PaymentState
from cashier.clock import now
from cashier.failpoints import FailPoint
from cashier.stripe_gateway.webhooks import notice_of
from cashier.stripe_inbox.taking import take_batch
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases


def waiting_event(event_id: str, *, attempts: int = 0, due_in: timedelta = timedelta(), about="ch_1") -> StripeEvent:
    """Make an event, about an object that is not ours unless ``about`` says otherwise."""
    moment = now()
    return StripeEvent(
        id=event_id,
        type="charge.updated",
        object_id=about,
        api_version="",
        livemode=False,
        created_at=moment,
        received_at=moment,
        due_at=moment + due_in,
        attempts=attempts,
    )


async def keep(services, *events: StripeEvent) -> None:
    async with services.database.transaction() as session:
        session.add_all(events)


async def read(services) -> dict[str, StripeEvent]:
    async with services.database.reading() as session:
        return {event.id: event for event in (await session.execute(sa.select(StripeEvent))).scalars()}


async def processed(services) -> set[str]:
    """Give every event whose turn it is one, and return those that were processed."""
    await services.inbox.process_waiting()
    return {event.id for event in (await read(services)).values() if event.processed_at}


async def test_what_failed_before_comes_after_what_is_fresh(services, sandbox):
    # Every one of them leads to a question, which tells their order.
    await keep(
        services,
        *(waiting_event(f"evt_failing{number}", attempts=2, about=f"re_{number}") for number in range(5)),
        waiting_event("evt_fresh", about="re_fresh"),
    )

    await services.inbox.process_waiting()

    asked = [each["path"].partition("?")[0] for each in sandbox.exchanges() if each["path"].startswith("/v1/refunds")]
    assert asked[0] == "/v1/refunds/re_fresh"
    assert len(asked) == 6


async def test_an_event_is_left_alone_until_its_turn(services):
    await keep(services, waiting_event("evt_due"), waiting_event("evt_later", due_in=timedelta(seconds=20)))

    assert await processed(services) == {"evt_due"}


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 15), (1, 30), (3, 120), (6, 900), (40, 900)])
async def test_attempts_become_rarer_but_never_end(services, sandbox, attempts, seconds):
    sandbox.order("troubles", path="/v1/refunds", status=500, times=20)
    await keep(services, waiting_event("evt_1", attempts=attempts, about="re_1"))

    assert await processed(services) == set()

    event = (await read(services))["evt_1"]
    assert event.attempts == attempts + 1
    assert event.last_error
    assert abs((event.due_at - now()).total_seconds() - seconds) < 5


async def test_several_events_about_one_object_are_one_question(services, sandbox):
    await keep(services, *(waiting_event(f"evt_{number}", about="re_1") for number in range(10)))

    await services.inbox.process_waiting()

    asked = [each for each in sandbox.exchanges() if each["path"].startswith("/v1/refunds/re_1")]
    assert len(asked) == 1


async def test_many_who_work_at_once_never_work_on_the_same_event(services, sandbox):
    await keep(services, *(waiting_event(f"evt_{number}", about=f"re_{number}") for number in range(40)))

    await asyncio.gather(*(services.inbox.process_waiting() for _ in range(8)))

    asked = [each["path"] for each in sandbox.exchanges() if each["path"].startswith("/v1/refunds/")]
    assert len(asked) == len(set(asked)) == 40


async def test_what_somebody_took_and_died_with_is_taken_again_later(services, hospital):
    await keep(services, waiting_event("evt_1", about="re_1"))
    assert await take_batch(services.database)
    assert await processed(services) == set(), "somebody has it in hand"

    hospital.execute("UPDATE stripe_event SET due_at = :earlier", earlier="2026-11-02 10:00:00")

    assert await processed(services) == {"evt_1"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("type_", "about"),
    [
        ("refund.updated", "re_elsewhere"),
        ("charge.dispute.created", "ch_elsewhere"),
        ("charge.dispute.created", ""),
        ("payment_method.attached", "pm_elsewhere"),
        ("customer.updated", "cus_elsewhere"),
        ("moon.eclipsed", ""),
    ],
)
async def test_an_event_about_nothing_of_this_account_is_done(services, type_, about):
    event = waiting_event("evt_1", about=about)
    event.type = type_
    await keep(services, event)

    assert await processed(services) == {"evt_1"}


async def test_what_is_not_ours_is_done_for_all_at_once_and_nobody_is_asked(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    before = len(sandbox.exchanges())
    await keep(
        services,
        *(waiting_event(f"evt_{number}", about=f"pi_{number}") for number in range(300)),
        waiting_event("evt_ours", about=begun.stripe_session_id),
    )

    assert await services.inbox.process_waiting() == 301

    (asked,) = sandbox.exchanges()[before:]
    assert begun.stripe_session_id in asked["path"]


async def test_what_was_taken_and_not_begun_is_free_for_others_when_we_stop(services):
    stopping = asyncio.Event()
    await keep(services, *(waiting_event(f"evt_{number}", about=f"re_{number}") for number in range(20)))

    async def stop() -> None:
        stopping.set()

    await services.inbox.process_waiting(stopping, before_each_batch=stop)

    waiting = [event for event in (await read(services)).values() if not event.processed_at]
    assert len(waiting) == 19
    assert all(event.due_at <= now() for event in waiting)


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.logs("event failed")
async def test_one_that_fails_in_an_unforeseen_way_holds_up_nobody(services, hospital, monkeypatch):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)

    def break_down(point: FailPoint) -> None:
        if point is FailPoint.PAYMENT_ANSWERED:
            raise AttributeError

    monkeypatch.setattr(failpoints, "_armed", [break_down])
    await keep(
        services, waiting_event("evt_odd", about=begun.stripe_session_id), waiting_event("evt_well", about="re_1")
    )

    assert await processed(services) == {"evt_well"}
    assert (await read(services))["evt_odd"].attempts == 1


async def test_an_event_that_lies_changes_nothing_because_stripe_is_asked(services, hospital):
    order = order_for(hospital)
    begun = await services.payments.begin(order, hospital.cashier)
    lie = {
        "id": "evt_lie", "type": "checkout.session.completed", "livemode": False, "created": 1_790_000_000,
        "data": {"object": {"id": begun.stripe_session_id, "payment_status": "paid", "status": "complete"}},
    }  # fmt: skip
    await services.inbox.store([notice_of(lie)])

    await services.inbox.process_waiting()

    assert (await services.payments.view(begun.id)).state is PaymentState.OPEN
