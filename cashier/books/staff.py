"""A member of the staff, and by what the database knows who has signed in.

Who signs in is asked for a key that only their PIN makes; what is kept of it is its digest. On PostgreSQL nobody but
the functions of ``schema/signing_in.py`` may look at that, nor at attempts and sessions.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.clock import now
from cashier.database import Base, BigId, LanguageCode, UtcDateTime, enum_column

_ACCOUNT = sa.String(63)
"""The name of an account of PostgreSQL."""
_PARAMETERS = sa.String(60)
"""How a key is derived, such as ``m=65536,t=3,p=4,l=32``: argon2id with KiB of memory, rounds, lanes, bytes."""
_MARK_DIGITS = 16


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
    """A member of the staff, signing in by ``sign_in_name`` and PIN, or badge and PIN.

    ``badge_digest`` is a digest of the scanned badge, never what stands on it. An empty ``language`` is the
    hospital's.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    sign_in_name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    display_name: Mapped[str] = mapped_column(sa.String(80))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    pin_set_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    must_change_pin: Mapped[bool] = mapped_column(sa.Boolean(name="must_change_pin"), default=False)
    badge_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    is_active: Mapped[bool] = mapped_column(sa.Boolean(name="is_active"))
    language: Mapped[str] = mapped_column(LanguageCode, default="", server_default="")


class StaffSecret(Base):
    """What is kept of somebody's PIN, and how often it was mistyped.

    ``verifier`` is the SHA-256 of the key that ``salt`` and ``parameters`` make of the PIN. ``locked_until`` grows
    with the failures; ``locked_at`` is set when there were too many, and only an administrator takes it away.
    ``former_mark`` is by what the journal knew the hash of an older program: where it is filled, the PIN gets another
    salt at the next sign-in, because that hash could be read by every desk.
    """

    __tablename__ = "staff_secret"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary)
    parameters: Mapped[str] = mapped_column(_PARAMETERS)
    verifier: Mapped[bytes] = mapped_column(sa.LargeBinary)
    mark_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    former_mark: Mapped[str | None] = mapped_column(sa.String(_MARK_DIGITS))
    failed_attempts: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def mark(self) -> str:
        """By what the journal names this secret. Who knows the salt cannot guess a PIN by it: its key is secret."""
        made = f"{self.verifier.hex()}.{self.mark_key.hex()}"
        return hashlib.sha256(made.encode()).hexdigest()[:_MARK_DIGITS]


class FormerSecret(Base):
    """What was kept of a PIN that somebody had before: it is not taken again soon."""

    __tablename__ = "former_secret"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    salt: Mapped[bytes] = mapped_column(sa.LargeBinary)
    parameters: Mapped[str] = mapped_column(_PARAMETERS)
    verifier: Mapped[bytes] = mapped_column(sa.LargeBinary)


class StaffAttempt(Base):
    """A key that was shown to PostgreSQL by ``account``: counted first, in a transaction of its own, judged later.

    ``proof`` is its digest, ``made_in`` the number of the transaction that counted it.
    """

    __tablename__ = "staff_attempt"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    desk_id: Mapped[int | None] = mapped_column(sa.ForeignKey("desk.id"))
    account: Mapped[str] = mapped_column(_ACCOUNT)
    proof: Mapped[bytes] = mapped_column(sa.LargeBinary)
    made_in: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffSession(Base):
    """Somebody who proved to PostgreSQL who they are: for one ``purpose``, and at most until ``expires_at``.

    Whoever has the token that ``token_hash`` is the digest of, and comes by the same ``account``, is this person. One
    for approving is used once, for ``subject``; ``ended_in`` is the number of the transaction that used it.
    """

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    desk_id: Mapped[int | None] = mapped_column(sa.ForeignKey("desk.id"))
    account: Mapped[str] = mapped_column(_ACCOUNT)
    purpose: Mapped[str] = mapped_column(sa.String(12))
    subject: Mapped[str] = mapped_column(sa.String(160))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_in: Mapped[int | None] = mapped_column(BigId)


class SaltOfNobody(Base):
    """From what the salt of a name that nobody has is made: one row, so that it is always the same."""

    __tablename__ = "salt_of_nobody"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    secret: Mapped[bytes] = mapped_column(sa.LargeBinary)

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


class AccountKind(Base):
    """Whether an account of PostgreSQL is a desk's or a companion's, as ``cashier migrate --grant-…`` said."""

    __tablename__ = "account_kind"

    account: Mapped[str] = mapped_column(_ACCOUNT, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
