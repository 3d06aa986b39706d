"""Receipts, their number series, their stored documents and every print of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.books.training import SERIES_LENGTH_MAX
from cashier.database import Base, BigId, LanguageCode, UtcDateTime, enum_column


class ReceiptSeries(Base):
    """The last number given in a desk's series; its row is locked while the next is taken: no gaps.

    A desk has a second one for training (``books/training.py``).
    """

    __tablename__ = "receipt_series"

    code: Mapped[str] = mapped_column(sa.String(SERIES_LENGTH_MAX), primary_key=True)
    last_number: Mapped[int] = mapped_column(sa.BigInteger)


class ReceiptKind(StrEnum):
    """What a receipt tells: money came, went back, returned after that, or is owed again because the bank took it."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    REVERSAL = "reversal"


class Receipt(Base):
    """A receipt: its number and its facts, frozen when it was issued (JSON, see ``facts.py``).

    ``amount_minor`` is positive where money came in and negative where it went out, or was taken by a bank.
    """

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    series: Mapped[str] = mapped_column(sa.ForeignKey("receipt_series.code"))
    number: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[ReceiptKind] = mapped_column(enum_column(ReceiptKind))
    payment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    refund_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("refund.id"))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    facts: Mapped[str] = mapped_column(sa.Text)
    reversal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reversal.id"))

    __table_args__ = (
        sa.UniqueConstraint("series", "number"),
        sa.UniqueConstraint("refund_id", "kind"),
        sa.CheckConstraint("number > 0", name="number_positive"),
        sa.CheckConstraint("(kind IN ('refund', 'refund_failed')) = (refund_id IS NOT NULL)", name="refund_named"),
        sa.CheckConstraint("(kind = 'reversal') = (reversal_id IS NOT NULL)", name="reversal_named"),
        sa.CheckConstraint("(kind IN ('refund', 'reversal')) = (amount_minor < 0)", name="sign_by_kind"),
        sa.Index(
            "uq_receipt_reversal_id",
            "reversal_id",
            unique=True,
            sqlite_where=sa.text("reversal_id IS NOT NULL"),
            postgresql_where=sa.text("reversal_id IS NOT NULL"),
        ),
        sa.Index(
            "uq_receipt_of_payment",
            "payment_id",
            unique=True,
            sqlite_where=sa.text("kind = 'payment'"),
            postgresql_where=sa.text("kind = 'payment'"),
        ),
    )

    @property
    def full_number(self) -> str:
        """The number as it stands on the paper: series and six digits, ``D1-000042``."""
        return full_number_of(self.series, self.number)


def full_number_of(series: str, number: int) -> str:
    """Write a receipt's number as it stands on the paper."""
    return f"{series}-{number:06d}"


class ReceiptDocument(Base):
    """The receipt as PDF, stored at its first use in the ``language`` asked for then; reprints are these bytes."""

    __tablename__ = "receipt_document"

    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), primary_key=True, autoincrement=False)
    pdf: Mapped[bytes] = mapped_column(sa.LargeBinary)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    language: Mapped[str] = mapped_column(LanguageCode, default="en", server_default="en")


class ReceiptTranslation(Base):
    """The receipt in another language than it has at first, stored when somebody asks for it; kept as it is."""

    __tablename__ = "receipt_translation"

    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(LanguageCode, primary_key=True)
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
