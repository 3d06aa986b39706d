"""``make quick``: runs the tests of the rooms that changed since the main branch, and what is not committed.

python -m tests.changed_rooms [options of pytest]

PostgreSQL is left to ``make test``, unless tables, migrations or the database's own code changed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
ALWAYS = ("tests/test_import_rules.py", "tests/test_habits.py", "tests/mutants/test_table.py")
_BOTH_DATABASES = ("cashier/books/", "cashier/database/", "migrations/")
_NOTHING_TO_RUN = 5
_SENT = ("tests/companion/api/test_guide.py", "tests/companion/api/test_guide_in_a_browser.py")
"""The examples of the integration guide."""
_TESTED_ELSEWHERE = {
    "hospital": "tests/receipts",
    "paper": "tests/receipts",
    "payment_page": "tests/companion/payment_page",
    "setup": "tests/test_main.py",
}


def belonging_to(changed: Iterable[str]) -> list[str]:
    """Return the files and folders of tests that belong to ``changed`` files, each once.

    Tests mirror the source: a folder of the same name, or else files that share a word with the module. What tests
    stand on, and what is outside Python, belongs to no room.
    """
    found = {path for each in changed for path in _tests_of_one(Path(each))}
    folders = {each for each in found if (ROOT / each).is_dir()}
    return sorted(each for each in found if not any(str(each).startswith(f"{folder}/") for folder in folders))


def changed_files() -> list[str]:
    """Return what differs from where this branch left the main one; on that one itself, its last commit counts."""
    base = _git("merge-base", "HEAD", "main") or _git("merge-base", "HEAD", "origin/main") or ["HEAD"]
    changed = _git("diff", "--name-only", *base) + _git("ls-files", "--others", "--exclude-standard")
    return changed or _git("diff", "--name-only", "HEAD~1")


def main(options: list[str]) -> int:
    """Run the tests with pytest's ``options``; return its exit status, 0 where there is nothing to run."""
    changed = changed_files()
    paths = sorted({*belonging_to(changed), *ALWAYS})
    both = any(each.startswith(_BOTH_DATABASES) for each in changed)
    print("Tests of", " ".join(paths), "on both databases" if both else "on SQLite", flush=True)
    chosen = [] if both else ["-k", "not postgresql"]
    status = subprocess.run([sys.executable, "-m", "pytest", "-q", *chosen, *options, *paths], cwd=ROOT, check=False)
    return 0 if status.returncode == _NOTHING_TO_RUN else status.returncode


def _tests_of_one(changed: Path) -> Iterable[str]:
    if changed.parts[0] == "migrations":
        yield "tests/books"
    elif changed.parts[0] == "tests":
        if changed.name.startswith("test_") and (ROOT / changed).exists():
            yield str(changed)
        elif changed.parts[1:-1] and changed.parts[1] not in ("surroundings", "faults", "benchmarks"):
            yield str(changed.parent)
    elif changed.parts[0] == "cashier" and changed.suffix == ".py":
        yield from _mirror(changed.with_suffix("").parts[1:])
    elif changed.suffix == ".md":
        yield from ("tests/documents", *(_SENT if changed.name == "STRIPE.md" else ()))


def _mirror(names: tuple[str, ...]) -> Iterable[str]:
    """Yield the tests of a module: its room's, or where a room's tests have rooms of their own, the inner room's."""
    room = Path("tests", names[0])
    if names[0] in _TESTED_ELSEWHERE:
        yield _TESTED_ELSEWHERE[names[0]]
    elif len(names) == 1 or not (ROOT / room).is_dir():
        yield from _sharing_a_word(Path("tests"), names[0])
    elif not any((ROOT / room).glob("*/test_*.py")):
        yield str(room)
    elif len(names) > 2 and any((ROOT / room / names[1]).glob("test_*.py")):
        yield str(room / names[1])
    else:
        yield from list(_sharing_a_word(room, names[1])) or [str(room)]


def _sharing_a_word(folder: Path, name: str) -> Iterable[str]:
    words = {word for word in name.strip("_").split("_") if len(word) > 2}
    for file in sorted((ROOT / folder).glob("test_*.py")):
        if words & set(file.stem.removeprefix("test_").split("_")):
            yield str(file.relative_to(ROOT))


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
