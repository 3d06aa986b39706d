"""The window fills the screen at first, and is where it was left later; nonsense is ignored."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.shell.window_place import remember_place, show_where_it_was


def shown(qtbot: QtBot, folder: Path, desk: str = "D1") -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    show_where_it_was(window, folder, desk)
    return window


def test_it_is_where_it_was_left_at_this_desk(qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "not there yet"
    first = shown(qtbot, folder)
    assert first.isMaximized()
    first.showNormal()
    place = QRect(40, 60, 500, 400)
    first.setGeometry(place)

    remember_place(first, folder, "D1")

    assert shown(qtbot, folder).geometry() == place
    assert shown(qtbot, folder, "D/2").isMaximized()
    remember_place(first, folder, "D/2")
    assert shown(qtbot, folder, "D/2").geometry() == place


@pytest.mark.parametrize("kept", [b"", b"nonsense", b"\x01\xd9\xd0\xcb" + b"\xff" * 100, b"0" * 10_000])
def test_what_cannot_be_read_fills_the_screen(qtbot: QtBot, tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "window-D1.place").write_bytes(kept)

    assert shown(qtbot, tmp_path).isMaximized()


def test_what_was_left_on_a_screen_that_is_gone_comes_back_to_one_that_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    away = QWidget()
    qtbot.addWidget(away)
    away.setGeometry(QRect(9000, 9000, 700, 500))
    remember_place(away, tmp_path, "D1")

    window = shown(qtbot, tmp_path)

    assert window.screen().availableGeometry().intersects(window.geometry())


def test_a_folder_that_cannot_be_written_is_no_trouble(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    window = shown(qtbot, tmp_path / "file")

    remember_place(window, tmp_path / "file", "D1")

    assert window.isMaximized()
