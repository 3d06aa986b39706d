"""What became of the refunds that were just asked for: decide here, hand out, print."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.books.refund import RefundState
from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Card, PlainButton, StatusPill, Text, label
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.refunding.decision_form import DecisionForm
from cashier.desk.refunding.transfer_form import TransferForm
from cashier.desk.refunding.words import means, state_words, way_in_a_sentence, what_to_do
from cashier.language import joined, m, verbatim
from cashier.refunds.views import RefundView, sum_of


class RefundProgress(QWidget):
    """A picture of refunds that belong together; when one of them moved there is another picture."""

    receipt_wanted = Signal(int)
    """Carries the key of a receipt."""
    closed = Signal()

    def __init__(self, context: DeskContext, views: Sequence[RefundView]) -> None:
        """Show ``views``."""
        super().__init__()
        self.setObjectName("refund_progress")
        waiting = [view for view in views if view.state is RefundState.REQUESTED]
        self._forms: list[DecisionForm | TransferForm] = []
        close = self._close = PlainButton(Command.DIALOG_LEAVE.on_button(), "close", name="refund_close")
        close.clicked.connect(self.closed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        column = scrolled_column(layout)
        column.addWidget(label(verbatim(sum_of(views)), Text.DISPLAY, name="refund_sum"))
        for view in views:
            column.addWidget(self._card(view, context.station.time_zone))
        if waiting:
            self._forms.append(DecisionForm(context, waiting))
        for view in views:
            if view.is_to_be_transferred:
                self._forms.append(TransferForm(context, view))
        for form in self._forms:
            column.addWidget(form)
        column.addStretch(1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout.addLayout(buttons)

    def take_keyboard(self) -> None:
        """Give the keyboard to the first field, or to the button that closes where there is none."""
        if self._forms:
            self._forms[0].take_keyboard()
        else:
            self._close.setFocus()

    def _card(self, view: RefundView, time_zone: str) -> Card:
        made = Card(name=f"refund_{view.id}")
        words, tone = state_words(view.state, view.way)
        upper = QHBoxLayout()
        upper.addWidget(label(verbatim(view.amount), Text.TITLE))
        upper.addWidget(label(joined(" – ", [means(view), way_in_a_sentence(view.way, view.card_brand)])), 1)
        upper.addWidget(StatusPill(words, tone, name="refund_state"))
        lower = QHBoxLayout()
        lower.addWidget(label(what_to_do(view, time_zone), Text.CAPTION, name="refund_story", wraps=True), 1)
        if view.receipt_id is not None:
            receipt_id = view.receipt_id
            receipt = PlainButton(m("Receipt {number}", number=view.receipt_number), "receipt", name="refund_receipt")
            receipt.clicked.connect(lambda: self.receipt_wanted.emit(receipt_id))
            lower.addWidget(receipt, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(made)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(4)
        layout.addLayout(upper)
        layout.addLayout(lower)
        made.setAccessibleName(f"{words}: {view.amount}")
        return made
