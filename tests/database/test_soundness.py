"""What doctor and ``/health`` have to find before money is lost: no room, damage, letters that cannot be kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3

import pytest

from cashier.books.schema.migration import migrate
from cashier.database import Database
from cashier.database.soundness import (
    check_encoding,
    check_file,
    free_megabytes,
    make_for_owner,
    readable_by_others,
    room_left,
)
from cashier.errors import Misconfigured, Refused
from tests.surroundings.outages import filled_up, small_disk


@contextlib.asynccontextmanager
async def opened(url):
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


@pytest.mark.skipif(os.name == "nt", reason="a folder's rights hold there")
async def test_the_file_is_made_for_its_owner_alone_and_others_are_told(tmp_path):
    file = tmp_path / "new" / "cashier.sqlite"
    url = f"sqlite:///{file}"
    before = os.umask(0o022)
    try:
        make_for_owner(url)
        migrate(url)
    finally:
        os.umask(before)
    async with opened(url) as database, database.transaction():
        modes = {each.name: each.stat().st_mode & 0o777 for each in file.parent.iterdir()}
        assert set(modes.values()) == {0o600}, modes
        assert readable_by_others(database) is None

        file.chmod(0o644)
        make_for_owner(url)
        assert "Other accounts" in str(readable_by_others(database))
        assert file.stat().st_size


async def test_a_disk_with_room_is_well_and_one_with_less_than_is_wanted_is_told(database):
    free = free_megabytes(database)

    assert free is not None
    assert room_left(database, wanted_megabytes=min(free, 500)) is None
    assert "nearly full" in str(room_left(database, wanted_megabytes=free + 1_000_000))


async def test_a_full_disk_is_refused(database_file, tmp_path):
    with small_disk(tmp_path / "disk", kilobytes=30_000) as disk:
        file = disk / "cashier.sqlite"
        shutil.copy(database_file, file)
        with filled_up(disk):
            async with opened(f"sqlite:///{file}") as database:
                with pytest.raises(Refused, match="disk of the database is full: 0 MB are left"):
                    room_left(database, wanted_megabytes=500)


async def test_a_whole_file_is_looked_through(database):
    assert await check_file(database, seconds=30)


async def test_a_large_file_is_looked_at_for_so_long_at_most(database, database_file):
    with contextlib.closing(sqlite3.connect(database_file)) as connection, connection:
        connection.execute("CREATE TABLE big AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c "
                           "WHERE x < 300000) SELECT x, hex(x) AS y FROM c")  # fmt: skip

    assert not await check_file(database, seconds=0)


async def test_damage_that_no_payment_has_met_yet_is_found(database_file):
    with contextlib.closing(sqlite3.connect(database_file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'receipt'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with database_file.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(os.urandom(size))

    async with opened(f"sqlite:///{database_file}") as database:
        with pytest.raises(Refused, match="damaged"):
            await check_file(database, seconds=30)


async def test_a_file_that_was_moved_away_is_not_made_anew_nor_called_damaged(database_file):
    async with opened(f"sqlite:///{database_file}") as database:
        for each in database_file.parent.glob(f"{database_file.name}*"):
            each.rename(each.with_name(f"aside-{each.name}"))

        with pytest.raises(Refused, match="cannot be opened"):
            await check_file(database, seconds=30)

    assert not database_file.exists()


async def test_what_cannot_be_opened_is_not_called_damaged(tmp_path):
    folder = tmp_path / "folder.sqlite"
    folder.mkdir()
    async with opened(f"sqlite:///{folder}") as database:
        with pytest.raises(Refused, match="cannot be opened") as refused:
            await check_file(database, seconds=30)

    assert "backup" not in str(refused.value.advice)


async def test_a_file_that_is_held_is_not_called_damaged(database_file):
    with contextlib.closing(sqlite3.connect(database_file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        async with opened(f"sqlite:///{database_file}") as database:
            assert not await check_file(database, seconds=0.1)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_database_that_keeps_utf8_is_taken(database):
    await check_encoding(database)


async def test_a_database_that_does_not_keep_all_letters_is_refused(postgres):
    postgres.order("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc")
    try:
        async with opened(postgres.url("latin")) as database:
            with pytest.raises(Misconfigured, match="keeps text as LATIN1") as raised:
                await check_encoding(database)
    finally:
        postgres.drop("latin")

    assert "UTF8" in str(raised.value.advice)
