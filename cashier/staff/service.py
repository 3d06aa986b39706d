"""Signing in: by name or badge, and PIN, with a growing delay after failures that counts across all desks.

An attempt is counted before the PIN is looked at, and forgiven when it was right: whoever tries at forty desks at
once has no more attempts than at one.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.staff import (
    LanguageChosen,
    PinSet,
    Presence,
    SignInRefused,
    SignInTrouble,
    StaffDeed,
)
from cashier.books.staff import Role, Staff
from cashier.database import ROW_LOCK, Database
from cashier.database.tokens import Token
from cashier.errors import Refused
from cashier.language import LANGUAGES, m
from cashier.staff import pins
from cashier.staff.secrets_kept import Called, Held, Purpose, Right, Secrets, Wrong
from cashier.staff.secrets_on_postgresql import SecretsOnPostgresql
from cashier.staff.secrets_on_sqlite import SecretsOnSqlite

_BADGE_KEY = b"cashier: the badge of a member of the staff"


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who is at the desk. An empty ``language`` is the hospital's."""

    staff_id: int
    display_name: str
    role: Role
    language: str = ""
    token: Token | None = field(default=None, repr=False, compare=False)
    """By what PostgreSQL knows them, where they confirm something at somebody else's desk."""


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
        self._secrets = secrets_of(database)
        self._turn = asyncio.Lock()

    async def sign_in(self, name: str, pin: str, *, desk_id: int | None) -> SignedIn:
        """Return who this is; ``name`` may be what a scanner read from a badge.

        Raises ``Refused`` for a wrong name or PIN (the same words for both) or a locked name, and
        ``PinChangeNeeded`` for a right PIN that is the first one or too old: go on with ``change_pin``. The first
        failures in a row are free; then each locks the name for longer, and after ten an administrator has to help.
        """
        right = await self._identify(_called(name), pin, desk_id, Purpose.SIGN_IN)
        await self._ask_for_change(right, desk_id)
        return await self._take_place(right, desk_id, DeedKind.SIGNED_IN, pin)

    async def unlock_desk(self, staff_id: int, pin: str, *, desk_id: int | None) -> SignedIn:
        """Return who is back at the locked desk. Raises ``Refused`` as ``sign_in`` does; an old PIN may wait."""
        right = await self._identify(Called(staff_id=staff_id), pin, desk_id, Purpose.UNLOCK)
        return await self._take_place(right, desk_id, DeedKind.DESK_UNLOCKED, pin)

    async def step_up(self, name: str, pin: str, *, desk_id: int | None, about: str = "") -> SignedIn:
        """Return who confirms something at a desk where somebody else is signed in, and stays so.

        What counts for signing in counts here: raises as ``sign_in`` does, and failures lock the name. Whether this
        person may do it is asked by what is confirmed. The token that is returned is good for what this is ``about``.
        """
        right = await self._identify(_called(name), pin, desk_id, Purpose.APPROVE, about=about)
        await self._ask_for_change(right, desk_id)
        return replace(await self._let_in(right, desk_id, DeedKind.STEPPED_UP), token=right.token)

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
        right = await self._identify(_called(name), pin, desk_id, Purpose.CHANGE_PIN)
        async with self._database.transaction(step_up=right.token) as session:
            staff = await session.get_one(Staff, right.staff_id)
            salts = await self._secrets.own_salts(session, staff.id)
        pins.check_new(new_pin, sign_in_name=staff.sign_in_name)
        known = [await asyncio.to_thread(pins.derive, new_pin, salt) for salt in salts]
        made = await asyncio.to_thread(pins.drawn_for, new_pin)
        async with self._turn, self._database.transaction(step_up=right.token) as session:
            changed = await self._secrets.change(session, staff.id, made, known, desk_id=desk_id)
            if changed is None:
                raise Refused(m("You have used this PIN before."), advice=m("Choose another one."))
            actor = journal.staff_at(staff_id=staff.id, desk_id=desk_id)
            deed = PinSet(kind=DeedKind.PIN_CHANGED, staff=staff.id, pin=changed.mark)
            await journal.record(session, deed, actor)
            await journal.record(session, StaffDeed(kind=DeedKind.SIGNED_IN, staff=staff.id), actor)
        self._database.carried = changed.token
        return _signed_in(staff)

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
        """Write into the journal that somebody left the desk. Who signs in meanwhile takes the place after that."""
        async with self._turn:
            await self._note(staff_id, desk_id, DeedKind.SIGNED_OUT)
            await self._secrets.leave()

    async def note_lock(self, staff_id: int, *, desk_id: int | None) -> None:
        """Write into the journal that somebody's desk was locked, by hand or by itself."""
        await self._note(staff_id, desk_id, DeedKind.DESK_LOCKED)

    async def _take_place(self, right: Right, desk_id: int | None, deed: Presence, pin: str) -> SignedIn:
        """Let somebody in, once who was here before has left: the token of the one is never ended for the other."""
        async with self._turn:
            self._database.carried = right.token
            return await self._let_in(right, desk_id, deed, pin)

    async def _note(self, staff_id: int, desk_id: int | None, deed: Presence) -> None:
        async with self._database.transaction() as session:
            actor = journal.staff_at(staff_id=staff_id, desk_id=desk_id)
            await journal.record(session, StaffDeed(kind=deed, staff=staff_id), actor)

    async def _identify(
        self, who: Called, pin: str, desk_id: int | None, purpose: Purpose, *, about: str = ""
    ) -> Right:
        """Return who knows this PIN, with failures forgiven. Raises ``Refused``, which the journal keeps."""
        salt = await self._secrets.salt(who)
        key = await asyncio.to_thread(pins.derive, pin, salt)
        attempt = await self._secrets.attempt(who, key, desk_id=desk_id)
        if isinstance(attempt, Held):
            await self._note_refusal(attempt.staff_id, desk_id, "locked")
            raise _refusal_of(attempt)
        outcome = await self._secrets.take(attempt, purpose, about=about)
        if isinstance(outcome, Wrong):
            await self._note_refusal(
                outcome.staff_id, desk_id, "locked now" if outcome.is_locked else "wrong name or PIN"
            )
            raise Refused(m("Name or PIN is wrong."), advice=m("Try again."))
        return outcome

    async def _note_refusal(self, staff_id: int | None, desk_id: int | None, why: SignInTrouble) -> None:
        async with self._database.transaction() as session:
            deed = SignInRefused(staff="unknown" if staff_id is None else staff_id, why=why)
            await journal.record(session, deed, journal.Actor(kind=journal.ActorKind.PROGRAM, desk_id=desk_id))

    async def _ask_for_change(self, right: Right, desk_id: int | None) -> None:
        """Raise ``PinChangeNeeded`` where nothing goes on before the PIN is another one."""
        if not right.change_why:
            return
        await self._note(right.staff_id, desk_id, DeedKind.PIN_CHANGE_ASKED_FOR)
        if right.change_why == "first":
            raise PinChangeNeeded(m("This is your first PIN."), advice=pins.RULE)
        raise PinChangeNeeded(m("Your PIN is too old."), advice=pins.RULE)

    async def _let_in(self, right: Right, desk_id: int | None, deed: Presence, pin: str = "") -> SignedIn:
        """Write down who came; a ``pin`` that was kept as it was long ago is kept as today."""
        made = await asyncio.to_thread(pins.drawn_for, pin) if pin and right.is_outdated else None
        async with self._database.transaction() as session:
            staff = await session.get_one(Staff, right.staff_id)
            if made is not None:
                mark = await self._secrets.renew(session, staff.id, made)
                anew = PinSet(kind=DeedKind.PIN_HASHED_ANEW, staff=staff.id, pin=mark)
                await journal.record(session, anew, journal.PROGRAM)
            actor = journal.staff_at(staff_id=staff.id, desk_id=desk_id)
            await journal.record(session, StaffDeed(kind=deed, staff=staff.id), actor)
            return _signed_in(staff)


def secrets_of(database: Database) -> Secrets:
    """Return what knows everybody's PIN, as this kind of database has it."""
    return SecretsOnSqlite(database) if database.is_sqlite else SecretsOnPostgresql(database)


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


def _called(name: str) -> Called:
    """Say whom a name means, or a badge that was read instead of it."""
    return Called(name=name.strip().casefold(), badge_digest=badge_digest(name))


def _refusal_of(held: Held) -> Refused:
    if held.is_locked:
        return Refused(m("This name is locked: too many wrong PINs."), advice=m("An administrator can unlock it."))
    return Refused(
        m("Too many wrong PINs."),
        advice=m("Wait {seconds} seconds, or ask an administrator.", seconds=held.wait_seconds),
    )
