"""Shifts that are closed: found again by desk, person, day and difference, added up, and written to a file."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.drawer import PastShiftsExported
from cashier.books.hospital import Desk, Hospital
from cashier.books.shift import Shift
from cashier.books.staff import Staff
from cashier.clock import begin_of, zone_of
from cashier.csv_file import Columns, moment, safe_text, write_csv
from cashier.database import Database
from cashier.database.circles import again_after_circle
from cashier.language import m
from cashier.money import Money
from cashier.shifts.facts import name_of
from cashier.staff.rights import Action, require

_EXPORTED_AT_ONCE = 1000
_Rows: TypeAlias = sa.Select[Shift, str, str, str, str]
_OPENER, _CLOSER, _APPROVER = aliased(Staff), aliased(Staff), aliased(Staff)


@dataclass(frozen=True, kw_only=True)
class PastShiftQuery:
    """Which closed shifts are looked for; what is None does not narrow. Days are those of the closing.

    ``staff_id`` opened or closed it; ``is_off``: only those whose drawer was over or short.
    """

    first_day: date | None = None
    last_day: date | None = None
    desk_id: int | None = None
    staff_id: int | None = None
    is_off: bool = False


@dataclass(frozen=True, kw_only=True)
class PastShift:
    """A closed shift, and what its drawer was off by: ``difference`` is more (positive) or less than it should be."""

    id: int
    name: str
    desk: str
    opened_at: datetime
    opened_by: str
    closed_at: datetime
    closed_by: str
    float: Money
    expected: Money
    counted: Money
    reason: str
    approved_by: str
    printed_times: int

    @property
    def difference(self) -> Money:
        """What is over or short."""
        return self.counted - self.expected


@dataclass(frozen=True, kw_only=True)
class PastShiftPage:
    """Closed shifts, the last opened first; ``after`` is the key of the next page, None at the end."""

    rows: tuple[PastShift, ...]
    after: int | None


@dataclass(frozen=True, kw_only=True)
class OffBy:
    """By what the drawers of one currency were off; over and short apart, because neither makes up for the other."""

    over: Money
    short: Money
    times_over: int
    times_short: int


@dataclass(frozen=True, kw_only=True)
class PastShiftTotals:
    """How many shifts a query finds, and what their drawers were off by, for each currency."""

    shifts: int
    off: tuple[OffBy, ...]


@dataclass(frozen=True, kw_only=True)
class PastShiftChoices:
    """What a reader can narrow them to: keys and names of desks and people."""

    desks: tuple[tuple[int, str], ...]
    staff: tuple[tuple[int, str], ...]


class PastShifts:
    """The closed shifts of all desks, for those who may look at other people's. Raises ``Refused`` for others."""

    def __init__(self, database: Database) -> None:
        """Read from ``database``."""
        self._database = database

    async def choices(self, actor: journal.Actor) -> PastShiftChoices:
        """Return the desks and people that shifts can be narrowed to."""
        await self._require(actor)
        async with self._database.reading() as session:
            desks = await session.execute(sa.select(Desk.id, Desk.code, Desk.name).order_by(Desk.code))
            people = sa.select(Staff.id, Staff.display_name).where(
                sa.exists().where(sa.or_(Shift.opened_by == Staff.id, Shift.closed_by == Staff.id))
            )
            staff = await session.execute(people.order_by(Staff.display_name))
            return PastShiftChoices(
                desks=tuple((each.id, f"{each.code} · {each.name}") for each in desks),
                staff=tuple((each.id, each.display_name) for each in staff),
            )

    async def page(
        self,
        query: PastShiftQuery,
        actor: journal.Actor,
        *,
        after: int | None = None,
        skip: int = 0,
        limit: int = 200,
    ) -> PastShiftPage:
        """Return up to ``limit`` shifts below the key ``after``, leaving out ``skip``."""
        await self._require(actor)
        async with self._database.reading() as session:
            wanted = await _conditions_of(session, query)
            if after is not None:
                wanted.append(Shift.id < after)
            statement = _shifts().where(*wanted).order_by(Shift.id.desc()).offset(skip).limit(limit + 1)
            rows = await _read(session, statement)
        return PastShiftPage(rows=tuple(rows[:limit]), after=rows[limit - 1].id if len(rows) > limit else None)

    async def totals(self, query: PastShiftQuery, actor: journal.Actor) -> PastShiftTotals:
        """Add up what ``query`` finds."""
        await self._require(actor)
        off = Shift.counted_minor - Shift.expected_minor
        async with self._database.reading() as session:
            found = await session.execute(
                sa.select(
                    Shift.currency,
                    sa.func.count().label("shifts"),
                    sa.func.coalesce(sa.func.sum(off).filter(off > 0), 0).label("over"),
                    sa.func.coalesce(sa.func.sum(off).filter(off < 0), 0).label("short"),
                    sa.func.count().filter(off > 0).label("times_over"),
                    sa.func.count().filter(off < 0).label("times_short"),
                )
                .where(*await _conditions_of(session, query))
                .group_by(Shift.currency)
                .order_by(Shift.currency)
            )
            rows = found.all()
        return PastShiftTotals(
            shifts=sum(row.shifts for row in rows),
            off=tuple(
                OffBy(
                    over=Money(int(row.over), row.currency),
                    short=Money(int(row.short), row.currency),
                    times_over=row.times_over,
                    times_short=row.times_short,
                )
                for row in rows
            ),
        )

    async def export(self, query: PastShiftQuery, path: Path, actor: journal.Actor, *, replaces: bool = False) -> int:
        """Write what ``query`` finds to ``path`` as CSV, the first opened first; return how many shifts that are.

        The journal says so before the file is there. Raises ``Refused`` for a file that cannot be written, for one
        that is there unless it ``replaces`` it, and for nothing to write.
        """
        await self._require(actor)

        @again_after_circle
        async def note(rows: int) -> None:
            async with self._database.transaction() as session:
                deed = PastShiftsExported(rows=rows, file=path.name, filters=_filters_of(query))
                await journal.record(session, deed, actor)

        async with self._database.reading() as session:
            zone = (await session.get_one(Hospital, 1)).time_zone
        async with contextlib.aclosing(self._batches(query)) as batches:
            return await write_csv(
                path, batches, _COLUMNS, zone=zone_of(zone), replaces=replaces, seal=note,
                nothing=m("No closed shift matches these filters."),
            )  # fmt: skip

    async def _batches(self, query: PastShiftQuery) -> AsyncGenerator[Sequence[PastShift], None]:
        async with self._database.reading() as session:
            wanted = await _conditions_of(session, query)
            last = 0
            while rows := await _read(
                session,
                _shifts().where(*wanted, Shift.id > last).order_by(Shift.id).limit(_EXPORTED_AT_ONCE),
            ):
                yield rows
                last = rows[-1].id

    async def _require(self, actor: journal.Actor) -> None:
        await require(self._database, actor, Action.SEE_SHIFTS, subject=Subject.DESK, subject_id="every desk")


