"""Saved cards: the patient's customer at Stripe, made once, and the cards kept there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.invoice import Patient
from cashier.books.saved_card import SavedCard, StripeCustomer
from cashier.cards.keeping import former_customers, is_under_way, note_deleted_customer, take_in
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import Misconfigured, Refused, Unreachable
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.patients.records import current_of, records_of
from cashier.staff.rights import Action, require
from cashier.stripe_gateway.cards import CardAtStripe, CardsGateway, CardsOfCustomer

_ASKED_MAX = 10
"""How often Stripe is asked again because somebody else changed the same patient's cards meanwhile."""


@dataclass(frozen=True, kw_only=True)
class SavedCardView:
    """A saved card as windows show it; ``removed_at`` is set for what is only history.

    ``stripe_id`` is what Stripe calls it.
    """

    id: int
    stripe_id: str
    brand: str
    last_four: str
    expires_month: int
    expires_year: int
    is_default: bool
    saved_at: datetime
    removed_at: datetime | None

    def is_expired(self, today: date) -> bool:
        """Tell whether the card's last month is over."""
        return (self.expires_year, self.expires_month) < (today.year, today.month)


@dataclass(frozen=True, kw_only=True)
class PatientsCard:
    """A saved card by our keys."""

    card_id: int
    patient_id: int


