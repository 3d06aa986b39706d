"""What proves who somebody is: salts, counted attempts, and what came of them.

PostgreSQL does it by functions, past which no account of a desk gets; on SQLite the program does it itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.database.tokens import Token
from cashier.staff.pins import NewSecret, Salt

FAILURES_FREE = 3
FAILURES_MAX = 10
DELAY_SECONDS = 30
DELAY_SECONDS_MAX = 900


class Purpose(StrEnum):
    """What somebody proves who they are for."""

    SIGN_IN = "sign-in"
    UNLOCK = "unlock"
    """Somebody who signed in before comes back to a locked desk; a PIN that is too old may wait."""
    APPROVE = "approve"
    CHANGE_PIN = "change-pin"


@dataclass(frozen=True, kw_only=True)
class Called:
    """Whom somebody says to be: a member of the staff, else a name or the digest of a badge that says it."""

    staff_id: int | None = None
    name: str | None = None
    badge_digest: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One guess that is counted. ``staff_id`` is whose it may be, as far as the program is told."""

    id: uuid.UUID
    key: bytes = field(repr=False)
    staff_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Held:
    """Nobody may try now: for ``wait_seconds``, or for good where it ``is_locked``."""

    staff_id: int
    wait_seconds: int
    is_locked: bool


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """It was not the key of an active person. ``is_locked``: with this guess, the name is locked for good."""

    staff_id: int | None
    is_locked: bool


@dataclass(frozen=True, kw_only=True)
class Right:
    """It is ``staff_id``. ``change_why`` says why nothing goes on before the PIN is changed; else it is empty.

    ``is_outdated``: the key is not derived as it would be today. ``token`` is what PostgreSQL gave, for the purpose
    or for changing the PIN.
    """

    staff_id: int
    change_why: Literal["", "first", "old"]
    is_outdated: bool
    token: Token | None


@dataclass(frozen=True, kw_only=True)
class Lock:
    """How long somebody may not try: until ``locked_until``, and where ``locked_at`` is filled for good."""

    locked_at: datetime | None = None
    locked_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A PIN was changed: its new mark for the journal, and a token with which its owner is signed in."""

    mark: str
    token: Token | None


class Secrets(Protocol):
    """Keeps what is known of everybody's PIN, and judges attempts."""

    async def salt(self, who: Called) -> Salt:
        """Return with what the key has to be derived; for a name that nobody has, one that is always the same."""

    async def attempt(self, who: Called, key: bytes, *, desk_id: int | None) -> Attempt | Held:
        """Count an attempt as if it were a failure, in a transaction of its own, unless nobody may try now."""

    async def take(self, attempt: Attempt, purpose: Purpose, *, about: str = "") -> Right | Wrong:
        """Say what came of an attempt, once; a right one forgives failures. ``about`` is what is approved."""

    async def leave(self) -> None:
        """End what the token of who signed in here is good for. Safe to repeat."""

    async def renew(self, session: AsyncSession, staff_id: int, made: NewSecret) -> str:
        """Keep the same PIN with another salt, right after its owner signed in; return its new mark."""

    async def own_salts(self, session: AsyncSession, staff_id: int) -> Sequence[Salt]:
        """Return the salts of somebody's PIN and of those that they had before, for who may change it."""

    async def change(
        self, session: AsyncSession, staff_id: int, made: NewSecret, known: Sequence[bytes], *, desk_id: int | None
    ) -> Changed | None:
        """Give somebody the PIN that they chose; None where one of its keys ``known`` is of a PIN that they had."""

    async def put(self, session: AsyncSession, staff_id: int, made: NewSecret) -> str:
        """Give somebody a PIN that they have to change, forgive failures, return its mark. For administrators."""

    async def unlock(self, session: AsyncSession, staff_id: int) -> bool:
        """Forgive failures; tell whether there were any. For administrators."""

    async def locks(self, session: AsyncSession) -> Mapping[int, Lock]:
        """Return who may not try now. For administrators."""
