"""What Stripe says about a refund, in our words: made by the gateway, taken in by ``Refund.learn``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cashier.money import Money


class RefundStanding(StrEnum):
    """Where a refund stands at Stripe. ``requires_action`` counts as pending: the money has not gone."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class RefundReport:
    """What Stripe says about one refund at one moment.

    ``reference`` is our own refund's id where Stripe's object carries it; a refund made in Stripe's
    dashboard has none. ``payment_reference`` is our payment's id.
    """

    stripe_id: str
    intent_id: str | None
    charge_id: str | None
    standing: RefundStanding
    amount: Money
    failure: str | None
    reference: str | None
    payment_reference: str | None
    created_at: datetime
