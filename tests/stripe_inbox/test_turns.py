"""In which order events get their turn when some of them cannot be processed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.database import now
from cashier.stripe_inbox.model import StripeEvent

pytestmark = pytest.mark.both_databases


def waiting_event(event_id: str, *, attempts: int, age: timedelta) -> StripeEvent:
    """Make an event about an object that is not ours."""
    moment = now() - age
    return StripeEvent(
        id=event_id,
        type="charge.updated",
        object_id="ch_somebodyelses",
        api_version="",
        livemode=False,
        created_at=moment,
        received_at=moment,
        attempts=attempts,
    )


async def processed(services) -> set[str]:
    """Give every event whose turn it is one, and return those that were processed."""
    await services.inbox.process_waiting()
    async with services.database.reading() as session:
        statement = sa.select(StripeEvent.id).where(StripeEvent.processed_at.is_not(None))
        return set((await session.execute(statement)).scalars())


async def test_hundreds_of_failing_events_do_not_hold_up_a_fresh_one(services):
    async with services.database.transaction() as session:
        session.add_all(
            waiting_event(f"evt_failing{number}", attempts=2, age=timedelta(seconds=20)) for number in range(250)
        )
        session.add(waiting_event("evt_fresh", attempts=0, age=timedelta()))

    assert await processed(services) == {"evt_fresh"}


async def test_attempts_become_rarer_however_old_an_event_is(services):
    async with services.database.transaction() as session:
        session.add_all(
            [
                waiting_event("evt_once_too_early", attempts=1, age=timedelta(seconds=10)),
                waiting_event("evt_once", attempts=1, age=timedelta(seconds=20)),
                # 15 + 30 + 60 + 120 + 240 + 480 seconds, then every quarter of an hour.
                waiting_event("evt_seven_times_too_early", attempts=7, age=timedelta(minutes=30)),
                waiting_event("evt_seven_times", attempts=7, age=timedelta(minutes=31)),
            ]
        )

    assert await processed(services) == {"evt_once", "evt_seven_times"}
