"""A finger, or a mouse: it presses what is seen, where it is seen, and nothing else."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QScrollArea, QWidget
from pytestqt.qtbot import QtBot


class Finger:
    """Taps on what is seen in a window, where it is seen."""

    def __init__(self, qtbot: QtBot, window: QWidget) -> None:
        """Tap in ``window``."""
        self._qtbot, self._window = qtbot, window

    def tap(self, name: str, *, kind: type[QWidget] = QWidget, begins: bool = False) -> None:
        """Tap on the middle of what is called ``name`` (or ``begins`` so), as soon as it is seen there."""

        def seen() -> list[QWidget]:
            called = [
                each
                for each in self._window.findChildren(kind)
                if each.objectName() == name or (begins and each.objectName().startswith(name))
            ]
            found = [each for each in called if each.isVisible() and each.isEnabled()]
            return [each for each in found if each.visibleRegion().contains(each.rect().center())]

        self._qtbot.waitUntil(lambda: bool(seen()), timeout=15_000)
        self.tap_at(seen()[0], seen()[0].rect().center())

    def tap_at(self, widget: QWidget, place: QPoint) -> None:
        """Tap on a place of ``widget``."""
        handle = self._window.windowHandle()
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=widget.mapTo(self._window, place))

    def type(self, digits: str) -> None:
        """Tap on keys of the keypad."""
        for digit in digits:
            self.tap(f"keypad_{digit}")

    def scroll_to(self, name: str) -> None:
        """Do what a wheel does, or a flick: bring what is called ``name`` into sight."""

        def found() -> list[QWidget]:
            return [each for each in self._window.findChildren(QWidget, name) if each.isVisible()]

        self._qtbot.waitUntil(lambda: bool(found()), timeout=15_000)
        around: QWidget | None = found()[0].parentWidget()
        while around is not None:
            if isinstance(around, QScrollArea):
                around.ensureWidgetVisible(found()[0])
            around = around.parentWidget()

    def choose_in(self, name: str, place: int) -> None:
        """Tap on a list that drops down, and then on what stands at ``place`` in it."""
        box = self._window.findChild(QComboBox, name)
        assert box is not None, f"there is no {name}"
        self.tap(name)
        self._qtbot.waitUntil(box.view().isVisible, timeout=15_000)
        # Qt takes a second press that comes too soon for the other half of a double click.
        self._qtbot.wait(QApplication.doubleClickInterval())
        middle = box.view().visualRect(box.model().index(place, 0)).center()
        QTest.mouseClick(box.view().viewport(), Qt.MouseButton.LeftButton, pos=middle)
        self._qtbot.waitUntil(lambda: not box.view().isVisible(), timeout=15_000)

    def choose_under(self, name: str, words: str) -> None:
        """Tap on a button with a menu, and in that on what says ``words``."""
        menu = next(
            each
            for each in self._window.findChildren(QMenu)
            if (parent := each.parent()) is not None and parent.objectName() == name
        )

        def tap_in_menu() -> None:
            action = next(each for each in menu.actions() if words in each.text())
            QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

        # An open menu has the events to itself until it is closed.
        QTimer.singleShot(200, tap_in_menu)
        self.tap(name)
