"""A member of the staff."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.clock import now
from cashier.database import Base, LanguageCode, UtcDateTime, enum_column


class Role(StrEnum):
    """What a member of the staff may do; of what kind it is."""

    CASHIER = "cashier"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    SERVICE = "service"
    """No person but another system, a client of the API: it never signs in, and its rights are its scopes."""

    @property
    def is_person(self) -> bool:
        """Tell whether somebody of this role can sign in."""
        return self is not Role.SERVICE


class Staff(Base):
    """A member of the staff, signing in by ``sign_in_name`` and PIN (kept as an argon2 hash), or badge and PIN.

    ``badge_digest`` is a digest of the scanned badge, never what stands on it. ``locked_until`` grows with the
    failures; ``locked_at`` is set when there were too many, and only an administrator takes it away. An empty
    ``language`` is the hospital's.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    sign_in_name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(80))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    pin_hash: Mapped[str] = mapped_column(sa.String(200))
    pin_set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    must_change_pin: Mapped[bool] = mapped_column(sa.Boolean(name="must_change_pin"), default=False)
    badge_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    is_active: Mapped[bool] = mapped_column(sa.Boolean(name="is_active"))
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[str] = mapped_column(LanguageCode, default="", server_default="")


class FormerPin(Base):
    """A PIN that somebody had before: it is not taken again soon."""

    __tablename__ = "former_pin"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    pin_hash: Mapped[str] = mapped_column(sa.String(200))