class Cards:
    """Customers at Stripe and references to their cards; never card data.

    While a patient has cards, exactly one is the default: the one that somebody chose, here or at Stripe, where it is
    the default as well; while nobody has, the first one. A payment always names its card.
    https://docs.stripe.com/api/customers/object#customer_object-invoice_settings-default_payment_method
    """

    def __init__(self, database: Database, gateway: CardsGateway) -> None:
        """Work on ``database`` and Stripe."""
        self._database = database
        self._gateway = gateway

    async def of_patient(self, patient_id: int) -> tuple[SavedCardView, ...]:
        """List a patient's saved cards, the default one first, then the newest."""
        return tuple(card for card in await self.history_of(patient_id) if card.removed_at is None)

    async def history_of(self, patient_id: int) -> tuple[SavedCardView, ...]:
        """List a patient's cards as ``of_patient`` does, and after them those that were removed, the last first.

        A reference that was removed because the same card was saved again is no removed card.
        """
        async with self._database.reading() as session:
            whose = SavedCard.patient_id.in_(await records_of(session, patient_id))
            statement = sa.select(SavedCard).where(whose).order_by(SavedCard.id.desc())
            cards = (await session.execute(statement)).scalars().all()
        kept = sorted((card for card in cards if card.removed_at is None), key=lambda card: not card.is_default)
        shown = {_looks(card) for card in kept}
        removed = [card for card in cards if card.removed_at is not None and _looks(card) not in shown]
        removed.sort(key=lambda card: card.removed_at or card.saved_at, reverse=True)
        return tuple(_view_of(card) for card in (*kept, *removed))

    async def find_by_stripe_id(self, stripe_id: str) -> PatientsCard | None:
        """Return whose card this is; None where we keep none of that name (any more)."""
        statement = sa.select(SavedCard).where(SavedCard.stripe_id == stripe_id, SavedCard.removed_at.is_(None))
        async with self._database.reading() as session:
            card = (await session.execute(statement)).scalar_one_or_none()
            if card is None:
                return None
            return PatientsCard(card_id=card.id, patient_id=await current_of(session, card.patient_id))

    async def patient_of_customer(self, stripe_id: str) -> int | None:
        """Return whose customer at Stripe this is; None where it is nobody's."""
        statement = sa.select(StripeCustomer.patient_id).where(StripeCustomer.stripe_id == stripe_id)
        async with self._database.reading() as session:
            record = (await session.execute(statement)).scalar_one_or_none()
            return None if record is None else await current_of(session, record)

    async def known_customer_of(self, patient_id: int) -> str | None:
        """Return the patient's customer at Stripe, without making one."""
        async with self._database.reading() as session:
            known = await session.get(StripeCustomer, patient_id)
            former = await former_customers(session, patient_id)
        return None if known is None or known.stripe_id in former else known.stripe_id

    async def customer_of(self, patient_id: int) -> str:
        """Return the patient's customer at Stripe, making one when there is none.

        Safe to repeat and to race: Stripe gives the same customer for the same patient for a day, and after
        that a customer whose id was not saved here is found again by its reference.
        """
        async with self._database.reading() as session:
            known = await session.get(StripeCustomer, patient_id)
            former = await former_customers(session, patient_id)
            if known is not None and known.stripe_id not in former:
                return known.stripe_id
            reference = (await session.get_one(Patient, patient_id)).reference
        stripe_id = await self._gateway.find_customer(reference, former=former)
        stripe_id = stripe_id or await self._gateway.make_customer(reference, former=former)
        reach(FailPoint.CUSTOMER_MADE)
        try:
            return await self._keep_customer(patient_id, stripe_id, former)
        except IntegrityError:
            # Another desk was faster.
            async with self._database.reading() as session:
                return (await session.get_one(StripeCustomer, patient_id)).stripe_id

    async def refresh(self, patient_id: int, actor: journal.Actor = journal.PROGRAM) -> None:
        """Make our references the same as the cards that Stripe keeps for the patient. Safe to repeat and to race.

        What Stripe says is taken in only if our cards and their default are still those from before asking. Otherwise
        it may be older than what somebody else has taken in meanwhile, and Stripe is asked again. Of a patient whom
        the hospital merged, each record has its own customer. Raises ``Unreachable`` when Stripe does not answer, or
        when our cards change as often as it is asked.
        """
        await self._refresh(patient_id, actor)

    @again_after_circle
    async def _refresh(self, patient_id: int, actor: journal.Actor, *, chosen: str | None = None) -> None:
        for _ in range(_ASKED_MAX):
            async with self._database.reading() as session:
                customers = await _customers_of(session, await records_of(session, patient_id))
                before = _marks(await _cards_of(session, *customers))
            if not customers:
                return
            at_stripe = {record: await self._ask(customer_id) for record, customer_id in customers.items()}
            async with self._database.transaction() as session:
                # Customers are locked, not the cards: a card that two of us have just heard of has no row yet.
                now_there = await _customers_of(session, await _lock_customers(session, patient_id))
                cards = await _cards_of(session, *now_there)
                if now_there != customers or _marks(cards) != before:
                    continue
                await take_in(session, at_stripe, cards, actor, chosen=chosen)
                for record, found in at_stripe.items():
                    if found is None:
                        await note_deleted_customer(session, await session.get_one(StripeCustomer, record), actor)
                return
        raise Unreachable(m("The patient's cards are being changed elsewhere."), advice=m("Try again in a moment."))

    async def allow_again(self, stripe_id: str) -> None:
        """Note at Stripe that the owner of a card agreed to have it offered again; ``refresh`` then takes it in.

        Safe to repeat. Raises ``Unreachable`` when Stripe does not answer.
        """
        await self._gateway.allow_again(stripe_id)

    async def set_default(self, card_id: int, actor: journal.Actor) -> None:
        """Offer this card first from now on: at Stripe first, then here, so that both end alike.

        Safe to repeat and to interrupt: what was done at Stripe is taken in by the next ``refresh``. Raises
        ``Refused`` for a card that was removed, and ``Unreachable`` when it is not known whether it was done.
        """
        await require(self._database, actor, Action.KEEP_CARDS, subject=Subject.CARD, subject_id=card_id)
        card = await self._read(card_id)
        if card.removed_at is None:
            refusal = await self._choose_at_stripe(card)
            await self._refresh(card.patient_id, actor, chosen=card.stripe_id)
            card = await self._read(card_id)
            if refusal is not None and card.removed_at is None:
                raise refusal
        if card.removed_at is not None:
            raise Refused(m("This card was removed meanwhile."), advice=m("Choose another card."))

    async def _choose_at_stripe(self, card: SavedCard) -> Refused | None:
        """Make a card the default at Stripe; what Stripe refuses is returned: the card may not be there any more."""
        async with self._database.reading() as session:
            customer_id = (await session.get_one(StripeCustomer, card.patient_id)).stripe_id
        try:
            await self._gateway.choose_default(customer_id, card.stripe_id)
        except Misconfigured:
            raise
        except Refused as refusal:
            return refusal
        return None

    async def remove(self, card_id: int, actor: journal.Actor) -> None:
        """Forget a card: at Stripe first, so that it is never gone here while it could still be charged there.

        Safe to repeat and to interrupt: what was done at Stripe is taken in by the next ``refresh``. Raises
        ``Refused`` while a payment uses the card, and ``Unreachable`` when it is not known whether it was removed.
        """
        await require(self._database, actor, Action.KEEP_CARDS, subject=Subject.CARD, subject_id=card_id)
        card = await self._read(card_id)
        if card.removed_at is not None:
            return
        async with self._database.reading() as session:
            if await is_under_way(session, card.stripe_id):
                raise Refused(
                    m("A payment with this card is under way."), advice=m("Remove it when that payment is finished.")
                )
        await self._gateway.detach(card.stripe_id)
        await self.refresh(card.patient_id, actor)

    async def look_at_card(self, stripe_id: str) -> None:
        """Something happened to this card at Stripe: look after its patient's cards, if it is one of ours."""
        known = sa.select(SavedCard.patient_id).where(SavedCard.stripe_id == stripe_id)
        async with self._database.reading() as session:
            patient_id = (await session.execute(known)).scalar_one_or_none()
        if patient_id is not None:
            await self.refresh(patient_id)
            return
        customer_id = await self._gateway.customer_of_card(stripe_id)
        if customer_id is not None:
            await self.look_at_customer(customer_id)

    async def look_at_customer(self, stripe_id: str) -> None:
        """Something happened to this customer at Stripe: look after the patient's cards, if it is one of ours."""
        known = sa.select(StripeCustomer.patient_id).where(StripeCustomer.stripe_id == stripe_id)
        async with self._database.reading() as session:
            patient_id = (await session.execute(known)).scalar_one_or_none()
        if patient_id is not None:
            await self.refresh(patient_id)

    @again_after_circle
    async def _keep_customer(self, patient_id: int, stripe_id: str, former: list[str]) -> str:
        """Save the patient's customer, in the place of one that was deleted; return the one that is saved."""
        async with self._database.transaction() as session:
            known = await session.get(StripeCustomer, patient_id, with_for_update=ROW_LOCK)
            if known is None:
                session.add(StripeCustomer(patient_id=patient_id, stripe_id=stripe_id, created_at=now()))
            elif known.stripe_id in former:
                known.stripe_id, known.created_at = stripe_id, now()
            else:
                return known.stripe_id
        return stripe_id

    async def _read(self, card_id: int) -> SavedCard:
        async with self._database.reading() as session:
            card = await session.get(SavedCard, card_id)
        if card is None:
            raise Refused(m("There is no such card."), advice=m("Look at the patient's cards again."))
        return card

    async def _ask(self, customer_id: str) -> CardsOfCustomer | None:
        """List the cards at Stripe, newest first and each once; None when the customer was deleted.

        Stripe keeps a card that is saved twice as two. The older one is detached, so that the patient's one
        card is one here and there, and removing it removes it. One that a payment is using stays for now.
        """
        found = await self._gateway.cards_of(customer_id)
        if found is None:
            return None
        fingerprints: set[str] = set()
        kept: list[CardAtStripe] = []
        for card in found.cards:
            if card.fingerprint in fingerprints:
                async with self._database.reading() as session:
                    is_used = await is_under_way(session, card.stripe_id)
                if not is_used:
                    await self._gateway.detach(card.stripe_id)
                    continue
            fingerprints.add(card.fingerprint)
            kept.append(card)
        return replace(found, cards=tuple(kept))


