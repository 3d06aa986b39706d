"""What drivers report, in plain words: told by the codes of the databases, never by the words of their texts.

A server speaks the language that its administrator chose; its codes are the same everywhere.
https://www.postgresql.org/docs/current/errcodes-appendix.html and https://www.sqlite.org/rescode.html
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
from psycopg import pq
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cashier.database.lock_holder import holder_of
from cashier.errors import Party, Refused, Unreachable
from cashier.language import m

log = logging.getLogger(__name__)

_Trouble = Refused | Unreachable

_PING_SECONDS = 2
"""How long a server that refused us is waited for once more. It has just answered: a limit, not a pause."""


class EndedInCircle(Unreachable):
    """The database ended this transaction so that others could go on; nothing of it is there."""

    default = m("Somebody else changed the same thing.")


@contextlib.contextmanager
def translated_errors(file: Path | None = None) -> Iterator[None]:
    """Turn what the drivers raise inside the block into ``Refused`` or ``Unreachable``, by the database.

    Where it is kept in a ``file``, whoever holds that is named. What is a bug or a broken rule of the schema stays as
    it is. "This was not saved" speaks of the transaction that failed, not of others before it.
    """
    try:
        yield
    except PoolTimeout as error:
        raise does_not_answer() from error
    except DBAPIError as error:
        translated = _is_held(file) if file is not None and _is_busy(error) else _translate(error)
        if translated is None:
            raise
        translated.by = Party.DATABASE
        raise translated from error


def of_driver(error: sqlite3.Error | psycopg.Error, *, is_lost: bool = False) -> StatementError:
    """Return what SQLAlchemy makes of ``error``, for what is asked past it; ``is_lost``: with the connection."""
    base = sqlite3.Error if isinstance(error, sqlite3.Error) else psycopg.Error
    return DBAPIError.instance(None, None, error, base, connection_invalidated=is_lost)


def is_read_only() -> Refused:
    """Return the refusal of a database that can only be read."""
    return Refused(
        m("The database is read-only."),
        advice=m(
            "Give this account the right to write the file and its folder, or name the server that takes changes; "
            "this was not saved."
        ),
        by=Party.DATABASE,
    )


def is_gone(file: Path) -> Refused:
    """Return the refusal to go on with a ``file`` that was moved, deleted or put in the place of another one."""
    return Refused(
        m("The database file {file} was moved, deleted or replaced while Cashier runs.", file=file.name),
        advice=m("Take no payments. Put it back where it was, or close Cashier and start it again."),
        by=Party.DATABASE,
    )


def does_not_answer() -> Unreachable:
    """Return the trouble of a database that does not answer."""
    return Unreachable(
        m("The database does not answer."),
        advice=m("Check the network and the database server, then try again."),
        by=Party.DATABASE,
    )


def _is_busy(error: DBAPIError) -> bool:
    said = error.orig
    code: int | None = getattr(said, "sqlite_errorcode", None) if isinstance(said, sqlite3.Error) else None
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _translate(error: DBAPIError) -> _Trouble | None:
    """Put what a driver says into words; None for what is a bug or a broken rule of the schema."""
    said = error.orig
    make: Callable[[], _Trouble] | None = None
    if isinstance(said, psycopg.Error):
        make = _BY_SQLSTATE.get(said.sqlstate or "") or _turned_away(said)
    elif isinstance(said, sqlite3.Error):
        extended: int | None = getattr(said, "sqlite_errorcode", None)
        make = None if extended is None else _BY_SQLITE_CODE.get(extended) or _BY_SQLITE_CODE.get(extended & 0xFF)
    if make is not None:
        return make()
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
        return does_not_answer()
    return None


def in_words_of_file(error: sqlite3.Error) -> _Trouble:
    """Return what SQLite says of a file, in plain words."""
    extended: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR)
    return (_BY_SQLITE_CODE.get(extended) or _BY_SQLITE_CODE.get(extended & 0xFF) or _disk_fails)()


def _turned_away(said: psycopg.Error) -> Callable[[], _Trouble] | None:
    """Tell whether a server answered and refused the connection; None when it did not answer.

    Connecting yields no code. What is known is whether a password was asked for, and whether somebody is there now.
    """
    attempt = said.pgconn
    if said.sqlstate is not None or attempt is None or isinstance(said, psycopg.errors.ConnectionTimeout):
        return None
    has_to_do_with_password = attempt.needs_password or attempt.used_password
    if not has_to_do_with_password and not _is_there(attempt):
        return None
    log.warning("database server refused the connection", extra={"said": str(said)})
    return _does_not_accept_account if has_to_do_with_password else _does_not_accept_connection


def _is_there(attempt: pq.abc.PGconn) -> bool:
    """Ask the server of a failed attempt, without an account, whether it takes connections."""
    wanted = {b"host", b"hostaddr", b"port", b"sslmode", b"sslrootcert"}
    where = {option.keyword.decode(): option.val.decode() for option in attempt.info if option.keyword in wanted
             and option.val}  # fmt: skip
    conninfo = psycopg.conninfo.make_conninfo(**where, connect_timeout=_PING_SECONDS)
    return pq.PGconn.ping(conninfo.encode()) == pq.Ping.OK


def _is_held(file: Path | None = None) -> Unreachable:
    """Say who writes to the ``file`` and does not end: this program, another one by name, or somebody unknown."""
    holder = None if file is None else holder_of(file)
    if holder is None:
        return Unreachable(
            m("Somebody else is writing to the database and does not end."),
            advice=m("Wait until that has ended, such as an import or a backup, and try again; this was not saved."),
        )
    if holder.is_this_process:
        return Unreachable(
            m("This program is still writing something else to the database."),
            advice=m("Wait a moment and try again; this was not saved."),
        )
    return Unreachable(
        m(
            "Another program holds the database: {program}, process {process}.",
            program=holder.program or m("name not known"),
            process=str(holder.process),
        ),
        advice=m("Wait until it has ended, or close it, and try again; this was not saved."),
    )


def _takes_too_long() -> Unreachable:
    return Unreachable(
        m("The database did not finish in time."),
        advice=m("Try again; if that does not help, ask IT how busy the database server is. This was not saved."),
    )


def _ended_in_circle() -> Unreachable:
    return EndedInCircle(advice=m("Try again; this was not saved."))


def _disk_fails() -> Unreachable:
    return Unreachable(
        m("The disk cannot read or write the database file."),
        advice=m("Ask IT to check the disk, its connection and the limits of this account; this was not saved."),
    )


def _was_moved() -> Refused:
    return Refused(
        m("The database file was moved, deleted or replaced while Cashier runs."),
        advice=m("Take no payments. Put it back where it was, or close Cashier and start it again."),
    )


def _lacks_right() -> Refused:
    return Refused(
        m("The database does not give this account the right to do that."),
        advice=m("An administrator has to run “cashier migrate” with --grant-desk and --grant-companion."),
    )


def _knows_nobody() -> Refused:
    return Refused(
        m("The database does not know any more who has signed in here."),
        advice=m("Sign out and in again; this was not saved."),
    )


def _is_not_theirs() -> Refused:
    return Refused(
        m("The database refuses this to who has signed in here."),
        advice=m("Ask somebody who may do it, or sign out and in again; this was not saved."),
    )


def _lacks_table() -> Refused:
    return Refused(
        m("The database lacks a table of Cashier's."),
        advice=m("Check database.url in the settings, or put back the last backup; this was not saved."),
    )


def _does_not_accept_account() -> Refused:
    return Refused(
        m("The database does not accept this account."),
        advice=m("Check database.url in the settings and the password: cashier secret set database-password."),
    )


def _does_not_accept_connection() -> Unreachable:
    # Perhaps for good, such as for an unknown database; perhaps not, such as when too many are connected.
    return Unreachable(
        m("The database server answers, but it does not accept this connection."),
        advice=m(
            "Check database.url in the settings, the server's accounts and its pg_hba.conf; the log has the "
            "server's own words."
        ),
    )


def _cannot_be_opened() -> Refused:
    return Refused(
        m("The database file cannot be opened."), advice=m("Check that its folder exists and can be written.")
    )


def _is_damaged() -> Refused:
    return Refused(
        m("The database file is damaged."), advice=m("Put back the last backup; take no payments until then.")
    )


def _is_full() -> Refused:
    return Refused(
        m("The disk of the database is full."), advice=m("Free some space on it and try again; this was not saved.")
    )


def _was_away() -> Unreachable:
    return Unreachable(
        m("The database ended what this machine had begun, because nothing was heard of it for a while."),
        advice=m("Try again: nothing of it was saved. If it happens often, look why this machine stands still."),
    )


_BY_SQLSTATE: Mapping[str, Callable[[], _Trouble]] = {
    "25P03": _was_away,  # idle_in_transaction_session_timeout: others waited for what it held
    "25006": is_read_only,  # read_only_sql_transaction
    "28000": _does_not_accept_account,  # invalid_authorization_specification
    "28P01": _does_not_accept_account,  # invalid_password
    "3D000": _does_not_accept_account,  # invalid_catalog_name: there is no such database
    "40001": _ended_in_circle,  # serialization_failure
    "40P01": _ended_in_circle,  # deadlock_detected
    "42501": _lacks_right,  # insufficient_privilege
    "42P01": _lacks_table,  # undefined_table: the schema was checked at the start, so somebody took it away
    "53100": _is_full,  # disk_full
    "55P03": _is_held,  # lock_not_available
    "57014": _takes_too_long,  # query_canceled: it took longer than statement_timeout
    "CA003": _knows_nobody,  # our own codes, raised by the functions and guards of books/schema
    "CA004": _is_not_theirs,
    "XX001": _is_damaged,  # data_corrupted
    "XX002": _is_damaged,  # index_corrupted
}
"""Troubles of PostgreSQL that a person can end. Others of operation mean that it does not answer."""

_BY_SQLITE_CODE: Mapping[int, Callable[[], _Trouble]] = {
    sqlite3.SQLITE_BUSY: _is_held,
    sqlite3.SQLITE_LOCKED: _is_held,
    sqlite3.SQLITE_READONLY: is_read_only,
    sqlite3.SQLITE_READONLY_DBMOVED: _was_moved,
    sqlite3.SQLITE_PERM: _cannot_be_opened,
    sqlite3.SQLITE_CANTOPEN: _cannot_be_opened,
    sqlite3.SQLITE_CORRUPT: _is_damaged,
    sqlite3.SQLITE_NOTADB: _is_damaged,
    sqlite3.SQLITE_FULL: _is_full,
    sqlite3.SQLITE_IOERR: _disk_fails,
    sqlite3.SQLITE_IOERR_SHMSIZE: _is_full,  # no space for what readers and writers share
}
"""The same for SQLite: extended codes first, then their primary ones."""
