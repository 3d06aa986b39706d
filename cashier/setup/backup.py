"""The command ``cashier backup``: the whole embedded database in one file, while desks and companion go on."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from cashier import settings
from cashier.books.hospital import Hospital
from cashier.books.journal import JournalEntry
from cashier.books.schema.revision import revision_of
from cashier.clock import on_the_clock
from cashier.database import Database
from cashier.database.copying import copy_to, discard, make_one_file, refusals_of
from cashier.errors import Refused
from cashier.language import Message, dates, m, mc
from cashier.settings import Settings

_DRAFT = ".part"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a database holds, to tell one from another: its schema, and its last journal entry."""

    revision: str
    entries: int
    last_at: datetime | None
    """By the hospital's clocks."""

    @property
    def words(self) -> Message:
        """Say it to whoever has to decide whether it is the right one."""
        if self.last_at is None:
            return m("It has schema {revision} and nothing was done in it yet.", revision=self.revision)
        return m(
            "It has schema {revision}; its last journal entry is number {number}, of {moment}.",
            revision=self.revision,
            number=str(self.entries),
            moment=dates.moment_in_full(self.last_at),
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file that is to be made."""
    file = str(mc("placeholder", "FILE"))
    parser.add_argument("file", type=Path, metavar=file, help=str(m("the file to make; it must not be there yet")))


def run(arguments: argparse.Namespace) -> int:
    """Make the backup and say what is in it.

    Raises ``Refused`` for a file that is there, a database that is damaged, and one on PostgreSQL.
    """
    found = settings.load(arguments.settings)
    file: Path = arguments.file.absolute()
    source = embedded_file(found, instead="pg_dump --format=custom")
    if file.exists():
        raise Refused(
            m("{path} is there already.", path=file), advice=m("Name another file; none is ever written over.")
        )
    draft = file.with_name(file.name + _DRAFT)
    discard(draft)
    copy_to(source, draft)
    try:
        contents = asyncio.run(contents_of(draft))
        make_one_file(draft)
        with refusals_of(file):
            # A file that came meanwhile stays, too.
            file.hardlink_to(draft)
    finally:
        discard(draft)
    said = m("The backup is whole: {path}.", path=file)
    sys.stdout.write(f"{said}\n{contents.words}\n")
    return 0


def embedded_file(found: Settings, *, instead: str) -> Path:
    """Return the file of the embedded database. Raises ``Refused`` on PostgreSQL, which has commands of its own."""
    url = sa.make_url(found.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Refused(
            m("This database is on a PostgreSQL server, which makes and restores its backups itself."),
            advice=m("Use there: {command} (docs/OPERATIONS.md, Backup).", command=instead),
        )
    return Path(url.database).absolute().resolve()


async def contents_of(file: Path) -> Contents:
    """Read what a database ``file`` holds; it is not changed. Raises ``Refused`` where it is none of Cashier's."""
    database = Database(f"sqlite:///{file}")
    try:
        revision = await revision_of(database)
        if revision is None:
            raise Refused(
                m("{path} is a database, but none of Cashier's.", path=file), advice=m("Name the backup itself.")
            )
        newest = sa.select(JournalEntry.number, JournalEntry.at).order_by(JournalEntry.number.desc()).limit(1)
        async with database.reading() as session:
            last = (await session.execute(newest)).first()
            zone = (await session.execute(sa.select(Hospital.time_zone))).scalar() or "UTC"
        if last is None:
            return Contents(revision=revision, entries=0, last_at=None)
        return Contents(revision=revision, entries=last.number, last_at=on_the_clock(last.at, zone))
    finally:
        await database.close()
