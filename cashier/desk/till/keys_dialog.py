"""F1: all keys on one sheet, in the places where they work."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.kit.controls import PrimaryButton, Text, label

Keys = tuple[tuple[str, str], ...]

_TILL: Keys = (
    ("Scan or type", "Find an invoice; an exact number opens it"),
    ("↓", "From the search field into the list"),
    ("Enter", "In the list: take a payment"),
    ("Ctrl+F", "Back to the search field"),
    ("F2", "Take a payment of the chosen invoice"),
    ("F11", "Take a deposit for its patient's account"),
    ("F4", "Its last receipt"),
    ("Ctrl+R", "Ask for a refund of it"),
    ("F6", "Its patient's saved cards"),
    ("F9", "Did it go through? Ask Stripe"),
    ("F7", "Take over what another desk has under way"),
    ("F5", "Fetch everything again"),
)
_PAYING: Keys = (
    ("Alt+1 … Alt+9", "Choose the way to pay"),
    ("Alt+A", "The rest goes on the patient's account"),
    ("Enter", "Go on, or take it"),
    ("F6", "Another way to pay"),
    ("F2", "Take the rest"),
    ("F5", "Try again, or ask for a card again"),
    ("F9", "Ask Stripe now"),
    ("Ctrl+P, F3, Ctrl+S", "Print, view, save the receipt"),
    ("Esc", "Take the payment back; close the dialog"),
)
_ROOMS: Keys = (
    ("F10", "Payments (F3 invoice, F4 receipt, Ctrl+E export)"),
    ("Ctrl+Shift+R", "Refunds (Alt+A approve, Alt+J reject)"),
    ("Ctrl+T", "The shift: open, cash in and out, X, close"),
    ("F8", "Differences to Stripe (F3 invoice, F6 compare)"),
    ("Ctrl+J", "The journal (auditors, administrators)"),
    ("Ctrl+U", "The staff (administrators)"),
    ("Ctrl+M", "Limits for approvals (administrators)"),
    ("Ctrl+,", "The secrets of this machine (administrators)"),
)
_DESK: Keys = (
    ("Ctrl+D", "Show or hide the patient display"),
    ("F12, Ctrl+K", "Lock the desk; let somebody else sign in"),
    ("Ctrl+L", "Sign out"),
    ("F1", "This sheet"),
)

COLUMNS: tuple[tuple[tuple[str, Keys], ...], ...] = (
    (("At the till", _TILL), ("Everywhere", _DESK)),
    (("While a payment is taken", _PAYING), ("Other pages", _ROOMS)),
)
KEYS: Keys = tuple(pair for column in COLUMNS for _title, keys in column for pair in keys)
"""All of them, in the order of reading."""


class KeysDialog(QDialog):
    """Lists the keys. Deletes itself when it closes."""

    def __init__(self, parent: QWidget) -> None:
        """Be a sheet above ``parent``."""
        super().__init__(parent)
        self.setObjectName("keys_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        columns = QHBoxLayout()
        columns.setSpacing(44)
        for column in COLUMNS:
            columns.addLayout(_column(column))
        close = PrimaryButton("Close", name="keys_close")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 20, 28, 18)
        layout.setSpacing(14)
        layout.addLayout(columns)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.setAccessibleDescription(". ".join(f"{key}: {meaning}" for key, meaning in KEYS))
        close.setFocus()


def _column(groups: tuple[tuple[str, Keys], ...]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for title, keys in groups:
        column.addWidget(label(title, Text.TITLE))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, (key, meaning) in enumerate(keys):
            grid.addWidget(label(key, Text.BODY, name="key"), place, 0)
            grid.addWidget(label(meaning, Text.CAPTION), place, 1)
        column.addLayout(grid)
        column.addSpacing(8)
    column.addStretch(1)
    return column
