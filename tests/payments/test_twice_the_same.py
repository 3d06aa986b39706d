"""Before money is taken it is asked again: sums that nobody means, and what is there already; decisions are kept."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from cashier.asked_again.doubt import DoubtCode, Doubtful
from cashier.asked_again.sums import AskedAgain
from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice
from cashier.books.journal import JournalEntry
from cashier.books.payment import InvoiceHold, Payment, PaymentState
from cashier.channels.reference import key_of
from cashier.money import Money
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, order_of, refund_of, share_of

pytestmark = pytest.mark.both_databases


@pytest.fixture
def settings(settings):
    """As they are where nobody says anything."""
    return msgspec.structs.replace(settings, asked_again=AskedAgain())


async def read(services, statement):
    async with services.database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def take(services, hospital, amount_minor, *, tender=Tender.CASH, **facts):
    order = order_for(hospital, amount_minor=amount_minor, tender=tender, **facts)
    return await services.payments.begin(order, hospital.cashier)


async def decisions(services):
    entries = await read(services, sa.select(JournalEntry).where(JournalEntry.action == DeedKind.DONE_ALL_THE_SAME))
    return [(entry.subject_id, json.loads(entry.facts)["doubts"]) for entry in entries]


async def doubts_about(services, order, actor):
    with pytest.raises(Doubtful) as refusal:
        await services.payments.begin(order, actor)
    return refusal.value


def codes(doubtful):
    return {doubt.code for doubt in doubtful.doubts}


async def test_what_is_doubted_leaves_nothing_and_is_taken_when_somebody_decides(services, hospital):
    order = order_for(hospital, tender=Tender.CASH, tendered=Money(2_026_004_711_00, "EUR"))

    doubtful = await doubts_about(services, order, hospital.cashier)

    assert codes(doubtful) == {DoubtCode.HANDED_OVER}
    assert await read(services, sa.select(Payment)) == []
    assert await read(services, sa.select(InvoiceHold)) == []
    decided = replace(order, decided=doubtful.doubts)
    views = [await services.payments.begin(decided, hospital.cashier) for _ in range(2)]
    assert {view.id for view in views} == {order.payment_id}
    assert await decisions(services) == [(str(order.payment_id), {"handed_over": "2026004711.00 EUR"})]
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize("has_invoice", [True, False])
async def test_more_on_account_than_anybody_pays_in_is_asked_about(services, hospital, has_invoice):
    (invoice,) = await read(services, sa.select(Invoice).where(Invoice.number == sample_hospital.DUE))
    shares = (share_of(hospital),) if has_invoice else ()
    order = order_of(
        *shares, tender=Tender.CASH, patient_id=invoice.patient_id, deposit=Money(2_026_004_711_00, "EUR")
    )

    doubtful = await doubts_about(services, order, hospital.cashier)

    assert codes(doubtful) == {DoubtCode.TIMES_DUE if has_invoice else DoubtCode.DEPOSIT}


async def test_the_same_of_a_patient_a_moment_ago_is_said_with_who_when_and_which_receipt(services, hospital):
    first = await services.payments.begin(
        order_for(hospital, amount_minor=4_000, tender=Tender.CASH), hospital.cashier
    )
    again = order_for(hospital, amount_minor=4_000, tender=Tender.EXTERNAL_TERMINAL, reference="0042")

    doubtful = await doubts_about(services, again, hospital.cashier)

    said = str(doubtful.message)
    assert "The patient paid the same: 40.00 € (cash), by Casey Sample at desk D1 on " in said
    assert f"receipt {first.receipt_number}." in said
    await services.payments.begin(replace(again, decided=doubtful.doubts), hospital.cashier)
    assert await decisions(services) == [(str(again.payment_id), {"same_again": str(first.id)})]
    assert await contradictions_in(services.database) == []


async def test_it_is_said_at_every_desk_and_for_another_invoice_too(services, hospital):
    await take(services, hospital, 4_000)
    number = sample_hospital.DUE_OF_SAME_PATIENT

    doubtful = await doubts_about(
        services, order_for(hospital, number, 4_000, tender=Tender.CASH), hospital.colleague
    )

    assert codes(doubtful) == {DoubtCode.SAME_AGAIN}


async def test_what_the_patient_is_just_paying_is_said_too(services, hospital):
    await services.payments.begin(order_for(hospital, amount_minor=4_500), hospital.cashier)
    order = order_for(hospital, sample_hospital.DUE_OF_SAME_PATIENT, 4_500, tender=Tender.CASH)

    doubtful = await doubts_about(services, order, hospital.cashier)

    assert "begun by Casey Sample at desk D1" in str(doubtful.message)
    assert "not finished" in str(doubtful.message)


async def test_nobody_asks_about_another_patient_another_amount_or_another_part_of_the_same_bill(services, hospital):
    settlement = uuid.uuid4()
    cash: dict[str, Any] = {"tender": Tender.CASH, "settlement_id": settlement}
    await services.payments.begin(order_for(hospital, amount_minor=4_000, **cash), hospital.cashier)

    await services.payments.begin(order_for(hospital, amount_minor=4_000, **cash), hospital.cashier)
    await take(services, hospital, 3_999)
    other = order_for(hospital, sample_hospital.DUE_OF_OTHER_PATIENT, 4_000, tender=Tender.CASH)
    await services.payments.begin(other, hospital.cashier)

    assert await decisions(services) == []


async def test_nobody_asks_about_what_was_cancelled_long_ago_or_given_back(services, hospital):
    page = await services.payments.begin(order_for(hospital, amount_minor=4_000), hospital.cashier)
    await services.payments.cancel(page.id, hospital.cashier)
    paid = await services.payments.begin(
        order_for(hospital, amount_minor=3_000, tender=Tender.CASH), hospital.cashier
    )
    too_long_ago = timedelta(minutes=AskedAgain().same_minutes + 1)
    async with services.database.transaction() as session:
        payment = await session.get_one(Payment, paid.id)
        payment.settled_at = payment.settled_at - too_long_ago

    for amount_minor in (4_000, 3_000):
        await services.payments.begin(
            order_for(hospital, amount_minor=amount_minor, tender=Tender.CASH), hospital.cashier
        )

    assert await decisions(services) == []


async def test_what_went_back_does_not_count(services, hospital):
    paid = await take(services, hospital, 4_000, tender=Tender.CHEQUE, reference="1")
    await services.refunds.request(refund_of(paid.id, 4_000), hospital.cashier)

    await take(services, hospital, 4_000)

    assert await decisions(services) == []


@pytest.mark.parametrize("written", ["CHQ 000-471", "chq000471", " Chq 000 471 ", "ＣＨＱ000471"])
async def test_a_cheque_that_was_taken_already_is_said_however_it_is_written(services, hospital, written):
    cheque: dict[str, Any] = {"tender": Tender.CHEQUE}
    await services.payments.begin(order_for(hospital, reference="CHQ 000 471", **cheque), hospital.cashier)
    again = order_for(hospital, sample_hospital.DUE_OF_OTHER_PATIENT, 1_000, reference=written, **cheque)

    doubtful = await doubts_about(services, again, hospital.cashier)

    assert codes(doubtful) == {DoubtCode.REFERENCE_AGAIN}
    assert "was taken already, of another patient: 120.00 € (cheque), by Casey Sample" in str(doubtful.message)
    await services.payments.begin(replace(again, decided=doubtful.doubts), hospital.cashier)
    assert [doubts.keys() for _, doubts in await decisions(services)] == [{"reference_again"}]


async def test_the_same_number_of_another_kind_is_nothing_to_ask_about(services, hospital):
    await services.payments.begin(order_for(hospital, tender=Tender.CHEQUE, reference="4711"), hospital.cashier)

    other = order_for(
        hospital, sample_hospital.DUE_OF_OTHER_PATIENT, 1_000, tender=Tender.BANK_TRANSFER, reference="4711"
    )

    assert (await services.payments.begin(other, hospital.cashier)).state is PaymentState.PAID


async def test_of_two_desks_that_take_the_same_in_one_moment_one_is_asked(services, hospital):
    (invoice,) = await read(services, sa.select(Invoice).where(Invoice.number == sample_hospital.DUE))
    facts: dict[str, Any] = {"tender": Tender.CASH, "patient_id": invoice.patient_id, "deposit": Money(5_000, "EUR")}
    desks = [hospital.cashier, hospital.colleague]

    answers = await asyncio.gather(
        *(services.payments.begin(order_of(**facts), actor) for actor in desks), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Doubtful", "PaymentView"]
    assert await services.deposits.of_patient(invoice.patient_id) == (Money(5_000, "EUR"),)


async def test_of_two_desks_that_take_one_cheque_of_two_patients_in_one_moment_one_is_asked(services, hospital):
    orders = [
        (order_for(hospital, number, 1_000, tender=Tender.CHEQUE, reference="CHQ 000 471"), actor)
        for number, actor in (
            (sample_hospital.DUE, hospital.cashier),
            (sample_hospital.DUE_OF_OTHER_PATIENT, hospital.colleague),
        )
    ]

    answers = await asyncio.gather(
        *(services.payments.begin(order, actor) for order, actor in orders), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Doubtful", "PaymentView"]


async def test_a_decision_does_not_count_for_what_came_since(services, hospital):
    await take(services, hospital, 2_000)
    order = order_for(hospital, amount_minor=2_000, tender=Tender.CASH)
    doubtful = await doubts_about(services, order, hospital.cashier)
    since = order_for(hospital, amount_minor=2_000, tender=Tender.CASH, decided=doubtful.doubts)
    await services.payments.begin(since, hospital.cashier)

    asked = await doubts_about(services, replace(order, decided=doubtful.doubts), hospital.cashier)

    assert asked.doubts != doubtful.doubts


async def test_a_card_that_was_doubted_is_charged_once_after_the_decision(services, hospital):
    await take(services, hospital, 2_000)
    order = order_for(hospital, amount_minor=2_000)
    doubtful = await doubts_about(services, order, hospital.cashier)

    view = await services.payments.begin(replace(order, decided=doubtful.doubts), hospital.cashier)
    await pay_on_page(view.page_url)

    assert (await services.payments.refresh(view.id)).state is PaymentState.PAID
    assert await contradictions_in(services.database) == []


def test_a_key_keeps_what_tells_numbers_apart():
    assert key_of("CHQ 000-471") == key_of("chq000471") != key_of("chq471")
    assert key_of("000") == "000"
    assert key_of("007") == "7"
    assert key_of("") == ""
