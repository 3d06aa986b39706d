"""What is shown instead of everything else when the desk cannot start."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.kit.controls import Card, PlainButton, PrimaryButton, Text, announce, label
from cashier.desk.kit.icons import Picture
from cashier.desk.kit.look import scaled
from cashier.errors import CashierError
from cashier.language import NOTHING, m
from cashier.palette import Colour


class TroublePage(QWidget):
    """Says what is wrong and what to do, and offers to try again."""

    retry_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a page without words."""
        super().__init__(parent)
        self.setObjectName("trouble_page")
        card = Card(name="trouble_card")
        card.setFixedWidth(scaled(560))
        picture = Picture("warning", Colour.CAUTION, side=48)
        self._message = label(NOTHING, Text.TITLE, name="trouble_message", wraps=True)
        self._advice = label(NOTHING, Text.BODY, name="trouble_advice", wraps=True)
        for each in (self._message, self._advice):
            each.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._retry = PrimaryButton(m("Try again"), "refresh", name="trouble_retry")
        leave = PlainButton(m("Quit"), name="trouble_quit")
        self._retry.clicked.connect(self.retry_wanted)
        leave.clicked.connect(self.quit_wanted)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self._retry)
        column = QVBoxLayout(card)
        column.setContentsMargins(36, 32, 36, 28)
        column.setSpacing(10)
        column.addWidget(picture)
        column.addWidget(label(m("Cashier cannot start"), Text.HEADLINE))
        column.addWidget(self._message)
        column.addWidget(self._advice)
        column.addSpacing(14)
        column.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def explain(self, error: CashierError) -> None:
        """Show ``error``."""
        self._message.setText(str(error.message))
        self._advice.setText(str(error.advice))
        self._retry.setFocus()
        announce(self._message)
