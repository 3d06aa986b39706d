"""What stands in the place of the list when it is empty."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier.desk.invoices.invoice_filters import Filter
from cashier.desk.kit.controls import PlainButton, Text, announce, label
from cashier.language import NOTHING, Message, m


class EmptyPage(QWidget):
    """Says why the list is empty."""

    def __init__(self) -> None:
        """Say nothing yet."""
        super().__init__()
        self.setObjectName("list_empty")
        self._words = label(NOTHING, Text.TITLE, name="list_empty_text", wraps=True)
        self._advice = label(NOTHING, Text.CAPTION, wraps=True)
        self.everything = PlainButton(m("Search all invoices"), "search", name="search_everything")
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(1)
        for each in (self._words, self._advice):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(each)
        layout.addWidget(self.everything, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(2)

    def explain(self, text: str, chosen: Filter) -> None:
        """Say that nothing matches ``text`` in the ``chosen`` filter, and what else to try."""
        words = str(_nothing_matches(text, chosen))
        is_new = words != self._words.text()
        self._words.setText(words)
        self._advice.setText(str(m("Parts of names and numbers are enough, in any order.") if text else NOTHING))
        self.everything.setVisible(chosen is not Filter.ALL)
        if is_new:
            announce(self._words)


def _nothing_matches(text: str, chosen: Filter) -> Message:
    if chosen is Filter.ALL:
        return m("No invoice matches “{text}”.", text=text) if text else m("There is no invoice.")
    if text:
        return m("No invoice under “{filter}” matches “{text}”.", filter=chosen.words, text=text)
    return m("There is no invoice under “{filter}”.", filter=chosen.words)
