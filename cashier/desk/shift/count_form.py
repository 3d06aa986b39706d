"""Counting the drawer: how many of each note and coin. What should be there is not known here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.kit.controls import PlainButton, PrimaryButton, Text, Tone, announce, label, set_tone
from cashier.desk.kit.look import for_hands, is_touched, scaled
from cashier.desk.kit.touch.keypad import Keypad
from cashier.errors import Refused
from cashier.language import NOTHING, m, verbatim
from cashier.money import Money, parse_amount
from cashier.shifts.views import DrawerCount, ShiftView

_ROWS_MAX = 8
_TYPED = r"[0-9]{0,5}([*x][0-9]{0,6}([.,][0-9]{0,2})?)?"
"""Pieces, or pieces and a value: “3” and “3*20”."""
_HOW = m("How many pieces are there of each? What should be in the drawer is shown afterwards.")
_NO_CENTS = re.compile(r"[.,]0+(?![0-9])")


class CountForm(QWidget):
    """One row for each value. Enter and the arrow keys go from row to row; Ctrl and Enter compare.

    “3*20” in any row counts three pieces of 20. ``foot``, with the total, is for whoever shows the form.
    """

    counted = Signal(object)
    """Carries a ``DrawerCount``."""
    given_up = Signal()
    reached = Signal(QWidget)
    """This has the keyboard now, and has to be seen."""

    def __init__(self, shift: ShiftView, values: Sequence[int]) -> None:
        """Count the drawer of ``shift`` by these ``values``, in minor units."""
        super().__init__()
        self.setObjectName("count_form")
        self._shift, self._currency = shift, shift.float.currency
        self._fields = {value: _PiecesField(value, self._currency) for value in values}
        self._sums: dict[int, QLabel] = {}
        self._total = label(NOTHING, Text.DISPLAY, name="count_total")
        self._go_on = PrimaryButton(Command.COMPARE_COUNT.on_button(), "check", name="count_done")
        self._words = label(_HOW, name="count_words", wraps=True)
        self.foot = QWidget()
        """The total and the buttons: they stay in their place while the rows are scrolled."""
        self._back = PlainButton(Command.LEAVE_SHIFT.on_button(m("Not yet")), "back", name="count_leave")
        self._lay_out()
        self._connect()
        self._add_up()

    def take_keyboard(self) -> None:
        """Begin with the largest note."""
        first = next(iter(self._fields.values()))
        first.setFocus()
        first.selectAll()

    def preset(self, pieces: Mapping[int, int]) -> None:
        """Show an earlier count again, to be corrected."""
        for value, count in pieces.items():
            self._fields[value].setText(str(count) if count else "")

    def allow_again(self) -> None:
        """It was refused: let it be corrected."""
        self._go_on.setEnabled(True)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        heading = m("Count the drawer of shift {shift}", shift=self._shift.name)
        layout.addWidget(label(heading, Text.HEADLINE, name="shift_heading"))
        layout.addWidget(self._words)
        columns = QHBoxLayout()
        columns.setSpacing(16 if is_touched() else 48)
        values = list(self._fields)
        rows = _ROWS_MAX if len(values) > _ROWS_MAX else len(values)
        for start in range(0, len(values), rows):
            columns.addLayout(self._column(values[start : start + rows]))
        columns.addStretch(1)
        if is_touched():
            columns.addWidget(Keypad(next(iter(self._fields.values()))), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(columns)
        layout.addStretch(1)
        total = QHBoxLayout(self.foot)
        total.setContentsMargins(0, 0, 0, 0)
        total.setSpacing(14)
        total.addWidget(label(m("In the drawer"), Text.TITLE))
        total.addWidget(self._total)
        total.addStretch(1)
        total.addWidget(self._back)
        total.addWidget(self._go_on)

    def _column(self, values: Sequence[int]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for row, value in enumerate(values):
            name = label(verbatim(_face(Money(value, self._currency))))
            name.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            name.setBuddy(self._fields[value])
            name.setMinimumWidth(scaled(64))
            found = self._sums[value] = label(NOTHING, name=f"count_sum_{value}")
            found.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            found.setMinimumWidth(scaled(84))
            grid.addWidget(name, row, 0)
            grid.addWidget(label(verbatim("×"), Text.CAPTION), row, 1)
            grid.addWidget(self._fields[value], row, 2)
            grid.addWidget(found, row, 3)
        grid.setRowStretch(len(values), 1)
        return grid

    def _connect(self) -> None:
        fields = list(self._fields.values())
        for place, field in enumerate(fields):
            field.textChanged.connect(self._add_up)
            field.stepped.connect(lambda by, place=place: self._step(place, by))
            field.editingFinished.connect(lambda field=field: self._take_product(field))
        self._go_on.clicked.connect(self._tell)
        listen(self, {Command.COMPARE_COUNT: self._go_on.click})
        self._back.clicked.connect(self.given_up)

    def _step(self, place: int, by: int) -> None:
        """Go on from a row; where a product was typed in it, from the row of its value."""
        fields = list(self._fields.values())
        taken = self._take_product(fields[place])
        if taken is not None:
            self._go_to((place if taken is fields[place] else fields.index(taken)) + by)

    def _take_product(self, field: _PiecesField) -> _PiecesField | None:
        """Put “3*20” where it belongs; return the row that counts now, None where there is no such note or coin."""
        if not field.product:
            return field
        pieces, value = field.product
        try:
            minor = parse_amount(value, self._currency).amount_minor
        except Refused:
            minor = 0
        target = self._fields.get(minor)
        if target is None:
            self._words.setText(str(m("There is no note or coin of {value}. Type pieces*value.", value=value)))
            set_tone(self._words, Tone.BAD)
            announce(self._words)
            return None
        self._words.setText(str(_HOW))
        set_tone(self._words, Tone.NEUTRAL)
        field.clear()
        target.setText(pieces)
        return target

    def _go_to(self, place: int) -> None:
        fields = list(self._fields.values())
        if place >= len(fields):
            self._go_on.setFocus()
            self.reached.emit(self._go_on)
            return
        field = fields[max(0, place)]
        field.setFocus()
        field.selectAll()
        self.reached.emit(field)

    @property
    def typed(self) -> DrawerCount:
        """What is typed by now."""
        return DrawerCount(
            shift_id=self._shift.id, pieces={value: field.pieces for value, field in self._fields.items()}
        )

    def _add_up(self) -> None:
        for value, field in self._fields.items():
            self._sums[value].setText(str(Money(value * field.pieces, self._currency)) if field.pieces else "")
        total = Money(self.typed.counted_minor, self._currency)
        self._total.setText(str(total))
        self._total.setAccessibleName(str(m("In the drawer: {amount}", amount=total)))

    def _tell(self) -> None:
        for field in self._fields.values():
            # What was not understood counts nothing: comparing without it would find a difference that is none.
            if self._take_product(field) is None:
                field.setFocus()
                return
        self._go_on.setEnabled(False)
        self.counted.emit(self.typed)


def _face(value: Money) -> str:
    """Name a note or coin as people do: “50 €”, and “0.50 €”."""
    return _NO_CENTS.sub("", str(value))


class _PiecesField(QLineEdit):
    """How many there are of one value; empty means none."""

    stepped = Signal(int)
    """To the next row (1) or to the one before (-1)."""

    def __init__(self, value: int, currency: str) -> None:
        super().__init__()
        self.setObjectName(f"count_{value}")
        self.setAccessibleName(str(m("Pieces of {amount}", amount=Money(value, currency))))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setValidator(QRegularExpressionValidator(QRegularExpression(_TYPED), self))
        self.setFixedWidth(for_hands(104, touched=84))

    @property
    def pieces(self) -> int:
        """What is typed, as a number."""
        return int(self.text()) if self.text().isdecimal() else 0

    @property
    def product(self) -> tuple[str, str] | None:
        """What is typed as pieces and value, both as they are typed; None where it is a number of pieces."""
        pieces, sign, value = self.text().replace("x", "*").partition("*")
        return (pieces, value) if sign else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from row to row with Enter and the arrow keys."""
        steps = {
            Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1,
        }  # fmt: skip
        by = None if event.modifiers() & Qt.KeyboardModifier.ControlModifier else steps.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(by)
