"""``make mutants``: puts each named break into a copy of the tree, and tells which the tests notice.

python -m tests.mutants [--only TEXT [TEXT ...]] [--markdown FILE]

First the tests run on the copy as it is: what fails there notices nothing. Ends with 1 where a break is not noticed
and the table does not say why, or where fewer than 95 of 100 are.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.mutants.named_break import Break
from tests.mutants.table import BREAKS

ROOT = Path(__file__).parents[2]
_LEFT_OUT = (".*", "__pycache__", "demo-output", "node_modules")
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
    """A break that was tried, in so many seconds; ``by`` is what pytest said last."""

    what: Break
    outcome: Outcome
    seconds: float
    by: str


def main(arguments: Sequence[str]) -> int:
    """Try the breaks whose name or file has a word of ``--only`` in it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--only", nargs="+", default=[""], help="parts of breaks' names or files")
    parser.add_argument("--markdown", type=Path, help="write the table into this file as well")
    options = parser.parse_args(arguments)
    wanted = [each for each in BREAKS if any(word in each.name or word in each.file for word in options.only)]
    with copy_of_the_tree() as root:
        if failed := _whole(root, wanted):
            print(f"The tests fail without any break:\n{failed}")
            return 1
        tried = []
        for each in wanted:
            tried.append(try_break(root, each))
            print(_line(tried[-1]), flush=True)
    print(f"\n{_summary(tried)}")
    if options.markdown is not None:
        options.markdown.write_text(_table(tried), encoding="utf-8")
    return 0 if _is_enough(tried) else 1


@contextmanager
def copy_of_the_tree() -> Iterator[Path]:
    """Give a copy of everything that tests want, gone afterwards; the tree itself is never touched."""
    with tempfile.TemporaryDirectory(prefix="cashier-mutants-") as folder:
        root = Path(folder) / "cashier"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        yield root


def try_break(root: Path, what: Break) -> Tried:
    """Put ``what`` into the copy at ``root``, run its tests, and take it out again."""
    file = what.source_in(root)
    source = file.read_text(encoding="utf-8")
    began = time.monotonic()
    try:
        _write(file, what.applied_to(source))
        status, said = run_tests(root, what.tests, what.database)
    finally:
        _write(file, source)
    outcome = {_PASSED: Outcome.EXPLAINED if what.unnoticed else Outcome.UNNOTICED, _FAILED: Outcome.NOTICED}
    return Tried(
        what=what,
        outcome=outcome.get(status, Outcome.INVALID),
        seconds=time.monotonic() - began,
        by=_last_of(said, status),
    )


def run_tests(root: Path, tests: Collection[str], database: str) -> tuple[int, str]:
    """Run ``tests`` of the copy at ``root`` until one fails; return pytest's status and what it said.

    Tests that do not end have noticed something, too.
    """
    chosen = "postgresql" if database == "postgresql" else "not postgresql"
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "--tb=line", "-p", "no:cacheprovider"),
        *("-k", chosen),
        *(f"tests/{each}" for each in sorted(tests)),
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(root)}
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _FAILED, "the tests did not end"
    return done.returncode, done.stdout + done.stderr


def _whole(root: Path, wanted: Sequence[Break]) -> str:
    """Run all tests of the breaks on the unbroken copy; return what was said where one failed."""
    for database in ("sqlite", "postgresql"):
        tests = {test for each in wanted if each.database == database for test in each.tests}
        status, said = run_tests(root, tests, database) if tests else (_PASSED, "")
        if status != _PASSED:
            return said
    return ""


def _write(file: Path, source: str) -> None:
    """Write a module, with a time that no compiled form of it has: the same size in the same second looks alike."""
    file.write_text(source, encoding="utf-8")
    later = int(file.stat().st_mtime) + int(time.monotonic_ns() % 1_000_000)
    os.utime(file, (later, later))


def _last_of(said: str, status: int) -> str:
    failed = [line.partition(" - ")[0] for line in said.splitlines() if line.startswith(("FAILED ", "ERROR "))]
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
