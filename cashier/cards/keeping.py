"""What changes in our references to cards, in a running transaction whose customer is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.records import CardChange, CardChanged, CustomerDeleted
from cashier.books.payment import Payment, PaymentState
from cashier.books.saved_card import FormerCustomer, SavedCard, StripeCustomer
from cashier.clock import now
from cashier.patients.records import records_of
from cashier.stripe_gateway.cards import CardAtStripe, CardsOfCustomer


async def take_in(
    session: AsyncSession,
    at_stripe: Mapping[int, CardsOfCustomer | None],
    cards: Sequence[SavedCard],
    actor: journal.Actor,
    *,
    chosen: str | None = None,
) -> None:
    """Make ``cards``, which are those of all records of one patient, the same as what Stripe keeps for each record.

    None: the record's customer was deleted. One card of them all is the default: one that is the default at Stripe,
    of several customers the ``chosen`` one, else the one that was; while Stripe knows of none, the first one.
    """
    kept = list(cards)
    for record_id, found in at_stripe.items():
        kept += await _take_in_record(session, record_id, () if found is None else found.cards, cards, actor)
    left = [card for card in kept if card.removed_at is None]
    defaults = {found.default_id for found in at_stripe.values() if found is not None}
    wanted = [card for card in left if card.stripe_id in defaults]
    wanted = [card for card in wanted if card.stripe_id == chosen] or wanted
    current = next((card for card in left if card.is_default), None)
    if not left or current in wanted or (current is not None and not wanted):
        return
    await _make_default(session, max(wanted or left, key=lambda card: card.id), kept, actor)


async def _take_in_record(
    session: AsyncSession,
    record_id: int,
    at_stripe: Sequence[CardAtStripe],
    cards: Sequence[SavedCard],
    actor: journal.Actor,
) -> list[SavedCard]:
    """Make this record's ``cards`` the same as the cards ``at_stripe``, newest first; return those that are new."""
    ours = [card for card in cards if card.patient_id == record_id]
    known = {card.stripe_id: card for card in ours}
    still_there = {facts.stripe_id for facts in at_stripe}
    new: list[SavedCard] = []
    for card in ours:
        if card.removed_at is None and card.stripe_id not in still_there:
            card.removed_at, card.is_default = now(), False
            await _record(session, DeedKind.CARD_REMOVED, card, actor)
    for facts in reversed(at_stripe):
        found = known.get(facts.stripe_id)
        if found is None:
            found = SavedCard(patient_id=record_id, stripe_id=facts.stripe_id, is_default=False, saved_at=now())
            new.append(found)
            session.add(found)
            change: CardChange = DeedKind.CARD_SAVED
        elif found.removed_at is not None:
            change = DeedKind.CARD_SAVED
        elif _is_same(found, facts):
            continue
        else:
            change = DeedKind.CARD_UPDATED
        found.brand, found.last_four = facts.brand, facts.last_four
        found.expires_month, found.expires_year = facts.expires_month, facts.expires_year
        found.removed_at = None
        await _record(session, change, found, actor)
    return new


async def _make_default(
    session: AsyncSession, chosen: SavedCard, cards: list[SavedCard], actor: journal.Actor
) -> None:
    """Make ``chosen`` the default among the patient's ``cards``."""
    for card in cards:
        card.is_default = False
    # An index allows one default at any moment, so the old one has to go first.
    await session.flush()
    chosen.is_default = True
    await _record(session, DeedKind.CARD_MADE_DEFAULT, chosen, actor)


async def former_customers(session: AsyncSession, patient_id: int) -> list[str]:
    """Return the patient's customers that were deleted at Stripe."""
    statement = sa.select(FormerCustomer.stripe_id).where(FormerCustomer.patient_id == patient_id)
    return list((await session.execute(statement.order_by(FormerCustomer.deleted_at))).scalars())


async def note_deleted_customer(session: AsyncSession, customer: StripeCustomer, actor: journal.Actor) -> None:
    """Let the next payment make a new customer: this one was deleted at Stripe.

    Not yet while a payment may still have to be opened: that call has to be repeated to the letter.
    """
    whose = await records_of(session, customer.patient_id)
    opening = sa.exists().where(Payment.patient_id.in_(whose), Payment.state == PaymentState.PREPARED)
    if (await session.execute(sa.select(opening))).scalar_one():
        return
    if customer.stripe_id in await former_customers(session, customer.patient_id):
        return
    session.add(FormerCustomer(stripe_id=customer.stripe_id, patient_id=customer.patient_id, deleted_at=now()))
    await session.flush()
    deed = CustomerDeleted(patient=customer.patient_id, customer=customer.stripe_id)
    await journal.record(session, deed, actor)


async def is_under_way(session: AsyncSession, stripe_id: str) -> bool:
    """Tell whether an unfinished payment uses this card."""
    using = sa.exists().where(
        SavedCard.stripe_id == stripe_id,
        Payment.saved_card_id == SavedCard.id,
        Payment.state.not_in((PaymentState.PAID, PaymentState.CANCELLED)),
    )
    return bool((await session.execute(sa.select(using))).scalar_one())


def _is_same(card: SavedCard, facts: CardAtStripe) -> bool:
    return (card.brand, card.last_four, card.expires_month, card.expires_year) == (
        facts.brand, facts.last_four, facts.expires_month, facts.expires_year,
    )  # fmt: skip


async def _record(session: AsyncSession, change: CardChange, card: SavedCard, actor: journal.Actor) -> None:
    await journal.record(session, CardChanged(kind=change, patient=card.patient_id, card=card.stripe_id), actor)
