"""Trying the breaks, one after the other, in the copy of the tree that this is run in; see ``tests.mutants``.

What no break changes is imported once. Each break has a process of its own, forked from this one, which imports the
rest with the break in it and runs the tests that should notice.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import pytest

from tests.mutants.named_break import Break
from tests.mutants.table import BREAKS

ROOT = Path(__file__).parents[2]
_SAME_FOR_ALL = (
    "PySide6.QtTest", "PySide6.QtWidgets", "aiohttp.web", "aiosqlite", "alembic.command", "argon2", "hypothesis",
    "pypdf", "reportlab.pdfgen.canvas", "sqlalchemy.ext.asyncio", "stripe", "uharfbuzz", "psycopg",
)  # fmt: skip
_OPTIONS = (
    "-q", "-x", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist",
    # What is imported once is not looked into when it asserts something.
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
_LIMIT_SECONDS = 600
_NOTICED_MIN = 0.95
_PASSED, _FAILED = 0, 1


class Outcome(StrEnum):
    """What became of a break."""

    NOTICED = "noticed"
    UNNOTICED = "unnoticed"
    EXPLAINED = "unnoticed, explained"
    INVALID = "could not be tried"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A break that was tried, in so many seconds; ``by`` is the test that failed, or what was said instead."""

    what: Break
    outcome: Outcome
    seconds: float
    by: str


def main(arguments: Sequence[str]) -> int:
    """Try the breaks whose name or file has a word of ``--only`` in it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--only", nargs="+", default=[""], help="parts of breaks' names or files")
    parser.add_argument("--markdown", type=Path, help="write the table into this file as well")
    parser.add_argument("--unbroken", action="store_true", help="run the tests on what is not broken")
    options = parser.parse_args(arguments)
    wanted = [each for each in BREAKS if any(word in each.name or word in each.file for word in options.only)]
    for name in _SAME_FOR_ALL:
        importlib.import_module(name)
    if options.unbroken:
        return run_unbroken(wanted)
    tried = []
    for each in wanted:
        tried.append(try_break(each))
        print(_line(tried[-1]), flush=True)
    print(f"\n{_summary(tried)}")
    if options.markdown is not None:
        options.markdown.write_text(_table(tried), encoding="utf-8")
    return 0 if _is_enough(tried) else 1


def run_unbroken(wanted: Sequence[Break]) -> int:
    """Run all tests of the ``wanted`` breaks as they should pass; return the exit status."""
    for database in ("sqlite", "postgresql"):
        tests = {test for each in wanted if each.database == database for test in each.tests}
        status, said = run_tests(tests, database) if tests else (_PASSED, "")
        if status != _PASSED:
            print(f"The tests fail without any break:\n{said}")
            return status
    return _PASSED


def try_break(what: Break) -> Tried:
    """Put ``what`` into the copy, run its tests, and take it out again."""
    file = what.source_in(ROOT)
    source = file.read_text(encoding="utf-8")
    began = time.monotonic()
    try:
        _write(file, what.applied_to(source))
        status, said = run_tests(what.tests, what.database)
    finally:
        _write(file, source)
    outcome = {_PASSED: Outcome.EXPLAINED if what.unnoticed else Outcome.UNNOTICED, _FAILED: Outcome.NOTICED}
    return Tried(
        what=what,
        outcome=outcome.get(status, Outcome.INVALID),
        seconds=time.monotonic() - began,
        by=_last_of(said, status),
    )


def run_tests(tests: Collection[str], database: str) -> tuple[int, str]:
    """Run ``tests`` in a process of their own until one fails; return pytest's status and what it said.

    Tests that do not end have noticed something, too.
    """
    log = ROOT / "said.txt"
    child = os.fork()
    if not child:
        _run_here(tests, database, log)
    deadline = time.monotonic() + _LIMIT_SECONDS
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return _FAILED, "the tests did not end"
        time.sleep(0.05)
    return os.waitstatus_to_exitcode(ended[1]), log.read_text(encoding="utf-8", errors="replace")


def _run_here(tests: Collection[str], database: str, log: Path) -> None:
    """Run ``tests`` in this process, which ends with pytest's status."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    chosen = "postgresql" if database == "postgresql" else "not postgresql"
    paths = [f"tests/{each}" for each in sorted(tests)]
    status = 70
    try:
        status = pytest.main([*_OPTIONS, "-k", chosen, *paths])
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(status))


def _write(file: Path, source: str) -> None:
    """Write a module, with a time that no compiled form of it has: the same size in the same second looks alike."""
    file.write_text(source, encoding="utf-8")
    later = int(file.stat().st_mtime) + time.monotonic_ns() % 1_000_000
    os.utime(file, (later, later))


def _last_of(said: str, status: int) -> str:
    failed = [
        line.partition(" - ")[0] for line in said.splitlines() if line.startswith(("FAILED tests/", "ERROR tests/"))
    ]
    if failed:
        return failed[0].split("::", maxsplit=1)[-1]
    return "" if status == _PASSED else " ".join(said.split())[-200:]


def _line(tried: Tried) -> str:
    return f"{tried.outcome.value:20} {tried.seconds:5.1f} s  {tried.what.room}: {tried.what.name}  [{tried.by}]"


def _summary(tried: Sequence[Tried]) -> str:
    counts = Counter(each.outcome for each in tried)
    lines = [f"{counts[Outcome.NOTICED]} of {len(tried)} breaks were noticed."]
    for each in tried:
        if each.outcome is not Outcome.NOTICED:
            lines.append(f"{each.outcome.value}: {each.what.name} (cashier/{each.what.file}) {each.what.unnoticed}")
    return "\n".join(lines)


def _is_enough(tried: Sequence[Tried]) -> bool:
    counts = Counter(each.outcome for each in tried)
    share = counts[Outcome.NOTICED] / max(1, len(tried))
    return counts[Outcome.UNNOTICED] + counts[Outcome.INVALID] == 0 and share >= _NOTICED_MIN


def _table(tried: Sequence[Tried]) -> str:
    """Write how many breaks of each room there are, and how many were noticed."""
    rooms = Counter(each.what.room for each in tried)
    noticed = Counter(each.what.room for each in tried if each.outcome is Outcome.NOTICED)
    rows = [f"| `{room}` | {count} | {noticed[room]} |" for room, count in sorted(rooms.items())]
    return "\n".join(["| Room | Breaks | Noticed |", "|---|--:|--:|", *rows, ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
