"""Why money went back, in words: the hospital's reasons, and Stripe's where the hospital chose none."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.books.refund import ReasonCode, RefundReason
from cashier.language import Message, m, verbatim

REASON_WORDS: Mapping[ReasonCode, Message] = {
    ReasonCode.PAID_TWICE: m("Paid twice"),
    ReasonCode.WRONG_AMOUNT: m("Wrong amount taken"),
    ReasonCode.WRONG_INVOICE: m("Wrong invoice or patient"),
    ReasonCode.APPOINTMENT_CANCELLED: m("Appointment cancelled"),
    ReasonCode.SERVICE_NOT_GIVEN: m("Service not given"),
    ReasonCode.INSURER_PAYS: m("Insurer pays after all"),
    ReasonCode.PRICE_CORRECTED: m("Price corrected"),
    ReasonCode.DEPOSIT_NOT_USED: m("Deposit not used"),
    ReasonCode.CARD_MISUSED: m("Card used without its owner's consent"),
    ReasonCode.OTHER: m("Another reason"),
}
"""What a cashier can choose, the most frequent first."""

_CODE_OF_WORDS = {words.english: code for code, words in REASON_WORDS.items()}
"""What stands on receipts of before, and in refunds that a desk of the release before asks for."""

STRIPE_WORDS: Mapping[RefundReason, Message] = {
    RefundReason.DUPLICATE: m("duplicate"),
    RefundReason.FRAUDULENT: m("fraudulent"),
    RefundReason.REQUESTED_BY_CUSTOMER: m("requested by customer"),
}


def frozen_reason(code: str, reason: str) -> Message:
    """Say the reason that a receipt has: by its ``code``, by its words of before, Stripe's, or as it was written."""
    known = code if code in set(ReasonCode) else _CODE_OF_WORDS.get(reason)
    if known is not None:
        return REASON_WORDS[ReasonCode(known)]
    if reason in set(RefundReason):
        return STRIPE_WORDS[RefundReason(reason)]
    return verbatim(reason)
