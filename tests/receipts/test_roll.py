"""The receipt on a roll of a thermal printer says all that stands on the sheet."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from cashier.language import speaking
from cashier.paper.stamp import stamp_copy
from cashier.receipts.facts import EarlierShare, ReceiptTender
from cashier.receipts.pdf import render
from cashier.receipts.roll import render_on_roll
from cashier.receipts.service import Receipts
from cashier.settings import ReceiptPaper
from cashier.tenders.tender import Tender
from tests.receipts.test_pdf import a_receipt, an_invoice, text_of
from tests.surroundings.orders import order_for

ROLLS = (ReceiptPaper.ROLL_80, ReceiptPaper.ROLL_58)
CASH = ReceiptTender(kind="cash", amount_minor=10_000, tendered_minor=15_000, rounding_minor=2)
SHEET_ONLY = {"Invoice", "Factura", "amounts", "importes", "in", "en", "EUR", "Issued", "Emitida"}
"""The heading of the table: on a roll there is none."""
BEFORE = EarlierShare(kind="payment", amount_minor=2_000, on="2026-11-01", receipt="D1-000007", tender="cash")


def in_one_line(pdf):
    return " ".join(text_of(pdf).split())


def rich(**changes):
    invoice = an_invoice(earlier=(BEFORE,), returned_minor=500)
    return a_receipt(
        invoices=(invoice, an_invoice(1)),
        tenders=(CASH,),
        patient_name="Zoë Dąbek",
        patient_born="1980-02-03",
        **changes,
    )


@pytest.mark.parametrize("paper", ROLLS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_word_of_the_sheet_is_on_the_roll(paper, language):
    facts = rich(
        unallocated_minor=500, deposit_minor=200, reason="Paid twice", original_number="D1-000001", footer="Bye"
    )
    with speaking(language):
        sheet, roll = text_of(render(facts)), in_one_line(render_on_roll(facts, paper))

    # Signs and headings of columns differ; everything else that somebody could look for is there.
    wanted = {word.strip("()·") for word in sheet.split()} - SHEET_ONLY
    assert not {word for word in wanted if word not in roll}


@pytest.mark.parametrize("paper", ROLLS)
def test_numbers_and_amounts_are_never_cut_and_nothing_leaves_the_paper(paper):
    facts = a_receipt(
        1, invoices=(an_invoice(number="W" * 60),), record_number="M" * 50, hospital="Hospital " * 20,
        tenders=(ReceiptTender(kind="cash", amount_minor=999_999_999_999),),
    )  # fmt: skip

    pdf = render_on_roll(facts, paper)

    assert text_of(pdf).replace("\n", "").count("W") == 60
    assert "9,999,999,999.99" in in_one_line(pdf)
    for page in pypdfium2.PdfDocument(pdf):
        picture = page.render(scale=3).to_pil().convert("L")
        edges = [picture.crop((x, 0, x + 2, picture.height)) for x in (0, picture.width - 2)]
        # Rules go from edge to edge; letters leave it free.
        assert all(sum(edge.histogram()[:128]) < picture.height * 0.2 for edge in edges)


@given(count=st.integers(min_value=0, max_value=300))
@settings(max_examples=10, deadline=None)
def test_no_invoice_is_lost_however_long_the_roll_is(count):
    facts = a_receipt(1, invoices=tuple(an_invoice(index) for index in range(count)))
    pdf = render_on_roll(facts, ReceiptPaper.ROLL_58)

    text = text_of(pdf)
    assert [text.count(f"INV-2026-{index:06d}") for index in range(count)] == [1] * count
    assert all(float(page.mediabox.height) <= 10_100 for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_copy_is_marked_above_the_roll_and_hides_nothing():
    pdf = render_on_roll(rich(), ReceiptPaper.ROLL_58)
    stamped = stamp_copy(pdf, 3)

    assert "COPY 3" in text_of(stamped)
    before, after = (PdfReader(io.BytesIO(each)).pages[0].mediabox for each in (pdf, stamped))
    assert after.height > before.height
    shot, plain = (pypdfium2.PdfDocument(each)[0].render(scale=2).to_pil().convert("L") for each in (stamped, pdf))
    below = shot.crop((0, shot.height - plain.height, shot.width, shot.height))
    assert below.tobytes() == plain.tobytes()


def test_training_is_marked_at_both_ends_so_that_no_half_is_without():
    pdf = render_on_roll(rich(is_training=True), ReceiptPaper.ROLL_80)

    assert in_one_line(pdf).count("TRAINING – no money moved") == 2


def test_the_same_receipt_has_the_same_bytes():
    assert render_on_roll(rich(), ReceiptPaper.ROLL_80) == render_on_roll(rich(), ReceiptPaper.ROLL_80)


async def test_a_desk_makes_receipts_for_the_paper_that_it_has(services, hospital):
    order = order_for(hospital, tender=Tender.CHEQUE, reference="100001")
    payment = await services.payments.begin(order, hospital.cashier)
    desk = Receipts(services.database, paper=ReceiptPaper.ROLL_80)

    made = await desk.document(payment.receipt_id)

    assert float(PdfReader(io.BytesIO(made.pdf)).pages[0].mediabox.width) < 300
    assert (await services.receipts.document(payment.receipt_id)).pdf == made.pdf, "one original, whoever looks at it"
