"""What a scanned code is: one thing, none, or several that are not to be mixed up."""

from __future__ import annotations

import pytest

from cashier.database import Database
from cashier.invoices.intake import take_in
from cashier.invoices.service import Invoices
from tests.invoices.arriving import an_invoice

pytestmark = pytest.mark.both_databases

ADA, BEN = "MRN-0000100", "MRN-0000200"


async def meant(database: Database, *readings: str) -> list[str]:
    """The numbers of invoices, and of patients, that a scan of these readings may mean."""
    invoices = Invoices(database)
    return [
        each.record_number if each.invoice_id is None else (await invoices.detail(each.invoice_id)).row.number
        for each in await invoices.numbers_among(readings)
    ]


@pytest.fixture
async def hospital(database: Database) -> Database:
    for number, record_number in (("Y-100", ADA), ("Z-100", BEN), ("W-100", BEN), ("W-1000", BEN), ("77", ADA)):
        await take_in(database, [an_invoice(number, record_number=record_number, patient_name=record_number)])
    return database


@pytest.mark.parametrize("code", ["W-100", "w-100", "W100", "W/0100", "W 100"])
async def test_a_whole_number_is_its_invoice_in_any_spelling(hospital: Database, code: str) -> None:
    assert await meant(hospital, code) == ["W-100"]


@pytest.mark.parametrize("code", [ADA, ADA.lower(), "MRN0000100", "MRN 100"])
async def test_a_record_number_is_its_patient_in_any_spelling(hospital: Database, code: str) -> None:
    assert await meant(hospital, code) == [ADA]


@pytest.mark.parametrize("code", ["W-10", "W-10000", "MRN-000010", "", "–", "Example"])
async def test_what_only_begins_alike_is_nothing(hospital: Database, code: str) -> None:
    assert await meant(hospital, code) == []


async def test_two_invoices_that_two_keyboards_mean_are_both_told(hospital: Database) -> None:
    assert await meant(hospital, "Z-100", "Y-100") == ["Z-100", "Y-100"]


async def test_what_is_written_so_comes_before_another_spelling(hospital: Database) -> None:
    await take_in(hospital, [an_invoice("W/100", record_number=ADA)])

    assert await meant(hospital, "W/100", "W-1000") == ["W/100", "W-1000"]
    assert await meant(hospital, "w/100") == ["W/100"]
    assert await meant(hospital, "W100") == ["W-100", "W/100"]


async def test_an_invoice_is_not_mixed_up_with_another_patient_of_that_number(hospital: Database) -> None:
    await take_in(hospital, [an_invoice("9000123", record_number=ADA, patient_name="Ada")])
    await take_in(hospital, [an_invoice("B-1", record_number="9000123", patient_name="Other")])

    assert await meant(hospital, "9000123") == ["9000123", "9000123"]


async def test_an_invoice_of_the_patient_of_that_number_is_the_invoice(hospital: Database) -> None:
    await take_in(hospital, [an_invoice("9000124", record_number="9000124", patient_name="Ada")])

    (found,) = await Invoices(hospital).numbers_among(["9000124"])

    assert found.invoice_id is not None
