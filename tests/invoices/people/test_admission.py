"""A patient without an invoice: found by record number or registered once, and met again by the hospital's system."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice, Patient
from cashier.books.journal import JournalEntry
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.invoices.people.admission import Newcomer, NumberOfInvoice
from cashier.invoices.views import InvoiceQuery
from cashier.money import Money
from cashier.tenders.tender import Tender
from tests.invoices.arriving import an_invoice
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_of
from tests.surroundings.sample_hospital import DUE

pytestmark = pytest.mark.both_databases

BORN = date(1985, 7, 14)
ZOE = Newcomer(record_number="MRN-0000999", name="Zoë Dąbek", born=BORN)


async def read(services, statement):
    async with services.database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def patients(services):
    return await read(services, sa.select(Patient).where(Patient.record_number.like("%999%")))


async def test_who_is_not_known_is_registered_once_with_a_journal_entry(services, hospital):
    first = await services.admissions.admit(ZOE, hospital.cashier)
    again = await services.admissions.admit(Newcomer(record_number=" MRN-0000999\u00a0"), hospital.cashier)

    assert (first.is_new, again.is_new) == (True, False)
    assert first.patient_id == again.patient_id
    assert (again.patient.name, again.patient.born) == ("Zoë Dąbek", BORN)
    entries = sa.select(JournalEntry.subject_id).where(JournalEntry.action == DeedKind.PATIENT_REGISTERED)
    assert await read(services, entries) == [str(first.patient_id)]
    assert await contradictions_in(services.database) == []


async def test_two_desks_in_one_moment_make_one_patient(services, hospital):
    answers = await asyncio.gather(
        *(services.admissions.admit(ZOE, who) for who in (hospital.cashier, hospital.colleague) * 2)
    )

    assert len({answer.patient_id for answer in answers}) == 1
    assert sum(answer.is_new for answer in answers) == 1
    assert len(await patients(services)) == 1


@pytest.mark.parametrize("written", ["mrn-0000999", "MRN 0000999", "mrn999"])
async def test_a_number_in_another_spelling_is_the_same_patient(services, hospital, written):
    first = await services.admissions.admit(ZOE, hospital.cashier)

    assert (await services.admissions.admit(Newcomer(record_number=written), hospital.cashier)).patient_id == (
        first.patient_id
    )


async def test_the_deposit_is_on_the_account_and_the_hospitals_invoice_meets_the_same_patient(services, hospital):
    admitted = await services.admissions.admit(ZOE, hospital.cashier)
    order = order_of(tender=Tender.CASH, patient_id=admitted.patient_id, deposit=Money(5_000, "EUR"))
    paid = await services.payments.begin(order, hospital.cashier)

    await take_in(services.database, [an_invoice("INV-9", record_number="MRN-0000999", patient_name="DĄBEK, Zoë")])

    (invoice,) = await read(services, sa.select(Invoice).where(Invoice.number == "INV-9"))
    assert invoice.patient_id == admitted.patient_id
    assert len(await patients(services)) == 1
    assert await services.deposits.of_patient(admitted.patient_id) == (Money(5_000, "EUR"),)
    found = await services.invoices.page(InvoiceQuery(text="dabek zoe"))
    assert [row.first.number for row in found.rows] == ["INV-9"]
    assert paid.receipt_number == "T-D1-000001"
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize(
    ("newcomer", "reason"),
    [
        (Newcomer(record_number="MRN-0000998"), "Nobody is known by record number MRN-0000998 yet"),
        (Newcomer(record_number="  ", name="Zoë"), "known by a record number"),
        (Newcomer(record_number="MRN\u202e1", name="Zoë"), "U\\+202E"),
        (Newcomer(record_number="MRN-1", name="Zoë\x00"), "U\\+0000"),
        (Newcomer(record_number="M" * 41, name="Zoë"), "more than 40 characters"),
        (Newcomer(record_number="MRN-1", name="Zoë", born=date(1800, 1, 1)), "1 January 1800 is 130 years ago"),
        (Newcomer(record_number="MRN-1", name="Zoë", born=date(2999, 12, 31)), "31 December 2999 is still to come"),
        (Newcomer(record_number="MRN-1", name="0612 345-678"), "“0612 345-678” is no name"),
        (Newcomer(record_number="MRN-1", name="."), "“.” is no name"),
        (Newcomer(record_number=DUE, name="Zoë"), f"{DUE} is the number of an invoice of Ana Núñez"),
        (Newcomer(record_number="inv 2026 000003"), "INV-2026-000003 is the number of an invoice of Björn Dvořák"),
        (Newcomer(record_number="MRN-0000101", name="Somebody Else"), "is that of Ana"),
        (Newcomer(record_number="MRN-0000101", born=date(2001, 1, 1)), "is that of Ana"),
    ],
)
async def test_who_cannot_be_registered_leaves_nothing_and_hears_why(services, hospital, newcomer, reason):
    before = await read(services, sa.select(sa.func.count()).select_from(Patient))

    with pytest.raises(Refused, match=reason):
        await services.admissions.admit(newcomer, hospital.cashier)

    assert await read(services, sa.select(sa.func.count()).select_from(Patient)) == before


async def test_a_hospital_whose_records_and_invoices_share_numbers_registers_after_a_second_look(services, hospital):
    await take_in(services.database, [an_invoice("4711", record_number="R-1")])
    newcomer = Newcomer(record_number="4711", name="Zoë Dąbek")
    with pytest.raises(NumberOfInvoice):
        await services.admissions.admit(newcomer, hospital.cashier)

    looked_at = Newcomer(record_number="4711", name="Zoë Dąbek", is_looked_at=True)

    assert (await services.admissions.admit(looked_at, hospital.cashier)).is_new
    assert not (await services.admissions.admit(newcomer, hospital.cashier)).is_new


async def test_names_of_any_script_are_names(services, hospital):
    for number, name in enumerate(("李", "محمد", "Nguyễn Thị 2", "สมชาย")):
        newcomer = Newcomer(record_number=f"S-{number}", name=name)

        assert (await services.admissions.admit(newcomer, hospital.cashier)).patient.name == name
