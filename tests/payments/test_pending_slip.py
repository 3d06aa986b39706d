"""The slip of what is pending: amount, way and days, and that it is no receipt."""

from __future__ import annotations

import msgspec
import pytest

from cashier.errors import Refused
from tests.payments.patient import choose_on_page, debit_on_page
from tests.shifts.records import text_of
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE


@pytest.fixture
def settings(settings):
    """Settings of a hospital that takes debits."""
    stripe = msgspec.structs.replace(settings.stripe, payment_methods=("card", "sepa_debit", "multibanco"))
    return msgspec.structs.replace(settings, stripe=stripe)


async def test_the_patient_gets_a_slip_that_is_no_receipt_while_the_bank_decides(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    with pytest.raises(Refused, match="Nothing of this payment is pending"):
        await services.pending_slips.slip(begun.id)
    await debit_on_page(begun.page_url, "DE89370400440532013000")
    await services.payments.refresh(begun.id)

    english = text_of((await services.pending_slips.slip(begun.id, "en")).pdf)
    spanish = text_of((await services.pending_slips.slip(begun.id, "es")).pdf)

    for words in ("NOT A RECEIPT", "120.00 €", "SEPA Direct Debit ending in 3000", DUE, "Pending at the bank since"):
        assert words in english
    assert "NO ES UN RECIBO" in spanish


async def test_the_slip_of_a_voucher_says_until_when_where_and_by_which_numbers_it_is_paid(
    services, hospital, sandbox
):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await choose_on_page(begun.page_url, "multibanco", email="fill_never@example.org")
    await services.payments.refresh(begun.id)
    (intent,) = sandbox.ask("/v1/payment_intents")["data"]
    shown = intent["next_action"]["multibanco_display_details"]
    reference = " ".join(shown["reference"][at : at + 3] for at in (0, 3, 6))

    english = text_of((await services.pending_slips.slip(begun.id, "en")).pdf)
    spanish = text_of((await services.pending_slips.slip(begun.id, "es")).pdf)
    sandbox.order("clock", advance_seconds=8 * 86_400)
    with pytest.raises(Refused, match="not to be paid any more"):
        await services.pending_slips.slip(begun.id)

    for words in ("NOT A RECEIPT", "Multibanco", "To be paid until", shown["entity"], reference, "cash machine"):
        assert words in english
    for words in ("NO ES UN RECIBO", "Multibanco", reference, "cajero"):
        assert words in spanish
