"""A refund learns: what came back counts, what is late is ignored, and what cannot be so contradicts."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from cashier.books.contradiction import ContradictionCode, Disagreement
from cashier.books.from_stripe.refund_report import RefundReport, RefundStanding
from cashier.books.refund import Refund, RefundState
from cashier.money import Money
from cashier.tenders.refund_way import RefundWay

AMOUNT = Money(5_000, "EUR")
MOMENT = datetime(2026, 11, 2, tzinfo=UTC)


def refund_in(state, *, stripe_id=None):
    return Refund(
        id=uuid.uuid4(), payment_id=uuid.uuid4(), amount_minor=AMOUNT.amount_minor, currency=AMOUNT.currency,
        way=RefundWay.CARD, state=state, requested_at=MOMENT, stripe_refund_id=stripe_id,
    )  # fmt: skip


def report(standing, *, stripe_id="re_1", amount=AMOUNT):
    return RefundReport(
        stripe_id=stripe_id, intent_id="pi_1", charge_id="ch_1", standing=standing, amount=amount, failure=None,
        reference=None, payment_reference=None, created_at=MOMENT,
    )  # fmt: skip


@pytest.mark.parametrize("standing", RefundStanding)
def test_an_approved_refund_becomes_what_stripe_says(standing):
    refund = refund_in(RefundState.APPROVED)

    assert refund.learn(report(standing))

    assert (refund.state.value, refund.stripe_refund_id) == (standing.value, "re_1")


@pytest.mark.parametrize("state", [RefundState.REQUESTED, RefundState.REJECTED, RefundState.EXPIRED])
@pytest.mark.parametrize("standing", RefundStanding)
def test_what_nobody_approved_learns_nothing(state, standing):
    refund = refund_in(state)

    assert not refund.learn(report(standing))

    assert (refund.state, refund.stripe_refund_id) == (state, None)


def test_late_news_does_not_take_back_what_succeeded_but_a_failure_does():
    refund = refund_in(RefundState.SUCCEEDED, stripe_id="re_1")

    assert not refund.learn(report(RefundStanding.PENDING))
    assert not refund.learn(report(RefundStanding.SUCCEEDED))
    assert refund.learn(report(RefundStanding.FAILED))
    assert not refund.learn(report(RefundStanding.SUCCEEDED)), "what came back does not go again by late news"

    assert refund.state is RefundState.FAILED


def test_money_that_went_after_it_was_given_up_counts_and_is_marked():
    refund = refund_in(RefundState.FAILED)

    assert refund.learn(report(RefundStanding.SUCCEEDED))

    assert refund.state is RefundState.SUCCEEDED
    assert refund.contradiction_code == ContradictionCode.REFUNDED_AFTER_FAILED


@pytest.mark.parametrize("amount", [Money(4_999, "EUR"), Money(5_001, "EUR"), Money(5_000, "USD")])
def test_another_amount_contradicts_and_changes_nothing(amount):
    refund = refund_in(RefundState.APPROVED)

    with pytest.raises(Disagreement) as found:
        refund.learn(report(RefundStanding.SUCCEEDED, amount=amount))

    assert found.value.code is ContradictionCode.OTHER_AMOUNT_REFUNDED
    assert (refund.state, refund.stripe_refund_id) == (RefundState.APPROVED, None)


def test_a_second_one_at_stripe_contradicts_and_changes_nothing():
    refund = refund_in(RefundState.PENDING, stripe_id="re_1")

    with pytest.raises(Disagreement) as found:
        refund.learn(report(RefundStanding.FAILED, stripe_id="re_2"))

    assert found.value.code is ContradictionCode.TWO_AT_STRIPE
    assert (refund.state, refund.stripe_refund_id) == (RefundState.PENDING, "re_1")
