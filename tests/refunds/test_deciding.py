"""Who decides about a refund, until when, and what is refused and written down."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.dispute import Dispute
from cashier.books.invoice import Invoice
from cashier.books.journal import PROGRAM, JournalEntry
from cashier.books.refund import ReasonCode, Refund, RefundReason, RefundState
from cashier.books.staff import Role, Staff, StaffSecret
from cashier.clock import now
from cashier.errors import Refused
from cashier.money import Money
from cashier.refunds.views import StepUp
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.refunds.conftest import actions_about, asking
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_of
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN, SUPERVISOR_NAME, SUPERVISOR_PIN

pytestmark = pytest.mark.both_databases

BY_SUPERVISOR = StepUp(name=SUPERVISOR_NAME, pin=SUPERVISOR_PIN)


async def let_time_pass(services, refund_id, *, hours):
    """Make the request of a refund older."""
    async with services.database.transaction() as session:
        refund = await session.get_one(Refund, refund_id)
        refund.requested_at -= timedelta(hours=hours)
        assert refund.expires_at is not None
        refund.expires_at -= timedelta(hours=hours)


async def dispute(services, payment, status):
    async with services.database.transaction() as session:
        session.add(
            Dispute(
                stripe_id="du_1",
                payment_id=payment.id,
                amount_minor=payment.amount.amount_minor,
                currency="EUR",
                reason="fraudulent",
                status=status,
                opened_at=now(),
                learned_at=now(),
            )
        )


async def test_a_supervisor_approves_at_the_cashier_s_desk_by_pin(services, hospital, paid):
    payment = await paid()
    request = asking(payment, 5_000)
    await services.refunds.request(request, hospital.cashier)

    view = await services.refunds.approve(request.refund_id, hospital.cashier, step_up=BY_SUPERVISOR)

    assert (view.state, view.decided_by, view.decider) == (
        RefundState.SUCCEEDED, hospital.supervisor_id, "Sol Example",
    )  # fmt: skip
    async with services.database.reading() as session:
        assert (await session.get_one(Refund, request.refund_id)).decided_desk_id == hospital.desk_id
    assert await actions_about(services, hospital.supervisor_id) == [DeedKind.STEPPED_UP]


async def test_the_journal_says_who_approved_so_much_by_which_way_and_whether_it_is_owed_again(
    services, hospital, paid, taken, drawer
):
    by_card = asking(await paid(), 5_000)
    in_cash = asking(await taken(Tender.CASH, (sample_hospital.DUE_OF_SAME_PATIENT, 4_500)), 4_500, reopens=False)
    by_transfer = asking(await taken(Tender.CHEQUE, (sample_hospital.DUE_OF_OTHER_PATIENT, 8_000)), 8_000)
    for request in (by_card, in_cash, by_transfer):
        await services.refunds.request(request, hospital.cashier)
        await services.refunds.approve(request.refund_id, hospital.colleague)

    for request, way, moved in (
        (by_card, RefundWay.CARD, [DeedKind.REFUND_SUCCEEDED]),
        (in_cash, RefundWay.CASH, [DeedKind.REFUND_SUCCEEDED]),
        (by_transfer, RefundWay.BANK_TRANSFER, []),
    ):
        told = await actions_about(services, request.refund_id)
        assert told == [DeedKind.REFUND_REQUESTED, DeedKind.REFUND_APPROVED, *moved]
        async with services.database.reading() as session:
            statement = sa.select(JournalEntry).where(
                JournalEntry.subject_id == str(request.refund_id), JournalEntry.action == DeedKind.REFUND_APPROVED
            )
            entry = (await session.execute(statement)).scalar_one()
        facts = json.loads(entry.facts)
        assert (entry.staff_id, entry.desk_id) == (hospital.supervisor_id, 2)
        assert (facts["payment"], facts["amount_minor"], facts["currency"], facts["way"], facts["reopens"]) == (
            str(request.payment_id), request.amount.amount_minor, "EUR", way, request.reopens,
        )  # fmt: skip


async def test_nobody_steps_up_to_approve_a_request_of_their_own(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.colleague)

    with pytest.raises(Refused, match="of their own"):
        await services.refunds.approve(request.refund_id, hospital.cashier, step_up=BY_SUPERVISOR)

    assert DeedKind.REFUND_APPROVAL_REFUSED in await actions_about(services, request.refund_id)
    assert sandbox.ask("/v1/refunds")["data"] == []


async def test_a_cashier_approves_nothing_by_any_route(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.colleague)

    with pytest.raises(Refused, match="Approving refunds is for supervisors and administrators"):
        await services.refunds.approve(request.refund_id, hospital.cashier)
    with pytest.raises(Refused, match="Approving refunds"):
        await services.refunds.approve(
            request.refund_id, hospital.colleague, step_up=StepUp(name=CASHIER_NAME, pin=CASHIER_PIN)
        )
    with pytest.raises(Refused, match="Approving refunds"):
        await services.refunds.approve(request.refund_id, PROGRAM)

    assert (await services.refunds.view(request.refund_id)).state is RefundState.REQUESTED
    assert sandbox.ask("/v1/refunds")["data"] == []


async def test_wrong_pins_count_towards_the_lock_out(services, hospital, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.cashier)
    for _ in range(3):
        with pytest.raises(Refused, match="wrong"):
            await services.refunds.approve(
                request.refund_id, hospital.cashier, step_up=StepUp(name=SUPERVISOR_NAME, pin="00000000")
            )

    with pytest.raises(Refused, match="Too many wrong PINs"):
        await services.refunds.approve(request.refund_id, hospital.cashier, step_up=BY_SUPERVISOR)

    async with services.database.reading() as session:
        assert (await session.get_one(StaffSecret, hospital.supervisor_id)).failed_attempts == 3


def test_a_pin_does_not_show_in_what_is_logged() -> None:
    assert SUPERVISOR_PIN not in repr(BY_SUPERVISOR)


async def test_a_request_that_nobody_decides_lapses_and_frees_its_money(services, hospital, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.cashier)
    await let_time_pass(services, request.refund_id, hours=25)

    assert await services.refunds.recover() == 1

    assert (await services.refunds.view(request.refund_id)).state is RefundState.EXPIRED
    assert (await actions_about(services, request.refund_id))[-1] == DeedKind.REFUND_EXPIRED
    again = await services.refunds.request(asking(payment), hospital.cashier)
    assert again.state is RefundState.REQUESTED


async def test_an_approval_that_comes_too_late_is_refused(services, hospital, sandbox, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.cashier)
    await let_time_pass(services, request.refund_id, hours=25)

    for _ in range(2):
        with pytest.raises(Refused, match="expired"):
            await services.refunds.approve(request.refund_id, hospital.colleague)

    assert (await services.refunds.view(request.refund_id)).state is RefundState.EXPIRED
    assert sandbox.ask("/v1/refunds")["data"] == []
    assert DeedKind.REFUND_APPROVAL_REFUSED in await actions_about(services, request.refund_id)


async def test_a_lapsed_request_takes_nothing_from_the_next_one_before_recovery_ends_it(services, hospital, paid):
    payment = await paid()
    late = asking(payment)
    await services.refunds.request(late, hospital.cashier)
    await let_time_pass(services, late.refund_id, hours=25)

    view = await services.refunds.request(asking(payment), hospital.cashier)

    assert view.state is RefundState.REQUESTED
    assert (await services.refunds.view(late.refund_id)).state is RefundState.EXPIRED


async def test_the_approver_decides_whether_the_money_is_owed_again(services, hospital, paid):
    payment = await paid()
    request = asking(payment, 5_000, reopens=True)
    await services.refunds.request(request, hospital.cashier)

    view = await services.refunds.approve(request.refund_id, hospital.colleague, reopens=False)

    assert not view.reopens
    async with services.database.reading() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])
    assert (invoice.balance_minor, invoice.returned_minor) == (0, 5_000)
    assert await contradictions_in(services.database) == []


async def test_a_rejection_needs_a_word_and_keeps_it(services, hospital, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.cashier)
    with pytest.raises(Refused, match="Say why"):
        await services.refunds.reject(request.refund_id, hospital.colleague, why=" ")

    view = await services.refunds.reject(request.refund_id, hospital.colleague, why="The service was given.")

    assert (view.state, str(view.turned_down), view.decider) == (
        RefundState.REJECTED, "The service was given.", "Sol Example",
    )  # fmt: skip


async def test_who_asked_takes_it_back_and_nobody_else_of_the_counter_does(services, hospital, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.colleague)
    with pytest.raises(Refused, match="Approving refunds"):
        await services.refunds.reject(request.refund_id, hospital.cashier, why="Mine.")

    view = await services.refunds.reject(request.refund_id, hospital.colleague)

    assert (view.state, view.decided_by) == (RefundState.REJECTED, None)


@pytest.mark.parametrize(
    ("status", "why"),
    [("needs_response", "disputes this"), ("under_review", "disputes this"), ("lost", "taken this payment's money")],
)
async def test_a_disputed_payment_is_not_refunded_as_well(services, hospital, sandbox, paid, status, why):
    payment = await paid()
    request = asking(payment, 5_000)
    await services.refunds.request(request, hospital.cashier)
    await dispute(services, payment, status)

    with pytest.raises(Refused, match=why):
        await services.refunds.request(asking(payment, 1_000), hospital.cashier)
    with pytest.raises(Refused, match=why):
        await services.refunds.approve(request.refund_id, hospital.colleague)

    assert sandbox.ask("/v1/refunds")["data"] == []
    assert DeedKind.REFUND_REQUEST_REFUSED in await actions_about(services, payment.id)
    (offered,) = (await services.refunds.offer(payment_id=payment.id)).payments
    assert (bool(offered.left), why in str(offered.obstacle)) == (False, True)


@pytest.mark.parametrize("status", ["won", "warning_needs_response", "warning_closed"])
async def test_a_dispute_that_left_the_money_with_us_does_not_hinder(services, hospital, paid, status):
    payment = await paid()
    await dispute(services, payment, status)

    assert await services.refunds.request(asking(payment, 5_000), hospital.cashier)


async def test_what_is_refunded_already_is_refused_and_written_down(services, hospital, paid):
    payment = await paid()
    request = asking(payment)
    await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(request.refund_id, hospital.colleague)

    with pytest.raises(Refused, match="refunded already"):
        await services.refunds.request(asking(payment, 1), hospital.cashier)

    assert (await actions_about(services, payment.id))[-1] == DeedKind.REFUND_REQUEST_REFUSED


async def test_an_auditor_asks_for_nothing(services, hospital, paid):
    payment = await paid()
    async with services.database.transaction() as session:
        (await session.get_one(Staff, hospital.supervisor_id)).role = Role.AUDITOR

    with pytest.raises(Refused, match="Asking for refunds is for"):
        await services.refunds.request(asking(payment), hospital.colleague)

    assert (await actions_about(services, payment.id))[-1] == DeedKind.REFUSED


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"note": "Card 4242 4242 4242 4242"}, "card number"),
        ({"note": "x" * 401}, "too long"),
        ({"reason_code": "because"}, "not one of the hospital's reasons"),
        (
            {"reason_code": ReasonCode.PAID_TWICE, "reason": RefundReason.FRAUDULENT},
            "not one of the hospital's reasons",
        ),
        ({"reason_code": ReasonCode.OTHER, "note": " "}, "Say in the note"),
    ],
)
async def test_words_that_say_nothing_or_too_much_are_refused(services, hospital, paid, facts, reason):
    payment = await paid()

    with pytest.raises(Refused, match=reason):
        await services.refunds.request(asking(payment, **facts), hospital.cashier)


async def test_an_amount_with_too_many_decimals_for_the_currency_is_refused(services, hospital, paid):
    payment = await paid()
    # The króna has no decimals; Stripe keeps two that must be 00.
    hospital.remove_guards()
    hospital.execute("UPDATE payment SET currency = 'ISK'")

    with pytest.raises(Refused, match="too many decimals"):
        await services.refunds.request(asking(payment, 5_050, currency="ISK"), hospital.cashier)

    assert (await actions_about(services, payment.id))[-1] == DeedKind.REFUND_REQUEST_REFUSED


async def test_a_deposit_goes_back_from_the_account_without_touching_an_invoice(services, hospital, taken, drawer):
    patient_id = (await services.invoices.detail(hospital.invoice_ids[sample_hospital.DUE])).patient_id
    deposit = await taken(Tender.CASH, deposit=Money(8_000, "EUR"), patient_id=patient_id)
    request = asking(deposit, 3_000, reason_code=ReasonCode.DEPOSIT_NOT_USED)
    requested = await services.refunds.request(request, hospital.cashier)

    await services.refunds.approve(request.refund_id, hospital.colleague)

    assert (requested.shares, requested.loose, requested.way) == ((), Money(3_000, "EUR"), RefundWay.CASH)
    assert await services.deposits.of_patient(patient_id) == (Money(5_000, "EUR"),)
    assert await contradictions_in(services.database) == []


async def test_what_no_invoice_took_goes_back_before_what_an_invoice_was_paid_with(services, hospital, taken, drawer):
    both = await taken(Tender.CASH, (sample_hospital.DUE, 6_000), deposit=Money(3_000, "EUR"))
    first, second = asking(both, 2_000), asking(both, 2_000)
    views = [await services.refunds.request(each, hospital.cashier) for each in (first, second)]
    for each in (first, second):
        await services.refunds.approve(each.refund_id, hospital.colleague)

    assert [view.loose.amount_minor for view in views] == [2_000, 1_000], "what the first asked for is promised"
    async with services.database.reading() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])
    assert (invoice.paid_minor, invoice.balance_minor) == (5_000, 7_000)
    assert await contradictions_in(services.database) == []


async def test_a_payment_that_does_not_exist_is_refused(services, hospital, paid):
    payment = await paid()
    order = order_of(payment_id=asking(payment).refund_id, tender=Tender.CASH)

    with pytest.raises(Refused, match="no such payment"):
        await services.refunds.offer(payment_id=order.payment_id)


async def test_the_lists_show_each_desk_its_own_and_supervisors_all(services, hospital, paid):
    payment = await paid()
    here = await services.refunds.request(asking(payment, 1_000), hospital.cashier)
    there = await services.refunds.request(asking(payment, 2_000), hospital.colleague)
    lists = services.refund_lists

    assert [view.id for view in await lists.waiting(hospital.cashier)] == [here.id]
    assert [view.id for view in await lists.waiting(hospital.colleague)] == [here.id, there.id]
    assert await lists.count_waiting(hospital.cashier) == 0
    assert await lists.count_waiting(hospital.colleague) == 1

    await services.refunds.approve(here.id, hospital.colleague)
    assert [view.id for view in await lists.settled(hospital.cashier)] == [here.id]
    assert await lists.under_way(hospital.colleague) == ()
