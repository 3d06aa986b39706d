"""Hides every dialog of a window while its desk is locked, also those that open meanwhile.

A dialog that is hidden goes on working: a payment is followed to its end, and what came of it is seen afterwards.
Sheets tell when they open, and it looks at its window alone, which a dialog of the system blocks when it opens: a
filter on the whole application ends the program when Stripe's page gets the keyboard (PySide 6.11).
"""

from __future__ import annotations

from functools import partial

import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMainWindow, QWidget

from cashier.desk.kit.sheets.sheet_stack import SheetStack


class Curtain(QObject):
    """Drawn over ``window`` when it is made; then either lifted or taken away with all that it hides, once."""

    def __init__(self, window: QMainWindow) -> None:
        """Hide what is open above ``window`` now."""
        super().__init__(window)
        self._hidden: list[QDialog] = []
        self._keyboards: dict[QDialog, _Keyboard] = {}
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._hide_all)
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        self._window = window
        self._hide_all()
        window.installEventFilter(self)
        SheetStack.of(window).opened.connect(self._hide_all)

    def lift(self) -> None:
        """Show again what was hidden, unless it ended by itself meanwhile."""
        keyboards = self._keyboards
        for dialog in self._end():
            if shiboken6.isValid(dialog):
                dialog.open()
                keyboards[dialog].put_back()

    def remove(self) -> None:
        """Delete what was hidden: nobody comes back to it. What it ordered is finished all the same."""
        for dialog in self._end():
            if shiboken6.isValid(dialog):
                dialog.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide a dialog of the system as soon as it has opened."""
        if event.type() == QEvent.Type.WindowBlocked:
            self._soon.start()
        return False

    def _end(self) -> list[QDialog]:
        self._window.removeEventFilter(self)
        SheetStack.of(self._window).opened.disconnect(self._hide_all)
        self._soon.stop()
        self.deleteLater()
        hidden, self._hidden = self._hidden, []
        return hidden

    def _hide_all(self) -> None:
        # Parents come before their children, and what was opened first before what was opened then.
        seen = [each for each in self._window.findChildren(QDialog) if each.isVisible()]
        self._hidden += [each for each in seen if each not in self._hidden]
        for dialog in reversed(seen):
            dialog.finished.connect(partial(self._forget, dialog))
            self._keyboards[dialog] = _Keyboard(dialog)
            dialog.hide()

    def _forget(self, dialog: QDialog, _result: int = 0) -> None:
        if dialog in self._hidden:
            self._hidden.remove(dialog)


class _Keyboard:
    """Where the keyboard is in a dialog: Qt gives it to the next field when a dialog is hidden, and selects there."""

    def __init__(self, dialog: QDialog) -> None:
        self._field: QWidget | None = dialog.focusWidget()
        self._selected, self._cursor = (-1, 0), 0
        if isinstance(self._field, QLineEdit):
            self._selected = (self._field.selectionStart(), self._field.selectionLength())
            self._cursor = self._field.cursorPosition()

    def put_back(self) -> None:
        """Give it back, so that the next key goes on with what was typed."""
        if self._field is None or not shiboken6.isValid(self._field) or not self._field.isVisible():
            return
        self._field.setFocus()
        if isinstance(self._field, QLineEdit) and self._selected[0] < 0:
            self._field.setCursorPosition(self._cursor)
        elif isinstance(self._field, QLineEdit):
            self._field.setSelection(*self._selected)
