"""How the payments of the history are put into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cashier.books.payment import PaymentState
from cashier.books.receipt import ReceiptKind
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import STATE_WORDS, UNDER_WAY_WORDS, card
from cashier.history.timeline import Step
from cashier.history.views import HistoryTotals, PaymentRow
from cashier.language import Message, joined, m, mc, mn, verbatim
from cashier.language.number_style import Count

TONE_OF_STEP: Mapping[Step, Tone] = {
    Step.CREATED: Tone.NEUTRAL,
    Step.OPENED: Tone.NEUTRAL,
    Step.CHALLENGED: Tone.CAUTION,
    Step.PROCESSING: Tone.CAUTION,
    Step.DECLINED: Tone.BAD,
    Step.PAGE_DONE: Tone.NEUTRAL,
    Step.TAKEN_OVER: Tone.CAUTION,
    Step.PAID: Tone.GOOD,
    Step.OTHER_AMOUNT: Tone.CAUTION,
    Step.CANCELLED: Tone.NEUTRAL,
    Step.CONTRADICTED: Tone.BAD,
    Step.RECEIPT_PRINTED: Tone.NEUTRAL,
    Step.RECEIPT_COPIED: Tone.NEUTRAL,
    Step.CREDIT_TAKEN: Tone.GOOD,
    Step.DEPOSIT_USED: Tone.GOOD,
    Step.CREDIT_PUT_BACK: Tone.NEUTRAL,
    Step.REFUND_REFUSED: Tone.CAUTION,
    Step.REFUND_REQUESTED: Tone.NEUTRAL,
    Step.REFUND_REJECTED: Tone.NEUTRAL,
    Step.REFUND_EXPIRED: Tone.NEUTRAL,
    Step.REFUND_APPROVED: Tone.NEUTRAL,
    Step.REFUND_APPROVED_BY_RULE: Tone.NEUTRAL,
    Step.REFUND_ADOPTED: Tone.CAUTION,
    Step.REFUND_SEEN: Tone.CAUTION,
    Step.REFUND_PENDING: Tone.CAUTION,
    Step.REFUNDED: Tone.ACCENT,
    Step.REFUND_FAILED: Tone.BAD,
    Step.DISPUTED: Tone.BAD,
    Step.DISPUTE_TAKEN: Tone.BAD,
    Step.DISPUTE_RETURNED: Tone.GOOD,
    Step.EVIDENCE_SENT: Tone.NEUTRAL,
    Step.DISPUTE_CLOSED: Tone.NEUTRAL,
    Step.OWED_AGAIN: Tone.ACCENT,
    Step.WRITTEN_OFF: Tone.NEUTRAL,
    Step.NOTED: Tone.NEUTRAL,
}
"""The tone of each step of a payment's story; a test holds the table against ``Step``."""

RECEIPT_WORDS: Mapping[ReceiptKind, Callable[[str], Message]] = {
    ReceiptKind.PAYMENT: lambda number: m("Receipt {number}", number=number),
    ReceiptKind.REFUND: lambda number: m("Refund receipt {number}", number=number),
    ReceiptKind.REFUND_FAILED: lambda number: m("Returned refund {number}", number=number),
    ReceiptKind.REVERSAL: lambda number: m("Owed again {number}", number=number),
}
"""What each kind of receipt is called on its button."""

PART_REFUNDED = mc("of a payment", "Part refunded")
"""The longest word for what became of a payment."""


def outcome(row: PaymentRow) -> tuple[Message, Tone]:
    """Say what became of a payment, up to what went back of it, and whether its cardholder wants it back."""
    if row.is_disputed:
        return mc("of a payment", "Disputed"), Tone.BAD
    if row.state is PaymentState.PAID and row.refunded:
        return (PART_REFUNDED if row.net else mc("of a payment", "Refunded")), Tone.ACCENT
    if row.state is PaymentState.CANCELLED and row.decline_code:
        return mc("of a payment", "Declined"), Tone.BAD
    return STATE_WORDS[row.state] if row.state.is_final else UNDER_WAY_WORDS[row.state]


def means(row: PaymentRow) -> Message:
    """Say what a payment was made with: the card where it is known, else the tender."""
    return card(row.card_brand, row.card_last_four) or row.tender.row.words


def purpose(row: PaymentRow) -> Message:
    """Say what a payment was for: its first invoice and how many more, or the patient's account."""
    if not row.invoices:
        return m("Deposit")
    more = len(row.invoices) - 1
    return verbatim(row.invoices[0] + (f"  +{more}" if more else ""))


def sums(totals: HistoryTotals) -> Message:
    """Say what was paid, went back and is left, one line for each currency."""
    lines = []
    for currency in totals.currencies:
        line = [m("Paid {amount}", amount=totals.paid(currency))]
        if totals.refunded(currency):
            line.append(m("Refunded {amount}", amount=totals.refunded(currency)))
            line.append(m("Left {amount}", amount=totals.net(currency)))
        lines.append(line)
    if totals.to_be_counted:
        left_out = mn(
            "{count} cash payment is in no sum: its drawer is still to be counted.",
            "{count} cash payments are in no sum: their drawer is still to be counted.",
            count=Count(totals.to_be_counted),
        )
        lines.append([left_out])
    return joined("\n", (joined("   ", line) for line in lines)) or m("Nothing was paid")


def tenders(totals: HistoryTotals) -> Message:
    """Say by which tenders it was paid."""
    parts = []
    for each in totals.by_tender:
        part = joined(" ", [each.tender.row.words, verbatim(each.paid)])
        parts.append(m("{paid} (refunded {refunded})", paid=part, refunded=each.refunded) if each.refunded else part)
    return joined("   ", parts)


def count(payments: int) -> Message:
    """Say how many payments there are."""
    return mn("{count} payment", "{count} payments", count=Count(payments))
