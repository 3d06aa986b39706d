"""What is kept of an event: where to look, and what Stripe's object forgets again."""

from __future__ import annotations

import pytest

from cashier.stripe_gateway.webhooks import notice_of
from tests.companion.stripe_events import event


def notice_about(kind, **subject):
    return notice_of(event(type=kind, data={"object": {"id": "xx_1", **subject}}))


@pytest.mark.parametrize(
    ("kind", "subject", "code"),
    [
        (
            "payment_intent.payment_failed",
            {"last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds"}},
            "insufficient_funds",
        ),
        ("payment_intent.payment_failed", {"last_payment_error": {"code": "expired_card"}}, "expired_card"),
        ("payment_intent.payment_failed", {"last_payment_error": None}, None),
        (
            "charge.failed",
            {"failure_code": "card_declined", "outcome": {"reason": "do_not_honor"}},
            "do_not_honor",
        ),
        ("charge.failed", {"failure_code": "expired_card", "outcome": None}, "expired_card"),
        ("payment_intent.succeeded", {"last_payment_error": {"code": "card_declined"}}, None),
        ("payment_intent.payment_failed", {"last_payment_error": {"code": "x" * 65}}, None),
        ("payment_intent.payment_failed", {"last_payment_error": {"code": "nul\0"}}, None),
    ],
    ids=["bank", "card", "nothing", "charge", "charge-card", "no-decline", "too-long", "not-storable"],
)
def test_the_reason_of_a_decline_is_kept_with_its_event(kind, subject, code):
    assert notice_about(kind, **subject).decline_code == code


def test_a_dispute_leads_to_its_charge():
    assert notice_about("charge.dispute.created", charge="ch_1").object_id == "ch_1"
    assert notice_about("charge.succeeded").object_id == "xx_1"
