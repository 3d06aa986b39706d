"""The database: whole transactions, clear words when it cannot be reached or written, nothing lost."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from cashier.books.hospital import Desk
from cashier.books.staff import Role, Staff
from cashier.database import Database, driver_url
from cashier.errors import Misconfigured, Refused, Unreachable

pytestmark = pytest.mark.both_databases
SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])
POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])


def a_desk(code="D9"):
    return Desk(code=code, name="Pharmacy", is_active=True)


async def codes(database):
    async with database.reading() as session:
        return sorted((await session.execute(sa.select(Desk.code))).scalars())


async def test_a_transaction_is_kept_at_its_end(database):
    async with database.transaction() as session:
        session.add(a_desk())

    assert await codes(database) == ["D9"]


async def test_a_transaction_that_fails_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as session:
            session.add(a_desk())
            await session.flush()
            raise ZeroDivisionError

    assert await codes(database) == []


async def test_a_transaction_that_is_cancelled_leaves_nothing(database):
    started = asyncio.Event()

    async def work():
        async with database.transaction() as session:
            session.add(a_desk())
            await session.flush()
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await codes(database) == []


@SQLITE
async def test_many_writers_wait_for_each_other(database):
    async def add(number):
        async with database.transaction() as session:
            count = (await session.execute(sa.select(sa.func.count()).select_from(Desk))).scalar_one()
            session.add(a_desk(f"D{count}"))

    await asyncio.gather(*(add(number) for number in range(20)))

    assert len(await codes(database)) == 20


async def test_a_reader_sees_one_moment_while_another_writes(database):
    async with database.reading() as session:
        before = (await session.execute(sa.select(sa.func.count()).select_from(Desk))).scalar_one()
        async with database.transaction() as writing:
            writing.add(a_desk())
        after = (await session.execute(sa.select(sa.func.count()).select_from(Desk))).scalar_one()

    assert before == after == 0


@SQLITE
async def test_a_read_only_database_says_so(database_file):
    connection = sqlite3.connect(database_file)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    database = Database(f"sqlite:///file:{database_file}?mode=ro&uri=true")

    with pytest.raises(Refused, match=r"read-only|cannot be opened") as refusal:
        async with database.transaction() as session:
            session.add(a_desk())

    assert refusal.value.advice
    await database.close()


async def test_a_database_that_takes_changes_is_writable_and_is_not_changed(database):
    await database.check_writable()

    assert await codes(database) == []


@SQLITE
async def test_a_database_without_the_right_to_write_is_not_writable(database_file):
    database = Database(f"sqlite:///file:{database_file}?mode=ro&uri=true")

    with pytest.raises(Refused, match="read-only"):
        await database.check_writable()
    await database.close()


@POSTGRESQL
async def test_a_server_that_only_reads_is_not_writable(database, database_url):
    name = database.url.database
    async with database.transaction() as session:
        await session.execute(sa.text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    connected_later = Database(database_url)

    with pytest.raises(Refused, match="read-only"):
        await connected_later.check_writable()
    await connected_later.close()


async def test_a_server_that_is_away_is_unreachable(free_port):
    database = Database(f"postgresql://cashier@127.0.0.1:{free_port}/cashier")

    with pytest.raises(Unreachable, match="does not answer"):
        await codes(database)
    await database.close()


@pytest.mark.parametrize("url", ["mysql://host/cashier", "not an address", ""])
def test_only_known_databases_are_opened(url):
    with pytest.raises(Misconfigured) as refusal:
        driver_url(url)
    assert "sqlite" in str(refusal.value.advice)


async def test_moments_come_back_in_utc_and_naive_ones_are_refused(database):
    there = timezone(timedelta(hours=-5))
    person = Staff(sign_in_name="x", display_name="X", role=Role.CASHIER, is_active=True)
    person.pin_set_at = datetime(2026, 11, 2, 10, 30, tzinfo=there)
    async with database.transaction() as session:
        session.add(person)
    async with database.reading() as session:
        read = (await session.execute(sa.select(Staff.pin_set_at))).scalar_one()

    assert read == datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
    assert read.tzinfo is UTC

    with pytest.raises(sa.exc.StatementError, match="time zone"):
        async with database.transaction() as session:
            await session.execute(sa.update(Staff).values(pin_set_at=datetime(2026, 11, 2)))  # noqa: DTZ001


async def test_a_closed_set_is_guarded_by_the_database_itself(hospital_database):
    with pytest.raises(sa.exc.IntegrityError):
        async with hospital_database.transaction() as session:
            await session.execute(sa.text("UPDATE staff SET role = 'owner'"))


async def test_balances_that_do_not_add_up_are_refused_by_the_database_itself(hospital_database):
    with pytest.raises(sa.exc.IntegrityError):
        async with hospital_database.transaction() as session:
            await session.execute(sa.text("UPDATE invoice SET balance_minor = balance_minor + 1"))
