"""SQLite lets a row take another's place by REPLACE, past every guard against deleting: here nothing does."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from cashier.books.schema import guards
from cashier.books.schema.replacing import WRITTEN_IF_MISSING
from cashier.books.schema.revision import metadata
from tests.surroundings.settled import settle


@pytest.fixture
async def books(hospital, hospital_database):
    """The books with a receipt in them, opened as anybody with the file can."""
    await settle(hospital_database, {"INV-2026-000001": 500})
    with closing(sqlite3.connect(hospital.file)) as opened:
        yield opened


COLUMNS = "series, number, kind, payment_id, amount_minor, currency, issued_at, facts"
REPLACED = (
    "INSERT OR REPLACE INTO receipt SELECT * FROM receipt",
    f"REPLACE INTO receipt ({COLUMNS}) SELECT {COLUMNS} FROM receipt",
    f"REPLACE INTO receipt ({COLUMNS}) SELECT {COLUMNS.replace('number', '99')} FROM receipt",
    "INSERT OR REPLACE INTO allocation SELECT * FROM allocation",
    "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry",
    "INSERT OR REPLACE INTO journal_head VALUES (1, 0, 'x')",
    "INSERT OR REPLACE INTO payment SELECT * FROM payment",
    "UPDATE OR REPLACE payment SET id = 'ffffffffffffffffffffffffffffffff'",
    "UPDATE OR REPLACE staff SET sign_in_name = 'casey' WHERE sign_in_name = 'sol'",
    "UPDATE OR REPLACE invoice SET id = 2 WHERE id = 1",
    "UPDATE OR REPLACE invoice SET number = 'INV-2026-000002' WHERE number = 'INV-2026-000001'",
    "INSERT OR REPLACE INTO staff SELECT * FROM staff WHERE id = 3",
)


@pytest.mark.parametrize("statement", REPLACED)
def test_no_row_takes_the_place_of_another(books, statement):
    before = {table: books.execute(f"SELECT * FROM {table}").fetchall() for table in guards.NEVER_DELETED}

    with pytest.raises(sqlite3.IntegrityError, match=r"UNIQUE constraint failed|is kept as it is"):
        books.execute(statement)
    books.rollback()

    assert {table: books.execute(f"SELECT * FROM {table}").fetchall() for table in guards.NEVER_DELETED} == before


def test_every_key_of_a_table_that_is_kept_is_guarded(migrated_file):
    """Whatever unique key a table has or gains, there is a guard that names it."""
    with closing(sqlite3.connect(migrated_file)) as opened:
        words = "".join(text for (text,) in opened.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'"))
    for name in set(guards.NEVER_DELETED) - WRITTEN_IF_MISSING:
        for columns in keys_of(metadata.tables[name]):
            assert f"UNIQUE constraint failed: {', '.join(f'{name}.{column}' for column in columns)}'" in words


def keys_of(table):
    unique = [each.columns for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
    unique += [index.columns for index in table.indexes if index.unique]
    return [[column.name for column in columns] for columns in (table.primary_key.columns, *unique)]


def test_what_is_only_inserted_is_refused_in_the_words_of_the_constraint(books):
    with pytest.raises(sqlite3.IntegrityError, match=r"^UNIQUE constraint failed: desk\.code$"):
        books.execute("INSERT INTO desk SELECT 99, code, name, is_active, is_counter FROM desk WHERE id = 1")
    with pytest.raises(sqlite3.IntegrityError, match=r"^UNIQUE constraint failed: staff\.sign_in_name$"):
        books.execute("INSERT INTO staff (sign_in_name) VALUES ('casey')")
