"""An identifier that can be copied, as it stands on several sheets."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cashier.desk.controls import PlainButton, Text, label


class CopyLine(QWidget):
    """An identifier, and a button that copies it."""

    def __init__(self, text: str) -> None:
        """Show ``text``."""
        super().__init__()
        words = label(text, Text.CAPTION, name=f"stripe_id_{text}", wraps=True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copy = PlainButton("Copy", "copy", name=f"copy_{text}", quiet=True)
        copy.setAccessibleName(f"Copy {text}")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(words, 1)
        layout.addWidget(copy)
