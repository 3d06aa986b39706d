"""Cash that is handed over: typed, exact, or one of the sums that are likely; and the change that goes back."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from cashier.books.payment import REFERENCE_LENGTH_MAX
from cashier.denominations import likely_sums
from cashier.desk.kit.controls import Chip, Text, Tone, label, set_tone
from cashier.desk.kit.look import scaled
from cashier.errors import Refused
from cashier.language import NOTHING, Message, m, number, verbatim
from cashier.money import Money, exponent_of, parse_amount, round_to_cash

_FIELD_WIDTH_MIN = 100
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class CashRow(QWidget):
    """The field and the likely sums beside it. Arrows in the field go through the sums as well."""

    changed = Signal()

    def __init__(self, *, cash_step_minor: int) -> None:
        """Make it empty. ``cash_step_minor`` is the hospital's smallest coin, 0 for the currency's own."""
        super().__init__()
        self.setObjectName("cash_row")
        self._cash_step_minor = cash_step_minor
        self._offered: Money | None = None
        """For which amount the sums are offered."""
        self._sums: list[Money] = []
        self.field = QLineEdit()
        self.field.setObjectName("tendered_field")
        self.field.setAccessibleName(str(m("Handed over")))
        self.field.setMaxLength(REFERENCE_LENGTH_MAX)
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.field.setMinimumWidth(scaled(_FIELD_WIDTH_MIN))
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._take_typed)
        self.change = label(NOTHING, Text.HEADLINE, name="change_preview")
        """What goes back, or what is still missing; who lays out the dialog puts it where the amount stands."""
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        self._name = label(m("Handed over"), Text.CAPTION)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self._name)
        self._row.addWidget(self.field, 1)
        self._row.addLayout(self._chips)

    def clear(self) -> None:
        """Forget what was typed."""
        self.field.clear()

    def to_take(self, amount: Money) -> Money:
        """Return what is taken in coins and notes for ``amount``."""
        return round_to_cash(amount, self._cash_step_minor)

    def tendered(self, amount: Money) -> Money:
        """Return what was handed over for ``amount``; nothing typed means the exact sum.

        Raises ``Refused`` for what is no amount, or not enough.
        """
        to_take = self.to_take(amount)
        if not self.field.text().strip():
            return to_take
        handed = parse_amount(self.field.text(), amount.currency)
        if handed < to_take:
            raise Refused(
                m("{handed} is less than the {to_take} to take.", handed=handed, to_take=to_take),
                advice=m("Type what the patient hands over."),
            )
        return handed

    def show_change(self, amount: Money | None) -> None:
        """Offer the sums that are likely for ``amount``, and show what goes back; nothing for no amount."""
        self._offer_sums(None if amount is None else self.to_take(amount))
        self._say_change(amount)
        self._show_what_fits()

    def _say_change(self, amount: Money | None) -> None:
        if amount is None:
            self.change.setText("")
            return
        to_take = self.to_take(amount)
        try:
            handed = self.tendered(amount)
        except Refused:
            handed = None
        if handed is not None and handed != to_take:
            self.change.setText(str(m("Change {amount}", amount=handed - to_take)))
            set_tone(self.change, Tone.GOOD)
        else:
            # The button says how much is taken; only what is rounded, or not enough yet, needs a word more.
            said = m("To take {amount}", amount=to_take) if handed is None or to_take != amount else NOTHING
            self.change.setText(str(said))
            set_tone(self.change, Tone.CAUTION if handed is None else Tone.NEUTRAL)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Let the arrows in the field go through the likely sums."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._sums:
            step = _STEPS.get(Qt.Key(event.key()))
            if step is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
                before = self._place if self._place >= 0 or step > 0 else 0
                self._choose((before + step) % len(self._sums))
                return True
        return False

    @property
    def _place(self) -> int:
        """Which of the sums is typed; where none is, the place before the first."""
        try:
            typed = parse_amount(self.field.text(), self._sums[0].currency) if self._sums else None
        except Refused:
            typed = None
        return next((place for place, each in enumerate(self._sums) if each == typed), -1)

    def _offer_sums(self, to_take: Money | None) -> None:
        if to_take == self._offered:
            return
        self._offered = to_take
        while (item := self._chips.takeAt(0)) is not None:
            chip = item.widget()
            if chip is not None:
                chip.hide()
                chip.deleteLater()
        self._sums = [] if to_take is None else list(likely_sums(to_take))
        if to_take is not None:
            self._add_chip(m("Exact"), name="cash_exact").clicked.connect(self._choose_exact)
        for place, each in enumerate(self._sums):
            chip = self._add_chip(verbatim(_shortly(each)), name=f"cash_sum_{place}")
            chip.setAccessibleName(str(m("Handed over: {amount}", amount=each)))
            chip.clicked.connect(lambda _checked, place=place: self._choose(place))
        self._mark()
        self._show_what_fits()

    def _add_chip(self, words: Message, *, name: str) -> Chip:
        chip = Chip(words, name=name)
        chip.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # The keyboard stays in the field, where Enter takes the money.
        chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._chips.addWidget(chip)
        return chip

    def minimumSizeHint(self) -> QSize:
        """Need room for the field alone: as many sums are shown as there is room for."""
        hint = super().minimumSizeHint()
        return QSize(self._width_without_sums, hint.height())

    @property
    def _width_without_sums(self) -> int:
        return self._name.sizeHint().width() + self.field.minimumWidth() + 2 * self._row.spacing()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many sums as there is room for."""
        super().resizeEvent(event)
        self._show_what_fits()

    def _show_what_fits(self) -> None:
        """Leave out the largest sums where they would cut each other."""
        room = self.width() - self._width_without_sums
        for chip in self._shown_chips():
            room -= chip.sizeHint().width() + self._chips.spacing()
            # A layout would show it a turn later.
            chip.setVisible(room >= 0)

    def _shown_chips(self) -> Iterator[Chip]:
        for place in range(self._chips.count()):
            item = self._chips.itemAt(place)
            chip = item.widget() if item is not None else None
            if isinstance(chip, Chip):
                yield chip

    def _choose(self, place: int) -> None:
        self.field.setText(self._sums[place].digits())
        self.field.setFocus()
        self.field.selectAll()

    def _choose_exact(self) -> None:
        self.field.clear()
        self.field.setFocus()
        self._mark()

    def _take_typed(self) -> None:
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        """Show which of the sums is typed; nothing typed is the exact one."""
        typed = f"cash_sum_{self._place}" if self.field.text().strip() else "cash_exact"
        for chip in self._shown_chips():
            chip.setChecked(chip.objectName() == typed)


def _shortly(amount: Money) -> str:
    """Write a sum as people say it: without decimals where there are none."""
    whole = amount.amount_minor % 10 ** exponent_of(amount.currency) == 0
    return str(number(amount.amount_minor // 10 ** exponent_of(amount.currency))) if whole else amount.digits()
