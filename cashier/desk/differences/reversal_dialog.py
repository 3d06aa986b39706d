"""Deciding who bears money that went away again: what it is about, what each choice does, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from cashier.books.dispute import REASON_LENGTH_MAX, ReversalOutcome
from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.differences.difference_words import DIFFERENCE_WORDS
from cashier.desk.kit.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.sentence_field import SentenceField
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.errors import CashierError
from cashier.language import NOTHING, Message, joined, m, mc, verbatim
from cashier.language.number_style import Count
from cashier.reconciliation.views import DifferenceView
from cashier.reversals.views import ReversalOrder, ReversalQuestion, ReversalView
from cashier.reversals.words import meaning_words, outcome_words


class ReversalDialog(Question):
    """Asks who bears it and why, and decides. Deletes itself when it closes; open it with ``open()``."""

    decided = Signal(object)
    """Carries the ``ReversalView`` that holds, also where somebody else was faster."""

    def __init__(
        self, context: DeskContext, difference: DifferenceView, question: ReversalQuestion, parent: QWidget
    ) -> None:
        """Decide about ``difference`` above ``parent``; nothing is chosen before somebody chooses."""
        super().__init__(parent)
        self.setObjectName("reversal_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Decide about money that went away")))
        self.setFixedWidth(scaled(560))
        self._context, self._difference, self._question = context, difference, question
        self._choices = {outcome: self._choice(outcome) for outcome in ReversalOutcome}
        self._reason = SentenceField()
        self._reason.setObjectName("reversal_reason")
        self._reason.setAccessibleName(str(m("Reason")))
        self._reason.setPlaceholderText(str(m("For example: the patient agreed on the phone to pay again.")))
        self._reason.setFixedHeight(scaled(84))
        self._notice = Notice(name="reversal_notice")
        self._go = PrimaryButton(
            Command.DIALOG_GO_ON.on_button(mc("on a button", "Decide")), "check", name="reversal_ok"
        )
        self._leave = PlainButton(Command.DIALOG_LEAVE.on_button(mc("on a button", "Not yet")), name="reversal_leave")
        self._lay_out()
        self._go.clicked.connect(self._ask_to_decide)
        self._leave.clicked.connect(self.reject)
        self._reason.finished.connect(self._go.click)
        next(iter(self._choices.values())).setFocus()

    def _choice(self, outcome: ReversalOutcome) -> QRadioButton:
        made = QRadioButton(str(outcome_words(outcome, is_refund=self._question.is_refund)))
        made.setObjectName(f"reversal_{outcome.value}")
        made.setAccessibleDescription(str(meaning_words(outcome, is_refund=self._question.is_refund)))
        return made

    def _lay_out(self) -> None:
        words = DIFFERENCE_WORDS[self._difference.kind]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        title = joined(": ", [words.title, verbatim(self._question.amount)])
        layout.addWidget(label(title, Text.HEADLINE, wraps=True))
        zone = self._context.station.time_zone
        layout.addWidget(PatientBanner(self._question.patient, time_zone=zone, name="reversal_patient"))
        column = scrolled_column(layout)
        column.addWidget(label(self._difference.detail, wraps=True))
        if not self._question.is_refund:
            column.addWidget(label(_where_it_counts(self._question), name="reversal_counts", wraps=True))
        for outcome, choice in self._choices.items():
            column.addWidget(choice)
            meaning = meaning_words(outcome, is_refund=self._question.is_refund)
            column.addWidget(label(meaning, Text.CAPTION, wraps=True))
        column.addWidget(
            label(m("Why? Your name and the reason go into the journal and onto the paper."), wraps=True)
        )
        column.addWidget(self._reason)
        layout.addWidget(self._notice)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(self._leave)
        buttons.addWidget(self._go)
        layout.addLayout(buttons)

    def _ask_to_decide(self) -> None:
        chosen = next((outcome for outcome, choice in self._choices.items() if choice.isChecked()), None)
        text = self._reason.toPlainText().strip()
        wrong = NOTHING
        if chosen is None:
            wrong = m("Choose who bears it.")
        elif len(text) > REASON_LENGTH_MAX:
            wrong = m(
                "That is too long: {typed} of {most} characters.",
                typed=Count(len(text)),
                most=Count(REASON_LENGTH_MAX),
            )
        if chosen is None or wrong:
            self._notice.say(wrong, Tone.BAD)
            return
        self._go.setEnabled(False)
        order = ReversalOrder(difference_id=self._difference.id, outcome=chosen, reason=text)
        self._context.thread.ask(
            self,
            self._context.services.reversals.decide(order, self._context.actor),
            then=self._finish,
            failed=self._show_refusal,
        )

    def _finish(self, made: ReversalView) -> None:
        self.decided.emit(made)
        self.accept()

    def _show_refusal(self, error: CashierError) -> None:
        self._go.setEnabled(True)
        self._notice.say(error.words, Tone.BAD)
        self._reason.setFocus()


def _where_it_counts(question: ReversalQuestion) -> Message:
    if not question.counted:
        return m("Nothing of it counts any more.")
    parts = [
        m("{amount} on {invoice}", amount=share.amount, invoice=share.invoice_number) for share in question.shares
    ]
    if question.loose:
        parts.append(m("{amount} on the patient's account", amount=question.loose))
    return m("It counts: {places}.", places=joined(", ", parts))
