"""F1: the keys of the main window on one sheet."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from cashier.desk.controls import PrimaryButton, Text, label
from cashier.desk.dialog_placement import place

_WIDTH = 880
_AROUND = 170
"""What heading, button and margins need above and below the keys."""

KEYS = (
    ("Scan or type", "Find an invoice; an exact number opens it at once"),
    ("↓", "From the search field into the list"),
    ("Enter", "In the list: take a payment of the chosen invoice"),
    ("F2", "Take a payment"),
    ("F4", "Look at the last receipt of the chosen invoice"),
    ("F5", "Fetch everything again"),
    ("F6", "The saved cards of the patient of the chosen invoice"),
    ("F7", "Take over the payment that another desk has under way for the chosen invoice"),
    ("F8", "Differences between Stripe and our books (supervisors, administrators, auditors)"),
    ("F9", "Did it go through? Ask Stripe about the unfinished payment"),
    ("F10", "Payment history: of the chosen invoice's patient, else of this desk"),
    ("F11", "Take a deposit for the account of the chosen invoice's patient"),
    ("Alt+1 … Alt+9", "While taking a payment: choose the way to pay; Alt+A: the rest goes on account"),
    ("F6, F2", "While taking a payment: another way to pay; take the rest"),
    ("Ctrl+F", "Back to the search field"),
    ("Ctrl+D", "Show or hide the patient display"),
    ("Ctrl+R", "Ask for a refund of the chosen invoice; in the payment history, of the chosen payment"),
    ("Ctrl+Shift+R", "Refunds: what waits for a decision, and what became of it"),
    ("Esc", "Clear the search, close a dialog"),
    ("Alt+A, Alt+J", "Among the refunds: approve, reject; Enter does neither"),
    ("F3, F6, Enter", "Among the differences: show the invoice, compare now, settle"),
    ("F3, F4, Ctrl+E", "In the payment history: show the invoice, look at the receipt, export"),
    ("Ctrl+T", "The shift: open it, cash in and out, X report, count and close"),
    ("Ctrl+,", "The secrets of this machine (administrators)"),
    ("Ctrl+U", "The staff: add, change, unlock (administrators)"),
    ("Ctrl+M", "Limits for approvals of refunds (administrators)"),
    ("Ctrl+J", "The journal: who did what (auditors, administrators)"),
    ("F12, Ctrl+K", "Lock the desk; let somebody else sign in. A payment goes on behind the lock"),
    ("Ctrl+L", "Sign out"),
    ("F1", "This sheet"),
)


class KeysDialog(QDialog):
    """Lists the keys. Deletes itself when it closes."""

    def __init__(self, parent: QWidget) -> None:
        """Be a sheet above ``parent``."""
        super().__init__(parent)
        self.setObjectName("keys_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(10)
        for line, (key, meaning) in enumerate(KEYS):
            grid.addWidget(label(key, Text.TITLE), line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(label(meaning, wraps=True), line, 1, Qt.AlignmentFlag.AlignTop)
        close = PrimaryButton("Close", name="keys_close")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(20)
        layout.addWidget(label("Keys", Text.HEADLINE))
        # There are more keys than a small screen has lines.
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(sheet)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout.addWidget(scroll, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.setAccessibleDescription(". ".join(f"{key}: {meaning}" for key, meaning in KEYS))
        place(self, QSize(_WIDTH, sheet.heightForWidth(_WIDTH) + _AROUND))
        close.setFocus()
