"""What the button of the first step does, said with the amount: taking money is not going on to a page."""

from __future__ import annotations

from cashier.desk.paying.choosing.tender_offers import TenderOffer
from cashier.language import Message, m
from cashier.money import Money


def deed_of(offer: TenderOffer | None, amount: Money | None) -> Message:
    """Return what the button does with ``amount`` by ``offer``; while one of them is missing, that it goes on."""
    if offer is None or amount is None or not amount:
        return m("Continue")
    if offer.tender is None:
        return m("Use {amount} of the account", amount=amount)
    deed = offer.tender.row.deed
    return m("Continue") if deed is None else deed(amount)
