"""Deliveries: taken in hand by one sender at a time, noted afterwards, tried again for three days.

Whoever takes a delivery puts its next turn off first. A sender that dies between sending and noting leaves it to the
next one, who sends the same event with the same id again: receivers tell repetitions by that.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cashier.books import journal
from cashier.books.deeds.clients import EndpointSwitched
from cashier.books.outgoing.endpoint import WAITING, DeliveryState, OutgoingDelivery, OutgoingEndpoint
from cashier.books.outgoing.event import OutgoingEvent
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.outbox.facts import EventFacts, facts_of
from cashier.outbox.sending import Outcome

AT_ONCE = 16
"""How many are sent to one endpoint at the same time."""
TAKEN = timedelta(seconds=60)
"""How long those that somebody took are left alone: longer than an attempt takes, and harmless if not."""
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
WAITS = (
    timedelta(seconds=5), 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR,
    24 * _HOUR,
)  # fmt: skip
"""How long after each attempt that failed the next one comes; after the last of them it is given up."""
_JITTER = 0.1
_RESTS = timedelta(seconds=10)
"""How long an endpoint is left alone that could not be reached at all."""
_RESTS_MAX = timedelta(hours=1)
GONE = "gone"
"""Why an endpoint is off that answered 410: it wants nothing more."""


@dataclass(frozen=True, kw_only=True)
class TakenDelivery:
    """One event in hand, for one endpoint."""

    id: int
    endpoint_id: int
    url: str
    name: str
    attempts: int
    facts: EventFacts


def _due() -> sa.Select[OutgoingDelivery]:
    """Select what may be sent now: of what is about one thing, the oldest that is not there yet."""
    earlier = aliased(OutgoingDelivery)
    moment = now()
    has_earlier = sa.exists().where(
        earlier.endpoint_id == OutgoingDelivery.endpoint_id,
        earlier.about == OutgoingDelivery.about,
        earlier.event_number < OutgoingDelivery.event_number,
        earlier.state == WAITING,
    )
    awake = sa.or_(OutgoingEndpoint.rests_until.is_(None), OutgoingEndpoint.rests_until <= moment)
    return (
        sa.select(OutgoingDelivery)
        .join(OutgoingEndpoint, OutgoingEndpoint.id == OutgoingDelivery.endpoint_id)
        .where(
            OutgoingDelivery.state == WAITING,
            OutgoingDelivery.due_at <= moment,
            OutgoingEndpoint.off_at.is_(None),
            awake,
            ~has_earlier,
        )
        .order_by(OutgoingDelivery.due_at, OutgoingDelivery.event_number)
    )


async def take_due(database: Database) -> list[TakenDelivery]:
    """Take what is to be sent now, at most ``AT_ONCE`` for each endpoint; nobody else gets it meanwhile."""
    # Looking first keeps those who find nothing from taking SQLite's one right to write.
    async with database.reading() as session:
        endpoints_due = _due().with_only_columns(OutgoingDelivery.endpoint_id).distinct().order_by(None)
        ids = (await session.scalars(endpoints_due)).all()
    if not ids:
        return []
    async with database.transaction() as session:
        taken: list[OutgoingDelivery] = []
        for endpoint_id in sorted(ids):
            statement = _due().where(OutgoingDelivery.endpoint_id == endpoint_id).limit(AT_ONCE)
            locked = statement.with_for_update(of=OutgoingDelivery, skip_locked=True, **ROW_LOCK)
            taken.extend((await session.scalars(locked)).all())
        for delivery in taken:
            delivery.due_at = now() + TAKEN
            delivery.attempts += 1
        await session.flush()
        endpoints = {each.id: each for each in await session.scalars(sa.select(OutgoingEndpoint))}
        numbers = [delivery.event_number for delivery in taken]
        events = (await session.scalars(sa.select(OutgoingEvent).where(OutgoingEvent.number.in_(numbers)))).all()
        facts = {each.number: each for each in await facts_of(session, events)}
    return [
        TakenDelivery(
            id=delivery.id,
            endpoint_id=delivery.endpoint_id,
            url=endpoints[delivery.endpoint_id].url,
            name=endpoints[delivery.endpoint_id].name,
            attempts=delivery.attempts,
            facts=facts[delivery.event_number],
        )
        for delivery in taken
    ]


async def note(database: Database, taken: TakenDelivery, outcome: Outcome) -> DeliveryState:
    """Write down how an attempt ended, and when the next one is. Safe to repeat."""
    async with database.transaction() as session:
        endpoint = await session.get_one(OutgoingEndpoint, taken.endpoint_id, with_for_update=ROW_LOCK)
        delivery = await session.get_one(OutgoingDelivery, taken.id, with_for_update=ROW_LOCK)
        moment = now()
        if delivery.state is not DeliveryState.WAITING:
            return delivery.state
        delivery.last_status, delivery.last_error = outcome.status, outcome.error or None
        if outcome.is_delivered:
            delivery.state, delivery.ended_at = DeliveryState.DELIVERED, moment
            return delivery.state
        if outcome.is_gone:
            # It waits, for whoever switches the endpoint on again.
            delivery.due_at = moment
            if endpoint.off_at is None:
                endpoint.off_at, endpoint.off_reason = moment, GONE
                switched = EndpointSwitched(endpoint=endpoint.name, is_on=False, reason=GONE)
                await journal.record(session, switched, journal.PROGRAM)
            return delivery.state
        if delivery.attempts > len(WAITS):
            delivery.state, delivery.ended_at = DeliveryState.GIVEN_UP, moment
        else:
            wait = WAITS[delivery.attempts - 1] * (1 + random.random() * _JITTER)  # noqa: S311 - nothing secret
            delivery.due_at = moment + max(wait, timedelta(seconds=outcome.retry_after_seconds))
        rest = _rest_after(outcome)
        if rest:
            endpoint.rests_until = max(endpoint.rests_until or moment, moment + rest)
        return delivery.state


def _rest_after(outcome: Outcome) -> timedelta:
    """Return how long nothing at all is sent to an endpoint: as it asked for, or when it cannot be reached."""
    if outcome.retry_after_seconds:
        return min(timedelta(seconds=outcome.retry_after_seconds), _RESTS_MAX)
    return _RESTS if outcome.status is None else timedelta()


async def again(database: Database, ids: Sequence[int]) -> int:
    """Let deliveries have their turn now, as if they had never been tried; returns how many. Safe to repeat."""
    async with database.transaction() as session:
        statement = (
            sa.update(OutgoingDelivery)
            .where(OutgoingDelivery.id.in_(ids))
            .values(state=DeliveryState.WAITING, due_at=now(), attempts=0, ended_at=None)
        )
        await session.execute(statement)
    return len(ids)
