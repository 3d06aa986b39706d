"""A shift is open: how it stands, cash in and out, the X report, and the way to closing it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from cashier.books.shift import MovementKind
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.kit.controls import PlainButton, PrimaryButton, Text, label, separator
from cashier.desk.kit.words import day_and_time
from cashier.desk.shift.fields import AmountField, captioned, line
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.language import Message, m, mn, sentences, verbatim
from cashier.language.number_style import Count
from cashier.money import Money
from cashier.shifts.facts import TenderSum
from cashier.shifts.views import Movement, ShiftView
from cashier.tenders.tender import Tender


class RunningForm(QWidget):
    """Never says what should be in the drawer: it is counted blind."""

    moved = Signal(object)
    """Carries a ``Movement`` to be written down."""
    refused = Signal(object)
    """Carries the ``CashierError`` of what was typed."""
    report_wanted = Signal()
    closing_wanted = Signal()

    def __init__(self, shift: ShiftView, *, time_zone: str) -> None:
        """Show ``shift``."""
        super().__init__()
        self.setObjectName("running_shift_form")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._shift = shift
        self._movement_id = new_id()
        currency = shift.float.currency
        self._in, self._out = (
            QRadioButton(str(command.on_button(gap=3))) for command in (Command.CASH_IN, Command.CASH_OUT)
        )
        self._amount = AmountField("movement_amount", m("Amount"), currency)
        self._reason = line("movement_reason", m("Reason"), length_max=200)
        self._write = PlainButton(Command.DIALOG_GO_ON.on_button(m("Note the cash")), "check", name="write_movement")
        self._report = PlainButton(Command.X_REPORT.on_button(), "receipt", name="x_report")
        self._close = PrimaryButton(Command.CLOSE_SHIFT.on_button(), "lock", name="close_shift")
        self._lay_out(time_zone)
        self._connect()

    def take_keyboard(self) -> None:
        """Begin with the amount of a movement."""
        self._amount.setFocus()

    def _lay_out(self, time_zone: str) -> None:
        shift = self._shift
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(label(m("Shift {shift}", shift=shift.name), Text.HEADLINE, name="shift_heading"))
        layout.addWidget(label(_so_far(shift, time_zone), name="shift_facts", wraps=True))
        if shift.takings:
            layout.addLayout(_takings(shift.takings))
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._close)
        buttons.addWidget(self._report)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        layout.addSpacing(6)
        layout.addWidget(separator())
        layout.addSpacing(6)
        layout.addWidget(label(m("Cash in and out, beside payments"), Text.TITLE))
        kinds = QHBoxLayout()
        kinds.setSpacing(16)
        for button, name in ((self._in, "movement_in"), (self._out, "movement_out")):
            button.setObjectName(name)
            kinds.addWidget(button)
        kinds.addStretch(1)
        layout.addLayout(kinds)
        fields = QHBoxLayout()
        fields.setSpacing(14)
        symbol = label(verbatim(shift.float.symbol), Text.TITLE)
        fields.addLayout(captioned(m("Amount"), self._amount, beside=symbol))
        fields.addLayout(captioned(m("Reason"), self._reason), 1)
        layout.addLayout(fields)
        row = QHBoxLayout()
        row.addWidget(self._write)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(1)
        self._out.setChecked(True)
        self._reason.setPlaceholderText(str(m("For example: to the safe, bag 4711")))

    def _connect(self) -> None:
        # A button's own shortcut presses it only a tenth of a second later: the amount may be typed by then.
        listen(
            self,
            {
                Command.CASH_IN: partial(self._choose, self._in),
                Command.CASH_OUT: partial(self._choose, self._out),
                Command.X_REPORT: self.report_wanted.emit,
                Command.CLOSE_SHIFT: self.want_closing,
            },
        )
        self._report.clicked.connect(self.report_wanted)
        self._close.clicked.connect(self.want_closing)
        self._write.clicked.connect(self._ask)
        self._amount.returnPressed.connect(lambda: self._reason.setFocus(Qt.FocusReason.TabFocusReason))
        self._reason.returnPressed.connect(self._write.click)

    def _choose(self, button: QRadioButton) -> None:
        button.setChecked(True)
        self.take_keyboard()

    def want_closing(self) -> None:
        """Ask to count. What is typed until the count is there is no movement of cash any more."""
        self._allow(False)
        self.setFocus()
        self.closing_wanted.emit()

    def _allow(self, may_write: bool) -> None:
        for each in (self._in, self._out, self._amount, self._reason, self._write):
            each.setEnabled(may_write)

    def _ask(self) -> None:
        kind = MovementKind.IN if self._in.isChecked() else MovementKind.OUT
        try:
            amount = self._amount.amount
        except Refused as refusal:
            self.refused.emit(refusal)
            return
        if not self._reason.text().strip():
            example = m("For example: change from the bank, or cash to the safe.")
            self.refused.emit(Refused(m("Say why."), advice=example))
            return
        self._write.setEnabled(False)
        self.moved.emit(
            Movement(
                id=self._movement_id, shift_id=self._shift.id, kind=kind, amount=amount, reason=self._reason.text()
            )
        )

    def allow_again(self) -> None:
        """It was refused: let it be corrected."""
        self._allow(True)
        field = self._amount if self._reason.text().strip() else self._reason
        field.setFocus()
        field.selectAll()


def said_of(movement: Movement) -> Message:
    """Say what was written down."""
    amount, reason = movement.amount, movement.reason.strip()
    if movement.kind is MovementKind.IN:
        return m("{amount} put in: {reason}.", amount=amount, reason=reason)
    return m("{amount} taken out: {reason}.", amount=amount, reason=reason)


def _so_far(shift: ShiftView, time_zone: str) -> Message:
    opened = m(
        "{name} opened it on {moment} with {float}.",
        name=shift.opened_by,
        moment=day_and_time(shift.opened_at, time_zone),
        float=shift.float,
    )
    payments = (
        mn("{count} payment", "{count} payments", count=Count(shift.payments)) if shift.payments else m("no payments")
    )
    movements = (
        mn("{count} movement of cash", "{count} movements of cash", count=Count(shift.movements))
        if shift.movements
        else m("no movements of cash")
    )
    return sentences(opened, m("So far {payments}, {movements}.", payments=payments, movements=movements))


def _takings(sums: Sequence[TenderSum]) -> QGridLayout:
    """List what was taken by each way; what should be in the drawer is shown after the count."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(4)
    for place, each in enumerate(sums):
        count = mn("{count} payment", "{count} payments", count=Count(each.count))
        amount = label(
            verbatim(Money(each.amount_minor or 0, each.currency)), Text.TITLE, name=f"taken_{each.tender}"
        )
        grid.addWidget(label(Tender(each.tender).row.words), place, 0)
        grid.addWidget(amount, place, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(label(count, Text.CAPTION), place, 2)
    grid.addWidget(label(m("Cash is shown after the count."), Text.CAPTION, name="cash_later"), len(sums), 0, 1, 3)
    grid.setColumnStretch(3, 1)
    return grid
