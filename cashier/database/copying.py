"""Copies of an embedded database: made while desks work, and put back when nobody does, with nothing lost between.

An SQLite database is more than one file: what was written last stands in the ``-wal`` beside it, and a copy that is
laid over the file alone meets a log that is not its own. https://www.sqlite.org/howtocorrupt.html#unlinkwal
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from cashier.database.lock_holder import users_of
from cashier.database.troubles import in_words_of_file
from cashier.errors import Party, Refused, why_not
from cashier.language import Message, m, verbatim

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database; the first and the last hold what the file does not have yet."""
_LOCK_SECONDS = 2.0
_HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def copy_to(file: Path, copy: Path) -> None:
    """Make ``copy`` hold all of the database ``file`` at one moment, and look through it; others go on meanwhile.

    Only this account may read it. Raises ``Refused`` for a database that is damaged or not there, and for a folder or
    disk that does not take the copy; then there is none.
    """
    with refusals_of(copy):
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with _words_of_sqlite(), _opened(file, "ro") as source, _opened(copy, "rw") as target:
            source.backup(target)
        check_whole(copy)
    except BaseException:
        discard(copy)
        raise


def make_one_file(copy: Path) -> None:
    """Put all of a copy that nobody has open into its one file, and wait until that is on the disk."""
    with _words_of_sqlite(), _opened(copy, "rw") as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with refusals_of(copy):
        _keep_on_disk(copy)


def check_whole(file: Path) -> None:
    """Look through all of a database. Raises ``Refused`` where it is damaged, is none, or is not there.

    https://www.sqlite.org/pragma.html#pragma_integrity_check
    """
    try:
        with _opened(file, "ro") as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            astray = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in _DAMAGED:
            raise in_words_of_file(error) from None
        raise _damaged(file, verbatim(error)) from None
    if found != "ok":
        raise _damaged(file, verbatim(found))
    if astray is not None:
        raise _damaged(file, m("{table} refers to what is not there", table=astray[0]))


def put_in_place(draft: Path, file: Path, former: Path) -> bool:
    """Let ``draft`` be the database ``file``, and keep what was there as ``former``; tell whether there was anything.

    Interrupted anywhere, ``file`` is the former database or the new one, whole. Raises ``Refused`` while a program
    has it open, and for a folder that does not let it happen; then nothing was changed.
    """
    has_former = file.exists()
    with contextlib.ExitStack() as stack:
        if has_former:
            stack.enter_context(_held_alone(file))
            with refusals_of(former):
                _keep_as(file, former)
        with refusals_of(file):
            for ending in _BESIDE:
                with contextlib.suppress(FileNotFoundError):
                    _beside(file, ending).rename(_beside(former, ending))
            draft.replace(file)
            _keep_on_disk(file)
    return has_former


def discard(draft: Path) -> None:
    """Remove a copy that nobody wants, with what is beside it. Safe to repeat."""
    for each in (draft, *(_beside(draft, ending) for ending in _BESIDE)):
        each.unlink(missing_ok=True)


@contextlib.contextmanager
def _held_alone(file: Path) -> Iterator[None]:
    """Keep everybody else out of ``file``, with its log written into it; a damaged one is nobody's as it is."""
    users = [each for each in users_of(file) if not each.is_this_process]
    if users:
        raise _in_use(", ".join(each.program or str(each.process) for each in users))
    with _opened(file, "rw") as connection:
        try:
            # Nothing of it is in a second file then; while anybody else has it open, SQLite refuses this.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            code = error.sqlite_errorcode & 0xFF
            if code in _HELD:
                raise _in_use("") from None
            if code not in _DAMAGED:
                raise in_words_of_file(error) from None
        yield


def _in_use(programs: str) -> Refused:
    advice = m("Close every desk and the companion on this machine, and do it again. Nothing was changed.")
    if programs:
        return Refused(m("The database is in use: {programs}.", programs=programs), advice=advice, by=Party.DATABASE)
    return Refused(m("The database is in use by another program."), advice=advice, by=Party.DATABASE)


def _damaged(file: Path, found: Message) -> Refused:
    return Refused(
        m("{path} is damaged, or no database: {found}.", path=file, found=found),
        advice=m("Leave it as it is, and take another backup."),
        by=Party.DATABASE,
    )


def _keep_as(file: Path, former: Path) -> None:
    try:
        former.hardlink_to(file)
    except FileExistsError:
        raise
    except OSError:  # such as a file system without links
        shutil.copy2(file, former)
        _keep_on_disk(former)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


@contextlib.contextmanager
def _opened(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    address = f"{file.absolute().as_uri()}?mode={mode}"
    with contextlib.closing(
        sqlite3.connect(address, timeout=_LOCK_SECONDS, uri=True, isolation_level=None)
    ) as connection:
        yield connection


@contextlib.contextmanager
def _words_of_sqlite() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in _DAMAGED:
            raise Refused(
                m("The database file is damaged: {found}.", found=str(error)),
                advice=m("Take no payments. Keep the file as it is, and put back the last backup."),
                by=Party.DATABASE,
            ) from None
        raise in_words_of_file(error) from None


@contextlib.contextmanager
def refusals_of(path: Path) -> Iterator[None]:
    """Turn what the system says of a file into ``Refused``."""
    try:
        yield
    except FileExistsError:
        raise Refused(
            m("{path} is there already.", path=path), advice=m("Name another file; none is ever written over.")
        ) from None
    except OSError as error:
        raise Refused(_why(path, error), advice=m("Check the folder, its rights and the room on its disk.")) from None


def _why(path: Path, error: OSError) -> Message:
    return m("{path} cannot be written: {reason}.", path=path, reason=why_not(error))


def _keep_on_disk(file: Path) -> None:
    """Wait until the file and its name are on the disk. https://man7.org/linux/man-pages/man2/fsync.2.html"""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
    if os.name == "posix":
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
