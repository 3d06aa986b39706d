"""The amount: the one large figure of the dialog, which is typed, with its currency in the same field."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit

from cashier.desk.kit.look import scaled
from cashier.language import m
from cashier.money import Money

_GAP = 12


class AmountField(QLineEdit):
    """As large as what it says matters."""

    def __init__(self, nothing: Money) -> None:
        """Take amounts in the currency of ``nothing``."""
        super().__init__()
        self.setObjectName("amount_field")
        self.setProperty("room", "amount")
        self.setAccessibleName(str(m("Amount in {currency}", currency=nothing.currency)))
        self.setMaxLength(24)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._symbol = QLabel(nothing.symbol, self)
        self._symbol.setTextFormat(Qt.TextFormat.PlainText)
        self._symbol.setProperty("textStyle", "display")
        self._symbol.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the currency at the right edge, beside the digits."""
        super().resizeEvent(event)
        self._symbol.ensurePolished()
        size = self._symbol.sizeHint()
        left, top = self.width() - size.width() - scaled(_GAP), (self.height() - size.height()) // 2
        self._symbol.setGeometry(left, top, size.width(), size.height())
        self.setTextMargins(0, 0, size.width() + scaled(_GAP) // 2, 0)


def mark_invalid(field: QLineEdit, is_invalid: bool) -> None:
    """Give ``field`` the edge of what is wrong, or its own."""
    if bool(field.property("invalid")) != is_invalid:
        field.setProperty("invalid", is_invalid)
        field.style().unpolish(field)
        field.style().polish(field)
