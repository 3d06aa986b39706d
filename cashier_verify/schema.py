"""The guards: what the database itself refuses is what this release of Cashier put there, no less, no more.

``expected.json`` has a digest of every trigger, index and function of a fresh database, for SQLite and PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

from cashier_verify import books as opening
from cashier_verify import tables
from cashier_verify.finding import Finding, Findings

EXPECTED = Path(__file__).with_name("expected.json")


def guards(books: sqlite3.Connection) -> Findings:
    """Compare what is there with what was made. Books of another schema are only said to be of one."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    revision = opening.revision_of(books)
    if revision != expected["revision"]:
        yield Finding(
            "guards",
            f"the books are of schema {revision} and this program is of {expected['revision']}: "
            "use the one of the same release, which knows the guards",
        )
        return
    made = expected["postgresql" if opening.is_export(books) else "sqlite"]
    found = objects_of(books)
    for name in sorted(made.keys() | found.keys()):
        if name not in found:
            yield Finding("guards", f"the {name} is missing")
        elif name not in made:
            yield Finding("guards", f"the {name} was added")
        elif made[name] != found[name]:
            yield Finding("guards", f"the {name} was changed")


def objects_of(books: sqlite3.Connection) -> dict[str, str]:
    """Return a digest of the text of each trigger, index and function, by its kind and name."""
    if opening.is_export(books):
        rows = books.execute(f"SELECT name, text FROM {tables.SCHEMA}")
    else:
        rows = books.execute(
            "SELECT type || ' ' || name, sql FROM sqlite_master WHERE type IN ('trigger', 'index', 'view') "
            "AND sql IS NOT NULL"
        )
    return {name: hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16] for name, text in rows}
