"""``make test``: runs all tests, and those few that failed once more, by themselves.

python -m tests.whole_suite [options of pytest]

Thousands of tests with real browsers, databases and killed processes share a machine that may be busy. One that fails
among all and passes alone is named at the end: it waits for less than it needs, or the program does, and both want
mending. What fails alone too fails the suite; so do many failures at once, and whatever keeps tests from being found.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
AGAIN_MAX = 5
"""Of how many failures each may be one of a busy machine; more are a fault of what was changed."""
_SOME_FAILED = 1


def main(options: Sequence[str], root: Path = ROOT) -> int:
    """Run the tests of ``root`` with ``options``; return 0 where each has passed, else what pytest returned."""
    with tempfile.TemporaryDirectory(prefix="cashier-tests-") as folder:
        status = _pytest(root, *options, "-o", f"cache_dir={folder}")
        failed = _failed(Path(folder))
    if status != _SOME_FAILED or not 0 < len(failed) <= AGAIN_MAX:
        return status
    print("\nOnce more, by themselves:", *failed, sep="\n  ", flush=True)
    again = _pytest(root, "-p", "no:cacheprovider", *failed)
    if again == 0:
        print(
            "\nUNSTEADY: these failed among all tests and passed alone. Mend them:", *failed, sep="\n  ", flush=True
        )
    return again


def _failed(cache: Path) -> list[str]:
    """Return the names of the tests that pytest noted as failed."""
    noted = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(noted.read_text(encoding="utf-8"))) if noted.exists() else []


def _pytest(root: Path, *arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
