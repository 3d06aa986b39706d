"""Where no money moves, every screen says so all the time: the cashier's and the patient's."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout

from cashier.desk.kit.controls import label
from cashier.language import NOTHING, Message, m
from cashier.settings import Settings


def words_without_money(settings: Settings) -> Message:
    """Say that no money moves, and why: the sandbox, or Stripe's own test mode; nothing where it does."""
    if settings.moves_money:
        return NOTHING
    if settings.training:
        return m("TRAINING – no money moves")
    return m("STRIPE TEST MODE – no money moves, and only Stripe's test cards work")


class NoMoneyBanner(QFrame):
    """A line across the screen; it is not there without words."""

    def __init__(self, words: Message, *, name: str) -> None:
        """Say ``words``."""
        super().__init__()
        self.setObjectName(f"{name}_banner")
        self.setProperty("tells", "no money")
        self._words = label(words, name=f"{name}_text")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 3, 16, 3)
        row.addWidget(self._words)
        if not words:
            self.hide()

    def say(self, words: Message) -> None:
        """Say them again, in the language that is spoken now."""
        self._words.setText(str(words))
