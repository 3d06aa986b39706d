"""What a database says about its own schema, piece by piece, so that two schemas can be held against each other.

A piece is one column, constraint, index, trigger or function; it has a name that people can look for, and its whole
text as the database keeps it, defaults and conditions included.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping

import sqlalchemy as sa

from cashier.books.schema import guards

_POSTGRESQL = """
    SELECT relname AS "table", 'column ' || attname AS piece,
        format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
        || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '') || coalesce(' COLLATE ' || collname, '')
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        LEFT JOIN pg_collation ON pg_collation.oid = attcollation
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT conrelid::regclass::text, 'constraint ' || conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL SELECT indrelid::regclass::text, 'index ' || indexrelid::regclass::text, pg_get_indexdef(indexrelid)
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT tgrelid::regclass::text, 'trigger ' || tgname, pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT '', 'function ' || proname, pg_get_functiondef(oid)
        FROM pg_proc WHERE pronamespace = 'public'::regnamespace"""


def schema_at(url: str) -> dict[str, str]:
    """Return the text of every piece of the schema by its name, as in “payment: constraint ck_payment_tender”.

    The table of Alembic is left out. Order of columns and constraints is no part of it.
    """
    with connected(url) as connection:
        return _pieces_of(connection)


def schema_of_models(models: sa.MetaData, url: str) -> dict[str, str]:
    """Make ``models`` and today's guards in the empty database at ``url``; return what ``schema_at`` does."""
    with connected(url) as connection:
        models.create_all(connection)
        for statement in guards.statements(models, sqlite=connection.dialect.name == "sqlite"):
            connection.execute(sa.text(statement))
        return _pieces_of(connection)


def differences(*, migrated: Mapping[str, str], models: Mapping[str, str]) -> list[str]:
    """Return a line for each piece that is not the same in both."""
    nowhere = "(not there)"
    return [
        f"{name}\n    migrated: {migrated.get(name, nowhere)}\n    models:   {models.get(name, nowhere)}"
        for name in sorted({*migrated, *models})
        if migrated.get(name) != models.get(name)
    ]


def _pieces_of(connection: sa.Connection) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT type, tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        found = [each for row in rows for each in _on_sqlite(*row)]
    else:
        found = [tuple(row) for row in connection.exec_driver_sql(_POSTGRESQL)]
    return {
        f"{table}: {piece}".removeprefix(": "): text for table, piece, text in found if table != "alembic_version"
    }


@contextlib.contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _on_sqlite(kind: str, table: str, name: str, sql: str) -> Iterable[tuple[str, str, str]]:
    if kind != "table":
        yield table, f"{kind} {name}", _plain(sql)
        return
    if table.startswith("sqlite_"):
        return
    for piece in _parts(sql[sql.index("(") + 1 : sql.rindex(")")]):
        yield from ((table, *each) for each in _named(_plain(piece)))


def _named(piece: str) -> Iterable[tuple[str, str]]:
    """Part a line of CREATE TABLE into what it says of the column and the constraints that hang on it."""
    if piece.startswith("CONSTRAINT "):
        yield f"constraint {piece.split()[1]}", piece
        return
    if re.match(r"(CHECK|UNIQUE|PRIMARY KEY|FOREIGN KEY)\b", piece):
        yield f"constraint {piece}", piece
        return
    column, *constraints = re.split(r" (?=CONSTRAINT )", piece)
    name = column.split()[0]
    yield f"column {name}", column
    for constraint in constraints:
        # A column that was added later carries what CREATE TABLE says in a line of its own.
        text = re.sub(r"^(CONSTRAINT \w+) REFERENCES", rf"\1 FOREIGN KEY({name}) REFERENCES", constraint)
        yield f"constraint {text.split()[1]}", text


def _parts(text: str) -> list[str]:
    """Part at the commas that stand in no parentheses and no quotation marks."""
    parts, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        depth += 0 if quote else (sign == "(") - (sign == ")")
        if sign == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _plain(text: str) -> str:
    return " ".join(text.replace('"', "").split())
