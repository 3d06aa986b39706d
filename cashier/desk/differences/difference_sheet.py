"""One difference beside the list: what it is, what to do, and what is behind it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.differences.difference_words import words_of
from cashier.desk.kit.controls import Card, PlainButton, StatusPill, Text, label, separator
from cashier.desk.kit.copy_line import CopyLine
from cashier.desk.kit.words import STATE_WORDS, card, day_and_time
from cashier.language import NOTHING, joined, m, verbatim
from cashier.payments.views import PaymentView
from cashier.reconciliation.views import DifferenceView


class DifferenceSheet(QWidget):
    """A picture of one ``DifferenceView``; another difference gets another sheet."""

    invoice_wanted = Signal(int)
    """Carries the key of an invoice that the payment was for."""
    paper_wanted = Signal()
    """The paper of what was decided is wanted."""

    def __init__(self, difference: DifferenceView, *, time_zone: str) -> None:
        """Show ``difference``; ``show_payment`` adds the payment behind it."""
        super().__init__()
        self.setObjectName("difference_sheet")
        self._time_zone = time_zone
        words = words_of(difference)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(20, 16, 20, 16)
        self._layout.setSpacing(10)
        self._layout.addWidget(label(words.title, Text.HEADLINE, name="difference_title", wraps=True))
        self._layout.addWidget(label(verbatim(difference.amount), Text.DISPLAY, name="difference_amount"))
        self._layout.addWidget(label(difference.detail, Text.TITLE, name="difference_detail", wraps=True))
        self._layout.addWidget(label(words.explanation, wraps=True))
        moments = m(
            "It happened on {happened}, and was found on {found}.",
            happened=day_and_time(difference.happened_at, time_zone),
            found=day_and_time(difference.found_at, time_zone),
        )
        self._layout.addWidget(label(moments, Text.CAPTION, wraps=True))
        self._layout.addWidget(separator())
        if difference.resolved_at is None:
            self._layout.addWidget(label(m("What to do"), Text.TITLE))
            self._layout.addWidget(label(words.advice, name="difference_advice", wraps=True))
        else:
            self._layout.addWidget(label(m("What was done"), Text.TITLE))
            self._layout.addWidget(
                label(verbatim(difference.resolution or ""), name="difference_resolution", wraps=True)
            )
            moment = day_and_time(difference.resolved_at, time_zone)
            by = joined(", ", [verbatim(difference.resolved_by), moment])
            self._layout.addWidget(label(by, Text.CAPTION, name="difference_resolved", wraps=True))
            if difference.is_decided:
                paper = PlainButton(m("Paper of the decision …"), "receipt", name="difference_paper")
                paper.clicked.connect(self.paper_wanted)
                self._layout.addWidget(paper)
        self._layout.addWidget(separator())
        self._layout.addWidget(label(m("At Stripe"), Text.TITLE))
        self._layout.addWidget(CopyLine(difference.stripe_id))
        self._layout.addStretch(1)
        self.setAccessibleName(f"{words.title}: {difference.amount}. {difference.detail}")
        self._stripe_ids = {difference.stripe_id}

    def show_payment(self, payment: PaymentView) -> None:
        """Add the payment behind it: its invoices can be opened, its numbers at Stripe copied."""
        end = self._layout.count() - 1
        for stripe_id in (payment.stripe_intent_id, payment.stripe_charge_id):
            if stripe_id is not None and stripe_id not in self._stripe_ids:
                self._stripe_ids.add(stripe_id)
                self._layout.insertWidget(end, CopyLine(stripe_id))
                end += 1
        self._layout.insertWidget(end, label(m("The payment here"), Text.TITLE))
        self._layout.insertWidget(end + 1, self._payment_card(payment))

    def _payment_card(self, payment: PaymentView) -> Card:
        made = Card(name="difference_payment")
        words, tone = STATE_WORDS[payment.state]
        upper = QHBoxLayout()
        upper.addWidget(label(verbatim(payment.amount), Text.TITLE))
        upper.addWidget(label(card(payment.card_brand, payment.card_last_four)), 1)
        upper.addWidget(StatusPill(words, tone))
        moment = day_and_time(payment.settled_at or payment.created_at, self._time_zone)
        taken_by = m("{name}, desk {desk}", name=payment.cashier, desk=payment.desk)
        receipt = m("Receipt {number}", number=payment.receipt_number) if payment.receipt_number else NOTHING
        layout = QVBoxLayout(made)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(upper)
        layout.addWidget(label(joined("\n", [moment, taken_by, receipt]), Text.CAPTION, wraps=True))
        for place, share in enumerate(payment.shares):
            show = m("Show {invoice}", invoice=share.invoice_number)
            shown = show if place else Command.DIFFERENCE_INVOICE.on_button(show)
            button = PlainButton(shown, "invoice", name=f"difference_invoice_{share.invoice_id}")
            button.clicked.connect(lambda _=False, invoice_id=share.invoice_id: self.invoice_wanted.emit(invoice_id))
            layout.addWidget(button)
        return made
