"""Habits of this project that no other program checks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


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
