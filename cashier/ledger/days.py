"""Days of the ledger: which entries of the journal belong to which, once and for all.

A day is what the hospital's clocks showed when the deed was written down, in the time zone that held then, and never
a day before that of an earlier entry. So nothing that is learned later, no clock that is put back and no other zone
moves an entry, and a day is over as soon as the journal has an entry of a later one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.deeds.deed import DeedKind
from cashier.books.hospital import Hospital
from cashier.books.journal import JournalEntry
from cashier.clock import begin_of, on_the_clock
from cashier.errors import Refused
from cashier.language import m


@dataclass(frozen=True, kw_only=True)
class Period:
    """From the first to the last day, both included; None: from the beginning, to the newest entry."""

    first: date | None = None
    last: date | None = None

    def check(self) -> None:
        """Raise ``Refused`` where it ends before it begins."""
        if self.first is not None and self.last is not None and self.last < self.first:
            raise Refused(
                m("The last day, {last}, is before the first, {first}.", last=self.last, first=self.first),
                advice=m("Change one of the two days."),
            )


@dataclass(frozen=True, kw_only=True)
class _Zone:
    """From this entry on, times are shown as in this zone."""

    number: int
    name: str


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Entries of the journal from ``first`` to ``last``, both included; ``is_over``: no day of them gets another."""

    first: int
    last: int
    is_over: bool
    zones: tuple[_Zone, ...]

    def day_of(self, number: int, at: datetime) -> date:
        """Return the day that the clocks showed at that entry."""
        name = next(zone.name for zone in reversed(self.zones) if zone.number <= number)
        return on_the_clock(at, name).date()


class Days:
    """The day of each entry: never before that of an earlier one, whatever clocks said."""

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._latest = date.min
        self.of: dict[int, date] = {}

    async def go_on(self, session: AsyncSession, first: int, last: int) -> None:
        """Find the days of these entries, which follow those before; entries that book nothing count as well."""
        self.of = {}
        statement = sa.select(JournalEntry.number, JournalEntry.at).where(JournalEntry.number.between(first, last))
        for number, at in await session.execute(statement.order_by(JournalEntry.number)):
            self._latest = max(self._latest, self._stretch.day_of(number, at))
            self.of[number] = self._latest


async def stretch_of(session: AsyncSession, period: Period) -> Stretch:
    """Find the entries of ``period``. Raises ``Refused`` where it ends before it begins."""
    period.check()
    zones = await _zones(session)
    newest = int(
        (await session.execute(sa.select(sa.func.coalesce(sa.func.max(JournalEntry.number), 0)))).scalar_one()
    )
    first, last = 1, newest
    if period.first is not None:
        first = await _first_from(session, zones, period.first) or newest + 1
    after = None if period.last is None else await _first_from(session, zones, period.last + timedelta(days=1))
    if after is not None:
        last = after - 1
    return Stretch(first=first, last=last, is_over=after is not None, zones=zones)


async def _first_from(session: AsyncSession, zones: Sequence[_Zone], day: date) -> int | None:
    """Return the first entry of ``day`` or of a later one; None where there is none yet."""
    found = []
    for zone, following in zip(zones, (*zones[1:], None), strict=True):
        until = sa.true() if following is None else JournalEntry.number < following.number
        statement = sa.select(sa.func.min(JournalEntry.number)).where(
            JournalEntry.number >= zone.number, until, JournalEntry.at >= begin_of(day, zone.name)
        )
        found.append((await session.execute(statement)).scalar())
    return min((number for number in found if number is not None), default=None)


async def _zones(session: AsyncSession) -> tuple[_Zone, ...]:
    """Return the zones that held, the first one from the beginning on."""
    statement = (
        sa.select(JournalEntry.number, JournalEntry.facts)
        .where(JournalEntry.action == DeedKind.TIME_ZONE_CHANGED)
        .order_by(JournalEntry.number)
    )
    changes = [(number, json.loads(facts)) for number, facts in await session.execute(statement)]
    if not changes:
        name = (await session.execute(sa.select(Hospital.time_zone))).scalar()
        return (_Zone(number=0, name=name or "UTC"),)
    first = _Zone(number=0, name=changes[0][1]["from"])
    return (first, *(_Zone(number=number, name=facts["to"]) for number, facts in changes))
