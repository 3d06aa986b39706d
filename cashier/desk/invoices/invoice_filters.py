"""The row of filters above the list: one status at a time, each with its count."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout

from cashier.books.invoice import InvoiceStatus
from cashier.desk.kit.controls import Chip
from cashier.desk.kit.giving_way import GivingWay
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


class FilterBar(GivingWay):
    """One filter is chosen at any time; the arrow keys move between them.

    Where there is no room for all of them, the numbers give way first, then the chips to a list that drops down.
    """

    filter_chosen = Signal(object)
    """Carries the ``Filter``."""

    def __init__(self) -> None:
        """Begin with what there is to pay."""
        super().__init__()
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
        self._list = QComboBox()
        self._list.setObjectName("filter_list")
        self._list.setAccessibleName(str(m("Which invoices are listed")))
        self._list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._list.activated.connect(self._choose_in_list)
        self._list.hide()
        layout.addWidget(self._list)
        layout.addStretch(1)
        self._counts: InvoiceCounts | None = None
        self._has_numbers, self._has_chips = True, True
        self._chips[Filter.TO_PAY].setChecked(True)
        self._chips[Filter.CREDIT_NOTES].hide()
        self._group.buttonClicked.connect(self._tell)
        self._say()
        self.give_way_by(self._leave_numbers_out, self._drop_down)

    @property
    def chosen(self) -> Filter:
        """The filter that is chosen."""
        return next(each for each, chip in self._chips.items() if chip.isChecked())

    def choose(self, wanted: Filter) -> None:
        """Choose ``wanted`` without telling."""
        self._chips[wanted].setChecked(True)
        self._say()

    def show_counts(self, counts: InvoiceCounts) -> None:
        """Show how many each filter would list; no number where it is not known."""
        self._counts = counts
        self._say()

    def _say(self) -> None:
        self._list.clear()
        for each, chip in self._chips.items():
            count = None if self._counts is None else self._counts.of(each.statuses)
            words = each.words if count is None else joined("  ", [each.words, number(count)])
            chip.setText(str(words if self._has_numbers else each.words))
            # Few hospitals send credit notes: the place is left to the others.
            is_there = each is not Filter.CREDIT_NOTES or bool(count) or chip.isChecked()
            chip.setVisible(is_there and self._has_chips)
            if is_there:
                self._list.addItem(str(words), each)
        self._list.setCurrentIndex(self._list.findData(self.chosen))
        # At once, or the next paint would show the longer words cut off.
        self._layout.activate()

    def _leave_numbers_out(self, gives_way: bool) -> None:
        self._has_numbers = not gives_way
        self._say()

    def _drop_down(self, gives_way: bool) -> None:
        self._has_chips = not gives_way
        self._list.setVisible(gives_way)
        self._say()

    def _choose_in_list(self) -> None:
        self.choose(self._list.currentData())
        self._tell()

    def _tell(self) -> None:
        self._list.setCurrentIndex(self._list.findData(self.chosen))
        self.filter_chosen.emit(self.chosen)
