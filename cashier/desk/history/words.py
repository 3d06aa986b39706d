"""How the payments of the history are put into words."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.books.payment import PaymentState
from cashier.books.receipt import ReceiptKind
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import STATE_WORDS, UNDER_WAY_WORDS, card
from cashier.history.timeline import Step
from cashier.history.views import HistoryTotals, PaymentRow

TONE_OF_STEP: Mapping[Step, Tone] = {
    Step.CREATED: Tone.NEUTRAL,
    Step.OPENED: Tone.NEUTRAL,
    Step.CHALLENGED: Tone.CAUTION,
    Step.PROCESSING: Tone.CAUTION,
    Step.DECLINED: Tone.BAD,
    Step.PAGE_DONE: Tone.NEUTRAL,
    Step.TAKEN_OVER: Tone.CAUTION,
    Step.PAID: Tone.GOOD,
    Step.CANCELLED: Tone.NEUTRAL,
    Step.CONTRADICTED: Tone.BAD,
    Step.RECEIPT_PRINTED: Tone.NEUTRAL,
    Step.RECEIPT_COPIED: Tone.NEUTRAL,
    Step.DEPOSIT_USED: Tone.GOOD,
    Step.REFUND_REFUSED: Tone.CAUTION,
    Step.REFUND_REQUESTED: Tone.NEUTRAL,
    Step.REFUND_REJECTED: Tone.NEUTRAL,
    Step.REFUND_EXPIRED: Tone.NEUTRAL,
    Step.REFUND_APPROVED: Tone.NEUTRAL,
    Step.REFUND_ADOPTED: Tone.CAUTION,
    Step.REFUND_SEEN: Tone.CAUTION,
    Step.REFUND_PENDING: Tone.CAUTION,
    Step.REFUNDED: Tone.ACCENT,
    Step.REFUND_FAILED: Tone.BAD,
    Step.DISPUTED: Tone.BAD,
    Step.DISPUTE_TAKEN: Tone.BAD,
    Step.DISPUTE_RETURNED: Tone.GOOD,
    Step.DISPUTE_CLOSED: Tone.NEUTRAL,
    Step.NOTED: Tone.NEUTRAL,
}
"""The tone of each step of a payment's story; a test holds the table against ``Step``."""

RECEIPT_WORDS: Mapping[ReceiptKind, str] = {
    ReceiptKind.PAYMENT: "Receipt",
    ReceiptKind.REFUND: "Refund receipt",
    ReceiptKind.REFUND_FAILED: "Returned refund",
}
"""What each kind of receipt is called on its button."""


def outcome(row: PaymentRow) -> tuple[str, Tone]:
    """Say what became of a payment, up to what went back of it, and whether its cardholder wants it back."""
    if row.is_disputed:
        return "Disputed", Tone.BAD
    if row.state is PaymentState.PAID and row.refunded:
        return ("Part refunded", Tone.ACCENT) if row.net else ("Refunded", Tone.ACCENT)
    if row.state is PaymentState.CANCELLED and row.decline_code:
        return "Declined", Tone.BAD
    words, tone = STATE_WORDS[row.state] if row.state.is_final else UNDER_WAY_WORDS[row.state]
    return str(words), tone


def means(row: PaymentRow) -> str:
    """Say what a payment was made with: the card where it is known, else the tender."""
    return str(card(row.card_brand, row.card_last_four) or row.tender.row.words)


def purpose(row: PaymentRow) -> str:
    """Say what a payment was for: its first invoice and how many more, or the patient's account."""
    if not row.invoices:
        return "Deposit"
    more = len(row.invoices) - 1
    return row.invoices[0] + (f"  +{more}" if more else "")


def sums(totals: HistoryTotals) -> str:
    """Say what was paid, went back and is left, one line for each currency."""
    lines = []
    for currency in totals.currencies:
        line = f"Paid {totals.paid(currency)}"
        if totals.refunded(currency):
            line += f"   Refunded {totals.refunded(currency)}   Left {totals.net(currency)}"
        lines.append(line)
    return "\n".join(lines) or "Nothing was paid"


def tenders(totals: HistoryTotals) -> str:
    """Say by which tenders it was paid."""
    return "   ".join(
        f"{each.tender.row.words} {each.paid}" + (f" (refunded {each.refunded})" if each.refunded else "")
        for each in totals.by_tender
    )


def count(payments: int) -> str:
    """Say how many payments there are."""
    return "1 payment" if payments == 1 else f"{payments:,} payments"
