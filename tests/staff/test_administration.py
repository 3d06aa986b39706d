"""What administrators do with the staff, and that there is always one of them."""

from __future__ import annotations

import asyncio
import json

import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.staff import Role
from cashier.errors import Refused
from cashier.staff.administration import StaffAdministration
from cashier.staff.service import PinChangeNeeded, StaffService
from tests.surroundings.sample_hospital import (
    ADMINISTRATOR_NAME,
    ADMINISTRATOR_PIN,
    CASHIER_NAME,
    CASHIER_PIN,
    SUPERVISOR_PIN,
)

pytestmark = pytest.mark.both_databases


@pytest.fixture
def administration(hospital_database) -> StaffAdministration:
    """The staff of the sample hospital, to be changed."""
    return StaffAdministration(hospital_database)


@pytest.fixture
def staff(hospital_database) -> StaffService:
    """The sign-in of the sample hospital."""
    return StaffService(hospital_database)


def deeds(hospital):
    rows = hospital.execute(
        "SELECT action, staff_id, subject_id, facts FROM journal_entry WHERE subject = 'staff' ORDER BY number"
    )
    return [(row["action"], row["staff_id"], row["subject_id"], json.loads(row["facts"])) for row in rows]


async def test_somebody_new_gets_a_pin_that_has_to_be_changed_at_once(administration, staff, hospital):
    first = await administration.add(" Robin ", "Robin  Example", Role.AUDITOR, hospital.administrator)

    assert (first.member.sign_in_name, first.member.display_name) == ("robin", "Robin Example")
    with pytest.raises(PinChangeNeeded):
        await staff.sign_in("robin", first.pin, desk_id=1)
    assert (await staff.change_pin("robin", first.pin, "480261", desk_id=1)).role is Role.AUDITOR
    (action, by, whom, facts) = deeds(hospital)[0]
    assert (action, by, whom, facts["role"]) == (DeedKind.STAFF_ADDED, 3, str(first.member.id), "auditor")
    assert first.pin not in str(hospital.execute("SELECT * FROM journal_entry WHERE subject = 'staff'"))


@pytest.mark.parametrize(
    ("name", "shown"), [(CASHIER_NAME, "X"), ("", "X"), ("n" * 41, "X"), ("x", " "), ("x", "X" * 81)]
)
async def test_a_name_that_is_taken_or_cannot_be_kept_is_refused(administration, hospital, name, shown):
    with pytest.raises(Refused):
        await administration.add(name, shown, Role.CASHIER, hospital.administrator)

    assert len(await administration.members(hospital.administrator)) == 3


async def test_another_role_counts_at_once(administration, staff, hospital):
    await administration.change_role(1, Role.SUPERVISOR, hospital.administrator)
    await administration.change_role(1, Role.SUPERVISOR, hospital.administrator)

    assert (await staff.sign_in(CASHIER_NAME, CASHIER_PIN, desk_id=1)).role is Role.SUPERVISOR
    assert [deed for deed in deeds(hospital) if deed[0] == DeedKind.ROLE_CHANGED] == [
        (DeedKind.ROLE_CHANGED, 3, "1", {"before": "cashier", "role": "supervisor"})
    ]


async def test_who_has_left_cannot_sign_in_and_comes_back_with_another_pin(administration, staff, hospital):
    await administration.deactivate(1, hospital.administrator)
    with pytest.raises(Refused):
        await staff.sign_in(CASHIER_NAME, CASHIER_PIN, desk_id=1)

    back = await administration.reactivate(1, hospital.administrator)

    with pytest.raises(Refused, match="wrong"):
        await staff.sign_in(CASHIER_NAME, CASHIER_PIN, desk_id=1)
    with pytest.raises(PinChangeNeeded):
        await staff.sign_in(CASHIER_NAME, back.pin, desk_id=1)


@pytest.mark.parametrize("end", ["deactivate", "demote"])
async def test_the_last_active_administrator_stays(administration, hospital, end):
    with pytest.raises(Refused, match="last administrator"):
        if end == "deactivate":
            await administration.deactivate(3, hospital.administrator)
        else:
            await administration.change_role(3, Role.CASHIER, hospital.administrator)

    (row,) = hospital.execute("SELECT role, is_active FROM staff WHERE id = 3")
    assert (row["role"], bool(row["is_active"])) == ("administrator", True)


async def test_of_two_administrators_who_end_each_other_at_once_one_stays(administration, hospital):
    await administration.change_role(2, Role.ADMINISTRATOR, hospital.administrator)

    await asyncio.gather(
        administration.deactivate(3, hospital.colleague),
        administration.change_role(2, Role.CASHIER, hospital.administrator),
        return_exceptions=True,
    )

    (row,) = hospital.execute("SELECT count(*) AS n FROM staff WHERE role = 'administrator' AND is_active")
    assert row["n"] == 1


