"""What Stripe calls a page, an intent and a refund, and what that means for the money."""

from __future__ import annotations

import pytest
import stripe

from cashier.books.from_stripe.payment_report import Standing
from cashier.books.from_stripe.refund_report import RefundStanding
from cashier.errors import Contradiction
from cashier.money import Money
from cashier.stripe_gateway.reading import report_of_intent, report_of_session
from cashier.stripe_gateway.refunds import report_of_refund

INTENT = {
    "id": "pi_1", "object": "payment_intent", "amount_received": 12_000, "currency": "eur", "latest_charge": "ch_1",
    "last_payment_error": None, "next_action": None, "payment_method": None, "client_secret": "pi_1_secret_1",
}  # fmt: skip
SESSION = {"id": "cs_1", "object": "checkout.session", "url": None}
REFUND = {
    "id": "re_1", "object": "refund", "amount": 5_000, "currency": "eur", "charge": "ch_1", "payment_intent": "pi_1",
    "metadata": {}, "created": 1_790_000_000,
}  # fmt: skip


def intent(status: str) -> stripe.PaymentIntent:
    return stripe.PaymentIntent.construct_from({**INTENT, "status": status}, "sk_test")


def page(status: str, intent_status: str | None) -> stripe.checkout.Session:
    inner = None if intent_status is None else {**INTENT, "status": intent_status}
    return stripe.checkout.Session.construct_from({**SESSION, "status": status, "payment_intent": inner}, "sk_test")


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("requires_payment_method", Standing.OPEN),
        ("requires_confirmation", Standing.OPEN),
        ("requires_action", Standing.OPEN),
        ("requires_capture", Standing.PROCESSING),
        ("processing", Standing.PROCESSING),
        ("succeeded", Standing.PAID),
        ("canceled", Standing.CANCELLED),
    ],
)
def test_only_what_succeeded_is_paid_and_only_what_was_cancelled_is_over(status, standing):
    report = report_of_intent(intent(status))

    assert report.standing is standing
    assert report.received == (Money(12_000, "EUR") if standing is Standing.PAID else None)


def test_a_state_that_is_not_known_is_never_taken_for_another():
    with pytest.raises(Contradiction, match="requires_a_miracle"):
        report_of_intent(intent("requires_a_miracle"))


@pytest.mark.parametrize(
    ("status", "intent_status", "standing"),
    [
        ("open", None, Standing.OPEN),
        ("open", "requires_payment_method", Standing.OPEN),
        ("open", "requires_action", Standing.OPEN),
        ("open", "processing", Standing.PROCESSING),
        ("open", "succeeded", Standing.PAID),
        ("complete", "requires_action", Standing.PROCESSING),
        ("complete", "processing", Standing.PROCESSING),
        ("complete", "requires_payment_method", Standing.CANCELLED),
        ("complete", "succeeded", Standing.PAID),
        ("expired", None, Standing.CANCELLED),
        ("expired", "requires_payment_method", Standing.CANCELLED),
        ("expired", "requires_action", Standing.CANCELLED),
        ("expired", "canceled", Standing.CANCELLED),
        # The bank is at work on it, or was: that the page is over ends nothing.
        ("expired", "processing", Standing.PROCESSING),
        ("expired", "requires_capture", Standing.PROCESSING),
        ("expired", "succeeded", Standing.PAID),
    ],
)
def test_a_page_that_is_over_ends_what_waits_for_the_patient_and_nothing_else(status, intent_status, standing):
    assert report_of_session(page(status, intent_status)).standing is standing


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("pending", RefundStanding.PENDING),
        ("requires_action", RefundStanding.PENDING),
        ("succeeded", RefundStanding.SUCCEEDED),
        ("failed", RefundStanding.FAILED),
        ("canceled", RefundStanding.FAILED),
        ("a state of tomorrow", RefundStanding.PENDING),
        (None, RefundStanding.PENDING),
    ],
)
def test_a_refund_has_gone_when_it_succeeded_and_came_back_when_it_failed_or_was_cancelled(status, standing):
    refund = stripe.Refund.construct_from({**REFUND, "status": status}, "sk_test")

    assert report_of_refund(refund).standing is standing
