"""After the count: what should have been there, and closing the shift."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import press_by_key
from cashier.desk.kit.controls import Card, PlainButton, Text, Tone, label, set_tone
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.desk.shift.fields import captioned, line
from cashier.language import Message, m, mc, verbatim
from cashier.money import Money
from cashier.shifts.views import Closing, CountOutcome, DrawerCount


class OutcomeForm(QWidget):
    """Over, short or right. Enter closes nothing: a closed shift stays closed."""

    wanted = Signal(object)
    """Carries a ``Closing``."""
    recount_wanted = Signal(object)
    """Carries the ``DrawerCount`` to be corrected."""

    def __init__(self, count: DrawerCount, outcome: CountOutcome) -> None:
        """Show what came of ``count``."""
        super().__init__()
        self.setObjectName("outcome_form")
        self._count, self._outcome = count, outcome
        self._reason = line("difference_reason", m("What is known about the difference"), length_max=200)
        self._name = line("approver_name", m("Approver's name"))
        let_scan(self._name, Takes.NAME)
        self._pin = line("approver_pin", m("Approver's PIN"), is_secret=True)
        self._close = PlainButton(Command.CLOSE_FOR_GOOD.on_button(), "lock", name="close_for_good")
        self._again = PlainButton(Command.LEAVE_SHIFT.on_button(m("Count again")), "back", name="count_again")
        self._lay_out()
        press_by_key(self._close, Command.CLOSE_FOR_GOOD)
        self._close.clicked.connect(self._ask)
        self._again.clicked.connect(self.give_up)
        for field in (self._reason, self._name, self._pin):
            field.textChanged.connect(self._show_readiness)
        self._show_readiness()

    def take_keyboard(self) -> None:
        """Begin with the reason where one is wanted."""
        (self._reason if self._outcome.difference else self._close).setFocus()

    def give_up(self) -> None:
        """Go back to the count."""
        self.recount_wanted.emit(self._count)

    def allow_again(self) -> None:
        """It was refused: let it be corrected; a PIN is typed anew."""
        self._pin.clear()
        self._show_readiness()
        if self._outcome.wants_approval:
            self._pin.setFocus()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        words, tone = words_of(self._outcome.difference)
        heading = label(words, Text.HEADLINE, name="shift_heading")
        set_tone(heading, tone)
        layout.addWidget(heading)
        sums = Card(name="outcome_sums")
        form = QFormLayout(sums)
        form.setContentsMargins(16, 12, 16, 12)
        form.setHorizontalSpacing(24)
        form.addRow(
            str(m("Should be there")), label(verbatim(self._outcome.expected), Text.TITLE, name="outcome_expected")
        )
        form.addRow(
            str(mc("of a drawer", "Counted")),
            label(verbatim(self._outcome.counted), Text.TITLE, name="outcome_counted"),
        )
        layout.addWidget(sums)
        if self._outcome.difference:
            wanted = m("Reason (needed)") if self._outcome.is_off else m("Reason (if anything is known)")
            layout.addLayout(captioned(wanted, self._reason))
        if self._outcome.wants_approval:
            advice = m(
                "So much wants the approval of somebody who did not work this shift: a supervisor or an "
                "administrator types name and PIN here."
            )
            layout.addWidget(label(advice, name="outcome_advice", wraps=True))
            pair = QHBoxLayout()
            pair.setSpacing(10)
            pair.addLayout(captioned(m("Name"), self._name), 1)
            pair.addLayout(captioned(m("PIN"), self._pin), 1)
            layout.addLayout(pair)
        elif self._outcome.is_off:
            advice = m("You did not work this shift: with your reason, closing it approves so much under your name.")
            layout.addWidget(label(advice, name="outcome_advice", wraps=True))
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._again)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        layout.addSpacing(6)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def _show_readiness(self) -> None:
        has_reason = bool(self._reason.text().strip()) or not self._outcome.is_off
        has_approver = bool(self._name.text().strip() and self._pin.text()) or not self._outcome.wants_approval
        self._close.setEnabled(has_reason and has_approver)

    def _ask(self) -> None:
        self._close.setEnabled(False)
        self.wanted.emit(
            Closing(
                count=self._count,
                reason=self._reason.text(),
                approver_name=self._name.text() if self._outcome.wants_approval else "",
                approver_pin=self._pin.text() if self._outcome.wants_approval else "",
            )
        )


def words_of(difference: Money) -> tuple[Message, Tone]:
    """Say how the drawer stands."""
    if not difference:
        return m("The drawer is right"), Tone.GOOD
    amount = Money(abs(difference.amount_minor), difference.currency)
    if difference.amount_minor > 0:
        return m("{amount} over", amount=amount), Tone.BAD
    return m("{amount} short", amount=amount), Tone.BAD
