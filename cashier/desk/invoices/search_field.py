"""Where one types or scans what is looked for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from cashier.desk.kit.icons import icon
from cashier.language import m
from cashier.palette import Colour


class SearchField(QLineEdit):
    """Takes words, numbers and what a barcode scanner types."""

    left_downwards = Signal()
    """The arrow down was pressed."""

    def __init__(self) -> None:
        """Make an empty field."""
        super().__init__()
        self.setObjectName("search")
        self.setProperty("room", "large")
        self.setAccessibleName(str(m("Search invoices")))
        self.setPlaceholderText(str(m("Name, record number or invoice number — or scan the invoice")))
        self.setMaxLength(120)
        self.setClearButtonEnabled(True)
        self.addAction(icon("search", Colour.INK_SOFT), QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears, the arrow down goes to the list."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)
