"""A dispute, as Stripe tells of it, and what a supervisor decided about money that went away again."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, BigId, UtcDateTime, enum_column
from cashier.money import Money

HOLDS_THE_MONEY = frozenset({"needs_response", "under_review", "lost"})
"""The statuses in which the bank has taken the money back. A mere inquiry (``warning_…``) leaves it with us.

https://docs.stripe.com/api/disputes/object#dispute_object-status
"""
ENDED = frozenset({"won", "lost", "warning_closed", "prevented"})
"""The statuses in which nothing more is to be answered."""
WANTS_ANSWER = frozenset({"needs_response", "warning_needs_response"})
"""The statuses in which the bank waits for our evidence."""
LOST = frozenset({"lost"})
"""The statuses in which the bank has the money for good."""
LEAVES_THE_MONEY = ENDED - HOLDS_THE_MONEY
"""The statuses in which it is over, and the money is ours."""
REASON_LENGTH_MAX = 400
"""How long the reason of a decision may be."""


class Dispute(Base):
    """A cardholder contests a charge. ``reason`` and ``status`` are Stripe's words; ``respond_by`` is the deadline.

    ``evidence_sent_at`` is when a supervisor had our evidence handed to the bank, which is done once.
    https://docs.stripe.com/disputes
    """

    __tablename__ = "dispute"

    stripe_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    reason: Mapped[str] = mapped_column(sa.String(64))
    status: Mapped[str] = mapped_column(sa.String(64))
    respond_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    learned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    evidence_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReversalOutcome(StrEnum):
    """Who bears it: of a lost dispute the patient, who owes it again, or the hospital; of a refund the other way."""

    OWED_AGAIN = "owed_again"
    WRITTEN_OFF = "written_off"


class Reversal(Base):
    """A decision about a lost dispute (a returned debit is one), or about a refund that came back. Never changed.

    Of a dispute, money that is owed again is taken off what the payment counted towards, in the same transaction. Of
    a refund, what came back counts again already: ``owed_again`` says that the patient is still to have it, and
    ``written_off`` that it stays with the hospital. ``desk_id`` is where it was decided.
    """

    __tablename__ = "reversal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    dispute_id: Mapped[str | None] = mapped_column(sa.ForeignKey("dispute.stripe_id"), unique=True)
    refund_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("refund.id"), unique=True)
    outcome: Mapped[ReversalOutcome] = mapped_column(enum_column(ReversalOutcome))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    reason: Mapped[str] = mapped_column(sa.String(REASON_LENGTH_MAX))
    decided_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    desk_id: Mapped[int] = mapped_column(sa.ForeignKey("desk.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("(dispute_id IS NULL) <> (refund_id IS NULL)", name="about_one_thing"),
    )

    @property
    def amount(self) -> Money:
        """How much it is about."""
        return Money(self.amount_minor, self.currency)

    @property
    def takes_money(self) -> bool:
        """Tell whether it took money off the invoices and the account."""
        return self.dispute_id is not None and self.outcome is ReversalOutcome.OWED_AGAIN
