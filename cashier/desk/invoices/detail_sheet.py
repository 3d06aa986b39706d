"""All about one invoice on a sheet, below what is to be done: facts, lines, sums and the history of its payments."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cashier.channels.declines import advice_for
from cashier.desk.commands.commands import Command
from cashier.desk.invoices.line_list import LineList
from cashier.desk.kit.controls import Card, PlainButton, StatusPill, Text, Tone, label, separator
from cashier.desk.kit.words import (
    card,
    day,
    day_and_time,
    payment_words,
)
from cashier.desk.refunding.refund_card import DisputeNotice, RefundCard
from cashier.invoices.views import CREDIT_NOTES, InvoiceDepositUse, InvoiceDetail, InvoicePayment
from cashier.language import Message, joined, m, mc, verbatim
from cashier.money import Money
from cashier.tenders.tender import Tender

OpenReceipt = Callable[[int], None]
OpenRefund = Callable[[], None]


class DetailSheet(QWidget):
    """A picture of one ``InvoiceDetail``; a changed invoice gets a new sheet."""

    def __init__(
        self,
        detail: InvoiceDetail,
        *,
        time_zone: str,
        open_receipt: OpenReceipt,
        open_refund: OpenRefund,
    ) -> None:
        """Show ``detail``; a receipt's button calls ``open_receipt`` with the receipt's key."""
        super().__init__()
        self.setObjectName("detail_sheet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(_facts(detail))
        layout.addWidget(separator())
        layout.addWidget(LineList(detail.lines))
        layout.addWidget(separator())
        layout.addLayout(_sums(detail))
        if detail.payments or detail.deposit_uses or detail.can_go_back:
            layout.addSpacing(4)
            layout.addLayout(_payments_heading(detail, open_refund))
            for dispute in detail.disputes:
                layout.addWidget(DisputeNotice(dispute, time_zone=time_zone))
            for refund in detail.refunds:
                layout.addWidget(RefundCard(refund, time_zone=time_zone, open_receipt=open_receipt))
            for use in detail.deposit_uses:
                layout.addWidget(_deposit_use(use, time_zone=time_zone))
            for payment in detail.payments:
                layout.addWidget(_PaymentCard(payment, time_zone=time_zone, open_receipt=open_receipt))
        layout.addStretch(1)


def _payments_heading(detail: InvoiceDetail, open_refund: OpenRefund) -> QHBoxLayout:
    row = QHBoxLayout()
    is_note = detail.row.status in CREDIT_NOTES
    row.addWidget(label(m("What is used of it") if is_note else m("Payments"), Text.TITLE), 1)
    if detail.can_go_back:
        refund = PlainButton(Command.ASK_FOR_REFUND.on_button(), "back-to-card", name="open_refund", quiet=True)
        of_note, of_invoice = m("Ask for its credit to go back"), m("Ask for money of this invoice to go back")
        refund.setToolTip(str(of_note if is_note else of_invoice))
        refund.clicked.connect(open_refund)
        row.addWidget(refund)
    return row


def _facts(detail: InvoiceDetail) -> QGridLayout:
    facts = [
        (
            "invoice",
            m("Credit note") if detail.row.status in CREDIT_NOTES else m("Invoice"),
            verbatim(detail.row.number),
        ),
        ("department", m("Department"), verbatim(detail.row.department)),
        ("issued", m("Issued"), day(detail.row.issued_on)),
    ]
    if detail.row.status not in CREDIT_NOTES:
        facts.append(("pay_by", m("Pay by"), day(detail.due_on)))
    if detail.insurer:
        facts.append(("insurer", m("Insurer"), verbatim(detail.insurer)))
    if detail.phone or detail.email:
        reached = joined("\n", [verbatim(each) for each in (detail.phone, detail.email)])
        facts.append(("contact", m("Phone and e-mail"), reached))
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(8)
    for place, (name, caption, value) in enumerate(facts):
        pair = QVBoxLayout()
        pair.setSpacing(0)
        pair.addWidget(label(caption, Text.CAPTION))
        pair.addWidget(_selectable(label(value, name=f"detail_{name}", wraps=True)))
        pair.addStretch(1)
        # An address is long, and broken within it would be read wrongly.
        row, column = divmod(place, 2) if name != "contact" else ((place + 1) // 2, 0)
        grid.addLayout(pair, row, column, 1, 2 if name == "contact" else 1)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _who(person: str, desk: str) -> Message:
    return m("{person}, desk {desk}", person=person, desk=desk)


def _sums(detail: InvoiceDetail) -> QGridLayout:
    sums: list[tuple[Message, Money, Text]] = [(m("Total"), detail.row.total, Text.TITLE)]
    if detail.insurer_share:
        payer = verbatim(detail.insurer) if detail.insurer else m("Insurer")
        sums.append((m("{insurer} pays", insurer=payer), -detail.insurer_share, Text.BODY))
    if detail.paid:
        what = m("Credit used") if detail.row.status in CREDIT_NOTES else m("Paid")
        sums.append((what, -detail.paid, Text.BODY))
    if detail.returned:
        sums.append((m("Returned for good"), -detail.returned, Text.BODY))
    grid = QGridLayout()
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    for place, (name, amount, style) in enumerate(sums):
        grid.addWidget(label(name, style, wraps=True), place, 0)
        grid.addWidget(label(verbatim(amount), style), place, 1, Qt.AlignmentFlag.AlignRight)
    return grid


def _deposit_use(use: InvoiceDepositUse, *, time_zone: str) -> Card:
    """Show money that came from the patient's account: its receipts are those of the deposits."""
    sheet = Card(name=f"deposit_use_{use.use_id}")
    upper = QHBoxLayout()
    upper.addWidget(label(verbatim(use.amount), Text.TITLE))
    upper.addWidget(label(m("From the patient's account"), wraps=True), 1)
    upper.addWidget(StatusPill(mc("money on account", "Used"), Tone.GOOD))
    when = joined("\n", [day_and_time(use.used_at, time_zone), _who(use.cashier, use.desk)])
    layout = QVBoxLayout(sheet)
    layout.setContentsMargins(12, 10, 12, 10)
    layout.setSpacing(4)
    layout.addLayout(upper)
    layout.addWidget(label(when, Text.CAPTION, wraps=True))
    return sheet


