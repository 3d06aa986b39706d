"""The receipt on paper holds every fact, in every script, on a page that can be printed."""

from __future__ import annotations

import io
import string
import unicodedata
from typing import Any

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from cashier.books.receipt import ReceiptKind
from cashier.books.refund import ReasonCode, RefundReason
from cashier.language import speaking
from cashier.paper.sheet import HEIGHT, WIDTH, use_size
from cashier.paper.stamp import stamp_copy
from cashier.paper.typeface import BOLD, REGULAR, clip, printable, width_of, wrap
from cashier.receipts.facts import ReceiptFacts, ReceiptInvoice, ReceiptTender
from cashier.receipts.pdf import render
from cashier.receipts.reason_words import REASON_WORDS, STRIPE_WORDS
from cashier.settings import PaperSize


def an_invoice(index: int = 0, **changes: Any) -> ReceiptInvoice:
    facts: dict[str, Any] = {
        "number": f"INV-2026-{index:06d}",
        "department": "Cardiology",
        "issued_on": "2026-11-03",
        "total_minor": 29_700,
        "insurer_share_minor": 14_850,
        "paid_now_minor": 10_000,
        "balance_after_minor": 4850,
    }
    return ReceiptInvoice(**facts | changes)


def a_receipt(count: int = 1, **changes: Any) -> ReceiptFacts:
    facts: dict[str, Any] = {
        "number": "D1-000042",
        "issued_at": "2026-11-23T14:05:09+01:00",
        "hospital": "Harbour Example Hospital",
        "legal_name": "Harbour Example Hospital Foundation",
        "tax_id": "EX-00000000-0",
        "address": "1 Sample Quay\n00000 Exampleton",
        "phone": "+44 1632 960000",
        "footer": "Thank you.",
        "desk": "D1 · Main entrance",
        "cashier": "Casey Sample",
        "record_number": "MRN-0012345",
        "currency": "EUR",
        "invoices": tuple(an_invoice(index) for index in range(count)),
        "tenders": (
            ReceiptTender(
                kind="checkout",
                amount_minor=10_000 * count,
                card_brand="visa",
                card_last_four="4242",
                reference="pi_example",
            ),
        ),
    }
    return ReceiptFacts(**facts | changes)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def ink_outside_margins(pdf: bytes, margin: float) -> int:
    """Count the pixels that are not white in the outer ``margin`` points of every page."""
    dark = 0
    for page in pypdfium2.PdfDocument(pdf):
        picture = page.render(scale=1).to_pil().convert("L")
        width, height = picture.size
        inner = (int(margin), int(margin), width - int(margin), height - int(margin))
        picture.paste(255, inner)
        dark += sum(picture.histogram()[:250])
    return dark


def test_every_fact_is_on_the_paper():
    text = text_of(render(a_receipt()))

    for fact in (
        "RECEIPT",
        "D1-000042",
        "23 November 2026, 14:05:09",
        "UTC+01:00",
        "Harbour Example Hospital",
        "Harbour Example Hospital Foundation",
        "EX-00000000-0",
        "1 Sample Quay",
        "00000 Exampleton",
        "+44 1632 960000",
        "D1 · Main entrance",
        "Casey Sample",
        "MRN-0012345",
        "INV-2026-000000",
        "Cardiology",
        "3 Nov 2026",
        "297.00",
        "148.50",
        "100.00 €",
        "48.50 €",
        "Visa •••• 4242",
        "pi_example",
        "Thank you.",
    ):
        assert fact in text


def test_cash_says_what_was_handed_over_rounded_and_given_back():
    cash = ReceiptTender(kind="cash", amount_minor=10_003, tendered_minor=20_000, rounding_minor=2)

    text = text_of(render(a_receipt(tenders=(cash,))))

    for words in ("Cash", "Rounded to coins", "0.02 €", "Received", "200.00 €", "Change", "99.95 €"):
        assert words in text


def test_a_deposit_says_where_the_money_is_and_lists_no_invoice():
    cheque = ReceiptTender(kind="cheque", amount_minor=5_000, reference="CHEQUE 000417")

    text = text_of(render(a_receipt(0, tenders=(cheque,), unallocated_minor=5_000, deposit_minor=5_000)))

    assert "Deposit on the patient's account" in text.replace("’", "'")
    assert "Reference CHEQUE 000417" in text
    assert "Insurer" not in text
    assert "credit" not in text


