"""The administrators' work on the staff: adding, changing, unlocking. Every deed stands in the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.staff import BadgeGiven, PinSet, RoleChanged, StaffAdded, StaffChange, StaffDeed, mark_of
from cashier.books.staff import Role, Staff
from cashier.database import ROW_LOCK, Database
from cashier.errors import Refused
from cashier.language import m
from cashier.staff import pins
from cashier.staff.rights import Action, require
from cashier.staff.secrets_kept import Lock
from cashier.staff.service import badge_digest, change_language, check_language, secrets_of

_NAME_LENGTH_MAX = 40
_DISPLAY_NAME_LENGTH_MAX = 80
_BADGE_LENGTH_MIN = 4

_FreshPin: TypeAlias = Literal[DeedKind.STAFF_REACTIVATED, DeedKind.PIN_RESET]


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """A member of the staff as administrators see them. ``locked_until`` passes by itself, ``locked_at`` does not.

    An empty ``language`` is the hospital's.
    """

    id: int
    sign_in_name: str
    display_name: str
    role: Role
    is_active: bool
    has_badge: bool
    must_change_pin: bool
    pin_set_at: datetime
    locked_at: datetime | None
    locked_until: datetime | None
    language: str


@dataclass(frozen=True, kw_only=True)
class FirstPin:
    """A member of the staff and the PIN for their next sign-in: shown once, kept nowhere, to be changed at once."""

    member: StaffMember
    pin: str


class StaffAdministration:
    """Who works here. Every verb raises ``Refused`` for anybody but an administrator."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database
        self._secrets = secrets_of(database)

    async def members(self, actor: journal.Actor) -> tuple[StaffMember, ...]:
        """Return everybody who signs in, who has left at the end, by name."""
        await require(self._database, actor, Action.MANAGE_STAFF)
        statement = (
            sa.select(Staff)
            .where(Staff.role != Role.SERVICE)
            .order_by(Staff.is_active.desc(), Staff.display_name, Staff.id)
        )
        async with self._database.reading(as_who_signed_in=True) as session:
            locks = await self._secrets.locks(session)
            return tuple(_member_of(staff, locks) for staff in (await session.execute(statement)).scalars())

    async def add(self, sign_in_name: str, display_name: str, role: Role, actor: journal.Actor) -> FirstPin:
        """Add somebody, with a PIN for their first sign-in. Raises ``Refused`` for a name that is taken."""
        await require(self._database, actor, Action.MANAGE_STAFF)
        name, shown = _checked_name(sign_in_name), _checked_display_name(display_name)
        pin = pins.first_pin()
        made = await asyncio.to_thread(pins.drawn_for, pin)
        staff = Staff(
            sign_in_name=name,
            display_name=shown,
            role=role,
            must_change_pin=True,
            is_active=True,
        )
        try:
            async with self._database.transaction() as session:
                session.add(staff)
                await session.flush()
                mark = await self._secrets.put(session, staff.id, made)
                await journal.record(session, StaffAdded(staff=staff.id, role=role, pin=mark), actor)
        except IntegrityError as error:
            if "sign_in_name" not in str(error.orig):
                raise
            raise Refused(
                m("Somebody signs in as “{name}” already.", name=name), advice=m("Choose another name.")
            ) from None
        return FirstPin(member=_member_of(staff, {}), pin=pin)

    async def rename(self, staff_id: int, display_name: str, actor: journal.Actor) -> StaffMember:
        """Change how somebody is called on screens and receipts from now on."""
        await require(self._database, actor, Action.MANAGE_STAFF, subject_id=staff_id)
        shown = _checked_display_name(display_name)
        async with self._database.transaction() as session:
            staff = await _locked(session, staff_id)
            if staff.display_name != shown:
                staff.display_name = shown
                await _record(session, DeedKind.STAFF_RENAMED, staff, actor)
            return await self._seen(session, staff)

    async def change_role(self, staff_id: int, role: Role, actor: journal.Actor) -> StaffMember:
        """Give somebody another role, which counts at once. Raises ``Refused`` for the last administrator."""
        await require(self._database, actor, Action.MANAGE_STAFF, subject_id=staff_id)
        async with self._database.transaction() as session:
            await _keep_an_administrator(session, staff_id, stays=role is Role.ADMINISTRATOR)
            staff = await _locked(session, staff_id)
            if staff.role is not role:
                before, staff.role = staff.role, role
                await journal.record(session, RoleChanged(staff=staff.id, before=before, role=role), actor)
            return await self._seen(session, staff)

    async def change_language(self, staff_id: int, language: str, actor: journal.Actor) -> StaffMember:
        """Let somebody read another language from their next sign-in on; an empty one is the hospital's.

        Raises ``Refused`` for a language that is not offered.
        """
        await require(self._database, actor, Action.MANAGE_STAFF, subject_id=staff_id)
        check_language(language)
        async with self._database.transaction() as session:
            staff = await _locked(session, staff_id)
            await change_language(session, staff, language, actor)
            return await self._seen(session, staff)

    async def deactivate(self, staff_id: int, actor: journal.Actor) -> StaffMember:
        """Let somebody who has left do nothing any more, at once. Raises ``Refused`` for the last administrator."""
        await require(self._database, actor, Action.MANAGE_STAFF, subject_id=staff_id)
        async with self._database.transaction() as session:
            await _keep_an_administrator(session, staff_id, stays=False)
            staff = await _locked(session, staff_id)
            if staff.is_active:
                staff.is_active = False
                await _record(session, DeedKind.STAFF_DEACTIVATED, staff, actor)
            return await self._seen(session, staff)

    async def reactivate(self, staff_id: int, actor: journal.Actor) -> FirstPin:
        """Let somebody come back, with a PIN for their first sign-in: the one they had may be known by now."""
        return await self._give_pin(staff_id, actor, DeedKind.STAFF_REACTIVATED)

    async def reset_pin(self, staff_id: int, actor: journal.Actor) -> FirstPin:
        """Give somebody who forgot the PIN one for the next sign-in; it ends a lock as well."""
        return await self._give_pin(staff_id, actor, DeedKind.PIN_RESET)

    async def unlock(self, staff_id: int, actor: journal.Actor) -> StaffMember:
        """Let somebody who mistyped too often try again, with the PIN that they have."""
        await require(self._database, actor, Action.MANAGE_STAFF, subject_id=staff_id)
        async with self._database.transaction() as session:
            staff = await _locked(session, staff_id)
            if await self._secrets.unlock(session, staff_id):
                await _record(session, DeedKind.STAFF_UNLOCKED, staff, actor)
            return await self._seen(session, staff)

    async def give_badge(self, staff_id: int, badge: str, actor: journal.Actor) -> StaffMember:
        """Let somebody sign in with what a scanner reads from this badge instead of the name; empty takes it away.

        Raises ``Refused`` when somebody else has this badge.
        """
        await require(self._database, actor, Action.MANAGE_STAFF, subject_id=staff_id)
        badge = badge.strip()
        if badge and len(badge) < _BADGE_LENGTH_MIN:
            raise Refused(m("This is too short for a badge."), advice=m("Scan the badge once more."))
        try:
            async with self._database.transaction() as session:
                staff = await _locked(session, staff_id)
                staff.badge_digest = badge_digest(badge) if badge else None
                await session.flush()
                if staff.badge_digest is None:
                    await _record(session, DeedKind.BADGE_TAKEN_AWAY, staff, actor)
                else:
                    given = BadgeGiven(staff=staff.id, badge=mark_of(staff.badge_digest))
                    await journal.record(session, given, actor)
                return await self._seen(session, staff)
        except IntegrityError:
            raise Refused(m("Somebody else has this badge."), advice=m("Take it away from them first.")) from None

    async def _give_pin(self, staff_id: int, actor: journal.Actor, change: _FreshPin) -> FirstPin:
        await require(self._database, actor, Action.MANAGE_STAFF, subject_id=staff_id)
        pin = pins.first_pin()
        made = await asyncio.to_thread(pins.drawn_for, pin)
        async with self._database.transaction() as session:
            staff = await _locked(session, staff_id)
            if change is DeedKind.STAFF_REACTIVATED:
                staff.is_active = True
            mark = await self._secrets.put(session, staff_id, made)
            await session.refresh(staff)
            await journal.record(session, PinSet(kind=change, staff=staff.id, pin=mark), actor)
            return FirstPin(member=_member_of(staff, {}), pin=pin)

    async def _seen(self, session: AsyncSession, staff: Staff) -> StaffMember:
        await session.flush()
        return _member_of(staff, await self._secrets.locks(session))


