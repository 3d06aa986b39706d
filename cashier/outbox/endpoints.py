"""Endpoints: to which systems events are sent, who said so, and what has not got there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.clients import EndpointAdded, EndpointSwitched
from cashier.books.outgoing.endpoint import (
    GIVEN_UP,
    WAITING,
    DeliveryState,
    OutgoingDelivery,
    OutgoingEndpoint,
)
from cashier.books.outgoing.event import EventKind, OutgoingEvent
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import Refused
from cashier.language import m
from cashier.outbox.addresses import check_url
from cashier.outbox.deliveries import again
from cashier.outbox.positions import about, give_positions
from cashier.outbox.signing import NAME_FORM
from cashier.staff.actions import Action
from cashier.staff.rights import require

_AT_ONCE = 1000
_DECIDED = "decided"
_Counted: TypeAlias = tuple[int, datetime | None]
_NOTHING: _Counted = (0, None)


@dataclass(frozen=True, kw_only=True)
class EndpointView:
    """An endpoint, and how many events wait for it or were given up. ``oldest_at`` is when the first of them was."""

    name: str
    url: str
    off_at: datetime | None
    off_reason: str
    waiting: int
    given_up: int
    oldest_at: datetime | None
    last_status: int | None
    last_error: str | None


@dataclass(frozen=True, kw_only=True)
class GivenUp:
    """An event that did not get to an endpoint, with how the last attempt ended."""

    endpoint: str
    event_id: uuid.UUID
    kind: EventKind
    at: datetime
    last_status: int | None
    last_error: str | None


class Endpoints:
    """An administrator's work on where events are sent."""

    def __init__(self, database: Database) -> None:
        """Keep them in ``database``."""
        self._database = database

    async def all(self, actor: journal.Actor) -> tuple[EndpointView, ...]:
        """Return every endpoint, by its name."""
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        return await self.overview()

    async def overview(self) -> tuple[EndpointView, ...]:
        """Return the same for who watches the program: it names no secret and no patient."""
        async with self._database.reading() as session:
            endpoints = (await session.scalars(sa.select(OutgoingEndpoint).order_by(OutgoingEndpoint.name))).all()
            waiting = await _counted(session, WAITING)
            given_up = await _counted(session, GIVEN_UP)
            failed = {each.id: await _last_failed(session, each) for each in endpoints}
        return tuple(
            EndpointView(
                name=each.name,
                url=each.url,
                off_at=each.off_at,
                off_reason=each.off_reason,
                waiting=waiting.get(each.id, _NOTHING)[0],
                given_up=given_up.get(each.id, _NOTHING)[0],
                oldest_at=waiting.get(each.id, _NOTHING)[1],
                last_status=failed[each.id][0],
                last_error=failed[each.id][1],
            )
            for each in endpoints
        )

    async def add(self, name: str, url: str, actor: journal.Actor) -> None:
        """Send events to ``url`` from now on; what happened before is sent by ``replay``.

        Raises ``Refused`` for a name that is taken or not in its form, and for an address that is not safe.
        """
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        if not NAME_FORM.fullmatch(name):
            raise Refused(
                m("“{name}” is no name for an endpoint.", name=name),
                advice=m("Use small letters, digits and hyphens, such as hmis: the secrets are kept by that name."),
            )
        safe = check_url(url)
        try:
            async with self._database.transaction() as session:
                session.add(OutgoingEndpoint(name=name, url=safe, created_at=now()))
                await journal.record(session, EndpointAdded(endpoint=name, url=safe), actor)
        except IntegrityError:
            raise Refused(
                m("There is an endpoint “{name}” already.", name=name), advice=m("Choose another name.")
            ) from None

    async def switch(self, name: str, actor: journal.Actor, *, on: bool) -> None:
        """Send events to an endpoint, or no longer. Safe to repeat.

        What waits for it is sent when it is on again; what happens meanwhile is sent by ``replay`` alone.
        """
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        async with self._database.transaction() as session:
            endpoint = await _named(session, name)
            if (endpoint.off_at is None) is on:
                return
            endpoint.off_at = None if on else now()
            endpoint.off_reason = "" if on else _DECIDED
            endpoint.rests_until = None
            switched = EndpointSwitched(endpoint=name, is_on=on, reason=endpoint.off_reason)
            await journal.record(session, switched, actor)

    async def given_up(self, actor: journal.Actor, *, limit: int = 200) -> tuple[GivenUp, ...]:
        """Return the newest events that did not get there in three days."""
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        statement = (
            sa.select(OutgoingDelivery, OutgoingEvent, OutgoingEndpoint.name)
            .join(OutgoingEvent, OutgoingEvent.number == OutgoingDelivery.event_number)
            .join(OutgoingEndpoint, OutgoingEndpoint.id == OutgoingDelivery.endpoint_id)
            .where(OutgoingDelivery.state == GIVEN_UP)
            .order_by(OutgoingDelivery.ended_at.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            return tuple(
                GivenUp(
                    endpoint=name,
                    event_id=event.id,
                    kind=event.kind,
                    at=event.at,
                    last_status=delivery.last_status,
                    last_error=delivery.last_error,
                )
                for delivery, event, name in await session.execute(statement)
            )

    async def replay_one(self, name: str, event_id: uuid.UUID, actor: journal.Actor) -> int:
        """Send one event again, with the same id. Raises ``Refused`` where there is none."""
        return await self._replay(name, OutgoingEvent.id == event_id, actor)

    async def replay_since(self, name: str, since: datetime, actor: journal.Actor) -> int:
        """Send everything since a moment again, in its order; returns how many. Raises ``Refused`` for none."""
        return await self._replay(name, OutgoingEvent.at >= since, actor)

    async def _replay(self, name: str, which: sa.ColumnElement[bool], actor: journal.Actor) -> int:
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        await give_positions(self._database)
        last, count = 0, 0
        while True:
            ids, last = await self._made(name, which, after=last)
            if not ids:
                break
            count += await again(self._database, ids)
        if not count:
            raise Refused(m("There is no such event."), advice=m("See: cashier events given-up"))
        return count

    async def _made(self, name: str, which: sa.ColumnElement[bool], *, after: int) -> tuple[list[int], int]:
        """Return the deliveries of the next events, made where an event never was on its way, and the last number."""
        async with self._database.transaction() as session:
            endpoint = await _named(session, name)
            statement = (
                sa.select(OutgoingEvent)
                .where(which, OutgoingEvent.number > after, OutgoingEvent.position.is_not(None))
                .order_by(OutgoingEvent.number)
                .limit(_AT_ONCE)
            )
            events = (await session.scalars(statement)).all()
            on_its_way = sa.select(OutgoingDelivery.event_number, OutgoingDelivery.id).where(
                OutgoingDelivery.endpoint_id == endpoint.id,
                OutgoingDelivery.event_number.in_([event.number for event in events]),
            )
            known = {row.event_number: row.id for row in await session.execute(on_its_way)}
            made = [
                OutgoingDelivery(
                    endpoint_id=endpoint.id,
                    event_number=event.number,
                    about=about(event),
                    state=DeliveryState.WAITING,
                    due_at=now(),
                )
                for event in events
                if event.number not in known
            ]
            session.add_all(made)
            await session.flush()
        return [*known.values(), *(each.id for each in made)], events[-1].number if events else after


async def _counted(session: AsyncSession, state: sa.ColumnElement[DeliveryState]) -> dict[int, _Counted]:
    """Count what is in a state, by the endpoint's key, and tell when the first of it happened."""
    statement = (
        sa.select(OutgoingDelivery.endpoint_id, sa.func.count(), sa.func.min(OutgoingEvent.at))
        .join(OutgoingEvent, OutgoingEvent.number == OutgoingDelivery.event_number)
        .where(OutgoingDelivery.state == state)
        .group_by(OutgoingDelivery.endpoint_id)
    )
    return {endpoint_id: (count, first_at) for endpoint_id, count, first_at in await session.execute(statement)}


async def _last_failed(session: AsyncSession, endpoint: OutgoingEndpoint) -> tuple[int | None, str | None]:
    """Return how the last attempt with the oldest event that still waits has ended."""
    statement = (
        sa.select(OutgoingDelivery.last_status, OutgoingDelivery.last_error)
        .where(
            OutgoingDelivery.endpoint_id == endpoint.id,
            OutgoingDelivery.state == WAITING,
            OutgoingDelivery.attempts > 0,
        )
        .order_by(OutgoingDelivery.event_number)
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return (row[0], row[1]) if row else (None, None)


async def _named(session: AsyncSession, name: str) -> OutgoingEndpoint:
    statement = sa.select(OutgoingEndpoint).where(OutgoingEndpoint.name == name).with_for_update(**ROW_LOCK)
    endpoint = (await session.execute(statement)).scalar_one_or_none()
    if endpoint is None:
        raise Refused(m("There is no endpoint “{name}”.", name=name), advice=m("See: cashier events list"))
    return endpoint
