"""The hospital (one row), its desks, and where each of them is used just now."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.books.training import CODE_LENGTH_MAX
from cashier.database import Base, LanguageCode, UtcDateTime
from cashier.language import ENGLISH, offered_language


class ReceiptExtra(StrEnum):
    """What stands on a receipt only where the hospital wants it: it tells who somebody is, or what ails them."""

    PATIENT_NAME = "patient_name"
    DATE_OF_BIRTH = "date_of_birth"
    SERVICES = "services"


class Hospital(Base):
    """The hospital as it stands on receipts: one row.

    ``cash_step_minor`` is the smallest coin that is used, where that is not the currency's own; else 0. ``language``
    is read where a person has none of their own, ``paper_language`` (empty: the same one) is what papers are made in.
    ``receipt_extras`` are the codes of what its receipts show beyond what every receipt shows, with blanks between.
    """

    __tablename__ = "hospital"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(sa.String(120))
    legal_name: Mapped[str] = mapped_column(sa.String(160))
    tax_id: Mapped[str] = mapped_column(sa.String(40))
    address: Mapped[str] = mapped_column(sa.String(400))
    phone: Mapped[str] = mapped_column(sa.String(40))
    currency: Mapped[str] = mapped_column(sa.String(3))
    cash_step_minor: Mapped[int] = mapped_column(default=0)
    time_zone: Mapped[str] = mapped_column(sa.String(64))
    receipt_footer: Mapped[str] = mapped_column(sa.String(400))
    language: Mapped[str] = mapped_column(LanguageCode, default="en", server_default="en")
    paper_language: Mapped[str] = mapped_column(LanguageCode, default="", server_default="")
    receipt_extras: Mapped[str] = mapped_column(sa.String(80), default="", server_default="")

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    @property
    def on_receipts(self) -> frozenset[ReceiptExtra]:
        """What its receipts show beyond what every receipt shows, as far as this machine knows it."""
        wanted = self.receipt_extras.split()
        return frozenset(extra for extra in ReceiptExtra if extra in wanted)

    @property
    def printed_texts(self) -> tuple[str, ...]:
        """What was typed and stands on papers."""
        return self.name, self.legal_name, self.tax_id, self.address, self.phone, self.receipt_footer

    @property
    def language_on_paper(self) -> str:
        """The language of papers where nobody asks for another."""
        return offered_language(self.paper_language) or self.spoken_language

    @property
    def spoken_language(self) -> str:
        """The hospital's language, as far as this machine has it: a newer desk may know more languages."""
        return offered_language(self.language) or ENGLISH


class Desk(Base):
    """A cashier's station. ``code`` also names its series of receipt numbers.

    One that is no counter (``is_counter``) is where a client of the API takes payments: no machine is ever it.
    """

    __tablename__ = "desk"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(CODE_LENGTH_MAX), unique=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    is_active: Mapped[bool] = mapped_column(sa.Boolean(name="is_active"))
    is_counter: Mapped[bool] = mapped_column(sa.Boolean(name="is_counter"), default=True, server_default=sa.true())


class DeskUse(Base):
    """Who works at a desk, and where: ``instance`` is the running program, ``machine`` and ``account`` where it runs.

    ``seen_at`` is when that program was last heard of, by the clock of the database.
    """

    __tablename__ = "desk_use"

    desk_id: Mapped[int] = mapped_column(sa.ForeignKey("desk.id"), primary_key=True, autoincrement=False)
    instance: Mapped[str] = mapped_column(sa.String(36))
    machine: Mapped[str] = mapped_column(sa.String(80))
    account: Mapped[str] = mapped_column(sa.String(80))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