def _shifts() -> _Rows:
    return (
        sa.select(
            Shift,
            Desk.code,
            _OPENER.display_name.label("opened_by"),
            _CLOSER.display_name.label("closed_by"),
            _APPROVER.display_name.label("approved_by"),
        )
        .join(Desk, Desk.id == Shift.desk_id)
        .join(_OPENER, _OPENER.id == Shift.opened_by)
        .outerjoin(_CLOSER, _CLOSER.id == Shift.closed_by)
        .outerjoin(_APPROVER, _APPROVER.id == Shift.difference_approved_by)
    )


async def _conditions_of(session: AsyncSession, query: PastShiftQuery) -> list[sa.ColumnElement[bool]]:
    zone = (await session.get_one(Hospital, 1)).time_zone
    wanted: list[sa.ColumnElement[bool]] = [Shift.closed_at.is_not(None)]
    if query.first_day is not None:
        wanted.append(Shift.closed_at >= begin_of(query.first_day, zone))
    if query.last_day is not None:
        wanted.append(Shift.closed_at < begin_of(query.last_day + timedelta(days=1), zone))
    if query.desk_id is not None:
        wanted.append(Shift.desk_id == query.desk_id)
    if query.staff_id is not None:
        wanted.append(sa.or_(Shift.opened_by == query.staff_id, Shift.closed_by == query.staff_id))
    if query.is_off:
        wanted.append(Shift.counted_minor != Shift.expected_minor)
    return wanted


async def _read(session: AsyncSession, statement: _Rows) -> list[PastShift]:
    return [
        PastShift(
            id=row.Shift.id,
            name=name_of(row.code, row.Shift.number),
            desk=row.code,
            opened_at=row.Shift.opened_at,
            opened_by=row.opened_by,
            closed_at=row.Shift.closed_at,
            closed_by=row.closed_by or "",
            float=Money(row.Shift.float_minor, row.Shift.currency),
            expected=Money(row.Shift.expected_minor, row.Shift.currency),
            counted=Money(row.Shift.counted_minor, row.Shift.currency),
            reason=row.Shift.difference_reason,
            approved_by=row.approved_by or "",
            printed_times=row.Shift.handed_out_times,
        )
        for row in await session.execute(statement)
    ]


def _filters_of(query: PastShiftQuery) -> dict[str, object]:
    filters = {
        "from": query.first_day.isoformat() if query.first_day else None,
        "to": query.last_day.isoformat() if query.last_day else None,
        "desk": query.desk_id,
        "staff": query.staff_id,
        "off": query.is_off or None,
    }
    return {name: value for name, value in filters.items() if value is not None}


_COLUMNS: Columns[PastShift] = {
    "shift": lambda row, _zone: safe_text(row.name),
    "desk": lambda row, _zone: safe_text(row.desk),
    "opened_at": lambda row, zone: moment(row.opened_at, zone),
    "opened_by": lambda row, _zone: safe_text(row.opened_by),
    "closed_at": lambda row, zone: moment(row.closed_at, zone),
    "closed_by": lambda row, _zone: safe_text(row.closed_by),
    "currency": lambda row, _zone: row.counted.currency,
    "float": lambda row, _zone: row.float.plain(),
    "expected": lambda row, _zone: row.expected.plain(),
    "counted": lambda row, _zone: row.counted.plain(),
    "difference": lambda row, _zone: row.difference.plain(),
    "reason": lambda row, _zone: safe_text(row.reason),
    "approved_by": lambda row, _zone: safe_text(row.approved_by),
    "printed_times": lambda row, _zone: str(row.printed_times),
}
