"""A look asks in plain SQL, of both databases alike, and fails as everything else does."""

from __future__ import annotations

import asyncio
import sqlite3

import psycopg
import pytest
import sqlalchemy as sa

from cashier.books.hospital import Desk
from cashier.database import Database, look_within
from cashier.database.looking import Question, Values
from cashier.errors import Party, Unreachable

pytestmark = pytest.mark.both_databases
POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])

_COUNT = Question("SELECT count(*) FROM desk")


def counted():
    ((count,),) = yield _COUNT
    return count


def asked(text, values=()):
    return (yield Question(text, values))


async def test_values_stand_at_their_numbers_however_often_and_in_whatever_order(database):
    values = Values()
    later, first = values.place("b"), values.places(["x", "a'; --"])

    found = await database.look(asked(f"SELECT 1 WHERE 'a''; --' IN ({first}) AND {later} = 'b' AND {later} <> 'x'",
                                      values.all))  # fmt: skip

    assert [tuple(row) for row in found] == [(1,)]


async def test_a_look_sees_one_moment_while_another_writes(database, database_url):
    def counted_before_and_after():
        before = yield from counted()
        writing = sqlite3.connect if database.is_sqlite else psycopg.connect
        with writing(database_url.removeprefix("sqlite:///")) as another:
            another.execute("INSERT INTO desk (code, name, is_active) VALUES ('D9', '', true)")
        if database.is_sqlite:
            another.close()
        return before, (yield from counted())

    assert await database.look(counted_before_and_after()) == (0, 0)
    assert await database.look(counted()) == 1


async def test_a_look_within_a_transaction_sees_what_that_wrote(database):
    async with database.transaction() as session:
        session.add(Desk(code="D9", name="Pharmacy", is_active=True))
        await session.flush()
        assert await look_within(session, counted()) == 1

    assert await database.look(counted()) == 1


async def test_what_is_wrong_stays_a_bug_and_the_connection_usable(database):
    def gives_up():
        yield _COUNT
        raise ZeroDivisionError

    for _ in range(20):
        with pytest.raises(sa.exc.DBAPIError):
            await database.look(asked("SELECT code FROM desk WHERE code = $1"))
        with pytest.raises(ZeroDivisionError):
            await database.look(gives_up())

    assert await database.look(counted()) == 0
    assert database.engine.pool.checkedout() == 0


async def test_looks_that_are_cancelled_leave_their_connections_to_others(database):
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"

    for seconds in (0, 0.001, 0.003, 0.01, 0.03):
        looks = [asyncio.create_task(database.look(asked(many))) for _ in range(3)]
        await asyncio.sleep(seconds)
        for look in looks:
            look.cancel()
        await asyncio.wait(looks)

    assert await database.look(counted()) == 0
    assert database.engine.pool.checkedout() == 0


@POSTGRESQL
async def test_a_server_that_goes_away_in_the_middle_of_a_look_is_told_and_found_again(postgres, database_url):
    database = Database(database_url)

    def cut_in_the_middle():
        yield _COUNT
        postgres.cut()
        yield _COUNT

    with pytest.raises(Unreachable, match="does not answer") as trouble:
        await database.look(cut_in_the_middle())

    assert trouble.value.by is Party.DATABASE
    assert await database.look(counted()) == 0
    await database.close()
