"""Messages taken in: stored once, done, answered; and what could not be taken in, for a person to settle.

``AA`` is answered only once everything is committed. A message that broke off in the middle is done once more when
its sender repeats it: all that a message asks for is safe to repeat.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from dataclasses import dataclass
from pathlib import Path

from cashier import logs
from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.messages import MessageSetAside, MessageTriedAgain
from cashier.books.from_hospital.message import Hl7State
from cashier.clock import now
from cashier.database import Database
from cashier.errors import CashierError, Refused
from cashier.hl7 import store
from cashier.hl7.codes import ErrorCode
from cashier.hl7.envelope import Envelope
from cashier.hl7.message import normalised, read_header, read_message
from cashier.hl7.problems import MessageRefused
from cashier.hl7.store import StoredMessage
from cashier.hl7.work import Task, task_of
from cashier.identifiers import refuse_card_number
from cashier.language import m
from cashier.settings import Hl7Settings
from cashier.staff.rights import Action, require

log = logging.getLogger(__name__)

_LISTED_MAX = 1_000
_REASON_LENGTH_MAX = 400


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a message: nothing is wrong where ``problem`` is None."""

    envelope: Envelope
    problem: MessageRefused | None


class Hl7Inbox:
    """Takes messages in, one after the other, and lets people settle what is left."""

    def __init__(self, database: Database, rules: Hl7Settings, *, moves_money: bool) -> None:
        """Work on ``database``. Where money moves, messages of tests are turned away."""
        self._database = database
        self._rules = rules
        self._moves_money = moves_money
        self._turn = asyncio.Lock()

    async def take(self, content: bytes) -> Taken:
        """Store a message and do what it asks for. Safe to repeat: what is taken in is answered, and not done again.

        Raises ``Unreadable`` for what is no message, and what the database raises: then nothing is known, and it
        has to be sent again.
        """
        content = normalised(content)
        envelope = Envelope.of(read_header(content))
        try:
            envelope.check(moves_money=self._moves_money)
        except MessageRefused as problem:
            log.warning("message turned away", extra={"code": problem.code.number, "at": problem.at})
            return Taken(envelope=envelope, problem=problem)
        async with self._turn:
            message = await store.stored(self._database, envelope, content)
            left = await self._settle(message, content)
        if left is not None:
            log.warning(
                "message not taken in", extra={"message_id": message.id, "code": left.code.number, "at": left.at}
            )
        return Taken(envelope=envelope, problem=left)

    async def waiting(self, actor: journal.Actor) -> list[StoredMessage]:
        """Return what nobody settled yet, the oldest first, at most a thousand.

        Raises ``Refused`` for anybody but a supervisor or an administrator, as all of these verbs.
        """
        await self._require(actor, None)
        return await store.unsettled(self._database, limit=_LISTED_MAX)

    async def show(self, message_id: int, actor: journal.Actor) -> tuple[StoredMessage, bytes]:
        """Return a message and how it came. Raises ``Refused`` where there is none."""
        await self._require(actor, message_id)
        found = await store.view(self._database, message_id)
        return found, await store.content_of(self._database, message_id)

    async def retry(self, message_id: int, actor: journal.Actor, *, anyway: bool = False) -> MessageRefused | None:
        """Do once more what a message asks for; return what is wrong with it still, or None.

        With ``anyway`` although a newer one about the same was taken in, or another one by the same id. Raises
        ``Refused`` for a message that is settled.
        """
        await self._require(actor, message_id)
        async with self._turn:
            found = await store.view(self._database, message_id)
            content = await store.content_of(self._database, message_id)
            async with self._database.transaction() as session:
                await store.lock_unsettled(session, message_id)
            problem = await self._settle(found, content, actor, anyway=anyway)
            deed = MessageTriedAgain(message=message_id, control_id=found.control_id, anyway=anyway)
            async with self._database.transaction() as session:
                await journal.record(session, deed, actor)
        return problem

    async def set_aside(self, message_id: int, reason: str, actor: journal.Actor) -> None:
        """Settle a message without taking it in, for a ``reason``, which the journal keeps.

        Raises ``Refused`` without a reason, and for a message that is settled.
        """
        words = " ".join(reason.split())
        if not words or len(words) > _REASON_LENGTH_MAX:
            raise Refused(
                m("Say in at most {most} characters why it is not taken in.", most=_REASON_LENGTH_MAX),
                advice=m("One sentence is enough."),
            )
        refuse_card_number(words)
        await self._require(actor, message_id)
        async with self._database.transaction() as session:
            message = await store.lock_unsettled(session, message_id)
            message.state, message.settled_at, message.settled_by = Hl7State.SET_ASIDE, now(), actor.staff_id
            deed = MessageSetAside(message=message_id, control_id=message.control_id, reason=words)
            await journal.record(session, deed, actor)

    async def _require(self, actor: journal.Actor, message_id: int | None) -> None:
        subject = Subject.STAFF if message_id is None else Subject.MESSAGE
        await require(self._database, actor, Action.SETTLE_MESSAGE, subject=subject, subject_id=message_id)

    async def _settle(
        self, message: StoredMessage, content: bytes, actor: journal.Actor = journal.PROGRAM, *, anyway: bool = False
    ) -> MessageRefused | None:
        """Do what a stored message asks for, and write what became of it."""
        if message.state is Hl7State.TAKEN_IN:
            return None
        if message.state is Hl7State.SET_ASIDE:
            return _set_aside()
        about, problem = "", None
        try:
            task = task_of(
                read_message(content, character_set=self._rules.character_set),
                message.kind,
                self._rules,
                self._database,
            )
            about = task.about
            if not anyway:
                await self._check_turn(message, task)
            await task.do(actor)
        except MessageRefused as refused:
            problem = refused
        except CashierError:
            raise
        except Exception as error:
            problem = _unforeseen(message, error)
        async with self._database.transaction() as session:
            state = await store.keep_outcome(session, message.id, about=about, problem=problem)
        return None if state is Hl7State.TAKEN_IN else problem or _set_aside()

    async def _check_turn(self, message: StoredMessage, task: Task) -> None:
        if message.is_double:
            raise MessageRefused(
                m("Another message came by the same number before, with another content."),
                code=ErrorCode.DUPLICATE_KEY,
                at="MSH-10",
                advice=m("Send each message by a number of its own."),
            )
        if task.is_last_word and await store.is_overtaken(self._database, message, task.about):
            raise MessageRefused(
                m("A newer message about the same was taken in already."),
                code=ErrorCode.LOCKED,
                at="MSH-7",
                advice=m("Set this one aside, unless the newer one was wrong."),
            )


def _unforeseen(message: StoredMessage, error: Exception) -> MessageRefused:
    """Log what nobody foresaw by its kind and place: its words could quote the message."""
    reference = logs.new_reference()
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
    log.error("message failed", extra={"message_id": message.id, "reference": reference, "where": where})
    return MessageRefused(
        m("Something unexpected happened ({reference}).", reference=reference), code=ErrorCode.INTERNAL
    )


def _set_aside() -> MessageRefused:
    return MessageRefused(m("Somebody decided that this message is not taken in."), code=ErrorCode.INTERNAL)
