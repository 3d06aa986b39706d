"""Reading the journal: by auditors and administrators only, and every look at it is an entry of its own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.audit.journal_views import (
    PROGRAM_ID,
    ChainVerdict,
    JournalChoices,
    JournalPage,
    JournalQuery,
    JournalRow,
)
from cashier.audit.records import broken_link
from cashier.audit.rules import Rule, apply
from cashier.books import journal
from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.deeds.records import JournalChecked, JournalExported, JournalOpened
from cashier.books.deeds.words import DEED_WORDS
from cashier.books.hospital import Desk, Hospital
from cashier.books.journal import JournalEntry
from cashier.books.shift import Shift
from cashier.books.staff import Staff
from cashier.clock import begin_of, zone_of
from cashier.csv_file import Columns, moment, safe_text, write_csv
from cashier.database import Database
from cashier.errors import Refused
from cashier.language import NOTHING, m, verbatim
from cashier.shifts.custody import hidden_drawers
from cashier.staff.rights import Action, require

_EXPORTED_AT_ONCE = 1000
_CHAIN = Rule(name=m("Journal"), holds=m("Every entry is as it was written."), subject=JournalEntry, find=broken_link)


class JournalLog:
    """The journal for those who check it. Raises ``Refused`` for everybody else."""

    def __init__(self, database: Database) -> None:
        """Read from ``database``."""
        self._database = database

    async def open(self, actor: journal.Actor) -> JournalChoices:
        """Begin to read; the journal says who did. Return what it can be narrowed to."""
        await require(self._database, actor, Action.READ_AUDIT, subject=Subject.JOURNAL, subject_id="all")
        async with self._database.transaction() as session:
            await journal.record(session, JournalOpened(), actor)
        async with self._database.reading() as session:
            staff = await session.execute(sa.select(Staff.id, Staff.display_name).order_by(Staff.display_name))
            return JournalChoices(
                staff=(
                    (PROGRAM_ID, m("The program itself")),
                    *((each.id, verbatim(each.display_name)) for each in staff),
                ),
                subjects=await _subjects(session),
            )

    async def page(
        self, query: JournalQuery, actor: journal.Actor, *, after: int | None = None, skip: int = 0, limit: int = 200
    ) -> JournalPage:
        """Return up to ``limit`` entries, newest first, below the number ``after``, leaving out ``skip``.

        What others were told to be in a drawer that ``actor`` counts blind is left out.
        """
        await require(self._database, actor, Action.READ_AUDIT, subject=Subject.JOURNAL, subject_id="all")
        async with self._database.reading() as session:
            wanted = await _conditions_of(session, query)
            rows = await _find(session, wanted, after=after, skip=skip, limit=limit + 1)
            hidden = {str(each) for each in await hidden_drawers(session, actor)}
        rows = [_without_what_should_be_there(each) if each.is_about_drawer_of(hidden) else each for each in rows]
        return JournalPage(rows=tuple(rows[:limit]), after=rows[limit - 1].id if len(rows) > limit else None)

    async def check_chain(self, actor: journal.Actor) -> ChainVerdict:
        """Go through all entries from the first on; the journal says who did, and what was found."""
        await require(self._database, actor, Action.READ_AUDIT, subject=Subject.JOURNAL, subject_id="all")
        verdict = await apply(self._database, _CHAIN)
        broken = verdict.examples[0] if verdict.examples else NOTHING
        async with self._database.transaction() as session:
            deed = JournalChecked(entries=verdict.examined, broken=broken.english or None)
            await journal.record(session, deed, actor)
        return ChainVerdict(entries=verdict.examined, broken=broken)

    async def export(self, query: JournalQuery, path: Path, actor: journal.Actor, *, replaces: bool = False) -> int:
        """Write everything that ``query`` finds to ``path`` as CSV, oldest first; return how many entries that are.

        The journal says so before the file is there. An existing file is only replaced where ``replaces`` says that
        somebody was asked. Raises ``Refused`` for a file that cannot be written, for nothing to write, and for
        entries of the time of a shift that ``actor`` has open: they add up to its cash.
        """
        await require(self._database, actor, Action.READ_AUDIT, subject=Subject.JOURNAL, subject_id="all")

        async def note(rows: int) -> None:
            async with self._database.transaction() as session:
                deed = JournalExported(rows=rows, file=path.name, filters=_filters_of(query))
                await journal.record(session, deed, actor)

        async with self._database.reading() as session:
            await _refuse_open_shift(session, query, actor)
            zone = await _zone(session)
        async with contextlib.aclosing(self._batches(query)) as batches:
            return await write_csv(
                path, batches, _COLUMNS, zone=zone_of(zone), replaces=replaces, seal=note,
                nothing=m("No entry matches these filters."),
            )  # fmt: skip

    async def _batches(self, query: JournalQuery) -> AsyncGenerator[Sequence[JournalRow], None]:
        """Read everything that ``query`` finds, some at a time, as it stood at one moment, oldest first."""
        async with self._database.reading() as session:
            wanted = await _conditions_of(session, query)
            last = 0
            while rows := await _read(
                session, _entries().where(*wanted, JournalEntry.number > last).order_by(JournalEntry.number)
            ):
                yield rows
                last = rows[-1].id


async def _find(
    session: AsyncSession, wanted: Sequence[sa.ColumnElement[bool]], *, after: int | None, skip: int, limit: int
) -> list[JournalRow]:
    statement = _entries().where(*wanted).order_by(JournalEntry.number.desc()).offset(skip)
    if after is not None:
        statement = statement.where(JournalEntry.number < after)
    return await _read(session, statement, limit=limit)


_Entries: TypeAlias = sa.Select[JournalEntry, str | None, str | None]


def _entries() -> _Entries:
    return (
        sa.select(JournalEntry, Staff.display_name, Desk.code)
        .outerjoin(Staff, Staff.id == JournalEntry.staff_id)
        .outerjoin(Desk, Desk.id == JournalEntry.desk_id)
    )


async def _read(session: AsyncSession, statement: _Entries, *, limit: int = _EXPORTED_AT_ONCE) -> list[JournalRow]:
    rows = [
        JournalRow(
            id=entry.number,
            at=entry.at,
            who=who or journal.actor_of(entry).client,
            desk=desk or "",
            action=entry.action,
            subject=entry.subject,
            subject_id=entry.subject_id,
            facts=entry.facts,
            previous_hash=entry.previous_hash,
            hash=entry.hash,
            account=entry.account or "",
            session_id=entry.session_id,
        )
        for entry, who, desk in await session.execute(statement.limit(limit))
    ]
    session.expunge_all()
    return rows


async def _conditions_of(session: AsyncSession, query: JournalQuery) -> list[sa.ColumnElement[bool]]:
    zone = await _zone(session)
    wanted: list[sa.ColumnElement[bool]] = []
    if query.first_day is not None:
        wanted.append(JournalEntry.at >= begin_of(query.first_day, zone))
    if query.last_day is not None:
        wanted.append(JournalEntry.at < begin_of(query.last_day + timedelta(days=1), zone))
    if query.staff_id is not None:
        by_program = JournalEntry.staff_id.is_(None)
        wanted.append(by_program if query.staff_id == PROGRAM_ID else JournalEntry.staff_id == query.staff_id)
    if query.action.strip():
        wanted.append(_is_called(query.action.strip()))
    if query.subject is not None:
        wanted.append(JournalEntry.subject == query.subject)
    if query.subject_id.strip():
        wanted.append(JournalEntry.subject_id == query.subject_id.strip())
    return wanted


def _is_called(text: str) -> sa.ColumnElement[bool]:
    """Find what was done by what the journal calls it, or by what a person reads of it."""
    read_so = [deed for deed in DeedKind if text.casefold() in str(DEED_WORDS[deed]).casefold()]
    return sa.or_(JournalEntry.action.icontains(text, autoescape=True), JournalEntry.action.in_(read_so))


async def _refuse_open_shift(session: AsyncSession, query: JournalQuery, actor: journal.Actor) -> None:
    hidden = await hidden_drawers(session, actor)
    since = (await session.execute(sa.select(sa.func.min(Shift.opened_at)).where(Shift.id.in_(hidden)))).scalar()
    if since is None:
        return
    meanwhile = sa.select(JournalEntry.number).where(*await _conditions_of(session, query), JournalEntry.at >= since)
    if (await session.execute(meanwhile.limit(1))).first() is not None:
        raise Refused(
            m("This would tell the cash of your open shift, and its drawer is counted blind."),
            advice=m("Close the shift first, choose days before it, or let an auditor do it."),
        )


def _without_what_should_be_there(row: JournalRow) -> JournalRow:
    facts = json.loads(row.facts)
    return replace(row, facts=json.dumps(facts | {"expected_minor": "…"}, ensure_ascii=False))


async def _subjects(session: AsyncSession) -> tuple[str, ...]:
    """List what entries are about, by stepping through the index from one to the next: there are few of them."""
    found: list[str] = []
    while True:
        following = sa.select(sa.func.min(JournalEntry.subject))
        if found:
            following = following.where(JournalEntry.subject > found[-1])
        subject: str | None = (await session.execute(following)).scalar()
        if subject is None:
            return tuple(found)
        found.append(subject)


async def _zone(session: AsyncSession) -> str:
    return (await session.execute(sa.select(Hospital.time_zone))).scalar_one()


def _filters_of(query: JournalQuery) -> dict[str, Any]:
    filters = {
        "from": query.first_day.isoformat() if query.first_day else None,
        "to": query.last_day.isoformat() if query.last_day else None,
        "staff": query.staff_id,
        "action": query.action.strip() or None,
        "subject": query.subject,
        "subject_id": query.subject_id.strip() or None,
    }
    return {name: value for name, value in filters.items() if value is not None}


_COLUMNS: Columns[JournalRow] = {
    "number": lambda row, _zone: str(row.id),
    "at": lambda row, zone: moment(row.at, zone),
    "who": lambda row, _zone: safe_text(row.who),
    "desk": lambda row, _zone: safe_text(row.desk),
    "action": lambda row, _zone: safe_text(row.action),
    "subject": lambda row, _zone: safe_text(row.subject),
    "subject_id": lambda row, _zone: safe_text(row.subject_id),
    "facts": lambda row, _zone: safe_text(row.facts),
    "previous_hash": lambda row, _zone: row.previous_hash,
    "hash": lambda row, _zone: row.hash,
    "account": lambda row, _zone: safe_text(row.account),
    "session": lambda row, _zone: "" if row.session_id is None else str(row.session_id),
}
