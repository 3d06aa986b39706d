"""What windows order and see of money that went away again: immutable values."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from cashier.books.dispute import ReversalOutcome
from cashier.money import Money
from cashier.patients.identity import PatientIdentity


@dataclass(frozen=True, kw_only=True)
class ReversalOrder:
    """What a supervisor decides about a difference: who bears the money, and why."""

    difference_id: int
    outcome: ReversalOutcome
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReversalShare:
    """So much of the money had counted towards this invoice."""

    invoice_id: int
    invoice_number: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class ReversalQuestion:
    """What is to be decided. ``is_refund``: it is money that did not arrive at the patient.

    ``shares`` and ``loose`` (from the patient's account) are what is owed again, if that is decided.
    """

    difference_id: int
    payment_id: uuid.UUID
    amount: Money
    is_refund: bool
    patient: PatientIdentity
    shares: tuple[ReversalShare, ...]
    loose: Money

    @property
    def counted(self) -> Money:
        """How much of it still counts towards something, and so can be owed again."""
        return self.loose + Money(sum(share.amount.amount_minor for share in self.shares), self.amount.currency)


@dataclass(frozen=True, kw_only=True)
class ReversalView:
    """A decision as it stands; ``decider`` is a name. With a receipt where money is owed again."""

    id: int
    payment_id: uuid.UUID
    outcome: ReversalOutcome
    amount: Money
    is_refund: bool
    reason: str
    decided_by: int
    decider: str
    decided_at: datetime
    receipt_id: int | None
    receipt_number: str | None
