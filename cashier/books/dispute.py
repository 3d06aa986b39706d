"""A dispute, as Stripe tells of it."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, UtcDateTime

HOLDS_THE_MONEY = frozenset({"needs_response", "under_review", "lost"})
"""The statuses in which the bank has taken the money back. A mere inquiry (``warning_…``) leaves it with us.

https://docs.stripe.com/api/disputes/object#dispute_object-status
"""
ENDED = frozenset({"won", "lost", "warning_closed", "prevented"})
"""The statuses in which nothing more is to be answered."""
LEAVES_THE_MONEY = ENDED - HOLDS_THE_MONEY
"""The statuses in which it is over, and the money is ours."""


class Dispute(Base):
    """A cardholder contests a charge. ``reason`` and ``status`` are Stripe's words; ``respond_by`` is the deadline.

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
