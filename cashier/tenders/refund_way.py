"""How money goes back: one row a way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


@dataclass(frozen=True, kw_only=True)
class RefundWayRow:
    """What is known of a way back. ``words`` are for the screen."""

    words: str
    on_receipt: str
    """What the receipt of such a refund calls it; a card is named by the tender that was charged."""
    on_report: str
    """What the report of a shift calls it."""


class RefundWay(StrEnum):
    """How money goes back."""

    _value_: str
    row: RefundWayRow

    def __new__(cls, code: str, row: RefundWayRow | None = None) -> Self:
        """Make the member of one row. Raises ``TypeError`` for a code without a row."""
        if row is None:
            raise TypeError(f"the way back “{code}” has no row")
        member = str.__new__(cls, code)
        member._value_ = code
        member.row = row
        return member

    CARD = "card", RefundWayRow(words="To the card", on_receipt="Card", on_report="To the card")
    """By Stripe, to the card that was charged."""
    CASH = "cash", RefundWayRow(words="In cash", on_receipt="Cash", on_report="In cash, from the drawer")
    """From the drawer of an open shift."""
    BANK_TRANSFER = (
        "bank_transfer",
        RefundWayRow(words="By bank transfer", on_receipt="Bank transfer", on_report="By bank transfer"),
    )
    """By the hospital's bank: what came by cheque, transfer or the bank's terminal."""
