"""Deciding about refunds that wait: by who is signed in, or by somebody else who steps up with name and PIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from cashier.books.refund import RefundState
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import DangerButton, Notice, PlainButton, Text, Tone, label
from cashier.desk.refunding.words import afterwards
from cashier.desk.refunding.words_dialog import WordsDialog, banner_of
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.errors import CashierError
from cashier.language import NOTHING, Message, m, mc, sentences
from cashier.refunds.limits import ApprovalStanding
from cashier.refunds.views import RefundView, StepUp, sum_of
from cashier.staff.rights import ALLOWED, Action


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided, in a sentence, and how it sounds."""

    words: Message
    tone: Tone


class DecisionForm(QWidget):
    """Approves or rejects ``views``, which belong together. Nothing here is done by Enter: money leaves the house."""

    decided = Signal(object)
    """Something was approved, rejected or taken back; carries the ``Decision``, or None where nothing was."""

    def __init__(self, context: DeskContext, views: Sequence[RefundView]) -> None:
        """Decide about ``views``, all of which wait."""
        super().__init__()
        self.setObjectName("decision_form")
        self._context, self._views = context, tuple(views)
        self._waiting = list(self._views)
        self._last: RefundView | None = None
        self.is_deciding = False
        """It is being written down now: what comes of it is told by this form alone."""
        signed_in = context.signed_in
        self._is_own = any(view.requested_by == signed_in.staff_id for view in views)
        self._may = signed_in.role in ALLOWED[Action.APPROVE_REFUND] and not self._is_own
        self._owed = QRadioButton(str(afterwards(reopens=True)))
        self._returned = QRadioButton(str(afterwards(reopens=False)))
        self._name = _field("approver_name", m("Approver's name"))
        let_scan(self._name, Takes.NAME)
        self._pin = _field("approver_pin", m("Approver's PIN"))
        self._pin.setEchoMode(QLineEdit.EchoMode.Password)
        yes = Command.APPROVE_REFUND.on_button(m("Give back {amount}", amount=sum_of(views)))
        self._approve = PlainButton(yes, "check", name="approve_refund")
        self._no = Command.TAKE_BACK_REFUND if self._is_own else Command.REJECT_REFUND
        self._turn_down = DangerButton(self._no.on_button(), "close", name="turn_refund_down")
        self._limit = label(NOTHING, Text.CAPTION, name="decision_limit", wraps=True)
        self._limit.hide()
        self._notice = Notice(name="decision_notice")
        self._lay_out()
        self._connect()
        if self._may:
            standing = context.services.approval_limits.standing_of(context.actor)
            context.thread.ask(self, standing, then=self._show_limit)

    def take_keyboard(self) -> None:
        """Give the keyboard to what is asked first: who approves, or what becomes of the invoice."""
        if self._may:
            (self._owed if self._owed.isChecked() else self._returned).setFocus()
        else:
            self._name.setFocus()

    def _lay_out(self) -> None:
        self._owed.setObjectName("decide_owed")
        self._returned.setObjectName("decide_returned")
        (self._owed if self._views[0].reopens else self._returned).setChecked(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        # What may be approved stands beside it: the buttons are seen without scrolling on small screens.
        above = QHBoxLayout()
        above.setSpacing(16)
        above.addWidget(label(m("Afterwards"), Text.CAPTION))
        self._limit.setAlignment(Qt.AlignmentFlag.AlignRight)
        above.addWidget(self._limit, 1)
        layout.addLayout(above)
        choices = QVBoxLayout()
        choices.setSpacing(0)
        choices.addWidget(self._owed)
        choices.addWidget(self._returned)
        layout.addLayout(choices)
        if not self._may:
            advice = m(
                "Somebody else approves it: at another desk, or here with name and PIN, without anybody signing out."
            )
            layout.addWidget(label(advice, wraps=True))
            pair = QHBoxLayout()
            pair.setSpacing(10)
            for words, field in ((m("Name"), self._name), (m("PIN"), self._pin)):
                column = QVBoxLayout()
                column.setSpacing(2)
                column.addWidget(label(words, Text.CAPTION))
                column.addWidget(field)
                pair.addLayout(column, 1)
            layout.addLayout(pair)
        layout.addWidget(self._notice)
        buttons = QHBoxLayout()
        if self._may or self._is_own:
            buttons.addWidget(self._turn_down)
        buttons.addStretch(1)
        buttons.addSpacing(24)
        buttons.addWidget(self._approve)
        layout.addSpacing(6)
        layout.addLayout(buttons)

    def _show_limit(self, standing: ApprovalStanding) -> None:
        self._limit.setText(str(limit_words(standing)))
        self._limit.show()

    def _connect(self) -> None:
        self._approve.clicked.connect(self._approve_next)
        self._turn_down.clicked.connect(self._ask_why)
        listen(self, {Command.APPROVE_REFUND: self._approve.click, self._no: self._turn_down.click})
        for field in (self._name, self._pin):
            field.textChanged.connect(self._show_readiness)
        self._show_readiness()

    def _show_readiness(self) -> None:
        self._approve.setEnabled(self._may or bool(self._name.text().strip() and self._pin.text()))

    def _approve_next(self) -> None:
        """Approve one after the other; what was approved stays so when a later one is refused."""
        if not self._waiting:
            self.is_deciding = False
            self.decided.emit(None if self._last is None else decision_on(self._views, self._last))
            return
        step_up = None if self._may else StepUp(name=self._name.text(), pin=self._pin.text())
        self._hold(is_held=True)
        self._context.thread.ask(
            self,
            self._context.services.refunds.approve(
                self._waiting[0].id, self._context.actor, step_up=step_up, reopens=self._owed.isChecked()
            ),
            then=self._take_approved,
            failed=self._show_refusal,
        )

    def _take_approved(self, view: RefundView) -> None:
        self._last = view
        del self._waiting[0]
        if not self._waiting:
            self._pin.clear()
        self._approve_next()

    def _ask_why(self) -> None:
        if self._is_own:
            self._reject("")
            return
        dialog = WordsDialog(
            title=m("Reject {amount}", amount=sum_of(self._views)),
            whose=banner_of(self._views[0], self._context.station.time_zone),
            question=m("Why? Who asked for it reads this."),
            go_on=mc("on a button", "Reject"),
            parent=self.window(),
        )
        dialog.said.connect(self._reject)
        dialog.open()

    def _reject(self, why: str) -> None:
        self._hold(is_held=True)
        for view in self._waiting:
            self._context.thread.ask(
                self,
                self._context.services.refunds.reject(view.id, self._context.actor, why=why),
                then=self._take_rejected,
                failed=self._show_refusal,
            )

    def _take_rejected(self, view: RefundView) -> None:
        self._waiting = [each for each in self._waiting if each.id != view.id]
        if not self._waiting:
            self.is_deciding = False
            self.decided.emit(decision_on(self._views, view))

    def _show_refusal(self, error: CashierError) -> None:
        self._hold(is_held=False)
        self._pin.clear()
        self._notice.say(error.words, Tone.BAD)
        if not self._may:
            self._pin.setFocus(Qt.FocusReason.OtherFocusReason)
        self.decided.emit(None)

    def _hold(self, *, is_held: bool) -> None:
        self._notice.fall_silent()
        self.is_deciding = is_held
        for button in (self._approve, self._turn_down):
            button.setEnabled(not is_held)
        if not is_held:
            self._show_readiness()


def _field(name: str, words: Message) -> QLineEdit:
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(str(words))
    made.setMaxLength(80)
    made.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
    return made


def limit_words(standing: ApprovalStanding) -> Message:
    """Say what somebody may approve, and what was approved today."""
    most, a_day = standing.limit.amount, standing.limit.day_total
    used = m("Approved today: {amount}.", amount=standing.approved_today)
    if most is not None and a_day is not None:
        return sentences(m("Your limit is {most} each and {a_day} a day.", most=most, a_day=a_day), used)
    if most is not None:
        return sentences(m("Your limit is {most} each.", most=most), used)
    if a_day is not None:
        return sentences(m("Your limit is {a_day} a day.", a_day=a_day), used)
    return sentences(m("You approve without limit."), used)


def decision_on(views: Sequence[RefundView], decided: RefundView) -> Decision:
    """Say what was decided about ``views``, over which amount and whose; ``decided`` is one of them afterwards.

    That money went back is said only of what is known to have gone.
    """
    amount, patient = sum_of(views), decided.patient.called
    if decided.state is RefundState.REJECTED and decided.decided_by is None:
        words = m("Request taken back: {amount} of {patient} stay as they are.", amount=amount, patient=patient)
        return Decision(words=words, tone=Tone.NEUTRAL)
    if decided.state is RefundState.REJECTED:
        words = m("Rejected: {amount} of {patient} stay as they are.", amount=amount, patient=patient)
        return Decision(words=words, tone=Tone.NEUTRAL)
    if decided.state is RefundState.FAILED:
        words = m("Approved {amount} for {patient}, but no money went back.", amount=amount, patient=patient)
        return Decision(words=words, tone=Tone.BAD)
    if decided.state is RefundState.SUCCEEDED:
        words = m("Given back {amount} to {patient}.", amount=amount, patient=patient)
    elif decided.is_to_be_transferred:
        words = m("Approved {amount} for {patient}. The bank has to send it.", amount=amount, patient=patient)
    else:
        words = m("Approved {amount} for {patient}. It is on its way.", amount=amount, patient=patient)
    return Decision(words=words, tone=Tone.GOOD)