async def test_a_locked_name_is_unlocked_with_the_pin_it_has(administration, staff, hospital):
    for _ in range(10):
        hospital.execute("UPDATE staff_secret SET locked_until = NULL")
        with pytest.raises(Refused):
            await staff.sign_in(CASHIER_NAME, "0000", desk_id=1)
    (locked,) = [each for each in await administration.members(hospital.administrator) if each.locked_at]
    assert locked.id == 1

    await administration.unlock(1, hospital.administrator)

    await staff.sign_in(CASHIER_NAME, CASHIER_PIN, desk_id=1)
    assert (DeedKind.STAFF_UNLOCKED, 3, "1", {}) in deeds(hospital)


async def test_a_pin_that_was_forgotten_is_replaced(administration, staff, hospital):
    first = await administration.reset_pin(1, hospital.administrator)

    with pytest.raises(Refused, match="wrong"):
        await staff.sign_in(CASHIER_NAME, CASHIER_PIN, desk_id=1)
    await staff.change_pin(CASHIER_NAME, first.pin, "480261", desk_id=1)
    assert deeds(hospital)[0][0] == DeedKind.PIN_RESET


async def test_a_badge_belongs_to_one_person_and_is_kept_as_a_digest(administration, staff, hospital):
    await administration.give_badge(1, " 0042-77 ", hospital.administrator)

    assert (await staff.sign_in("0042-77", CASHIER_PIN, desk_id=1)).staff_id == 1
    assert "0042-77" not in str(hospital.execute("SELECT * FROM staff"))
    with pytest.raises(Refused, match="Somebody else has this badge"):
        await administration.give_badge(2, "0042-77", hospital.administrator)
    with pytest.raises(Refused, match="too short"):
        await administration.give_badge(2, "42", hospital.administrator)


async def test_a_badge_that_was_taken_away_is_nobodys(administration, staff, hospital):
    await administration.give_badge(1, "0042-77", hospital.administrator)

    member = await administration.give_badge(1, "", hospital.administrator)

    assert not member.has_badge
    with pytest.raises(Refused):
        await staff.sign_in("0042-77", CASHIER_PIN, desk_id=1)
    assert (await administration.give_badge(2, "0042-77", hospital.administrator)).has_badge
    assert (await staff.sign_in("0042-77", SUPERVISOR_PIN, desk_id=1)).staff_id == 2


async def test_a_new_name_on_screens_is_not_a_new_sign_in(administration, staff, hospital):
    await administration.rename(3, "Ada  Newname", hospital.administrator)

    signed_in = await staff.sign_in(ADMINISTRATOR_NAME, ADMINISTRATOR_PIN, desk_id=1)
    assert signed_in.display_name == "Ada Newname"


async def test_nobody_else_manages_the_staff_and_the_journal_says_who_tried(administration, hospital):
    for attempt in (
        administration.members(hospital.colleague),
        administration.add("x", "X", Role.ADMINISTRATOR, hospital.cashier),
        administration.rename(1, "X", hospital.cashier),
        administration.change_role(1, Role.ADMINISTRATOR, hospital.cashier),
        administration.deactivate(3, hospital.colleague),
        administration.reactivate(1, hospital.cashier),
        administration.reset_pin(3, hospital.colleague),
        administration.unlock(1, hospital.cashier),
        administration.give_badge(3, "0042", hospital.colleague),
    ):
        with pytest.raises(Refused, match="Managing the staff is for administrators"):
            await attempt

    assert [deed[0] for deed in deeds(hospital)] == [DeedKind.REFUSED] * 9


async def test_who_is_not_there_cannot_be_changed(administration, hospital):
    with pytest.raises(Refused, match="no such member"):
        await administration.unlock(4711, hospital.administrator)


async def test_an_administrator_gives_somebody_their_language_and_the_journal_knows(administration, staff, hospital):
    member = await administration.change_language(hospital.cashier_id, "es", hospital.administrator)
    await administration.change_language(hospital.cashier_id, "es", hospital.administrator)

    assert member.language == "es"
    assert (await staff.sign_in(CASHIER_NAME, CASHIER_PIN, desk_id=1)).language == "es"
    chosen = [deed for deed in deeds(hospital) if deed[0] == DeedKind.LANGUAGE_CHOSEN]
    assert chosen == [("language chosen", hospital.administrator_id, str(hospital.cashier_id), {"language": "es"})]


async def test_everybody_chooses_their_own_language_among_those_there_are(staff, hospital):
    who = await staff.choose_language(hospital.cashier_id, "es_419", desk_id=1)

    assert who.language == "es_419"
    assert deeds(hospital)[-1] == (
        "language chosen", hospital.cashier_id, str(hospital.cashier_id), {"language": "es_419"},
    )  # fmt: skip
    with pytest.raises(Refused, match="does not speak “en_XA”"):
        await staff.choose_language(hospital.cashier_id, "en_XA", desk_id=1)


async def test_a_language_is_given_by_administrators_only(administration, hospital):
    with pytest.raises(Refused):
        await administration.change_language(hospital.cashier_id, "es", hospital.cashier)
