"""Days that are over: nothing that comes later, no clock and no other zone changes what was booked on them."""

from __future__ import annotations

from datetime import date

import pytest

from cashier.books.journal import staff_at
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.ledger.days import Period
from cashier.ledger.files import Form
from cashier.ledger.service import Ledger
from tests.invoices.arriving import an_invoice

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
async def ledger(hospital_database, hospital):
    """Three days on which invoices came, and a clock that was put back on the last."""
    hospital.remove_guards()
    for name in ("A", "B", "C", "D"):
        await take_in(hospital_database, [an_invoice(name)])
    # 23:30 in Madrid is 22:30 in the winter's UTC.
    times = ("2026-03-01 22:30", "2026-03-01 23:30", "2026-03-03 09:00", "2026-03-02 09:00", "2026-03-03 10:00")
    for number, at in enumerate(times, start=1):
        hospital.execute(
            "UPDATE journal_entry SET at = :at WHERE number = :number", at=f"{at}:00.000000", number=number
        )
    return Ledger(hospital_database)


async def numbers_of(ledger, hospital, first=None, last=None):
    entries = await ledger.entries(Period(first=first, last=last), hospital.administrator)
    return [(entry.number, entry.day) for entry in entries]


async def test_an_entry_is_on_the_day_of_the_hospital_and_never_before_an_earlier_one(ledger, hospital):
    everything = [(1, FIRST), (2, SECOND), (3, THIRD), (4, THIRD), (5, THIRD)]
    assert await numbers_of(ledger, hospital) == everything
    days = [each for day in (FIRST, SECOND, THIRD) for each in await numbers_of(ledger, hospital, day, day)]
    assert days == everything


async def test_another_zone_changes_no_day_that_is_over(ledger, hospital):
    before = await numbers_of(ledger, hospital)
    hospital.execute(
        "INSERT INTO journal_entry (number, at, action, subject, subject_id, facts, previous_hash, hash) VALUES "
        "(6, '2026-03-03 11:00:00.000000', 'time zone changed', 'hospital', '1', :facts, '', '')",
        facts='{"from":"Europe/Madrid","to":"Pacific/Kiritimati"}',
    )
    hospital.execute("UPDATE hospital SET time_zone = 'Pacific/Kiritimati'")
    hospital.execute("UPDATE journal_head SET number = 6")

    assert await numbers_of(ledger, hospital) == before


async def test_a_day_that_is_over_gives_the_same_bytes_whatever_comes(ledger, hospital, hospital_database, tmp_path):
    file = tmp_path / "days.csv"
    days = Period(first=FIRST, last=SECOND)
    written = await ledger.write(Form.CSV, file, days, hospital.administrator)
    first = file.read_bytes()
    await take_in(hospital_database, [an_invoice("A", cancelled=True)])
    hospital.execute("UPDATE invoice SET department = 'Other', due_on = '2027-01-01'")

    again = await ledger.write(Form.CSV, file, days, hospital.administrator, replaces=True)

    assert (file.read_bytes(), again) == (first, written)
    assert (written.count, written.is_over) == (2, True)
    assert not (await ledger.write(Form.CSV, tmp_path / "open.csv", Period(), hospital.administrator)).is_over


async def test_what_cannot_be_written_is_said_and_leaves_no_file(ledger, hospital, tmp_path):
    file = tmp_path / "none.journal"
    with pytest.raises(Refused, match="Nothing was booked"):
        await ledger.write(Form.HLEDGER, file, Period(last=date(2020, 1, 1)), hospital.administrator)
    with pytest.raises(Refused, match="is before the first"):
        await ledger.write(Form.HLEDGER, file, Period(first=SECOND, last=FIRST), hospital.administrator)
    with pytest.raises(Refused, match="auditors"):
        await ledger.write(Form.HLEDGER, file, Period(), staff_at(staff_id=hospital.cashier_id))
    assert list(tmp_path.glob("*.journal")) == []
    assert list(tmp_path.glob(".cashier*")) == []
