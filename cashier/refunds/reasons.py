"""Why money goes back, in the hospital's words; each belongs to one of the reasons that Stripe knows."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.books.refund import ReasonCode, Refund, RefundReason
from cashier.language import Message
from cashier.receipts.reason_words import REASON_WORDS, frozen_reason


@dataclass(frozen=True, kw_only=True)
class HospitalReason:
    """A reason to choose. Some say too little alone and need a note. None says anything about health."""

    code: ReasonCode
    at_stripe: RefundReason
    needs_note: bool = False

    @property
    def words(self) -> Message:
        """What it is called, on receipts too."""
        return REASON_WORDS[self.code]


_ASKED = RefundReason.REQUESTED_BY_CUSTOMER

REASONS = (
    HospitalReason(code=ReasonCode.PAID_TWICE, at_stripe=RefundReason.DUPLICATE),
    HospitalReason(code=ReasonCode.WRONG_AMOUNT, at_stripe=_ASKED),
    HospitalReason(code=ReasonCode.WRONG_INVOICE, at_stripe=_ASKED),
    HospitalReason(code=ReasonCode.APPOINTMENT_CANCELLED, at_stripe=_ASKED),
    HospitalReason(code=ReasonCode.SERVICE_NOT_GIVEN, at_stripe=_ASKED),
    HospitalReason(code=ReasonCode.INSURER_PAYS, at_stripe=_ASKED),
    HospitalReason(code=ReasonCode.PRICE_CORRECTED, at_stripe=_ASKED),
    HospitalReason(code=ReasonCode.DEPOSIT_NOT_USED, at_stripe=_ASKED),
    HospitalReason(code=ReasonCode.CARD_MISUSED, at_stripe=RefundReason.FRAUDULENT),
    HospitalReason(code=ReasonCode.OTHER, at_stripe=_ASKED, needs_note=True),
)
"""What a cashier can choose, the most frequent first."""


def find_reason(code: str | None) -> HospitalReason | None:
    """Return the reason with this code; None for none, and for one of a newer program."""
    return next((reason for reason in REASONS if reason.code == code), None)


def reason_of(refund: Refund) -> Message:
    """Say why ``refund`` was asked for, in the hospital's words; empty where none were chosen."""
    return frozen_reason(refund.reason_code or "", refund.hospital_reason)
