"""Signing in: by name or badge, and PIN, with a growing delay after failures that counts across all desks.

An attempt is counted before the PIN is looked at, and forgiven when it was right: whoever tries at forty desks at
once has no more attempts than at one.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.staff import (
    LanguageChosen,
    PinSet,
    Presence,
    SignInRefused,
    SignInTrouble,
    StaffDeed,
    mark_of,
)
from cashier.books.staff import FormerPin, Role, Staff
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import Refused
from cashier.language import LANGUAGES, m
from cashier.staff import pins

_FAILURES_FREE = 3
_FAILURES_MAX = 10
_DELAY_SECONDS = 30
_DELAY_SECONDS_MAX = 900
_BADGE_KEY = b"cashier: the badge of a member of the staff"


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is at the desk. An empty ``language`` is the hospital's."""

    staff_id: int
    display_name: str
    role: Role
    language: str = ""


class PinChangeNeeded(Refused):
    """The PIN has to be changed first."""

    default = m("The PIN has to be changed first.")


def badge_digest(badge: str) -> str:
    """Digest what a badge says, so that a copy of the database does not tell what to print on one."""
    return hmac.new(_BADGE_KEY, badge.strip().encode(), hashlib.sha256).hexdigest()


class StaffService:
    """Who may sign in."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def sign_in(self, name: str, pin: str, *, desk_id: int | None) -> SignedIn:
        """Return who this is; ``name`` may be what a scanner read from a badge.

        Raises ``Refused`` for a wrong name or PIN (the same words for both) or a locked name, and
        ``PinChangeNeeded`` for a right PIN that is the first one or too old: go on with ``change_pin``. The first
        failures in a row are free; then each locks the name for longer, and after ten an administrator has to help.
        """
        staff = await self._identify(_called(name), pin, desk_id)
        return await self._let_in(staff, desk_id, DeedKind.SIGNED_IN)

    async def unlock_desk(self, staff_id: int, pin: str, *, desk_id: int | None) -> SignedIn:
        """Return who is back at the locked desk. Raises ``Refused`` as ``sign_in`` does; an old PIN may wait."""
        staff = await self._identify(Staff.id == staff_id, pin, desk_id)
        await self._note(staff.id, desk_id, DeedKind.DESK_UNLOCKED)
        return _signed_in(staff)

    async def step_up(self, name: str, pin: str, *, desk_id: int | None) -> SignedIn:
        """Return who confirms something at a desk where somebody else is signed in, and stays so.

        What counts for signing in counts here: raises as ``sign_in`` does, and failures lock the name.
        Whether this person may do it is asked by what is confirmed.
        """
        staff = await self._identify(_called(name), pin, desk_id)
        return await self._let_in(staff, desk_id, DeedKind.STEPPED_UP)

    async def badge_among(self, readings: Sequence[str]) -> str:
        """Return which of ``readings`` is on somebody's badge; empty: none. It says nothing about whose."""
        digests = {badge_digest(reading): reading for reading in readings}
        async with self._database.reading() as session:
            found = sa.select(Staff.badge_digest).where(Staff.badge_digest.in_(digests))
            known = set((await session.execute(found)).scalars())
        return next((reading for digest, reading in digests.items() if digest in known), "")

    async def change_pin(self, name: str, pin: str, new_pin: str, *, desk_id: int | None) -> SignedIn:
        """Give somebody who knows their ``pin`` a new one, and sign them in.

        Raises ``Refused`` as ``sign_in`` does, and for a new PIN that is guessed easily or was used before.
        """
        staff = await self._identify(_called(name), pin, desk_id)
        pins.check_new(new_pin, sign_in_name=staff.sign_in_name)
        async with self._database.reading() as session:
            former = [staff.pin_hash, *await _former_pins(session, staff.id)]
        if await asyncio.to_thread(lambda: any(pins.is_pin(new_pin, each) for each in former)):
            raise Refused(m("You have used this PIN before."), advice=m("Choose another one."))
        new_hash = await asyncio.to_thread(pins.hash_pin, new_pin)
        async with self._database.transaction() as session:
            staff = await session.get_one(Staff, staff.id, with_for_update=ROW_LOCK)
            if staff.pin_hash != former[0]:
                raise Refused(m("This PIN was changed meanwhile."), advice=m("Sign in with the new one."))
            await replace_pin(session, staff, new_hash, must_change=False)
            actor = journal.staff_at(staff_id=staff.id, desk_id=desk_id)
            changed = PinSet(kind=DeedKind.PIN_CHANGED, staff=staff.id, pin=mark_of(new_hash))
            await journal.record(session, changed, actor)
        return await self._let_in(staff, desk_id, DeedKind.SIGNED_IN)

    async def choose_language(self, staff_id: int, language: str, *, desk_id: int | None) -> SignedIn:
        """Let somebody who is signed in read another language from now on; an empty one is the hospital's.

        Raises ``Refused`` for a language that is not offered.
        """
        check_language(language)
        async with self._database.transaction() as session:
            staff = await session.get_one(Staff, staff_id, with_for_update=ROW_LOCK)
            await change_language(session, staff, language, journal.staff_at(staff_id=staff_id, desk_id=desk_id))
            return _signed_in(staff)

    async def note_sign_out(self, staff_id: int, *, desk_id: int | None) -> None:
        """Write into the journal that somebody left the desk."""
        await self._note(staff_id, desk_id, DeedKind.SIGNED_OUT)

    async def note_lock(self, staff_id: int, *, desk_id: int | None) -> None:
        """Write into the journal that somebody's desk was locked, by hand or by itself."""
        await self._note(staff_id, desk_id, DeedKind.DESK_LOCKED)

    async def _note(self, staff_id: int, desk_id: int | None, deed: Presence) -> None:
        async with self._database.transaction() as session:
            actor = journal.staff_at(staff_id=staff_id, desk_id=desk_id)
            await journal.record(session, StaffDeed(kind=deed, staff=staff_id), actor)

    async def _identify(self, who: sa.ColumnElement[bool], pin: str, desk_id: int | None) -> Staff:
        """Return who knows this PIN, with failures forgiven. Raises ``Refused``, which the journal keeps."""
        found = await self._count_attempt(who, desk_id)
        is_right = await asyncio.to_thread(pins.is_pin, pin, found.pin_hash if found is not None else None)
        if found is None or not is_right or not found.is_active or not found.role.is_person:
            await self._note_refusal(found, desk_id, "wrong name or PIN")
            raise Refused(m("Name or PIN is wrong."), advice=m("Try again."))
        is_outdated = not pins.is_hashed_as_today(found.pin_hash)
        new_hash = await asyncio.to_thread(pins.hash_pin, pin) if is_outdated else found.pin_hash
        async with self._database.transaction() as session:
            staff = await session.get_one(Staff, found.id, with_for_update=ROW_LOCK)
            if staff.pin_hash != found.pin_hash or not staff.is_active:
                raise Refused(m("Somebody changed this sign-in just now."), advice=m("Try again."))
            staff.failed_attempts, staff.locked_until = 0, None
            if is_outdated:
                staff.pin_hash = new_hash
                anew = PinSet(kind=DeedKind.PIN_HASHED_ANEW, staff=staff.id, pin=mark_of(new_hash))
                await journal.record(session, anew, journal.PROGRAM)
        return staff

    async def _count_attempt(self, who: sa.ColumnElement[bool], desk_id: int | None) -> Staff | None:
        """Return who this may be, with one more failure, as if it were one; None where there is nobody."""
        statement = sa.select(Staff).where(who).with_for_update(**ROW_LOCK)
        async with self._database.transaction() as session:
            staff = (await session.execute(statement)).scalar_one_or_none()
            refusal = _refusal_of(staff) if staff is not None else None
            if staff is not None and refusal is None:
                staff.failed_attempts += 1
                excess = staff.failed_attempts - _FAILURES_FREE
                if excess >= 0:
                    seconds = min(_DELAY_SECONDS * 2**excess, _DELAY_SECONDS_MAX)
                    staff.locked_until = now() + timedelta(seconds=seconds)
        if staff is not None and refusal is not None:
            await self._note_refusal(staff, desk_id, "locked")
            raise refusal
        return staff

    async def _note_refusal(self, found: Staff | None, desk_id: int | None, why: SignInTrouble) -> None:
        async with self._database.transaction() as session:
            if found is not None and found.failed_attempts >= _FAILURES_MAX and found.locked_at is None:
                staff = await session.get_one(Staff, found.id, with_for_update=ROW_LOCK)
                staff.locked_at = staff.locked_at or now()
                why = "locked now"
            deed = SignInRefused(staff=found.id if found is not None else "unknown", why=why)
            await journal.record(session, deed, journal.Actor(kind=journal.ActorKind.PROGRAM, desk_id=desk_id))

    async def _let_in(self, staff: Staff, desk_id: int | None, deed: Presence) -> SignedIn:
        is_too_old = now() - staff.pin_set_at > pins.LIFETIME
        if not staff.must_change_pin and not is_too_old:
            await self._note(staff.id, desk_id, deed)
            return _signed_in(staff)
        await self._note(staff.id, desk_id, DeedKind.PIN_CHANGE_ASKED_FOR)
        if staff.must_change_pin:
            raise PinChangeNeeded(m("This is your first PIN."), advice=pins.RULE)
        raise PinChangeNeeded(m("Your PIN is too old."), advice=pins.RULE)


