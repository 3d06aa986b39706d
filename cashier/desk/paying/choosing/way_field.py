"""What the chosen way to pay still needs: cash handed over, a reference, or which of several cards or readers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from cashier.books.payment import REFERENCE_LENGTH_MAX
from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.look import scaled
from cashier.desk.paying.choosing.cash_row import CashRow
from cashier.desk.paying.choosing.tender_offers import TenderOffer
from cashier.desk.scanning.fields import Takes
from cashier.desk.scanning.recogniser import let_scan
from cashier.language import m
from cashier.money import Money
from cashier.tenders.tender import Tender

_REFERENCE_WIDTH_MAX = 320


class WayField(QWidget):
    """One row, empty for what needs nothing more."""

    changed = Signal()
    """Something was typed, or another of several alike was chosen."""
    chosen = Signal(object)
    """Another of several alike; carries the ``TenderOffer``."""

    def __init__(self, *, cash_step_minor: int) -> None:
        """Make it empty. ``cash_step_minor`` is the hospital's smallest coin, 0 for the currency's own."""
        super().__init__()
        self.setObjectName("way_field")
        self._cash = CashRow(cash_step_minor=cash_step_minor)
        self._reference = QLineEdit()
        self._reference.setObjectName("reference_field")
        self._reference.setAccessibleName(str(m("Reference")))
        self._reference.setMaxLength(REFERENCE_LENGTH_MAX)
        self._reference.setMaximumWidth(scaled(_REFERENCE_WIDTH_MAX))
        let_scan(self._reference, Takes.REFERENCE)
        self._reference_row = _row(label(m("Reference"), Text.CAPTION), self._reference)
        self._alike = QComboBox()
        self._alike.setObjectName("way_alike")
        self._alike.setAccessibleName(str(m("Which of them")))
        self._alike_row = _row(label(m("Which of them"), Text.CAPTION), self._alike)
        self._alike_offers: Sequence[TenderOffer] = ()
        self._references: dict[Tender, str] = {}
        """What was typed for each: a cheque's number is no transfer's."""
        self._referred: Tender | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for row in (self._cash, self._reference_row, self._alike_row):
            self._row.addWidget(row, 1)
        self._cash.changed.connect(self.changed)
        self._reference.textChanged.connect(self.changed)
        self._alike.activated.connect(self._choose_alike)
        self.show_for(None, ())

    @property
    def change(self) -> QLabel:
        """What goes back of the cash, in words; stands where the amount does."""
        return self._cash.change

    @property
    def wanted(self) -> QWidget | None:
        """What takes the keyboard for the way that is chosen; None where nothing more is needed."""
        fields = {self._cash: self._cash.field, self._reference_row: self._reference, self._alike_row: self._alike}
        return next((field for row, field in fields.items() if not row.isHidden()), None)

    @property
    def is_being_chosen(self) -> bool:
        """Tell whether the box with several alike is open: what is in it must not change under the hand."""
        return bool(self._alike.view().isVisible())

    @property
    def fields(self) -> list[QWidget]:
        """What takes the keyboard, in the order in which one reads."""
        return [self._cash.field, self._reference, self._alike]

    @property
    def reference(self) -> str:
        """What was typed as the reference; empty where none is wanted."""
        return "" if self._reference_row.isHidden() else self._reference.text().strip()

    def show_for(self, offer: TenderOffer | None, alike: Sequence[TenderOffer]) -> None:
        """Ask for what ``offer`` needs, which is one of ``alike``."""
        tender = offer.tender if offer is not None else None
        wants_reference = tender is not None and tender.row.wants_reference
        if tender is not None and wants_reference and tender is not self._referred:
            if self._referred is not None:
                self._references[self._referred] = self._reference.text()
            self._referred = tender
            self._reference.setText(self._references.get(tender, ""))
        is_cash = tender is not None and tender.row.is_cash
        self._cash.setVisible(is_cash)
        self._cash.change.setVisible(is_cash)
        self._reference_row.setVisible(wants_reference)
        self._alike_row.setVisible(len(alike) > 1)
        self._alike_offers = alike if len(alike) > 1 else ()
        self._alike.clear()
        self._alike.addItems([str(each.in_full) for each in self._alike_offers])
        if offer is not None and self._alike_offers:
            self._alike.setCurrentIndex(list(alike).index(offer))
        # At once: how many sums are shown follows from the room there is.
        self._row.activate()

    def take_keyboard(self) -> None:
        """Go to what has to be typed or chosen; nothing where nothing has to."""
        field = self.wanted
        if field is not None:
            field.setFocus()
        if isinstance(field, QLineEdit):
            field.selectAll()

    def show_cards(self) -> None:
        """Open the box where there are several saved cards: one sees them all before one is chosen."""
        if not self._alike_row.isHidden() and self._alike_offers[0].saved_card_id is not None:
            self._alike.showPopup()

    def begin_anew(self) -> None:
        """Forget what was typed."""
        self._cash.clear()
        self._references.clear()
        self._reference.clear()

    def cash_to_take(self, amount: Money) -> Money:
        """Return what is taken in coins and notes for ``amount``."""
        return self._cash.to_take(amount)

    def tendered(self, amount: Money) -> Money | None:
        """Return the cash that was handed over for ``amount``; None where it is no cash.

        Nothing typed means the exact sum. Raises ``Refused`` for what is no amount, or not enough.
        """
        return None if self._cash.isHidden() else self._cash.tendered(amount)

    def show_change(self, amount: Money | None) -> None:
        """Show what goes back of the cash, while it is typed; nothing for no amount."""
        self._cash.show_change(amount)

    def _choose_alike(self, place: int) -> None:
        self.chosen.emit(self._alike_offers[place])
        self.changed.emit()


def _row(name: QLabel, field: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(12)
    layout.addWidget(name)
    layout.addWidget(field, 1)
    layout.addStretch(0)
    return row
