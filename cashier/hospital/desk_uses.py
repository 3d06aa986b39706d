"""Where each desk is used: a second machine with the same desk is told, and goes on only when somebody decides so.

Money is safe on two machines with one desk; what people see is not: one drawer, one shift, one series of receipts.
Ages are told by the clock of the database, as those of machines differ. On SQLite all programs are on one machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.records import DeskContinued
from cashier.books.hospital import Desk, DeskUse
from cashier.books.staff import Staff
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import CashierError, Refused
from cashier.hospital.desk_lock import DeskLock
from cashier.identifiers import new_id
from cashier.language import m

_BEATS_UNTIL_SILENT = 4
_TURN = 20_261
"""Any number that nobody else takes for a lock of this kind."""


@dataclass(frozen=True, kw_only=True)
class OtherUse:
    """Who uses a desk on another machine: ``person`` since when (UTC), and how long nothing was heard of it."""

    desk: str
    machine: str
    person: str
    since: datetime
    silent_seconds: int


class DeskInUse(Refused):
    """This desk is in use on another machine."""

    default = m("This desk is in use on another machine.")

    def __init__(self, other: OtherUse) -> None:
        """Keep who uses it, and where."""
        self.other = other
        super().__init__(
            m(
                "Desk {desk} is in use on the machine {machine}: {person} is signed in there.",
                desk=other.desk,
                machine=other.machine,
                person=other.person,
            ),
            advice=m("Sign out there, or go on here; the journal keeps that."),
        )


class DeskUses:
    """What this program knows and says about who uses a desk. One for each running program."""

    def __init__(
        self, database: Database, *, mark: Path, silent_after_seconds: int, machine: str | None = None
    ) -> None:
        """Work on ``database``; whether a program of this machine runs is told by files beside ``mark``."""
        self._database = database
        self._mark = mark
        self._silent_after = timedelta(seconds=silent_after_seconds)
        self._machine = (machine or socket.gethostname())[:80]
        self._account = _account()
        self._instance = str(new_id())
        self._lock: DeskLock | None = None
        self._actor: journal.Actor | None = None

    async def claim(self, actor: journal.Actor, *, despite_others: bool = False) -> None:
        """Use the desk of ``actor`` here. Safe to repeat, also for the next person at this desk.

        Raises ``DeskInUse`` while another machine or program uses it, unless that is to go on ``despite_others``; the
        journal names who decided so. What a program of this machine left behind when it crashed is no use. Raises
        ``Refused`` without a desk or a person.
        """
        if actor.desk_id is None or actor.staff_id is None:
            raise Refused(m("Using a desk needs a desk and a person."), advice=m("Sign in first."))
        desk_id, staff_id = actor.desk_id, actor.staff_id
        if self._lock is None:
            self._lock = DeskLock(self._mark.with_name(f".{self._mark.name}.desk-{desk_id}.lock"))
        async with self._database.transaction() as session:
            await _take_turn(session, desk_id)
            # In turn: whoever has the mark on this machine is who writes the row, or finds what was left behind.
            is_alone_here = self._lock.take()
            moment = now()
            use = await session.get(DeskUse, desk_id, with_for_update=ROW_LOCK)
            if use is None:
                use = DeskUse(desk_id=desk_id)
                session.add(use)
            elif use.instance != self._instance:
                is_left_behind = self._is_ours(use) and is_alone_here is True
                was_silent = not self._database.is_sqlite and moment - use.seen_at > self._silent_after
                was_silent = was_silent and not (self._is_ours(use) and is_alone_here is False)
                if not (is_left_behind or was_silent or despite_others):
                    if self._actor is None:
                        self._lock.give_back()
                    raise DeskInUse(await _other_use(session, use, moment))
                if not is_left_behind:
                    desk = await session.get_one(Desk, desk_id)
                    deed = DeskContinued(
                        desk=desk.code,
                        machine=self._machine,
                        before=use.machine,
                        person=use.staff_id,
                        was_silent=was_silent,
                    )
                    await journal.record(session, deed, actor)
            is_new = use.instance != self._instance or use.staff_id != staff_id
            use.instance, use.machine, use.account = self._instance, self._machine, self._account
            use.staff_id, use.since, use.seen_at = staff_id, moment if is_new else use.since, moment
        self._actor = actor

    async def give_back(self, desk_id: int) -> None:
        """Leave the desk: nobody is signed in here any more. Safe to repeat; another machine's use stays."""
        self._actor = None
        async with self._database.transaction() as session:
            ours = sa.delete(DeskUse).where(DeskUse.desk_id == desk_id, DeskUse.instance == self._instance)
            await session.execute(ours)
        if self._lock is not None:
            self._lock.give_back()

    async def keep(self, desk_id: int) -> AsyncIterator[OtherUse | None]:
        """Say again and again that the desk is used here; yield who uses it elsewhere when that changes.

        What cannot be said now is said the next time.
        """
        shown: OtherUse | None = None
        while True:
            await asyncio.sleep(self._silent_after.total_seconds() / _BEATS_UNTIL_SILENT)
            with contextlib.suppress(CashierError):
                other = await self.beat(desk_id)
                if other != shown:
                    shown = other
                    yield other

    async def beat(self, desk_id: int) -> OtherUse | None:
        """Say once that the desk is used here; return who has gone on with it elsewhere.

        On SQLite nothing is written: there the lock says it, and every change would wake all programs.
        """
        async with self._database.reading() as session:
            use = await session.get(DeskUse, desk_id)
            if use is not None and use.instance != self._instance:
                return await _other_use(session, use, use.since)
        if use is None and self._actor is not None:
            # Whoever had gone on with it elsewhere has left.
            await self.claim(self._actor)
        elif use is not None and not self._database.is_sqlite:
            ours = sa.update(DeskUse).where(DeskUse.desk_id == desk_id, DeskUse.instance == self._instance)
            async with self._database.transaction() as session:
                await session.execute(ours.values(seen_at=now()))
        return None

    def _is_ours(self, use: DeskUse) -> bool:
        """Tell whether it was a program of this machine, as far as that is told by the same lock."""
        return self._database.is_sqlite or (use.machine == self._machine and use.account == self._account)


async def _take_turn(session: AsyncSession, desk_id: int) -> None:
    """Wait for whoever claims the same desk just now, also where it has no row yet; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN, desk_id)))


async def _other_use(session: AsyncSession, use: DeskUse, moment: datetime) -> OtherUse:
    desk = await session.get_one(Desk, use.desk_id)
    person = await session.get_one(Staff, use.staff_id)
    return OtherUse(
        desk=desk.code,
        machine=use.machine,
        person=person.display_name,
        since=use.since,
        silent_seconds=max(0, round((moment - use.seen_at).total_seconds())),
    )


def _account() -> str:
    # Where a system does not tell who runs this, all of its programs count as one.
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()[:80]
    return ""