async def replace_pin(session: AsyncSession, staff: Staff, new_hash: str, *, must_change: bool) -> None:
    """Give ``staff``, which is locked, another PIN; the one before is remembered."""
    session.add(FormerPin(staff_id=staff.id, set_at=staff.pin_set_at, pin_hash=staff.pin_hash))
    staff.pin_hash, staff.pin_set_at, staff.must_change_pin = new_hash, now(), must_change
    await session.flush()


def check_language(language: str) -> None:
    """Raise ``Refused`` for a language that nobody is offered; empty is the hospital's."""
    if language and language not in LANGUAGES:
        raise Refused(
            m("Cashier does not speak “{language}”.", language=language),
            advice=m("Choose one of these: {languages}.", languages=", ".join(LANGUAGES)),
        )


async def change_language(session: AsyncSession, staff: Staff, language: str, actor: journal.Actor) -> None:
    """Give ``staff``, which is locked, another language, and write it down; the same one changes nothing."""
    if staff.language == language:
        return
    staff.language = language
    await session.flush()
    await journal.record(session, LanguageChosen(staff=staff.id, language=language), actor)


def _signed_in(staff: Staff) -> SignedIn:
    return SignedIn(staff_id=staff.id, display_name=staff.display_name, role=staff.role, language=staff.language)


def _called(name: str) -> sa.ColumnElement[bool]:
    """Find who signs in by this name, or else whose badge says this."""
    by_name = Staff.sign_in_name == name.strip().casefold()
    other = aliased(Staff)
    is_name = sa.exists().where(other.sign_in_name == name.strip().casefold())
    return sa.or_(by_name, sa.and_(~is_name, Staff.badge_digest == badge_digest(name)))


def _refusal_of(staff: Staff) -> Refused | None:
    if staff.locked_at is not None:
        return Refused(m("This name is locked: too many wrong PINs."), advice=m("An administrator can unlock it."))
    if staff.locked_until is not None and staff.locked_until > now():
        wait = int((staff.locked_until - now()).total_seconds()) + 1
        return Refused(
            m("Too many wrong PINs."), advice=m("Wait {seconds} seconds, or ask an administrator.", seconds=wait)
        )
    return None


async def _former_pins(session: AsyncSession, staff_id: int) -> list[str]:
    statement = (
        sa.select(FormerPin.pin_hash)
        .where(FormerPin.staff_id == staff_id)
        .order_by(FormerPin.set_at.desc())
        .limit(pins.FORMER_KEPT)
    )
    return list((await session.execute(statement)).scalars())
