"""A refund and a dispute as the sheets of an invoice and of a payment show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from cashier.clock import on_the_clock
from cashier.desk.kit.controls import Card, Notice, PlainButton, StatusPill, Text, Tone, label
from cashier.desk.kit.words import day, day_and_time
from cashier.desk.refunding.words import payment_means, state_words, way_words
from cashier.disputes.views import DisputeView
from cashier.disputes.words import reason_words, status_words
from cashier.invoices.views import InvoiceRefund
from cashier.language import Message, joined, m, sentences, verbatim
from cashier.money import Money
from cashier.tenders.tender import Tender

_NO_BREAK = "\N{NO-BREAK SPACE}"


class RefundCard(Card):
    """One refund of an invoice: how much of this invoice, how it stands, and its receipt."""

    def __init__(self, refund: InvoiceRefund, *, time_zone: str, open_receipt: Callable[[int], None]) -> None:
        """Show ``refund``; its receipt's button calls ``open_receipt`` with the receipt's key."""
        super().__init__(name=f"refund_{refund.refund_id}")
        words, tone = state_words(refund.state, refund.way)
        means = payment_means(Tender(refund.tender), refund.card_brand, refund.card_last_four)
        upper = QHBoxLayout()
        upper.addWidget(label(verbatim(-refund.amount), Text.TITLE))
        upper.addWidget(label(m("Refund of {means}", means=means), wraps=True), 1)
        upper.addWidget(StatusPill(words, tone))
        made = way_words(refund.origin, refund.way, refund.card_brand)
        lower = QHBoxLayout()
        moment = day_and_time(refund.requested_at, time_zone)
        lower.addWidget(label(joined(", ", [moment, made]), Text.CAPTION, wraps=True), 1)
        if refund.receipt_id is not None:
            receipt = PlainButton(verbatim(refund.receipt_number), "receipt", name=f"receipt_{refund.receipt_id}")
            receipt.setAccessibleName(str(m("Refund receipt {number}", number=refund.receipt_number)))
            receipt.clicked.connect(lambda _=False, key=refund.receipt_id: open_receipt(key))
            lower.addWidget(receipt, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(4)
        layout.addLayout(upper)
        layout.addLayout(lower)
        self.setAccessibleName(
            str(m("Refund of {amount}, {state}, {way}", amount=refund.amount, state=words, way=made))
        )


class DisputeNotice(Notice):
    """A dispute in two sentences: where it stands and why, and until when to answer."""

    def __init__(self, dispute: DisputeView, *, time_zone: str) -> None:
        """Show ``dispute``."""
        super().__init__(name=f"dispute_{dispute.stripe_id}", is_narrow=True)
        self.say(dispute_sentence(dispute, time_zone), Tone.BAD if dispute.wants_answer else Tone.CAUTION)


def dispute_sentence(dispute: DisputeView, time_zone: str) -> Message:
    """Say where a dispute stands, why there is one, and until when the bank waits."""
    said = m(
        "{state} ({amount}). {reason}.",
        state=status_words(dispute.status),
        amount=_Unbroken(dispute.amount),
        reason=reason_words(dispute.reason),
    )
    if not dispute.wants_answer or dispute.respond_by is None:
        return said
    last = day(on_the_clock(dispute.respond_by, time_zone))
    return sentences(said, m("Answer by {day}: a supervisor sends evidence from the payment’s page.", day=last))


@dataclass(frozen=True)
class _Unbroken:
    """An amount that no line's end parts from its currency."""

    amount: Money

    def __str__(self) -> str:
        return str(self.amount).replace(" ", _NO_BREAK)
