"""The sample data is the same every time, looks like a hospital's, and means nobody."""

from __future__ import annotations

import re
import statistics
import time
from collections import Counter, defaultdict

import pytest
import sqlalchemy as sa

from cashier.books.hospital import Desk, Hospital
from cashier.books.invoice import InvoiceStatus
from cashier.books.payment import Payment
from cashier.books.staff import Role
from cashier.database import Database
from cashier.demo.data import fill, invoices
from cashier.errors import Refused
from cashier.invoices.service import Invoices
from cashier.invoices.views import InvoiceQuery
from cashier.money import Money
from cashier.staff.service import StaffService
from tests.invoices.arriving import TODAY

pytestmark = pytest.mark.both_databases

SAMPLE = list(invoices(today=TODAY))
PINS = {Role.CASHIER: "2468", Role.SUPERVISOR: "1357", Role.ADMINISTRATOR: "9630"}


def test_the_same_day_gives_the_same_invoices():
    assert list(invoices(today=TODAY)) == SAMPLE


@pytest.mark.parametrize("count", [0, 1, 5, 6, 7, 3000])
def test_there_are_as_many_as_asked_for(count: int):
    assert len(list(invoices(count=count, today=TODAY))) == count


def test_numbers_are_unique_and_dates_run_up_to_today():
    dates = [each.issued_on for each in SAMPLE]

    assert len({each.number for each in SAMPLE}) == 3000
    assert dates == sorted(dates)
    assert dates[-1] == TODAY
    assert 150 < (TODAY - dates[0]).days < 200


def test_a_record_number_is_one_person():
    people = defaultdict(set)
    for each in SAMPLE:
        people[each.record_number].add((each.patient_name, each.phone, each.email))

    assert all(len(facts) == 1 for facts in people.values())
    assert len({next(iter(facts))[0] for facts in people.values()}) == len(people)
    assert Counter(each.record_number for each in SAMPLE).most_common(1)[0][1] > 1


def test_nobody_can_be_reached_by_the_sample():
    for each in SAMPLE:
        # https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
        assert re.fullmatch(r"(\+44 7700 900\d{3})?", str(each.phone))
        assert re.fullmatch(r"(patient\.\d+@example\.org)?", str(each.email))


def test_totals_are_spread_as_in_a_hospital():
    totals = [sum(line.total_minor for line in each.lines) for each in SAMPLE]

    assert 10_000 < statistics.median(totals) < 30_000
    assert max(totals) > 300_000
    assert {len(each.lines) for each in SAMPLE} == set(range(1, 9))


def test_lines_add_up():
    for line in (line for each in SAMPLE for line in each.lines):
        net_minor = line.total_minor - line.tax_minor
        assert abs(net_minor * 1000 - line.quantity_milli * line.unit_price_minor) <= 500
        assert abs(line.tax_minor * 10_000 - net_minor * line.tax_basis_points) <= 5000


def test_insurers_pay_nothing_a_half_four_fifths_or_all():
    shares = Counter(
        round(100 * each.insurer_share_minor / sum(line.total_minor for line in each.lines)) for each in SAMPLE
    )

    assert {0, 50, 80, 100} == {percent for percent, count in shares.items() if count > 30}
    assert all(bool(each.insurer) == bool(each.insurer_share_minor) for each in SAMPLE)


async def test_the_filled_hospital_can_be_worked_in(database: Database):
    assert await fill(database, today=TODAY, pins=PINS, count=400) == 400

    service = Invoices(database)
    counts = await service.counts(InvoiceQuery())
    assert counts.by_status is not None
    assert counts.by_status[InvoiceStatus.DUE] > 100
    assert counts.by_status[InvoiceStatus.PAID] > 100
    assert 0 < counts.by_status[InvoiceStatus.CANCELLED] < 40
    newest = (await service.page(InvoiceQuery(), limit=6)).rows
    assert newest[0].first.balance == Money(14_850, "EUR")
    assert all(row.first.status is InvoiceStatus.DUE for row in newest)
    assert newest[2].count > 1
    async with database.reading() as session:
        assert list((await session.execute(sa.select(Desk.code).order_by(Desk.code))).scalars()) == ["D1", "D2", "D3"]
        assert (await session.execute(sa.select(Hospital.currency))).scalar_one() == "EUR"
    for role, pin in PINS.items():
        assert (await StaffService(database).sign_in(role.value, pin, desk_id=1)).role is role


async def test_no_payment_is_forged(database: Database):
    await fill(database, today=TODAY, pins=PINS, count=100)

    async with database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(Payment))).scalar_one() == 0


async def test_sample_data_never_mixes_with_a_hospital(database: Database):
    await fill(database, today=TODAY, pins=PINS, count=1)

    with pytest.raises(Refused, match="belongs to a hospital already"):
        await fill(database, today=TODAY, pins=PINS, count=100)


async def test_three_thousand_invoices_are_in_within_seconds(database: Database):
    started = time.process_time()

    await fill(database, today=TODAY, pins=PINS)

    # Some 1.2 seconds on a small machine; the limit only catches going back to a statement per row.
    assert time.process_time() - started < 6
