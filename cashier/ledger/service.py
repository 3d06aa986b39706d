"""The ledger as files for accountants: who may read the journal may take it, and the journal says who did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.records import JournalExported
from cashier.books.hospital import Hospital
from cashier.books.journal import JournalEntry
from cashier.books.shift import Shift
from cashier.clock import zone_of
from cashier.csv_file import write_csv, write_text
from cashier.database import Database
from cashier.errors import Refused
from cashier.language import m
from cashier.ledger.chart import DEFAULT_CHART, Chart
from cashier.ledger.days import Period, Stretch, stretch_of
from cashier.ledger.entries import entries_of
from cashier.ledger.entry import Entry
from cashier.ledger.files import WRITER_OF, Form
from cashier.ledger.totals import COLUMNS, totals_of
from cashier.shifts.custody import hidden_drawers
from cashier.staff.rights import Action, require

_TOTALS = "totals"
_NOTHING = m("Nothing was booked in these days.")


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written: how many entries, or totals. ``is_over``: the days are, and the same file comes again."""

    count: int
    is_over: bool


class Ledger:
    """The ledger of all desks. Every verb reads at one moment, changes nothing, and is safe to repeat."""

    def __init__(self, database: Database) -> None:
        """Derive it from ``database``."""
        self._database = database

    async def entries(self, period: Period, actor: journal.Actor) -> list[Entry]:
        """Return the entries of ``period``. Raises ``Refused`` for who may not read the journal."""
        await self._require(actor)
        async with self._database.reading() as session:
            stretch = await self._stretch(session, period, actor)
            return [entry async for entry in entries_of(session, stretch)]

    async def write(
        self,
        form: Form,
        path: Path,
        period: Period,
        actor: journal.Actor,
        *,
        chart: Chart = DEFAULT_CHART,
        replaces: bool = False,
    ) -> Written:
        """Write the entries of ``period`` to ``path``, whole or not at all.

        Raises ``Refused`` for who may not read the journal, where nothing was booked, for an existing file unless it
        ``replaces`` it, and for a folder or disk that does not take it.
        """
        await self._require(actor)
        async with self._database.reading() as session:
            stretch = await self._stretch(session, period, actor)
            count = 0

            async def counted() -> AsyncIterator[Entry]:
                nonlocal count
                async for entry in entries_of(session, stretch):
                    count += 1
                    yield entry

            async def seal() -> None:
                """Say who took it. Raises ``Refused`` for nothing."""
                if not count:
                    raise Refused(_NOTHING, advice=m("Choose other days."))
                await self._note(form.value, count, path, period, actor)

            encoding = chart.csv.encoding if form in (Form.CSV, Form.DAYS) else "utf-8"
            parts = WRITER_OF[form](counted(), chart)
            await write_text(path, parts, encoding=encoding, replaces=replaces, seal=seal)
        return Written(count=count, is_over=stretch.is_over)

    async def write_totals(
        self, path: Path, period: Period, actor: journal.Actor, *, replaces: bool = False
    ) -> Written:
        """Write what was taken and given back by day, desk, tender and department.

        Raises ``Refused`` as ``write`` does.
        """
        await self._require(actor)
        async with self._database.reading() as session:
            stretch = await self._stretch(session, period, actor)
            zone = (await session.execute(sa.select(Hospital.time_zone))).scalar() or "UTC"

            async def seal(rows: int) -> None:
                await self._note(_TOTALS, rows, path, period, actor)

            count = await write_csv(
                path, totals_of(session, stretch), COLUMNS, zone=zone_of(zone), replaces=replaces, seal=seal,
                nothing=_NOTHING,
            )  # fmt: skip
        return Written(count=count, is_over=stretch.is_over)

    async def _require(self, actor: journal.Actor) -> None:
        await require(self._database, actor, Action.READ_AUDIT, subject=Subject.JOURNAL, subject_id="all")

    async def _stretch(self, session: AsyncSession, period: Period, actor: journal.Actor) -> Stretch:
        """Find the entries. Raises ``Refused`` where they would tell ``actor`` a drawer that is counted blind."""
        stretch = await stretch_of(session, period)
        hidden = await hidden_drawers(session, actor)
        since = (await session.execute(sa.select(sa.func.min(Shift.opened_at)).where(Shift.id.in_(hidden)))).scalar()
        newest = sa.select(JournalEntry.at).where(JournalEntry.number == stretch.last)
        until = (await session.execute(newest)).scalar()
        if since is not None and until is not None and until >= since:
            raise Refused(
                m("This would tell the cash of your open shift, and its drawer is counted blind."),
                advice=m("Close the shift first, choose days before it, or let an auditor do it."),
            )
        return stretch

    async def _note(self, form: str, rows: int, path: Path, period: Period, actor: journal.Actor) -> None:
        filters = {"form": form, "first_day": _iso(period.first), "last_day": _iso(period.last)}
        async with self._database.transaction() as session:
            await journal.record(session, JournalExported(rows=rows, file=path.name, filters=filters), actor)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