class _PaymentCard(Card):
    """One payment in the history: when, by whom, what became of it, and its receipt."""

    def __init__(self, payment: InvoicePayment, *, time_zone: str, open_receipt: OpenReceipt) -> None:
        super().__init__(name=f"payment_{payment.payment_id}")
        words, tone = payment_words(payment)
        means = card(payment.card_brand, payment.card_last_four) or Tender(payment.tender).row.words
        moment = day_and_time(payment.settled_at or payment.created_at, time_zone)
        upper = QHBoxLayout()
        upper.addWidget(label(verbatim(payment.amount), Text.TITLE))
        upper.addWidget(label(means, wraps=True), 1)
        pill = StatusPill(words, tone)
        is_said_shortly = payment.receipt_id is not None
        if is_said_shortly:
            upper.addWidget(pill)
        lower = QHBoxLayout()
        lower.addWidget(
            label(joined("\n", [moment, _who(payment.cashier, payment.desk)]), Text.CAPTION, wraps=True), 1
        )
        if payment.receipt_id is not None:
            receipt = PlainButton(verbatim(payment.receipt_number), "receipt", name=f"receipt_{payment.receipt_id}")
            receipt.setAccessibleName(str(m("Receipt {number}", number=payment.receipt_number)))
            receipt.setToolTip(str(m("Look at this receipt, save or print it")))
            receipt.clicked.connect(lambda _=False, key=payment.receipt_id: open_receipt(key))
            lower.addWidget(receipt, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(4)
        layout.addLayout(upper)
        if not is_said_shortly:
            # What is not settled is told in more words than there is room for beside an amount.
            layout.addWidget(pill, 0, Qt.AlignmentFlag.AlignLeft)
        if payment.decline_code:
            why = advice_for(payment.decline_code, method=payment.card_brand)
            layout.addWidget(label(why.say, Text.CAPTION, wraps=True))
        layout.addLayout(lower)
        self.setAccessibleName(f"{words}: {payment.amount}, {means}, {moment}")


def _selectable(made: QLabel) -> QLabel:
    """Let a number or an address be copied with the mouse."""
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
