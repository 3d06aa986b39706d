"""Steady work for as long as is wanted, and what our processes take meanwhile: it has to stay as it is.

    python -m tests.steady [--minutes N] [--database sqlite|postgresql]

Two desks and a companion, as real processes, take payments by page, saved card, cash and the API, give money back,
hear webhooks, take in invoices and print receipts. Ends with 1 when memory, threads, files or the WAL have grown.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from tests.faults import process
from tests.faults.places import Place, postgresql_place, sqlite_place
from tests.faults.station import Station, running_station
from tests.steady.work import Work
from tests.surroundings.postgres import running_cluster

_EVERY_SECONDS = 20.0
_MEMORY_GROWTH_MAX = 1.10
_MEMORY_SLACK_MB = 8.0
"""What the allocator of a process that runs for minutes may keep besides."""
_COUNT_GROWTH_MAX = 3
_WAL_MB_MAX = {"SQLite": 16.0, "PostgreSQL": 400.0}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one process takes at one moment."""

    memory_mb: float
    threads: int
    files: int


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What all take at one moment, by the names of the processes."""

    after_seconds: float
    taken: dict[str, Taken]
    wal_mb: float


def main(argv: Sequence[str] | None = None) -> int:
    """Work, look, and judge; 1 when something has grown."""
    parser = argparse.ArgumentParser(prog="make steady", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=120.0, help="for how long (default: 120)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    given = parser.parse_args(argv)
    process.prepare()
    with tempfile.TemporaryDirectory(prefix="cashier-steady-") as folder, contextlib.ExitStack() as stack:
        if given.database == "sqlite":
            place = sqlite_place(Path(folder))
        else:
            place = postgresql_place(stack.enter_context(running_cluster()))
        own_folder = Path(folder) / "station"
        own_folder.mkdir()
        hospital = stack.enter_context(place.fresh(own_folder))
        station = stack.enter_context(running_station(own_folder, hospital, place.cluster))
        work = Work(station)
        samples = list(_watched(station, work.do_some, _wal_of(place, station), seconds=given.minutes * 60))
        wrong = [*work.disagreements(), *_grown(place, samples)]
    print(f"{work.done} deeds in {samples[-1].after_seconds:.0f} s on {place.name}; {len(wrong)} things are wrong")
    print("\n".join(wrong))
    return int(bool(wrong))


def _watched(
    station: Station, do_some: Callable[[], None], wal_mb: Callable[[], float], *, seconds: float
) -> Iterator[Sample]:
    began = time.monotonic()
    while (after := time.monotonic() - began) < seconds:
        sample = Sample(after_seconds=after, taken=_taken_by(station), wal_mb=wal_mb())
        told = "; ".join(
            f"{name} {each.memory_mb:.1f} MB, {each.threads} threads, {each.files} files"
            for name, each in sample.taken.items()
        )
        print(f"{after:6.0f} s  {told}; WAL {sample.wal_mb:.1f} MB", flush=True)
        yield sample
        next_at = time.monotonic() + _EVERY_SECONDS
        while time.monotonic() < next_at:
            do_some()


def _taken_by(station: Station) -> dict[str, Taken]:
    assert station.companion is not None
    processes = {**station.desks, "companion": station.companion}
    return {name: _taken(child.pid) for name, child in processes.items()}


def _taken(pid: int) -> Taken:
    facts = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines())
    return Taken(
        memory_mb=int(facts["VmRSS"].split()[0]) / 1024,
        threads=int(facts["Threads"]),
        files=len(list(Path(f"/proc/{pid}/fd").iterdir())),
    )


def _wal_of(place: Place, station: Station) -> Callable[[], float]:
    cluster = place.cluster
    if cluster is None:
        file = station.hospital.file
        wal = file.with_name(f"{file.name}-wal")
        return lambda: wal.stat().st_size / 2**20 if wal.exists() else 0.0
    return lambda: float(cluster.order("SELECT sum(size) AS size FROM pg_ls_waldir()")[0][0]) / 2**20


def _grown(place: Place, samples: Sequence[Sample]) -> Iterator[str]:
    """Compare the last third with the second one: in the first, caches fill."""
    third = len(samples) // 3
    before, after = samples[third : 2 * third], samples[2 * third :]
    if not before:
        yield "too short to say whether anything grows"
        return
    for name in samples[0].taken:
        was, has = (_middle([each.taken[name] for each in part]) for part in (before, after))
        if has.memory_mb > was.memory_mb * _MEMORY_GROWTH_MAX + _MEMORY_SLACK_MB:
            yield f"{name}: {was.memory_mb:.1f} MB have become {has.memory_mb:.1f} MB"
        if has.threads > was.threads + _COUNT_GROWTH_MAX or has.files > was.files + _COUNT_GROWTH_MAX:
            yield f"{name}: {was} has become {has}"
    largest_mb = max(each.wal_mb for each in samples)
    if largest_mb > _WAL_MB_MAX[place.name]:
        yield f"the WAL was {largest_mb:.1f} MB large"


def _middle(taken: Sequence[Taken]) -> Taken:
    memory_mb, threads, files = (statistics.median(each) for each in zip(*map(astuple, taken), strict=True))
    return Taken(memory_mb=memory_mb, threads=round(threads), files=round(files))


if __name__ == "__main__":
    sys.exit(main())
