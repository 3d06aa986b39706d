"""The situations of the payment dialog, and what there is to say in each; ``faces/table.py`` says it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cashier.desk.kit.controls import Tone
from cashier.desk.paying.payment_actions import Action
from cashier.language import Message


class Face(StrEnum):
    """A situation of the payment dialog."""

    AMOUNT = "amount"
    NOTHING_DUE = "nothing_due"
    """Nothing of what was chosen is to be paid any more."""
    TO_CHARGE = "to_charge"
    """A saved card and an amount wait for the word of the cashier."""
    DOUBTED = "doubted"
    """It can be taken, and hardly anybody means it: nothing was written down yet."""
    OPENING = "opening"
    CHARGING = "charging"
    ASKING = "asking"
    SAVING = "saving"
    NOT_SAVED = "not_saved"
    PAGE = "page"
    PHONE = "phone"
    READER = "reader"
    KEYING = "keying"
    CHALLENGE = "challenge"
    CONFIRMING = "confirming"
    PENDING = "pending"
    """The bank decides in days, and nobody waits for it."""
    PAID = "paid"
    PART_PAID = "part_paid"
    FROM_ACCOUNT = "from_account"
    PART_FROM_ACCOUNT = "part_from_account"
    """Some of it was paid from the account, and more is left to pay."""
    DECLINED_ON_PAGE = "declined_on_page"
    DECLINED_ON_PHONE = "declined_on_phone"
    DECLINED_AT_READER = "declined_at_reader"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    PAGE_UNSEEN = "page_unseen"
    """The patient can go on with the page, and nobody here learns what comes of it just now."""
    PHONE_UNSEEN = "phone_unseen"
    UNWRITTEN = "unwritten"
    """The database fails to take in what Stripe says."""
    PAID_UNWRITTEN = "paid_unwritten"
    CLOSING = "closing"
    STILL_OPEN = "still_open"
    NOT_CLOSED = "not_closed"
    """It was to be taken back, and the database fails."""
    HELD = "held"
    TAKING_OVER = "taking_over"
    TAKEN_OVER = "taken_over"
    REFUSED = "refused"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, kw_only=True)
class FaceWords:
    """How a situation looks.

    ``enter`` is the action that Enter means; a situation that follows an Enter at once has none, so that a
    second one by mistake does nothing.
    """

    title: Message
    tone: Tone
    icon: str
    text: Message
    actions: tuple[Action, ...]
    enter: Action | None = None
    is_busy: bool = False
    """Something is under way and a moving bar says so."""


OVER = frozenset({Face.PAID, Face.FROM_ACCOUNT})
"""All that was wanted is paid: nothing is left but to look at it and to hand out its receipt."""
