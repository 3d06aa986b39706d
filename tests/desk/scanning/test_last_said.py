"""What was said in passing can be read again, and by nobody who comes later."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.search_field import SearchField
from cashier.desk.kit.controls import Tone
from cashier.desk.scanning.last_said import KEPT_MOST, LastSaid
from cashier.desk.scanning.scan_note import ScanNote
from cashier.language import verbatim
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

    # The same one again is said once, as the newest; what nobody knows is said above the list, and is no good news.
    for code in (DUE, DUE, DUE_OF_OTHER_PATIENT):
        hands.scan(desk.find(SearchField, "search"), code)
        qtbot.waitUntil(lambda code=code: desk.text("detail_invoice") == code)  # type: ignore[misc]
    hands.scan(desk.find(SearchField, "search"), "UNKNOWN-0001")
    qtbot.waitUntil(lambda: "UNKNOWN-0001" in desk.text("nothing_chosen_text"))
    assert not desk.find(ScanNote, "scan_note").isVisible()
    read = lines(qtbot, desk)
    assert [DUE_OF_OTHER_PATIENT in read[0], DUE in read[1], len(read)] == [True, True, 2]
    for number in range(KEPT_MOST):
        kept.keep(verbatim(number), Tone.ACCENT)
    assert [line[-1] for line in lines(qtbot, desk)] == [str(number) for number in reversed(range(KEPT_MOST))]

    # Behind the lock, and after it, nobody reads of patients; a list that is open closes.
    desk.press(Qt.Key.Key_H, CTRL)
    qtbot.waitUntil(lambda: desk.window.findChild(QDialog, "last_said_dialog") is not None)
    desk.window.lock()
    qtbot.waitUntil(lambda: desk.window.findChild(QDialog, "last_said_dialog") is None)
    assert kept.sayings == ()
