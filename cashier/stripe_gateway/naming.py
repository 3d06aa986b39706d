"""What our payments and refunds are called at Stripe, in the metadata of its objects: https://docs.stripe.com/metadata.

Beside the name stands the anchor of the journal's entry about its beginning, or its approval: by it an auditor sees
from outside whether the journal is still the one of that moment. It is that entry's own, never the newest one's, so
that a repeated request is the same to the letter.
"""

from __future__ import annotations

import uuid

PAYMENT = "cashier_payment"
REFUND = "cashier_refund"
ENTRY = "cashier_entry"
NOTARY = "cashier_notary"


def named(payment_id: uuid.UUID, entry: str) -> dict[str, str]:
    """Name our payment, so that each of Stripe's objects is found again by it; ``entry`` may be empty."""
    return {PAYMENT: str(payment_id)} | _anchored(entry)


def named_refund(refund_id: uuid.UUID, entry: str) -> dict[str, str]:
    """Name our refund."""
    return {REFUND: str(refund_id)} | _anchored(entry)


def _anchored(entry: str) -> dict[str, str]:
    return {ENTRY: entry} if entry else {}
