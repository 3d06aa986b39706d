"""What was said in passing, to be read again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import ICON_OF, INK_OF, PrimaryButton, Text, label, set_tone
from cashier.desk.kit.icons import Picture
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.desk.kit.words import time_of_day
from cashier.desk.scanning.last_said import LastSaid, Saying
from cashier.language import Message, joined, m

_WIDTH = 560


class LastSaidDialog(Question):
    """Lists what was said last, the newest first. Deletes itself when it closes."""

    def __init__(self, said: LastSaid, *, time_zone: str, parent: QWidget) -> None:
        """List what is kept in ``said`` now; it closes when that is forgotten."""
        super().__init__(parent)
        self.setObjectName("last_said_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(Command.SHOW_LAST_SAID.words))
        self.setFixedWidth(scaled(_WIDTH))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(Command.SHOW_LAST_SAID.words, Text.HEADLINE))
        column = scrolled_column(layout)
        for each in said.sayings:
            column.addLayout(_line(each, time_zone))
        if not said.sayings:
            column.addWidget(label(m("Nothing was said since you signed in or unlocked it."), wraps=True))
        close = PrimaryButton(Command.DIALOG_GO_ON.on_button(m("Close")), name="last_said_close")
        close.clicked.connect(self.accept)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.setAccessibleDescription("\n".join(str(_words(each, time_zone)) for each in said.sayings))
        said.forgotten.connect(self.reject)
        close.setFocus()


def _line(saying: Saying, time_zone: str) -> QHBoxLayout:
    picture = Picture(side=20)
    picture.show_icon(ICON_OF[saying.tone], INK_OF[saying.tone])
    words = label(_words(saying, time_zone), name="last_said_line", wraps=True)
    set_tone(words, saying.tone)
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(words, 1)
    return row


def _words(saying: Saying, time_zone: str) -> Message:
    return joined(" · ", [time_of_day(saying.at, time_zone), saying.words])
