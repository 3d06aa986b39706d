"""Receipts in several languages: each is made once and kept, and copies are counted across all of them."""

from __future__ import annotations

import asyncio
import io

import pytest
from pypdf import PdfReader

from cashier.language import use_language
from cashier.receipts.service import Receipts
from tests.payments.patient import pay_on_page
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def receipt_id(services, hospital):
    """The receipt of a paid invoice of 120.00 €, never used yet."""
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url)
    return (await services.payments.refresh(begun.id)).receipt_id


@pytest.fixture
def receipts(hospital_database):
    return Receipts(hospital_database)


def text_of(pdf):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def test_a_receipt_is_in_the_language_of_the_hospitals_papers_whatever_the_desk_speaks(
    receipts, receipt_id, hospital
):
    hospital.execute("UPDATE hospital SET language = 'en', paper_language = 'es'")
    use_language("en")

    document = await receipts.document(receipt_id)

    assert (document.language, document.is_translation) == ("es", False)
    assert "120,00 €" in text_of(document.pdf)


async def test_a_language_that_only_newer_desks_know_is_not_put_on_paper_half(receipts, receipt_id, hospital):
    hospital.execute("UPDATE hospital SET language = 'es', paper_language = 'tlh'")

    document = await receipts.document(receipt_id)

    assert (document.language, document.is_translation) == ("es", False)
    assert "120,00 €" in text_of(document.pdf)


async def test_another_language_is_a_translation_that_is_kept_beside_the_first(receipts, receipt_id, hospital):
    first = await receipts.document(receipt_id)

    spanish = await receipts.document(receipt_id, "es")

    assert "120.00 €" in text_of(first.pdf)
    assert "120,00 €" in text_of(spanish.pdf)
    assert (spanish.language, spanish.is_translation) == ("es", True)
    assert await receipts.document(receipt_id, "es") == spanish
    assert await receipts.document(receipt_id, "en") == await receipts.document(receipt_id) == first
    assert hospital.execute("SELECT language FROM receipt_document") == [{"language": "en"}]
    assert hospital.execute("SELECT language FROM receipt_translation") == [{"language": "es"}]


async def test_what_was_stored_stays_when_the_hospital_changes_its_language(receipts, receipt_id, hospital):
    first = await receipts.document(receipt_id)
    hospital.execute("UPDATE hospital SET language = 'es'")

    assert await receipts.document(receipt_id) == first


async def test_copies_are_counted_across_all_languages(receipts, receipt_id, hospital):
    original = await receipts.hand_out(receipt_id, hospital.cashier)

    spanish = await receipts.hand_out(receipt_id, hospital.cashier, "es")
    third = await receipts.hand_out(receipt_id, hospital.cashier)

    assert (original.copy, spanish.copy, third.copy) == (0, 1, 2)
    assert spanish.file_name == f"receipt-{original.number}-es-copy-1.pdf"
    assert third.file_name == f"receipt-{original.number}-copy-2.pdf"


async def test_two_desks_that_want_it_at_once_get_the_same_bytes(receipts, receipt_id):
    await receipts.document(receipt_id)

    one, other = await asyncio.gather(receipts.document(receipt_id, "es"), receipts.document(receipt_id, "es"))

    assert one == other
