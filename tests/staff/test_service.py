"""Signing in: by name or badge, delays and locks across all desks, and changing a PIN."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from datetime import timedelta
from itertools import pairwise

import psycopg
import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.staff import Role
from cashier.clock import now
from cashier.errors import Refused
from cashier.staff import pins
from cashier.staff.service import PinChangeNeeded, StaffService, badge_digest
from tests.surroundings.quick_pins import PROGRAMS_OWN
from tests.surroundings.sample_hospital import ADMINISTRATOR_NAME, ADMINISTRATOR_PIN, CASHIER_NAME, CASHIER_PIN

pytestmark = pytest.mark.both_databases
NEW_PIN = "480261"


@pytest.fixture
def staff(hospital_database) -> StaffService:
    """The sign-in of the sample hospital."""
    return StaffService(hospital_database)


async def sign_in(staff, name=CASHIER_NAME, pin=CASHIER_PIN, desk_id=1):
    return await staff.sign_in(name, pin, desk_id=desk_id)


async def fail(staff, times=1, *, name=CASHIER_NAME, desk_id=1):
    """Mistype, without waiting for delays to pass."""
    for _ in range(times):
        with pytest.raises(Refused):
            await staff.sign_in(name, "0000", desk_id=desk_id)


def let_time_pass(hospital):
    hospital.execute("UPDATE staff_secret SET locked_until = NULL")


def entries(hospital):
    rows = hospital.execute(
        "SELECT action, staff_id, desk_id, subject_id FROM journal_entry WHERE subject = 'staff' ORDER BY number"
    )
    return [(row["action"], row["staff_id"], row["desk_id"], row["subject_id"]) for row in rows]


async def test_name_and_pin_tell_who_it_is(staff, hospital):
    signed_in = await sign_in(staff, "  CASEY ")

    assert (signed_in.staff_id, signed_in.display_name, signed_in.role) == (1, "Casey Sample", Role.CASHIER)
    assert entries(hospital) == [(DeedKind.SIGNED_IN, 1, 1, "1")]


async def test_a_badge_is_as_good_as_the_name_and_still_wants_the_pin(staff, hospital):
    hospital.execute("UPDATE staff SET badge_digest = :digest WHERE id = 1", digest=badge_digest("0042-CASEY"))

    assert (await sign_in(staff, " 0042-CASEY\n")).staff_id == 1
    with pytest.raises(Refused, match="Name or PIN is wrong"):
        await sign_in(staff, "0042-CASEY", "0000")


async def test_a_badge_that_says_somebodys_name_does_not_take_their_place(staff, hospital):
    hospital.execute("UPDATE staff SET badge_digest = :digest WHERE id = 2", digest=badge_digest(ADMINISTRATOR_NAME))

    with pytest.raises(Refused):
        await sign_in(staff, ADMINISTRATOR_NAME, "7410")


@pytest.mark.parametrize("change", ["", "is_active = false"])
async def test_a_wrong_name_a_wrong_pin_and_who_has_left_are_refused_in_the_same_words(staff, hospital, change):
    if change:
        hospital.execute(f"UPDATE staff SET {change} WHERE id = 1")
    words = set()
    for name, pin in ((CASHIER_NAME, CASHIER_PIN if change else "0000"), ("nobody", CASHIER_PIN)):
        with pytest.raises(Refused) as refused:
            await sign_in(staff, name, pin)
        words.add(str(refused.value))

    assert words == {"Name or PIN is wrong. Try again."}
    assert [entry[0] for entry in entries(hospital)] == [DeedKind.SIGN_IN_REFUSED] * 2


async def test_what_was_typed_for_a_name_is_never_written_down(staff, hospital):
    await fail(staff, name="secret-480261")

    (entry,) = hospital.execute("SELECT * FROM journal_entry WHERE subject = 'staff'")
    assert "480261" not in json.dumps(entry, default=str)
    assert entry["subject_id"] == "unknown"


async def test_a_wrong_name_takes_as_long_as_a_wrong_pin(staff, hospital):
    hospital.execute("UPDATE staff_secret SET parameters = 'm=65536,t=3,p=4,l=32'")

    async def seconds(name):
        taken = []
        for _ in range(5):
            let_time_pass(hospital)
            hospital.execute("UPDATE staff_secret SET failed_attempts = 0")
            begun = time.perf_counter()
            await fail(staff, name=name)
            taken.append(time.perf_counter() - begun)
        return statistics.median(taken)

    known, unknown = await seconds(CASHIER_NAME), await seconds("nobody")

    assert unknown > known * 0.5


async def test_the_third_failure_in_a_row_brings_a_delay_that_counts_at_every_desk(staff, hospital):
    await fail(staff, 3)

    with pytest.raises(Refused, match="Too many wrong PINs") as refused:
        await sign_in(staff, desk_id=2)
    assert "Wait 30 seconds" in str(refused.value.advice)


async def test_each_further_failure_doubles_the_delay_up_to_a_quarter_of_an_hour(staff, hospital):
    waits = []
    for _ in range(9):
        let_time_pass(hospital)
        await fail(staff)
        (row,) = hospital.execute("SELECT locked_until IS NOT NULL AS delayed FROM staff_secret WHERE staff_id = 1")
        if row["delayed"]:
            with pytest.raises(Refused) as refused:
                await sign_in(staff)
            waits.append(int(str(refused.value.advice).split()[1]))

    assert waits == [30, 60, 120, 240, 480, 900, 900]


async def test_success_forgives_what_failed_before(staff, hospital):
    await fail(staff, 2)
    await sign_in(staff)

    await fail(staff, 2)

    await sign_in(staff)


async def test_ten_failures_lock_the_name_for_good_also_for_the_right_pin(staff, hospital):
    for desk_id in (1, 2) * 5:
        let_time_pass(hospital)
        await fail(staff, desk_id=desk_id)
    let_time_pass(hospital)

    with pytest.raises(Refused, match="locked") as refused:
        await sign_in(staff)

    assert str(refused.value.advice) == "An administrator can unlock it."
    why = [
        json.loads(row["facts"])["why"]
        for row in hospital.execute("SELECT facts FROM journal_entry WHERE subject = 'staff' ORDER BY number")
    ]
    assert why[-3:] == ["wrong name or PIN", "locked now", "locked"]


async def test_many_attempts_at_once_are_no_more_than_one_after_the_other(staff, hospital):
    results = await asyncio.gather(*(sign_in(staff, pin=f"{n:04}") for n in range(12)), return_exceptions=True)

    tried = [each for each in results if "Name or PIN is wrong" in str(each)]
    assert len(tried) == 3
    assert all(isinstance(each, Refused) for each in results)


async def test_an_old_hash_is_made_anew_when_somebody_signs_in(staff, hospital, monkeypatch):
    monkeypatch.setattr(pins, "HASHER", PROGRAMS_OWN)
    hospital.execute("UPDATE staff_secret SET former_mark = 'known before' WHERE staff_id = 1")
    (before,) = hospital.execute("SELECT salt, parameters FROM staff_secret WHERE staff_id = 1")

    await sign_in(staff)

    (after,) = hospital.execute("SELECT salt, parameters, former_mark FROM staff_secret WHERE staff_id = 1")
    assert after["salt"] != before["salt"]
    assert "m=65536" in after["parameters"]
    assert after["former_mark"] is None
    assert entries(hospital)[0][0] == DeedKind.PIN_HASHED_ANEW
    await sign_in(staff)


@pytest.mark.parametrize(
    ("change", "words"), [("must_change_pin = true", "first PIN"), ("pin_set_at = :old", "too old")]
)
async def test_a_first_or_old_pin_lets_nobody_in_before_it_is_changed(staff, hospital, change, words):
    old = now() - timedelta(days=181)
    values = {"old": old.replace(tzinfo=None).isoformat(" ") if "sqlite" in hospital.url else old}
    hospital.execute(f"UPDATE staff SET {change} WHERE id = 1", **(values if ":old" in change else {}))
    with pytest.raises(PinChangeNeeded, match=words):
        await sign_in(staff)
    with pytest.raises(PinChangeNeeded, match=words):
        await staff.step_up(CASHIER_NAME, CASHIER_PIN, desk_id=1)

    changed = await staff.change_pin(CASHIER_NAME, CASHIER_PIN, NEW_PIN, desk_id=1)

    assert changed == await sign_in(staff, pin=NEW_PIN)
    assert [entry[0] for entry in entries(hospital)] == [
        DeedKind.PIN_CHANGE_ASKED_FOR, DeedKind.PIN_CHANGE_ASKED_FOR, DeedKind.PIN_CHANGED,
        DeedKind.SIGNED_IN, DeedKind.SIGNED_IN,
    ]  # fmt: skip


async def test_changing_a_pin_wants_the_right_one_first(staff, hospital):
    with pytest.raises(Refused, match="Name or PIN is wrong"):
        await staff.change_pin(CASHIER_NAME, "0000", NEW_PIN, desk_id=1)

    await sign_in(staff)


async def test_a_weak_pin_is_refused_and_the_old_one_stays(staff, hospital):
    with pytest.raises(Refused, match="series"):
        await staff.change_pin(CASHIER_NAME, CASHIER_PIN, "123456", desk_id=1)

    await sign_in(staff)


async def test_the_last_five_pins_are_not_taken_again(staff, hospital):
    chosen = [CASHIER_PIN, "480261", "731924", "906358", "617203", "825074", "740396"]
    for before, after in pairwise(chosen):
        await staff.change_pin(CASHIER_NAME, before, after, desk_id=1)

    for used in (chosen[1], chosen[-1]):
        with pytest.raises(Refused, match="used this PIN before"):
            await staff.change_pin(CASHIER_NAME, chosen[-1], used, desk_id=1)
    await sign_in(staff, pin=chosen[-1])


async def test_a_locked_desk_opens_for_the_pin_of_the_person_and_failures_count(staff, hospital):
    assert (await staff.unlock_desk(1, CASHIER_PIN, desk_id=1)).staff_id == 1
    for _ in range(3):
        with pytest.raises(Refused):
            await staff.unlock_desk(1, "7410", desk_id=1)

    with pytest.raises(Refused, match="Too many wrong PINs"):
        await sign_in(staff)
    assert entries(hospital)[0] == (DeedKind.DESK_UNLOCKED, 1, 1, "1")


async def test_locking_and_leaving_a_desk_stand_in_the_journal(staff, hospital):
    await staff.note_lock(1, desk_id=2)
    await staff.note_sign_out(1, desk_id=2)

    assert entries(hospital) == [(DeedKind.DESK_LOCKED, 1, 2, "1"), (DeedKind.SIGNED_OUT, 1, 2, "1")]


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_who_signs_in_while_somebody_leaves_comes_after_them_and_stays(staff, hospital, hospital_database):
    await sign_in(staff)
    with psycopg.connect(hospital.url) as other:
        # The leaving takes its time: what it writes waits for the head of the journal.
        other.execute("SELECT FROM journal_head FOR UPDATE")
        leaving = asyncio.create_task(staff.note_sign_out(1, desk_id=1))
        coming = asyncio.create_task(staff.sign_in(ADMINISTRATOR_NAME, ADMINISTRATOR_PIN, desk_id=1))
        await asyncio.wait({coming}, timeout=1)
        other.rollback()
        await asyncio.gather(leaving, coming)

    assert [entry[:2] for entry in entries(hospital)][-2:] == [(DeedKind.SIGNED_OUT, 1), (DeedKind.SIGNED_IN, 3)]
    assert hospital_database.carried is not None
    still_open = hospital.execute("SELECT staff_id FROM staff_session WHERE ended_at IS NULL")
    assert [each["staff_id"] for each in still_open] == [3]
