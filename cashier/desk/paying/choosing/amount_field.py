"""The amount: the one large figure of the dialog, which is typed, with its currency in the same field."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit

from cashier.desk.kit.look import current_look, scaled
from cashier.language import m
from cashier.money import Money

_GAP = 12
_LONGEST = "longest"
_SIZES = {"": 32, "long": 24, _LONGEST: 16}
"""Points for text of 100 percent; ``resources/style.qss`` has them as well."""


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
        self.textChanged.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the currency at the right edge, beside the digits."""
        super().resizeEvent(event)
        self._symbol.ensurePolished()
        size = self._symbol.sizeHint()
        left, top = self.width() - size.width() - scaled(_GAP), (self.height() - size.height()) // 2
        self._symbol.setGeometry(left, top, size.width(), size.height())
        self.setTextMargins(0, 0, size.width() + scaled(_GAP) // 2, 0)
        self._fit()

    def _fit(self) -> None:
        """Write a longer amount smaller: without its first digits it would be another one."""
        if not self.isVisible():
            return
        font = QFont(self.font())
        room = self.width() - self.textMargins().right() - 3 * scaled(_GAP)
        size = _LONGEST
        for each, points in _SIZES.items():
            font.setPointSizeF(points * current_look().text_percent / 100)
            if QFontMetrics(font).horizontalAdvance(self.text()) <= room:
                size = each
                break
        if self.property("amountSize") != size:
            self.setProperty("amountSize", size)
            _wear_anew(self)


def mark_invalid(field: QLineEdit, is_invalid: bool) -> None:
    """Give ``field`` the edge of what is wrong, or its own."""
    if bool(field.property("invalid")) != is_invalid:
        field.setProperty("invalid", is_invalid)
        _wear_anew(field)


def _wear_anew(field: QLineEdit) -> None:
    """Let the style see what is special about ``field`` now."""
    field.style().unpolish(field)
    field.style().polish(field)
