"""Habits of this project that no other program checks."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CASHIER = TESTS.parent / "cashier"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_docstrings_say_which_of_our_errors_a_public_function_raises():
    """What is raised by whom it calls is left to judgement; what it raises by itself is not."""
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in CASHIER.rglob("*.py")}
    ours = our_errors(trees.values())

    unsaid = [
        f"{file.relative_to(CASHIER.parent)}:{function.lineno} {function.name}: say when it raises ``{error}``"
        for file, tree in trees.items()
        for function in ast.walk(tree)
        if isinstance(function, Function) and (not function.name.startswith("_") or function.name == "__init__")
        for error in sorted(raised_in(function) & ours)
        if f"``{error}``" not in (ast.get_docstring(function) or "")
    ]

    assert not unsaid, "\n".join(unsaid)


def our_errors(trees):
    """Return the names of ``CashierError`` and of every class that comes from it."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found, before = {"CashierError"}, 0
    while len(found) > before:
        before = len(found)
        found |= {each.name for each in classes if any(ast.unparse(base) in found for base in each.bases)}
    return found


def raised_in(function):
    """Return the names of what ``function`` raises by itself, functions inside it left out."""
    found, waiting = set(), list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            found.add(ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc))
        waiting.extend(ast.iter_child_nodes(node))
    return found


@pytest.mark.parametrize("made", ["PaymentOrder", "RefundRequest"])
def test_tests_have_one_builder_of_orders(made):
    """``tests/surroundings/orders.py``: what an order gains next is then added to the tests once."""
    written_out = {
        str(file.relative_to(TESTS))
        for file in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == made
    }

    assert written_out == {"surroundings/orders.py"}


def test_money_comes_to_an_invoice_by_one_verb():
    """``Payment.count_towards`` refuses another patient and currency; a row made elsewhere would not."""
    made = {
        str(file.relative_to(CASHIER))
        for file in CASHIER.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Allocation"
    }

    assert made == {"books/payment.py"}


def test_no_file_keeps_the_marks_of_two_versions_side_by_side():
    root = TESTS.parent
    kept = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    marks = re.compile(rb"^(<{7}|>{7}) ", re.MULTILINE)

    assert [name for name in kept if (root / name).is_file() and marks.search((root / name).read_bytes())] == []
