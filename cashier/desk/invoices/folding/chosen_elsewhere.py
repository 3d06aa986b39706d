"""Names the chosen invoice where no row of the list says it, with the way back to the list."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from cashier.desk.invoices.invoice_filters import Filter
from cashier.desk.kit.controls import PlainButton, Text, announce, label
from cashier.desk.kit.words import invoice_words
from cashier.invoices.views import InvoiceRow
from cashier.language import NOTHING, m


class ChosenElsewhere(QWidget):
    """One line above the list; hidden while the chosen invoice is among its rows."""

    def __init__(self) -> None:
        """Name nothing yet."""
        super().__init__()
        self._words = label(NOTHING, Text.BODY, name="chosen_elsewhere", wraps=True)
        self.back = PlainButton(m("Back to the list"), "back", name="back_to_list", quiet=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self.back)
        self.hide()

    @property
    def is_named(self) -> bool:
        """Tell whether it knows what to say."""
        return bool(self._words.text())

    def forget(self) -> None:
        """Name nothing until it is known."""
        self._words.setText("")

    def name(self, row: InvoiceRow, chosen: Filter) -> None:
        """Name ``row``; where the ``chosen`` filter leaves it out, say that, and why."""
        words = m("Chosen: {number} · {patient}", number=row.number, patient=row.patient.called)
        if not chosen.holds(row.status):
            words = m(
                "Chosen: {number} · {patient}. Outside of “{filter}”: {status}.",
                number=row.number,
                patient=row.patient.called,
                filter=chosen.words,
                status=invoice_words(row)[0],
            )
        is_new = str(words) != self._words.text()
        self._words.setText(str(words))
        if is_new and self.isVisible():
            announce(self._words)
