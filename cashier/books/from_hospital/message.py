"""Messages of HL7, each stored once: as it came, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.database import Base, BigId, UtcDateTime, enum_column


class Hl7State(StrEnum):
    """What became of a message."""

    RECEIVED = "received"
    """It is stored, and nobody came to its end yet: it is repeated by its sender, or tried again by a person."""
    REFUSED = "refused"
    """It could not be taken in; a person has to settle it."""
    TAKEN_IN = "taken_in"
    SET_ASIDE = "set_aside"
    """A person decided that it is not taken in."""


class Hl7Message(Base):
    """One message, by the sender's names and its own (MSH-3, MSH-4, MSH-10) and by its digest (SHA-256, hexadecimal).

    ``content`` is as it came, patients' data with it: it is shown to people who may see it, and never logged.
    ``about`` names the invoice or record that it is about, ``sent_at`` are the digits of MSH-7. ``problem`` says, in
    English and without what stood there, why it was refused, at which place (``problem_at``).
    """

    __tablename__ = "hl7_message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    application: Mapped[str] = mapped_column(sa.String(199))
    facility: Mapped[str] = mapped_column(sa.String(199))
    control_id: Mapped[str] = mapped_column(sa.String(199))
    digest: Mapped[str] = mapped_column(sa.String(64))
    kind: Mapped[str] = mapped_column(sa.String(20))
    sent_at: Mapped[str] = mapped_column(sa.String(14))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[Hl7State] = mapped_column(enum_column(Hl7State))
    about: Mapped[str] = mapped_column(sa.String(80), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    problem_code: Mapped[str] = mapped_column(sa.String(8), default="")
    problem_at: Mapped[str] = mapped_column(sa.String(40), default="")
    problem: Mapped[str] = mapped_column(sa.String(400), default="")
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))

    __table_args__ = (
        sa.UniqueConstraint("application", "facility", "control_id", "digest"),
        sa.CheckConstraint("(state IN ('taken_in', 'set_aside')) = (settled_at IS NOT NULL)", name="settled_when"),
        sa.CheckConstraint("state <> 'set_aside' OR settled_by IS NOT NULL", name="set_aside_by"),
        sa.Index("ix_hl7_message_about", "about"),
        sa.Index(
            "ix_hl7_message_waiting",
            "id",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        ),
    )
