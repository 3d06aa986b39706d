"""The journal: who did what to which record, in the same transaction as the deed, hash-chained.

Each entry's hash covers its content and the hash before it, so a changed or missing entry shows. The
head row serialises writers: entries are numbered without gaps in the order of their commits. Everybody waits
for it, so deeds are kept while their transaction runs, and written right before its commit: on SQLite as entries, on
PostgreSQL as drafts, which the database itself makes entries of inside COMMIT (``schema/sealing.py``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from cashier.books.deeds.deed import Deed, DeedKind
from cashier.clock import now
from cashier.database import Base, BigId, UtcDateTime, do_last

_CLIENT = "client"
_RECORDED = "journal"
_SEAL_NOW = "SET CONSTRAINTS journal_draft_sealed IMMEDIATE"
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
FIRST_HASH = "0" * 64
"""What the first entry has for the hash before it; the migration puts it into the head."""


class ActorKind(StrEnum):
    """The kinds of those who act."""

    STAFF = "staff"
    """Somebody who signed in, at a desk or at the command line."""
    PROGRAM = "program"
    """The program by itself: companion, recovery, a desk where nobody is signed in."""
    CLIENT = "client"
    """Another system that asks over the API."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, and at which desk where there is one. Made by ``staff_at`` and ``client_of_api``, or ``PROGRAM``.

    Raises ``ValueError`` for somebody who is not what ``kind`` says.
    """

    kind: ActorKind
    staff_id: int | None = None
    desk_id: int | None = None
    client: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if (self.staff_id is not None) != (self.kind is not ActorKind.PROGRAM):
            raise ValueError(f"an actor of kind {self.kind} with staff {self.staff_id}")
        if bool(self.client) != (self.kind is ActorKind.CLIENT):
            raise ValueError(f"an actor of kind {self.kind} called “{self.client}”")


PROGRAM = Actor(kind=ActorKind.PROGRAM)
"""The program acting by itself, for example on a webhook."""


def staff_at(*, staff_id: int, desk_id: int | None = None) -> Actor:
    """Return somebody who signed in; without a desk at the command line."""
    return Actor(kind=ActorKind.STAFF, staff_id=staff_id, desk_id=desk_id)


def client_of_api(name: str, *, staff_id: int, desk_id: int) -> Actor:
    """Return another system, by its ``name``, with the account and the desk of its payments."""
    return Actor(kind=ActorKind.CLIENT, client=name, staff_id=staff_id, desk_id=desk_id)


class JournalEntry(Base):
    """One deed. Never changed, never deleted.

    ``account`` is that of the database that wrote it, ``session_id`` what that account had opened by a PIN. Both are
    PostgreSQL's own knowledge; without an account, as on SQLite and from before, neither is part of the hash.
    """

    __tablename__ = "journal_entry"

    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    desk_id: Mapped[int | None] = mapped_column(sa.ForeignKey("desk.id"))
    action: Mapped[str] = mapped_column(sa.String(48))
    subject: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[str] = mapped_column(sa.String(64))
    facts: Mapped[str] = mapped_column(sa.Text)
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    account: Mapped[str | None] = mapped_column(sa.String(63))
    session_id: Mapped[int | None] = mapped_column(BigId)

    __table_args__ = (
        sa.Index("ix_journal_entry_subject", "subject", "subject_id"),
        # How an auditor looks: by day, by person, by deed.
        sa.Index("ix_journal_entry_at", "at"),
        sa.Index("ix_journal_entry_staff_id_number", "staff_id", "number"),
        sa.Index("ix_journal_entry_action_number", "action", "number"),
    )


class JournalDraft(Base):
    """A deed of a transaction that has not ended yet, on PostgreSQL: COMMIT makes an entry of it, and takes it out.

    So nobody ever sees one but who wrote it. The database adds ``account`` and ``session_id``.
    """

    __tablename__ = "journal_draft"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int | None]
    desk_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(sa.String(48))
    subject: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[str] = mapped_column(sa.String(64))
    facts: Mapped[str] = mapped_column(sa.Text)
    account: Mapped[str | None] = mapped_column(sa.String(63))
    session_id: Mapped[int | None] = mapped_column(BigId)


class JournalHead(Base):
    """The last entry's number and hash: one row, there since the migration, locked while entries are added."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigId)
    hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


