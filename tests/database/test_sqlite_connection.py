"""A connection to SQLite ends, however often and whenever it is told to."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import aiosqlite
import pytest
import sqlalchemy as sa

from cashier.database import Database
from cashier.database.looking import Answer, Look, Question
from cashier.database.sqlite_connection import connect

_SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT count(*) FROM n"
_SECONDS_MAX = 20


async def test_a_close_that_comes_after_a_stop_does_not_wait_for_ever(tmp_path: Path) -> None:
    connection = await connect(str(tmp_path / "a.sqlite"))
    asked = asyncio.create_task(_ask(connection))
    await asyncio.sleep(0)
    closing = asyncio.create_task(connection.close())
    await asyncio.sleep(0)

    connection.stop()
    closing.cancel()

    await asyncio.wait([closing], timeout=_SECONDS_MAX)
    assert closing.done()
    await asked
    connection._thread.join(_SECONDS_MAX)
    assert not connection._thread.is_alive()


async def _ask(connection: aiosqlite.Connection) -> None:
    await connection.execute(_SLOW.format(rows=200_000))


def test_a_connection_whose_event_loop_has_ended_closes_its_file_and_its_thread(tmp_path: Path) -> None:
    async def leave_in_the_middle() -> aiosqlite.Connection:
        connection = await connect(str(tmp_path / "a.sqlite"))
        asked = asyncio.create_task(_ask(connection))
        await asyncio.sleep(0)
        asked.cancel()
        connection.stop()
        return connection

    connection = asyncio.run(leave_in_the_middle())

    connection._thread.join(_SECONDS_MAX)
    assert not connection._thread.is_alive()
    assert connection._connection is None


# What is ended twice says what became of it; here it is only to end.
@pytest.mark.logs("unhandled exception during asyncio.run() shutdown")
@pytest.mark.parametrize("seed", range(40))
def test_a_program_ends_however_its_statements_are_cancelled(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed).random

    def asked(text: str) -> Look[Answer]:
        return (yield Question(text))

    async def search_for_ever(database: Database) -> None:
        while True:
            if seed % 2:
                await database.look(asked(_SLOW.format(rows=5_000)))
                continue
            async with database.reading() as session:
                await session.execute(sa.text(_SLOW.format(rows=5_000)))

    async def leave_in_the_middle() -> None:
        searching = asyncio.create_task(search_for_ever(Database(f"sqlite:///{tmp_path / 'a.sqlite'}")))
        await asyncio.sleep(draw() * 0.02)
        searching.cancel()
        await asyncio.sleep(draw() * 0.003)

    asyncio.run(leave_in_the_middle())  # cancels once more what has not ended
