"""Whether a database can be relied on: room on its disk, its file whole, letters of all languages kept.

A disk is looked at where the file is; PostgreSQL's is its server's, which nobody here sees until it is full.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import time
from pathlib import Path

import sqlalchemy as sa

from cashier.database import Database
from cashier.database.troubles import in_words_of_file
from cashier.errors import Misconfigured, Party, Refused
from cashier.language import Message, m

FULL_BELOW_MEGABYTES = 20
"""With less room than that, the next payments may not be written."""
_MEGABYTE = 1024 * 1024
_STEPS_BETWEEN_LOOKS = 10_000
_NOT_NOW = (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


async def check_encoding(database: Database) -> None:
    """Raise ``Misconfigured`` for a database that cannot keep every name: it has to be UTF-8; SQLite always is."""
    if database.is_sqlite:
        return
    async with database.reading() as session:
        encoding = (await session.execute(sa.text("SHOW server_encoding"))).scalar_one()
    if encoding != "UTF8":
        raise Misconfigured(
            m("The database keeps text as {encoding}, so that not every name can be kept.", encoding=encoding),
            advice=m(
                "Make a new one with ENCODING 'UTF8' (docs/POSTGRESQL.md), and move what is in it with pg_dump."
            ),
            by=Party.DATABASE,
        )


def free_megabytes(database: Database) -> int | None:
    """Return how much room the disk of an embedded database has; None where that cannot be told."""
    if not database.is_sqlite or not database.url.database:
        return None
    with contextlib.suppress(OSError):
        return shutil.disk_usage(Path(database.url.database).absolute().parent).free // _MEGABYTE
    return None


def room_left(database: Database, *, wanted_megabytes: int) -> Message | None:
    """Say that the disk is nearly full, where it has less room than is wanted; None where all is well.

    Raises ``Refused`` where it is as good as full.
    """
    free = free_megabytes(database)
    if free is None or free >= wanted_megabytes:
        return None
    if free < FULL_BELOW_MEGABYTES:
        raise Refused(
            m("The disk of the database is full: {free} MB are left.", free=free),
            advice=m("Free some space on it; until then payments may not be written."),
            by=Party.DATABASE,
        )
    return m("The disk of the database is nearly full: {free} MB are left.", free=free)


async def check_file(database: Database, *, seconds: float) -> bool:
    """Look for damage in an embedded database for so long at most; tell whether all of it was looked at.

    Raises ``Refused`` where something is damaged, and where there is no file or it cannot be opened: it is never made
    here, and not called damaged. PostgreSQL looks after its files by itself.
    https://www.sqlite.org/pragma.html#pragma_quick_check
    """
    if not database.is_sqlite:
        return True
    return await asyncio.to_thread(_look_through, database.url.database or "", seconds)


def _look_through(file: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    try:
        # Opened otherwise, a file that was moved away would be there again, empty and whole.
        address = f"{Path(file).absolute().as_uri()}?mode=rw"
        with contextlib.closing(sqlite3.connect(address, timeout=seconds, uri=True)) as connection:
            connection.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS_BETWEEN_LOOKS)
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        code = error.sqlite_errorcode & 0xFF
        if code in _NOT_NOW:
            return False
        if code not in _DAMAGED:
            raise in_words_of_file(error) from None
        found = str(error)
    if found != "ok":
        raise Refused(
            m("The database file is damaged: {found}.", found=found),
            advice=m("Take no payments. Keep the file as it is, and put back the last backup."),
            by=Party.DATABASE,
        )
    return True
