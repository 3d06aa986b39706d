"""Stripe's events, each stored once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, UtcDateTime


def _waiting(name: str, *columns: str) -> sa.Index:
    """Index only what is not processed yet: a few among millions."""
    where = sa.text("processed_at IS NULL")
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


class StripeEvent(Base):
    """One event: what happened to which object, and how far we are with it. Never the object itself.

    ``decline_code`` is kept for the payment's history: Stripe's object only tells the last one.

    ``due_at`` is its next turn. Whoever takes the event puts it off a little, so that nobody else takes it
    meanwhile, and somebody does when its taker dies.
    """

    __tablename__ = "stripe_event"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(80))
    object_id: Mapped[str] = mapped_column(sa.String(96))
    payment_reference: Mapped[str | None] = mapped_column(sa.String(64))
    decline_code: Mapped[str | None] = mapped_column(sa.String(64))
    api_version: Mapped[str] = mapped_column(sa.String(40))
    livemode: Mapped[bool] = mapped_column(sa.Boolean(name="livemode"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    processed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(200))

    __table_args__ = (
        _waiting("ix_stripe_event_waiting", "attempts", "received_at"),
        _waiting("ix_stripe_event_waiting_object", "object_id"),
        _waiting("ix_stripe_event_waiting_payment", "payment_reference"),
        sa.Index("ix_stripe_event_created_at", "created_at"),
        sa.Index("ix_stripe_event_payment_reference", "payment_reference"),
        sa.Index("ix_stripe_event_object_id", "object_id"),
    )
