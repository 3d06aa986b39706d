"""Receipts, their number series, their stored documents and every print of them."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, BigId, UtcDateTime


class ReceiptSeries(Base):
    """The last number given in a desk's series; its row is locked while the next is taken: no gaps."""

    __tablename__ = "receipt_series"

    code: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    last_number: Mapped[int] = mapped_column(sa.BigInteger)


class Receipt(Base):
    """A receipt: its number and its facts, frozen when it was issued (JSON, see ``facts.py``)."""

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    series: Mapped[str] = mapped_column(sa.ForeignKey("receipt_series.code"))
    number: Mapped[int] = mapped_column(sa.BigInteger)
    payment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payment.id"), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    facts: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (
        sa.UniqueConstraint("series", "number"),
        sa.CheckConstraint("number > 0", name="number_positive"),
    )

    @property
    def full_number(self) -> str:
        """The number as it stands on the paper: series and six digits, ``D1-000042``."""
        return f"{self.series}-{self.number:06d}"


class ReceiptDocument(Base):
    """The receipt as PDF, stored at its first use; every reprint is these bytes."""

    __tablename__ = "receipt_document"

    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), primary_key=True, autoincrement=False)
    pdf: Mapped[bytes] = mapped_column(sa.LargeBinary)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReceiptPrint(Base):
    """One handing-out of a receipt: ``copy`` 0 is the original, every other says COPY with this number."""

    __tablename__ = "receipt_print"

    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), primary_key=True)
    copy: Mapped[int] = mapped_column(primary_key=True)
    printed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    desk_id: Mapped[int | None] = mapped_column(sa.ForeignKey("desk.id"))
