"""An identifier that can be copied, as it stands on several sheets."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cashier.desk.kit.controls import PlainButton, Text, label
from cashier.language import m, mc, verbatim


class CopyLine(QWidget):
    """An identifier, and a button that copies it. Where there is too little room its middle is left out."""

    def __init__(self, text: str) -> None:
        """Show ``text``."""
        super().__init__()
        self._text = text
        self._words = label(verbatim(text), Text.CAPTION, name=f"stripe_id_{text}")
        self._words.setAccessibleName(text)
        self._words.setToolTip(text)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        copy = PlainButton(mc("on a button", "Copy"), "copy", name=f"copy_{text}", quiet=True)
        copy.setAccessibleName(str(m("Copy {identifier}", identifier=text)))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(copy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the words to the room there is."""
        super().resizeEvent(event)
        # The layout has its say first: https://doc.qt.io/qt-6/qlayout.html#activate
        self._row.activate()
        room = self._words.width()
        self._words.setText(self._words.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, room))
