"""What is said of a scan covers nothing that is wanted, and is not read by the next person."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.search_field import SearchField
from cashier.desk.scanning.scan_note import ScanNote, say_nothing_of_scans
from tests.desk.scanning.test_scans import said
from tests.desk.scanning.test_scans_and_keys import pay_next
from tests.desk.surroundings import hands
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.paying import Till
from tests.surroundings.sample_hospital import CASHIER_PIN, DUE, DUE_OF_OTHER_PATIENT


def covered(window: QWidget) -> list[str]:
    """The buttons and fields that the note lies above."""
    note = window.findChild(ScanNote)
    assert note is not None
    assert window.rect().contains(note.geometry())
    return [
        each.objectName()
        for each in window.findChildren(QWidget)
        if isinstance(each, QAbstractButton | QLineEdit)
        and each.isVisible()
        and QRect(each.mapTo(window, each.rect().topLeft()), each.size()).intersects(note.geometry())
    ]


def test_in_a_window_it_covers_no_button(qtbot: QtBot, open_desk: DeskWindow) -> None:
    search = open_desk.find(SearchField, "search")
    for code in (DUE, "4" * 100):
        hands.scan(search, code)
        qtbot.waitUntil(lambda code=code: code[:30] in said(open_desk.window))  # type: ignore[misc]

        assert covered(open_desk.window) == []


def test_a_dialog_makes_room_for_it_and_takes_it_back(till: Till) -> None:
    dialog = till.open()
    till.qtbot.wait(200)
    height, layout = dialog.height(), dialog.layout()
    assert layout is not None
    room = layout.contentsMargins().bottom()

    for text in ("2026004711", "4" * 100):
        hands.scan(till.child(QLineEdit, "amount_field"), text)
        assert covered(dialog) == []
        assert dialog.height() > height
    till.choose("tender_cheque")
    till.qtbot.waitUntil(lambda: till.child(QLineEdit, "reference_field").isVisible())
    till.qtbot.waitUntil(lambda: covered(dialog) == [])

    say_nothing_of_scans(dialog)
    assert layout.contentsMargins().bottom() == room


def test_it_is_not_read_on_the_locked_desk(qtbot: QtBot, open_desk: DeskWindow) -> None:
    hands.scan(open_desk.find(SearchField, "search"), DUE)
    qtbot.waitUntil(lambda: DUE in said(open_desk.window))

    open_desk.window.lock()

    assert said(open_desk.window) == ""


@pytest.mark.parametrize("code", [DUE, "4006381333931"])
def test_a_scan_that_is_answered_behind_the_lock_is_neither_said_nor_acted_on(
    qtbot: QtBot, open_desk: DeskWindow, code: str
) -> None:
    hands.scan(open_desk.find(SearchField, "search"), code)
    open_desk.window.lock()
    qtbot.wait(500)

    assert said(open_desk.window) == ""
    assert open_desk.focused() == "sign_in_pin"
    pin = open_desk.find(QLineEdit, "sign_in_pin")
    QTest.keyClicks(pin, CASHIER_PIN)
    pin.returnPressed.emit()
    qtbot.waitUntil(lambda: not open_desk.window.is_locked)
    assert said(open_desk.window) == ""
    assert open_desk.page.list.table.chosen is None
    hands.scan(open_desk.find(SearchField, "search"), DUE_OF_OTHER_PATIENT)
    dialog = pay_next(qtbot, open_desk)
    assert DUE_OF_OTHER_PATIENT in dialog.windowTitle()
    dialog.reject()
