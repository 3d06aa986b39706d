"""The choice of a way to pay, and what has to be typed for it: cash handed over, or a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from cashier.books.payment import REFERENCE_LENGTH_MAX
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen_to_digits
from cashier.desk.kit.controls import Text, label
from cashier.desk.paying.choosing.cash_row import CashRow
from cashier.desk.paying.choosing.tender_offers import TenderOffer
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.language import NOTHING, Message, joined, m, mc, verbatim
from cashier.money import Money
from cashier.readers.service import ReaderCondition
from cashier.tenders.tender import Tender

_COLUMNS = 2
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1}
_READER_WORDS: Mapping[ReaderCondition, Message] = {
    ReaderCondition.READY: verbatim("✓"),
    ReaderCondition.BUSY: m("(busy)"),
    ReaderCondition.OFFLINE: m("(not connected)"),
    ReaderCondition.GONE: m("(not registered)"),
}

_READER_SAID: Mapping[ReaderCondition, Message] = {
    ReaderCondition.READY: mc("a card reader", "ready"),
    ReaderCondition.BUSY: mc("a card reader", "busy"),
    ReaderCondition.OFFLINE: mc("a card reader", "not connected"),
    ReaderCondition.GONE: mc("a card reader", "not registered"),
}


class TenderPicker(QWidget):
    """Radio buttons in two columns, each with its key (Alt and a digit), and the fields of the chosen one."""

    changed = Signal()
    """Another way to pay was chosen, or something was typed for it."""

    def __init__(self, *, cash_step_minor: int) -> None:
        """Make it empty. ``cash_step_minor`` is the hospital's smallest coin, 0 for the currency's own."""
        super().__init__()
        self.setObjectName("tender_picker")
        self._offers: dict[QRadioButton, TenderOffer] = {}
        self._by_digit: dict[int, TenderOffer] = {}
        """What each key means; of several alike, the first that can be chosen."""
        self._group = QButtonGroup(self)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self._cash = CashRow(cash_step_minor=cash_step_minor)
        self._reference = _field("reference_field", m("Reference"))
        let_scan(self._reference, Takes.REFERENCE)
        self._reference_row = _row(m("Reference"), self._reference)
        self._references: dict[Tender, str] = {}
        """What was typed for each: a cheque's number is no transfer's."""
        self._referred: Tender | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._grid)
        layout.addWidget(self._cash)
        layout.addWidget(self._reference_row)
        self._group.buttonToggled.connect(self._take_choice)
        self._cash.changed.connect(self.changed)
        self._reference.textChanged.connect(self.changed)
        listen_to_digits(self, Command.CHOOSE_TENDER, self.choose)
        self._show_fields()

    @property
    def chosen(self) -> TenderOffer | None:
        """The way to pay that is chosen; None while nothing can be offered."""
        return next((offer for button, offer in self._offers.items() if button.isChecked()), None)

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was offered yet."""
        return not self._offers

    @property
    def fields(self) -> list[QWidget]:
        """What takes the keyboard, in the order in which one reads."""
        return [*self._offers, self._cash.field, self._reference]

    @property
    def reference(self) -> str:
        """What was typed as the reference; empty where none is wanted."""
        offer = self.chosen
        wants = offer is not None and offer.tender is not None and offer.tender.row.wants_reference
        return self._reference.text().strip() if wants else ""

    def offer(self, offers: Sequence[TenderOffer]) -> None:
        """Offer these; what was chosen stays chosen where it is still among them."""
        before = self.chosen
        for button in self._offers:
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        self._offers = {}
        self._by_digit = {}
        for each in sorted(offers, key=lambda offer: not offer.is_enabled):
            self._by_digit.setdefault(each.digit, each)
        for place, each in enumerate(offers):
            self._offers[self._button(each, place)] = each
        name = before.name if before is not None else ""
        kept = [button for button, each in self._offers.items() if each.name == name and each.is_enabled]
        if kept:
            kept[0].setChecked(True)
        else:
            self.preset()
        self._show_fields()

    def choose(self, digit: int) -> None:
        """Choose what ``digit`` means and go to what has to be typed for it, or to the choice among several alike.

        What the desk does not offer leaves a gap: another digit never takes its place.
        """
        offer = self._by_digit.get(digit)
        if offer is None or not offer.is_enabled:
            return
        button = next(button for button, each in self._offers.items() if each is offer)
        button.setChecked(True)
        field = self._wanted_field()
        if field is not None:
            field.setFocus()
            field.selectAll()
        elif sum(each.digit == digit for each in self._offers.values()) > 1:
            # The arrows go on to the others.
            button.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows go on in the order in which one reads: Qt's own go to whatever stands nearest."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and isinstance(watched, QRadioButton)
        ):
            step = _STEPS.get(Qt.Key(event.key()))
            if step is not None:
                ways = [button for button in self._offers if button.isEnabled()]
                button = ways[(ways.index(watched) + step) % len(ways)]
                button.setChecked(True)
                button.setFocus()
                return True
        return super().eventFilter(watched, event)

    def note_reader(self, reader_id: int, condition: ReaderCondition) -> None:
        """Say beside a card reader how it is; one that is not ready can be chosen all the same and tells why."""
        for button, offer in self._offers.items():
            if offer.reader_id == reader_id:
                button.setText(self._text_of(offer, _READER_WORDS[condition]))
                button.setAccessibleName(str(joined(", ", [offer.text, _READER_SAID[condition]])))

    def begin_anew(self) -> None:
        """Empty the fields and preset the first way to pay."""
        self._cash.clear()
        self._references.clear()
        self._reference.clear()
        self.preset()

    def preset(self) -> None:
        """Choose the first way to pay: a card that was declined is not tried again by Enter."""
        first = next((button for button, each in self._offers.items() if each.is_preset), None)
        if first is not None:
            first.setChecked(True)

    def cash_to_take(self, amount: Money) -> Money:
        """Return what is taken in coins and notes for ``amount``."""
        return self._cash.to_take(amount)

    def tendered(self, amount: Money) -> Money | None:
        """Return the cash that was handed over for ``amount``; None where it is no cash.

        Nothing typed means the exact sum. Raises ``Refused`` for what is no amount, or not enough.
        """
        offer = self.chosen
        if offer is None or offer.tender is None or not offer.tender.row.is_cash:
            return None
        return self._cash.tendered(amount)

    def show_change(self, amount: Money | None) -> None:
        """Show what goes back of the cash, while it is typed; nothing for no amount."""
        self._cash.show_change(amount)

    def _button(self, offer: TenderOffer, place: int) -> QRadioButton:
        button = QRadioButton(self._text_of(offer))
        button.setObjectName(offer.name)
        button.setAccessibleName(str(offer.text))
        button.setEnabled(offer.is_enabled)
        button.installEventFilter(self)
        self._group.addButton(button)
        self._grid.addWidget(button, *divmod(place, _COLUMNS))
        # A layout would show it a turn later: Tab would pass it by until then.
        button.show()
        return button

    def _text_of(self, offer: TenderOffer, condition: Message = NOTHING) -> str:
        key = Command.CHOOSE_TENDER.key.format(digit=offer.digit)
        return f"{joined(' ', [offer.text, condition])}" + (f"   {key}" if self._has_key(offer) else "")

    def _has_key(self, offer: TenderOffer) -> bool:
        return self._by_digit[offer.digit] is offer

    def _take_choice(self, _button: QRadioButton, is_checked: bool) -> None:
        # Tab reaches what is chosen, arrows the others; where nothing is chosen, Tab reaches all.
        for button in self._offers:
            is_reached = button.isChecked() or self.chosen is None
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_reached else Qt.FocusPolicy.ClickFocus)
        if is_checked:
            self._show_fields()
            self.changed.emit()

    def _wanted_field(self) -> QLineEdit | None:
        tender = self.chosen.tender if self.chosen is not None else None
        if tender is None:
            return None
        if tender.row.is_cash:
            return self._cash.field
        return self._reference if tender.row.wants_reference else None

    def _show_fields(self) -> None:
        field = self._wanted_field()
        tender = self.chosen.tender if self.chosen is not None and field is self._reference else None
        if tender is not None and tender is not self._referred:
            if self._referred is not None:
                self._references[self._referred] = self._reference.text()
            self._referred = tender
            self._reference.setText(self._references.get(tender, ""))
        self._cash.setVisible(field is self._cash.field)
        self._reference_row.setVisible(field is self._reference)


def _field(name: str, accessible_name: Message) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(str(accessible_name))
    field.setMaxLength(REFERENCE_LENGTH_MAX)
    return field


def _row(text: Message, field: QLineEdit) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(12)
    layout.addWidget(label(text, Text.CAPTION))
    layout.addWidget(field, 1)
    return row
