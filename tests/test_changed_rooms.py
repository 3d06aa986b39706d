"""``make quick`` finds the tests of what changed."""

from __future__ import annotations

import pytest

from tests.changed_rooms import ROOT, belonging_to


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        ("cashier/payments/service.py", ["tests/payments"]),
        ("cashier/books/schema/guards.py", ["tests/books"]),
        (
            "cashier/money.py",
            ["tests/test_money.py", "tests/test_money_in_an_outage.py", "tests/test_money_is_never_lost.py"],
        ),
        ("cashier/desk/till/banners.py", ["tests/desk/till"]),
        ("cashier/desk/refunding/refund_dialog.py", ["tests/desk/test_refunding.py"]),
        ("cashier/desk/patient_screen/window.py", ["tests/desk/test_patient_display.py"]),
        ("cashier/desk/service_thread.py", ["tests/desk/test_service_thread.py"]),
        ("migrations/versions/0002_records_that_stay.py", ["tests/books"]),
        ("tests/refunds/conftest.py", ["tests/refunds"]),
        ("tests/refunds/test_service.py", ["tests/refunds/test_service.py"]),
        ("tests/surroundings/ports.py", []),
        ("docs/ARCHITECTURE.md", ["tests/documents"]),
        (
            "docs/es/STRIPE.md",
            [
                "tests/companion/api/test_guide.py",
                "tests/companion/api/test_guide_in_a_browser.py",
                "tests/documents",
            ],
        ),
        ("resources/style/desk.qss", []),
    ],
)
def test_the_tests_of_a_room_are_found(changed, tests):
    assert belonging_to([changed]) == tests


def test_a_file_of_a_folder_that_is_run_anyway_is_not_named_twice():
    assert belonging_to(["cashier/refunds/service.py", "tests/refunds/test_service.py"]) == ["tests/refunds"]


def test_what_is_found_exists():
    everything = [str(file.relative_to(ROOT)) for file in (ROOT / "cashier").rglob("*.py")]

    assert [each for each in belonging_to(everything) if not (ROOT / each).exists()] == []


def test_every_room_has_tests():
    rooms = sorted(file.parent for file in (ROOT / "cashier").glob("*/__init__.py"))

    assert [room.name for room in rooms if not belonging_to([f"cashier/{room.name}/anything.py"])] == []