def test_a_refund_names_the_receipt_that_it_refers_to_and_goes_out():
    money_back = {"paid_now_minor": -5_000, "balance_after_minor": 5_000}
    tender = ReceiptTender(kind="checkout", amount_minor=-5_000, card_brand="visa", card_last_four="4242")

    refund = a_receipt(0, invoices=(an_invoice(**money_back),), tenders=(tender,), kind="refund",
                       original_number="D1-000041", reason="requested_by_customer")  # fmt: skip
    text = text_of(render(refund))

    for fact in ("REFUND RECEIPT", "Refers to receipt D1-000041", "Total refunded", "50.00 €", "Returned to"):
        assert fact in text
    assert "Total paid" not in text


@pytest.mark.parametrize("kind", ReceiptKind)
def test_every_kind_of_receipt_can_be_printed(kind):
    assert text_of(render(a_receipt(kind=kind.value)))


def test_the_same_facts_give_the_same_bytes():
    assert render(a_receipt(3)) == render(a_receipt(3))


def test_the_document_says_what_it_is():
    reader = PdfReader(io.BytesIO(render(a_receipt())))

    assert reader.metadata is not None
    assert reader.metadata.title == "Receipt D1-000042"
    assert reader.metadata.author == "Harbour Example Hospital"
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.isoformat() == "2026-11-23T14:05:09+01:00"
    assert str(reader.root_object["/Lang"]) == "en"


def test_all_letters_are_embedded():
    page: Any = PdfReader(io.BytesIO(render(a_receipt()))).pages[0]

    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]

    used = [font for font in fonts if "NotoSans" in font["/BaseFont"]]
    assert len(used) >= 2
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in used)


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Dąbek-Łukasik",
        "Đặng Thị Hương Nguyệt",
        "Αλεξάνδρα Παπαδάκη",
        "Наталія Щербань",
        "Şebnem Yıldırım",
        "Įrėža",
    ],
)
def test_names_of_europe_and_vietnam_are_written_right(name: str):
    assert name in text_of(render(a_receipt(cashier=name)))


def test_letters_taken_apart_are_put_together():
    taken_apart = unicodedata.normalize("NFD", "Hương Dąbek")

    assert "Hương Dąbek" in text_of(render(a_receipt(cashier=taken_apart)))


def test_a_minus_stays_visible():
    assert printable("−5.00") == "–5.00"


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "10,000 ¥"), ("KWD", "10.000 KWD"), ("EUR", "100.00 €")])
def test_amounts_follow_their_currency(currency: str, shown: str):
    assert shown in text_of(render(a_receipt(currency=currency)))


def test_on_letter_paper_stands_the_same_on_each_page_within_its_margins():
    facts = a_receipt(45)
    on_a4 = PdfReader(io.BytesIO(stamp_copy(render(facts), 1)))

    use_size(PaperSize.LETTER)
    try:
        pdf = render(facts)
    finally:
        use_size(PaperSize.A4)

    on_letter = PdfReader(io.BytesIO(stamp_copy(pdf, 1)))
    assert {tuple(map(float, page.mediabox[2:])) for page in on_letter.pages} == {(612.0, 792.0)}
    assert [page.extract_text() for page in on_letter.pages] == [page.extract_text() for page in on_a4.pages]
    assert ink_outside_margins(pdf, 30) == ink_outside_margins(render(facts), 30) == 0


@pytest.mark.parametrize("count", [1, 10, 11, 20])
def test_up_to_twenty_invoices_stand_on_one_page(count: int):
    pdf = render(a_receipt(count, unallocated_minor=500))

    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    text = text_of(pdf)
    assert all(f"INV-2026-{index:06d}" in text for index in range(count))
    assert "Kept as credit" in text


@given(count=st.integers(min_value=0, max_value=200))
@settings(max_examples=25, deadline=None)
def test_no_invoice_is_lost_between_pages(count: int):
    facts = a_receipt(1, invoices=tuple(an_invoice(index) for index in range(count)))
    text = text_of(render(facts))

    assert [text.count(f"INV-2026-{index:06d}") for index in range(count)] == [1] * count
    assert text.count("Total paid") == 1


def test_every_page_of_several_names_the_receipt_and_itself():
    pages = PdfReader(io.BytesIO(render(a_receipt(70)))).pages

    assert len(pages) == 3
    for index, page in enumerate(pages, start=1):
        assert "D1-000042" in page.extract_text()
        assert f"Page {index} of 3" in page.extract_text()


