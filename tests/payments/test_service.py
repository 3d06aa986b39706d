"""Payments against the sandbox, over HTTP: begin, refresh, cancel, recover, and what they leave behind."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import JournalEntry
from cashier.books.payment import Allocation, InvoiceHold, Payment, PaymentState
from cashier.books.receipt import Receipt
from cashier.books.saved_card import StripeCustomer
from cashier.clock import now
from cashier.errors import Misconfigured, Refused, Unreachable
from cashier.money import Money
from cashier.payments.views import InvoiceHeld
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.orders import order_for, order_of, share_of

pytestmark = pytest.mark.both_databases


async def read(services, statement):
    async with services.database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def the_invoice(services, hospital, number=sample_hospital.DUE):
    return (await read(services, sa.select(Invoice).where(Invoice.id == hospital.invoice_ids[number])))[0]


async def test_a_begun_payment_is_open_and_has_a_page(services, hospital):
    view = await services.payments.begin(order_for(hospital), hospital.cashier)

    assert view.state is PaymentState.OPEN
    assert view.page_url is not None
    assert view.amount == Money(12_000, "EUR")
    assert view.stripe_session_id is not None


async def test_what_stripe_hears_has_no_name_and_no_record_number(services, hospital, sandbox):
    await services.payments.begin(order_for(hospital), hospital.cashier)

    said = "".join(exchange["request_body"] for exchange in sandbox.exchanges())

    for private in ("Ana", "N%C3%BA", "MRN", "0000101", sample_hospital.DUE, "Radiology", "Ultrasound"):
        assert private not in said


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_the_page_takes_the_currency_that_was_agreed_and_no_other(services, hospital, sandbox):
    await services.payments.begin(order_for(hospital), hospital.cashier)

    (opened,) = [each for each in sandbox.exchanges() if each.get("path") == "/v1/checkout/sessions"]
    assert "currency%5D=eur" in opened["request_body"] or "[currency]=eur" in opened["request_body"]
    assert "adaptive_pricing[enabled]=false" in opened["request_body"]


async def test_the_same_order_again_opens_nothing_new(services, hospital, sandbox):
    order = order_for(hospital)

    first = await services.payments.begin(order, hospital.cashier)
    second = await services.payments.begin(order, hospital.cashier)

    assert first.stripe_session_id == second.stripe_session_id
    assert len(sandbox.ask("/v1/checkout/sessions")["data"]) == 1


async def test_a_paid_payment_settles_everything_in_one_go(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url)

    paid = await services.payments.refresh(begun.id)

    assert paid.state is PaymentState.PAID
    assert (paid.card_brand, paid.card_last_four) == ("visa", "4242")
    assert paid.receipt_number == "T-D1-000001"
    invoice = await the_invoice(services, hospital)
    assert (invoice.status, invoice.balance_minor, invoice.paid_minor) == (InvoiceStatus.PAID, 0, 12_000)
    assert [row.amount_minor for row in await read(services, sa.select(Allocation))] == [12_000]
    assert await read(services, sa.select(InvoiceHold)) == []
    actions = await read(services, sa.select(JournalEntry.action).where(JournalEntry.subject_id == str(begun.id)))
    assert actions == [DeedKind.PAYMENT_PREPARED, DeedKind.PAYMENT_OPEN, DeedKind.PAYMENT_PAID]


async def test_refreshing_a_paid_payment_again_changes_nothing(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url)

    views = await asyncio.gather(*(services.payments.refresh(begun.id) for _ in range(8)))

    assert {view.state for view in views} == {PaymentState.PAID}
    assert len(await read(services, sa.select(Receipt))) == 1
    assert len(await read(services, sa.select(Allocation))) == 1


async def test_a_part_payment_leaves_the_rest_due(services, hospital):
    begun = await services.payments.begin(order_for(hospital, amount_minor=5_000), hospital.cashier)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)

    invoice = await the_invoice(services, hospital)

    assert (invoice.status, invoice.balance_minor) == (InvoiceStatus.PART_PAID, 7_000)


async def test_a_decline_is_told_and_the_page_stays_open(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url, number="4000000000009995")

    view = await services.payments.refresh(begun.id)

    assert view.state is PaymentState.OPEN
    assert view.decline is not None
    assert view.decline.code == "insufficient_funds"
    assert (await the_invoice(services, hospital)).paid_minor == 0


async def test_cancelling_closes_the_page_at_stripe(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)

    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert view.state is PaymentState.CANCELLED
    assert sandbox.ask(f"/v1/checkout/sessions/{begun.stripe_session_id}")["status"] == "expired"
    assert await read(services, sa.select(InvoiceHold)) == []


async def test_a_payment_that_got_through_while_cancelling_is_paid(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url)

    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert view.state is PaymentState.PAID
    assert view.receipt_number is not None


async def test_cancelling_twice_is_cancelling_once(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)

    await services.payments.cancel(begun.id, hospital.cashier)
    again = await services.payments.cancel(begun.id, hospital.cashier)

    assert again.state is PaymentState.CANCELLED


async def test_a_second_desk_sees_who_holds_the_invoice(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)

    with pytest.raises(InvoiceHeld) as held:
        await services.payments.begin(order_for(hospital), hospital.colleague)

    assert (held.value.desk, held.value.cashier) == ("D1", "Casey Sample")
    assert held.value.payment_id == begun.id
    assert abs(held.value.since - now()) < timedelta(minutes=1)


async def test_many_desks_at_once_open_one_payment(services, hospital, sandbox):
    results = await asyncio.gather(
        *(services.payments.begin(order_for(hospital), hospital.cashier) for _ in range(6)), return_exceptions=True
    )

    assert sum(isinstance(result, InvoiceHeld) for result in results) == 5
    assert len(sandbox.ask("/v1/checkout/sessions")["data"]) == 1


async def test_a_cancelled_payment_frees_the_invoice_for_the_next(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await services.payments.cancel(begun.id, hospital.cashier)

    again = await services.payments.begin(order_for(hospital), hospital.colleague)

    assert again.state is PaymentState.OPEN


@pytest.mark.parametrize(
    ("number", "amount_minor", "currency", "reason"),
    [
        (sample_hospital.DUE, 0, "EUR", "above zero"),
        (sample_hospital.DUE, -5, "EUR", "above zero"),
        (sample_hospital.DUE, 12_001, "EUR", "more than"),
        (sample_hospital.DUE, 49, "EUR", "too small"),
        (sample_hospital.DUE, 1_000, "USD", "is in EUR"),
        (sample_hospital.CANCELLED, 1_000, "EUR", "cancelled"),
        (sample_hospital.TINY, 30, "EUR", "too small"),
    ],
)
async def test_what_cannot_be_paid_is_refused_and_nothing_is_saved(
    services, hospital, sandbox, number, amount_minor, currency, reason
):
    with pytest.raises(Refused, match=reason):
        await services.payments.begin(order_for(hospital, number, amount_minor, currency=currency), hospital.cashier)

    assert await read(services, sa.select(Payment)) == []
    assert sandbox.exchanges() == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_an_invoice_that_is_chosen_twice_is_refused_and_nothing_is_saved(services, hospital, sandbox):
    halves = [share_of(hospital, sample_hospital.DUE, 6_000) for _ in range(2)]

    with pytest.raises(Refused, match="chosen twice"):
        await services.payments.begin(order_of(*halves), hospital.cashier)

    assert hospital.execute("SELECT id FROM payment") == []
    assert sandbox.exchanges() == []


async def test_a_currency_without_minor_unit_is_charged_as_it_is(services, hospital, sandbox):
    begun = await services.payments.begin(
        order_for(hospital, sample_hospital.IN_YEN, 12_000, currency="JPY"), hospital.cashier
    )

    session = sandbox.ask(f"/v1/checkout/sessions/{begun.stripe_session_id}")

    assert (session["amount_total"], session["currency"]) == (12_000, "jpy")


async def test_when_stripe_does_not_answer_the_payment_is_unknown_and_found_later(services, hospital, sandbox):
    sandbox.order("troubles", path="/v1/checkout/sessions", status=500, times=2)
    order = order_for(hospital)

    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)

    assert (await services.payments.view(order.payment_id)).state is PaymentState.PREPARED
    assert len(await read(services, sa.select(InvoiceHold))) == 1


async def test_a_key_that_stripe_does_not_accept_leaves_the_payment_to_be_recovered(services, hospital, sandbox):
    sandbox.order("troubles", path="/v1/checkout/sessions", status=401, times=1)

    with pytest.raises(Misconfigured, match="does not accept our key"):
        await services.payments.begin(order_for(hospital), hospital.cashier)

    assert await services.payments.recover() == 1
    assert (await read(services, sa.select(Payment.state))) == [PaymentState.OPEN]


async def test_an_unfinished_page_is_withdrawn_after_its_lifetime(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).values(created_at=now() - timedelta(hours=2)))

    assert await services.payments.recover() == 1

    assert (await services.payments.view(begun.id)).state is PaymentState.CANCELLED
    assert sandbox.ask(f"/v1/checkout/sessions/{begun.stripe_session_id}")["status"] == "expired"


async def test_a_card_that_the_patient_has_saved_can_be_charged_again(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url, save=True)
    await services.payments.refresh(begun.id)
    patient_id = (await the_invoice(services, hospital)).patient_id
    (card,) = await services.cards.of_patient(patient_id)
    assert (card.brand, card.last_four, card.is_default) == ("visa", "4242", True)

    paid = await services.payments.begin(
        order_for(
            hospital, sample_hospital.DUE_OF_SAME_PATIENT, 4_500, tender=Tender.SAVED_CARD, saved_card_id=card.id
        ),
        hospital.cashier,
    )

    assert paid.state is PaymentState.PAID
    assert paid.receipt_number == "T-D1-000002"


async def test_a_card_is_not_kept_without_consent(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url, save=False)
    await services.payments.refresh(begun.id)

    assert await services.cards.of_patient((await the_invoice(services, hospital)).patient_id) == ()


async def test_a_saved_card_of_another_patient_is_refused(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url, save=True)
    await services.payments.refresh(begun.id)
    (card,) = await services.cards.of_patient((await the_invoice(services, hospital)).patient_id)

    with pytest.raises(Refused, match="not saved for the patient"):
        await services.payments.begin(
            order_for(
                hospital, sample_hospital.DUE_OF_OTHER_PATIENT, 8_000, tender=Tender.SAVED_CARD, saved_card_id=card.id
            ),
            hospital.cashier,
        )


async def test_a_patient_has_one_customer_however_many_desks_ask(services, hospital, sandbox):
    patient_id = (await the_invoice(services, hospital)).patient_id

    ids = await asyncio.gather(*(services.cards.customer_of(patient_id) for _ in range(6)))

    assert len(set(ids)) == 1
    assert len(sandbox.ask("/v1/customers")["data"]) == 1
    assert len(await read(services, sa.select(StripeCustomer))) == 1


async def test_money_for_an_invoice_that_was_cancelled_meanwhile_stays_unallocated(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    async with services.database.transaction() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])
        invoice.status = InvoiceStatus.CANCELLED
    await pay_on_page(begun.page_url)

    view = await services.payments.refresh(begun.id)

    assert view.state is PaymentState.PAID
    assert view.unallocated == Money(12_000, "EUR")
    assert await read(services, sa.select(Allocation)) == []
    assert view.receipt_number is not None


async def test_following_ends_with_the_final_state(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)

    async def follow():
        return [view.state async for view in services.payments.follow(begun.id)]

    following = asyncio.create_task(follow())
    await asyncio.sleep(0)
    await pay_on_page(begun.page_url)

    async with asyncio.timeout(15):
        states = await following

    assert states[0] is PaymentState.OPEN
    assert states[-1] is PaymentState.PAID


async def test_a_payment_that_was_taken_over_names_who_did(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)

    taken = await services.payments.take_over(begun.id, hospital.colleague)

    assert (taken.state, str(taken.taken_over_by)) == (PaymentState.CANCELLED, "Sol Example at desk D2")


async def test_a_payment_with_an_outcome_is_not_taken_over(services, hospital):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await services.payments.cancel(begun.id, hospital.cashier)

    view = await services.payments.take_over(begun.id, hospital.colleague)

    assert (view.state, view.taken_over_by) == (PaymentState.CANCELLED, None)
