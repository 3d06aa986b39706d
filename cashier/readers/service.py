"""The card readers of the desks: who stands where, and whether it is ready.

Setting one up is an administrator's work; using one is not. A removed reader stays on record for the payments that
it took.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.card_reader import CardReader
from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.deeds.records import ReaderChange, ReaderChanged
from cashier.books.hospital import Desk, Hospital
from cashier.books.payment import Payment, PaymentState
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import Refused
from cashier.language import Message, m, mc
from cashier.money import Money
from cashier.staff.rights import Action, require
from cashier.stripe_gateway.terminal import LocationAddress, ReaderFacts, TerminalGateway, is_reader_id

_LABEL_LENGTH_MAX = 80


class ReaderCondition(StrEnum):
    """What a reader can do just now."""

    READY = "ready"
    BUSY = "busy"
    OFFLINE = "offline"
    GONE = "gone"


CONDITION_WORDS: Mapping[ReaderCondition, Message] = {
    ReaderCondition.READY: mc("of a card reader", "ready"),
    ReaderCondition.BUSY: mc("of a card reader", "busy with a payment"),
    ReaderCondition.OFFLINE: mc("of a card reader", "not connected"),
    ReaderCondition.GONE: mc("of a card reader", "not registered at Stripe any more"),
}
"""What a reader can do just now, in words."""


@dataclass(frozen=True, kw_only=True)
class ReaderView:
    """A card reader that stands at a desk."""

    id: int
    desk_id: int
    desk: str
    stripe_id: str
    label: str
    device_type: str
    registered_at: datetime


class Readers:
    """The card readers of all desks."""

    def __init__(self, database: Database, terminal: TerminalGateway) -> None:
        """Work on ``database`` and Stripe."""
        self._database = database
        self._terminal = terminal

    async def register(
        self, desk_id: int, code: str, label: str, actor: journal.Actor, *, address: LocationAddress | None = None
    ) -> ReaderView:
        """Register the reader that shows ``code`` for a desk; one that Stripe has already is named by its id.

        ``address`` is where the hospital's readers stand; Stripe has to be told before the first one. Raises
        ``Refused`` when that is missing, when the code is wrong, or when a desk has this reader already.
        """
        code, label = code.strip(), _tidied(label)
        await require(self._database, actor, Action.MANAGE_READERS)
        async with self._database.reading() as session:
            if await session.get(Desk, desk_id) is None:
                raise Refused(m("There is no such desk."), advice=m("Add it with: cashier setup --add-desk"))
            hospital = await session.get_one(Hospital, 1)
        if is_reader_id(code):
            facts = await self._adopted(code)
        else:
            facts = await self._terminal.register(code, label, await self._location(hospital.name, address))
        async with self._database.transaction() as session:
            reader = await _placed(session, facts, desk_id, label)
            await _record(session, DeedKind.READER_REGISTERED, reader, actor)
            return await _view(session, reader.id)

    async def of_desk(self, desk_id: int) -> tuple[ReaderView, ...]:
        """Return the readers of a desk, by their labels."""
        async with self._database.reading() as session:
            return await _views(session, CardReader.desk_id == desk_id)

    async def everywhere(self) -> tuple[ReaderView, ...]:
        """Return the readers of all desks, by desk and label."""
        async with self._database.reading() as session:
            return await _views(session, sa.true())

    async def without_desk(self) -> tuple[ReaderFacts, ...]:
        """Return the readers that Stripe has and no desk of ours."""
        ours = {reader.stripe_id for reader in await self.everywhere()}
        return tuple(each for each in await self._terminal.list_readers() if each.stripe_id not in ours)

    async def readiness(self, reader_id: int) -> ReaderCondition:
        """Ask Stripe whether a reader could take a payment now; a dead one looks connected for up to two minutes."""
        facts = await self._terminal.look_at((await self._read(reader_id)).stripe_id)
        if facts is None:
            return ReaderCondition.GONE
        if not facts.is_online:
            return ReaderCondition.OFFLINE
        return ReaderCondition.BUSY if facts.asks_for is not None else ReaderCondition.READY

    async def show_amount(self, reader_id: int, amount: Money) -> None:
        """Show the patient the amount on the reader before a card is asked for.

        Raises ``ReaderBusy`` or ``ReaderOffline``; nothing depends on this.
        """
        await self._terminal.show_amount((await self._read(reader_id)).stripe_id, amount)

    async def clear_amount(self, reader_id: int) -> None:
        """Take back what ``show_amount`` showed; a payment that has begun meanwhile is left alone."""
        stripe_id = (await self._read(reader_id)).stripe_id
        facts = await self._terminal.look_at(stripe_id)
        if facts is not None and facts.action is not None and facts.action.is_cart:
            await self._terminal.put_to_rest(stripe_id)

    async def rename(self, reader_id: int, label: str, actor: journal.Actor) -> ReaderView:
        """Give a reader another label, at Stripe as well."""
        label = _tidied(label)
        await require(self._database, actor, Action.MANAGE_READERS, subject=Subject.READER, subject_id=reader_id)
        await self._terminal.rename((await self._read(reader_id)).stripe_id, label)
        async with self._database.transaction() as session:
            reader = await session.get_one(CardReader, reader_id, with_for_update=ROW_LOCK)
            reader.label = label
            await _record(session, DeedKind.READER_RENAMED, reader, actor)
            return await _view(session, reader_id)

    async def remove(self, reader_id: int, actor: journal.Actor) -> None:
        """Take a reader away from its desk and out of Stripe's account; its payments stay. Safe to repeat.

        Raises ``Refused`` while it takes a payment.
        """
        await require(self._database, actor, Action.MANAGE_READERS, subject=Subject.READER, subject_id=reader_id)
        async with self._database.reading() as session:
            await _refuse_in_use(session, reader_id)
        await self._terminal.remove((await self._read(reader_id)).stripe_id)
        async with self._database.transaction() as session:
            reader = await session.get_one(CardReader, reader_id, with_for_update=ROW_LOCK)
            if reader.removed_at is None:
                reader.removed_at = now()
                await _record(session, DeedKind.READER_REMOVED, reader, actor)

    async def _adopted(self, stripe_id: str) -> ReaderFacts:
        facts = await self._terminal.look_at(stripe_id)
        if facts is None:
            raise Refused(
                m("Stripe has no reader {reader}.", reader=stripe_id),
                advice=m("See which there are: cashier reader list"),
            )
        return facts

    async def _location(self, hospital: str, address: LocationAddress | None) -> str:
        known = await self._terminal.find_location()
        if known is not None:
            return known
        if address is None:
            raise Refused(
                m("Stripe has to be told first where the hospital's readers stand."),
                advice=m("Give --street, --postal-code, --city and --country (two letters) with the first reader."),
            )
        return await self._terminal.make_location(hospital, address)

    async def _read(self, reader_id: int) -> CardReader:
        async with self._database.reading() as session:
            reader = await session.get(CardReader, reader_id)
        if reader is None:
            raise Refused(m("There is no such card reader."), advice=m("Choose another way to pay."))
        return reader


async def _placed(session: AsyncSession, facts: ReaderFacts, desk_id: int, label: str) -> CardReader:
    """Put a reader at a desk; one that had been removed comes back with its history."""
    statement = sa.select(CardReader).where(CardReader.stripe_id == facts.stripe_id).with_for_update(**ROW_LOCK)
    reader = (await session.execute(statement)).scalar_one_or_none()
    if reader is None:
        reader = CardReader(
            desk_id=desk_id,
            stripe_id=facts.stripe_id,
            label=label,
            device_type=facts.device_type,
            registered_at=now(),
        )
        session.add(reader)
    elif reader.removed_at is None:
        desk = await session.get_one(Desk, reader.desk_id)
        raise Refused(
            m("This reader stands at desk {desk} already.", desk=desk.code), advice=m("Remove it there first.")
        )
    else:
        reader.desk_id, reader.label, reader.removed_at = desk_id, label, None
    await session.flush()
    return reader


async def _views(session: AsyncSession, which: sa.ColumnElement[bool]) -> tuple[ReaderView, ...]:
    statement = (
        sa.select(CardReader, Desk.code)
        .join(Desk, Desk.id == CardReader.desk_id)
        .where(which, CardReader.removed_at.is_(None))
        .order_by(Desk.code, CardReader.label, CardReader.id)
    )
    return tuple(
        ReaderView(
            id=reader.id,
            desk_id=reader.desk_id,
            desk=desk,
            stripe_id=reader.stripe_id,
            label=reader.label,
            device_type=reader.device_type,
            registered_at=reader.registered_at,
        )
        for reader, desk in await session.execute(statement)
    )


async def _view(session: AsyncSession, reader_id: int) -> ReaderView:
    (view,) = await _views(session, CardReader.id == reader_id)
    return view


async def _refuse_in_use(session: AsyncSession, reader_id: int) -> None:
    unfinished = (
        sa.select(Payment.id)
        .where(Payment.reader_id == reader_id, Payment.state.not_in((PaymentState.PAID, PaymentState.CANCELLED)))
        .limit(1)
    )
    if (await session.execute(unfinished)).first() is not None:
        raise Refused(m("This reader takes a payment."), advice=m("Finish or cancel that payment first."))


async def _record(session: AsyncSession, change: ReaderChange, reader: CardReader, actor: journal.Actor) -> None:
    deed = ReaderChanged(
        kind=change, reader=reader.id, desk=reader.desk_id, stripe=reader.stripe_id, label=reader.label
    )
    await journal.record(session, deed, actor)


def _tidied(label: str) -> str:
    tidied = " ".join(label.split())
    if not tidied:
        raise Refused(
            m("The reader needs a label."), advice=m("Name it so that the cashier finds it, such as: Counter 1.")
        )
    if len(tidied) > _LABEL_LENGTH_MAX:
        raise Refused(
            m("This label is too long."),
            advice=m("Use at most {most} characters.", most=_LABEL_LENGTH_MAX),
        )
    return tidied
