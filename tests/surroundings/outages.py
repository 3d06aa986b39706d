"""What befalls databases: each outage is a real one, for the length of a block, and over at its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from cashier import failpoints
from cashier.failpoints import FailPoint
from tests.surroundings.postgres import Cluster
from tests.surroundings.sample_hospital import SampleHospital

_HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


class Outage(StrEnum):
    """What can befall a database while somebody works with it."""

    STOPPED = "the server is stopped"
    FROZEN = "the server hangs"
    GONE = "the file is gone"
    LOCKED = "another program writes and does not end"
    FULL = "the disk is full"

    @property
    def is_on_postgresql(self) -> bool:
        """Tell which database this befalls."""
        return self in (Outage.STOPPED, Outage.FROZEN)

    @property
    def hinders_reading(self) -> bool:
        """Tell whether not even reading works."""
        return self not in (Outage.LOCKED, Outage.FULL)


class Outages:
    """Brings outages about for the database of one test, now or at a step of the program."""

    def __init__(self, hospital: SampleHospital, postgres: Cluster | None) -> None:
        """Befall the database of ``hospital``."""
        self._hospital = hospital
        self._postgres = postgres
        self._under_way = contextlib.ExitStack()

    def begin(self, outage: Outage) -> None:
        """Begin ``outage``; it lasts until ``end``."""
        self._under_way.enter_context(self._brought_about(outage))

    def begin_at(self, point: FailPoint, outage: Outage) -> None:
        """Begin ``outage`` when the program reaches ``point`` for the first time from now on."""
        _awaited.append((point, lambda: self.begin(outage)))

    def end(self) -> None:
        """End what began. Safe to repeat."""
        self._under_way.close()

    @contextlib.contextmanager
    def _brought_about(self, outage: Outage) -> Iterator[None]:
        if outage.is_on_postgresql:
            assert self._postgres is not None
            yield from _server_away(self._postgres, outage)
            return
        file = self._hospital.file
        match outage:
            case Outage.GONE:
                aside = file.with_suffix(".aside")
                file.rename(aside)
                yield
                aside.rename(file)
            case Outage.LOCKED:
                with held(file):
                    yield
            case _:
                with contextlib.closing(sqlite3.connect(file)) as connection:
                    # What was written before leaves room in the log that would be used again.
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                with filled_up(file.parent):
                    yield


def _server_away(server: Cluster, outage: Outage) -> Iterator[None]:
    if outage is Outage.STOPPED:
        server.stop()
        yield
        server.start()
    else:
        server.freeze()
        yield
        server.thaw()


@contextlib.contextmanager
def held(file: Path) -> Iterator[int]:
    """Have another process write to the database ``file`` and not end; gives its number."""
    arguments = [sys.executable, "-c", _HOLD, str(file)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        yield other.pid
        other.stdin.close()


@contextlib.contextmanager
def filled_up(folder: Path) -> Iterator[None]:
    """Leave no room on the disk of ``folder``."""
    filling = folder / "filling"
    with filling.open("wb") as file, contextlib.suppress(OSError):
        for size in (65536, 4096, 512):
            with contextlib.suppress(OSError):
                while True:
                    os.write(file.fileno(), bytes(size))
    yield
    filling.unlink()


@contextlib.contextmanager
def small_disk(folder: Path, *, kilobytes: int) -> Iterator[Path]:
    """Give a disk of its own that holds so much, mounted in ``folder``; skips the test without the right to mount."""
    folder.mkdir()
    size = f"size={kilobytes}k"
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", size, "tmpfs", folder], check=False).returncode:
        pytest.skip("no right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def enlarge(disk: Path, *, kilobytes: int) -> None:
    """Give a small disk more room."""
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", disk], check=True)


_awaited: list[tuple[FailPoint, Callable[[], None]]] = []


def _look(reached: FailPoint) -> None:
    for awaited in tuple(_awaited):
        point, do = awaited
        if point is reached:
            _awaited.remove(awaited)
            do()


failpoints.arm(_look)
