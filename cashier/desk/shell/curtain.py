"""Hides every dialog of a window while its desk is locked, also those that open meanwhile.

A dialog that is hidden goes on working: a payment is followed to its end, and what came of it is seen afterwards.
It looks at its window alone, which a dialog blocks when it opens: a filter on the whole application ends the program
when Stripe's page gets the keyboard (PySide 6.11).
"""

from __future__ import annotations

from functools import partial

import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget


class Curtain(QObject):
    """Drawn over ``window`` when it is made; then either lifted or taken away with all that it hides, once."""

    def __init__(self, window: QWidget) -> None:
        """Hide what is open above ``window`` now."""
        super().__init__(window)
        self._hidden: list[QDialog] = []
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._hide_all)
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        self._window = window
        self._hide_all()
        window.installEventFilter(self)

    def lift(self) -> None:
        """Show again what was hidden, unless it ended by itself meanwhile."""
        for dialog in self._end():
            if shiboken6.isValid(dialog):
                dialog.open()

    def remove(self) -> None:
        """Delete what was hidden: nobody comes back to it. What it ordered is finished all the same."""
        for dialog in self._end():
            if shiboken6.isValid(dialog):
                dialog.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide a dialog as soon as it has opened."""
        if event.type() == QEvent.Type.WindowBlocked:
            self._soon.start()
        return False

    def _end(self) -> list[QDialog]:
        self._window.removeEventFilter(self)
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
            dialog.hide()

    def _forget(self, dialog: QDialog, _result: int = 0) -> None:
        if dialog in self._hidden:
            self._hidden.remove(dialog)
