"""Cash that is handed over: likely sums beside the field, by click and by arrows, and a button that says the deed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from cashier.denominations import denominations_of, likely_sums
from cashier.desk.paying.payment_faces import Face
from cashier.money import Money
from tests.desk.surroundings.paying import Till


@pytest.mark.parametrize(
    ("to_take", "sums"),
    [
        (Money(13_300, "EUR"), (13_500, 14_000, 15_000, 20_000)),
        (Money(1_600, "EUR"), (2_000, 5_000, 10_000, 20_000)),
        (Money(340, "EUR"), (350, 400, 500, 1_000)),
        (Money(3_400, "JPY"), (3_500, 4_000, 5_000, 10_000)),
        (Money(5_000, "EUR"), (6_000, 10_000, 20_000, 50_000)),
        (Money(0, "EUR"), ()),
    ],
)
def test_the_next_notes_are_likely(to_take, sums):
    assert likely_sums(to_take) == tuple(Money(each, to_take.currency) for each in sums)


@given(st.integers(1, 10_000_000), st.sampled_from(["EUR", "USD", "GBP", "JPY", "CHF", "KWD", "CZK"]))
def test_likely_sums_are_enough_and_can_be_given(amount_minor, currency):
    sums = [each.amount_minor for each in likely_sums(Money(amount_minor, currency))]

    assert sums == sorted(set(sums))
    assert len(sums) <= 4
    assert all(each > amount_minor for each in sums)
    assert all(any(each % value == 0 for value in denominations_of(currency)) for each in sums)


def chips(till: Till) -> dict[str, QPushButton]:
    found = till.dialog.findChildren(QPushButton)
    return {each.text(): each for each in found if each.objectName().startswith("cash_") and each.isVisible()}


def open_in_a_window_of_1366(till: Till) -> None:
    till.open().resize(1080, 688)
    till.qtbot.wait(1)


def test_a_click_on_a_likely_sum_hands_it_over(till: Till) -> None:
    open_in_a_window_of_1366(till)
    till.choose("tender_cash")
    assert list(chips(till)) == ["Exact", "150", "200", "500"]

    chips(till)["200"].click()

    assert till.child(QLineEdit, "tendered_field").text() == "200.00"
    assert till.says("change_preview") == "Change 80.00 €"
    assert [text for text, chip in chips(till).items() if chip.isChecked()] == ["200"]
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
    assert till.says("payment_change") == "Change 80.00 €"


def test_arrows_in_the_field_go_through_the_likely_sums(till: Till) -> None:
    till.open()
    QTest.keyClick(till.child(QLineEdit, "amount_field"), Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    field = till.child(QLineEdit, "tendered_field")
    till.qtbot.waitUntil(field.isVisible)
    seen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up):
        QTest.keyClick(field, key)
        seen.append(field.text())

    assert seen == ["150.00", "200.00", "150.00", "500.00"]


def test_a_likely_sum_that_is_typed_is_marked(till: Till) -> None:
    open_in_a_window_of_1366(till)
    till.choose("tender_cash")
    till.type_into("tendered_field", "150")

    assert [text for text, chip in chips(till).items() if chip.isChecked()] == ["150"]


def test_the_likely_sums_follow_the_amount(till: Till) -> None:
    open_in_a_window_of_1366(till)
    till.choose("tender_cash")
    till.type_amount("16")

    assert list(chips(till)) == ["Exact", "20", "50", "100", "200"]


@pytest.mark.parametrize(
    ("tender", "words"),
    [
        ("tender_cash", "Take 50.00 € cash"),
        ("tender_cheque", "Take 50.00 € by cheque"),
        ("tender_checkout", "Open the page for 50.00 €"),
        ("tender_phone", "Show the code for 50.00 €"),
    ],
)
def test_the_button_says_what_it_does_with_how_much(till: Till, tender: str, words: str) -> None:
    till.open()
    till.choose(tender)
    till.type_amount("50")

    assert words in till.child(QPushButton, "amount_continue").text()


def test_the_button_names_no_amount_that_nobody_typed(till: Till) -> None:
    till.open()
    till.choose("tender_cash")
    till.type_amount("5x")

    assert "€" not in till.child(QPushButton, "amount_continue").text()
