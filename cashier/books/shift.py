"""A shift, what goes in and out of its drawer beside payments, and how it was counted."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, UtcDateTime, enum_column


class Shift(Base):
    """One drawer from its opening to its closing. Amounts in minor units of ``currency``.

    ``number`` counts the desk's shifts without gaps, those of training downwards from -1. ``expected_minor`` and
    ``counted_minor`` are written once, at the closing, with the head of the journal at that moment: the Z report
    prints it. ``counted_times`` are the counts before that; the Z report left the program ``handed_out_times``, so
    that the next one says which copy it is.
    """

    __tablename__ = "shift"

    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[int] = mapped_column(sa.ForeignKey("desk.id"))
    number: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    float_minor: Mapped[int] = mapped_column(sa.BigInteger)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    expected_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    counted_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    difference_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    difference_approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    journal_number: Mapped[int | None] = mapped_column(sa.BigInteger)
    journal_hash: Mapped[str | None] = mapped_column(sa.String(64))
    facts: Mapped[str | None] = mapped_column(sa.Text)
    counted_times: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    handed_out_times: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))

    __table_args__ = (
        sa.UniqueConstraint("desk_id", "number"),
        sa.CheckConstraint("float_minor >= 0", name="float_not_negative"),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (counted_minor IS NULL) AND (closed_at IS NULL) = (expected_minor IS NULL)",
            name="counted_when_closed",
        ),
        sa.CheckConstraint(
            "difference_approved_by IS NULL OR difference_approved_by <> opened_by", name="two_people"
        ),
        sa.Index(
            "uq_shift_open",
            "desk_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )

    @property
    def is_training(self) -> bool:
        """Tell whether no money moves in it (``books/training.py``)."""
        return self.number < 0


class MovementKind(StrEnum):
    """Which way money goes that belongs to no payment."""

    IN = "in"
    OUT = "out"


class CashMovement(Base):
    """Money put into a drawer or taken out of it, with a reason. ``id`` is made by the window: once is once."""

    __tablename__ = "cash_movement"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    shift_id: Mapped[int] = mapped_column(sa.ForeignKey("shift.id"), index=True)
    kind: Mapped[MovementKind] = mapped_column(enum_column(MovementKind))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(sa.String(200))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_positive"),)


class ShiftCount(Base):
    """How many coins or notes of one value were counted at the closing."""

    __tablename__ = "shift_count"

    shift_id: Mapped[int] = mapped_column(sa.ForeignKey("shift.id"), primary_key=True)
    value_minor: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    pieces: Mapped[int]

    __table_args__ = (sa.CheckConstraint("pieces >= 0", name="pieces_not_negative"),)
