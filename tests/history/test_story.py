"""The story of a payment: each fact once, in order, in words for people."""

from __future__ import annotations

import pytest

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.errors import Refused
from cashier.history.timeline import STEP_WORDS, Step
from cashier.identifiers import new_id
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.tenders.tender import Tender
from tests.payments.patient import patient_of, pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.deeds import StrangeDeed
from tests.surroundings.orders import order_for, order_of, refund_of

pytestmark = pytest.mark.both_databases

INSUFFICIENT = "4000000000009995"
CHALLENGED = "4000002760003184"


def steps(timeline):
    return [entry.step for entry in timeline]


async def test_the_story_of_a_payment_tells_each_fact_once_and_in_order(services, hospital, begin, refund):
    begun = await begin(amount_minor=5_000)
    await pay_on_page(begun.page_url, number=INSUFFICIENT)
    await services.payments.refresh(begun.id)
    await pay_on_page(begun.page_url)
    paid = await services.payments.refresh(begun.id)
    assert paid.receipt_id is not None
    await services.receipts.hand_out(paid.receipt_id, hospital.cashier)
    await services.receipts.hand_out(paid.receipt_id, hospital.cashier)
    await refund(paid, 1_500)
    await services.sweep.run()
    await services.inbox.process_waiting()
    await services.sweep.run()

    timeline = await services.history.timeline(begun.id)

    assert steps(timeline) == [
        Step.CREATED,
        Step.OPENED,
        Step.DECLINED,
        Step.PAID,
        Step.RECEIPT_PRINTED,
        Step.RECEIPT_COPIED,
        Step.REFUND_REQUESTED,
        Step.REFUND_APPROVED,
        Step.REFUNDED,
    ]
    who = {entry.step: str(entry.who) for entry in timeline}
    assert who[Step.CREATED] == "Casey Sample, desk D1"
    assert who[Step.PAID] == who[Step.DECLINED] == who[Step.REFUNDED] == "Stripe"
    assert who[Step.REFUND_APPROVED] == "Sol Example, desk D2"
    details = {entry.step: str(entry.detail) for entry in timeline}
    assert "limit or balance" in details[Step.DECLINED]
    assert details[Step.PAID] == "Receipt T-D1-000001"
    assert details[Step.RECEIPT_COPIED] == "T-D1-000001, copy 1"
    assert details[Step.REFUNDED] == str(Money(1_500, "EUR"))
    assert all(entry.at >= begun.created_at for entry in timeline)


async def test_a_request_that_was_taken_back_is_told_in_the_language_of_the_reader(services, hospital, pay):
    paid = await pay()
    asked = refund_of(paid.id, 500)
    await services.refunds.request(asked, hospital.cashier)
    await services.refunds.reject(asked.refund_id, hospital.cashier)

    last = (await services.history.timeline(paid.id))[-1]

    assert last.step is Step.REFUND_REJECTED
    assert last.detail.english == "5.00 €, Taken back."
    assert last.detail.in_("es") == "5,00 €, Retirada."


async def test_a_challenge_is_told_by_stripes_event(services, hospital, begin):
    begun = await begin()
    await pay_on_page(begun.page_url, number=CHALLENGED)
    await services.sweep.run()

    assert Step.CHALLENGED in steps(await services.history.timeline(begun.id))


async def test_who_took_a_payment_over_is_told_before_its_end(services, hospital, begin):
    begun = await begin()
    await services.payments.take_over(begun.id, hospital.colleague)
    await services.sweep.run()

    *_, taken, cancelled = await services.history.timeline(begun.id)

    assert (taken.step, cancelled.step) == (Step.TAKEN_OVER, Step.CANCELLED)
    assert str(taken.who) == str(cancelled.who) == "Sol Example, desk D2"


async def test_every_word_of_a_story_is_written_for_people(services, hospital, begin):
    begun = await begin()
    async with services.database.transaction() as session:
        deed = StrangeDeed(kind="payment looked at twice", about=Subject.PAYMENT, about_id=begun.id)
        await journal.record(session, deed, journal.PROGRAM)

    timeline = await services.history.timeline(begun.id)

    noted = next(entry for entry in timeline if entry.step is Step.NOTED)
    assert (str(noted.words), str(noted.who)) == ("Payment looked at twice", "The program")
    assert [entry.words for entry in timeline if entry is not noted] == [
        STEP_WORDS[entry.step] for entry in timeline if entry is not noted
    ]


async def test_everything_about_a_payment_can_be_looked_up(services, hospital, pay, refund):
    paid = await pay(amount_minor=5_000)
    given_back = await refund(paid, 1_500)

    record = await services.history.payment(paid.id, hospital.cashier)

    assert record.row.id == paid.id
    assert [(each.number, each.amount) for each in record.invoices] == [(sample_hospital.DUE, Money(5_000, "EUR"))]
    assert [each.number for each in record.receipts] == ["T-D1-000001", "T-D1-000002"]
    assert record.stripe_ids == (
        paid.stripe_session_id,
        paid.stripe_intent_id,
        paid.stripe_charge_id,
        given_back.stripe_refund_id,
    )
    assert record.timeline == await services.history.timeline(paid.id)
    with pytest.raises(Refused, match="no such payment"):
        await services.history.payment(new_id(), hospital.cashier)


async def test_cash_is_the_cashiers_doing_and_its_story_knows_no_stripe(services, hospital, at_desk):
    order = order_for(hospital, tender=Tender.CASH, tendered=Money(15_000, "EUR"))
    paid = await services.payments.begin(order, hospital.cashier)

    record = await services.history.payment(paid.id, hospital.cashier)

    assert (record.row.tendered, record.row.tender) == (Money(15_000, "EUR"), Tender.CASH)
    assert steps(record.timeline) == [Step.CREATED, Step.PAID]
    assert {str(entry.who) for entry in record.timeline} == {"Casey Sample, desk D1"}
    assert record.stripe_ids == ()


async def test_what_was_used_of_a_deposit_is_part_of_its_story(services, hospital):
    patient_id = await patient_of(services, hospital)
    deposit = order_of(
        tender=Tender.CASH, patient_id=patient_id, deposit=Money(5_000, "EUR"), tendered=Money(5_000, "EUR")
    )
    paid = await services.payments.begin(deposit, hospital.cashier)
    invoice_id = hospital.invoice_ids[sample_hospital.DUE]
    use = DepositOrder(use_id=new_id(), invoice_id=invoice_id, amount=Money(2_000, "EUR"))
    await services.deposits.use([use], hospital.colleague)

    record = await services.history.payment(paid.id, hospital.cashier)

    assert (record.row.deposit, record.row.unallocated) == (Money(5_000, "EUR"), Money(3_000, "EUR"))
    last = record.timeline[-1]
    assert (last.step, str(last.who)) == (Step.DEPOSIT_USED, "Sol Example, desk D2")
    assert str(last.detail) == f"{Money(2_000, 'EUR')} for {sample_hospital.DUE}"
