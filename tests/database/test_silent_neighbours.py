"""Somebody who freezes in the middle of a transaction holds nobody up for long, also behind a pooler."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from cashier.books.hospital import Desk
from cashier.database import Database
from cashier.database.postgresql_connection import LIMITS
from cashier.errors import Unreachable
from tests.surroundings.pooler import pooled

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])

_SECONDS = 2
_FROZEN_DESK = """
import asyncio, os, signal, sys
import sqlalchemy as sa
from cashier.database import Database, postgresql_connection

postgresql_connection.LIMITS = {**postgresql_connection.LIMITS, "idle_in_transaction_session_timeout": sys.argv[2]}

async def main():
    database = Database(sys.argv[1])
    try:
        async with database.transaction() as session:
            await session.execute(sa.text("UPDATE desk SET name = 'frozen'"))
            print("in the middle", flush=True)
            os.kill(os.getpid(), signal.SIGSTOP)
            await session.execute(sa.text("SELECT 1"))
    except Exception as error:
        print(type(error).__name__, error, flush=True)
    finally:
        await database.close()

asyncio.run(main())
"""


@pytest.fixture
async def desk(database: Database) -> None:
    async with database.transaction() as session:
        session.add(Desk(code="D1", name="as it was", is_active=True))


async def name_of(database: Database) -> str:
    async with database.reading() as session:
        return (await session.execute(sa.select(Desk.name))).scalar_one()


async def settings_of(database: Database) -> dict[str, str]:
    async with database.reading() as session:
        return {name: (await session.execute(sa.text(f"SHOW {name}"))).scalar_one() for name in LIMITS}


async def test_every_connection_has_the_limits_that_the_server_keeps_to(database: Database) -> None:
    assert await settings_of(database) == dict(LIMITS)


async def test_behind_a_pooler_in_session_mode_it_is_the_same(
    database: Database, database_url: str, desk: None
) -> None:
    with pooled(database_url) as url:
        behind = Database(url)
        try:
            assert await settings_of(behind) == dict(LIMITS)
            async with behind.transaction() as session:
                await session.execute(sa.update(Desk).values(name="by the pooler"))
            assert await name_of(behind) == "by the pooler"
        finally:
            await behind.close()


async def test_a_desk_that_freezes_in_a_transaction_holds_others_up_no_longer_than_its_limit(
    database: Database, database_url: str, desk: None
) -> None:
    order = [sys.executable, "-c", _FROZEN_DESK, database_url, f"{_SECONDS}s"]
    frozen = await asyncio.create_subprocess_exec(*order, stdout=subprocess.PIPE)
    assert frozen.stdout is not None
    try:
        assert await frozen.stdout.readline() == b"in the middle\n"
        begun = time.monotonic()
        async with database.transaction() as session:
            await session.execute(sa.update(Desk).values(name="by another desk"))
        waited = time.monotonic() - begun
        frozen.send_signal(signal.SIGCONT)
        said = (await frozen.stdout.read()).decode()
    finally:
        if frozen.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                frozen.kill()
        await frozen.wait()

    frozen_for, others_wait = (
        float(LIMITS[name].removesuffix("s")) for name in ("idle_in_transaction_session_timeout", "lock_timeout")
    )
    assert waited < others_wait
    assert frozen_for < others_wait, "others would be refused before the frozen one is given up"
    assert await name_of(database) == "by another desk"
    assert said.startswith(Unreachable.__name__)
    assert "nothing of it was saved" in said


async def test_what_was_sent_to_the_database_is_in_no_error(database: Database, desk: None) -> None:
    with pytest.raises(sa.exc.IntegrityError) as broken:
        async with database.transaction() as session:
            session.add(Desk(code="D1", name="Zoë Dąbek, born 1971", is_active=True))

    assert "Dąbek" not in str(broken.value)
