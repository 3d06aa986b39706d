"""Where the sandbox keeps what it knows: one SQLite database, in memory or in a file.

All work happens on one thread, inside ``transaction()``. A file uses write-ahead logging: what was committed
survives the death of the process at any moment.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cashier.errors import Misconfigured
from cashier.language import m
from cashier.sandbox.engine.failures import Json

_FORMAT = 1
_TABLES = """
CREATE TABLE objects (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, object TEXT NOT NULL, created INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL, private TEXT NOT NULL);
CREATE INDEX objects_by_kind ON objects (object, deleted, seq);
CREATE INDEX objects_by_time ON objects (object, created);
CREATE INDEX objects_by_customer ON objects (object, json_extract(body, '$.customer'), seq);
CREATE INDEX objects_by_intent ON objects (object, json_extract(body, '$.payment_intent'), seq);
CREATE INDEX objects_by_charge ON objects (object, json_extract(body, '$.charge'), seq);
CREATE INDEX objects_by_type ON objects (object, json_extract(body, '$.type'), seq);
CREATE TABLE idempotency (
    key TEXT NOT NULL, owner TEXT NOT NULL, path TEXT NOT NULL, fingerprint TEXT NOT NULL, request TEXT NOT NULL,
    status INTEGER NOT NULL, body BLOB NOT NULL, created REAL NOT NULL, PRIMARY KEY (key, owner));
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY, event TEXT NOT NULL, endpoint TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL, due REAL NOT NULL, since REAL NOT NULL, last_status INTEGER);
CREATE INDEX deliveries_due ON deliveries (state, due);
CREATE INDEX deliveries_by_event ON deliveries (event, state);
CREATE TABLE agenda (seq INTEGER PRIMARY KEY, due REAL NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL);
CREATE INDEX agenda_due ON agenda (due);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A piece of SQL over ``objects`` with its values: what a list filter or a search becomes."""

    sql: str
    values: tuple[object, ...] = ()


class Store:
    """Objects in the order of their creation, each with a body that is answered and a private part that is not."""

    def __init__(self, file: Path | None = None) -> None:
        """Open ``file``, or a database in memory. Raises ``Misconfigured`` when the file is something else."""
        try:
            self.connection = sqlite3.connect(str(file) if file else ":memory:", isolation_level=None, timeout=1)
            self.connection.row_factory = sqlite3.Row
            self.connection.execute("PRAGMA journal_mode = WAL")
            # A killed process loses nothing in this mode; only a power cut may cost the last commits.
            self.connection.execute("PRAGMA synchronous = NORMAL")
            # One sandbox per file: a second one would answer from a state that moves under it.
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._prepare(file)
        except sqlite3.Error as error:
            raise Misconfigured(
                m("The state file {file} cannot be used: {reason}.", file=file, reason=str(error)),
                advice=m("Close the other sandbox that uses it, or name another file."),
            ) from error

    def _prepare(self, file: Path | None) -> None:
        [(version,)] = self.connection.execute("PRAGMA user_version")
        if version not in (0, _FORMAT):
            raise Misconfigured(
                m("The state file {file} was written by another version of the sandbox.", file=file),
                advice=m("Name another file."),
            )
        if version == 0:
            self.connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_FORMAT}; COMMIT")
        else:
            # Taking the lock at once, not with the first request.
            self.connection.executescript("BEGIN IMMEDIATE; COMMIT")

    def close(self) -> None:
        """Close the database; a file is left as one piece."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything done inside together, or nothing when an exception leaves it."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what was done inside, and only that, when an exception leaves it."""
        self.connection.execute("SAVEPOINT work")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO work")
            raise
        finally:
            self.connection.execute("RELEASE work")

    def add(
        self, body: Json, private: Json | None = None, *, kind: str | None = None, created: int | None = None
    ) -> None:
        """Add a new object under its id, at the end of the order."""
        self.connection.execute(
            "INSERT INTO objects (id, object, created, body, private) VALUES (?, ?, ?, ?, ?)",
            (body["id"], body["object"], created, json.dumps(body), json.dumps(private or {})),
        )

    def save(self, body: Json, private: Json | None = None) -> None:
        """Replace the body of a known object, and its private part when given."""
        self.connection.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))
        if private is not None:
            self.connection.execute("UPDATE objects SET private = ? WHERE id = ?", (json.dumps(private), body["id"]))

    def delete(self, body: Json) -> None:
        """Leave ``body``, the stub that Stripe keeps answering, and take the object out of all lists."""
        self.connection.execute(
            "UPDATE objects SET body = ?, deleted = 1 WHERE id = ?", (json.dumps(body), body["id"])
        )

    def find(self, object_id: str, kind: str | None = None) -> Json | None:
        """Return the object with this id (of this kind, when given), deleted ones too."""
        row = self.connection.execute("SELECT object, body FROM objects WHERE id = ?", (object_id,)).fetchone()
        if row is None or (kind is not None and row["object"] != kind):
            return None
        body: Json = json.loads(row["body"])
        return body

    def private(self, object_id: str) -> Json:
        """Return what is known about an object but never answered, such as how a test card behaves."""
        row = self.connection.execute("SELECT private FROM objects WHERE id = ?", (object_id,)).fetchone()
        private: Json = json.loads(row["private"]) if row else {}
        return private

    def position(self, object_id: str, kind: str) -> int | None:
        """Return where an object stands in the order of creation."""
        row = self.connection.execute(
            "SELECT seq FROM objects WHERE id = ? AND object = ?", (object_id, kind)
        ).fetchone()
        return row["seq"] if row else None

    def select(
        self, kind: str, conditions: Sequence[Condition] = (), *, limit: int = -1, oldest_first: bool = False
    ) -> list[tuple[int, Json]]:
        """Return positions and bodies of the objects that meet all conditions, newest first unless told."""
        where = "".join(f" AND ({condition.sql})" for condition in conditions)
        values = [value for condition in conditions for value in condition.values]
        order = "ASC" if oldest_first else "DESC"
        # The SQL in a condition is written by this package; what comes from a request is always a bound value.
        rows = self.connection.execute(
            f"SELECT seq, body FROM objects WHERE object = ? AND deleted = 0{where} ORDER BY seq {order} LIMIT ?",  # noqa: S608
            [kind, *values, limit],
        )
        return [(row["seq"], json.loads(row["body"])) for row in rows]

    def setting(self, name: str) -> str | None:
        """Return a value kept under ``name``."""
        row = self.connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else None

    def keep_setting(self, name: str, value: str) -> None:
        """Keep ``value`` under ``name``."""
        self.connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
