"""A difference between Stripe and us: found once, shown until a supervisor has settled it."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, BigId, UtcDateTime, enum_column

RESOLUTION_LENGTH_MAX = 400


class DifferenceKind(StrEnum):
    """What is different."""

    UNKNOWN_CHARGE = "unknown_charge"
    """Charged at Stripe, and no payment of ours."""
    MISSING_CHARGE = "missing_charge"
    """Paid here, and no charge at Stripe."""
    AMOUNT_DIFFERS = "amount_differs"
    LATE_PAYMENT = "late_payment"
    """Paid after we had taken it for cancelled."""
    OVERPAID = "overpaid"
    """Paid, but its invoices were not due any more: probably paid twice."""
    REFUNDED_ELSEWHERE = "refunded_elsewhere"
    """Refunded in Stripe's dashboard."""
    REFUND_DIFFERS = "refund_differs"
    DISPUTED = "disputed"


class Difference(Base):
    """One difference. ``stripe_id`` and ``kind`` are its identity, so it is found once however often we look.

    ``facts`` (JSON) are what its words name. ``detail`` is the sentence as it was said at the time, for the release
    before and as evidence; it is what is read where a program of that release found the difference.
    """

    __tablename__ = "difference"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[DifferenceKind] = mapped_column(enum_column(DifferenceKind))
    stripe_id: Mapped[str] = mapped_column(sa.String(96))
    payment_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("payment.id"))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    detail: Mapped[str] = mapped_column(sa.String(300))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    resolution: Mapped[str | None] = mapped_column(sa.String(RESOLUTION_LENGTH_MAX))
    facts: Mapped[str | None] = mapped_column(sa.Text)

    __table_args__ = (
        sa.UniqueConstraint("kind", "stripe_id"),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL) AND (resolved_at IS NULL) = (resolution IS NULL)",
            name="resolved_by_somebody",
        ),
    )


class Comparison(Base):
    """What was compared with Stripe without a gap (one row), and when that last came to its end.

    The counts are of the newest comparison: charges and disputes of other programs that were left out, and what could
    not be compared by itself.
    """

    __tablename__ = "comparison"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    compared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    foreign_charges: Mapped[int] = mapped_column(default=0, server_default="0")
    foreign_disputes: Mapped[int] = mapped_column(default=0, server_default="0")
    set_aside: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)
