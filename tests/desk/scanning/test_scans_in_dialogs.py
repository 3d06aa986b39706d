"""Where something is asked for, a scan lands nowhere and decides nothing: in every dialog, in every field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDateEdit,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cashier.desk.scanning.fields import what_takes
from tests.desk.scanning.test_scans import BADGE, said
from tests.desk.surroundings import hands
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.refund_screen import CTRL, Screen
from tests.desk.test_first_field import OPENED, has_keyboard, shown
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, SUPERVISOR_PIN, SampleHospital

CODES = (DUE_OF_OTHER_PATIENT, "2026004711", "50")
ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


@pytest.fixture
def office(hospital: SampleHospital, request: pytest.FixtureRequest) -> DeskWindow:
    """The window of an administrator, who may do everything."""
    hospital.execute("UPDATE staff SET role = 'administrator' WHERE id = 1")
    desk: DeskWindow = request.getfixturevalue("open_desk")
    return desk


def fall_silent(window: QWidget) -> None:
    """Take away what was said of the scan before."""
    note = window.findChild(QWidget, "scan_note")
    if note is not None:
        note.hide()


def contents(window: QWidget) -> dict[QWidget, str]:
    """What stands in the fields of ``window`` that are seen, and that take no scan."""
    found: dict[QWidget, str] = {}
    for each in window.findChildren(QWidget):
        if not each.isVisible() or each.focusPolicy() == Qt.FocusPolicy.NoFocus or what_takes(each) is not None:
            continue
        match each:
            case QPlainTextEdit():
                found[each] = each.toPlainText()
            case QComboBox():
                found[each] = each.currentText()
            case QLineEdit() | QDateEdit():
                found[each] = each.text()
    return found


def opened(qtbot: QtBot, office: DeskWindow, counter: Counter, name: str) -> QDialog:
    """Open the dialog called ``name``, and wait until it has the keyboard and all that it shows."""
    open_it, first, _enter = OPENED[name]
    open_it(office, counter)
    qtbot.waitUntil(lambda: shown(office, name) is not None, timeout=15_000)
    dialog = shown(office, name)
    assert dialog is not None
    qtbot.waitUntil(lambda: has_keyboard(dialog) == first, timeout=15_000)
    qtbot.waitUntil(dialog.isActiveWindow, timeout=15_000)
    if name == "PaymentDialog":
        qtbot.waitUntil(lambda: any(each.isVisible() for each in dialog.findChildren(QRadioButton)), timeout=15_000)
    return dialog


def says_nothing_was_done(window: QWidget) -> bool:
    return said(window).startswith(("Scan", "A scan", "Invoice")) and said(window).endswith(
        ("Nothing was entered.", "then scan it at the till.")
    )


# The admission asks for a record number, which may be scanned.
@pytest.mark.parametrize("name", [name for name in OPENED if name != "AdmissionDialog"])
def test_no_dialog_takes_a_scan_or_is_decided_by_one(
    qtbot: QtBot, office: DeskWindow, counter: Counter, hospital: SampleHospital, name: str
) -> None:
    dialog = opened(qtbot, office, counter, name)
    first, before = has_keyboard(dialog), contents(dialog)
    deeds = hospital.execute("SELECT count(*) AS deeds FROM journal_entry")

    for code, end in zip(CODES, ENDS, strict=True):
        fall_silent(dialog)
        hands.scan(dialog.focusWidget(), code, end=end)
        qtbot.waitUntil(lambda: says_nothing_was_done(dialog))

    assert dialog.isVisible()
    assert has_keyboard(dialog) == first
    assert contents(dialog) == before
    assert [each for each in office.window.findChildren(QDialog) if each.isVisible()] == [dialog]
    assert hospital.execute("SELECT count(*) AS deeds FROM journal_entry") == deeds
    dialog.reject()


@pytest.mark.parametrize("name", ["PaymentDialog", "RefundDialog", "AddStaffDialog", "RoleDialog"])
def test_no_field_of_a_dialog_takes_a_scan(qtbot: QtBot, office: DeskWindow, counter: Counter, name: str) -> None:
    dialog = opened(qtbot, office, counter, name)
    before = contents(dialog)
    assert before

    for field in before:
        fall_silent(dialog)
        field.setFocus()
        hands.scan(QApplication.focusWidget(), DUE_OF_OTHER_PATIENT)

        qtbot.waitUntil(lambda: says_nothing_was_done(dialog))
        assert contents(dialog) == before, field.objectName()
    dialog.reject()


def test_who_approves_a_refund_is_named_by_badge_and_no_scan_is_a_wrong_pin(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital, sandbox: RunningSandbox
) -> None:
    given = counter.services.administration.give_badge(hospital.supervisor_id, BADGE, hospital.administrator)
    answer(qtbot, counter.thread, given)
    screen = Screen(qtbot, open_desk, counter, sandbox)
    screen.pay()
    dialog = screen.open_dialog()
    screen.ask_for_all()
    name, pin = screen.child(QLineEdit, "approver_name"), screen.child(QLineEdit, "approver_pin")

    for code in (DUE_OF_OTHER_PATIENT, "2026004711"):
        for field in (name, pin):
            fall_silent(dialog)
            field.setFocus()
            hands.scan(field, code)
            qtbot.waitUntil(lambda: says_nothing_was_done(dialog))
            assert (name.text(), pin.text()) == ("", "")

    for place in (pin, name):
        name.clear()
        place.setFocus()
        hands.scan(place, BADGE)
        qtbot.waitUntil(lambda: name.text() == BADGE)
        assert has_keyboard(dialog) == "approver_pin"
        assert said(dialog) == "The badge was entered as the name. Now the PIN."

    assert screen.refunds_at_stripe() == 0
    (row,) = hospital.execute("SELECT sum(failed_attempts) AS failures FROM staff_secret")
    assert row == {"failures": 0}
    QTest.keyClicks(pin, SUPERVISOR_PIN)
    screen.click("approve_refund")
    screen.wait_for_text("refund_story", "on its way to the card")
    screen.leave()


def test_no_count_or_float_of_a_shift_takes_a_scan_and_none_leaves_it(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter
) -> None:
    open_desk.press(Qt.Key.Key_T, CTRL)
    qtbot.waitUntil(lambda: open_desk.window.findChild(QLineEdit, "shift_float") is not None, timeout=10_000)
    amount = open_desk.find(QLineEdit, "shift_float")
    qtbot.waitUntil(amount.hasFocus)
    QTest.keyClicks(amount, "150")

    hands.scan(amount, "2026004711")
    qtbot.waitUntil(lambda: "not wanted here" in said(open_desk.window))
    hands.scan(amount, DUE)
    qtbot.waitUntil(lambda: "Finish or leave this first" in said(open_desk.window))

    assert amount.text() == "150"
    assert amount.isVisible()
    QTest.keyClick(amount, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "150.00 €" in open_desk.text("shift_facts"))
    QTest.keyClick(open_desk.window.focusWidget(), Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: open_desk.window.findChild(QLineEdit, "count_50000") is not None, timeout=10_000)
    count = open_desk.find(QLineEdit, "count_50000")
    qtbot.waitUntil(count.hasFocus)
    hands.scan(count, "4006381333931", end=Qt.Key.Key_Tab)
    qtbot.waitUntil(lambda: "4006381333931" in said(open_desk.window))
    assert (count.text(), open_desk.focused()) == ("", "count_50000")


def test_from_a_page_where_nothing_is_written_an_invoice_leads_to_the_till(
    qtbot: QtBot, open_desk: DeskWindow
) -> None:
    open_desk.press(Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: open_desk.focused().startswith(("history", "leave_history")), timeout=10_000)

    hands.scan(open_desk.window.focusWidget(), DUE)

    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)
    assert DUE in said(open_desk.window)
