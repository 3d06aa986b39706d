"""Stripe's events, each stored once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, UtcDateTime


class StripeEvent(Base):
    """One event: what happened to which object, and how far we are with it. Never the object itself."""

    __tablename__ = "stripe_event"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(80))
    object_id: Mapped[str] = mapped_column(sa.String(96))
    payment_reference: Mapped[str | None] = mapped_column(sa.String(64))
    api_version: Mapped[str] = mapped_column(sa.String(40))
    livemode: Mapped[bool] = mapped_column(sa.Boolean(name="livemode"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    processed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(200))

    __table_args__ = (
        sa.Index("ix_stripe_event_object_id", "object_id"),
        sa.Index(
            "ix_stripe_event_waiting",
            "received_at",
            sqlite_where=sa.text("processed_at IS NULL"),
            postgresql_where=sa.text("processed_at IS NULL"),
        ),
        sa.Index("ix_stripe_event_created_at", "created_at"),
    )
