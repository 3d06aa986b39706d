"""The fields of a shift's forms: an amount, and a name with a PIN."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.look import scaled
from cashier.language import Message, m
from cashier.money import Money, parse_amount


class AmountField(QLineEdit):
    """Takes an amount in one currency."""

    def __init__(self, name: str, words: Message, currency: str) -> None:
        """Be called ``name``; ``words`` say what the amount is."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(str(m("{amount} in {currency}", amount=words, currency=currency)))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMaxLength(24)
        self.setFixedWidth(scaled(200))
        self._currency = currency

    @property
    def amount(self) -> Money:
        """What is typed. Raises ``Refused`` for what is no amount."""
        return parse_amount(self.text(), self._currency)

    def preset(self, amount: Money) -> None:
        """Show ``amount``, selected, so that typing replaces it."""
        self.setText(amount.digits())
        self.selectAll()


def line(name: str, words: Message, *, is_secret: bool = False, length_max: int = 80) -> QLineEdit:
    """Make a field of one line; a secret one shows dots."""
    made = QLineEdit()
    made.setObjectName(name)
    made.setAccessibleName(str(words))
    made.setMaxLength(length_max)
    if is_secret:
        made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
    return made


def captioned(words: Message, field: QWidget, *, beside: QLabel | None = None) -> QVBoxLayout:
    """Put ``words`` above ``field``, and perhaps a sign ``beside`` it."""
    column = QVBoxLayout()
    column.setSpacing(2)
    caption = label(words, Text.CAPTION)
    caption.setBuddy(field)
    column.addWidget(caption)
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(field)
    if beside is not None:
        row.addWidget(beside)
        row.addStretch(1)
    column.addLayout(row)
    return column
