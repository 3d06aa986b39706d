"""The stored messages: each once, with what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.from_hospital.message import Hl7Message, Hl7State
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import Refused
from cashier.hl7.envelope import Envelope
from cashier.hl7.problems import MessageRefused
from cashier.language import m

_IN_HAND = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class StoredMessage:
    """A message and where it stands; ``problem`` is said without what stood in the message."""

    id: int
    application: str
    facility: str
    control_id: str
    kind: str
    sent_at: str
    received_at: datetime
    state: Hl7State
    about: str
    attempts: int
    problem_at: str
    problem: str
    is_double: bool
    """Another content came before, by the same names and the same id."""


async def stored(database: Database, envelope: Envelope, content: bytes) -> StoredMessage:
    """Store a message once, in a commit of its own, and return it; the same one again is the one that is there."""
    digest = hashlib.sha256(content).hexdigest()
    row = {
        "application": envelope.application,
        "facility": envelope.facility,
        "control_id": envelope.control_id,
        "digest": digest,
        "kind": envelope.kind,
        "sent_at": envelope.sent_at,
        "content": content,
        "received_at": now(),
        "state": Hl7State.RECEIVED.value,
        "about": "",
        "attempts": 0,
        "problem_code": "",
        "problem_at": "",
        "problem": "",
    }
    await database.add_new(Hl7Message, [row])
    async with database.reading() as session:
        found = sa.select(Hl7Message.id).where(*_named(envelope), Hl7Message.digest == digest)
        return await _view(session, (await session.execute(found)).scalar_one())


async def view(database: Database, message_id: int) -> StoredMessage:
    """Return a message by its key. Raises ``Refused`` where there is none."""
    async with database.reading() as session:
        return await _view(session, message_id)


async def content_of(database: Database, message_id: int) -> bytes:
    """Return a message as it came."""
    async with database.reading() as session:
        return (await session.execute(sa.select(Hl7Message.content).where(Hl7Message.id == message_id))).scalar_one()


async def unsettled(database: Database, *, limit: int) -> list[StoredMessage]:
    """Return the oldest messages that nobody took in or set aside."""
    async with database.reading() as session:
        waiting = sa.select(Hl7Message.id).where(Hl7Message.settled_at.is_(None)).order_by(Hl7Message.id)
        keys = (await session.execute(waiting.limit(limit))).scalars().all()
        return [await _view(session, each) for each in keys]


async def count_unsettled(database: Database) -> int:
    """Return how many messages wait for somebody; one that came just now may be in hand, and is not counted."""
    is_left = sa.or_(Hl7Message.state == Hl7State.REFUSED, Hl7Message.received_at < now() - _IN_HAND)
    statement = sa.select(sa.func.count()).where(Hl7Message.settled_at.is_(None), is_left)
    async with database.reading() as session:
        return (await session.execute(statement)).scalar_one()


async def is_overtaken(database: Database, message: StoredMessage, about: str) -> bool:
    """Tell whether a newer message of the same sender and kind, about the same, was taken in already.

    Newer is what was sent later, or, where that is not said or the same, what came later.
    """
    later = Hl7Message.id > message.id
    if message.sent_at:
        later = sa.or_(
            Hl7Message.sent_at > message.sent_at,
            sa.and_(Hl7Message.sent_at.in_(("", message.sent_at)), Hl7Message.id > message.id),
        )
    statement = sa.select(sa.func.count()).where(
        Hl7Message.about == about,
        Hl7Message.kind == message.kind,
        Hl7Message.application == message.application,
        Hl7Message.facility == message.facility,
        Hl7Message.state == Hl7State.TAKEN_IN,
        Hl7Message.id != message.id,
        later,
    )
    async with database.reading() as session:
        return (await session.execute(statement)).scalar_one() > 0


async def lock_unsettled(session: AsyncSession, message_id: int) -> Hl7Message:
    """Lock a message that nobody settled yet. Raises ``Refused`` for another."""
    statement = sa.select(Hl7Message).where(Hl7Message.id == message_id).with_for_update(**ROW_LOCK)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise _no_such(message_id)
    if found.state is Hl7State.TAKEN_IN:
        raise Refused(m("Message {number} is taken in already.", number=message_id))
    if found.state is Hl7State.SET_ASIDE:
        raise Refused(m("Message {number} was set aside already.", number=message_id))
    return found


async def keep_outcome(
    session: AsyncSession, message_id: int, *, about: str, problem: MessageRefused | None
) -> Hl7State:
    """Write what became of a message that is being taken in; return how it stands, if somebody was quicker.

    What is settled stays: of two that took the same message in at once, the first says so.
    """
    statement = sa.select(Hl7Message).where(Hl7Message.id == message_id).with_for_update(**ROW_LOCK)
    message = (await session.execute(statement)).scalar_one()
    if message.settled_at is not None:
        return message.state
    message.attempts += 1
    message.about = about
    if problem is None:
        message.state, message.settled_at = Hl7State.TAKEN_IN, now()
        message.problem_code = message.problem_at = message.problem = ""
    else:
        message.state = Hl7State.REFUSED
        message.problem_code, message.problem_at = problem.code.number, problem.at[:40]
        message.problem = problem.words.english[:400]
    return message.state


async def _view(session: AsyncSession, message_id: int) -> StoredMessage:
    columns = [column for column in Hl7Message.__table__.columns if column.name != "content"]
    row = (await session.execute(sa.select(*columns).where(Hl7Message.id == message_id))).one_or_none()
    if row is None:
        raise _no_such(message_id)
    doubles = sa.select(sa.func.count()).where(
        Hl7Message.application == row.application,
        Hl7Message.facility == row.facility,
        Hl7Message.control_id == row.control_id,
        Hl7Message.id < message_id,
    )
    return StoredMessage(
        id=row.id,
        application=row.application,
        facility=row.facility,
        control_id=row.control_id,
        kind=row.kind,
        sent_at=row.sent_at,
        received_at=row.received_at,
        state=row.state,
        about=row.about,
        attempts=row.attempts,
        problem_at=row.problem_at,
        problem=row.problem,
        is_double=(await session.execute(doubles)).scalar_one() > 0,
    )


def _named(envelope: Envelope) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Hl7Message.application == envelope.application,
        Hl7Message.facility == envelope.facility,
        Hl7Message.control_id == envelope.control_id,
    )


def _no_such(message_id: int) -> Refused:
    return Refused(m("There is no message {number}.", number=message_id), advice=m("Look at the list again."))
