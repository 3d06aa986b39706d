"""Asking for a sentence before something is turned down."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.sentence_field import SentenceField
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.language import Message, m, mc, sentences
from cashier.refunds.views import RefundView


class WordsDialog(Question):
    """Asks why. Deletes itself when it closes; open it with ``open()``."""

    said = Signal(str)

    def __init__(
        self, *, title: Message, whose: PatientBanner, question: Message, go_on: Message, parent: QWidget
    ) -> None:
        """Ask ``question`` about the patient of ``whose``; the button that goes on says ``go_on``."""
        super().__init__(parent)
        self.setObjectName("words_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(title))
        self.setFixedWidth(scaled(500))
        self._words = SentenceField()
        self._words.setObjectName("words_field")
        self._words.setAccessibleName(str(question))
        self._words.setFixedHeight(scaled(96))
        self._notice = Notice(name="words_notice")
        go = PrimaryButton(Command.DIALOG_GO_ON.on_button(go_on), name="words_ok")
        leave = PlainButton(Command.DIALOG_LEAVE.on_button(mc("on a button", "Not yet")), name="words_leave")
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(title, Text.HEADLINE, wraps=True))
        layout.addWidget(whose)
        column = scrolled_column(layout)
        column.addWidget(label(question, wraps=True))
        column.addWidget(self._words)
        layout.addWidget(self._notice)
        layout.addLayout(buttons)
        go.clicked.connect(self._go_on)
        leave.clicked.connect(self.reject)
        self._words.finished.connect(go.click)
        self._words.setFocus()

    def _go_on(self) -> None:
        words = self._words.toPlainText().strip()
        if not words:
            self._notice.say(sentences(m("Say why."), m("One sentence is enough.")), Tone.BAD)
            return
        self.said.emit(words)
        self.accept()


def banner_of(refund: RefundView, time_zone: str) -> PatientBanner:
    """Name the patient of ``refund`` for such a question."""
    return PatientBanner(refund.patient, time_zone=time_zone, name="words_patient")
