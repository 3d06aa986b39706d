"""Hides every dialog of a window while its desk is locked, also those that open meanwhile.

A dialog that is hidden goes on working: a payment is followed to its end, and what came of it is seen afterwards.
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
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        # Parents come before their children, and what was opened first before what was opened then.
        for dialog in reversed([each for each in window.findChildren(QDialog) if each.isVisible()]):
            self._hide(dialog)
        self._hidden.reverse()
        self._application = QApplication.instance()
        if self._application is not None:
            self._application.installEventFilter(self)

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
        """Hide a dialog as soon as it shows itself."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QDialog):
            QTimer.singleShot(0, watched, partial(self._hide, watched))
        return False

    def _end(self) -> list[QDialog]:
        if self._application is not None:
            self._application.removeEventFilter(self)
        self.deleteLater()
        hidden, self._hidden = self._hidden, []
        return hidden

    def _hide(self, dialog: QDialog) -> None:
        if dialog.isVisible():
            dialog.finished.connect(partial(self._forget, dialog))
            dialog.hide()
            self._hidden.append(dialog)

    def _forget(self, dialog: QDialog, _result: int = 0) -> None:
        if dialog in self._hidden:
            self._hidden.remove(dialog)
