"""The house holds: no room leads back to itself, no leaf escapes the contract, no folder or function overflows."""

from __future__ import annotations

import ast
import shutil
import subprocess
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

import cashier

_PACKAGE = Path(cashier.__file__).parent
_PROJECT = _PACKAGE.parent
_LOOSE_MODULES_MAX = 16
_FUNCTION_LINES_MAX = 50
_ONE_FILE_PER_OBJECT = _PACKAGE / "sandbox" / "objects"


def _layers() -> list[str]:
    text = (_PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = {contract["name"]: contract for contract in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}
    layers: list[str] = contracts["Imports point downwards"]["layers"]
    return layers


def _imported(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "cashier":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cashier."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("cashier.")}
    return found


@pytest.fixture(scope="module")
def rooms() -> dict[str, set[str]]:
    """Each room with the rooms that it imports, from the source itself."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in _PACKAGE.rglob("*.py"):
        room = file.relative_to(_PACKAGE).with_suffix("").parts[0]
        if room != "__init__":
            found[room] |= _imported(file) - {room}
    return found


def test_no_room_leads_back_to_itself(rooms):
    def reached_from(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = rooms.get(waiting.pop(), set()) - seen
            seen |= new
            waiting += new
        return seen

    assert [room for room in rooms if room in reached_from(room)] == []


def test_the_contract_is_short_and_names_rooms_only():
    layers = _layers()

    assert len(layers) <= 20
    assert not [name for layer in layers for name in layer.split("|") if "." in name]


@pytest.mark.parametrize(
    ("leaf", "above"),
    [
        ("cashier/invoices/file_import.py", "cashier.reconciliation.service"),
        ("cashier/books/shift.py", "cashier.shifts.service"),
        ("cashier/books/from_stripe/event.py", "cashier.stripe_gateway.gateway"),
        ("cashier/paper/stamp.py", "cashier.books.hospital"),
        ("cashier/sandbox/command.py", "cashier.database"),
    ],
)
def test_a_leaf_cannot_escape_the_contract(tmp_path, leaf, above):
    shutil.copytree(_PACKAGE, tmp_path / "cashier", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_PROJECT / "pyproject.toml", tmp_path)
    file = tmp_path / leaf
    file.write_text(file.read_text(encoding="utf-8") + f"\nimport {above}\n", encoding="utf-8")

    said = _lint(tmp_path)

    assert "Imports point downwards BROKEN" in said
    assert above.split(".")[1] in said


def test_a_room_that_the_contract_does_not_name_is_found(tmp_path):
    shutil.copytree(_PACKAGE, tmp_path / "cashier", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_PROJECT / "pyproject.toml", tmp_path)
    (tmp_path / "cashier" / "newcomer.py").write_text('"""A room of its own."""\n', encoding="utf-8")

    assert "newcomer" in _lint(tmp_path)


def _lint(folder: Path) -> str:
    program = shutil.which("lint-imports", path=str(_PROJECT / ".venv" / "bin")) or shutil.which("lint-imports")
    assert program is not None
    done = subprocess.run(
        [program, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode != 0
    return done.stdout + done.stderr


def test_no_folder_holds_more_modules_than_one_sees_at_a_glance():
    crowded = {
        str(folder.relative_to(_PROJECT)): count
        for folder in [_PACKAGE, *(path for path in _PACKAGE.rglob("*") if path.is_dir())]
        if folder != _ONE_FILE_PER_OBJECT
        and (count := len([file for file in folder.glob("*.py") if not file.name.startswith("__")]))
        > _LOOSE_MODULES_MAX
    }

    assert crowded == {}


def test_no_function_is_longer_than_one_reads_at_once():
    long = [
        f"{file.relative_to(_PROJECT)}: {node.name}"
        for file in _PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or 0) - node.lineno >= _FUNCTION_LINES_MAX
    ]

    assert long == []
