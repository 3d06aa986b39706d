"""A card that the patient had saved before; its bank may ask for more on a page."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.from_stripe.payment_report import PaymentReport
from cashier.books.payment import Payment
from cashier.books.saved_card import SavedCard
from cashier.channels.at_stripe import AtStripe, description_of
from cashier.channels.channel import Coins, Means
from cashier.errors import Refused
from cashier.language import m
from cashier.patients.records import current_of
from cashier.stripe_gateway.gateway import SavedCardOrder


class BySavedCard(AtStripe):
    """Charges a card by its reference. Opening charges it, so that it is never done by a cancellation."""

    async def check(self, session: AsyncSession, means: Means) -> Coins:
        """Raise ``Refused`` unless the card is saved for the patient."""
        coins = await super().check(session, means)
        await card_of_patient(session, means.saved_card_id, patient_id=means.patient_id)
        return coins

    async def _customer_of(self, payment: Payment) -> str:
        """Return the customer that the card is saved with: of a merged patient, that of an old record."""
        async with self._database.reading() as session:
            card = await session.get_one(SavedCard, payment.saved_card_id)
        return await self._cards.customer_of(card.patient_id)

    async def _send(self, payment: Payment, customer_id: str, entry: str) -> PaymentReport:
        async with self._database.reading() as session:
            card = await session.get_one(SavedCard, payment.saved_card_id)
        order = SavedCardOrder(
            payment_id=payment.id,
            entry=entry,
            amount=payment.amount,
            description=description_of(payment),
            customer_id=customer_id,
            card_id=card.stripe_id,
            return_url=f"{payment.return_base}/paid/{payment.id}",
        )
        return await self._gateway.charge_saved_card(order)


async def card_of_patient(session: AsyncSession, card_id: int | None, *, patient_id: int) -> SavedCard:
    """Return the card. Raises ``Refused`` unless it is saved for the patient, now; with an old record counts, too."""
    card = await session.get(SavedCard, card_id) if card_id is not None else None
    whose = None if card is None else await current_of(session, card.patient_id)
    if card is None or whose != patient_id or card.removed_at is not None:
        raise Refused(m("This card is not saved for the patient any more."), advice=m("Choose another card."))
    return card
