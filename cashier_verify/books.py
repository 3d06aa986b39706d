"""The books as the rules read them: an SQLite connection to the file itself, or to what an export holds.

The file is opened for reading only. Beside it is a scratch database in memory, in which the rules prepare what they
compare.
"""

from __future__ import annotations

import csv
import hashlib
import sqlite3
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cashier_verify import tables
from cashier_verify.check import readable
from cashier_verify.finding import Unreadable

ID_SUBJECTS = ("payment", "refund", "payment link")
"""What the journal names by an id with hyphens; records are kept without."""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the books at ``path``, a file or an export's folder. Raises ``Unreadable``, and never changes them."""
    connection = _of_export(path) if path.is_dir() else _of_file(path)
    try:
        connection.create_function("sha256_of", 1, _digest, deterministic=True)
        _prepare(connection)
        yield connection
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"{path.name} cannot be read as Cashier's books: {error}.") from error
    finally:
        connection.close()


def revision_of(books: sqlite3.Connection) -> str:
    """Return of which schema the books are."""
    row = books.execute(f"SELECT version_num FROM {tables.REVISION}").fetchone()
    if row is None:
        raise Unreadable("The books do not say of which schema they are: they were not made by Cashier.")
    return str(row[0])


def is_export(books: sqlite3.Connection) -> bool:
    """Tell whether they come from PostgreSQL."""
    found = books.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (tables.SCHEMA,))
    return found.fetchone() is not None


def _of_file(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise Unreadable(f"There is no file {path.name}.")
    quoted = urllib.parse.quote(str(path.absolute()))
    # A copy that nobody writes is read without leaving anything beside it; what is in use has its newest there.
    is_at_rest = not any(path.with_name(f"{path.name}{end}").exists() for end in ("-wal", "-shm"))
    try:
        connection = sqlite3.connect(f"file:{quoted}?{'immutable=1' if is_at_rest else 'mode=ro'}", uri=True)
        # Everything is read as it stood at one moment, also while desks work.
        connection.isolation_level = None
        connection.execute("BEGIN")
        connection.execute(f"SELECT version_num FROM {tables.REVISION}")
    except sqlite3.DatabaseError as error:
        raise Unreadable(
            f"{path.name} cannot be opened as Cashier's books: {error}. "
            "A file with -wal beside it wants to lie where it may be read with that."
        ) from error
    return connection


def _of_export(folder: Path) -> sqlite3.Connection:
    csv.field_size_limit(sys.maxsize)
    connection = sqlite3.connect("")
    for name in tables.statements():
        path = folder / f"{name}.csv"
        try:
            with path.open(encoding="utf-8", newline="") as file:
                _load(connection, name, csv.reader(file))
        except OSError as error:
            raise Unreadable(f"The export has no {path.name}: {error.strerror}. Make it anew.") from error
        except (UnicodeDecodeError, csv.Error, StopIteration, sqlite3.Error) as error:
            connection.close()
            raise Unreadable(f"{path.name} is not as the export writes it. Make it anew.") from error
    connection.commit()
    return connection


def _load(connection: sqlite3.Connection, name: str, rows: Iterator[list[str]]) -> None:
    heading = next(rows)
    wanted = [column for column, _ in tables.columns_of(name)] if name in tables.TABLES else heading
    if heading != wanted:
        raise csv.Error(f"columns {heading}")
    # Without a type, SQLite keeps what it is given; numbers become numbers by the affinity.
    columns = ", ".join(f'"{column}" {_affinity(column)}' for column in heading)
    connection.execute(f'CREATE TABLE "{name}" ({columns})')
    places = ", ".join("?" * len(heading))
    connection.executemany(
        f'INSERT INTO "{name}" VALUES ({places})',
        ([None if value == "\\N" else value for value in row] for row in rows),
    )


def _affinity(column: str) -> str:
    is_number = column.endswith(("_minor", "_max")) or column in _NUMBERS
    return "INTEGER" if is_number else "TEXT"


_NUMBERS = {
    "number", "staff_id", "desk_id", "is_active", "client_id", "patient_id", "shift_id", "invoice_id", "receipt_id",
    "copy", "requested_by", "decided_by", "rule_client_id", "opened_by", "closed_by", "difference_approved_by",
    "journal_number", "pieces", "merged_into_id", "session_id",
}  # fmt: skip
"""Columns of whole numbers. An ``id`` is one in some tables and text in others: it is compared as it stands."""


def _digest(content: str | bytes | None) -> str | None:
    """Digest a paper; in an export it is one already."""
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else content


def _prepare(connection: sqlite3.Connection) -> None:
    """Put the entries of the journal where rules find them by what they are about."""
    named = ", ".join(f"'{subject}'" for subject in ID_SUBJECTS)
    connection.execute(
        "CREATE TEMP TABLE told AS SELECT number, at, staff_id, desk_id, action, subject, "
        f"CASE WHEN subject IN ({named}) THEN replace(subject_id, '-', '') ELSE subject_id END AS about, "
        f"{readable('facts')} AS facts FROM journal_entry"
    )
    connection.execute("CREATE INDEX temp.told_by_action ON told (action, about, number)")
