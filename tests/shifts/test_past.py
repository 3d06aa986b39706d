"""Closed shifts are found again, added up over and short apart, and written to a file that the journal tells of."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.clock import today
from cashier.errors import Refused
from cashier.shifts.past import PastShiftQuery
from tests.shifts.drawer import APPROVED
from tests.shifts.records import read

pytestmark = pytest.mark.both_databases

EVERYTHING = PastShiftQuery()


@pytest.fixture
async def closed(drawer):
    """Three closed shifts of D1: exact, 2.00 € over, 5.00 € short; a fourth is open."""
    for number, counted_minor in enumerate((10_000, 10_200, 9_500), start=1):
        shift = await drawer.open(number=number)
        off = {} if counted_minor == 10_000 else {"reason": "=Change given", **APPROVED}
        await drawer.close(shift, counted_minor, **off)
    await drawer.open(number=4)
    return drawer


async def names(services, hospital, **query):
    page = await services.past_shifts.page(PastShiftQuery(**query), hospital.colleague)
    return [row.name.rpartition("-")[2] for row in page.rows]


async def test_closed_shifts_are_found_and_an_open_one_is_not(services, hospital, closed):
    here = today("Europe/Madrid")

    assert await names(services, hospital) == ["3", "2", "1"]
    assert await names(services, hospital, is_off=True) == ["3", "2"]
    assert await names(services, hospital, desk_id=1, staff_id=hospital.cashier_id) == ["3", "2", "1"]
    assert await names(services, hospital, staff_id=hospital.administrator_id) == []
    assert await names(services, hospital, desk_id=2) == []
    assert await names(services, hospital, first_day=here - timedelta(days=1)) == ["3", "2", "1"]
    assert await names(services, hospital, first_day=here + timedelta(days=2)) == []
    assert await names(services, hospital, last_day=here - timedelta(days=2)) == []


async def test_a_row_says_who_and_what_and_pages_leave_none_out(services, hospital, closed):
    first = await services.past_shifts.page(EVERYTHING, hospital.colleague, limit=2)
    rest = await services.past_shifts.page(EVERYTHING, hospital.colleague, after=first.after, limit=2)

    assert [str(row.difference) for row in (*first.rows, *rest.rows)] == ["−5.00 €", "2.00 €", "0.00 €"]
    assert rest.after is None
    row = first.rows[0]
    assert (row.opened_by, row.closed_by, row.reason) == ("Casey Sample", "Casey Sample", "=Change given")
    assert row.approved_by == "Sol Example"


async def test_what_is_over_pays_for_nothing_that_is_short(services, hospital, closed):
    totals = await services.past_shifts.totals(EVERYTHING, hospital.colleague)

    (off,) = totals.off
    assert (totals.shifts, str(off.over), str(off.short), off.times_over, off.times_short) == (
        3, "2.00 €", "−5.00 €", 1, 1,
    )  # fmt: skip


async def test_the_file_has_what_is_found_is_safe_in_a_spreadsheet_and_stands_in_the_journal(
    services, hospital, closed, tmp_path
):
    path = tmp_path / "shifts.csv"

    written = await services.past_shifts.export(PastShiftQuery(is_off=True), path, hospital.colleague)

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert (written, [row["difference"] for row in rows]) == (2, ["2.00", "-5.00"])
    assert rows[0]["reason"] == "'=Change given"
    told = sa.select(JournalEntry.action).order_by(JournalEntry.number)
    assert (await read(services, told))[-1] == DeedKind.SHIFTS_EXPORTED
    with pytest.raises(Refused, match="already"):
        await services.past_shifts.export(EVERYTHING, path, hospital.colleague)


async def test_who_may_not_see_others_shifts_sees_none_here(services, hospital, closed, tmp_path):
    past, actor = services.past_shifts, hospital.cashier

    for asking in (
        past.page(EVERYTHING, actor),
        past.totals(EVERYTHING, actor),
        past.choices(actor),
        past.export(EVERYTHING, tmp_path / "shifts.csv", actor),
    ):
        with pytest.raises(Refused, match="is for"):
            await asking
    assert not list(tmp_path.glob("shifts.csv"))
