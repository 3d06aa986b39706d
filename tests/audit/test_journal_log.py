"""Reading the journal: who may, what is found, in which order, and whether it is as it was written."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from cashier.audit.journal_log import JournalLog
from cashier.audit.journal_views import PROGRAM_ID, JournalQuery
from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import PROGRAM, Actor, JournalEntry, staff_at
from cashier.errors import Refused
from cashier.language import speaking
from tests.surroundings.deeds import StrangeDeed

pytestmark = pytest.mark.both_databases


@pytest.fixture
def log(hospital_database) -> JournalLog:
    """The journal of the sample hospital."""
    return JournalLog(hospital_database)


@pytest.fixture
def auditor(hospital) -> Actor:
    """The supervisor of the sample hospital, who has become an auditor."""
    hospital.execute("UPDATE staff SET role = 'auditor' WHERE id = 2")
    return staff_at(staff_id=2, desk_id=2)


async def write(database, action, *, subject="desk", subject_id="1", actor=journal.PROGRAM, **facts):
    async with database.transaction() as session:
        deed = StrangeDeed(kind=action, about=subject, about_id=subject_id, told=facts)
        await journal.record(session, deed, actor)


async def found(log, auditor, **query):
    return [row.action for row in (await log.page(JournalQuery(**query), auditor)).rows]


async def test_entries_come_newest_first_in_pages(log, auditor, hospital_database):
    for number in range(5):
        await write(hospital_database, f"deed {number}")

    first = await log.page(JournalQuery(action="deed"), auditor, limit=2)
    second = await log.page(JournalQuery(action="deed"), auditor, after=first.after, limit=2)
    last = await log.page(JournalQuery(action="deed"), auditor, after=second.after, limit=2)

    assert [[row.action for row in page.rows] for page in (first, second, last)] == [
        ["deed 4", "deed 3"], ["deed 2", "deed 1"], ["deed 0"],
    ]  # fmt: skip
    assert last.after is None


async def test_an_entry_tells_who_where_and_what(log, auditor, hospital_database, hospital):
    await write(
        hospital_database, DeedKind.PAYMENT_PAID, subject="payment", subject_id="p1", actor=hospital.cashier, amount=5
    )

    (row,) = (await log.page(JournalQuery(subject_id="p1"), auditor)).rows

    assert (row.who, row.desk, row.action, row.subject) == ("Casey Sample", "D1", DeedKind.PAYMENT_PAID, "payment")
    assert json.loads(row.facts) == {"amount": 5}
    assert len(row.hash) == len(row.previous_hash) == 64


async def test_every_filter_narrows(log, auditor, hospital_database, hospital):
    await write(hospital_database, "reader_renamed", subject="reader", actor=hospital.administrator)
    await write(hospital_database, DeedKind.READER_REMOVED, subject="reader", subject_id="2")
    await write(hospital_database, DeedKind.PAYMENT_PAID, subject="payment", actor=hospital.cashier)

    assert await found(log, auditor, subject="reader") == [DeedKind.READER_REMOVED, "reader_renamed"]
    assert await found(log, auditor, subject="reader", staff_id=3) == ["reader_renamed"]
    assert await found(log, auditor, subject="reader", staff_id=PROGRAM_ID) == [DeedKind.READER_REMOVED]
    assert await found(log, auditor, action=" READER R") == [DeedKind.READER_REMOVED]
    assert await found(log, auditor, action="r_r") == ["reader_renamed"], "what was typed is no pattern"
    with speaking("en_XA"):
        assert await found(log, auditor, action="RÉMÓV") == [DeedKind.READER_REMOVED], "in the reader's language"
    assert await found(log, auditor, subject="reader", subject_id=" 2 ") == [DeedKind.READER_REMOVED]
    assert await found(log, auditor, last_day=date(2020, 1, 1)) == []


async def test_a_day_begins_when_it_begins_at_the_hospital(log, auditor, hospital, hospital_database):
    """In Madrid, in July, a day begins at 22:00 UTC."""
    hospital.remove_guards()
    for minute, action in ((59, "before midnight"), (0, "at midnight")):
        await write(hospital_database, action)
        at = datetime(2026, 7, 1, 21 if minute else 22, minute, tzinfo=UTC)
        async with hospital_database.transaction() as session:
            await session.execute(sa.update(JournalEntry).where(JournalEntry.action == action).values(at=at))

    assert await found(log, auditor, first_day=date(2026, 7, 2), last_day=date(2026, 7, 2)) == ["at midnight"]
    assert await found(log, auditor, first_day=date(2026, 7, 1), last_day=date(2026, 7, 1)) == ["before midnight"]


async def test_opening_exporting_and_checking_are_entries_themselves(log, auditor, tmp_path):
    choices = await log.open(auditor)
    await log.check_chain(auditor)
    await log.export(JournalQuery(), tmp_path / "journal.csv", auditor)

    assert (choices.staff[0][0], str(choices.staff[0][1])) == (PROGRAM_ID, "The program itself")
    assert {str(name) for _key, name in choices.staff} >= {"Casey Sample", "Sol Example", "Ada Sample"}
    assert "hospital" in choices.subjects or "invoice" in choices.subjects
    assert await found(log, auditor, subject="journal") == [
        DeedKind.JOURNAL_EXPORTED,
        DeedKind.JOURNAL_CHECKED,
        DeedKind.JOURNAL_OPENED,
    ]


async def test_subjects_are_named_once_and_in_order(log, auditor, hospital_database):
    for subject in ("receipt", "desk", "receipt", "card"):
        await write(hospital_database, "something", subject=subject)

    subjects = (await log.open(auditor)).subjects

    assert list(subjects) == sorted(set(subjects))
    assert {"card", "desk", "receipt"} <= set(subjects)


async def test_an_export_holds_what_was_looked_for_oldest_first(log, auditor, hospital_database, tmp_path):
    for action in ("=formula", "second"):
        await write(hospital_database, action, subject="export", note='Ñandú, "x"')
    file = tmp_path / "journal.csv"

    assert await log.export(JournalQuery(subject="export"), file, auditor) == 2

    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["action"] for row in rows] == ["'=formula", "second"]
    assert json.loads(rows[0]["facts"]) == {"note": 'Ñandú, "x"'}
    assert rows[0]["account"] == ("" if hospital_database.is_sqlite else "cashier_owner")
    with pytest.raises(Refused, match="There is a file"):
        await log.export(JournalQuery(subject="export"), file, auditor)
    with pytest.raises(Refused, match="No entry matches"):
        await log.export(JournalQuery(subject="nothing"), tmp_path / "other.csv", auditor)


async def test_a_long_export_is_complete(log, auditor, hospital_database, tmp_path):
    async with hospital_database.transaction() as session:
        for number in range(1005):
            deed = StrangeDeed(kind="deed", about="export", about_id=number)
            await journal.record(session, deed, journal.PROGRAM)

    assert await log.export(JournalQuery(subject="export"), tmp_path / "journal.csv", auditor) == 1005


async def test_a_whole_chain_is_confirmed(log, auditor, hospital_database):
    await write(hospital_database, "deed")

    verdict = await log.check_chain(auditor)

    assert not verdict.broken
    assert verdict.entries >= 2


async def test_the_first_broken_link_is_named(log, auditor, hospital_database, hospital):
    for number in range(3):
        await write(hospital_database, f"deed {number}")
    hospital.remove_guards()
    hospital.execute("UPDATE journal_entry SET subject_id = '9' WHERE action IN ('deed 0', 'deed 2')")

    verdict = await log.check_chain(auditor)

    assert "(deed 0, desk 9) was changed" in str(verdict.broken)
    (checked,) = (await log.page(JournalQuery(action=DeedKind.JOURNAL_CHECKED), auditor)).rows
    assert json.loads(checked.facts)["broken"] == verdict.broken.english


async def test_only_auditors_and_administrators_read_and_refusals_are_written(log, hospital, tmp_path):
    for actor in (hospital.cashier, hospital.colleague, PROGRAM):
        for attempt in (
            log.open(actor),
            log.page(JournalQuery(), actor),
            log.check_chain(actor),
            log.export(JournalQuery(), tmp_path / "journal.csv", actor),
        ):
            with pytest.raises(Refused, match="for administrators and auditors"):
                await attempt

    assert not (tmp_path / "journal.csv").exists()
    (refused,) = hospital.execute("SELECT count(*) AS n FROM journal_entry WHERE action = 'refused'")
    assert refused["n"] == 12
    await log.open(hospital.administrator)
