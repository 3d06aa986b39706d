"""What an older program left unproved is stated once after the upgrade, and never again."""

from __future__ import annotations

import json

import pytest

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind, digest_of
from cashier.books.deeds.staff import StaffAdded
from cashier.books.staff import StaffSecret
from cashier.database import Database
from cashier.setup.attesting import attest
from tests.surroundings.sample_hospital import CANCELLED, DUE, DUE_OF_SAME_PATIENT
from tests.surroundings.settled import settle

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def database(hospital):
    database = Database(hospital.url)
    yield database
    await database.close()


def told(hospital):
    statement = "SELECT facts FROM journal_entry WHERE action = :kind ORDER BY number"
    return [json.loads(row["facts"]) for row in hospital.execute(statement, kind=DeedKind.BOOKS_ATTESTED)]


async def test_people_invoices_and_receipts_are_stated_as_they_are_found(hospital, database):
    receipt = await settle(database, {DUE: 500})

    assert await attest(database)

    people, others = told(hospital)
    async with database.reading() as session:
        ada = await session.get_one(StaffSecret, 3)
    assert people["staff"]["3"] == {
        "role": "administrator", "pin": ada.mark, "badge": None, "is_active": True,
    }  # fmt: skip
    assert len(people["staff"]) == 3
    assert {number: owed for number, (owed, _) in others["invoices"].items()} | {
        DUE: 12_000, DUE_OF_SAME_PATIENT: 4_500, CANCELLED: 0,
    } == {number: owed for number, (owed, _) in others["invoices"].items()}  # fmt: skip
    assert others["invoices"][DUE][1] == others["invoices"][DUE_OF_SAME_PATIENT][1]
    assert others["receipts"] == {receipt.full_number: digest_of(receipt.facts)}


async def test_a_pin_of_an_older_program_is_stated_anew_only_if_it_is_the_one_that_was_told(hospital, database):
    hospital.execute("UPDATE staff_secret SET former_mark = 'told' || staff_id WHERE staff_id < 3")
    async with database.transaction() as session:
        for told in ("told1", "another"):
            staff_id = 1 if told == "told1" else 2
            await journal.record(session, StaffAdded(staff=staff_id, role="cashier", pin=told), journal.PROGRAM)

    assert await attest(database)
    assert not await attest(database)

    async with database.reading() as session:
        secret = await session.get_one(StaffSecret, 1)
    stated = hospital.execute(
        "SELECT subject_id, facts FROM journal_entry WHERE action = :kind", kind=DeedKind.PIN_HASHED_ANEW
    )
    assert [(row["subject_id"], json.loads(row["facts"])["pin"]) for row in stated] == [("1", secret.mark)]


async def test_what_is_put_in_later_is_not_made_good_by_stating_again(hospital, database):
    await attest(database)
    hospital.execute("UPDATE staff SET role = 'administrator' WHERE id = 1")

    assert not await attest(database)
    assert [facts["staff"]["1"]["role"] for facts in told(hospital) if facts["staff"]] == ["cashier"]
