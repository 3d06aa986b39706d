"""What a payment does to the patient's saved cards, beside the money: it stands whether or not this works."""

from __future__ import annotations

import logging

from cashier.books import journal
from cashier.books.from_stripe.payment_report import PaymentReport
from cashier.books.payment import Payment
from cashier.cards.service import Cards
from cashier.errors import CashierError

log = logging.getLogger(__name__)


async def refresh_cards(cards: Cards, payment: Payment, actor: journal.Actor, *, agreed: str | None = None) -> None:
    """Take over what became of the patient's saved cards; that it does not work is logged.

    ``agreed`` is a card that its owner agreed with us to have kept; Stripe's page asks for that itself.
    """
    try:
        if agreed is not None:
            await cards.allow_again(agreed)
        await cards.refresh(payment.patient_id, actor)
    except CashierError as error:
        log.warning("saved cards not read", extra={"payment": payment.id, "reason": error.message.english})


def saved_card(payment: Payment, report: PaymentReport) -> str | None:
    """Return what Stripe calls the card that was saved with the payment, if one was."""
    may_be_saved = payment.tender.row.is_page or payment.saves_card
    return report.card.stripe_id if may_be_saved and report.card is not None else None
