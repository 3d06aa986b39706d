"""``make faults``: breaks everything at every moment, and prints what became of it.

python -m tests.faults [--only TEXT] [--database sqlite|postgresql] [--markdown FILE]
python -m tests.faults --long [--seed N] [--steps N] [--rounds N]
python -m tests.faults --random [--database sqlite|postgresql] [--seed N] [--steps N]
python -m tests.faults --races [--rounds N]
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults import process
from tests.faults.counter import Counter, run_counter
from tests.faults.deadlocks import search_for_deadlocks
from tests.faults.moments import Scenario, all_scenarios
from tests.faults.places import Place, postgresql_place, sqlite_place
from tests.faults.playing import play
from tests.faults.portal_race import portal_race
from tests.faults.race import race
from tests.faults.scenarios import Outcome
from tests.faults.station import running_station
from tests.surroundings.postgres import running_cluster


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table."""

    what: tuple[str, str, str]
    """The deed, the fault and the moment."""
    database: str
    outcome: Outcome | None
    failure: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return what the table shows."""
        at = (*self.what, self.database)
        if self.outcome is None:
            return (*at, f"FAILED: {self.failure}", "", "")
        return (*at, self.outcome.outcome, f"{self.outcome.recovery_seconds:.2f} s", str(self.outcome.differences))


_WIDTHS = (26, 24, 30, 10, 24, 7, 1)
_DEADLOCKS = ("every verb", "every other verb beside", "at once")
_DEADLOCK_ROUNDS = 3
_HEADS = ("Deed", "Fault", "Moment", "Database", "Outcome", "Recovery", "Differences")


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when something did not agree."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="only what has TEXT in its name")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only on this kind of database")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to FILE as well")
    parser.add_argument("--long", action="store_true", help="random steps and the races, instead of the table")
    parser.add_argument("--random", action="store_true", help="the random steps alone")
    parser.add_argument("--races", action="store_true", help="the races alone")
    parser.add_argument("--seed", type=int, default=None, help="replay the random steps of this seed")
    parser.add_argument("--steps", type=int, default=20_000, help="how many random steps (default: 20,000)")
    parser.add_argument("--rounds", type=int, default=1_000, help="how many rounds of the race (default: 1,000)")
    given = parser.parse_args(argv)
    # What is broken on purpose warns on every line.
    logging.getLogger("cashier").addHandler(logging.NullHandler())
    process.prepare()
    with tempfile.TemporaryDirectory(prefix="cashier-faults-") as folder, contextlib.ExitStack() as stack:
        places = [sqlite_place(Path(folder))] if given.database != "postgresql" else []
        if given.database != "sqlite":
            places.append(postgresql_place(stack.enter_context(running_cluster())))
        if given.long or given.random:
            for place in places:
                _run_random_steps(place, seed=given.seed, steps=given.steps)
        if given.long or given.races:
            _run_races(places, Path(folder), rounds=given.rounds)
        if given.long or given.random or given.races:
            return 0
        rows = list(_table(places, Path(folder), given.only))
        if given.markdown is not None:
            given.markdown.write_text(_markdown(rows), encoding="utf-8")
        print(_summary(rows))
        return int(any(row.outcome is None for row in rows))


def _table(places: Sequence[Place], folder: Path, only: str) -> Iterator[Row]:
    for place in places:
        for number, scenario in enumerate(all_scenarios(on_postgresql=place.cluster is not None)):
            if only not in scenario.name:
                continue
            what = (scenario.deed.value, scenario.fault.value, scenario.moment)
            yield _tried(place, folder / f"{place.name}-{number}", what, partial(_played, place, scenario))
        if place.cluster is not None and only in ": ".join(_DEADLOCKS):
            yield _tried(place, folder / "deadlocks", _DEADLOCKS, partial(_searched, place))


def _tried(place: Place, folder: Path, what: tuple[str, str, str], run: Callable[[Path], Outcome]) -> Row:
    """Run it in a folder of its own, and print what became of it."""
    folder.mkdir()
    try:
        row = Row(what=what, database=place.name, outcome=run(folder))
    except AssertionError as failure:
        row = Row(what=what, database=place.name, outcome=None, failure=str(failure)[:500])
    shutil.rmtree(folder)
    print("  ".join(f"{cell:<{width}}" for cell, width in zip(row.cells(), _WIDTHS, strict=True)), flush=True)
    return row


def _played(place: Place, scenario: Scenario, folder: Path) -> Outcome:
    with place.fresh(folder) as hospital, running_station(folder, hospital, place.cluster) as station:
        return play(station, scenario)


def _searched(place: Place, folder: Path) -> Outcome:
    with place.fresh(folder) as hospital:
        return search_for_deadlocks(folder, hospital, rounds=_DEADLOCK_ROUNDS)


def _run_random_steps(place: Place, *, seed: int | None, steps: int) -> None:
    seed = random.randrange(2**31) if seed is None else seed
    print(f"random steps on {place.name}, seed {seed} (repeat with: make faults ARGS='--long --seed {seed}')")
    began = time.monotonic()
    Counter.steps = Counter.quiet_points = 0
    while Counter.steps < steps:
        run_counter(place.fresh, seed=seed, runs=50, steps_each=50)
        seconds = time.monotonic() - began
        print(
            f"{place.name}, seed {seed}: {Counter.steps} steps, {Counter.quiet_points} times quiet, all agreed, "
            f"{seconds:.0f} s",
            flush=True,
        )
        seed += 1


def _run_races(places: Sequence[Place], folder: Path, *, rounds: int) -> None:
    for place in (each for each in places if each.cluster is not None):
        for who, run in (("8 desks", race), ("a portal and 4 desks", portal_race)):
            began = time.monotonic()
            own_folder = folder / who
            own_folder.mkdir()
            with place.fresh(own_folder) as hospital, running_station(own_folder, hospital, place.cluster) as station:
                won = run(station, rounds)
            seconds = time.monotonic() - began
            print(
                f"race on {place.name}: {who}, {rounds} invoices, one charge each, {seconds:.0f} s; {won}", flush=True
            )


def _summary(rows: Sequence[Row]) -> str:
    good = [row.outcome for row in rows if row.outcome is not None]
    if not good:
        return f"{len(rows)} scenarios, none held."
    seconds = [outcome.recovery_seconds for outcome in good]
    return (
        f"{len(rows)} scenarios, {len(rows) - len(good)} failed, "
        f"{sum(each.differences for each in good)} differences; recovery took {statistics.median(seconds):.2f} s "
        f"in the middle, {max(seconds):.2f} s at most ({os.cpu_count()} processors)."
    )


def _markdown(rows: Sequence[Row]) -> str:
    lines = [_HEADS, ("---",) * len(_HEADS), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
