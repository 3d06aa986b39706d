"""Which verbs belong to which channel."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.cards.service import Cards
from cashier.channels.channel import PaymentChannel
from cashier.channels.in_hand import InHand
from cashier.channels.own_page import OnOwnPage
from cashier.channels.page import OnPage
from cashier.channels.reader import AtReader
from cashier.channels.saved_card import BySavedCard
from cashier.database import Database
from cashier.stripe_gateway.gateway import StripeGateway
from cashier.tenders.tender import Channel


def channels_of(database: Database, gateway: StripeGateway, cards: Cards) -> Mapping[Channel, PaymentChannel]:
    """Return every channel, working on ``database`` and Stripe; a test proves it complete."""
    return {
        Channel.PAGE: OnPage(database, gateway, cards),
        Channel.SAVED_CARD: BySavedCard(database, gateway, cards),
        Channel.READER: AtReader(database, gateway, cards),
        Channel.OWN_PAGE: OnOwnPage(database, gateway, cards),
        Channel.IN_HAND: InHand(),
    }
