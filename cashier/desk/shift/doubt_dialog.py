"""Asks again about a sum that hardly anybody means: Enter decides nothing."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.asked_again.doubt import Doubtful
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import press_by_key
from cashier.desk.kit.controls import PlainButton, Text, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.language import m

_WIDTH_MIN = 480


class DoubtDialog(Question):
    """Accepted by its key or a click; everything else goes back to what was typed. Deletes itself."""

    def __init__(self, doubtful: Doubtful, parent: QWidget) -> None:
        """Ask what ``doubtful`` says."""
        super().__init__(parent)
        self.setObjectName("doubt_dialog")
        self.setWindowTitle(str(m("Shift")))
        self.setMinimumWidth(scaled(_WIDTH_MIN))
        self.finished.connect(self.deleteLater)
        self._correct = PlainButton(Command.DIALOG_LEAVE.on_button(m("Correct it")), "back", name="doubt_correct")
        go = PlainButton(Command.MOVE_ALL_THE_SAME.on_button(), "check", name="doubt_go_on")
        press_by_key(go, Command.MOVE_ALL_THE_SAME)
        self._correct.clicked.connect(self.reject)
        go.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 18)
        layout.setSpacing(12)
        layout.addWidget(label(m("Is that what you mean?"), Text.HEADLINE, name="doubt_heading"))
        column = scrolled_column(layout)
        column.addWidget(label(doubtful.words, name="doubt_words", wraps=True))
        column.addWidget(label(m("Nothing has been written down yet."), Text.CAPTION, wraps=True))
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._correct)
        buttons.addStretch(1)
        buttons.addWidget(go)
        layout.addSpacing(6)
        layout.addLayout(buttons)
        self._correct.setFocus()