async def _lock_customers(session: AsyncSession, patient_id: int) -> tuple[int, ...]:
    """Lock all customers of one patient, in the order of their keys; return the patient's records."""
    records = await records_of(session, patient_id)
    await session.execute(
        sa.select(StripeCustomer.patient_id)
        .where(StripeCustomer.patient_id.in_(records))
        .order_by(StripeCustomer.patient_id)
        .with_for_update(**ROW_LOCK)
    )
    return records


async def _cards_of(session: AsyncSession, *records: int) -> list[SavedCard]:
    statement = sa.select(SavedCard).where(SavedCard.patient_id.in_(records)).order_by(SavedCard.id)
    return list((await session.execute(statement)).scalars())


async def _customers_of(session: AsyncSession, records: Sequence[int]) -> dict[int, str]:
    """Return what Stripe calls each record that it knows."""
    statement = sa.select(StripeCustomer).where(StripeCustomer.patient_id.in_(records))
    found = (await session.execute(statement.order_by(StripeCustomer.patient_id))).scalars()
    return {customer.patient_id: customer.stripe_id for customer in found}


def _marks(cards: list[SavedCard]) -> dict[str, tuple[datetime | None, bool]]:
    """Return what tells whether somebody else took in a change: which were removed, and which is the default."""
    return {card.stripe_id: (card.removed_at, card.is_default) for card in cards}


def _looks(card: SavedCard) -> tuple[str, str, int, int]:
    return card.brand, card.last_four, card.expires_month, card.expires_year


def _view_of(card: SavedCard) -> SavedCardView:
    return SavedCardView(
        id=card.id,
        stripe_id=card.stripe_id,
        brand=card.brand,
        last_four=card.last_four,
        expires_month=card.expires_month,
        expires_year=card.expires_year,
        is_default=card.is_default,
        saved_at=card.saved_at,
        removed_at=card.removed_at,
    )
