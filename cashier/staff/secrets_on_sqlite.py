"""Secrets on SQLite, where whoever has the file has everything: the program itself counts, compares, keeps."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.staff import FormerSecret, SaltOfNobody, Staff, StaffSecret
from cashier.clock import now
from cashier.database import Database
from cashier.staff import pins
from cashier.staff.pins import NewSecret, Salt, digest_of_key, parameters_of_today
from cashier.staff.secrets_kept import (
    DELAY_SECONDS,
    DELAY_SECONDS_MAX,
    FAILURES_FREE,
    FAILURES_MAX,
    Attempt,
    Called,
    Changed,
    Held,
    Lock,
    Purpose,
    Right,
    Wrong,
)


class SecretsOnSqlite:
    """Keeps and judges by itself."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def salt(self, who: Called) -> Salt:
        """Look for the salt; a name without an owner has one that is always the same."""
        async with self._database.reading() as session:
            secret = await _secret_called(session, who)
            if secret is not None:
                return Salt(salt=secret.salt, parameters=secret.parameters)
            nobody = (await session.get_one(SaltOfNobody, 1)).secret
            first = sa.select(StaffSecret.parameters).order_by(StaffSecret.staff_id).limit(1)
            parameters = (await session.execute(first)).scalar() or parameters_of_today()
        drawn = hashlib.sha256(nobody + (who.name or "").encode()).digest()
        return Salt(salt=drawn[:16], parameters=parameters)

    async def attempt(self, who: Called, key: bytes, *, desk_id: int | None) -> Attempt | Held:
        """Count it before the key is looked at."""
        async with self._database.transaction() as session:
            secret = await _secret_called(session, who)
            if secret is None:
                return Attempt(id=uuid.uuid4(), key=key)
            held = _held(secret)
            if held is not None:
                return held
            secret.failed_attempts += 1
            excess = secret.failed_attempts - FAILURES_FREE
            if excess >= 0:
                seconds = min(DELAY_SECONDS * 2**excess, DELAY_SECONDS_MAX)
                secret.locked_until = now() + timedelta(seconds=seconds)
            if secret.failed_attempts >= FAILURES_MAX:
                secret.locked_at = now()
            return Attempt(id=uuid.uuid4(), key=key, staff_id=secret.staff_id)

    async def take(self, attempt: Attempt, purpose: Purpose, *, about: str = "") -> Right | Wrong:
        """Look at the key."""
        async with self._database.transaction() as session:
            secret = await session.get(StaffSecret, attempt.staff_id) if attempt.staff_id is not None else None
            staff = await session.get(Staff, attempt.staff_id) if secret is not None else None
            is_right = secret is not None and hmac.compare_digest(secret.verifier, digest_of_key(attempt.key))
            if secret is None or staff is None or not is_right or not staff.is_active or not staff.role.is_person:
                return Wrong(staff_id=attempt.staff_id, is_locked=secret is not None and secret.locked_at is not None)
            _forgive(secret)
            return Right(
                staff_id=staff.id,
                change_why=_change_why(staff) if purpose in (Purpose.SIGN_IN, Purpose.APPROVE) else "",
                is_outdated=secret.former_mark is not None or secret.parameters != parameters_of_today(),
                token=None,
            )

    async def leave(self) -> None:
        """Nobody is known here by a token."""

    async def renew(self, session: AsyncSession, staff_id: int, made: NewSecret) -> str:
        """Keep another salt."""
        secret = await session.get_one(StaffSecret, staff_id)
        _fill(secret, made)
        await session.flush()
        return secret.mark

    async def own_salts(self, session: AsyncSession, staff_id: int) -> Sequence[Salt]:
        """Look for them, the newest first."""
        had = await _had(session, staff_id)
        return [Salt(salt=each.salt, parameters=each.parameters) for each in had]

    async def change(
        self, session: AsyncSession, staff_id: int, made: NewSecret, known: Sequence[bytes], *, desk_id: int | None
    ) -> Changed | None:
        """Keep the PIN that somebody chose."""
        verifiers = {each.verifier for each in await _had(session, staff_id)}
        if verifiers & {digest_of_key(key) for key in known}:
            return None
        mark = await self._replace(session, staff_id, made, is_first=False)
        return Changed(mark=mark, token=None)

    async def put(self, session: AsyncSession, staff_id: int, made: NewSecret) -> str:
        """Keep a first PIN."""
        return await self._replace(session, staff_id, made, is_first=True)

    async def unlock(self, session: AsyncSession, staff_id: int) -> bool:
        """Forgive."""
        secret = await session.get(StaffSecret, staff_id)
        if secret is None or not (secret.failed_attempts or secret.locked_at is not None):
            return False
        _forgive(secret)
        await session.flush()
        return True

    async def locks(self, session: AsyncSession) -> Mapping[int, Lock]:
        """Look who is locked."""
        held = sa.or_(StaffSecret.locked_at.is_not(None), StaffSecret.locked_until.is_not(None))
        rows = await session.scalars(sa.select(StaffSecret).where(held))
        return {row.staff_id: Lock(locked_at=row.locked_at, locked_until=row.locked_until) for row in rows}

    async def _replace(self, session: AsyncSession, staff_id: int, made: NewSecret, *, is_first: bool) -> str:
        await session.flush()
        staff, secret = await session.get_one(Staff, staff_id), await session.get(StaffSecret, staff_id)
        if secret is None:
            secret = pins.secret_of(staff_id, made)
            session.add(secret)
        else:
            session.add(
                FormerSecret(
                    staff_id=staff_id,
                    set_at=staff.pin_set_at,
                    salt=secret.salt,
                    parameters=secret.parameters,
                    verifier=secret.verifier,
                )
            )
            _fill(secret, made)
            _forgive(secret)
        staff.pin_set_at, staff.must_change_pin = now(), is_first
        await session.flush()
        return secret.mark


