"""Settling a difference: the words of what was done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.books.difference import RESOLUTION_LENGTH_MAX
from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.differences.difference_words import words_of
from cashier.desk.kit.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.sentence_field import SentenceField
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.errors import CashierError
from cashier.language import joined, m, mc, verbatim
from cashier.language.number_style import Count
from cashier.reconciliation.views import DifferenceView


class SettleDialog(Question):
    """Asks what was done and settles. Deletes itself when it closes; open it with ``open()``."""

    settled = Signal(str)

    def __init__(self, context: DeskContext, difference: DifferenceView, parent: QWidget) -> None:
        """Settle ``difference`` above ``parent``."""
        super().__init__(parent)
        self.setObjectName("settle_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Settle a difference")))
        self.setFixedWidth(scaled(520))
        self._context = context
        self._difference = difference
        words = words_of(difference)
        self._words = SentenceField()
        self._words.setObjectName("settle_words")
        self._words.setAccessibleName(str(m("What was done about it")))
        self._words.setPlaceholderText(str(m("For example: refunded RF-12 on Monday after a call with the patient.")))
        self._words.setFixedHeight(scaled(110))
        self._notice = Notice(name="settle_notice")
        self._settle = PrimaryButton(
            Command.DIALOG_GO_ON.on_button(mc("a difference", "Settle")), "check", name="settle_ok"
        )
        leave = PlainButton(Command.DIALOG_LEAVE.on_button(mc("on a button", "Not yet")), name="settle_leave")
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self._settle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(joined(": ", [words.title, verbatim(difference.amount)]), Text.HEADLINE, wraps=True))
        if difference.patient is not None:
            zone = context.station.time_zone
            layout.addWidget(PatientBanner(difference.patient, time_zone=zone, name="settle_patient"))
        column = scrolled_column(layout)
        column.addWidget(label(m("What was done about it? Your name and the words go into the journal."), wraps=True))
        column.addWidget(self._words)
        layout.addWidget(self._notice)
        layout.addLayout(buttons)
        self._settle.clicked.connect(self._ask_to_settle)
        leave.clicked.connect(self.reject)
        self._words.finished.connect(self._settle.click)
        self._words.setFocus()

    def _ask_to_settle(self) -> None:
        text = self._words.toPlainText().strip()
        if len(text) > RESOLUTION_LENGTH_MAX:
            self._notice.say(
                m(
                    "That is too long: {typed} of {most} characters.",
                    typed=Count(len(text)),
                    most=Count(RESOLUTION_LENGTH_MAX),
                ),
                Tone.BAD,
            )
            return
        self._settle.setEnabled(False)
        self._context.thread.ask(
            self,
            self._context.services.reconciliation.resolve(self._difference.id, text, self._context.actor),
            then=lambda _none: self._finish(text),
            failed=self._show_refusal,
        )

    def _finish(self, resolution: str) -> None:
        self.settled.emit(resolution)
        self.accept()

    def _show_refusal(self, error: CashierError) -> None:
        self._settle.setEnabled(True)
        self._notice.say(error.words, Tone.BAD)
        self._words.setFocus()
