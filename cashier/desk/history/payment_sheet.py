"""One payment beside the list: what it was, its receipts, its names at Stripe, and its story."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cashier.clock import on_the_clock
from cashier.desk.commands.commands import Command
from cashier.desk.history.words import RECEIPT_WORDS, TONE_OF_STEP, means, outcome
from cashier.desk.kit.controls import PlainButton, StatusPill, Text, label, separator, set_tone
from cashier.desk.kit.copy_line import CopyLine
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.words import day, day_and_time, time_of_day
from cashier.desk.refunding.refund_card import DisputeNotice
from cashier.desk.refunding.words import state_words, way_words
from cashier.disputes.views import DisputeView
from cashier.history.timeline import TimelineEntry
from cashier.history.views import PaymentRecord, PaymentRow, RefundLine
from cashier.language import NOTHING, joined, m, mc, sentences, verbatim


class PaymentSheet(QWidget):
    """A picture of one ``PaymentRecord``; when something changed there is another sheet."""

    invoice_wanted = Signal(int)
    """Carries the key of an invoice that the payment was for."""
    receipt_wanted = Signal(int)
    """Carries the key of a receipt."""
    refund_wanted = Signal(object)
    """Carries the id of the payment."""
    evidence_wanted = Signal(str)
    """Carries what a dispute is called at Stripe."""
    sending_wanted = Signal(str)
    """Carries the same, to send evidence about it to the bank."""

    def __init__(self, record: PaymentRecord, *, time_zone: str, sends_evidence: bool = False) -> None:
        """Show ``record``; moments are written as the clocks in ``time_zone`` show them.

        ``sends_evidence``: whoever looks at it may send some to a bank.
        """
        super().__init__()
        self.setObjectName("payment_sheet")
        self._sends_evidence = sends_evidence
        self._time_zone = time_zone
        row = record.row
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(20, 16, 20, 16)
        self._layout.setSpacing(10)
        self._add_heading(row)
        if record.decline is not None:
            self._layout.addWidget(label(sentences(record.decline.say, record.decline.next_step), wraps=True))
        if record.contradiction:
            self._layout.addWidget(label(record.contradiction, Text.TITLE, name="payment_contradiction", wraps=True))
        for dispute in record.disputes:
            self._layout.addWidget(self._dispute(dispute))
        for refund in record.refunds:
            self._layout.addLayout(_refund(refund, record.row.card_brand))
        self._layout.addWidget(label(m("What happened"), Text.TITLE))
        self._layout.addLayout(_story(record.timeline, time_zone))
        self._layout.addWidget(separator())
        self._layout.addLayout(self._facts(row))
        self._add_buttons(record)
        if record.stripe_ids:
            self._layout.addWidget(separator())
            self._layout.addWidget(label(m("At Stripe"), Text.TITLE))
            for stripe_id in record.stripe_ids:
                self._layout.addWidget(CopyLine(stripe_id))
        self._layout.addStretch(1)
        self.setAccessibleName(f"{outcome(row)[0]}: {row.amount}, {means(row)}, {row.patient_name}")

    def _add_heading(self, row: PaymentRow) -> None:
        words, tone = outcome(row)
        # Beside the amount there is no room for it in every window, and an amount is never cut.
        pill = StatusPill(words, tone, name="payment_outcome")
        self._layout.addWidget(label(verbatim(row.amount), Text.DISPLAY, name="payment_amount"))
        self._layout.addWidget(
            PatientBanner(row.patient, time_zone=self._time_zone, name="payment_patient", after_name=pill)
        )

    def _facts(self, row: PaymentRow) -> QGridLayout:
        paid_at = verbatim("–") if row.settled_at is None else day_and_time(row.settled_at, self._time_zone)
        facts = [
            (m("Paid with"), means(row)),
            (m("Taken by"), m("{name}, desk {desk}", name=row.cashier, desk=row.desk)),
            (mc("when", "Begun"), day_and_time(row.created_at, self._time_zone)),
            (mc("when", "Paid"), paid_at),
        ]
        if row.reference:
            facts.append((m("Reference"), verbatim(row.reference)))
        if row.tendered is not None:
            facts.append((m("Handed over"), verbatim(row.tendered)))
            facts.append((mc("money back", "Change"), verbatim(row.tendered - row.amount - row.rounding)))
        if row.refunded:
            facts.append((mc("how much", "Refunded"), verbatim(row.refunded)))
        if row.taken_back:
            facts.append((m("Taken back by the bank"), verbatim(row.taken_back)))
        if row.refunded or row.taken_back:
            facts.append((m("Left of it"), verbatim(row.net)))
        if row.unallocated:
            facts.append((m("On the patient's account"), verbatim(row.unallocated)))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for place, (name, value) in enumerate(facts):
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addWidget(label(name, Text.CAPTION))
            shown = label(value, name=f"payment_fact_{name.english.lower().replace(' ', '_')}", wraps=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            pair.addWidget(shown)
            pair.addStretch(1)
            grid.addLayout(pair, *divmod(place, 2))
        return grid

    def _dispute(self, dispute: DisputeView) -> DisputeNotice:
        made = DisputeNotice(dispute, time_zone=self._time_zone)
        sheet = PlainButton(m("Evidence sheet …"), "save", name=f"evidence_{dispute.stripe_id}")
        sheet.clicked.connect(lambda: self.evidence_wanted.emit(dispute.stripe_id))
        made.add_button(sheet)
        if self._sends_evidence and dispute.wants_answer:
            send = PlainButton(m("Send evidence …"), "check", name=f"send_evidence_{dispute.stripe_id}")
            send.clicked.connect(lambda: self.sending_wanted.emit(dispute.stripe_id))
            made.add_button(send)
        return made

    def _add_buttons(self, record: PaymentRecord) -> None:
        self._layout.addWidget(separator())
        for place, receipt in enumerate(record.receipts):
            words = RECEIPT_WORDS[receipt.kind](receipt.number)
            button = PlainButton(
                words if place else Command.PAYMENT_RECEIPT.on_button(words),
                "receipt",
                name=f"history_receipt_{receipt.id}",
            )
            button.clicked.connect(lambda _=False, receipt_id=receipt.id: self.receipt_wanted.emit(receipt_id))
            self._layout.addWidget(button)
        for place, invoice in enumerate(record.invoices):
            words = m("Show {invoice}", invoice=invoice.number)
            if len(record.invoices) > 1:
                words = m("Show {invoice} ({amount})", invoice=invoice.number, amount=invoice.amount)
            shown = words if place else Command.PAYMENT_INVOICE.on_button(words)
            button = PlainButton(shown, "invoice", name=f"history_invoice_{invoice.id}")
            button.clicked.connect(lambda _=False, invoice_id=invoice.id: self.invoice_wanted.emit(invoice_id))
            self._layout.addWidget(button)
        if record.row.net:
            refund = PlainButton(Command.REFUND_PAYMENT.on_button(), "back-to-card", name="history_refund")
            refund.clicked.connect(lambda: self.refund_wanted.emit(record.row.id))
            self._layout.addSpacing(12)
            self._layout.addWidget(refund)


def _refund(refund: RefundLine, brand: str | None) -> QHBoxLayout:
    """Show how a refund stands; its story is told below."""
    words, tone = state_words(refund.state, refund.way)
    row = QHBoxLayout()
    line = m("Refund of {amount}, {way}", amount=refund.amount, way=way_words(refund.origin, refund.way, brand))
    row.addWidget(label(line, name=f"refund_line_{refund.id}", wraps=True), 1)
    row.addWidget(StatusPill(words, tone), 0, Qt.AlignmentFlag.AlignTop)
    return row


def _story(timeline: tuple[TimelineEntry, ...], time_zone: str) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    shown_day, line = NOTHING, 0
    for entry in timeline:
        its_day = day(on_the_clock(entry.at, time_zone))
        if its_day != shown_day:
            shown_day = its_day
            grid.addWidget(label(its_day, Text.CAPTION), line, 0, 1, 2)
            line += 1
        grid.addWidget(label(time_of_day(entry.at, time_zone), Text.CAPTION), line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_told(entry), line, 1)
        line += 1
    return grid


def _told(entry: TimelineEntry) -> QWidget:
    tone = TONE_OF_STEP[entry.step]
    made = QWidget()
    made.setObjectName(f"story_{entry.step.value}")
    words = label(entry.words, wraps=True)
    set_tone(words, tone)
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(words)
    layout.addWidget(label(joined(" · ", [entry.detail, entry.who]), Text.CAPTION, wraps=True))
    made.setAccessibleName(f"{entry.words}. {entry.detail} {entry.who}")
    return made
