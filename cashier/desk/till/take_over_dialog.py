"""Before another desk's payment is taken over: what that means, and a question."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import PlainButton, PrimaryButton, Text, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.language import Message, m, sentences


class TakeOverDialog(Question):
    """Asks once. Deletes itself when it closes; ``accepted`` means yes."""

    def __init__(self, holder: Message, whose: PatientBanner, parent: QWidget) -> None:
        """Ask about the payment that ``holder`` takes: who, where, and since when, as the beginning of a sentence.

        ``whose`` names the patient.
        """
        super().__init__(parent)
        self.setObjectName("take_over_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Take over a payment")))
        self.setFixedWidth(scaled(500))
        leave = PlainButton(Command.DIALOG_LEAVE.on_button(m("Leave it there")), name="take_over_leave")
        yes = PrimaryButton(Command.DIALOG_GO_ON.on_button(m("Take over")), "check", name="take_over_ok")
        leave.clicked.connect(self.reject)
        yes.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(yes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(m("Take over this payment?"), Text.HEADLINE))
        layout.addWidget(whose)
        column = scrolled_column(layout)
        column.addWidget(label(holder, Text.TITLE, name="take_over_holder", wraps=True))
        meaning = m(
            "Their payment page is closed at Stripe first, and their screen says that you took it over. "
            "Then the payment begins here. If the patient has paid there in the meantime, that counts: "
            "it is shown as paid, and nothing more is taken."
        )
        column.addWidget(label(meaning, name="take_over_meaning", wraps=True))
        layout.addLayout(buttons)
        self.setAccessibleDescription(str(sentences(holder, meaning)))
        yes.setFocus()
