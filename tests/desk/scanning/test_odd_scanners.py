"""Short codes, scanners that hold Alt down, and codes with control characters in them: no order, and no decision."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.paying.payment_faces import Face
from tests.desk.scanning.test_scans import said
from tests.desk.surroundings import hands
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.paying import Till
from tests.surroundings.sample_hospital import CASHIER_PIN

ALT, CTRL, KEYPAD = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


@pytest.mark.parametrize("code", ["99", "120", "1.50", "10045"])
@pytest.mark.parametrize("name", ["amount_field", "tendered_field"])
def test_a_short_code_is_no_amount_and_takes_no_money(till: Till, name: str, code: str) -> None:
    till.open()
    till.choose("tender_cash")
    field = till.child(QLineEdit, name)
    field.setFocus()
    before = field.text()

    hands.scan(field, code)

    till.qtbot.wait(300)
    assert (field.text(), till.dialog.face, till.states()) == (before, Face.AMOUNT, [])
    assert said(till.dialog) == f"Scan “{code}” is not wanted here. Nothing was entered."


def test_a_short_code_is_no_wrong_pin(qtbot: QtBot, open_desk: DeskWindow) -> None:
    open_desk.window.lock()
    pin = open_desk.find(QLineEdit, "sign_in_pin")

    hands.scan(pin, "4711")

    qtbot.wait(300)
    assert pin.text() == ""
    assert open_desk.window.is_locked
    QTest.keyClicks(pin, CASHIER_PIN)
    QTest.keyClick(pin, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not open_desk.window.is_locked)


def test_a_short_code_is_looked_for_where_one_searches(qtbot: QtBot, open_desk: DeskWindow) -> None:
    hands.scan(open_desk.find(QLineEdit, "search"), "Z-1")

    qtbot.waitUntil(lambda: "“Z-1” was scanned" in said(open_desk.window))
    assert open_desk.page.list.table.chosen is None


@pytest.mark.parametrize("held", [ALT, ALT | KEYPAD])
def test_a_scanner_that_holds_alt_down_takes_no_money_and_is_told(till: Till, held: Qt.KeyboardModifier) -> None:
    till.open()
    till.choose("tender_cash")
    till.type_amount("20")

    with hands.at_once():
        for code in ("049", "050", "048"):
            QTest.keyClicks(till.dialog.focusWidget(), code, held)
            QTest.keyRelease(till.dialog.focusWidget(), Qt.Key.Key_Alt)
        QTest.keyClick(till.dialog.focusWidget(), Qt.Key.Key_Return)

    till.qtbot.wait(300)
    assert (till.child(QLineEdit, "amount_field").text(), till.dialog.face, till.states()) == ("20", Face.AMOUNT, [])
    assert "set it to send characters" in said(till.dialog)


def test_alt_and_a_digit_of_a_hand_with_enter_at_once_is_an_order(till: Till) -> None:
    till.open()
    till.type_amount("20")

    with hands.keys_as_they_come():
        QTest.keyClick(till.dialog.focusWidget(), Qt.Key.Key_5, ALT)
        QTest.keyClick(till.dialog.focusWidget(), Qt.Key.Key_Return)

    till.wait_for_face(Face.PAID, Face.PART_PAID)
    assert till.states() == ["paid"]


@pytest.mark.parametrize("key", [Qt.Key.Key_L, Qt.Key.Key_K, Qt.Key.Key_J, Qt.Key.Key_T, Qt.Key.Key_R, Qt.Key.Key_U])
def test_a_control_character_inside_a_code_is_no_order(qtbot: QtBot, open_desk: DeskWindow, key: Qt.Key) -> None:
    search: QWidget = open_desk.find(QLineEdit, "search")
    search.setFocus()

    with hands.at_once():
        QTest.keyClicks(search, "INV-2026")
        QTest.keyClick(search, key, CTRL)
        QTest.keyClicks(search, "000001")
        QTest.keyClick(search, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: "INV-2026" in said(open_desk.window))
    assert search.isVisible()
    assert not open_desk.window.is_locked
    assert not [each for each in open_desk.window.findChildren(QDialog) if each.isVisible()]


def test_an_escape_inside_a_code_closes_nothing(till: Till) -> None:
    till.open()
    field = till.child(QLineEdit, "amount_field")

    with hands.at_once():
        QTest.keyClicks(field, "2026")
        QTest.keyClick(field, Qt.Key.Key_Escape)
        QTest.keyClicks(field, "4711")
        QTest.keyClick(field, Qt.Key.Key_Return)

    till.qtbot.wait(300)
    assert till.dialog.isVisible()
    assert (till.dialog.face, field.text()) == (Face.AMOUNT, "120.00")