async def record(session: AsyncSession, deed: Deed, actor: Actor) -> None:
    """Add ``deed`` to the journal, with the running transaction: ``actor`` did it.

    It is written right before the commit, after all locks. A client's name stands among the facts.
    """
    # What the deed is about is refused here, if it is, and not in the journal's name.
    await session.flush()
    session.info.setdefault(_RECORDED, []).append((deed, actor))
    do_last(session, _write)


async def written(session: AsyncSession) -> JournalHead:
    """Seal what was recorded so far, and return the head, which is held until the commit.

    Only whose own record names its entry calls this, as the last thing of a transaction: nothing is locked after it.
    """
    await _write(session)
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.text(_SEAL_NOW))
    return await _head(session)


async def _write(session: AsyncSession) -> None:
    recorded: list[tuple[Deed, Actor]] = session.info.pop(_RECORDED, [])
    told = [_told(deed, actor) for deed, actor in recorded]
    if not told:
        return
    if session.get_bind().dialect.name == "postgresql":
        await (await session.connection()).execute(sa.insert(JournalDraft), told)
    else:
        await _seal(session, told)


async def _seal(session: AsyncSession, told: Sequence[Mapping[str, Any]]) -> None:
    """Write entries as the only writer there is: what PostgreSQL does by itself."""
    head = await _head(session)
    for each in told:
        entry = JournalEntry(number=head.number + 1, at=now(), **each, previous_hash=head.hash, hash="")
        entry.hash = hash_of(entry)
        head.number, head.hash = entry.number, entry.hash
        session.add(entry)
        # The head counts one by one; the database refuses anything else.
        await session.flush()


async def _head(session: AsyncSession) -> JournalHead:
    statement = sa.select(JournalHead).where(JournalHead.id == 1).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one()


def _told(deed: Deed, actor: Actor) -> dict[str, Any]:
    """Return what an entry says of ``deed``, by column."""
    facts = deed.facts
    if actor.kind is ActorKind.CLIENT:
        facts = {**facts, _CLIENT: actor.client}
    return {
        "staff_id": actor.staff_id,
        "desk_id": actor.desk_id,
        "action": str(deed.kind),
        "subject": str(deed.subject),
        "subject_id": deed.subject_id,
        "facts": json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    }


async def entry_about(session: AsyncSession, subject_id: object, *kinds: DeedKind) -> JournalEntry | None:
    """Return the newest entry of these kinds about what ``subject_id`` names; None where there is none."""
    statement = (
        sa.select(JournalEntry)
        .where(JournalEntry.subject_id == str(subject_id), JournalEntry.action.in_(kinds))
        .order_by(JournalEntry.number.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


def anchor_of(entry: JournalEntry) -> str:
    """Write an entry's number and the first half of its hash, to be kept where nobody can change them with the books.

    It is the same however often it is asked for, and tells nobody anything about a patient. The digits 0 to 9 are
    written g to p, because a row of digits may look like a card's number.
    """
    return f"{entry.number}:{entry.hash[:32].translate(_LETTERS)}"


def actor_of(entry: JournalEntry) -> Actor:
    """Return who did what ``entry`` tells."""
    if entry.staff_id is None:
        return Actor(kind=ActorKind.PROGRAM, desk_id=entry.desk_id)
    client = json.loads(entry.facts).get(_CLIENT, "")
    kind = ActorKind.CLIENT if client else ActorKind.STAFF
    return Actor(kind=kind, staff_id=entry.staff_id, desk_id=entry.desk_id, client=client)


def hash_of(entry: JournalEntry) -> str:
    """Compute the hash of ``entry`` over its content and the previous hash (SHA-256, hexadecimal).

    PostgreSQL computes the same by itself, for the entries that it seals.
    """
    content: list[object] = [
        entry.number,
        entry.at.isoformat(timespec="microseconds"),
        entry.staff_id,
        entry.desk_id,
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.facts,
        entry.previous_hash,
    ]
    if entry.account is not None:
        content += [entry.account, entry.session_id]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
