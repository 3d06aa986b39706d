"""Events that other systems are told of: one row for each, written by the database itself where money moves.

Triggers write them (``books/schema/tellers.py``), in the transaction that moves the money, whoever moves it, by
whatever statement. So there is no event without its money, and no money without its event.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, BigId, UtcDateTime, enum_column


class EventKind(StrEnum):
    """What may have happened. The values are what other systems read, and never change."""

    PAYMENT_SETTLED = "payment.settled"
    PAYMENT_FAILED = "payment.failed"
    """It ended without money."""
    DEPOSIT_TAKEN = "deposit.taken"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    """The money did not go, or came back."""
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_CHANGED = "dispute.changed"
    DISPUTE_CLOSED = "dispute.closed"
    INVOICE_BALANCE_CHANGED = "invoice.balance_changed"


class OutgoingEvent(Base):
    """One thing that happened to money: which, how much and in which state. Never a name, never what it was for.

    ``number`` is taken while the transaction runs, so a later one may commit earlier. ``position`` is given after the
    commit, one by one and without gaps: whoever read up to one has missed nothing before it. ``amount_minor`` is of
    an invoice what is left to be paid. ``reason`` is the code of a decline or of a dispute. It is about an invoice or
    about a payment, and what is about one of them is told in the order of ``number``.
    """

    __tablename__ = "outgoing_event"

    number: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True)
    kind: Mapped[EventKind] = mapped_column(enum_column(EventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    invoice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invoice.id"))
    payment_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("payment.id"))
    refund_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("refund.id"))
    dispute_id: Mapped[str | None] = mapped_column(sa.ForeignKey("dispute.stripe_id"))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    state: Mapped[str] = mapped_column(sa.String(64))
    tender: Mapped[str | None] = mapped_column(sa.String(24))
    reason: Mapped[str | None] = mapped_column(sa.String(64))
    position: Mapped[int | None] = mapped_column(sa.BigInteger, unique=True)

    __table_args__ = (
        sa.CheckConstraint("(invoice_id IS NULL) <> (payment_id IS NULL)", name="about_one_thing"),
        sa.Index(
            "ix_outgoing_event_without_position",
            "number",
            sqlite_where=sa.text("position IS NULL"),
            postgresql_where=sa.text("position IS NULL"),
        ),
    )


class OutgoingHead(Base):
    """The last position that was given: one row, there since the migration, locked while positions are given.

    ``since`` is when events began to be written: what happened before has none.
    """

    __tablename__ = "outgoing_head"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(sa.BigInteger)
    since: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)
