"""Money that went away again: noticed at once, decided once by somebody without a part in it, and in every sum."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.difference import DifferenceKind
from cashier.books.dispute import ReversalOutcome
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import staff_at
from cashier.clock import now
from cashier.errors import Refused
from cashier.history.views import PaymentQuery
from cashier.money import Money
from cashier.reversals.views import ReversalOrder
from tests.refunds.conftest import actions_about, asking
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in

DISPUTED_LATER = "4000000000000259"
REFUND_FAILS_LATER = "4000000000005126"


@pytest.fixture
async def lost(services, hospital, sandbox, paid):
    """A payment whose dispute is lost, as events told."""
    payment = await paid(number=DISPUTED_LATER)
    await hear_of_events(services)
    (dispute,) = sandbox.ask("/v1/disputes")["data"]
    sandbox.ask(f"/v1/disputes/{dispute['id']}/close", **{"expand[]": "charge"})
    await hear_of_events(services)
    return payment


async def hear_of_events(services):
    await services.sweep.run()
    await services.inbox.process_waiting()


async def the_question(services, hospital):
    (difference,) = await services.reconciliation.open_differences(hospital.administrator)
    return difference


def deciding(difference, outcome=ReversalOutcome.OWED_AGAIN, reason="The bank decided for the cardholder."):
    return ReversalOrder(difference_id=difference.id, outcome=outcome, reason=reason)


async def the_invoice(services, hospital):
    async with services.database.reading() as session:
        return await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])


@pytest.mark.both_databases
async def test_what_is_owed_again_is_due_again_with_a_receipt_and_can_be_paid_once_more(
    services,
    hospital,
    lost,
    paid,
):
    difference = await the_question(services, hospital)
    assert difference.kind is DifferenceKind.MONEY_GONE
    question = await services.reversals.question(difference.id, hospital.colleague)
    assert (question.amount, question.counted) == (Money(12_000, "EUR"), Money(12_000, "EUR"))

    made = await services.reversals.decide(deciding(difference), hospital.colleague)

    invoice = await the_invoice(services, hospital)
    assert (invoice.status, invoice.balance_minor) == (InvoiceStatus.DUE, 12_000)
    assert (made.outcome, made.amount) == (ReversalOutcome.OWED_AGAIN, Money(12_000, "EUR"))
    facts = await services.receipts.facts_of(made.receipt_id)
    assert (facts.kind, facts.total_minor, facts.adds_up) == ("reversal", -12_000, True)
    assert facts.original_number
    assert (await actions_about(services, lost.id))[-1] == DeedKind.REVERSAL_OWED_AGAIN
    assert await services.reconciliation.count_open() == 0
    (row,) = (await services.history.page(PaymentQuery(desk_id=1), hospital.cashier)).rows
    totals = await services.history.totals(PaymentQuery(desk_id=1), hospital.cashier)
    gone = Money(12_000, "EUR")
    assert (row.taken_back, row.net, totals.net("EUR")) == (gone, Money(0, "EUR"), Money(0, "EUR"))
    assert (await paid()).receipt_number
    assert await contradictions_in(services.database) == []


async def test_what_is_written_off_stays_paid_and_nothing_of_it_goes_back(services, hospital, lost):
    difference = await the_question(services, hospital)

    made = await services.reversals.decide(deciding(difference, ReversalOutcome.WRITTEN_OFF), hospital.colleague)

    assert (made.receipt_id, (await the_invoice(services, hospital)).status) == (None, InvoiceStatus.PAID)
    with pytest.raises(Refused, match="back for good"):
        await services.refunds.request(asking(lost), hospital.cashier)
    assert await contradictions_in(services.database) == []


@pytest.mark.both_databases
async def test_two_supervisors_at_once_decide_once(services, hospital, lost):
    difference = await the_question(services, hospital)
    owed = deciding(difference)
    written_off = deciding(difference, ReversalOutcome.WRITTEN_OFF)
    other = staff_at(staff_id=hospital.administrator_id, desk_id=1)

    made = await asyncio.gather(
        *(
            services.reversals.decide(order, who)
            for order in (owed, written_off)
            for who in (hospital.colleague, other)
        )
    )

    assert len({(each.id, each.outcome, each.decided_by) for each in made}) == 1
    decided = [DeedKind.REVERSAL_OWED_AGAIN, DeedKind.REVERSAL_WRITTEN_OFF]
    assert sum(action in decided for action in await actions_about(services, lost.id)) == 1
    assert await contradictions_in(services.database) == []


async def test_who_took_it_or_may_not_or_says_nothing_does_not_decide(services, hospital, lost):
    difference = await the_question(services, hospital)
    hospital.execute("UPDATE staff SET role = 'supervisor' WHERE id = :id", id=hospital.cashier.staff_id)

    with pytest.raises(Refused, match="took or gave back themselves"):
        await services.reversals.decide(deciding(difference), hospital.cashier)
    hospital.execute("UPDATE staff SET role = 'cashier' WHERE id = :id", id=hospital.cashier.staff_id)
    with pytest.raises(Refused, match="is for supervisors"):
        await services.reversals.decide(deciding(difference), hospital.cashier)
    with pytest.raises(Refused, match="Say why"):
        await services.reversals.decide(deciding(difference, reason="  "), hospital.colleague)
    with pytest.raises(Refused, match="Words alone"):
        await services.reconciliation.resolve(difference.id, "Done.", hospital.colleague)

    assert DeedKind.REVERSAL_REFUSED in await actions_about(services, lost.id)
    assert (await the_invoice(services, hospital)).status is InvoiceStatus.PAID


async def test_words_of_a_dispute_that_is_over_ask_for_no_answer(services, hospital, sandbox, paid):
    await paid(number=DISPUTED_LATER)
    await hear_of_events(services)
    (dispute,) = sandbox.ask("/v1/disputes")["data"]
    await services.reconciliation.compare(*around_now())
    assert "answer by" in str((await the_question(services, hospital)).detail)
    evidence = {"evidence[uncategorized_text]": "winning_evidence"}
    sandbox.ask(f"/v1/disputes/{dispute['id']}", **evidence)
    sandbox.order("clock", advance_seconds=60)

    await hear_of_events(services)

    difference = await the_question(services, hospital)
    assert str(difference.detail).startswith("Dispute won: the money came back")


@pytest.mark.both_databases
async def test_a_refund_that_came_back_is_decided_and_cash_instead_answers_it(
    services,
    hospital,
    sandbox,
    paid,
    drawer,
):
    payment = await paid(number=REFUND_FAILS_LATER)
    first, second = [asking(payment, amount) for amount in (5_000, 3_000)]
    for request in (first, second):
        await services.refunds.request(request, hospital.cashier)
        await services.refunds.approve(request.refund_id, hospital.colleague)
    sandbox.order("clock", advance_seconds=20 * 24 * 3600)
    await services.refunds.recover()
    for request in (first, second):
        view = await services.refunds.view(request.refund_id)
        await services.refunds.look_at(view.stripe_refund_id)
    kinds = [each.kind for each in await services.reconciliation.open_differences(hospital.administrator)]
    assert kinds == [DifferenceKind.REFUND_CAME_BACK] * 2
    cash = asking(payment, 5_000, instead_of=first.refund_id)
    await services.refunds.request(cash, hospital.cashier)

    await services.refunds.approve(cash.refund_id, hospital.colleague)
    difference = await the_question(services, hospital)
    made = await services.reversals.decide(deciding(difference, ReversalOutcome.WRITTEN_OFF), hospital.colleague)

    assert (made.amount, made.is_refund) == (Money(3_000, "EUR"), True)
    assert await services.reconciliation.count_open() == 0
    settled = await services.reconciliation.settled_differences(hospital.administrator)
    assert {each.amount.amount_minor: each.is_decided for each in settled.rows} == {5_000: False, 3_000: True}
    assert await contradictions_in(services.database) == []


async def test_money_that_was_lost_before_anybody_noted_it_is_found_by_a_comparison(services, hospital, lost):
    hospital.execute("DROP TRIGGER difference_kept")
    hospital.execute("DELETE FROM difference")

    assert await services.reconciliation.compare(*around_now()) == 2

    assert (await the_question(services, hospital)).kind is DifferenceKind.MONEY_GONE


def around_now():
    return now() - timedelta(hours=2), now() + timedelta(hours=1)
