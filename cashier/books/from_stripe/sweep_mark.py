"""How far Stripe's list of events was read."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, UtcDateTime


class SweepMark(Base):
    """Up to where Stripe's events were read: one row."""

    __tablename__ = "sweep_mark"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    read_until: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)
