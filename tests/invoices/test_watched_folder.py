"""A watched folder: files are taken when they are whole, once, and put away with what became of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from cashier.books.invoice import Invoice
from cashier.books.lease import take_lease
from cashier.database import Database
from cashier.errors import Misconfigured, Refused
from cashier.invoices.arriving import folder as folder_module
from cashier.invoices.arriving.folder import WatchedFolder
from tests.invoices.test_file_import import a_line_of_the_file
from tests.surroundings.outages import enlarge, small_disk

GOOD, BAD = a_line_of_the_file("INV-1"), a_line_of_the_file("INV-2", currency="EUX")


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watched(database: Database, clock: Clock) -> Callable[..., WatchedFolder]:
    def make(folder: Path, holder: str = "one", profile: Path | None = None) -> WatchedFolder:
        return WatchedFolder(database, folder, profile=profile, settles_seconds=10, holder=holder, clock=clock)

    return make


async def settled(folder: WatchedFolder, clock: Clock) -> int:
    """Look, wait until what was seen has settled, and look again."""
    taken = await folder.round()
    clock.at += 10
    return taken + await folder.round()


def names(folder: Path) -> list[str]:
    return sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())


async def numbers(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.execute(sa.select(Invoice.number).order_by(Invoice.number))).scalars())


async def test_a_file_that_still_grows_is_left_and_one_that_is_whole_is_taken_once(database, watched, inbox, clock):
    folder = watched(inbox)
    (inbox / "a.jsonl").write_bytes(GOOD[:-10])
    assert await folder.round() == 0
    clock.at += 9
    (inbox / "a.jsonl").write_bytes(GOOD)
    assert await folder.round() == 0
    clock.at += 9
    assert await folder.round() == 0
    clock.at += 1
    assert (await folder.round(), await folder.round()) == (1, 0)

    assert await numbers(database) == ["INV-1"]
    assert names(inbox) == ["done/a.jsonl", "done/a.jsonl.report.txt"]
    assert (inbox / "done/a.jsonl.report.txt").read_text() == (
        "1 invoices added, 0 brought up to date, 0 unchanged, 0 refused.\n"
    )
    assert (inbox / "done/a.jsonl.report.txt").stat().st_mode & 0o077 == 0


async def test_what_is_refused_stands_beside_its_file_and_the_rest_is_in(database, watched, inbox, clock):
    (inbox / "a.jsonl").write_bytes(GOOD + BAD)
    (inbox / "empty.csv").write_bytes(b"")
    (inbox / "broken.csv").write_bytes(b"\xff\xfe\x00")

    assert await settled(watched(inbox), clock) == 3

    assert await numbers(database) == ["INV-1"]
    assert (inbox / "refused/a.jsonl.refused.jsonl").read_bytes() == BAD
    assert "Line 2: The currency of INV-2" in (inbox / "refused/a.jsonl.report.txt").read_text()
    assert "The file is empty" in (inbox / "refused/empty.csv.report.txt").read_text()
    assert (inbox / "refused/broken.csv").exists()
    assert names(inbox / "taking") == []


async def test_two_files_of_one_name_are_both_kept(database, watched, inbox, clock):
    folder = watched(inbox)
    for _ in range(3):
        (inbox / "a.jsonl").write_bytes(GOOD)
        assert await settled(folder, clock) == 1

    kept = [name for name in names(inbox / "done") if not name.endswith(".txt")]
    assert len(kept) == 3
    assert kept[-1] == "a.jsonl"
    assert await numbers(database) == ["INV-1"]


async def test_what_is_no_whole_file_by_its_name_or_kind_is_left(watched, inbox, clock, tmp_path):
    secret = tmp_path / "secret.jsonl"
    secret.write_bytes(GOOD)
    (inbox / "link.jsonl").symlink_to(secret)
    os.mkfifo(inbox / "pipe.jsonl")
    for name in ("a.jsonl.part", "b.TMP", ".hidden.jsonl", "~c.jsonl"):
        (inbox / name).write_bytes(GOOD)

    assert await settled(watched(inbox), clock) == 0
    assert secret.exists()


async def test_of_two_processes_one_takes_and_what_a_dead_one_began_is_taken_again(database, watched, inbox, clock):
    one, other = watched(inbox), watched(inbox, "other")
    (inbox / "a.jsonl").write_bytes(GOOD)
    await asyncio.gather(one.round(), other.round())
    clock.at += 10
    assert sorted(await asyncio.gather(one.round(), other.round())) == [0, 1]

    (inbox / "taking" / "b.jsonl").write_bytes(GOOD)
    await take_lease(database, one._lease, "dead", seconds=60)
    assert await one.round() == 0, "who has the lease may still be taking it"
    await take_lease(database, one._lease, "dead", seconds=-1)
    assert await one.round() == 1
    assert "0 invoices added, 0 brought up to date, 1 unchanged" in (inbox / "done/b.jsonl.report.txt").read_text()


async def test_a_full_disk_leaves_the_file_to_be_put_away_later(database, watched, clock, tmp_path):
    with small_disk(tmp_path / "disk", kilobytes=64) as disk:
        (disk / "a.jsonl").write_bytes(GOOD)
        folder = watched(disk)
        await folder.round()
        clock.at += 10
        ballast = disk / ".ballast"
        with pytest.raises(OSError, match="No space"):
            ballast.write_bytes(b"x" * 1024 * 1024)
        with pytest.raises(Refused, match="the disk is full"):
            await folder.round()
        assert await numbers(database) == ["INV-1"]
        assert names(disk / "taking") == ["a.jsonl"]

        enlarge(disk, kilobytes=1000)
        assert await folder.round() == 1
        assert "1 unchanged" in (disk / "done/a.jsonl.report.txt").read_text()


async def test_a_folder_profile_or_file_that_cannot_be_used_is_said(database, watched, inbox, clock, monkeypatch):
    with pytest.raises(Refused, match="there is no such file or folder"):
        await watched(inbox / "missing").round()
    (inbox / "a.csv").write_bytes(b"x")
    profile = inbox / ".his.toml"
    profile.write_text("decimals = 5")
    with pytest.raises(Misconfigured, match="cannot be used"):
        await settled(watched(inbox, profile=profile), clock)
    assert (inbox / "a.csv").exists(), "the profile is mended, and the file is taken then"

    monkeypatch.setattr(folder_module, "BYTES_MAX", 100)
    (inbox / "a.csv").unlink()
    (inbox / "huge.jsonl").write_bytes(GOOD)
    assert await settled(watched(inbox), clock) == 1
    assert "has more than" in (inbox / "refused/huge.jsonl.report.txt").read_text()
