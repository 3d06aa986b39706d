"""By which way money goes back: to the card, out of a drawer, by the bank, and over several payments at once."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.receipt import Receipt
from cashier.books.refund import Refund, RefundState
from cashier.books.shift import MovementKind
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.money import Money
from cashier.receipts.facts import thaw
from cashier.shifts.views import Movement
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.refunds.conftest import actions_about, asking
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in

pytestmark = pytest.mark.both_databases


async def approved(services, hospital, request):
    await services.refunds.request(request, hospital.cashier)
    return await services.refunds.approve(request.refund_id, hospital.colleague)


async def the_invoice(services, hospital):
    async with services.database.reading() as session:
        return await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])


async def failed_on_card(services, hospital, sandbox, payment, amount_minor=12_000):
    """A card refund that Stripe refused to make."""
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=1, status=400)
    view = await approved(services, hospital, asking(payment, amount_minor))
    assert view.state is RefundState.FAILED
    return view


async def test_cash_leaves_the_drawer_of_the_desk_that_asked(services, hospital, sandbox, taken, drawer):
    payment = await taken(Tender.CASH)

    view = await approved(services, hospital, asking(payment, 5_000))

    assert (view.state, view.way, view.receipt_number) == (RefundState.SUCCEEDED, RefundWay.CASH, "T-D1-000002")
    async with services.database.reading() as session:
        assert (await session.get_one(Refund, view.id)).shift_id == drawer
        receipt = await session.get_one(Receipt, view.receipt_id)
    (tender,) = thaw(receipt.facts).tenders
    assert (tender.kind, tender.amount_minor, thaw(receipt.facts).original_number) == ("cash", -5_000, "T-D1-000001")
    assert (await the_invoice(services, hospital)).balance_minor == 5_000
    assert sandbox.ask("/v1/refunds")["data"] == []
    assert await contradictions_in(services.database) == []


async def test_without_an_open_drawer_no_cash_goes_and_the_request_still_waits(services, hospital, taken):
    payment = await taken(Tender.CASH)
    request = asking(payment, 5_000)
    await services.refunds.request(request, hospital.cashier)
    with pytest.raises(Refused, match="No shift is open"):
        await services.refunds.approve(request.refund_id, hospital.colleague)

    assert (await services.refunds.view(request.refund_id)).state is RefundState.REQUESTED
    assert (await the_invoice(services, hospital)).status is InvoiceStatus.PAID
    assert await contradictions_in(services.database) == []


async def test_what_is_given_in_coins_is_rounded_as_it_was_taken(services, hospital, taken, drawer):
    hospital.execute("UPDATE hospital SET cash_step_minor = 5")
    payment = await taken(Tender.CASH)

    view = await approved(services, hospital, asking(payment, 1_002))

    assert (view.amount, view.given_in_cash) == (Money(1_002, "EUR"), Money(1_000, "EUR"))
    async with services.database.reading() as session:
        receipt = await session.get_one(Receipt, view.receipt_id)
    (tender,) = thaw(receipt.facts).tenders
    assert (tender.amount_minor, tender.rounding_minor) == (-1_002, 2)
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize(
    ("total", "parts", "given"),
    [
        (1_002, (334, 334, 334), (335, 335, 330)),
        (1_002, (1_000,), (1_000,)),
        (1_003, (1, 2, 3, 997), (None, None, 5, 995)),
        (1_003, (503, 500), (505, 500)),
    ],
)
async def test_parts_add_up_to_what_was_taken(services, hospital, taken, drawer, total, parts, given):
    hospital.execute("UPDATE hospital SET cash_step_minor = 5")
    payment = await taken(Tender.CASH, (sample_hospital.DUE, total))

    went = []
    for part in parts:
        try:
            went.append((await approved(services, hospital, asking(payment, part))).given_in_cash.amount_minor)
        except Refused:
            went.append(None)

    assert tuple(went) == given
    assert sum(each or 0 for each in went) <= total + payment.rounding.amount_minor


async def test_no_more_goes_back_than_came_when_the_smallest_coin_changed(services, hospital, taken, drawer):
    hospital.execute("UPDATE hospital SET cash_step_minor = 5")
    payment = await taken(Tender.CASH, (sample_hospital.DUE, 1_002))
    hospital.execute("UPDATE hospital SET cash_step_minor = 1")

    view = await approved(services, hospital, asking(payment, 1_002))

    assert view.given_in_cash == Money(1_000, "EUR")
    assert await contradictions_in(services.database) == []


async def test_cash_instead_of_a_card_is_never_rounded_beyond_what_came(services, hospital, sandbox, paid, drawer):
    hospital.execute("UPDATE hospital SET cash_step_minor = 5")
    payment = await paid((sample_hospital.DUE, 1_003))
    failed = await failed_on_card(services, hospital, sandbox, payment, 1_003)

    view = await approved(services, hospital, asking(payment, 1_003, instead_of=failed.id))

    assert view.given_in_cash == Money(1_000, "EUR")


@pytest.mark.parametrize("is_for_card", [False, True])
async def test_no_more_cash_goes_back_than_lies_in_the_drawer(
    services, hospital, sandbox, paid, taken, drawer, is_for_card
):
    facts = {}
    if is_for_card:
        payment = await paid()
        facts["instead_of"] = (await failed_on_card(services, hospital, sandbox, payment)).id
    else:
        payment = await taken(Tender.CASH)
    left = 11_999
    out = Movement(
        id=new_id(),
        shift_id=drawer,
        kind=MovementKind.OUT,
        amount=Money((15_000 if is_for_card else 27_000) - left, "EUR"),
        reason="to the safe",
    )
    await services.shifts.move(out, hospital.cashier)
    request = asking(payment, **facts)
    await services.refunds.request(request, hospital.cashier)

    with pytest.raises(Refused, match="not that much in the drawer") as refusal:
        await services.refunds.approve(request.refund_id, hospital.colleague)

    assert not re.search(r"\d", str(refusal.value.words))
    assert (await actions_about(services, request.refund_id))[-1] == DeedKind.REFUND_APPROVAL_REFUSED
    await services.shifts.move(
        replace(out, id=new_id(), kind=MovementKind.IN, amount=Money(1, "EUR")), hospital.cashier
    )
    assert (await services.refunds.approve(request.refund_id, hospital.colleague)).state is RefundState.SUCCEEDED
    assert await contradictions_in(services.database) == []


async def test_what_no_coin_can_pay_is_refused(services, hospital, taken):
    hospital.execute("UPDATE hospital SET cash_step_minor = 5")
    payment = await taken(Tender.CASH)

    with pytest.raises(Refused, match="cannot be given in coins"):
        await services.refunds.request(asking(payment, 2), hospital.cashier)


@pytest.mark.parametrize("tender", [Tender.CHEQUE, Tender.BANK_TRANSFER, Tender.EXTERNAL_TERMINAL])
async def test_the_bank_sends_what_came_by_the_bank(services, hospital, sandbox, taken, tender):
    payment = await taken(tender)
    view = await approved(services, hospital, asking(payment, 5_000))
    assert (view.state, view.way) == (RefundState.APPROVED, RefundWay.BANK_TRANSFER)
    assert (await the_invoice(services, hospital)).status is InvoiceStatus.PAID
    assert await services.refunds.recover() == 0

    done = await services.refund_transfers.note_sent(view.id, "  SEPA  42 ", hospital.cashier)
    again = await services.refund_transfers.note_sent(view.id, "SEPA 43", hospital.cashier)

    assert (done.state, done.reference, again.reference) == (RefundState.SUCCEEDED, "SEPA 42", "SEPA 42")
    assert (await the_invoice(services, hospital)).balance_minor == 5_000
    assert sandbox.ask("/v1/refunds")["data"] == []
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize(("reference", "why"), [(" ", "needs a reference"), ("4242424242424242", "card number")])
async def test_a_transfer_is_noted_with_the_bank_s_own_reference(services, hospital, taken, reference, why):
    view = await approved(services, hospital, asking(await taken(Tender.CHEQUE)))

    with pytest.raises(Refused, match=why):
        await services.refund_transfers.note_sent(view.id, reference, hospital.cashier)


async def test_a_transfer_that_nobody_approved_is_not_noted(services, hospital, taken):
    request = asking(await taken(Tender.CHEQUE))
    await services.refunds.request(request, hospital.cashier)

    with pytest.raises(Refused, match="not approved"):
        await services.refund_transfers.note_sent(request.refund_id, "SEPA 42", hospital.cashier)


async def test_a_transfer_that_cannot_be_sent_frees_its_money(services, hospital, taken):
    payment = await taken(Tender.CHEQUE)
    view = await approved(services, hospital, asking(payment))

    failed = await services.refund_transfers.give_up(view.id, "The account is closed.", hospital.cashier)

    assert (failed.state, failed.failure) == (RefundState.FAILED, "The account is closed.")
    assert (await approved(services, hospital, asking(payment))).state is RefundState.APPROVED
    assert await contradictions_in(services.database) == []


async def test_cash_stands_in_for_a_card_refund_that_failed(services, hospital, sandbox, paid, drawer):
    payment = await paid()
    failed = await failed_on_card(services, hospital, sandbox, payment)
    (offered,) = (await services.refunds.offer(payment_id=payment.id)).payments
    assert [each.refund_id for each in offered.failed] == [failed.id]

    view = await approved(services, hospital, asking(payment, instead_of=failed.id))

    assert (view.state, view.way) == (RefundState.SUCCEEDED, RefundWay.CASH)
    assert (await the_invoice(services, hospital)).balance_minor == 12_000
    assert sandbox.ask("/v1/refunds")["data"] == []
    assert await contradictions_in(services.database) == []


async def test_cash_for_a_card_refund_that_came_back_days_later_is_given_once(
    services, hospital, sandbox, paid, drawer
):
    payment = await paid(number="4000000000005126")
    sent = await approved(services, hospital, asking(payment, 5_000))
    sandbox.order("clock", advance_seconds=20 * 24 * 3600)
    await services.refunds.look_at(sent.stripe_refund_id)

    results = await asyncio.gather(
        *(services.refunds.request(asking(payment, 5_000, instead_of=sent.id), hospital.cashier) for _ in range(3)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, Refused) for result in results) == 2
    (request,) = (result for result in results if not isinstance(result, BaseException))
    assert (await services.refunds.approve(request.id, hospital.colleague)).way is RefundWay.CASH
    assert await contradictions_in(services.database) == []


async def test_cash_that_was_turned_down_can_be_asked_for_again(services, hospital, sandbox, paid):
    payment = await paid()
    failed = await failed_on_card(services, hospital, sandbox, payment)
    first = await services.refunds.request(asking(payment, instead_of=failed.id), hospital.cashier)
    await services.refunds.reject(first.id, hospital.colleague, why="Ask the bank first.")

    assert await services.refunds.request(asking(payment, instead_of=failed.id), hospital.cashier)


async def test_cash_for_a_card_payment_without_a_failed_refund_of_that_amount_is_refused(
    services, hospital, sandbox, paid, taken
):
    payment = await paid((sample_hospital.DUE, 12_000))
    gone = await approved(services, hospital, asking(payment, 2_000))
    failed = await failed_on_card(services, hospital, sandbox, payment, 3_000)
    other = await paid((sample_hospital.DUE_OF_SAME_PATIENT, 4_500))

    for request, reason in (
        (asking(payment, 2_000, instead_of=gone.id), "has not failed"),
        (asking(payment, 2_999, instead_of=failed.id), "was of 30.00"),
        (asking(other, 3_000, instead_of=failed.id), "of the same payment"),
        (asking(payment, 3_000, instead_of=new_id()), "of the same payment"),
    ):
        with pytest.raises(Refused, match=reason):
            await services.refunds.request(request, hospital.cashier)


async def test_a_dashboard_refund_of_what_was_given_in_cash_is_a_contradiction_and_changes_no_sum(
    services, hospital, sandbox, paid, drawer
):
    payment = await paid()
    failed = await failed_on_card(services, hospital, sandbox, payment)
    await approved(services, hospital, asking(payment, instead_of=failed.id))
    made = sandbox.ask("/v1/refunds", payment_intent=payment.stripe_intent_id, amount="12000")

    await services.refunds.look_at(made["id"])

    (doubled,) = [
        view
        for view in await services.refund_lists.under_way(hospital.colleague)
        if view.stripe_refund_id == made["id"]
    ]
    assert "only 0.00 € were left" in str(doubled.contradiction)
    assert (await the_invoice(services, hospital)).balance_minor == 12_000
    assert await contradictions_in(services.database) == []


async def test_the_refund_of_an_invoice_is_proposed_from_its_newest_payment_first(services, hospital, paid, taken):
    first = await paid((sample_hospital.DUE, 7_000))
    second = await taken(Tender.CHEQUE, (sample_hospital.DUE, 5_000))

    offer = await services.refunds.offer(invoice_id=hospital.invoice_ids[sample_hospital.DUE])

    assert [each.payment_id for each in offer.payments] == [second.id, first.id]
    assert offer.left == Money(12_000, "EUR")
    assert offer.spread(Money(6_000, "EUR")) == {second.id: Money(5_000, "EUR"), first.id: Money(1_000, "EUR")}
    assert sum(each.amount_minor for each in offer.spread(Money(99_000, "EUR")).values()) == 12_000


async def test_a_refund_over_several_payments_is_asked_for_as_a_whole_or_not_at_all(services, hospital, paid, taken):
    invoice_id = hospital.invoice_ids[sample_hospital.DUE]
    first = await paid((sample_hospital.DUE, 7_000))
    second = await taken(Tender.CHEQUE, (sample_hospital.DUE, 5_000))

    with pytest.raises(Refused, match="more than"):
        await services.refunds.request_all(
            [asking(second, 5_000, invoice_id=invoice_id), asking(first, 7_001, invoice_id=invoice_id)],
            hospital.cashier,
        )
    assert await services.refund_lists.waiting(hospital.cashier) == ()

    views = await services.refunds.request_all(
        [asking(second, 4_000, invoice_id=invoice_id), asking(first, 1_000, invoice_id=invoice_id)],
        hospital.cashier,
    )
    assert [view.payment_id for view in views] == [second.id, first.id]
    for view in views:
        await services.refunds.approve(view.id, hospital.colleague)
    await services.refund_transfers.note_sent(views[0].id, "SEPA 1", hospital.cashier)
    assert (await the_invoice(services, hospital)).balance_minor == 5_000
    assert await contradictions_in(services.database) == []


async def test_a_refund_of_one_invoice_leaves_the_others_of_its_payment_alone(services, hospital, paid):
    payment = await paid((sample_hospital.DUE, 12_000), (sample_hospital.DUE_OF_SAME_PATIENT, 4_500))
    invoice_id = hospital.invoice_ids[sample_hospital.DUE]

    with pytest.raises(Refused, match="that this invoice holds"):
        await services.refunds.request(asking(payment, 12_001, invoice_id=invoice_id), hospital.cashier)
    await approved(services, hospital, asking(payment, 6_000, invoice_id=invoice_id))

    assert (await the_invoice(services, hospital)).balance_minor == 6_000
    other = await services.invoices.detail(hospital.invoice_ids[sample_hospital.DUE_OF_SAME_PATIENT])
    assert (other.row.status, other.refunds) == (InvoiceStatus.PAID, ())
    assert await contradictions_in(services.database) == []


async def test_the_invoice_shows_its_refunds_and_what_was_returned_for_good(services, hospital, paid):
    payment = await paid()
    view = await approved(services, hospital, asking(payment, 5_000, reopens=False))

    detail = await services.invoices.detail(hospital.invoice_ids[sample_hospital.DUE])

    assert (detail.row.status, detail.row.returned) == (InvoiceStatus.PAID, Money(5_000, "EUR"))
    (refund,) = detail.refunds
    assert (refund.refund_id, refund.amount, refund.receipt_number) == (
        view.id, Money(5_000, "EUR"), view.receipt_number,
    )  # fmt: skip


async def test_following_tells_every_step_until_the_end(services, hospital, paid):
    payment = await paid()
    request = asking(payment, 5_000)
    await services.refunds.request(request, hospital.cashier)
    following = services.refunds.follow([request.refund_id])
    (first,) = await anext(following)

    await services.refunds.approve(request.refund_id, hospital.colleague)
    async with asyncio.timeout(10):
        (last,) = [views async for views in following][-1]

    assert (first.state, last.state) == (RefundState.REQUESTED, RefundState.SUCCEEDED)