def test_numbers_that_identify_are_never_cut():
    number, record_number = "M" * 40, "M" * 40
    invoices = tuple(an_invoice(number=f"{number[:-2]}{index:02d}") for index in range(15))

    text = text_of(render(a_receipt(1, record_number=record_number, invoices=invoices)))

    assert record_number in text
    assert all(invoice.number in text for invoice in invoices)


def test_long_texts_stay_on_the_paper():
    long = "Endlessly " * 40
    facts = a_receipt(
        12,
        hospital=long,
        legal_name=long,
        address="x" * 400,
        tax_id="9" * 40,
        footer="W" * 400,
        desk=long,
        cashier=long,
        number="ABCDEFGHIJKL-000042",
        invoices=tuple(
            an_invoice(department=long, total_minor=10**14, balance_after_minor=10**14) for _ in range(12)
        ),
    )

    assert ink_outside_margins(render(facts), margin=40) == 0
    assert ink_outside_margins(render(a_receipt()), margin=40) == 0


@given(
    text=st.text(max_size=200), width=st.floats(min_value=30, max_value=400), font=st.sampled_from([REGULAR, BOLD])
)
@settings(max_examples=150, deadline=None)
def test_any_text_fits_into_its_width(text: str, width: float, font: str):
    lines = wrap(text, font, 9, width, lines_max=3)

    assert len(lines) <= 3
    assert all(width_of(line, font, 9) <= width for line in [*lines, clip(text, font, 9, width)])


@given(text=st.text(alphabet=string.ascii_letters + " \n", max_size=120))
@settings(max_examples=100, deadline=None)
def test_wrapping_loses_no_letter_while_there_are_lines(text: str):
    lines = wrap(text, REGULAR, 9, 60, lines_max=1000)

    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_copy_keeps_the_receipt_and_says_so_on_every_page():
    original = render(a_receipt(70))

    pages = PdfReader(io.BytesIO(stamp_copy(original, 3))).pages

    assert len(pages) == 3
    for page, before in zip(pages, PdfReader(io.BytesIO(original)).pages, strict=True):
        assert "COPY 3" in page.extract_text()
        assert before.extract_text() in page.extract_text()


def test_a_copy_is_always_the_same_bytes_and_keeps_the_title():
    original = render(a_receipt())

    copy = stamp_copy(original, 1)

    assert copy == stamp_copy(original, 1)
    assert copy != stamp_copy(original, 2)
    metadata = PdfReader(io.BytesIO(copy)).metadata
    assert metadata is not None
    assert metadata.title == "Receipt D1-000042"


def test_the_mark_of_a_copy_hides_nothing_and_can_be_printed():
    copy = stamp_copy(render(a_receipt()), 88)

    # Office printers leave some five millimetres white.
    assert ink_outside_margins(copy, margin=14) == 0


def test_the_page_is_a4():
    box = PdfReader(io.BytesIO(render(a_receipt()))).pages[0].mediabox

    assert (float(box.width), float(box.height)) == pytest.approx((WIDTH, HEIGHT), abs=0.01)
    assert (round(WIDTH / 72 * 25.4), round(HEIGHT / 72 * 25.4)) == (210, 297)


def test_every_reason_of_a_refund_has_words():
    assert set(REASON_WORDS) == set(ReasonCode)
    assert set(STRIPE_WORDS) == set(RefundReason)


@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        ("paid_twice", "Paid twice", "Reason: Paid twice"),
        ("of_a_newer_program", "Found elsewhere", "Reason: Found elsewhere"),
        ("", "requested_by_customer", "Reason: requested by customer"),
    ],
)
def test_a_reason_is_read_by_its_code_and_else_as_it_was_written_down(code: str, reason: str, said: str):
    refund = a_receipt(kind="refund", original_number="D1-000041", reason=reason, reason_code=code)

    assert said in text_of(render(refund))


def test_paper_speaks_the_language_that_is_spoken_while_it_is_drawn():
    receipt = a_receipt()

    with speaking("en_XA"):
        foreign = render(receipt)

    assert "[RÉÇÉÍPT" in text_of(foreign)
    assert str(PdfReader(io.BytesIO(foreign)).root_object["/Lang"]) == "en-XA"
    assert "RECEIPT" in text_of(render(receipt))


@pytest.mark.parametrize("kind", ReceiptKind)
def test_words_that_are_a_third_longer_are_not_cut(kind: ReceiptKind):
    receipt = a_receipt(
        2, kind=kind.value, original_number="D1-000041", reason="", reason_code="card_misused", deposit_minor=100,
        unallocated_minor=300,
    )  # fmt: skip

    with speaking("en_XA"):
        words = text_of(render(receipt))

    assert "…" not in words
