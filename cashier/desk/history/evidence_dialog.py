"""Sending evidence about a dispute to the bank: what is stated is shown first, and is sent once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cashier.clock import on_the_clock
from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.sheet import Question
from cashier.desk.kit.words import day
from cashier.disputes.views import DisputeView, EvidenceDraft
from cashier.disputes.words import reason_words
from cashier.errors import CashierError
from cashier.language import NOTHING, Message, m, mc, sentences


class EvidenceDialog(Question):
    """Shows the draft and sends it. Deletes itself when it closes; open it with ``open()``."""

    sent = Signal(object)
    """Carries the ``DisputeView`` as it stands then."""

    def __init__(self, context: DeskContext, draft: EvidenceDraft, parent: QWidget) -> None:
        """Ask whether ``draft`` is to be sent, above ``parent``."""
        super().__init__(parent)
        self.setObjectName("evidence_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Send evidence to the bank")))
        self.setFixedWidth(scaled(640))
        self._context, self._draft = context, draft
        text = QPlainTextEdit(draft.text)
        text.setObjectName("evidence_text")
        text.setAccessibleName(str(m("What is stated")))
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setMinimumHeight(scaled(260))
        self._notice = Notice(name="evidence_notice")
        self._send = PrimaryButton(
            Command.DIALOG_GO_ON.on_button(mc("on a button", "Send to the bank")), "check", name="evidence_send"
        )
        leave = PlainButton(Command.DIALOG_LEAVE.on_button(mc("on a button", "Not yet")), name="evidence_leave")
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(self._send)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(m("Send evidence to the bank"), Text.HEADLINE, wraps=True))
        layout.addWidget(
            label(_what_it_is(draft.dispute, context.station.time_zone), name="evidence_about", wraps=True)
        )
        layout.addWidget(text, 1)
        once = m(
            "Read it through: it is sent once, and cannot be changed after that. Your name goes into the journal."
        )
        layout.addWidget(label(once, wraps=True))
        layout.addWidget(self._notice)
        layout.addLayout(buttons)
        self._send.clicked.connect(self._ask_to_send)
        leave.clicked.connect(self.reject)
        self._send.setFocus()

    def _ask_to_send(self) -> None:
        self._send.setEnabled(False)
        self._context.thread.ask(
            self,
            self._context.services.disputes.send_evidence(self._draft, self._context.actor),
            then=self._finish,
            failed=self._show_refusal,
        )

    def _finish(self, dispute: DisputeView) -> None:
        self.sent.emit(dispute)
        self.accept()

    def _show_refusal(self, error: CashierError) -> None:
        self._send.setEnabled(True)
        self._notice.say(error.words, Tone.BAD)


def _what_it_is(dispute: DisputeView, time_zone: str) -> Message:
    about = m("{amount} is disputed: {reason}.", amount=dispute.amount, reason=reason_words(dispute.reason))
    if dispute.respond_by is None:
        return about
    last = day(on_the_clock(dispute.respond_by, time_zone))
    return sentences(about, m("The bank waits until {day}.", day=last) if last else NOTHING)
