"""The cashier's window, used as a cashier does: by keys, and by looking at what stands there."""

from __future__ import annotations

import re
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.shell.main_window import MainWindow
from cashier.desk.till.desk_page import DeskPage
from tests.desk.surroundings import hands

W = TypeVar("W", bound=QWidget)


class DeskWindow:
    """A main window and what a person does with it."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        """Use ``window``."""
        self._qtbot = qtbot
        self.window = window

    @property
    def page(self) -> DeskPage:
        """The page of who is signed in."""
        assert self.window.desk_page is not None
        return self.window.desk_page

    def find(self, kind: type[W], name: str) -> W:
        """Return the widget called ``name``."""
        found = self.window.findChild(kind, name)
        assert found is not None, f"there is no {name}"
        return found

    def text(self, name: str) -> str:
        """Return what a label says; nothing where it is hidden or not there."""
        found = self.window.findChild(QLabel, name)
        return found.text() if found is not None and found.isVisible() else ""

    def sign_in(self, name: str, pin: str) -> None:
        """Type name and PIN, once the page is open, and press Enter."""
        self._qtbot.waitUntil(lambda: re.search(r"D[0-9]", self.text("sign_in_desk")) is not None, timeout=15_000)
        self.find(QLineEdit, "sign_in_name").clear()
        with hands.keys_of_hands():
            QTest.keyClicks(self.find(QLineEdit, "sign_in_name"), name)
            QTest.keyClicks(self.find(QLineEdit, "sign_in_pin"), pin)
            QTest.keyClick(self.find(QLineEdit, "sign_in_pin"), Qt.Key.Key_Return)

    def wait_for_list(self) -> None:
        """Wait until the first page of the list is there."""
        self._qtbot.waitUntil(lambda: self.window.desk_page is not None and bool(self.numbers()), timeout=15_000)

    def type(self, text: str) -> None:
        """Type into the search field."""
        with hands.keys_of_hands():
            QTest.keyClicks(self.find(QLineEdit, "search"), text)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key wherever the keyboard is; keys mean something in the active window only."""
        if not self.window.isActiveWindow():
            with self._qtbot.waitActive(self.window):
                self.window.activateWindow()
        with hands.keys_of_hands():
            QTest.keyClick(self.window.focusWidget(), key, modifiers)

    def wait_until_shown_whole(self, widget: QWidget) -> None:
        """Wait until nothing of ``widget`` lies below a fold: nobody has to scroll to it."""
        self._qtbot.waitUntil(lambda: widget.visibleRegion().boundingRect() == widget.rect(), timeout=15_000)

    def numbers(self) -> list[str]:
        """Return the invoice numbers in the list, folded in or not, as far as they are known."""
        model = self.page.list.model
        rows = [model.row_at(place) for place in range(min(model.rowCount(), 100))]
        patients = [row for row in rows if row is not None and not row.is_below]
        return [bill.number for row in patients for bill in model.bills_below(row)]

    def bills(self) -> list[str]:
        """Return the rows of the list: the number of each bill, and of a patient with several in how many it is."""
        model = self.page.list.model
        rows = [model.row_at(place) for place in range(min(model.rowCount(), 100))]
        return [str(row.patient.count) if row.is_patient else row.bill.number for row in rows if row is not None]

    def cell(self, number: str, column: str) -> str:
        """Return what stands in the row of an invoice, which is unfolded if it has to be."""
        model = self.page.list.model
        rows = [model.row_at(place) for place in range(min(model.rowCount(), 100))]
        known = {bill.number: bill.id for row in rows if row is not None for bill in model.bills_below(row)}
        place = model.reveal(known[number])
        assert place is not None
        if column in {"born", "record_number"}:
            # They stand in the row of the patient.
            place = model.row_of_patient(place)
            assert place is not None
        return model.text(place, column)

    def unfold(self) -> None:
        """Unfold every patient of the list."""
        model = self.page.list.model
        for place in reversed(range(model.rowCount())):
            model.unfold(place)

    def focused(self) -> str:
        """Return the name of what has the keyboard."""
        return self.window.focusWidget().objectName()
