"""The table of a patient's saved cards: those that can be charged, and below them those that were removed."""

from __future__ import annotations

from datetime import date

from cashier import clock
from cashier.cards.service import SavedCardView
from cashier.desk.kit import words
from cashier.desk.kit.controls import Tone
from cashier.desk.tables.columns import Column, Width
from cashier.language import NOTHING, Message, m, mc, verbatim


def card_status(card: SavedCardView, today: date, time_zone: str) -> tuple[Message, Tone]:
    """Say how a saved card stands; nothing where there is nothing to say."""
    if card.removed_at is not None:
        return m("Removed {moment}", moment=words.day_and_time(card.removed_at, time_zone)), Tone.PAST
    if card.is_expired(today):
        return m("Default, but expired") if card.is_default else mc("of a card", "Expired"), Tone.BAD
    return (mc("of a card", "Default"), Tone.ACCENT) if card.is_default else (NOTHING, Tone.NEUTRAL)


def card_columns(time_zone: str) -> tuple[Column[SavedCardView], ...]:
    """Return the columns; moments are written as the clocks in ``time_zone`` show them."""

    def status(card: SavedCardView) -> tuple[Message, Tone]:
        return card_status(card, clock.today(time_zone), time_zone)

    return (
        Column(
            name="card",
            heading=m("Card"),
            text=lambda card: words.card(card.brand, card.last_four),
            tone=_past,
            width=Width.REST,
        ),
        Column(
            name="expires",
            heading=mc("of a card", "Expires"),
            text=lambda card: verbatim(f"{card.expires_month:02}/{card.expires_year}"),
            tone=_past,
        ),
        Column(
            name="saved",
            heading=mc("of a card", "Saved"),
            text=lambda card: words.day_and_time(card.saved_at, time_zone),
            tone=_past,
        ),
        Column(
            name="status",
            heading=m("Status"),
            text=lambda card: status(card)[0],
            tone=lambda card: status(card)[1],
        ),
    )


def _past(card: SavedCardView) -> Tone | None:
    return None if card.removed_at is None else Tone.PAST
