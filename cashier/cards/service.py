"""Saved cards: the patient's customer at Stripe, made once, and the cards kept there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashier import journal
from cashier.cards.model import SavedCard, StripeCustomer
from cashier.database import ROW_LOCK, Database, now
from cashier.failpoints import FailPoint, reach
from cashier.invoices.model import Patient
from cashier.payments.news import CardFacts
from cashier.stripe_gateway.gateway import StripeGateway


@dataclass(frozen=True, kw_only=True)
class SavedCardView:
    """A saved card as the dialog offers it."""

    id: int
    brand: str
    last_four: str
    expires_month: int
    expires_year: int
    is_default: bool

    def is_expired(self, today: date) -> bool:
        """Tell whether the card's last month is over."""
        return (self.expires_year, self.expires_month) < (today.year, today.month)


class Cards:
    """Customers at Stripe and references to their cards; never card data."""

    def __init__(self, database: Database, gateway: StripeGateway) -> None:
        """Work on ``database`` and Stripe."""
        self._database = database
        self._gateway = gateway

    async def of_patient(self, patient_id: int) -> tuple[SavedCardView, ...]:
        """List a patient's saved cards, the default one first, then the newest."""
        statement = (
            sa.select(SavedCard)
            .where(SavedCard.patient_id == patient_id, SavedCard.removed_at.is_(None))
            .order_by(SavedCard.is_default.desc(), SavedCard.id.desc())
        )
        async with self._database.reading() as session:
            cards = (await session.execute(statement)).scalars().all()
        return tuple(
            SavedCardView(
                id=card.id,
                brand=card.brand,
                last_four=card.last_four,
                expires_month=card.expires_month,
                expires_year=card.expires_year,
                is_default=card.is_default,
            )
            for card in cards
        )

    async def customer_of(self, patient_id: int) -> str:
        """Return the patient's customer at Stripe, making one when there is none.

        Safe to repeat and to race: Stripe gives the same customer for the same patient for a day, and after
        that a customer whose id was not saved here is found again by its reference.
        """
        async with self._database.reading() as session:
            known = await session.get(StripeCustomer, patient_id)
            if known is not None:
                return known.stripe_id
            patient = await session.get_one(Patient, patient_id)
        stripe_id = await self._find_or_make(patient.reference)
        reach(FailPoint.CUSTOMER_MADE)
        try:
            async with self._database.transaction() as session:
                session.add(StripeCustomer(patient_id=patient_id, stripe_id=stripe_id, created_at=now()))
                await session.flush()
        except IntegrityError:
            # Another desk was faster.
            async with self._database.reading() as session:
                return (await session.get_one(StripeCustomer, patient_id)).stripe_id
        return stripe_id

    async def refresh(self, patient_id: int, actor: journal.Actor = journal.PROGRAM) -> None:
        """Make our references the same as the cards that Stripe keeps for the patient. Safe to repeat."""
        async with self._database.reading() as session:
            customer = await session.get(StripeCustomer, patient_id)
        if customer is None:
            return
        at_stripe = {
            card.stripe_id: card for card in await self._gateway.cards_of(customer.stripe_id) if card.stripe_id
        }
        async with self._database.transaction() as session:
            # The customer is locked, not the cards: a card that two of us have just heard of has no row yet.
            await session.get_one(StripeCustomer, patient_id, with_for_update=ROW_LOCK)
            statement = sa.select(SavedCard).where(SavedCard.patient_id == patient_id)
            ours = {card.stripe_id: card for card in (await session.execute(statement)).scalars()}
            for stripe_id, card in ours.items():
                if stripe_id not in at_stripe and card.removed_at is None:
                    card.removed_at, card.is_default = now(), False
                    await _record(session, "card removed", card, actor)
            await session.flush()
            for facts in reversed(at_stripe.values()):
                await _keep(session, patient_id, facts, ours, actor)

    async def patient_of_customer(self, stripe_id: str) -> int | None:
        """Return the patient with this customer at Stripe."""
        async with self._database.reading() as session:
            statement = sa.select(StripeCustomer.patient_id).where(StripeCustomer.stripe_id == stripe_id)
            return (await session.execute(statement)).scalar_one_or_none()

    async def patient_of_card(self, stripe_id: str) -> int | None:
        """Return the patient with this saved card."""
        async with self._database.reading() as session:
            statement = sa.select(SavedCard.patient_id).where(SavedCard.stripe_id == stripe_id)
            return (await session.execute(statement)).scalar_one_or_none()

    async def _find_or_make(self, reference: uuid.UUID) -> str:
        return await self._gateway.find_customer(reference) or await self._gateway.make_customer(reference)


async def _keep(
    session: AsyncSession, patient_id: int, facts: CardFacts, ours: dict[str, SavedCard], actor: journal.Actor
) -> None:
    stripe_id = facts.stripe_id or ""
    card = ours.get(stripe_id)
    if card is None:
        has_default = any(each.is_default for each in ours.values())
        card = ours[stripe_id] = SavedCard(
            patient_id=patient_id, stripe_id=stripe_id, is_default=not has_default, saved_at=now()
        )
        session.add(card)
    elif (card.expires_year, card.expires_month, card.removed_at) == (facts.expires_year, facts.expires_month, None):
        return
    card.brand, card.last_four = facts.brand, facts.last_four
    card.expires_month, card.expires_year = facts.expires_month, facts.expires_year
    card.removed_at = None
    await session.flush()
    await _record(session, "card saved", card, actor)


async def _record(session: AsyncSession, action: str, card: SavedCard, actor: journal.Actor) -> None:
    await journal.record(
        session, action, subject="patient", subject_id=card.patient_id, actor=actor, facts={"card": card.stripe_id}
    )
