"""What the button of the first step does, said with the amount: taking money is not going on to a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cashier.desk.paying.choosing.tender_offers import TenderOffer
from cashier.language import Message, m
from cashier.money import Money
from cashier.tenders.tender import Tender

DEEDS: Mapping[Tender, Callable[[Money], Message]] = {
    Tender.READER: lambda amount: m("Ask the reader for {amount}", amount=amount),
    Tender.PHONE: lambda amount: m("Show the code for {amount}", amount=amount),
    Tender.CHECKOUT: lambda amount: m("Open the page for {amount}", amount=amount),
    Tender.KEYED: lambda amount: m("Have {amount} typed into the reader", amount=amount),
    Tender.CASH: lambda amount: m("Take {amount} cash", amount=amount),
    Tender.CHEQUE: lambda amount: m("Take {amount} by cheque", amount=amount),
    Tender.BANK_TRANSFER: lambda amount: m("Take {amount} by transfer", amount=amount),
    Tender.EXTERNAL_TERMINAL: lambda amount: m("Take {amount} by the bank's terminal", amount=amount),
    Tender.SAVED_CARD: lambda amount: m("Charge {amount} to this card …", amount=amount),
}
"""By the tender; a test proves it complete. A saved card is asked about once more before it is charged."""


def deed_of(offer: TenderOffer | None, amount: Money | None) -> Message:
    """Return what the button does with ``amount`` by ``offer``; while one of them is missing, that it goes on."""
    if offer is None or amount is None or not amount:
        return m("Continue")
    if offer.tender is None:
        return m("Use {amount} of the account", amount=amount)
    return DEEDS[offer.tender](amount)
