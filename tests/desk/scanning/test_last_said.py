"""What was said in passing can be read again, and by nobody who comes later."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.search_field import SearchField
from cashier.desk.scanning.last_said import KEPT_MOST, LastSaid
from tests.desk.surroundings import hands
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

CTRL = Qt.KeyboardModifier.ControlModifier


def lines(qtbot: QtBot, desk: DeskWindow) -> list[str]:
    """Open the list, read it, and leave it."""
    desk.press(Qt.Key.Key_H, CTRL)
    qtbot.waitUntil(lambda: desk.window.findChild(QDialog, "last_said_dialog") is not None)
    dialog = desk.find(QDialog, "last_said_dialog")
    read = [each.text() for each in dialog.findChildren(QLabel, "last_said_line")]
    desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.window.findChild(QDialog, "last_said_dialog") is None)
    return read


def test_the_last_ten_are_listed_and_forgotten_at_the_lock(qtbot: QtBot, open_desk: DeskWindow) -> None:
    desk, kept = open_desk, LastSaid.of(open_desk.window)
    assert lines(qtbot, desk) == []

    # A dozen scans; the same one again is said once, as the newest.
    for code in (DUE, DUE, *(f"UNKNOWN-{n:04d}" for n in range(9)), DUE_OF_OTHER_PATIENT):
        before = kept.sayings[:1]
        hands.scan(desk.find(SearchField, "search"), code)
        qtbot.waitUntil(lambda code=code, before=before: kept.sayings[:1] not in ((), before))  # type: ignore[misc]
    read = lines(qtbot, desk)
    assert len(read) == KEPT_MOST
    assert DUE_OF_OTHER_PATIENT in read[0]
    assert "UNKNOWN-0000" in read[-1]

    # Behind the lock, and after it, nobody reads of patients; a list that is open closes.
    desk.press(Qt.Key.Key_H, CTRL)
    qtbot.waitUntil(lambda: desk.window.findChild(QDialog, "last_said_dialog") is not None)
    desk.window.lock()
    qtbot.waitUntil(lambda: desk.window.findChild(QDialog, "last_said_dialog") is None)
    assert kept.sayings == ()
