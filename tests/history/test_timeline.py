"""Telling a story from several sources: one order, each fact once, words for everything."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.history.timeline import (
    PROGRAM,
    STEP_OF_DEED,
    STEP_OF_EVENT,
    STEP_WORDS,
    STRIPE,
    Fact,
    Step,
    Untold,
    tell,
)
from cashier.language import verbatim

CASEY = verbatim("Casey, desk D1")
NOON = datetime(2026, 11, 2, 12, 0, 0, 700_000, tzinfo=UTC)
_DOCS = Path(__file__).parents[2] / "docs"


def fact(step, seconds=0.0, *, source="journal", who=PROGRAM, **more):
    return Fact(at=NOON + timedelta(seconds=seconds), step=step, who=who, sources=frozenset({source}), **more)


def event(step, seconds, *, source, **more):
    """What Stripe tells: in whole seconds."""
    at = (NOON + timedelta(seconds=seconds)).replace(microsecond=0)
    return Fact(at=at, step=step, who=STRIPE, sources=frozenset({source}), **more)


def told(*facts, known_refunds=()):
    return tell(facts, begun_at=NOON, known_refunds=known_refunds)


def steps(*facts, known_refunds=()):
    return [entry.step for entry in told(*facts, known_refunds=known_refunds)]


def test_every_step_has_words_and_none_has_those_of_another():
    assert set(STEP_WORDS) == set(Step)
    assert len(set(STEP_WORDS.values())) == len(Step)


def test_every_event_that_the_operator_subscribes_to_has_its_place():
    listed = set(re.findall(r"^ {6}([a-z_]+(?:\.[a-z_]+)+)$", (_DOCS / "OPERATIONS.md").read_text(), re.MULTILINE))

    assert {"payment_intent.succeeded", "charge.dispute.created", "refund.failed"} <= listed
    assert listed <= set(STEP_OF_EVENT)


def test_every_step_can_be_told_by_something():
    from_deposits = {Step.DEPOSIT_USED, Step.NOTED}

    assert set(STEP_OF_EVENT.values()) | set(STEP_OF_DEED.values()) | from_deposits >= set(Step)


def test_what_journal_and_stripe_both_tell_is_told_once_at_the_earlier_moment():
    (paid,) = told(
        fact(Step.PAID, 9, who=STRIPE, detail=verbatim("Receipt D1-000001")),
        event(Step.PAID, 4, source="charge.succeeded"),
        event(Step.PAID, 5, source="payment_intent.succeeded"),
    )

    assert (paid.at, paid.detail, paid.who) == (
        (NOON + timedelta(seconds=4)).replace(microsecond=0),
        verbatim("Receipt D1-000001"),
        STRIPE,
    )


@pytest.mark.parametrize(("others", "named"), [([STRIPE, CASEY], CASEY), ([STRIPE], STRIPE)])
def test_a_person_is_named_before_stripe_and_stripe_before_the_program(others, named):
    facts = [fact(Step.CANCELLED, place, source=str(place), who=who) for place, who in enumerate([PROGRAM, *others])]

    assert [entry.who for entry in told(*facts)] == [named]


def test_nothing_is_told_before_the_payment_was_begun():
    created, paid = told(fact(Step.CREATED), event(Step.PAID, 0, source="payment_intent.succeeded"))

    assert (created.step, paid.step) == (Step.CREATED, Step.PAID)
    assert created.at <= paid.at


def test_within_one_second_the_story_keeps_its_order():
    assert steps(
        event(Step.CHALLENGED, 0.2, source="payment_intent.requires_action"),
        fact(Step.OPENED, 0.2),
        fact(Step.CREATED),
    ) == [Step.CREATED, Step.OPENED, Step.CHALLENGED]


def test_a_decline_that_two_events_tell_is_told_once_and_the_next_one_again():
    words = {"detail": verbatim("No.")}

    assert steps(
        event(Step.DECLINED, 10, source="charge.failed", **words),
        event(Step.DECLINED, 11, source="payment_intent.payment_failed", **words),
        event(Step.DECLINED, 15, source="charge.failed", **words),
        event(Step.DECLINED, 15, source="payment_intent.payment_failed", **words),
    ) == [Step.DECLINED, Step.DECLINED]


def test_declines_for_different_reasons_are_different_declines():
    assert steps(
        event(Step.DECLINED, 10, source="payment_intent.payment_failed", detail=verbatim("No funds.")),
        event(Step.DECLINED, 10, source="charge.failed", detail=verbatim("Expired.")),
    ) == [Step.DECLINED, Step.DECLINED]


def test_the_completed_page_is_not_told_beside_its_payment_but_when_the_bank_takes_its_time():
    done = event(Step.PAGE_DONE, 5, source="checkout.session.completed")

    assert steps(done, event(Step.PAID, 5, source="payment_intent.succeeded")) == [Step.PAID]
    assert steps(done, event(Step.PAID, 90_000, source="payment_intent.succeeded")) == [Step.PAGE_DONE, Step.PAID]
    assert steps(done) == [Step.PAGE_DONE]


def test_stripe_tells_of_a_refund_only_while_our_books_do_not():
    seen = event(Step.REFUND_SEEN, 5, source="refund.created", about="re_1")
    of_charge = event(Step.REFUND_SEEN, 5, source="charge.refunded")
    ours = fact(Step.REFUNDED, 6, about="re_1")

    assert steps(seen, of_charge, ours, known_refunds={"re_1"}) == [Step.REFUNDED]
    assert steps(seen, of_charge) == [Step.REFUND_SEEN]
    assert steps(of_charge) == [Step.REFUND_SEEN]


def test_each_copy_of_a_receipt_is_told():
    copies = [fact(Step.RECEIPT_COPIED, place, about=f"D1-000001 {place}") for place in (1, 2)]

    assert steps(*copies, copies[0]) == [Step.RECEIPT_COPIED, Step.RECEIPT_COPIED]


def test_every_deed_has_a_place_in_the_story_or_a_reason_for_none():
    assert set(DeedKind) - set(STEP_OF_DEED) == set(), "say which step it is, or why it is untold"
    assert all(step.why for step in STEP_OF_DEED.values() if isinstance(step, Untold))
