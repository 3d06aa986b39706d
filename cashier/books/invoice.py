"""Patients, invoices and their lines, and the words and keys by which they are found."""

from __future__ import annotations

import unicodedata
import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashier.database import Base, BigId, UtcDateTime, enum_column
from cashier.identifiers import new_id

# Beginnings of words are found by a range, which needs plain byte order on PostgreSQL too.
_Word = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")


def tidied(number: str) -> str:
    """Return an invoice's or a record number as it is kept, so that one number, written in two ways, is one.

    In Unicode's composed form (NFC), without blanks around it, and with one plain blank where there are some.
    """
    return " ".join(unicodedata.normalize("NFC", number).split())


class InvoiceStatus(StrEnum):
    """Where an invoice stands. Whatever is not cancelled follows from the balance."""

    DUE = "due"
    PART_PAID = "part_paid"
    PAID = "paid"
    CANCELLED = "cancelled"
    CREDIT = "credit"
    """A credit note of which something is left."""
    CREDIT_USED = "credit_used"
    """A credit note of which nothing is left."""


class Patient(Base):
    """A patient as the hospital's system names one. ``reference`` is the only thing that Stripe hears of.

    ``born`` tells apart who is called the same; None where the hospital's system never said it. A record that the
    hospital merged stays, and ``merged_into_id`` leads to the patient that it was merged into, who was not.
    """

    __tablename__ = "patient"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # A sentinel lets SQLAlchemy insert many rows at once on SQLite and still tell their keys apart:
    # https://docs.sqlalchemy.org/en/20/core/connections.html#configuring-sentinel-columns
    reference: Mapped[uuid.UUID] = mapped_column(sa.Uuid, unique=True, default=new_id, insert_sentinel=True)
    record_number: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name: Mapped[str] = mapped_column(sa.String(160))
    born: Mapped[date | None] = mapped_column(sa.Date)
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    email: Mapped[str] = mapped_column(sa.String(160), default="")
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("patient.id"))

    __table_args__ = (
        sa.CheckConstraint("merged_into_id <> id", name="merged_into_another"),
        sa.Index(
            "ix_patient_merged_into_id",
            "merged_into_id",
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        ),
    )


