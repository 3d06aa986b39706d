"""The journal: who did what to which record, in the same transaction as the deed, hash-chained.

Each entry's hash covers its content and the hash before it, so a changed or missing entry shows. The
head row serialises writers: entries are numbered without gaps in the order of their commits. Everybody waits
for it, so it is locked last: deeds are kept while their transaction runs, and written right before its commit.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from cashier.books.deeds.deed import Deed, DeedKind
from cashier.clock import now
from cashier.database import ROW_LOCK, Base, BigId, UtcDateTime, do_last

_CLIENT = "client"
_RECORDED = "journal"
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
    """One deed. Never changed, never deleted."""

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

    __table_args__ = (
        sa.Index("ix_journal_entry_subject", "subject", "subject_id"),
        # How an auditor looks: by day, by person, by deed.
        sa.Index("ix_journal_entry_at", "at"),
        sa.Index("ix_journal_entry_staff_id_number", "staff_id", "number"),
        sa.Index("ix_journal_entry_action_number", "action", "number"),
    )


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
    do_last(session, written)


async def written(session: AsyncSession) -> JournalHead:
    """Write what was recorded so far, and return the head, which is locked until the commit.

    Only whose own record names its entry calls this, as the last thing of a transaction: nothing is locked after it.
    """
    recorded: list[tuple[Deed, Actor]] = session.info.pop(_RECORDED, [])
    locked = sa.select(JournalHead).where(JournalHead.id == 1).with_for_update(**ROW_LOCK)
    head = (await session.execute(locked.execution_options(populate_existing=True))).scalar_one()
    for deed, actor in recorded:
        entry = _entry(head, deed, actor)
        head.number, head.hash = entry.number, entry.hash
        session.add(entry)
        # The head counts one by one; the database refuses anything else.
        await session.flush()
    return head


def _entry(head: JournalHead, deed: Deed, actor: Actor) -> JournalEntry:
    facts = deed.facts
    if actor.kind is ActorKind.CLIENT:
        facts = {**facts, _CLIENT: actor.client}
    entry = JournalEntry(
        number=head.number + 1,
        at=now(),
        staff_id=actor.staff_id,
        desk_id=actor.desk_id,
        action=str(deed.kind),
        subject=str(deed.subject),
        subject_id=deed.subject_id,
        facts=json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        previous_hash=head.hash,
        hash="",
    )
    entry.hash = hash_of(entry)
    return entry


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
    """Compute the hash of ``entry`` over its content and the previous hash (SHA-256, hexadecimal)."""
    content = [
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
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
