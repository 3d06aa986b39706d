"""Why money goes back, in the hospital's words; each belongs to one of the reasons that Stripe knows."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.books.refund import RefundReason


@dataclass(frozen=True, kw_only=True)
class HospitalReason:
    """A reason to choose. Some say too little alone and need a note. None says anything about health."""

    words: str
    at_stripe: RefundReason
    needs_note: bool = False


REASONS = (
    HospitalReason(words="Paid twice", at_stripe=RefundReason.DUPLICATE),
    HospitalReason(words="Wrong amount taken", at_stripe=RefundReason.REQUESTED_BY_CUSTOMER),
    HospitalReason(words="Wrong invoice or patient", at_stripe=RefundReason.REQUESTED_BY_CUSTOMER),
    HospitalReason(words="Appointment cancelled", at_stripe=RefundReason.REQUESTED_BY_CUSTOMER),
    HospitalReason(words="Service not given", at_stripe=RefundReason.REQUESTED_BY_CUSTOMER),
    HospitalReason(words="Insurer pays after all", at_stripe=RefundReason.REQUESTED_BY_CUSTOMER),
    HospitalReason(words="Price corrected", at_stripe=RefundReason.REQUESTED_BY_CUSTOMER),
    HospitalReason(words="Deposit not used", at_stripe=RefundReason.REQUESTED_BY_CUSTOMER),
    HospitalReason(words="Card used without its owner's consent", at_stripe=RefundReason.FRAUDULENT),
    HospitalReason(words="Another reason", at_stripe=RefundReason.REQUESTED_BY_CUSTOMER, needs_note=True),
)
"""What a cashier can choose, the most frequent first."""


def find_reason(words: str) -> HospitalReason | None:
    """Return the reason with these words."""
    return next((reason for reason in REASONS if reason.words == words), None)
