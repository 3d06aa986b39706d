"""Refunds against the sandbox, over HTTP: two people, never too much, and back to what was true before."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import JournalEntry
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund, RefundOrigin, RefundState
from cashier.errors import Refused, Unreachable
from cashier.money import Money
from tests.payments.patient import pay_on_page
from tests.refunds.conftest import asking
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases


async def the_invoice(services, hospital, number=sample_hospital.DUE):
    async with services.database.reading() as session:
        return await session.get_one(Invoice, hospital.invoice_ids[number])


async def refunded(services, hospital, request):
    await services.refunds.request(request, hospital.cashier)
    return await services.refunds.approve(request.refund_id, hospital.colleague)


async def test_a_request_alone_moves_no_money(services, hospital, sandbox, paid):
    payment = await paid()

    view = await services.refunds.request(asking(payment), hospital.cashier)

    assert view.state is RefundState.REQUESTED
    assert sandbox.ask("/v1/refunds")["data"] == []
    assert (await the_invoice(services, hospital)).balance_minor == 0


async def test_an_approved_refund_goes_back_and_what_was_paid_is_owed_again(services, hospital, sandbox, paid):
    payment = await paid()

    view = await refunded(services, hospital, asking(payment, 5_000))

    assert view.state is RefundState.SUCCEEDED
    assert view.receipt_number == "T-D1-000002"
    assert [refund["amount"] for refund in sandbox.ask("/v1/refunds")["data"]] == [5_000]
    invoice = await the_invoice(services, hospital)
    assert (invoice.status, invoice.balance_minor) == (InvoiceStatus.PART_PAID, 5_000)
    assert await contradictions_in(services.database) == []


async def test_money_returned_for_good_is_not_owed_again(services, hospital, paid):
    payment = await paid()

    await refunded(services, hospital, asking(payment, 5_000, reopens=False))

    invoice = await the_invoice(services, hospital)
    assert (invoice.status, invoice.balance_minor, invoice.returned_minor) == (InvoiceStatus.PAID, 0, 5_000)
    assert await contradictions_in(services.database) == []


async def test_nobody_approves_a_refund_of_their_own(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.cashier)

    with pytest.raises(Refused, match="of their own"):
        await services.refunds.approve(request.refund_id, hospital.cashier)

    assert (await services.refunds.view(request.refund_id)).state is RefundState.REQUESTED
    assert sandbox.ask("/v1/refunds")["data"] == []
    async with services.database.reading() as session:
        statement = sa.select(JournalEntry.action).where(JournalEntry.subject_id == str(request.refund_id))
        assert list((await session.execute(statement)).scalars()) == [
            DeedKind.REFUND_REQUESTED,
            DeedKind.REFUND_APPROVAL_REFUSED,
        ]


async def test_the_database_itself_wants_two_people(services, hospital, paid):
    payment = await paid()
    await services.refunds.request(asking(payment), hospital.cashier)

    for change in ({"decided_by": hospital.cashier_id}, {"state": RefundState.APPROVED}):
        with pytest.raises(sa.exc.IntegrityError):
            async with services.database.transaction() as session:
                await session.execute(sa.update(Refund).values(**change))


async def test_approving_twice_refunds_once(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment, 5_000)
    await services.refunds.request(request, hospital.cashier)

    views = await asyncio.gather(
        *(services.refunds.approve(request.refund_id, hospital.colleague) for _ in range(4)), return_exceptions=True
    )

    assert RefundState.SUCCEEDED in {getattr(view, "state", None) for view in views}
    assert len(sandbox.ask("/v1/refunds")["data"]) == 1
    assert await contradictions_in(services.database) == []


async def test_a_rejected_refund_leaves_everything_and_can_be_asked_for_again(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.cashier)

    view = await services.refunds.reject(request.refund_id, hospital.colleague, why="Not agreed with the ward.")

    assert view.state is RefundState.REJECTED
    with pytest.raises(Refused, match="rejected"):
        await services.refunds.approve(request.refund_id, hospital.colleague)
    assert (await refunded(services, hospital, asking(payment))).state is RefundState.SUCCEEDED


@pytest.mark.parametrize(
    ("amount_minor", "currency", "reason"),
    [(12_001, "EUR", "more than"), (0, "EUR", "above zero"), (-5, "EUR", "above zero"), (100, "USD", "is in EUR")],
)
async def test_what_cannot_go_back_is_refused(services, hospital, paid, amount_minor, currency, reason):
    payment = await paid()

    with pytest.raises(Refused, match=reason):
        await services.refunds.request(asking(payment, amount_minor, currency=currency), hospital.cashier)


async def test_an_unpaid_payment_has_nothing_to_refund(services, hospital):
    order = order_for(hospital)
    begun = await services.payments.begin(order, hospital.cashier)

    with pytest.raises(Refused, match="not paid"):
        await services.refunds.request(asking(begun), hospital.cashier)


async def test_two_people_at_once_cannot_ask_for_more_than_there_is(services, hospital, paid):
    payment = await paid()

    results = await asyncio.gather(
        *(services.refunds.request(asking(payment, 5_000), hospital.cashier) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, Refused) for result in results) == 2
    assert sum(getattr(result, "state", None) is RefundState.REQUESTED for result in results) == 2


async def test_a_refund_that_fails_days_later_puts_the_money_back(services, hospital, sandbox, paid):
    payment = await paid(number="4000000000005126")
    view = await refunded(services, hospital, asking(payment, 5_000))
    assert view.state.has_effect

    sandbox.order("clock", advance_seconds=20 * 24 * 3600)
    await services.refunds.look_at(view.stripe_refund_id)

    assert (await services.refunds.view(view.id)).state is RefundState.FAILED
    invoice = await the_invoice(services, hospital)
    assert (invoice.status, invoice.balance_minor) == (InvoiceStatus.PAID, 0)
    async with services.database.reading() as session:
        kinds = list((await session.execute(sa.select(Receipt.kind).order_by(Receipt.number))).scalars())
    assert kinds == [ReceiptKind.PAYMENT, ReceiptKind.REFUND, ReceiptKind.REFUND_FAILED]
    assert await contradictions_in(services.database) == []


async def test_a_refund_that_stripe_answers_as_failed_never_counted_and_can_be_asked_for_again(
    services, hospital, sandbox, paid
):
    payment = await paid()
    sandbox.order("outcomes", refunds=["fails_at_once"])
    asked = await services.refunds.request(asking(payment), hospital.cashier)

    failed = await services.refunds.approve(asked.id, hospital.colleague)
    again = await services.refunds.request(asking(payment), hospital.cashier)

    assert failed.state is RefundState.FAILED
    assert failed.failure
    assert again.state is RefundState.REQUESTED
    assert await contradictions_in(services.database) == []


async def test_a_failed_refund_of_an_invoice_that_was_paid_again_becomes_credit(services, hospital, sandbox, paid):
    payment = await paid(number="4000000000005126")
    view = await refunded(services, hospital, asking(payment))
    await paid()

    sandbox.order("clock", advance_seconds=20 * 24 * 3600)
    await services.refunds.look_at(view.stripe_refund_id)

    assert (await services.payments.view(payment.id)).unallocated == Money(12_000, "EUR")
    assert (await the_invoice(services, hospital)).balance_minor == 0
    assert await contradictions_in(services.database) == []


async def test_a_refund_of_several_invoices_comes_off_the_newest_first(services, hospital, paid):
    payment = await paid((sample_hospital.DUE, 12_000), (sample_hospital.DUE_OF_SAME_PATIENT, 4_500))

    await refunded(services, hospital, asking(payment, 6_000))

    assert (await the_invoice(services, hospital, sample_hospital.DUE_OF_SAME_PATIENT)).balance_minor == 4_500
    assert (await the_invoice(services, hospital)).balance_minor == 1_500
    assert await contradictions_in(services.database) == []


async def test_refunding_a_payment_that_found_no_invoice_never_unpays_the_good_one(services, hospital, paid):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    async with services.database.transaction() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])
        invoice.status = InvoiceStatus.CANCELLED
    await pay_on_page(begun.page_url)
    twice = await services.payments.refresh(begun.id)
    async with services.database.transaction() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])
        invoice.status = InvoiceStatus.DUE
    await paid()

    await refunded(services, hospital, asking(twice))

    assert (await the_invoice(services, hospital)).status is InvoiceStatus.PAID
    assert not (await services.payments.view(twice.id)).unallocated
    assert await contradictions_in(services.database) == []


async def test_a_refund_in_stripes_dashboard_is_taken_in_and_attributed(services, hospital, sandbox, paid):
    payment = await paid()
    made = sandbox.ask("/v1/refunds", payment_intent=payment.stripe_intent_id, amount="3000")

    await services.refunds.look_at(made["id"])
    await services.refunds.look_at(made["id"])

    async with services.database.reading() as session:
        (refund,) = (await session.execute(sa.select(Refund))).scalars()
    assert (refund.origin, refund.state, refund.amount_minor) == (RefundOrigin.STRIPE, RefundState.SUCCEEDED, 3_000)
    assert (await the_invoice(services, hospital)).balance_minor == 3_000
    assert await contradictions_in(services.database) == []


async def test_a_dashboard_refund_that_comes_before_ours_leaves_ours_without_money(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment, 10_000)
    await services.refunds.request(request, hospital.cashier)
    made = sandbox.ask("/v1/refunds", payment_intent=payment.stripe_intent_id, amount="9000")
    await services.refunds.look_at(made["id"])

    view = await services.refunds.approve(request.refund_id, hospital.colleague)

    assert view.state is RefundState.FAILED
    assert (await the_invoice(services, hospital)).balance_minor == 9_000
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_refunds_once(services, hospital, sandbox, paid, when):
    payment = await paid()
    request = asking(payment, 5_000)
    await services.refunds.request(request, hospital.cashier)
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=2, drop=True, when=when)

    with pytest.raises(Unreachable):
        await services.refunds.approve(request.refund_id, hospital.colleague)
    assert (await services.refunds.view(request.refund_id)).state is RefundState.APPROVED

    assert await services.refunds.recover() == 1
    assert len(sandbox.ask("/v1/refunds")["data"]) == 1
    assert await contradictions_in(services.database) == []


async def test_a_key_that_stripe_does_not_accept_leaves_the_refund_to_be_recovered(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment, 5_000)
    await services.refunds.request(request, hospital.cashier)
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=1, status=401)

    with pytest.raises(Unreachable, match="does not accept our key"):
        await services.refunds.approve(request.refund_id, hospital.colleague)
    assert (await services.refunds.view(request.refund_id)).state is RefundState.APPROVED

    assert await services.refunds.recover() == 1
    assert (await services.refunds.view(request.refund_id)).state is RefundState.SUCCEEDED


async def test_a_refund_that_was_made_although_stripe_answered_with_an_error_is_found(
    services, hospital, sandbox, paid
):
    payment = await paid()
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=2, status=500, when="after")

    view = await refunded(services, hospital, asking(payment, 5_000))

    assert view.state is RefundState.SUCCEEDED
    assert len(sandbox.ask("/v1/refunds")["data"]) == 1


async def test_a_refund_that_went_after_it_was_given_up_counts_and_is_marked(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment, 5_000)
    await services.refunds.request(request, hospital.cashier)
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=1, status=400)
    assert (await services.refunds.approve(request.refund_id, hospital.colleague)).state is RefundState.FAILED

    made = sandbox.ask(
        "/v1/refunds",
        payment_intent=payment.stripe_intent_id,
        amount="5000",
        **{"metadata[cashier_refund]": str(request.refund_id)},
    )
    await services.refunds.look_at(made["id"])

    view = await services.refunds.view(request.refund_id)
    assert (view.state, view.contradiction is None) == (RefundState.SUCCEEDED, False)
    assert (await the_invoice(services, hospital)).balance_minor == 5_000
    assert await contradictions_in(services.database) == []


async def test_a_refund_that_is_heard_of_before_its_payment_brings_the_payment_with_it(services, hospital, sandbox):
    order = order_for(hospital)
    begun = await services.payments.begin(order, hospital.cashier)
    await pay_on_page(begun.page_url)
    (charge,) = sandbox.ask("/v1/charges")["data"]
    made = sandbox.ask("/v1/refunds", charge=charge["id"], amount="3000")

    await services.refunds.look_at(made["id"])

    assert (await services.payments.view(begun.id)).state.value == "paid"
    assert (await the_invoice(services, hospital)).balance_minor == 3_000
    assert await contradictions_in(services.database) == []
