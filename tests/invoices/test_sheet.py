"""The sheet of an invoice: everything that stands on it adds up, and nothing of it is cut."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.invoices.sheet.facts import collect
from cashier.tenders.tender import Tender
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.both_databases
async def test_it_says_what_was_paid_and_what_is_left_and_adds_up(services, hospital):
    for amount in (2_000, 3_000):
        order = order_for(hospital, DUE, amount, tender=Tender.CHEQUE, reference=f"cheque {amount}")
        await services.payments.begin(order, hospital.cashier)

    pdf = await services.invoice_sheets.document(hospital.invoice_ids[DUE], "en")

    told = text_of(pdf)
    for words in (DUE, "MRN-0000101", "receipt T-D1-000001", "receipt T-D1-000002", "Left to pay", "70.00"):
        assert words in told, words
    async with services.database.reading() as session:
        facts = await collect(session, hospital.invoice_ids[DUE], is_training=True)
    owed = facts.total_minor - facts.insurer_share_minor - facts.returned_minor - facts.paid_minor
    assert (owed, facts.paid_minor) == (facts.balance_minor, 5_000)
    assert "TRAINING" in told


async def test_a_long_invoice_takes_more_pages_and_loses_nothing(services, hospital):
    lines = tuple(a_line(100) for _ in range(90))
    await take_in(services.database, [an_invoice("LONG-1", lines=lines)])
    invoice_id = await services.invoices.id_of("LONG-1")

    pdf = await services.invoice_sheets.document(invoice_id, "es")

    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 1
    assert text_of(pdf).count(a_line(100).description) == 90
    assert all("LONG-1" in page.extract_text() for page in pages)


async def test_what_is_not_there_has_no_sheet(services, hospital):
    with pytest.raises(Refused, match="does not exist"):
        await services.invoice_sheets.document(404)
