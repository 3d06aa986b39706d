"""Receipts are numbered without gaps, frozen, and copies say that they are copies."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from cashier.books.deeds.deed import DeedKind
from cashier.books.hospital import Hospital
from cashier.books.invoice import Patient
from cashier.books.journal import JournalEntry, staff_at
from cashier.books.receipt import Receipt, ReceiptDocument, ReceiptPrint
from cashier.books.staff import Role
from cashier.clock import now
from cashier.database import Database
from cashier.demo.data import fill
from cashier.errors import Misconfigured, Refused
from cashier.invoices.intake import take_in
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.receipts.facts import thaw
from cashier.receipts.service import Receipts
from tests.surroundings.settled import settle, settle_in

pytestmark = pytest.mark.both_databases

TODAY = date(2026, 11, 23)


@pytest.fixture
async def clinic(database: Database) -> Database:
    """The invented hospital with thirteen invoices of one patient, 100.00 EUR each, the insurer paying 40.00."""
    await fill(database, today=TODAY, pins={Role.CASHIER: "2468"}, count=1)
    await take_in(database, [incoming(f"INV-{index}") for index in range(13)])
    return database


def incoming(number: str, *, cancelled: bool = False) -> IncomingInvoice:
    line = IncomingLine(
        description="Consultation",
        quantity_milli=1000,
        unit_price_minor=10_000,
        tax_basis_points=0,
        tax_minor=0,
        total_minor=10_000,
    )
    return IncomingInvoice(
        number=number,
        record_number="MRN-1",
        patient_name="Zoë Dąbek",
        department="Cardiology",
        currency="EUR",
        issued_on=TODAY,
        due_on=TODAY,
        insurer="Meridian Mutual",
        insurer_share_minor=4000,
        cancelled=cancelled,
        lines=(line,),
    )


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def count(database: Database, model: type) -> int:
    async with database.reading() as session:
        return (await session.execute(sa.select(sa.func.count()).select_from(model))).scalar_one()


async def actions(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.execute(sa.select(JournalEntry.action).order_by(JournalEntry.number))).scalars())


async def test_a_receipt_holds_what_was_paid_and_what_is_left(clinic):
    receipt = await settle(clinic, {"INV-0": 6000, "INV-1": 2500})

    facts = thaw(receipt.facts)
    assert receipt.full_number == facts.number == "D1-000001"
    assert (facts.record_number, facts.desk, facts.cashier) == ("MRN-1", "D1 · Main entrance", "Casey Sample")
    assert [(each.number, each.paid_now_minor, each.balance_after_minor) for each in facts.invoices] == [
        ("INV-0", 6000, 0),
        ("INV-1", 2500, 3500),
    ]
    assert [(each.total_minor, each.insurer_share_minor) for each in facts.invoices] == [(10_000, 4000)] * 2
    assert facts.total_minor == 8500
    assert [(each.card_brand, each.card_last_four) for each in facts.tenders] == [("visa", "4242")]


async def test_neither_expiry_nor_the_patients_name_is_on_a_receipt(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})

    pdf = (await Receipts(clinic).document(receipt.id)).pdf

    # Stripe's number is of any digits, those of a year too.
    on_screen, on_paper = (re.sub(r"pi_\w+", "", text) for text in (receipt.facts, text_of(pdf)))
    for secret in ("Dąbek", "2031", "11/31"):
        assert secret not in on_screen
        assert secret not in on_paper


async def test_the_time_is_the_hospitals_with_its_offset(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})

    issued_at = datetime.fromisoformat(thaw(receipt.facts).issued_at)
    madrid = issued_at.astimezone(ZoneInfo("Europe/Madrid"))
    assert issued_at.utcoffset() == madrid.utcoffset()
    assert issued_at == receipt.issued_at.replace(microsecond=0)


async def test_a_wrong_time_zone_does_not_hold_up_a_settled_payment(clinic):
    async with clinic.transaction() as session:
        await session.execute(sa.update(Hospital).values(time_zone="Mars/Olympus"))

    receipt = await settle(clinic, {"INV-0": 6000})

    assert thaw(receipt.facts).issued_at.endswith("+00:00")


async def test_money_that_no_invoice_can_take_is_stated_as_credit(clinic):
    await settle(clinic, {"INV-0": 5000})

    receipt = await settle(clinic, {"INV-0": 5000})

    facts = thaw(receipt.facts)
    assert facts.total_minor == 5000
    assert [each.paid_now_minor for each in facts.invoices] == [1000]
    assert facts.unallocated_minor == 4000
    text = text_of((await Receipts(clinic).document(receipt.id)).pdf)
    assert "Kept as credit" in text
    assert "40.00 €" in text


async def test_a_payment_of_which_no_invoice_took_anything_has_a_receipt_too(clinic):
    await take_in(clinic, [incoming("INV-0", cancelled=True)])

    receipt = await settle(clinic, {"INV-0": 6000})

    text = text_of((await Receipts(clinic).document(receipt.id)).pdf)
    assert "Kept as credit" in text
    assert "Left to pay" not in text


async def test_each_desk_counts_by_itself(clinic):
    numbers = [(await settle(clinic, {f"INV-{i}": 100}, desk=f"D{1 + i % 2}")).full_number for i in range(4)]

    assert numbers == ["D1-000001", "D2-000001", "D1-000002", "D2-000002"]


async def test_payments_that_settle_at_once_get_numbers_without_gap_or_double(clinic):
    other = Database(clinic.url.render_as_string(hide_password=False).replace("+aiosqlite", ""))

    receipts = await asyncio.gather(
        *(settle(clinic if index % 2 else other, {f"INV-{index}": 100}) for index in range(12))
    )

    await other.close()
    assert sorted(receipt.number for receipt in receipts) == list(range(1, 13))


async def test_a_settlement_that_fails_leaves_no_gap(clinic):
    async def settle_and_fail() -> None:
        async with clinic.transaction() as session:
            assert (await settle_in(session, clinic, {"INV-0": 100})).number == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await settle_and_fail()

    assert (await settle(clinic, {"INV-0": 100})).number == 1


async def test_a_hospital_that_is_not_set_up_issues_no_receipt_and_loses_no_number(clinic):
    async with clinic.transaction() as session:
        await session.execute(sa.delete(Hospital))

    with pytest.raises(Misconfigured, match="administrator"):
        await settle(clinic, {"INV-0": 100})

    assert await count(clinic, Receipt) == 0


async def test_a_receipt_does_not_follow_later_changes(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})
    async with clinic.transaction() as session:
        await session.execute(sa.update(Hospital).values(name="Renamed Hospital"))
        await session.execute(sa.update(Patient).values(record_number=sa.literal("X-") + Patient.record_number))

    text = text_of((await Receipts(clinic).document(receipt.id)).pdf)

    assert "Harbour Example Hospital" in text
    assert "MRN-1" in text
    assert "X-MRN-1" not in text


async def test_looking_at_a_receipt_is_not_a_print(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})

    first = await Receipts(clinic).document(receipt.id)
    again = await Receipts(clinic).document(receipt.id)

    assert first == again
    assert await count(clinic, ReceiptPrint) == 0


async def test_two_desks_that_open_a_receipt_at_once_see_the_stored_bytes(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})
    service = Receipts(clinic)

    documents = await asyncio.gather(*(service.document(receipt.id) for _ in range(6)))

    async with clinic.reading() as session:
        stored = (await session.execute(sa.select(ReceiptDocument.pdf))).scalar_one()
    assert {document.pdf for document in documents} == {stored}


async def test_a_stored_receipt_is_never_drawn_again(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})
    async with clinic.transaction() as session:
        session.add(ReceiptDocument(receipt_id=receipt.id, pdf=b"as it was stored", stored_at=now()))

    assert (await Receipts(clinic).document(receipt.id)).pdf == b"as it was stored"


async def test_the_first_print_is_the_original_and_every_other_says_copy(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})
    service, actor = Receipts(clinic), staff_at(staff_id=1, desk_id=2)
    viewed = await service.document(receipt.id)

    prints = [await service.hand_out(receipt.id, actor) for _ in range(3)]

    assert prints[0].pdf == viewed.pdf
    assert [each.copy for each in prints] == [0, 1, 2]
    assert ["COPY" in text_of(each.pdf).replace("says COPY", "") for each in prints] == [False, True, True]
    assert "COPY 2" in text_of(prints[2].pdf)
    assert [each.file_name for each in prints] == [
        "receipt-D1-000001.pdf",
        "receipt-D1-000001-copy-1.pdf",
        "receipt-D1-000001-copy-2.pdf",
    ]


async def test_every_print_is_written_down_with_who_and_where(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})
    service = Receipts(clinic)

    await service.hand_out(receipt.id, staff_at(staff_id=1, desk_id=2))
    await service.hand_out(receipt.id, staff_at(staff_id=1))

    async with clinic.reading() as session:
        rows = (await session.execute(sa.select(ReceiptPrint).order_by(ReceiptPrint.copy))).scalars().all()
    assert [(row.copy, row.staff_id, row.desk_id) for row in rows] == [(0, 1, 2), (1, 1, None)]
    written = await actions(clinic)
    assert written[-2:] == [DeedKind.RECEIPT_PRINTED, DeedKind.RECEIPT_REPRINTED]
    assert written.index(DeedKind.RECEIPT_ISSUED) < written.index(DeedKind.PAYMENT_PAID)


async def test_prints_at_the_same_time_get_different_numbers(clinic):
    receipt = await settle(clinic, {"INV-0": 6000})
    service = Receipts(clinic)

    prints = await asyncio.gather(*(service.hand_out(receipt.id, staff_at(staff_id=1)) for _ in range(5)))

    assert sorted(each.copy for each in prints) == [0, 1, 2, 3, 4]


async def test_a_receipt_that_does_not_exist_is_refused_and_nothing_is_counted(clinic):
    with pytest.raises(Refused, match="does not exist"):
        await Receipts(clinic).hand_out(4711, staff_at(staff_id=1))

    assert await count(clinic, ReceiptPrint) == 0
