"""The row of filters above the list: one status at a time, each with its count."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QWidget

from cashier.books.invoice import InvoiceStatus
from cashier.desk.kit.controls import Chip
from cashier.invoices.views import CREDIT_NOTES, OWED, InvoiceCounts
from cashier.language import Message, joined, m, mc
from cashier.language.numbers import number


class Filter(Enum):
    """Which invoices are listed."""

    TO_PAY = (mc("invoices", "To pay"), OWED)
    PART_PAID = (mc("invoices", "Part paid"), frozenset({InvoiceStatus.PART_PAID}))
    PAID = (mc("invoices", "Paid"), frozenset({InvoiceStatus.PAID}))
    CANCELLED = (mc("invoices", "Cancelled"), frozenset({InvoiceStatus.CANCELLED}))
    CREDIT_NOTES = (m("Credit notes"), CREDIT_NOTES)
    ALL = (mc("invoices", "All"), frozenset[InvoiceStatus]())

    def __init__(self, words: Message, statuses: frozenset[InvoiceStatus]) -> None:
        """Keep the words of the filter and its statuses (empty: all)."""
        self.words = words
        self.statuses = statuses

    def holds(self, status: InvoiceStatus) -> bool:
        """Tell whether an invoice in ``status`` is listed."""
        return not self.statuses or status in self.statuses


class FilterBar(QWidget):
    """One filter is chosen at any time; the arrow keys move between them."""

    filter_chosen = Signal(object)
    """Carries the ``Filter``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin with what there is to pay."""
        super().__init__(parent)
        self.setObjectName("filters")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._chips: dict[Filter, Chip] = {}
        layout = self._layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for each in Filter:
            chip = Chip(each.words, name=f"filter_{each.name.lower()}")
            self._group.addButton(chip)
            self._chips[each] = chip
            layout.addWidget(chip)
        layout.addStretch(1)
        self._chips[Filter.TO_PAY].setChecked(True)
        self._chips[Filter.CREDIT_NOTES].hide()
        self._group.buttonClicked.connect(self._tell)

    @property
    def chosen(self) -> Filter:
        """The filter that is chosen."""
        return next(each for each, chip in self._chips.items() if chip.isChecked())

    def choose(self, wanted: Filter) -> None:
        """Choose ``wanted`` without telling."""
        self._chips[wanted].setChecked(True)

    def show_counts(self, counts: InvoiceCounts) -> None:
        """Show how many each filter would list; no number where it is not known."""
        for each, chip in self._chips.items():
            count = counts.of(each.statuses)
            chip.setText(str(each.words if count is None else joined("  ", [each.words, number(count)])))
            if each is Filter.CREDIT_NOTES:
                # Few hospitals send credit notes: the place is left to the others.
                chip.setVisible(bool(count) or chip.isChecked())
        # At once, or the next paint would show the longer words cut off.
        self._layout.activate()

    def _tell(self) -> None:
        self.filter_chosen.emit(self.chosen)
