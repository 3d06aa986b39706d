"""A desk that is used somewhere is not used elsewhere without somebody deciding so."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import staff_at
from cashier.database import Database
from cashier.hospital.desk_uses import DeskInUse, DeskUses

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def use_at(hospital, tmp_path):
    """Make what a running program is: on a machine, for an account of its own folder."""
    opened = []

    def make(machine, *, folder="here", silent_after_seconds=60):
        database = Database(hospital.url)
        opened.append(database)
        mark = hospital.file if database.is_sqlite else tmp_path / folder / "mark"
        return DeskUses(database, mark=mark, silent_after_seconds=silent_after_seconds, machine=machine)

    yield make
    for database in opened:
        await database.close()


def continued(hospital):
    rows = hospital.execute("SELECT facts, staff_id FROM journal_entry WHERE action = :action",
                            action=DeedKind.DESK_CONTINUED.value)  # fmt: skip
    return [(row["facts"], row["staff_id"]) for row in rows]


async def test_the_second_machine_is_told_by_whom_and_where_the_desk_is_used(use_at, hospital):
    first, second = use_at("till-1"), use_at("till-2", folder="there")
    await first.claim(hospital.cashier)

    with pytest.raises(DeskInUse) as refused:
        await second.claim(hospital.cashier)

    other = refused.value.other
    assert (other.desk, other.machine, other.person) == ("D1", "till-1", "Casey Sample")
    assert "till-1: Casey Sample is signed in there" in str(refused.value)
    assert await first.beat(hospital.desk_id) is None
    assert continued(hospital) == []


async def test_going_on_is_a_decision_that_the_journal_keeps_and_the_first_is_told(use_at, hospital):
    first, second = use_at("till-1"), use_at("till-2", folder="there")
    await first.claim(hospital.cashier)

    decider = staff_at(staff_id=hospital.supervisor_id, desk_id=hospital.desk_id)
    await second.claim(decider, despite_others=True)
    told = await first.beat(hospital.desk_id)

    ((facts, who),) = continued(hospital)
    assert '"before":"till-1","machine":"till-2"' in facts
    assert who == hospital.supervisor_id
    assert told is not None
    assert (told.machine, told.person) == ("till-2", "Sol Example")
    assert await second.beat(hospital.desk_id) is None
    await second.give_back(hospital.desk_id)
    assert await first.beat(hospital.desk_id) is None
    with pytest.raises(DeskInUse):
        await second.claim(decider)


async def test_who_signs_out_leaves_the_desk_to_everybody(use_at, hospital):
    first, second = use_at("till-1"), use_at("till-2", folder="there")
    await first.claim(hospital.cashier)
    await first.claim(staff_at(staff_id=hospital.supervisor_id, desk_id=hospital.desk_id))

    await first.give_back(hospital.desk_id)
    await first.give_back(hospital.desk_id)

    await second.claim(hospital.cashier)
    assert continued(hospital) == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_machine_that_is_silent_long_enough_has_left_whatever_its_clock_shows(use_at, hospital, postgres):
    first, second = use_at("till-1"), use_at("till-2", folder="there", silent_after_seconds=20)
    await first.claim(hospital.cashier)
    hospital.execute("UPDATE desk_use SET seen_at = now() - interval '15 seconds'")
    with pytest.raises(DeskInUse):
        await second.claim(hospital.cashier)
    hospital.execute("UPDATE desk_use SET seen_at = now() - interval '25 seconds'")

    await second.claim(hospital.cashier)

    ((facts, _who),) = continued(hospital)
    assert '"was_silent":true' in facts


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_machine_that_says_again_that_it_is_there_is_not_silent(use_at, hospital, postgres):
    first, second = use_at("till-1"), use_at("till-2", folder="there", silent_after_seconds=20)
    await first.claim(hospital.cashier)
    hospital.execute("UPDATE desk_use SET seen_at = now() - interval '25 seconds'")

    assert await first.beat(hospital.desk_id) is None

    with pytest.raises(DeskInUse):
        await second.claim(hospital.cashier)


async def test_two_programs_of_one_machine_are_two(use_at, hospital):
    first, second = use_at("till-1"), use_at("till-1")
    await first.claim(hospital.cashier)

    with pytest.raises(DeskInUse):
        await second.claim(hospital.cashier)

    await second.claim(hospital.cashier, despite_others=True)
    assert await first.beat(hospital.desk_id) is not None


async def test_two_who_sign_in_at_one_moment_are_not_both_let_in(use_at, hospital):
    uses = [use_at(f"till-{number}", folder=f"at {number}") for number in range(4)]

    results = await asyncio.gather(*(use.claim(hospital.cashier) for use in uses), return_exceptions=True)

    assert sorted(type(each).__name__ for each in results) == ["DeskInUse"] * 3 + ["NoneType"]


_CRASHING = """
import asyncio, sys
from pathlib import Path
from cashier.books.journal import staff_at
from cashier.database import Database
from cashier.hospital.desk_uses import DeskUses
async def use():
    uses = DeskUses(Database(sys.argv[1]), mark=Path(sys.argv[2]), silent_after_seconds=60, machine="till-1")
    await uses.claim(staff_at(staff_id=1, desk_id=1))
    print("used", flush=True)
    await asyncio.sleep(60)
asyncio.run(use())
"""


async def test_a_desk_that_crashed_starts_again_on_its_machine_without_a_question(use_at, hospital, tmp_path):
    again = use_at("till-1")
    mark = again._mark
    crashing = subprocess.Popen(  # noqa: ASYNC220 - it is there until it is killed
        [sys.executable, "-c", _CRASHING, hospital.url, str(mark)], stdout=subprocess.PIPE, text=True
    )
    with crashing:
        assert crashing.stdout is not None
        assert await asyncio.to_thread(crashing.stdout.readline) == "used\n"
        with pytest.raises(DeskInUse):
            await again.claim(hospital.cashier)
        os.kill(crashing.pid, signal.SIGKILL)

    await again.claim(hospital.cashier)

    assert continued(hospital) == [], "nobody decided anything"