async def _keep_an_administrator(session: AsyncSession, staff_id: int, *, stays: bool) -> None:
    """Raise ``Refused`` when nobody could administer any more. All of them are locked: two may go at once."""
    statement = (
        sa.select(Staff.id)
        .where(Staff.role == Role.ADMINISTRATOR, Staff.is_active)
        .order_by(Staff.id)
        .with_for_update(**ROW_LOCK)
    )
    administrators = (await session.execute(statement)).scalars().all()
    if not stays and list(administrators) == [staff_id]:
        raise Refused(m("This is the last administrator."), advice=m("Make somebody else an administrator first."))


async def _locked(session: AsyncSession, staff_id: int) -> Staff:
    staff = await session.get(Staff, staff_id, with_for_update=ROW_LOCK)
    if staff is None or not staff.role.is_person:
        raise Refused(m("There is no such member of the staff."), advice=m("Open the list again."))
    return staff


async def _record(session: AsyncSession, change: StaffChange, staff: Staff, actor: journal.Actor) -> None:
    await journal.record(session, StaffDeed(kind=change, staff=staff.id), actor)


def _checked_name(sign_in_name: str) -> str:
    name = sign_in_name.strip().casefold()
    if not name or len(name) > _NAME_LENGTH_MAX or not name.isprintable():
        raise Refused(
            m("This cannot be a name for signing in."),
            advice=m("Use at most {most} letters or digits.", most=_NAME_LENGTH_MAX),
        )
    return name


def _checked_display_name(display_name: str) -> str:
    shown = " ".join(display_name.split())
    if not shown or len(shown) > _DISPLAY_NAME_LENGTH_MAX:
        raise Refused(m("The full name is missing or too long."), advice=m("It stands on receipts."))
    return shown


def _member_of(staff: Staff, locks: Mapping[int, Lock]) -> StaffMember:
    lock = locks.get(staff.id, Lock())
    return StaffMember(
        id=staff.id,
        sign_in_name=staff.sign_in_name,
        display_name=staff.display_name,
        role=staff.role,
        is_active=staff.is_active,
        has_badge=staff.badge_digest is not None,
        must_change_pin=staff.must_change_pin,
        pin_set_at=staff.pin_set_at,
        locked_at=lock.locked_at,
        locked_until=lock.locked_until,
        language=staff.language,
    )
