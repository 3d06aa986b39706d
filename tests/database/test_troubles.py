"""What drivers report is told by its code, whatever language the server speaks; each trouble is a real one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from cashier.books.schema.migration import migrate
from cashier.database import Database
from cashier.errors import CashierError, Refused, Unreachable
from tests.surroundings.postgres import running_cluster


@pytest.fixture(scope="module")
def spanish():
    """A server that speaks Spanish, and on it a database with two accounts."""
    with running_cluster(language="es") as cluster:
        cluster.create("hospital")
        migrate(cluster.url("hospital"))
        cluster.order("CREATE ROLE clerk LOGIN PASSWORD 'right'")
        cluster.order("CREATE ROLE guest LOGIN")
        cluster.rule("host all clerk 127.0.0.1/32 scram-sha-256")
        cluster.rule("host all stranger 127.0.0.1/32 reject")
        yield cluster


class Told(NamedTuple):
    """A trouble as its reader sees it."""

    kind: type[CashierError]
    message: str
    advice: str


@contextlib.asynccontextmanager
async def opened(url, **options):
    database = Database(url, **options)
    try:
        yield database
    finally:
        await database.close()


async def trouble_of(url, *statements, **options):
    """Return the trouble that ``statements`` end in."""
    async with opened(url, **options) as database:
        with pytest.raises(CashierError) as raised:
            async with database.transaction() as session:
                for statement in statements or ("SELECT 1",):
                    await session.execute(sa.text(statement))
    return Told(type(raised.value), str(raised.value.message), str(raised.value.advice))


def test_the_server_of_these_tests_speaks_spanish(spanish):
    with pytest.raises(Exception, match="división por cero"):
        spanish.order("SELECT 1 / 0")


async def test_a_right_that_is_missing_says_so(spanish):
    trouble = await trouble_of(spanish.url("hospital", role="guest"), "SELECT * FROM journal_entry")

    assert issubclass(trouble.kind, Refused)
    assert "does not give this account the right" in trouble.message
    assert "--grant-desk" in trouble.advice


@pytest.mark.parametrize("password", ["wrong", None])
async def test_a_wrong_password_says_so(spanish, password):
    trouble = await trouble_of(spanish.url("hospital", role="clerk"), password=password)

    assert issubclass(trouble.kind, Refused)
    assert trouble.message == "The database does not accept this account."
    assert "cashier secret set database-password" in trouble.advice


async def test_the_right_password_is_let_in(spanish):
    async with opened(spanish.url("hospital", role="clerk"), password="right") as database, database.reading():
        pass


@pytest.mark.parametrize(
    ("name", "role", "says"),
    [("nowhere", "guest", "no existe la base de datos"), ("hospital", "nobody", "no existe el rol"),
     ("hospital", "stranger", "pg_hba.conf")],
)  # fmt: skip
async def test_a_server_that_refuses_the_connection_is_not_one_that_is_away(spanish, caplog, name, role, says):
    with caplog.at_level(logging.WARNING, logger="cashier.database"):
        trouble = await trouble_of(spanish.url(name, role=role))

    assert issubclass(trouble.kind, Unreachable)
    assert "does not accept this connection" in trouble.message
    assert "database.url" in trouble.advice
    assert any(says in record.said for record in caplog.records), "the log has the server's own words"


async def test_a_server_that_nobody_started_does_not_answer(free_port):
    trouble = await trouble_of(f"postgresql://cashier@127.0.0.1:{free_port}/cashier")

    assert issubclass(trouble.kind, Unreachable)
    assert trouble.message == "The database does not answer."


async def test_two_who_wait_for_each_other_are_told_to_try_again(spanish):
    spanish.order("CREATE TABLE IF NOT EXISTS circle (id int PRIMARY KEY)", database="hospital")
    spanish.order("INSERT INTO circle VALUES (1), (2)", database="hospital")
    both_hold_one = asyncio.Barrier(2)

    async with opened(spanish.url("hospital", role="postgres")) as database:

        async def lock(first, second):
            async with database.transaction() as session:
                await session.execute(sa.text(f"SELECT 1 FROM circle WHERE id = {first} FOR UPDATE"))
                await both_hold_one.wait()
                await session.execute(sa.text(f"SELECT 1 FROM circle WHERE id = {second} FOR UPDATE"))

        ends = await asyncio.gather(lock(1, 2), lock(2, 1), return_exceptions=True)

    (trouble,) = [end for end in ends if end is not None]
    assert isinstance(trouble, Unreachable)
    assert str(trouble.message) == "Somebody else changed the same thing."


async def test_a_row_that_changed_meanwhile_is_told_as_that(spanish):
    spanish.order("CREATE TABLE IF NOT EXISTS counter (value int)", database="hospital")
    spanish.order("INSERT INTO counter VALUES (1)", database="hospital")

    async with opened(spanish.url("hospital", role="postgres")) as database:
        with pytest.raises(Unreachable, match="Somebody else changed"):
            async with database.transaction() as session:
                await session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
                await session.execute(sa.text("SELECT value FROM counter"))
                spanish.order("UPDATE counter SET value = 2", database="hospital")
                await session.execute(sa.text("UPDATE counter SET value = 3"))


async def test_a_lock_that_does_not_come_in_time_says_who_has_it(spanish):
    async with opened(spanish.url("hospital")) as other, other.transaction() as holding:
        await holding.execute(sa.text("LOCK TABLE journal_entry"))

        trouble = await trouble_of(
            spanish.url("hospital"), "SET LOCAL lock_timeout = '50ms'", "SELECT * FROM journal_entry"
        )

    assert issubclass(trouble.kind, Unreachable)
    assert trouble.message == "Another program holds the database."


async def test_a_statement_that_takes_too_long_is_no_answer(spanish):
    trouble = await trouble_of(spanish.url("hospital"), "SET LOCAL statement_timeout = '50ms'", "SELECT pg_sleep(9)")

    assert trouble.message == "The database does not answer."


async def test_a_server_that_takes_no_changes_says_so(spanish):
    trouble = await trouble_of(
        spanish.url("hospital"), "SET TRANSACTION READ ONLY", "UPDATE hospital SET name = name"
    )

    assert issubclass(trouble.kind, Refused)
    assert trouble.message == "The database is read-only."


@pytest.mark.parametrize(
    ("code", "words"),
    [("53100", "disk is full"), ("28000", "does not accept this account"), ("3D000", "does not accept this account"),
     ("XX001", "damaged"), ("XX002", "damaged"), ("57P01", "does not answer")],
)  # fmt: skip
async def test_what_cannot_be_brought_about_here_is_told_by_its_code(spanish, code, words):
    raises = f"DO $$ BEGIN RAISE EXCEPTION 'nada en inglés' USING ERRCODE = '{code}'; END $$"

    assert words in (await trouble_of(spanish.url("hospital"), raises)).message


async def test_a_bug_stays_a_bug(spanish):
    async with opened(spanish.url("hospital")) as database:
        with pytest.raises(sa.exc.ProgrammingError):
            async with database.transaction() as session:
                await session.execute(sa.text("SELECT column_that_nobody_made FROM desk"))


async def test_a_table_that_somebody_took_away_is_a_trouble(spanish):
    trouble = await trouble_of(spanish.url("hospital"), "SELECT * FROM table_that_is_gone")

    assert trouble.message == "The database lacks a table of Cashier's."


async def test_a_locked_file_says_so_and_nothing_is_saved(database_file, monkeypatch):
    monkeypatch.setattr("cashier.database._BUSY_TIMEOUT_SECONDS", 0.05)
    with contextlib.closing(sqlite3.connect(database_file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        trouble = await trouble_of(f"sqlite:///{database_file}", "DELETE FROM desk")

    assert issubclass(trouble.kind, Unreachable)
    assert trouble.message == "Another program holds the database."


async def test_a_file_that_is_no_database_says_so(tmp_path):
    file = tmp_path / "cashier.sqlite"
    file.write_bytes(os.urandom(8192))

    trouble = await trouble_of(f"sqlite:///{file}")

    assert issubclass(trouble.kind, Refused)
    assert "damaged" in trouble.message


async def test_a_file_with_a_damaged_page_says_so(database_file):
    with contextlib.closing(sqlite3.connect(database_file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'desk'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with database_file.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(os.urandom(size))

    trouble = await trouble_of(f"sqlite:///{database_file}", "SELECT * FROM desk")

    assert issubclass(trouble.kind, Refused)
    assert "damaged" in trouble.message


async def test_a_folder_that_is_not_there_says_so(tmp_path):
    (tmp_path / "file").touch()

    trouble = await trouble_of(f"sqlite:///{tmp_path}/file/cashier.sqlite")

    assert issubclass(trouble.kind, Refused)
    assert "cannot be opened" in trouble.message


async def test_a_full_disk_says_so_and_nothing_is_saved(database_file):
    async with opened(f"sqlite:///{database_file}") as database:

        @sa.event.listens_for(database.engine.sync_engine, "connect")
        def leave_no_room(connection, _record):
            connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the present size for it

        with pytest.raises(Refused, match="The disk is full"):
            async with database.transaction() as session:
                await session.execute(sa.text("CREATE TABLE big AS SELECT zeroblob(1000000) AS filling"))

        async with database.reading() as session:
            tables = (await session.execute(sa.text("SELECT name FROM sqlite_master"))).scalars().all()
        assert "big" not in tables
