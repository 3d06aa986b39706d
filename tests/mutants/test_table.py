"""The table of breaks fits the source, and names tests that are there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.named_break import Break
from tests.mutants.table import BREAKS

ROOT = Path(__file__).parents[2]
MONEY = {
    "audit", "books", "cards", "channels", "invoices", "ledger", "payments", "readers", "receipts", "reconciliation",
    "refunds", "shifts", "staff", "stripe_gateway", "stripe_inbox", "tenders",
}  # fmt: skip
"""The rooms whose rules are broken."""


def test_every_break_fits_the_source_exactly_once():
    wrong = []
    for each in BREAKS:
        try:
            each.applied_to(each.source_in(ROOT).read_text(encoding="utf-8"))
        except (ValueError, OSError, SyntaxError) as error:
            wrong.append(str(error))

    assert wrong == [], "write these breaks anew, in tests/mutants/rooms, as the source is now"


def test_every_break_names_tests_that_are_there():
    wrong = []
    for each in BREAKS:
        for test in each.tests:
            path, _, name = test.partition("::")
            file = ROOT / "tests" / path
            if not file.exists() or (name and f"def {name}(" not in file.read_text(encoding="utf-8")):
                wrong.append(f"{each.name}: {test}")

    assert wrong == []
    assert all(each.tests for each in BREAKS)


def test_the_table_covers_every_room_of_money_by_names_of_its_own():
    assert [name for name, count in Counter(each.name for each in BREAKS).items() if count > 1] == []
    assert {each.room for each in BREAKS} == MONEY
    assert len(BREAKS) >= 70


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("a = 2", "a = 3", "stands 0 times"),
        ("a", "b", "stands 2 times"),
        ("# twice", "# once", "changes nothing"),
    ],
)
def test_a_break_that_does_not_fit_says_so(before, after, words):
    what = Break("it is more", "money.py", before, after, ("test_money.py",))

    with pytest.raises(ValueError, match=words):
        what.applied_to("a = 1  # twice\nprint(a)\n")
