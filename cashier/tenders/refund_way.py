"""How money goes back: one row a way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cashier.language import Message, mc
from cashier.tenders.purse import Purse


@dataclass(frozen=True, kw_only=True)
class RefundWayRow:
    """What is known of a way back. ``words`` are for the screen."""

    purse: Purse
    """Where the money is taken from."""
    words: Message
    on_receipt: Message
    """What the receipt of such a refund calls it; a card is named by the tender that was charged."""
    on_report: Message
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

    CARD = (
        "card",
        RefundWayRow(
            purse=Purse.STRIPE,
            words=mc("way back", "To the card"),
            on_receipt=mc("way back", "Card"),
            on_report=mc("way back", "To the card"),
        ),
    )
    """By Stripe, to the card that was charged."""
    CASH = (
        "cash",
        RefundWayRow(
            purse=Purse.DRAWER,
            words=mc("way back", "In cash"),
            on_receipt=mc("way back", "Cash"),
            on_report=mc("way back", "In cash, from the drawer"),
        ),
    )
    """From the drawer of an open shift."""
    BANK_TRANSFER = (
        "bank_transfer",
        RefundWayRow(
            purse=Purse.BANK,
            words=mc("way back", "By bank transfer"),
            on_receipt=mc("way back", "Bank transfer"),
            on_report=mc("way back", "By bank transfer"),
        ),
    )
    """By the hospital's bank: what came by cheque, transfer or the bank's terminal."""
