"""The outbox: what happened is put in order, sent to every endpoint, and read by those who ask."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx
import sqlalchemy as sa

from cashier.books.outgoing.endpoint import DeliveryState, OutgoingEndpoint
from cashier.books.outgoing.event import EventKind, OutgoingEvent, OutgoingHead
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Misconfigured, Refused
from cashier.keychain import Keychain
from cashier.language import m
from cashier.outbox.deliveries import TakenDelivery, note, take_due
from cashier.outbox.facts import EventFacts, facts_of
from cashier.outbox.positions import give_positions
from cashier.outbox.sending import Outcome, client, send
from cashier.outbox.signing import secrets_in
from cashier.settings import EventSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What happened after a position. ``next`` is where to go on; the same where nothing happened."""

    events: tuple[EventFacts, ...]
    next: int
    has_more: bool


class Outbox:
    """What the companion sends, and what it answers to those who ask."""

    def __init__(self, database: Database, keychain: Keychain, settings: EventSettings) -> None:
        """Sign with the secrets in ``keychain``; send into private networks only where ``settings`` allow them."""
        self._database = database
        self._keychain = keychain
        self._settings = settings

    async def changes(self, *, after: int, limit: int) -> Changes:
        """Return what happened after the position ``after``, oldest first: nothing before that comes later.

        Raises ``Refused`` for a position that was never given: the database was put back from a backup.
        """
        await give_positions(self._database)
        async with self._database.reading() as session:
            last = (await session.execute(sa.select(OutgoingHead.position))).scalar_one()
            if after > last:
                raise Refused(
                    m("Position {after} was never given; the last one is {last}.", after=after, last=last),
                    advice=m(
                        "The books were put back from a backup: begin anew from what is known for sure, or from 0."
                    ),
                )
            statement = (
                sa.select(OutgoingEvent)
                .where(OutgoingEvent.position > after)
                .order_by(OutgoingEvent.position)
                .limit(limit + 1)
            )
            events = (await session.scalars(statement)).all()
            facts = await facts_of(session, events[:limit])
        return Changes(
            events=tuple(facts),
            next=facts[-1].position or after if facts else after,
            has_more=len(events) > limit,
        )

    async def last_position(self) -> int:
        """Return the last position that was given."""
        await give_positions(self._database)
        async with self._database.reading() as session:
            return (await session.execute(sa.select(OutgoingHead.position))).scalar_one()

    async def send_due(self, sender: httpx.AsyncClient) -> int:
        """Put new events in order, send what is due, and note how that ended; returns how many were tried.

        Safe to be done by several at once, and to be ended anywhere: what is not noted is sent again, with its id.
        """
        await give_positions(self._database)
        taken = await take_due(self._database)
        if not taken:
            return 0
        secrets = self._secrets()
        await asyncio.gather(*(self._deliver(sender, each, secrets.get(each.name, ())) for each in taken))
        return len(taken)

    async def try_out(self, name: str) -> Outcome:
        """Send an event that says nothing to an endpoint, once, and return how that ended; nothing is noted.

        Raises ``Refused`` where there is no such endpoint, ``Misconfigured`` without a secret for it.
        """
        async with self._database.reading() as session:
            statement = sa.select(OutgoingEndpoint.url).where(OutgoingEndpoint.name == name)
            url = (await session.execute(statement)).scalar_one_or_none()
        if url is None:
            raise Refused(m("There is no endpoint “{name}”.", name=name), advice=m("See: cashier events list"))
        secrets = secrets_in(self._keychain).get(name)
        if not secrets:
            raise Misconfigured(
                m("There is no secret for the endpoint “{name}” on this machine.", name=name),
                advice=m("Store it with: cashier secret set event-secrets"),
            )
        async with client() as sender:
            return await send(sender, url, _nothing_at(now()), secrets, allowed=self._settings.private_networks)

    def sender(self) -> httpx.AsyncClient:
        """Make what sends, for as long as the companion runs; to be closed by the caller."""
        return client()

    def _secrets(self) -> Mapping[str, tuple[str, ...]]:
        try:
            return secrets_in(self._keychain)
        except Misconfigured as error:
            log.warning("secrets for events cannot be read", extra={"reason": error.message.english})
            return {}

    async def _deliver(self, sender: httpx.AsyncClient, taken: TakenDelivery, secrets: tuple[str, ...]) -> None:
        if secrets:
            allowed = self._settings.private_networks
            outcome = await send(sender, taken.url, taken.facts, secrets, allowed=allowed)
        else:
            outcome = Outcome(error="no-secret")
        state = await note(self._database, taken, outcome)
        facts = {"endpoint": taken.name, "event": str(taken.facts.id), "attempt": taken.attempts}
        how = {"status": outcome.status, "reason": outcome.error}
        if state is DeliveryState.GIVEN_UP:
            log.warning("event given up", extra=facts | how)
        elif outcome.is_gone:
            log.warning("endpoint wants no more events", extra=facts | how)
        elif not outcome.is_delivered:
            log.info("event not delivered", extra=facts | how)


def _nothing_at(moment: datetime) -> EventFacts:
    """Make an event that never happened: of nothing, about nothing."""
    return EventFacts(
        number=0,
        id=uuid.uuid4(),
        position=None,
        kind=EventKind.INVOICE_BALANCE_CHANGED,
        at=moment,
        invoices=(),
        payment_id=None,
        refund_id=None,
        dispute_id=None,
        amount_minor=0,
        currency="XXX",
        state="test",
        tender=None,
        reason=None,
    )
