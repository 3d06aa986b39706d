"""No shift is open: the float, and opening one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import press_by_key
from cashier.desk.kit.controls import PlainButton, PrimaryButton, Text, label
from cashier.desk.kit.look import is_touched
from cashier.desk.kit.touch.keypad import Keypad
from cashier.desk.kit.words import day_and_time
from cashier.desk.shift.fields import AmountField, captioned
from cashier.errors import Refused
from cashier.language import m, verbatim
from cashier.money import Money
from cashier.shifts.views import DeskShifts, Opening


class OpenForm(QWidget):
    """Asks what is in the drawer to begin with; preset is what it was the last time."""

    wanted = Signal(object)
    """Carries an ``Opening``."""
    refused = Signal(object)
    """Carries the ``CashierError`` of what was typed."""
    report_wanted = Signal()
    """The Z report of the shift before is to be looked at."""

    def __init__(self, shifts: DeskShifts, currency: str, *, time_zone: str) -> None:
        """Open the next shift of a desk that stands as ``shifts`` say."""
        super().__init__()
        self.setObjectName("open_shift_form")
        self._next_number = shifts.next_number
        self._float = AmountField("shift_float", m("Float"), currency)
        last = shifts.last_closed
        self._float.preset(last.float if last is not None else Money(0, currency))
        words = Command.DIALOG_GO_ON.on_button(m("Open shift {number}", number=shifts.next_number))
        self._open = PrimaryButton(words, "check", name="open_shift")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addWidget(label(m("No shift is open at this desk"), Text.HEADLINE, name="shift_heading"))
        advice = m(
            "Count what is in the drawer now. That is the float; everything that moves from here on is added to it."
        )
        layout.addWidget(label(advice, wraps=True))
        symbol = label(verbatim(Money(0, currency).symbol), Text.TITLE)
        layout.addLayout(captioned(m("Float"), self._float, beside=symbol))
        if is_touched():
            layout.addWidget(Keypad(self._float, currency), 0, Qt.AlignmentFlag.AlignLeft)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._open)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        if last is not None and last.closed_at is not None:
            closed = m(
                "{name} closed shift {shift} on {moment}.",
                name=last.closed_by,
                shift=last.name,
                moment=day_and_time(last.closed_at, time_zone),
            )
            row = QHBoxLayout()
            row.setSpacing(10)
            row.addWidget(label(closed, Text.CAPTION, name="last_shift"))
            look = PlainButton(Command.LAST_REPORT.on_button(), "receipt", name="last_report")
            press_by_key(look, Command.LAST_REPORT)
            look.clicked.connect(self.report_wanted)
            row.addStretch(1)
            row.addWidget(look)
            layout.addSpacing(10)
            layout.addLayout(row)
        layout.addStretch(1)
        self._open.clicked.connect(self._ask)
        self._float.returnPressed.connect(self._open.click)

    def take_keyboard(self) -> None:
        """Begin with the float."""
        self._float.setFocus()
        self._float.selectAll()

    def _ask(self) -> None:
        try:
            amount = self._float.amount
        except Refused as refusal:
            self.refused.emit(refusal)
            return
        self._open.setEnabled(False)
        self.wanted.emit(Opening(number=self._next_number, float=amount))

    def allow_again(self) -> None:
        """It was refused: let it be corrected."""
        self._open.setEnabled(True)
        self.take_keyboard()
