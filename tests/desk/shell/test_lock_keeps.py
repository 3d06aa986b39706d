"""What was typed is there when the same person comes back to a locked desk, and so is the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from tests.desk.shell.test_lock import CONTROL, lock, unlock
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.test_first_field import OPENED, has_keyboard, shown
from tests.surroundings.sample_hospital import SampleHospital

TYPED_INTO = ("PaymentDialog", "RefundDialog", "AdmissionDialog", "WordsDialog", "AddStaffDialog")


@pytest.fixture
def office(hospital: SampleHospital, request: pytest.FixtureRequest) -> DeskWindow:
    """The window of an administrator, who may do everything."""
    hospital.execute("UPDATE staff SET role = 'administrator' WHERE id = 1")
    desk: DeskWindow = request.getfixturevalue("open_desk")
    return desk


def contents(window: QWidget) -> dict[str, str]:
    """What stands in the fields that are seen."""
    lines = {each.objectName(): each.text() for each in window.findChildren(QLineEdit) if each.isVisible()}
    return lines | {
        each.objectName(): each.toPlainText() for each in window.findChildren(QPlainTextEdit) if each.isVisible()
    }


def opened(qtbot: QtBot, office: DeskWindow, counter: Counter, name: str) -> QDialog:
    open_it, first, _enter = OPENED[name]
    open_it(office, counter)
    qtbot.waitUntil(lambda: shown(office, name) is not None, timeout=15_000)
    dialog = shown(office, name)
    assert dialog is not None
    qtbot.waitUntil(lambda: has_keyboard(dialog) == first, timeout=15_000)
    if name == "PaymentDialog":
        qtbot.waitUntil(lambda: any(each.isVisible() for each in dialog.findChildren(QRadioButton)), timeout=15_000)
    return dialog


@pytest.mark.parametrize("name", TYPED_INTO)
def test_a_dialog_comes_back_as_it_was_left(qtbot: QtBot, office: DeskWindow, counter: Counter, name: str) -> None:
    dialog = opened(qtbot, office, counter, name)
    QTest.keyClicks(dialog.focusWidget(), "17")
    field, before = has_keyboard(dialog), contents(dialog)
    assert "17" in before.values()

    office.window.lock()
    assert not dialog.isVisible()
    assert "17" not in contents(office.window).values()
    unlock(qtbot, office)

    qtbot.waitUntil(dialog.isVisible)
    assert contents(dialog) == before
    assert has_keyboard(dialog) == field
    QTest.keyClicks(dialog.focusWidget(), "3")
    assert "173" in contents(dialog).values()
    dialog.reject()


def test_a_chosen_way_to_pay_and_its_reference_come_back(qtbot: QtBot, office: DeskWindow, counter: Counter) -> None:
    dialog = opened(qtbot, office, counter, "PaymentDialog")
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    reference = office.find(QLineEdit, "reference_field")
    qtbot.waitUntil(reference.isVisible)
    reference.setFocus()
    QTest.keyClicks(reference, "CHQ 90-4")

    office.window.lock()
    unlock(qtbot, office)

    qtbot.waitUntil(dialog.isVisible)
    assert (reference.text(), has_keyboard(dialog)) == ("CHQ 90-4", "reference_field")
    assert office.find(QRadioButton, "tender_cheque").isChecked()
    dialog.reject()


def test_what_is_searched_for_and_what_is_typed_on_a_page_come_back(qtbot: QtBot, open_desk: DeskWindow) -> None:
    open_desk.type("dvo")
    open_desk.press(Qt.Key.Key_T, CONTROL)
    qtbot.waitUntil(lambda: open_desk.text("shift_heading").startswith("No shift"), timeout=15_000)
    field = open_desk.focused()
    QTest.keyClicks(open_desk.window.focusWidget(), "125")

    lock(qtbot, open_desk)
    unlock(qtbot, open_desk)

    qtbot.waitUntil(lambda: not open_desk.window.is_locked)
    assert open_desk.find(QLineEdit, field).text() == "125"
    open_desk.press(Qt.Key.Key_T, CONTROL)
    assert open_desk.find(QLineEdit, "search").text() == "dvo"