class Invoice(Base):
    """What a patient owes. The balance is kept in the transaction that settles a payment.

    ``paid_minor`` is what allocations add up to; ``returned_minor`` was given back for good, so that it is
    not owed again. A credit note is an invoice of less than nothing: what the hospital owes the patient. Its balance,
    below zero, is what is left of that, and ``paid_minor`` below zero what was used.
    """

    __tablename__ = "invoice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(40), unique=True, insert_sentinel=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    department: Mapped[str] = mapped_column(sa.String(80))
    currency: Mapped[str] = mapped_column(sa.String(3))
    issued_on: Mapped[date] = mapped_column(sa.Date)
    due_on: Mapped[date] = mapped_column(sa.Date)
    total_minor: Mapped[int] = mapped_column(sa.BigInteger)
    insurer: Mapped[str] = mapped_column(sa.String(120), default="")
    insurer_share_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    paid_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    returned_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    balance_minor: Mapped[int] = mapped_column(sa.BigInteger)
    status: Mapped[InvoiceStatus] = mapped_column(enum_column(InvoiceStatus))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship(lazy="raise")
    lines: Mapped[list[InvoiceLine]] = relationship(lazy="raise", order_by="InvoiceLine.position")

    __table_args__ = (
        sa.CheckConstraint("total_minor >= 0 OR returned_minor = 0", name="credit_not_returned"),
        sa.CheckConstraint(
            "total_minor >= 0 AND insurer_share_minor BETWEEN 0 AND total_minor "
            "OR total_minor < 0 AND insurer_share_minor BETWEEN total_minor AND 0",
            name="share_within_total",
        ),
        sa.CheckConstraint(
            "total_minor >= 0 AND paid_minor >= 0 OR total_minor < 0 AND paid_minor <= 0", name="paid_by_kind"
        ),
        sa.CheckConstraint(
            "total_minor >= 0 AND balance_minor >= 0 OR total_minor < 0 AND balance_minor <= 0",
            name="balance_by_kind",
        ),
        sa.CheckConstraint("returned_minor >= 0", name="returned_not_negative"),
        sa.CheckConstraint(
            "balance_minor = total_minor - insurer_share_minor - paid_minor - returned_minor", name="balance_adds_up"
        ),
        sa.Index("ix_invoice_status_id", "status", "id"),
        # What the invoices of many patients are narrowed and sorted by, without a look at any of them.
        sa.Index("ix_invoice_patient_id_status_id", "patient_id", "status", "id"),
    )

    @property
    def room_minor(self) -> int:
        """How much money it can take now: its balance, and nothing when it is cancelled or a credit note."""
        return 0 if self.status is InvoiceStatus.CANCELLED else max(0, self.balance_minor)

    @property
    def credit_minor(self) -> int:
        """How much credit is left of it; nothing of an invoice, or when it is cancelled."""
        return 0 if self.status is InvoiceStatus.CANCELLED else max(0, -self.balance_minor)

    @property
    def owed_minor(self) -> int:
        """How much the patient owed of it at first, below zero for a credit note; nothing when it is cancelled."""
        return 0 if self.status is InvoiceStatus.CANCELLED else self.total_minor - self.insurer_share_minor

    @property
    def insured_minor(self) -> int:
        """How much of it the insurer owes; nothing when it is cancelled."""
        return 0 if self.status is InvoiceStatus.CANCELLED else self.insurer_share_minor

    @property
    def given_minor(self) -> int:
        """How much credit it came to at first; nothing of an invoice, or when it is cancelled."""
        return max(0, -self.owed_minor)

    @property
    def is_credit_note(self) -> bool:
        """Tell whether the hospital owes it to the patient."""
        return self.total_minor < 0

    def keep_balance(self) -> None:
        """Make balance and status follow from total, insurer's share and what is paid."""
        self.balance_minor = self.total_minor - self.insurer_share_minor - self.paid_minor - self.returned_minor
        if self.status is InvoiceStatus.CANCELLED:
            return
        if self.is_credit_note:
            self.status = InvoiceStatus.CREDIT if self.balance_minor else InvoiceStatus.CREDIT_USED
        elif self.balance_minor == 0:
            self.status = InvoiceStatus.PAID
        else:
            self.status = InvoiceStatus.PART_PAID if self.paid_minor else InvoiceStatus.DUE


class InvoiceLine(Base):
    """One service on an invoice; amounts are in the minor unit of the invoice's currency."""

    __tablename__ = "invoice_line"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"))
    position: Mapped[int]
    description: Mapped[str] = mapped_column(sa.String(200))
    quantity_milli: Mapped[int] = mapped_column(sa.BigInteger)
    unit_price_minor: Mapped[int] = mapped_column(sa.BigInteger)
    tax_basis_points: Mapped[int]
    tax_minor: Mapped[int] = mapped_column(sa.BigInteger)
    total_minor: Mapped[int] = mapped_column(sa.BigInteger)

    __table_args__ = (sa.UniqueConstraint("invoice_id", "position"),)


class InvoiceWord(Base):
    """A word by which programs of the release before find an invoice; still written for them."""

    __tablename__ = "invoice_word"

    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), primary_key=True)
    word: Mapped[str] = mapped_column(_Word, primary_key=True)

    __table_args__ = (sa.Index("ix_invoice_word_word_invoice_id", "word", "invoice_id"),)


class PatientWord(Base):
    """A word by which a patient, and so each of the patient's invoices, is found; see ``invoices/spelling.py``."""

    __tablename__ = "patient_word"

    word: Mapped[str] = mapped_column(_Word, primary_key=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), primary_key=True)

    __table_args__ = (
        sa.Index("ix_patient_word_patient_id_word", "patient_id", "word"),
        {"sqlite_with_rowid": False},
    )


class InvoiceKey(Base):
    """A key by which an invoice is found: its number, whole or from one of its parts on."""

    __tablename__ = "invoice_key"

    key: Mapped[str] = mapped_column(_Word, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), primary_key=True)
    is_whole: Mapped[bool]

    __table_args__ = (
        sa.Index("ix_invoice_key_invoice_id_key", "invoice_id", "key"),
        {"sqlite_with_rowid": False},
    )
