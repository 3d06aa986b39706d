"""A dispute that is lost, as a difference that somebody has to decide about; a returned debit is one at once."""

from __future__ import annotations

from cashier.books.difference import DifferenceKind, Finding
from cashier.books.dispute import Dispute
from cashier.disputes.words import reason_words
from cashier.language import Message, m
from cashier.money import Money


def money_gone(dispute: Dispute) -> Finding:
    """Describe the money that the bank took for good."""
    return Finding(
        kind=DifferenceKind.MONEY_GONE,
        stripe_id=dispute.stripe_id,
        payment_id=dispute.payment_id,
        amount=Money(dispute.amount_minor, dispute.currency),
        happened_at=dispute.learned_at,
        detail=gone_words(dispute.reason).english,
        facts={"reason": dispute.reason},
    )


def gone_words(reason: str) -> Message:
    """Say that it is gone, and why."""
    return m("The bank took it back for good ({reason}).", reason=reason_words(reason))
