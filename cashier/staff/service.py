"""Signing in: by name and PIN, with a growing delay after failures that counts across all desks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import argon2
import sqlalchemy as sa

from cashier import journal
from cashier.database import ROW_LOCK, Database, now
from cashier.errors import Refused
from cashier.staff.model import Role, Staff

_FAILURES_FREE = 3
_LOCK_SECONDS = 30
_LOCK_SECONDS_MAX = 900

_hasher = argon2.PasswordHasher()
# Checked against when nobody has that name, so that a wrong name takes as long as a wrong PIN.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$Iwsl/4033204ZX0wKM5dcg$9Epp6FQeqy6j/xOzFFC4L3Y48mUq16MpKV4Gvg0iAh4"


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is at the desk."""

    staff_id: int
    display_name: str
    role: Role


def hash_pin(pin: str) -> str:
    """Hash a PIN or password for keeping (argon2id). Raises ``Refused`` when it is shorter than four characters."""
    if len(pin) < 4:
        raise Refused("This PIN is too short.", advice="Use at least four digits.")
    return _hasher.hash(pin)


class StaffService:
    """Who may sign in."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def sign_in(self, name: str, pin: str, *, desk_id: int | None) -> SignedIn:
        """Return who this is. Raises ``Refused`` for a wrong name or PIN (the same words for both) or a lock.

        The first three failures in a row are free; after that each locks the name for longer, up to 15 minutes.
        """
        return await self._note_success(await self._identify(name, pin, desk_id), pin, desk_id, "signed in")

    async def step_up(self, name: str, pin: str, *, desk_id: int | None) -> SignedIn:
        """Return who confirms something at a desk where somebody else is signed in, and stays so.

        What counts for signing in counts here: raises ``Refused`` as ``sign_in`` does, and failures lock the name.
        Whether this person may do it is asked by what is confirmed.
        """
        return await self._note_success(await self._identify(name, pin, desk_id), pin, desk_id, "stepped up")

    async def _identify(self, name: str, pin: str, desk_id: int | None) -> Staff:
        async with self._database.reading() as session:
            found = (
                await session.execute(sa.select(Staff).where(Staff.sign_in_name == name.strip().casefold()))
            ).scalar_one_or_none()
        if found is not None and found.locked_until is not None and found.locked_until > now():
            wait = int((found.locked_until - now()).total_seconds()) + 1
            raise Refused("Too many wrong PINs.", advice=f"Wait {wait} seconds, or ask an administrator.")
        # argon2 takes some 50 ms of processor time on purpose: not on the thread that serves everybody.
        matches = await asyncio.to_thread(_verify, found.pin_hash if found is not None else _NOBODY, pin)
        if found is None or not matches or not found.is_active:
            await self._note_failure(found, name, desk_id)
            raise Refused("Name or PIN is wrong.", advice="Try again.")
        return found

    async def _note_failure(self, found: Staff | None, name: str, desk_id: int | None) -> None:
        async with self._database.transaction() as session:
            if found is not None:
                staff = await session.get_one(Staff, found.id, with_for_update=ROW_LOCK)
                staff.failed_attempts += 1
                excess = staff.failed_attempts - _FAILURES_FREE
                if excess >= 0:
                    seconds = min(_LOCK_SECONDS * 2**excess, _LOCK_SECONDS_MAX)
                    staff.locked_until = now() + timedelta(seconds=seconds)
            await journal.record(
                session,
                "sign-in refused",
                subject="staff",
                subject_id=found.id if found is not None else "unknown",
                actor=journal.Actor(staff_id=None, desk_id=desk_id),
            )

    async def _note_success(self, found: Staff, pin: str, desk_id: int | None, action: str) -> SignedIn:
        new_hash = hash_pin(pin) if _hasher.check_needs_rehash(found.pin_hash) else None
        async with self._database.transaction() as session:
            staff = await session.get_one(Staff, found.id, with_for_update=ROW_LOCK)
            staff.failed_attempts, staff.locked_until = 0, None
            staff.pin_hash = new_hash or staff.pin_hash
            await journal.record(
                session,
                action,
                subject="staff",
                subject_id=staff.id,
                actor=journal.Actor(staff_id=staff.id, desk_id=desk_id),
            )
            return SignedIn(staff_id=staff.id, display_name=staff.display_name, role=staff.role)

    async def note_sign_out(self, staff_id: int, *, desk_id: int | None) -> None:
        """Write into the journal that somebody left the desk."""
        async with self._database.transaction() as session:
            await journal.record(
                session,
                "signed out",
                subject="staff",
                subject_id=staff_id,
                actor=journal.Actor(staff_id=staff_id, desk_id=desk_id),
            )


def _verify(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, pin)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
