"""Invoices are taken in whole, once, and never against money that was received."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from cashier.audit.records import untidy_invoices
from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice, InvoiceLine, InvoiceStatus, InvoiceWord, Patient
from cashier.books.journal import JournalEntry
from cashier.books.schema.migration import downgrade, migrate
from cashier.books.staff import Role
from cashier.clock import today
from cashier.database import Database
from cashier.demo.data import fill
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.invoices.service import Invoices
from cashier.invoices.views import IncomingInvoice, IncomingLine, InvoiceQuery, InvoiceRow
from cashier.money import Money
from tests.invoices.arriving import TODAY, a_line, an_invoice
from tests.surroundings.settled import settle

pytestmark = pytest.mark.both_databases


async def row_of(database: Database, number: str = "INV-1") -> InvoiceRow:
    row = await Invoices(database).find_by_number(number)
    assert row is not None
    return row


async def found(database: Database, text: str) -> list[str]:
    page = await Invoices(database).page(InvoiceQuery(text=text))
    return [bill.number for row in page.rows for bill in row.bills]


async def patient_of(database: Database) -> Patient:
    async with database.reading() as session:
        return (await session.execute(sa.select(Patient))).scalar_one()


async def told(database: Database, kind: DeedKind) -> list[str]:
    """Return the facts of all deeds of a kind, the first one first."""
    statement = sa.select(JournalEntry.facts).where(JournalEntry.action == kind).order_by(JournalEntry.number)
    async with database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def count(database: Database, model: type) -> int:
    async with database.reading() as session:
        return (await session.execute(sa.select(sa.func.count()).select_from(model))).scalar_one()


async def test_the_patient_owes_the_total_less_the_insurers_share(database: Database):
    added = await take_in(database, [an_invoice(insurer_share_minor=8000)])

    row = await row_of(database)
    assert added == 1
    assert (row.total, row.balance, row.status) == (Money(10_000, "EUR"), Money(2000, "EUR"), InvoiceStatus.DUE)


async def test_what_each_invoice_comes_to_stands_in_the_journal(database: Database):
    await take_in(database, [an_invoice("INV-1"), an_invoice("INV-2", insurer_share_minor=8000)])
    await take_in(
        database, [an_invoice("INV-1", lines=(a_line(9000),)), an_invoice("INV-2", insurer_share_minor=8000)]
    )
    await take_in(database, [an_invoice("INV-1", cancelled=True)])
    await take_in(database, [an_invoice("INV-1", cancelled=True)])
    await take_in(database, [an_invoice("INV-2", currency="USD", insurer_share_minor=7000)])

    patient = (await patient_of(database)).id
    received = [json.loads(facts) for facts in await told(database, DeedKind.INVOICES_RECEIVED)]
    assert [facts["owed"] for facts in received] == [
        {"INV-1": [10_000, patient], "INV-2": [2000, patient]}, {}, {}, {},
    ]  # fmt: skip
    assert [facts["insured"] for facts in received] == [{"INV-2": 8000}, {}, {}, {}]
    same = {"currency_before": "EUR", "patient_before": patient, "patient": patient}
    uninsured = {"insured_before_minor": 0, "insured_minor": 0, "currency": "EUR", **same}
    insured = {"insured_before_minor": 8000, "insured_minor": 7000, "currency": "USD", **same}
    assert [json.loads(facts) for facts in await told(database, DeedKind.INVOICE_CHANGED)] == [
        {"before_minor": 10_000, "owed_minor": 9000, **uninsured},
        {"before_minor": 9000, "owed_minor": 0, **uninsured},
        {"before_minor": 2000, "owed_minor": 3000, **insured},
    ]


async def test_that_an_invoice_is_another_patients_now_stands_in_the_journal(database: Database):
    await take_in(database, [an_invoice("INV-1")])
    before = (await patient_of(database)).id
    await take_in(database, [an_invoice("INV-1", record_number="MRN-2")])

    (facts,) = map(json.loads, await told(database, DeedKind.INVOICE_CHANGED))
    assert (facts["patient_before"], facts["patient"]) == (before, before + 1)


async def test_an_invoice_that_the_insurer_pays_wholly_is_paid(database: Database):
    await take_in(database, [an_invoice(insurer_share_minor=10_000)])

    assert (await row_of(database)).status is InvoiceStatus.PAID


async def test_taking_in_twice_changes_nothing(database: Database):
    both = [an_invoice("INV-1"), an_invoice("INV-2")]
    await take_in(database, both)
    before = await Invoices(database).page(InvoiceQuery())

    assert await take_in(database, both) == 0

    assert await Invoices(database).page(InvoiceQuery()) == before
    assert await count(database, InvoiceLine) == 2


async def test_a_newer_version_replaces_lines_and_balance(database: Database):
    await take_in(database, [an_invoice(lines=(a_line(), a_line()))])

    await take_in(database, [an_invoice(lines=(a_line(7000),))])

    assert (await row_of(database)).balance == Money(7000, "EUR")
    assert await count(database, InvoiceLine) == 1


async def test_of_two_versions_in_one_go_the_last_counts(database: Database):
    added = await take_in(database, [an_invoice(lines=(a_line(7000),)), an_invoice(lines=(a_line(9000),))])

    assert added == 1
    assert (await row_of(database)).balance == Money(9000, "EUR")
    assert await count(database, InvoiceLine) == 1


async def test_a_cancelled_invoice_can_come_back(database: Database):
    await take_in(database, [an_invoice(cancelled=True)])
    assert (await row_of(database)).status is InvoiceStatus.CANCELLED

    await take_in(database, [an_invoice()])

    assert (await row_of(database)).status is InvoiceStatus.DUE


async def test_a_renamed_patient_is_found_by_the_new_name_on_older_invoices_too(database: Database):
    await take_in(database, [an_invoice("INV-1"), an_invoice("INV-2", record_number="MRN-2")])

    await take_in(database, [an_invoice("INV-3", patient_name="Zoë Łukasik")])

    assert await found(database, "lukasik") == ["INV-3", "INV-1"]
    assert await found(database, "dabek") == ["INV-2"]
    assert await found(database, "inv mrn") == ["INV-3", "INV-1", "INV-2"], "one patient's stand together"


async def test_a_patient_named_twice_in_one_go_has_the_last_name_everywhere(database: Database):
    await take_in(database, [an_invoice("INV-1"), an_invoice("INV-2", patient_name="Zoë Łukasik")])

    assert await found(database, "lukasik") == ["INV-2", "INV-1"]
    assert await found(database, "dabek") == []


async def test_a_new_phone_number_is_found_and_the_old_one_is_not(database: Database):
    await take_in(database, [an_invoice("INV-1", phone="555 192 1838")])

    await take_in(database, [an_invoice("INV-2", phone="555 300 7777")])

    assert await found(database, "(555) 300-7777") == ["INV-2", "INV-1"]
    assert await found(database, "(555) 192-1838") == []


async def test_what_is_left_out_of_a_patient_stays_as_it_is_known(database: Database):
    await take_in(
        database, [an_invoice("INV-1", born=date(1985, 7, 14), phone="555 192 1838", email="z@example.org")]
    )

    await take_in(database, [an_invoice("INV-2")])

    known = await patient_of(database)
    assert (known.born, known.phone, known.email) == (date(1985, 7, 14), "555 192 1838", "z@example.org")


@pytest.mark.parametrize("nothing", [None, ""])
async def test_what_is_sent_empty_of_a_patient_is_taken_away(database: Database, nothing: str | None):
    await take_in(
        database, [an_invoice("INV-1", born=date(1985, 7, 14), phone="555 192 1838", email="z@example.org")]
    )

    await take_in(database, [an_invoice("INV-2", born=None, phone=nothing, email=nothing)])

    known = await patient_of(database)
    assert (known.born, known.phone, known.email) == (None, "", "")


async def test_another_date_of_birth_is_taken_in_and_told_without_the_dates(database: Database):
    await take_in(database, [an_invoice("INV-1")])
    await take_in(database, [an_invoice("INV-2", born=date(1985, 7, 14))])
    await take_in(database, [an_invoice("INV-2", born=date(1985, 7, 14))])
    assert await told(database, DeedKind.DATE_OF_BIRTH_CHANGED) == []

    await take_in(database, [an_invoice("INV-3", born=date(1958, 7, 14))])
    await take_in(database, [an_invoice("INV-3", born=None)])

    assert (await row_of(database)).born is None
    assert await told(database, DeedKind.DATE_OF_BIRTH_CHANGED) == ['{"known":true}', '{"known":false}']


@pytest.mark.parametrize(
    "phone", ["+44 (0)7700 900123", "0161-496.0000 x12", "٠١٢٣٤٥٦", "112", "496 0000 / 496 0001, after 5"]
)
async def test_a_phone_number_may_be_written_in_any_way(database: Database, phone: str):
    await take_in(database, [an_invoice(phone=phone)])

    assert (await patient_of(database)).phone == phone


async def test_who_is_born_today_has_a_date_of_birth_wherever_the_hospital_is(database: Database):
    await take_in(database, [an_invoice(born=today("Pacific/Kiritimati"))])

    assert (await row_of(database)).born == today("Pacific/Kiritimati")


async def test_the_words_of_the_release_before_are_written_still(database: Database):
    await take_in(database, [an_invoice("INV-1")])

    async with database.reading() as session:
        words = set((await session.execute(sa.select(InvoiceWord.word))).scalars())
    assert words == {"inv", "1", "inv1", "mrn", "0000001", "mrn0000001", "zoe", "dabek"}


async def test_more_than_one_batch_keeps_the_order(database: Database):
    numbers = [f"INV-{index}" for index in range(1203)]

    assert await take_in(database, [an_invoice(number) for number in numbers]) == 1203

    async with database.reading() as session:
        stored = list((await session.execute(sa.select(Invoice.number).order_by(Invoice.id))).scalars())
    assert stored == numbers


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"number": " "}, "without its number"),
        ({"number": "\u00a0"}, "without its number"),
        ({"record_number": ""}, "The record_number of INV-1 is empty"),
        ({"patient_name": " "}, "The patient_name of INV-1 is empty"),
        ({"department": "\u00a0"}, "The department of INV-1 is empty"),
        ({"currency": "euro"}, "not a currency"),
        ({"currency": "EUX"}, "The currency of INV-1 is “EUX”"),
        ({"lines": ()}, "has no lines"),
        ({"lines": (a_line(-1),), "insurer_share_minor": -2}, "insurer's share"),
        ({"lines": (a_line(-(10**15)), a_line(-1))}, "more than can be kept"),
        ({"lines": (a_line(10**18),)}, "more than can be kept"),
        ({"insurer_share_minor": 10_001}, "insurer's share"),
        ({"insurer_share_minor": -1}, "insurer's share"),
        ({"number": "N" * 41}, "more than 40 characters"),
        ({"patient_name": "N" * 161}, "more than 160 characters"),
        ({"lines": (a_line(description="N" * 201),)}, "more than 200 characters"),
        ({"department": "Card\0logy"}, r"The department of INV-1 holds U\+0000"),
        ({"patient_name": "Zoë\x1b[31m"}, r"The patient_name of INV-1 holds U\+001B"),
        ({"patient_name": "Zoë\nDąbek"}, r"U\+000A"),
        ({"patient_name": "Zoë\u202ekebąD"}, r"U\+202E"),
        ({"patient_name": "Zoë\u2066kebąD"}, r"U\+2066"),
        ({"patient_name": "Zoë\u2028Dąbek"}, r"U\+2028"),
        ({"patient_name": "Zoë\ufffeDąbek"}, r"U\+FFFE"),
        ({"lines": (a_line(description="X-ray\a"),)}, r"The lines\[0\]\.description of INV-1 holds U\+0007"),
        ({"number": "INV\u200b-1"}, r"The number of INV\ufffd-1 holds U\+200B"),
        ({"record_number": "MRN\u200d1"}, r"The record_number of INV-1 holds U\+200D"),
        ({"insurer": "Meridian\u200bMutual"}, r"The insurer of INV-1 holds U\+200B"),
        ({"lines": (a_line(), a_line(total_minor=10_002, unit_price_minor=10_000))}, r"lines\[1\]\.total_minor of"),
        ({"lines": (a_line(quantity_milli=2000),)}, r"lines\[0\]\.total_minor of INV-1 is not quantity times"),
        ({"lines": (a_line(tax_minor=2_000, unit_price_minor=8_000),)}, r"lines\[0\]\.tax_minor of INV-1"),
        ({"lines": (a_line(quantity_milli=2**64 - 1),)}, r"lines\[0\]\.quantity_milli of INV-1 is more than can"),
        ({"lines": (a_line(tax_basis_points=2**31),)}, r"lines\[0\]\.tax_basis_points of INV-1 is more than can"),
        ({"lines": (a_line(-(2**70)), a_line(2**70))}, r"lines\[0\]\.unit_price_minor of INV-1 is more than can"),
    ],
)
async def test_an_invoice_that_contradicts_itself_is_refused_with_the_reason(
    database: Database, changes: dict[str, Any], reason: str
):
    with pytest.raises(Refused, match=reason):
        await take_in(database, [an_invoice(**changes)])

    assert await count(database, Invoice) == 0


@pytest.mark.parametrize(
    ("number", "record_number"),
    [
        ("FAC-Ñ 1 ", "MRN-Ñ 1   "),
        ("\u00a0FAC-Ñ 1\u00a0", "\u2003MRN-Ñ 1\t"),
        ("FAC-Ñ\u00a01", "MRN-Ñ  1"),
        ("FAC-N\u0303 1", "MRN-N\u0303 1"),
    ],
)
async def test_blanks_and_forms_of_unicode_make_no_second_invoice_or_patient(
    database: Database, number: str, record_number: str
):
    await take_in(database, [an_invoice("FAC-Ñ 1", record_number="MRN-Ñ 1")])

    again = an_invoice(number, record_number=record_number)
    assert await take_in(database, [again]) == 0
    assert await take_in(database, [again, again]) == 0

    assert (await row_of(database, "FAC-Ñ 1")).record_number == "MRN-Ñ 1"
    assert (await count(database, Invoice), await count(database, Patient)) == (1, 1)


@pytest.mark.parametrize(
    "name", ["محمد\u200cرضا", "D\u2019Angelo", "O\u2019Hara\u00a0Jr", "山田 太郎", "क्\u200dष", "Zoë 🙂"]
)
async def test_names_are_taken_in_as_they_are_written(database: Database, name: str):
    await take_in(database, [an_invoice(patient_name=f" {name}\u00a0")])

    assert (await row_of(database)).patient_name == name


@pytest.mark.parametrize(
    "line",
    [
        # 0.333 of 10.00 is 3.33; 21 % of it 0.70, and either may have been rounded the other way.
        a_line(403, quantity_milli=333, unit_price_minor=1_000, tax_basis_points=2_100, tax_minor=70),
        a_line(404, quantity_milli=333, unit_price_minor=1_000, tax_basis_points=2_100, tax_minor=70),
        # 1000 pieces of 10.00 with 21 % in it: the price of one before tax is 8.26, rounded.
        a_line(1_000_000, quantity_milli=1_000_000, unit_price_minor=826, tax_basis_points=2_100, tax_minor=173_554),
        a_line(0, unit_price_minor=0),
        a_line(0, quantity_milli=0, unit_price_minor=5_000),
    ],
)
async def test_lines_may_be_rounded_as_the_hospital_does(database: Database, line: IncomingLine):
    assert await take_in(database, [an_invoice(lines=(line,))]) == 1


async def test_a_line_that_takes_something_off_is_taken_in(database: Database):
    await take_in(
        database, [an_invoice(lines=(a_line(), a_line(-2_000, quantity_milli=-2000, unit_price_minor=1_000)))]
    )

    assert (await row_of(database)).balance == Money(8_000, "EUR")


@pytest.mark.parametrize(
    ("newer", "reason"),
    [
        (an_invoice(lines=(a_line(5999),)), "less than what is paid"),
        (an_invoice(insurer_share_minor=4001), "less than what is paid"),
        (an_invoice(cancelled=True), "cannot be cancelled"),
        (an_invoice(currency="USD"), "paid in EUR"),
    ],
)
async def test_what_is_paid_cannot_be_taken_back_by_a_newer_version(
    database: Database, newer: IncomingInvoice, reason: str
):
    await fill(database, today=TODAY, pins={Role.CASHIER: "2468"}, count=1)
    await take_in(database, [an_invoice()])
    await settle(database, {"INV-1": 6000})
    before = await row_of(database)

    with pytest.raises(Refused, match=reason):
        await take_in(database, [newer])

    assert await row_of(database) == before


async def test_an_invoice_may_shrink_to_what_is_paid_and_is_paid_then(database: Database):
    await fill(database, today=TODAY, pins={Role.CASHIER: "2468"}, count=1)
    await take_in(database, [an_invoice()])
    await settle(database, {"INV-1": 6000})

    await take_in(database, [an_invoice(lines=(a_line(6000),))])

    row = await row_of(database)
    assert (row.balance, row.status) == (Money(0, "EUR"), InvoiceStatus.PAID)


async def test_two_that_bring_the_same_new_invoices_at_once_bring_them_once(database: Database):
    batches = [[an_invoice(number=f"INV-{index}") for index in order] for order in (range(20), range(19, -1, -1))]

    added = await asyncio.gather(*(take_in(database, batch) for batch in batches))

    assert sorted(added) == [0, 20]
    assert await count(database, Invoice) == 20


UNTIDY = {"A-1": " A-1\u00a0", "Z\u00fc-2": "Zu\u0308-2", "B  3": "B\u2003 3"}


@pytest.mark.parametrize("arriving", UNTIDY)
async def test_a_number_that_an_earlier_version_kept_untidied_is_one_with_what_arrives(
    database: Database, database_url: str, arriving: str
):
    await take_in(database, [an_invoice("X-1", record_number="R-1")])
    async with database.transaction() as session:
        await session.execute(sa.update(Invoice).values(number=UNTIDY[arriving]))
        await session.execute(sa.update(Patient).values(record_number=UNTIDY[arriving]))
    await database.close()

    downgrade(database_url, revision="0005")
    migrate(database_url)

    assert await take_in(database, [an_invoice(arriving, record_number=arriving, department="Radiology")]) == 0
    assert await count(database, Invoice) == 1
    assert (await patient_of(database)).record_number == " ".join(arriving.split())
    assert (await row_of(database, arriving)).department == "Radiology"


async def test_numbers_that_are_there_twice_stay_and_the_audit_names_them(database: Database, database_url: str):
    await take_in(database, [an_invoice("A-1"), an_invoice("X-1", record_number="R-2")])
    async with database.transaction() as session:
        await session.execute(sa.update(Invoice).where(Invoice.number == "X-1").values(number="A-1 "))
    await database.close()

    downgrade(database_url, revision="0005")
    migrate(database_url)

    async with database.reading() as session:
        assert set((await session.execute(sa.select(Invoice.number))).scalars()) == {"A-1", "A-1 "}
        assert len([each async for each in untidy_invoices(session)]) == 1
