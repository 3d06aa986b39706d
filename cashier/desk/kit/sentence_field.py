"""A field for what somebody has to say in words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit


class SentenceField(QPlainTextEdit):
    """Takes a sentence or two. Enter is the end of it, not a new line."""

    finished = Signal()

    def __init__(self) -> None:
        """Make an empty field."""
        super().__init__()
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell about Enter, unless it is held down."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.finished.emit()
