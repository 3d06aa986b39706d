"""Whether a database can be relied on: room on its disk, its file whole, letters of all languages kept.

A disk is looked at where the file is; PostgreSQL's is its server's, which nobody here sees until it is full.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sqlite3
import stat
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import make_url

from cashier.database import Database
from cashier.database.troubles import in_words_of_file
from cashier.errors import Misconfigured, Party, Refused
from cashier.language import Message, m

FULL_BELOW_MEGABYTES = 20
"""With less room than that, the next payments may not be written."""
_MEGABYTE = 1024 * 1024
_OWNER_ALONE = 0o600
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


def make_for_owner(url: str) -> None:
    """Make an embedded database's file, empty, so that nobody but its owner reads or writes it.

    One that is there stays as it is. What SQLite puts beside it gets the same rights. On Windows the folder's rights
    hold. Raises nothing: where it cannot be made, whoever opens it says so.
    """
    file = make_url(url).database if url.startswith("sqlite") else None
    if file:
        with contextlib.suppress(OSError):
            Path(file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ALONE))


def readable_by_others(database: Database) -> Message | None:
    """Say who else may read or write an embedded database's file; None where nobody may, and on Windows."""
    if not database.is_sqlite or os.name == "nt":
        return None
    try:
        found = Path(str(database.url.database)).stat()
    except OSError:
        return None
    if found.st_uid not in (os.geteuid(), 0):
        return m("The database's file belongs to another account of this machine.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        return m("Other accounts of this machine may read or write the database's file.")
    return None


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
