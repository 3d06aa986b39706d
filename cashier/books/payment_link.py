"""Links to the page on which patients pay one invoice away from every desk."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, UtcDateTime


class PaymentLink(Base):
    """One link to the page of one invoice. Of its secret only a digest is kept (SHA-256, hexadecimal).

    It holds until ``expires_at``, or until somebody ends it (``ended_at``). Payments through it are those of the client
    of the API, and have its ``id`` as what they settle together (``Payment.settlement_id``). ``opened_times`` counts
    how often its page was asked for.
    """

    __tablename__ = "payment_link"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), index=True)
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("api_client.id"))
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_times: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (sa.CheckConstraint("expires_at > created_at", name="expires_later"),)

    def holds_at(self, moment: datetime) -> bool:
        """Tell whether something can be begun by it."""
        return self.ended_at is None and moment < self.expires_at
