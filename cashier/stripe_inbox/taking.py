"""Taking a batch of events in hand: which of them are about something of ours is one question for all of them.

Most events of an account that other programs use as well are about nothing of ours. They are done with one update for
the whole batch, and nobody asks Stripe about them.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.from_stripe.event import StripeEvent
from cashier.books.payment import Payment
from cashier.books.saved_card import StripeCustomer
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.identifiers import id_from

BATCH_MAX = 500
_IN_HAND_MAX = 100
"""How many events of ours are taken at once: no more than are asked about before their time is up."""
TAKEN_SECONDS = 60.0
"""How long events that somebody took are left alone; longer than asking Stripe takes, and harmless if not."""
_ASKED_ABOUT = ("charge.dispute", "payment_method", "refund")
"""Kinds of objects that may have to do with us although we never heard of them: Stripe knows."""
_REFUND_PREFIXES = ("re_", "pyr_")
_NAMES = (
    (Payment.stripe_session_id, ("cs_",)),
    (Payment.stripe_intent_id, ("pi_",)),
    (Payment.stripe_charge_id, ("ch_", "py_")),
)
"""Where a payment keeps its names at Stripe, by how these begin."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An event in hand; ``payment_id`` is that of the payment it is about, where it is about one.

    ``until`` is when somebody else may have taken it, on the monotonic clock.
    """

    id: str
    kind: str
    object_id: str
    attempts: int
    payment_id: uuid.UUID | None
    until: float


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What was taken at once: events of ours in groups about one payment or object, and how many were foreign."""

    groups: Sequence[list[Taken]]
    foreign: int


async def take_batch(database: Database) -> Batch | None:
    """Take the events whose turn has come, and set those aside that are about nothing of ours.

    None when there are none. Nobody else gets those that were taken for ``TAKEN_SECONDS``. Should we die meanwhile,
    somebody does after that.
    """
    waiting = sa.select(StripeEvent.__table__).where(StripeEvent.processed_at.is_(None))
    waiting = waiting.order_by(StripeEvent.attempts, StripeEvent.received_at)
    # Looking first keeps those who find nothing from taking SQLite's one right to write.
    async with database.reading() as session:
        due = waiting.where(StripeEvent.due_at <= now())
        if (await session.execute(due.limit(1))).first() is None:
            return None
    due = due.limit(BATCH_MAX).with_for_update(skip_locked=True, **ROW_LOCK)
    until = time.monotonic() + TAKEN_SECONDS
    async with database.transaction() as session:
        moment = now()
        events = (await session.execute(due)).all()
        ours, foreign = await _sorted(session, events, until)
        ours = ours[:_IN_HAND_MAX]
        await _update(session, foreign, processed_at=moment, last_error=None)
        await _update(session, [each.id for each in ours], due_at=moment + timedelta(seconds=TAKEN_SECONDS))
    return Batch(groups=_grouped(ours), foreign=len(foreign)) if events else None


async def _sorted(
    session: AsyncSession, events: Sequence[sa.Row[tuple[object, ...]]], until: float
) -> tuple[list[Taken], list[str]]:
    """Part ``events`` into ours and the keys of the foreign ones."""
    known = await _known(session, events)
    ours: list[Taken] = []
    foreign: list[str] = []
    for event in events:
        kind = kind_of(event.type, event.object_id)
        is_referred = event.payment_reference is not None
        payment_id = known.get(id_from(event.payment_reference) if is_referred else event.object_id)
        is_asked_about = kind in _ASKED_ABOUT and event.object_id != ""
        if is_asked_about or payment_id is not None or (kind == "customer" and event.object_id in known):
            ours.append(
                Taken(
                    id=event.id,
                    kind=kind,
                    object_id=event.object_id,
                    attempts=event.attempts,
                    payment_id=None if is_asked_about else payment_id,
                    until=until,
                )
            )
        else:
            foreign.append(event.id)
    return ours, foreign


async def _known(
    session: AsyncSession, events: Sequence[sa.Row[tuple[object, ...]]]
) -> dict[uuid.UUID | str | None, uuid.UUID | None]:
    """Return what of all that ``events`` name is ours: our payment by its id and its names at Stripe; customers."""
    references = {id_from(event.payment_reference) for event in events if event.payment_reference} - {None}
    names = {event.object_id for event in events if event.object_id}
    known: dict[uuid.UUID | str | None, uuid.UUID | None] = {}
    for column, beginnings in _NAMES:
        wanted = {name for name in names if name.startswith(beginnings)}
        if wanted:
            found = await session.execute(sa.select(column, Payment.id).where(column.in_(wanted)))
            known.update((name, payment_id) for name, payment_id in found)
    if references:
        for (payment_id,) in await session.execute(sa.select(Payment.id).where(Payment.id.in_(references))):
            known[payment_id] = payment_id
    customers = {name for name in names if name.startswith("cus_")}
    if customers:
        asked = sa.select(StripeCustomer.stripe_id).where(StripeCustomer.stripe_id.in_(customers))
        known.update((name, None) for (name,) in await session.execute(asked))
    return known


async def _update(session: AsyncSession, ids: Collection[str], **values: object) -> None:
    if ids:
        await session.execute(sa.update(StripeEvent).where(StripeEvent.id.in_(ids)).values(**values))


def _grouped(events: Sequence[Taken]) -> list[list[Taken]]:
    groups: dict[object, list[Taken]] = {}
    for event in events:
        groups.setdefault(event.payment_id or event.object_id, []).append(event)
    return list(groups.values())


def kind_of(type_: str, object_id: str) -> str:
    """Return what kind of object an event leads to: events of one kind about one object are one question."""
    if type_.startswith("charge.dispute."):
        return "charge.dispute"
    return "refund" if object_id.startswith(_REFUND_PREFIXES) else type_.split(".", maxsplit=1)[0]