async def _secret_called(session: AsyncSession, who: Called) -> StaffSecret | None:
    if who.staff_id is not None:
        return await session.get(StaffSecret, who.staff_id)
    secrets = sa.select(StaffSecret).join(Staff, Staff.id == StaffSecret.staff_id)
    by_name = (await session.execute(secrets.where(Staff.sign_in_name == who.name))).scalar_one_or_none()
    if by_name is not None:
        return by_name
    return (await session.execute(secrets.where(Staff.badge_digest == who.badge_digest))).scalar_one_or_none()


async def _had(session: AsyncSession, staff_id: int) -> list[StaffSecret | FormerSecret]:
    """Return what is kept of somebody's PIN, and of so many before it that are not taken again."""
    former = (
        sa.select(FormerSecret)
        .where(FormerSecret.staff_id == staff_id)
        .order_by(FormerSecret.set_at.desc())
        .limit(pins.FORMER_KEPT)
    )
    return [await session.get_one(StaffSecret, staff_id), *await session.scalars(former)]


def _held(secret: StaffSecret) -> Held | None:
    moment = now()
    waits = secret.locked_until is not None and secret.locked_until > moment
    if not waits and secret.locked_at is None:
        return None
    seconds = int((secret.locked_until - moment).total_seconds()) + 1 if secret.locked_until and waits else 0
    return Held(staff_id=secret.staff_id, wait_seconds=seconds, is_locked=secret.locked_at is not None)


def _change_why(staff: Staff) -> Literal["", "first", "old"]:
    if staff.must_change_pin:
        return "first"
    return "old" if now() - staff.pin_set_at > pins.LIFETIME else ""


def _fill(secret: StaffSecret, made: NewSecret) -> None:
    fresh = pins.secret_of(secret.staff_id, made)
    secret.salt, secret.parameters, secret.verifier = fresh.salt, fresh.parameters, fresh.verifier
    secret.mark_key, secret.former_mark = fresh.mark_key, None


def _forgive(secret: StaffSecret) -> None:
    secret.failed_attempts, secret.locked_until, secret.locked_at = 0, None, None
