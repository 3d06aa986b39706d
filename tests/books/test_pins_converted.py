"""What an older program kept of PINs goes on being good: nobody gets a new one, and locks stay."""

from __future__ import annotations

from datetime import timedelta

import argon2
import pytest
import sqlalchemy as sa

from cashier.books.schema.migration import downgrade, migrate
from cashier.books.staff import StaffSecret
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Refused
from cashier.staff.service import StaffService
from tests.surroundings.sample_hospital import execute

pytestmark = pytest.mark.both_databases

BEFORE = "0028"
PEOPLE = {1: "casey", 2: "sol", 3: "ada"}
PIN, FORMER_PIN, NEW_PIN = "480261", "731924", "906358"
OLD = argon2.PasswordHasher(time_cost=2, memory_cost=64, parallelism=2)


@pytest.fixture
async def converted(empty_url):
    """A database with three people of the program before, brought to today's schema; the second one is locked."""
    migrate(empty_url, revision=BEFORE)
    moment = now() - timedelta(days=3)
    set_at = moment.replace(tzinfo=None).isoformat(" ") if empty_url.startswith("sqlite") else moment
    for staff_id, name in PEOPLE.items():
        execute(
            empty_url,
            "INSERT INTO staff (id, sign_in_name, display_name, role, pin_hash, pin_set_at, must_change_pin, "
            "is_active, failed_attempts, locked_at) VALUES (:id, :name, :name, 'administrator', :hash, :set_at, "
            "false, true, :failures, :locked)",
            id=staff_id, name=name, hash="no hash" if staff_id == 3 else OLD.hash(PIN), set_at=set_at,
            failures=2 if staff_id == 1 else 10, locked=set_at if staff_id == 2 else None,
        )  # fmt: skip
    former = "INSERT INTO former_pin (staff_id, set_at, pin_hash) VALUES (1, :set_at, :hash)"
    moment -= timedelta(days=100)
    earlier = moment.replace(tzinfo=None).isoformat(" ") if empty_url.startswith("sqlite") else moment
    execute(empty_url, former, set_at=earlier, hash=OLD.hash(FORMER_PIN))
    migrate(empty_url)
    database = Database(empty_url)
    yield database
    await database.close()


async def test_everybody_signs_in_with_the_pin_that_they_have_and_gets_another_salt(converted, empty_url):
    staff = StaffService(converted)
    before = execute(empty_url, "SELECT salt, parameters FROM staff_secret WHERE staff_id = 1")

    assert (await staff.sign_in("casey", PIN, desk_id=None)).staff_id == 1

    assert [row["parameters"] for row in before] == ["m=64,t=2,p=2,l=32"]
    assert execute(empty_url, "SELECT salt, parameters FROM staff_secret WHERE staff_id = 1") != before
    assert (await staff.sign_in("casey", PIN, desk_id=None)).staff_id == 1
    for used in (PIN, FORMER_PIN):
        with pytest.raises(Refused, match="used this PIN before"):
            await staff.change_pin("casey", PIN, used, desk_id=None)
    assert (await staff.change_pin("casey", PIN, NEW_PIN, desk_id=None)).staff_id == 1


async def test_failures_and_locks_are_carried_over(converted, empty_url):
    staff = StaffService(converted)

    with pytest.raises(Refused, match="locked"):
        await staff.sign_in("sol", PIN, desk_id=None)
    with pytest.raises(Refused, match="Name or PIN is wrong"):
        await staff.sign_in("casey", "000000", desk_id=None)
    with pytest.raises(Refused, match="Too many wrong PINs"):
        await staff.sign_in("casey", PIN, desk_id=None)


async def test_what_was_no_hash_fits_no_pin(converted):
    with pytest.raises(Refused, match="wrong"):
        await StaffService(converted).sign_in("ada", "", desk_id=None)


async def test_no_two_marks_are_alike_nor_made_of_what_a_desk_is_told(converted):
    async with converted.reading() as session:
        secrets = (await session.scalars(sa.select(StaffSecret))).all()

    assert len({secret.mark for secret in secrets}) == len(PEOPLE)
    assert {secret.former_mark for secret in secrets} & {secret.mark for secret in secrets} == set()


async def test_going_back_keeps_people_and_locks(converted, empty_url):
    await converted.close()

    downgrade(empty_url, revision=BEFORE)

    rows = execute(empty_url, "SELECT id, failed_attempts, locked_at IS NOT NULL AS locked FROM staff ORDER BY id")
    assert [(row["id"], row["failed_attempts"], bool(row["locked"])) for row in rows] == [
        (1, 2, False), (2, 10, True), (3, 10, False),
    ]  # fmt: skip
