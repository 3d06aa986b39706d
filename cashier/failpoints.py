"""Fail points: the steps between which a process may die. In operation they do nothing.

No setting and no environment variable arms them; only code does, and only the tests have such code: it
ends the process, or the network, or the database, at exactly this step.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class FailPoint(StrEnum):
    """The steps of a payment, of a refund and of an event, in their order."""

    PAYMENT_ASKED = "payment asked"
    """Nothing is saved yet."""
    PAYMENT_WRITTEN = "payment written"
    """Saved as PREPARED, but not committed."""
    PAYMENT_PREPARED = "payment prepared"
    """Committed; Stripe has not heard of it."""
    CUSTOMER_MADE = "customer made"
    """Stripe has the patient's customer; we have not saved it."""
    PAYMENT_OPENING = "payment opening"
    """About to open it at Stripe."""
    PAYMENT_OPENED = "payment opened"
    """Stripe has opened it; the answer is not saved."""
    PAYMENT_CHARGING = "payment charging"
    """About to charge a saved card on what is open at Stripe."""
    PAYMENT_CHARGED = "payment charged"
    """Stripe has said how that went; the answer is not saved."""
    READER_TELLING = "reader telling"
    """About to let the card reader ask for the card."""
    READER_TOLD = "reader told"
    """The card reader asks for the card; nothing of that is saved."""
    PAYMENT_ASKING = "payment asking"
    """About to ask Stripe where it stands."""
    PAYMENT_ANSWERED = "payment answered"
    """Stripe has said where it stands; the answer is not saved."""
    PAYMENT_RECEIPTED = "payment receipted"
    """Allocated and receipted, but not committed."""
    PAYMENT_LEARNED = "payment learned"
    """What Stripe said is written, but not committed."""
    PAYMENT_SAVED = "payment saved"
    """What Stripe said is committed; nobody here was told."""
    PAYMENT_WITHDRAWING = "payment withdrawing"
    """About to take it back at Stripe."""
    PAYMENT_WITHDRAWN = "payment withdrawn"
    """Stripe has taken it back; the answer is not saved."""
    DEPOSIT_WRITTEN = "deposit written"
    """Money of the patient's account is allocated, but not committed."""
    DEPOSIT_USED = "deposit used"
    """Committed; nobody here was told."""
    REFUND_WRITTEN = "refund written"
    """The request is written, but not committed."""
    REFUND_REQUESTED = "refund requested"
    REFUND_DECIDED = "refund decided"
    """The approval is written, but not committed."""
    REFUND_APPROVED = "refund approved"
    """The approval is committed; Stripe has not heard of it."""
    REFUND_SENDING = "refund sending"
    """About to send it to Stripe."""
    REFUND_SENT = "refund sent"
    """Stripe has made it; the answer is not saved."""
    REFUND_LEARNED = "refund learned"
    """Money and receipt are written, but not committed."""
    REFUND_SAVED = "refund saved"
    """What Stripe said is committed; nobody here was told."""
    EVENT_ARRIVED = "event arrived"
    """Its signature is good; it is not stored."""
    EVENT_STORED = "event stored"
    """Committed; Stripe has no answer yet."""
    EVENT_TAKEN = "event taken"
    """About to be worked on."""
    EVENT_WORKED = "event worked"
    """Worked on; not marked as done."""


_armed: list[Callable[[FailPoint], None]] = []


def reach(point: FailPoint) -> None:
    """Pass ``point``; whoever armed the fail points hears of it first."""
    for callback in _armed:
        callback(point)


def arm(callback: Callable[[FailPoint], None]) -> None:
    """Have ``callback`` called at every fail point of this process, until it ends. For tests only."""
    _armed.append(callback)
