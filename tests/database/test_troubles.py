"""What drivers report is told by its code, whatever language the server speaks; each trouble is a real one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sqlite3
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from cashier.books.schema.migration import migrate
from cashier.database import Database
from cashier.errors import CashierError, Party, Refused, Unreachable
from tests.surroundings.outages import held, small_disk
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
    assert trouble.message == "Somebody else is writing to the database and does not end."


async def test_a_statement_that_takes_too_long_is_told_as_that(spanish):
    trouble = await trouble_of(spanish.url("hospital"), "SET LOCAL statement_timeout = '50ms'", "SELECT pg_sleep(9)")

    assert trouble.message == "The database did not finish in time."


async def test_a_server_that_hangs_is_given_up(spanish, monkeypatch):
    monkeypatch.setattr("cashier.database.postgresql_connection._ANSWER_SECONDS", 1.0)
    async with opened(spanish.url("hospital")) as database:
        async with database.reading() as session:
            await session.execute(sa.text("SELECT 1"))
        spanish.freeze()
        try:
            with pytest.raises(Unreachable, match="does not answer"):
                async with database.reading() as session:
                    await session.execute(sa.text("SELECT 1"))
        finally:
            spanish.thaw()
        async with database.reading() as session:
            assert (await session.execute(sa.text("SELECT 1"))).scalar_one() == 1


async def test_who_waits_for_an_answer_hears_after_some_seconds_that_a_server_hangs(spanish, monkeypatch):
    monkeypatch.setattr("cashier.database._GLANCE_SECONDS", 0.5)
    async with opened(spanish.url("hospital")) as database:
        async with database.glance() as session:
            await session.execute(sa.text("SELECT 1"))
        spanish.freeze()
        try:
            async with asyncio.timeout(6):
                with pytest.raises(Unreachable, match="does not answer") as raised:
                    async with database.glance() as session:
                        await session.execute(sa.text("SELECT 1"))
        finally:
            spanish.thaw()
    assert raised.value.by is Party.DATABASE


@pytest.mark.parametrize("statement", ["SELECT 1 / 0", "SELECT pg_sleep(9)"])
async def test_a_statement_that_is_given_up_leaves_the_connection_usable(spanish, statement):
    async with opened(spanish.url("hospital")) as database:
        with contextlib.suppress(TimeoutError, sa.exc.DBAPIError):
            async with asyncio.timeout(0.3), database.reading() as session:
                await session.execute(sa.text(statement))

        async with database.reading() as session:
            assert (await session.execute(sa.text("SELECT 1"))).scalar_one() == 1


async def test_a_server_that_takes_no_changes_says_so(spanish):
    trouble = await trouble_of(
        spanish.url("hospital"), "SET TRANSACTION READ ONLY", "UPDATE hospital SET name = name"
    )

    assert issubclass(trouble.kind, Refused)
    assert trouble.message == "The database is read-only."


@pytest.mark.parametrize(
    ("code", "words"),
    [("53100", "disk of the database is full"), ("28000", "does not accept this account"),
     ("3D000", "does not accept this account"),
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


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_program_that_holds_the_file_is_named_where_the_system_tells(
    database_file, monkeypatch, tmp_path, is_told
):
    monkeypatch.setattr("cashier.database._BUSY_TIMEOUT_SECONDS", 0.05)
    if not is_told:
        monkeypatch.setattr("cashier.database.lock_holder._LOCKS", tmp_path / "not there")
    with held(database_file) as process:
        trouble = await trouble_of(f"sqlite:///{database_file}", "DELETE FROM desk")

    assert issubclass(trouble.kind, Unreachable)
    if is_told:
        assert trouble.message.startswith("Another program holds the database: python")
        assert trouble.message.endswith(f"process {process}.")
    else:
        assert trouble.message == "Somebody else is writing to the database and does not end."
    assert "close it" not in trouble.advice or is_told


async def test_our_own_slow_transaction_is_not_called_another_program(database_file, monkeypatch):
    monkeypatch.setattr("cashier.database._BUSY_TIMEOUT_SECONDS", 0.05)
    async with opened(f"sqlite:///{database_file}") as database, database.transaction() as slow:
        await slow.execute(sa.text("DELETE FROM desk WHERE id = -1"))

        trouble = await trouble_of(f"sqlite:///{database_file}", "DELETE FROM desk")

    assert trouble.message == "This program is still writing something else to the database."


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_is_gone_takes_no_money_any_more(database_file, replaced):
    async with opened(f"sqlite:///{database_file}") as database:
        async with database.transaction() as session:
            await session.execute(sa.text("DELETE FROM desk WHERE id = -1"))
        aside = database_file.with_suffix(".aside")
        database_file.rename(aside)
        if replaced:
            shutil.copy(aside, database_file)

        for opening in (database.transaction, database.reading):
            with pytest.raises(Refused, match="moved, deleted or replaced") as raised:
                async with opening() as session:
                    await session.execute(sa.text("DELETE FROM desk"))
        aside.rename(database_file)

        assert raised.value.by is Party.DATABASE
        async with database.transaction() as session:
            await session.execute(sa.text("DELETE FROM desk WHERE id = -1"))


async def test_a_disk_that_is_really_full_says_so_and_what_was_there_stays(database_file, tmp_path):
    with small_disk(tmp_path / "disk", kilobytes=database_file.stat().st_size // 1024 + 600) as disk:
        file = disk / "cashier.sqlite"
        shutil.copy(database_file, file)
        async with opened(f"sqlite:///{file}") as database:
            with pytest.raises(Refused, match="The disk of the database is full") as raised:
                async with database.transaction() as session:
                    await session.execute(sa.text("CREATE TABLE big AS SELECT zeroblob(2000000) AS filling"))

            assert raised.value.by is Party.DATABASE
            async with database.reading() as session:
                tables = await session.execute(sa.text("SELECT count(*) FROM sqlite_master WHERE name = 'big'"))
                assert tables.scalar_one() == 0
            async with database.transaction() as session:
                await session.execute(sa.text("DELETE FROM desk WHERE id = -1"))


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

        with pytest.raises(Refused, match="disk of the database is full"):
            async with database.transaction() as session:
                await session.execute(sa.text("CREATE TABLE big AS SELECT zeroblob(1000000) AS filling"))

        async with database.reading() as session:
            tables = (await session.execute(sa.text("SELECT name FROM sqlite_master"))).scalars().all()
        assert "big" not in tables
