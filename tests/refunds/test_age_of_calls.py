"""A refund is sent with its key for 23 hours after the decision, and after that looked up, never sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cashier.books.refund import Refund, RefundState
from cashier.errors import Unreachable
from cashier.refunds.sending import REPEATABLE
from tests.refunds.conftest import asking
from tests.surroundings.balanced_books import contradictions_in

MINUTE = timedelta(minutes=1)
WITHIN, BEYOND = timedelta(hours=23) - MINUTE, timedelta(hours=23) + MINUTE


@pytest.fixture
def lost(services, hospital, sandbox, paid):
    """Approve a refund whose request (or answer) gets lost: ``await lost(when="after")`` returns its key."""

    async def lose(**trouble):
        request = asking(await paid(), 5_000)
        await services.refunds.request(request, hospital.cashier)
        sandbox.order("troubles", path="/v1/refunds", method="POST", times=2, drop=True, **trouble)
        with pytest.raises(Unreachable):
            await services.refunds.approve(request.refund_id, hospital.colleague)
        return request.refund_id

    return lose


async def let_pass(services, refund_id, *, since_request=timedelta(), since_decision=timedelta()):
    async with services.database.transaction() as session:
        refund = await session.get_one(Refund, refund_id)
        refund.requested_at -= since_request
        if refund.decided_at is not None:
            refund.decided_at -= since_decision


def sent(sandbox):
    return [each for each in sandbox.exchanges() if (each.get("method"), each.get("path")) == ("POST", "/v1/refunds")]


def made(sandbox):
    return [each["amount"] for each in sandbox.ask("/v1/refunds")["data"]]


def test_stripe_still_knows_every_key_that_is_repeated():
    assert timedelta(hours=23) >= REPEATABLE, "Stripe may forget a key after 24 hours, and clocks differ"


async def test_within_23_hours_of_the_decision_it_is_sent(services, sandbox, lost):
    refund_id = await lost()
    await let_pass(services, refund_id, since_request=BEYOND, since_decision=WITHIN)

    assert await services.refunds.recover() == 1

    assert (await services.refunds.view(refund_id)).state is RefundState.SUCCEEDED
    assert made(sandbox) == [5_000]


async def test_after_23_hours_what_stripe_never_heard_of_is_not_sent_and_may_be_asked_for_anew(
    services, hospital, sandbox, lost
):
    refund_id = await lost()
    await let_pass(services, refund_id, since_request=BEYOND, since_decision=BEYOND)
    before = len(sent(sandbox))

    assert await services.refunds.recover() == 1

    view = await services.refunds.view(refund_id)
    assert (view.state, view.failure) == (RefundState.FAILED, "Stripe never heard of this refund.")
    assert len(sent(sandbox)) == before
    assert made(sandbox) == []
    assert (await services.refunds.offer(payment_id=view.payment_id)).left.amount_minor == 12_000
    assert await contradictions_in(services.database) == []


async def test_after_23_hours_what_went_through_unseen_is_found_without_a_call(services, sandbox, lost):
    refund_id = await lost(when="after")
    await let_pass(services, refund_id, since_request=BEYOND, since_decision=BEYOND)
    before = len(sent(sandbox))

    assert await services.refunds.recover() == 1

    assert (await services.refunds.view(refund_id)).state is RefundState.SUCCEEDED
    assert len(sent(sandbox)) == before
    assert made(sandbox) == [5_000]
    # It is older than an hour, and by now the companion would have asked Stripe about it itself.
    await services.reconciliation.confirmations.run()
    assert await contradictions_in(services.database) == []


async def test_another_refund_of_the_payment_is_not_taken_for_one_that_never_arrived(
    services, hospital, sandbox, paid
):
    payment = await paid()
    first, second = asking(payment, 5_000), asking(payment, 5_000)
    for request in (first, second):
        await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(first.refund_id, hospital.colleague)
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=2, drop=True)
    with pytest.raises(Unreachable):
        await services.refunds.approve(second.refund_id, hospital.colleague)
    await let_pass(services, second.refund_id, since_request=BEYOND, since_decision=BEYOND)

    await services.refunds.recover()

    views = [await services.refunds.view(request.refund_id) for request in (first, second)]
    assert [view.state for view in views] == [RefundState.SUCCEEDED, RefundState.FAILED]
    assert [view.contradiction for view in views] == [None, None]


async def test_who_asked_long_before_the_decision_gets_the_money_all_the_same(services, hospital, sandbox, paid):
    request = asking(await paid(), 5_000)
    await services.refunds.request(request, hospital.cashier)
    await let_pass(services, request.refund_id, since_request=BEYOND)

    view = await services.refunds.approve(request.refund_id, hospital.colleague)

    assert view.state is RefundState.SUCCEEDED
    assert made(sandbox) == [5_000]
