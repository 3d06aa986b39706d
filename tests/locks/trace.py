"""Which rows each transaction locks, in which order: read off the statements that go to the database."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cashier.database import Database

_LOCKS = re.compile(r"\bFROM (\w+)\b.*\bFOR (?:NO KEY )?UPDATE", re.DOTALL)
_UPDATES = re.compile(r"^UPDATE (\w+) SET ")
_INSERTS = re.compile(r"^INSERT INTO (\w+) ")


@dataclass
class Transaction:
    """The tables whose rows one transaction locked, one after the other, without those that it held already."""

    tables: list[str] = field(default_factory=list)
    _held: set[tuple[str, str]] = field(default_factory=set)

    def note(self, statement: str, parameters: Mapping[str, Any]) -> None:
        """Note what one statement locks."""
        if found := _INSERTS.match(statement):
            # Nobody else sees a row that is new.
            self._held |= {(found[1], str(each)) for each in parameters.values()}
        elif statement.startswith("SET CONSTRAINTS journal_draft_sealed"):
            # From here on and not only in COMMIT.
            self._take("journal_head", ())
        elif found := _LOCKS.search(statement):
            self._take(found[1], [str(each) for each in parameters.values()])
        elif found := _UPDATES.match(statement):
            keys = [str(each) for name, each in parameters.items() if name in (f"{found[1]}_id", f"{found[1]}_code")]
            self._take(found[1], keys)

    def _take(self, table: str, keys: Sequence[str]) -> None:
        new = {(table, key) for key in keys} - self._held if keys else {(table, "")} - self._held
        is_known = not keys and any(held == table for held, _ in self._held)
        if new and not is_known:
            self.tables.append(table)
        self._held |= new


@contextlib.contextmanager
def locks_of(database: Database) -> Iterator[list[Transaction]]:
    """Note the locks of every transaction on ``database`` that is begun inside the block."""
    transactions: list[Transaction] = []
    running: dict[int, Transaction] = {}

    def begin(connection: sa.Connection) -> None:
        running[id(connection.connection.dbapi_connection)] = found = Transaction()
        transactions.append(found)

    def execute(
        connection: sa.Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _m: bool
    ) -> None:
        transaction = running.get(id(connection.connection.dbapi_connection))
        for each in parameters if isinstance(parameters, list) else [parameters]:
            if transaction is not None:
                transaction.note(statement, each or {})

    engine = database.engine.sync_engine
    sa.event.listen(engine, "begin", begin)
    sa.event.listen(engine, "before_cursor_execute", execute)
    try:
        yield transactions
    finally:
        sa.event.remove(engine, "begin", begin)
        sa.event.remove(engine, "before_cursor_execute", execute)
