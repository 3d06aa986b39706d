"""Guards of SQLite against REPLACE: ``INSERT OR REPLACE`` and ``UPDATE OR REPLACE`` take a row out without asking.

Where a row would take the place of another, these refuse before the database does it, in the words of the constraint
that is broken: whoever only inserts notices nothing of them. PostgreSQL has no such statement.
https://sqlite.org/lang_conflict.html

A table that is written with ``ON CONFLICT DO NOTHING`` cannot have them, because they would refuse that as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

WRITTEN_IF_MISSING = frozenset({"difference", "hl7_message", "receipt_series", "stripe_event"})
"""Tables whose rows are kept, and that are written with ``ON CONFLICT DO NOTHING``."""

_PARTIAL = {
    "uq_receipt_of_payment": ("kind", "{row}kind = 'payment'"),
    "uq_receipt_reversal_id": ("reversal_id", "{row}reversal_id IS NOT NULL"),
    "uq_refund_instead_of": ("state", "{row}state NOT IN ('rejected', 'expired', 'failed')"),
    "uq_shift_open": ("closed_at", "{row}closed_at IS NULL"),
}
"""Which rows an index with a condition is about, by its name: the column that says so, and the condition."""


def guards_against_replacing(
    metadata: sa.MetaData, kept: Iterable[str], never_changed: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Return name and statement of every guard for the tables that are ``kept``."""
    unchanged = set(never_changed)
    for name in sorted(set(kept) - WRITTEN_IF_MISSING):
        table = metadata.tables[name]
        primary = [column.name for column in table.primary_key.columns]
        yield _inserted(name, primary, "")
        if name not in unchanged:
            yield _keeps_key(name, primary)
        for columns, about, condition in _unique_keys(table):
            yield _inserted(name, columns, condition)
            if name not in unchanged:
                yield _moved(name, columns, about, condition)


def _unique_keys(table: sa.Table) -> list[tuple[list[str], str, str]]:
    constraints = (each for each in table.constraints if isinstance(each, sa.UniqueConstraint))
    keys = {tuple(column.name for column in each.columns): ("", "") for each in constraints}
    for index in table.indexes:
        if index.unique:
            keys[tuple(column.name for column in index.columns)] = _PARTIAL[str(index.name)]
    return [(list(columns), *condition) for columns, condition in sorted(keys.items())]


def _keeps_key(table: str, columns: list[str]) -> tuple[str, str]:
    name = f"{table}_{'_'.join(columns)}_stays"
    differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
    return name, (
        f"CREATE TRIGGER {name} BEFORE UPDATE OF {', '.join(columns)} ON {table} WHEN {differs} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is kept as it is'); END"
    )


def _inserted(table: str, columns: list[str], condition: str) -> tuple[str, str]:
    name = f"{table}_{'_'.join(columns)}_taken"
    taken, refuse = _words(table, columns, condition)
    return name, f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {taken}) {refuse}"


def _moved(table: str, columns: list[str], about: str, condition: str) -> tuple[str, str]:
    name = f"{table}_{'_'.join(columns)}_moved"
    taken, refuse = _words(table, columns, condition)
    changed = ", ".join([*columns, about] if about else columns)
    return name, (
        f"CREATE TRIGGER {name} BEFORE UPDATE OF {changed} ON {table} WHEN {taken} AND rowid <> OLD.rowid) {refuse}"
    )


def _words(table: str, columns: list[str], condition: str) -> tuple[str, str]:
    same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    of_new = f"{condition.format(row='NEW.')} AND " if condition else ""
    of_other = f" AND {condition.format(row='')}" if condition else ""
    broken = ", ".join(f"{table}.{column}" for column in columns)
    refuse = f"BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {broken}'); END"
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE {same}{of_other}"  # noqa: S608 - names of ours
    return of_new + taken, refuse
