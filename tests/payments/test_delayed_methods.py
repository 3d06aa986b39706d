"""Payments that are not made by card: what banks decide in days, vouchers, and banks that decide on their own page.

What takes days holds its invoice, and ends by itself, paid or not.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from cashier.books.payment import InvoiceHold, PaymentState
from cashier.books.refund import RefundState
from cashier.clock import now
from cashier.desk.refunding.words import story, way_in_full
from cashier.errors import Refused
from cashier.money import Money
from cashier.payments.views import InvoiceHeld
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.payments.patient import answer_at_bank, choose_on_page, debit_on_page, pay_on_page
from tests.refunds.conftest import asking
from tests.shifts.records import text_of
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

DAY = 86_400


@pytest.fixture
def settings(settings):
    """Settings of a hospital that takes debits."""
    stripe = msgspec.structs.replace(
        settings.stripe, payment_methods=("card", "sepa_debit", "us_bank_account", "multibanco", "ideal")
    )
    return msgspec.structs.replace(settings, stripe=stripe)


async def holds(services):
    async with services.database.reading() as session:
        return (await session.execute(sa.select(sa.func.count()).select_from(InvoiceHold))).scalar_one()


def opened(sandbox):
    (session,) = sandbox.ask("/v1/checkout/sessions")["data"]
    return session


async def test_a_page_offers_what_was_set_and_takes_the_currency(services, hospital, sandbox):
    await services.payments.begin(order_for(hospital), hospital.cashier)

    assert opened(sandbox)["payment_method_types"] == ["card", "sepa_debit", "multibanco", "ideal"]


async def test_a_debit_is_pending_and_settles_days_later_by_what_it_was_paid_with(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await debit_on_page(begun.page_url, "DE89370400440532013000")

    pending = await services.payments.refresh(begun.id)
    again = await services.payments.cancel(begun.id, hospital.administrator)
    with pytest.raises(Refused, match="pending at the bank since"):
        await services.payments.take_over(begun.id, hospital.colleague)
    with pytest.raises(InvoiceHeld, match="pending at the bank since"):
        await services.payments.begin(
            order_for(hospital, tender=Tender.CASH, tendered=Money(12_000, "EUR")), hospital.cashier
        )
    sandbox.order("clock", advance_seconds=4 * DAY)
    await services.payments.recover()
    paid = await services.payments.view(begun.id)
    receipt = text_of((await services.receipts.document(paid.receipt_id)).pdf)

    assert (pending.state, pending.card_brand, pending.card_last_four) == (
        PaymentState.PROCESSING, "sepa_debit", "3000",
    )  # fmt: skip
    assert pending.pending.until > pending.pending.since
    assert pending.receipt_number is None
    assert again.state is PaymentState.PROCESSING
    assert (paid.state, paid.card_last_four) == (PaymentState.PAID, "3000")
    assert "SEPA Direct Debit ending in 3000" in receipt
    assert "Bank debit" in receipt
    assert "Card" not in receipt.replace("Of a card", "")
    assert await holds(services) == 0
    assert await contradictions_in(services.database) == []


async def test_a_debit_that_the_bank_refuses_ends_with_its_reason_and_frees_the_invoice(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await debit_on_page(begun.page_url, "DE65370400440002222227")
    await services.payments.refresh(begun.id)

    sandbox.order("clock", advance_seconds=4 * DAY)
    await services.payments.recover()
    ended = await services.payments.view(begun.id)
    cash = order_for(hospital, tender=Tender.CASH, tendered=Money(12_000, "EUR"))

    assert ended.state is PaymentState.CANCELLED
    assert str(ended.decline.say) == "The account did not cover the amount."
    assert (await services.payments.begin(cash, hospital.cashier)).state is PaymentState.PAID
    assert await contradictions_in(services.database) == []


async def test_a_voucher_holds_its_invoice_until_it_is_paid_and_is_receipted_as_one(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    voucher = await choose_on_page(begun.page_url, "multibanco")
    pending = await services.payments.refresh(begun.id)
    with pytest.raises(InvoiceHeld, match="has not paid it yet; it can be paid until"):
        await services.payments.begin(order_for(hospital), hospital.cashier)

    await answer_at_bank(voucher, approves=True)
    paid = await services.payments.refresh(begun.id)
    receipt = text_of((await services.receipts.document(paid.receipt_id)).pdf)

    assert (pending.state, pending.card_brand, pending.receipt_number) == (
        PaymentState.PROCESSING, "multibanco", None,
    )  # fmt: skip
    assert pending.pending.until - now() > timedelta(days=6)
    assert paid.state is PaymentState.PAID
    assert "Multibanco" in receipt
    assert "Voucher" in receipt
    assert "Card" not in receipt.replace("Of a card", "")
    assert await holds(services) == 0
    assert await contradictions_in(services.database) == []


async def test_a_voucher_that_runs_out_says_so_and_frees_the_invoice(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await choose_on_page(begun.page_url, "multibanco", email="fill_never@example.org")
    await services.payments.refresh(begun.id)

    sandbox.order("clock", advance_seconds=8 * DAY)
    await services.payments.recover()
    ended = await services.payments.view(begun.id)

    assert ended.state is PaymentState.CANCELLED
    assert str(ended.decline.say) == "The voucher was not paid in time."
    assert await holds(services) == 0


async def test_a_bank_that_refuses_on_its_page_leaves_the_page_open_and_one_that_pays_is_receipted(
    services, hospital, sandbox
):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    bank = await choose_on_page(begun.page_url, "ideal")
    abandoned = await services.payments.refresh(begun.id)
    await answer_at_bank(bank, approves=False)
    refused = await services.payments.refresh(begun.id)
    await answer_at_bank(await choose_on_page(begun.page_url, "ideal"), approves=True)
    paid = await services.payments.refresh(begun.id)
    receipt = text_of((await services.receipts.document(paid.receipt_id)).pdf)

    assert (abandoned.state, abandoned.pending) == (PaymentState.OPEN, None)
    assert refused.state is PaymentState.OPEN
    assert str(refused.decline.say) == "The payment was not approved on the bank's page."
    assert (paid.state, paid.card_brand) == (PaymentState.PAID, "ideal")
    assert "iDEAL" in receipt
    assert "Online banking" in receipt
    assert await contradictions_in(services.database) == []


async def test_a_page_that_was_left_at_the_bank_can_be_taken_back(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    bank = await choose_on_page(begun.page_url, "ideal")
    taken_back = await services.payments.cancel(begun.id, hospital.cashier)
    await answer_at_bank(bank, approves=True)

    assert taken_back.state is PaymentState.CANCELLED
    assert sandbox.ask("/v1/charges")["data"] == []


async def test_what_a_bank_decides_about_is_asked_after_and_never_withdrawn_however_old(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await debit_on_page(begun.page_url, "DE89370400440532013000")
    await services.payments.refresh(begun.id)
    hospital.execute("UPDATE payment SET created_at = :earlier", earlier=now() - timedelta(days=3))

    await services.payments.recover()

    asked = [each["path"] for each in sandbox.exchanges() if "path" in each]
    assert (await services.payments.view(begun.id)).state is PaymentState.PROCESSING
    assert [path for path in asked if path.endswith(("/expire", "/cancel"))] == []


async def test_a_card_whose_bank_refuses_it_later_ends_as_well(services, hospital, sandbox):
    sandbox.order("outcomes", delays=["insufficient_funds"])
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url)
    sandbox.order("clock", advance_seconds=DAY)

    ended = await services.payments.cancel(begun.id, hospital.administrator)

    assert ended.state is PaymentState.CANCELLED
    assert await holds(services) == 0


@pytest.mark.both_databases
async def test_the_database_keeps_a_pending_invoice_held(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await debit_on_page(begun.page_url, "DE89370400440532013000")
    await services.payments.refresh(begun.id)

    with pytest.raises(Exception, match="kept as it is"):
        async with services.database.transaction() as session:
            await session.execute(sa.delete(InvoiceHold))


async def voucher_paid(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await answer_at_bank(await choose_on_page(begun.page_url, "multibanco"), approves=True)
    return await services.payments.refresh(begun.id)


async def test_a_refund_of_a_voucher_waits_for_the_patients_account(services, hospital, sandbox):
    paid = await voucher_paid(services, hospital)
    asked = await services.refunds.request(asking(paid), hospital.cashier)

    waiting = await services.refunds.approve(asked.id, hospital.colleague)
    sandbox.order("clock", advance_seconds=2 * DAY)
    await services.refunds.look_at(waiting.stripe_refund_id)
    sent = await services.refunds.view(asked.id)

    assert (waiting.state, waiting.way) == (RefundState.PENDING, RefundWay.CARD)
    assert str(story(waiting, "UTC")).startswith("Stripe asks the patient by e-mail")
    assert str(way_in_full(waiting)) == "The way it came"
    assert sent.state is RefundState.SUCCEEDED
    assert await contradictions_in(services.database) == []


async def test_what_stripe_cannot_send_back_goes_by_the_hospitals_bank(services, hospital, sandbox):
    paid = await voucher_paid(services, hospital)
    hospital.execute("UPDATE payment SET card_brand = 'oxxo'")
    (offered,) = (await services.refunds.offer(payment_id=paid.id)).payments

    asked = await services.refunds.request(asking(paid), hospital.cashier)
    approved = await services.refunds.approve(asked.id, hospital.colleague)

    assert (offered.way, approved.way) == (RefundWay.BANK_TRANSFER, RefundWay.BANK_TRANSFER)
    assert approved.is_to_be_transferred
    assert sandbox.ask("/v1/refunds")["data"] == []
    assert await contradictions_in(services.database) == []
