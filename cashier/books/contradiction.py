"""What contradicts Stripe: codes and amounts that are compared, and the sentence that a supervisor reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.errors import Contradiction
from cashier.language import NOTHING, Message, m, verbatim
from cashier.money import Money

_LENGTH_MAX = 200


class ContradictionCode(StrEnum):
    """How Stripe's word and our books can differ about one payment or refund."""

    CANCELLED_AFTER_PAID = "cancelled_after_paid"
    OTHER_AMOUNT_CHARGED = "other_amount_charged"
    PAID_AFTER_CANCELLED = "paid_after_cancelled"
    OTHER_AMOUNT_REFUNDED = "other_amount_refunded"
    TWO_AT_STRIPE = "two_at_stripe"
    REFUNDED_TWICE = "refunded_twice"
    REFUNDED_AFTER_FAILED = "refunded_after_failed"


def _words_of(code: ContradictionCode, amounts: Mapping[str, Money]) -> Message:
    """Write what a person reads; raises ``KeyError`` without the amounts that it names."""
    match code:
        case ContradictionCode.CANCELLED_AFTER_PAID:
            return m("Stripe says cancelled, but this payment is already paid.")
        case ContradictionCode.OTHER_AMOUNT_CHARGED:
            told, asked = amounts["told"], amounts["asked"]
            return m("Stripe charged {told} where {asked} was asked for.", told=told, asked=asked)
        case ContradictionCode.PAID_AFTER_CANCELLED:
            return m("It was paid after it had been taken for cancelled.")
        case ContradictionCode.OTHER_AMOUNT_REFUNDED:
            told, asked = amounts["told"], amounts["asked"]
            return m("Stripe refunded {told} where {asked} was asked for.", told=told, asked=asked)
        case ContradictionCode.TWO_AT_STRIPE:
            return m("Two refunds at Stripe belong to one of ours.")
        case ContradictionCode.REFUNDED_TWICE:
            told, left = amounts["told"], amounts["left"]
            return m("Stripe refunded {told} where only {left} were left of the payment.", told=told, left=left)
        case ContradictionCode.REFUNDED_AFTER_FAILED:
            return m("It was refunded after it had been taken for failed.")


class Disagreement(Contradiction):
    """Stripe and our books disagree about one payment or refund."""

    default = m("Stripe and our books disagree.")

    def __init__(self, code: ContradictionCode, *, advice: Message = NOTHING, **amounts: Money) -> None:
        """Keep ``code`` and the ``amounts`` that its words name."""
        self.code = code
        self.amounts: Mapping[str, Money] = amounts
        super().__init__(_words_of(code, amounts), advice=advice)


class MayContradict:
    """Columns of a row that Stripe may contradict, for a supervisor to look at.

    ``contradiction`` is the sentence as it was said at the time, for the release before and as evidence. What is
    compared is ``contradiction_code`` with ``contradiction_values`` (amounts as JSON); both are None where a program
    of that release wrote a sentence with amounts.
    """

    contradiction: Mapped[str | None] = mapped_column(sa.String(_LENGTH_MAX))
    contradiction_code: Mapped[str | None] = mapped_column(sa.String(32))
    contradiction_values: Mapped[str | None] = mapped_column(sa.Text)

    def keep_contradiction(self, found: Disagreement) -> bool:
        """Keep what was found; return False when it is known already."""
        values = frozen_amounts(found.amounts)
        # Without values it was filled in by a migration, from a sentence that nobody takes apart.
        if self.contradiction_code == found.code and self.contradiction_values in (None, values):
            return False
        self.contradiction = found.message.english[:_LENGTH_MAX]
        self.contradiction_code, self.contradiction_values = str(found.code), values
        return True

    @property
    def contradiction_words(self) -> Message | None:
        """What a person reads of it; None where nothing contradicts.

        Where code or amounts are not known here, that is the sentence as it was kept.
        """
        try:
            return words_of(self.contradiction_code, self.contradiction_values)
        except (KeyError, ValueError):
            return verbatim(self.contradiction) if self.contradiction else None


def words_of(code: str | None, values: str | None) -> Message:
    """Write what a person reads of ``contradiction_code`` and ``contradiction_values``.

    Raises ``ValueError`` for a code that is not known here, and ``KeyError`` without the amounts that it names.
    """
    return _words_of(ContradictionCode(code or ""), _thawed(values or "{}"))


def frozen_amounts(amounts: Mapping[str, Money]) -> str:
    """Write amounts as ``words_of`` reads them."""
    values = {
        name: {"amount_minor": amount.amount_minor, "currency": amount.currency} for name, amount in amounts.items()
    }
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def _thawed(values: str) -> dict[str, Money]:
    return {name: Money(each["amount_minor"], each["currency"]) for name, each in json.loads(values).items()}
