"""Rows that come in bursts: each group is there as a whole when it is said to be, and never half."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from cashier.books.from_stripe.event import StripeEvent
from cashier.errors import Refused

pytestmark = pytest.mark.both_databases

MOMENT = datetime(2026, 11, 2, 10, 0, 0, 123456, tzinfo=UTC)


def rows(*ids: str, **facts: object) -> list[dict[str, object]]:
    """Make rows of events."""
    usual = {
        "type": "moon.eclipsed", "object_id": "", "payment_reference": None, "api_version": "", "livemode": False,
        "created_at": MOMENT, "received_at": MOMENT, "due_at": MOMENT, "attempts": 0,
    }  # fmt: skip
    return [{"id": id_, **usual, **facts} for id_ in ids]


async def kept(database) -> dict[str, StripeEvent]:
    async with database.reading() as session:
        return {event.id: event for event in (await session.execute(sa.select(StripeEvent))).scalars()}


async def test_what_is_there_already_stays_and_does_not_count(database):
    first = await database.add_new(StripeEvent, rows("evt_1", "evt_2"))
    second = await database.add_new(StripeEvent, rows("evt_2", "evt_3", "evt_3", type="sun.eclipsed"))

    assert (first, second) == (2, 1)
    events = await kept(database)
    assert {key: event.type for key, event in events.items()} == {
        "evt_1": "moon.eclipsed",
        "evt_2": "moon.eclipsed",
        "evt_3": "sun.eclipsed",
    }
    assert (events["evt_1"].created_at, events["evt_1"].livemode, events["evt_1"].last_error) == (MOMENT, False, None)


async def test_a_group_is_added_as_a_whole_or_not_at_all(database):
    with pytest.raises(sa.exc.IntegrityError):
        await database.add_new(StripeEvent, [*rows("evt_1"), *rows("evt_2", type=None)])

    assert await kept(database) == {}
    assert await database.add_new(StripeEvent, rows("evt_1")) == 1


async def test_who_is_cancelled_leaves_the_lane_to_others(database):
    adding = [asyncio.create_task(database.add_new(StripeEvent, rows(f"evt_{number}"))) for number in range(6)]
    await asyncio.sleep(0)
    adding[0].cancel()
    adding[3].cancel()
    await asyncio.gather(*adding, return_exceptions=True)

    await database.add_new(StripeEvent, rows("evt_last"))

    assert {"evt_1", "evt_2", "evt_4", "evt_5", "evt_last"} <= set(await kept(database))


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_server_that_ended_the_kept_connection_is_connected_to_anew(database, postgres):
    await database.add_new(StripeEvent, rows("evt_1"))
    async with database.transaction() as session:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        await session.execute(sa.text(f"{others} AND usename = current_user AND pid <> pg_backend_pid()"))

    assert await database.add_new(StripeEvent, rows("evt_2")) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_nothing_is_added_to_a_file_that_was_moved(database, database_file):
    await database.add_new(StripeEvent, rows("evt_1"))
    database_file.rename(database_file.with_name("moved.sqlite"))

    with pytest.raises(Refused):
        await database.add_new(StripeEvent, rows("evt_2"))
