"""Dialogs stay where they can be used: in the middle of their window, and never below the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.kit.dialog_placement import GrowingDialog, place


def test_a_dialog_that_needs_more_room_moves_up_so_that_its_last_line_stays_on_the_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    room = window.screen().availableGeometry()
    window.setGeometry(room)
    dialog = GrowingDialog(window)
    column = QVBoxLayout(dialog)
    place(dialog, QSize(400, room.height() // 2))
    window.show()
    dialog.show()
    before = dialog.y()

    more = QLabel("more to say")
    more.setFixedHeight(room.height() - 120)
    column.addWidget(more)

    qtbot.waitUntil(lambda: dialog.height() >= more.height())
    assert dialog.y() < before
    assert dialog.frameGeometry().bottom() <= room.bottom()
    assert dialog.y() >= room.top()
