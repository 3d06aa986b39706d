"""Stripe customers and saved card references."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, BigId, UtcDateTime


class StripeCustomer(Base):
    """The one Stripe customer of a patient."""

    __tablename__ = "stripe_customer"

    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), primary_key=True, autoincrement=False)
    stripe_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormerCustomer(Base):
    """A customer that was deleted at Stripe, and is never used for another payment."""

    __tablename__ = "former_customer"

    stripe_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    deleted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedCard(Base):
    """A reference to a card that the patient agreed to keep at Stripe. A removed one stays as history."""

    __tablename__ = "saved_card"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    stripe_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    brand: Mapped[str] = mapped_column(sa.String(24))
    last_four: Mapped[str] = mapped_column(sa.String(4))
    expires_month: Mapped[int] = mapped_column(sa.SmallInteger)
    expires_year: Mapped[int] = mapped_column(sa.SmallInteger)
    is_default: Mapped[bool] = mapped_column(sa.Boolean(name="is_default"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        sa.Index(
            "uq_saved_card_default",
            "patient_id",
            unique=True,
            sqlite_where=sa.text("is_default AND removed_at IS NULL"),
            postgresql_where=sa.text("is_default AND removed_at IS NULL"),
        ),
    )
