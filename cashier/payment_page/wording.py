"""What the page says of each state, to whoever pays. No name, no record number: links are forwarded."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.language import Message, m
from cashier.payment_page.views import PageState

STATE_WORDS: Mapping[PageState, Message] = {
    PageState.OPEN: m("Nothing was charged so far."),
    PageState.PROCESSING: m("The bank is still confirming the payment. Do not pay a second time."),
    PageState.PAID: m("Thank you, this is paid."),
    PageState.DECLINED: m("The bank did not approve this card."),
    PageState.CANCELED: m("This payment was given up. Nothing was charged."),
    PageState.CHANGED: m("The hospital has changed this invoice. Nothing was charged; look at the new amount."),
    PageState.HELD: m(
        "A payment for this invoice is being taken at the hospital just now. Nothing was charged here; look again in "
        "a few minutes."
    ),
    PageState.AGAIN: m(
        "The same amount was paid to the hospital a moment ago. Pay this as well only if it is another bill."
    ),
    PageState.REFUSED: m("This cannot be paid here just now. Nothing was charged."),
    PageState.UNKNOWN: m(
        "It is not known yet whether the payment came through. Do not pay a second time; this page looks again."
    ),
}
"""The sentence of each state where nothing more is known; a test holds the table against ``PageState``."""

PAID_ELSEWHERE = m("This invoice was paid at the hospital meanwhile. Nothing was charged here.")
ALREADY_PAID = m("This invoice is paid. There is nothing to pay.")
TAKEN_OVER = m("The hospital's desk has taken this payment back to take it there. Nothing was charged here.")
LINK_ENDED = m("The hospital has ended this link. Nothing was charged.")
NOT_OPEN = m("The hospital takes no payments over this page just now.")
NOT_CHARGEABLE = m("This amount cannot be paid by card. Ask the hospital's desk.")
