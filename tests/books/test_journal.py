"""The journal: numbered without gaps, chained by hashes, in the transaction of the deed."""

from __future__ import annotations

import asyncio
import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cashier.books import journal
from cashier.books.journal import PROGRAM, Actor, ActorKind, JournalEntry, client_of_api, staff_at
from cashier.clock import now
from tests.surroundings.deeds import StrangeDeed

pytestmark = pytest.mark.both_databases


async def write(database, action="done", **facts):
    async with database.transaction() as session:
        await journal.record(session, StrangeDeed(kind=action, told=facts), journal.PROGRAM)


async def entries(database):
    async with database.reading() as session:
        return list((await session.execute(sa.select(JournalEntry).order_by(JournalEntry.number))).scalars())


async def test_entries_are_numbered_and_chained_even_when_many_write_at_once(database):
    await asyncio.gather(*(write(database, f"deed {number}") for number in range(25)))

    written = await entries(database)

    assert [entry.number for entry in written] == list(range(1, 26))
    assert written[0].previous_hash == "0" * 64
    for before, after in itertools.pairwise(written):
        assert after.previous_hash == before.hash
    assert all(entry.hash == journal.hash_of(entry) for entry in written)


async def test_a_deed_that_fails_leaves_no_entry_and_no_gap(database):
    await write(database, "first")
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as session:
            await journal.record(session, StrangeDeed(kind="second"), journal.PROGRAM)
            raise ZeroDivisionError
    await write(database, "third")

    assert [(entry.number, entry.action) for entry in await entries(database)] == [(1, "first"), (2, "third")]


def test_any_change_of_any_column_shows_in_the_hash():
    entry = JournalEntry(
        number=6, at=now(), staff_id=1, desk_id=None, action="payment paid", subject="payment", subject_id="1",
        facts='{"amount_minor":100}', previous_hash="0" * 64, account="cashier_desk", session_id=4,
    )  # fmt: skip
    entry.hash = journal.hash_of(entry)
    columns = [column.name for column in JournalEntry.__table__.columns if column.name != "hash"]
    kept = {name: getattr(entry, name) for name in columns}
    unseen = []
    others: list[Any]

    for name, value in kept.items():
        match value:
            case datetime():
                others = [value + timedelta(microseconds=1), value - timedelta(days=1)]
            case str():
                others = [value + "1", value[:-1]]
            case _:
                others = [1 if value is None else value + 1]
        for other in others:
            setattr(entry, name, other)
            unseen += [name] if journal.hash_of(entry) == entry.hash else []
        setattr(entry, name, value)

    assert unseen == []
    assert journal.hash_of(entry) == entry.hash


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (ActorKind.STAFF, {}),
        (ActorKind.STAFF, {"staff_id": 1, "client": "scheduler"}),
        (ActorKind.PROGRAM, {"staff_id": 1}),
        (ActorKind.CLIENT, {}),
        (ActorKind.CLIENT, {"staff_id": 1}),
        (ActorKind.CLIENT, {"client": "scheduler"}),
    ],
)
def test_an_actor_is_what_it_says(kind, facts):
    with pytest.raises(ValueError, match="an actor of kind"):
        Actor(kind=kind, **facts)


async def test_who_did_it_is_read_from_an_entry(hospital_database):
    at_a_desk = Actor(kind=ActorKind.PROGRAM, desk_id=1)
    scheduler = client_of_api("scheduler", staff_id=1, desk_id=1)
    actors = [staff_at(staff_id=1, desk_id=1), staff_at(staff_id=1), scheduler, PROGRAM, at_a_desk]
    async with hospital_database.transaction() as session:
        for actor in actors:
            await journal.record(session, StrangeDeed(kind="done", told={"rows": 1}), actor)

    written = [entry for entry in await entries(hospital_database) if entry.action == "done"]
    assert [journal.actor_of(entry) for entry in written] == actors
