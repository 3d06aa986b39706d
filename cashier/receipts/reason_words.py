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

STRIPE_WORDS: Mapping[RefundReason, Message] = {
    RefundReason.DUPLICATE: m("duplicate"),
    RefundReason.FRAUDULENT: m("fraudulent"),
    RefundReason.REQUESTED_BY_CUSTOMER: m("requested by customer"),
}


def frozen_reason(code: str, reason: str) -> Message:
    """Say the reason that a receipt has: by its ``code``, else Stripe's, else as it was written down."""
    if code in set(ReasonCode):
        return REASON_WORDS[ReasonCode(code)]
    if reason in set(RefundReason):
        return STRIPE_WORDS[RefundReason(reason)]
    return verbatim(reason)
