"""What the journal is asked for, and what it answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from cashier.books.deeds.deed import Subject
from cashier.language import Message

PROGRAM_ID = 0
"""Stands for the program itself where somebody is chosen; no member of the staff has this key."""


@dataclass(frozen=True, kw_only=True)
class JournalQuery:
    """Which entries are looked for; what is None or empty does not narrow.

    ``staff_id`` may be ``PROGRAM_ID``. ``action`` is a part of what was done, as
    the journal or the reader's language calls it; ``subject_id`` is given in full.
    """

    first_day: date | None = None
    last_day: date | None = None
    staff_id: int | None = None
    action: str = ""
    subject: str | None = None
    subject_id: str = ""


@dataclass(frozen=True, kw_only=True)
class JournalRow:
    """One entry. ``who`` and ``desk`` are empty for the program itself; ``facts`` is JSON as it was hashed.

    Only what should be in a drawer stands there as ``…`` for who counts it blind. ``account`` is the database's that
    wrote it and ``session_id`` what that one had opened, where the database knows (PostgreSQL).
    """

    id: int
    at: datetime
    who: str
    desk: str
    action: str
    subject: str
    subject_id: str
    facts: str
    previous_hash: str
    hash: str
    account: str = ""
    session_id: int | None = None

    def is_about_drawer_of(self, shift_ids: Collection[str]) -> bool:
        """Tell whether it says what should be in the drawer of one of these shifts."""
        return self.subject == Subject.SHIFT and self.subject_id in shift_ids and '"expected_minor"' in self.facts


@dataclass(frozen=True, kw_only=True)
class JournalPage:
    """Entries, the newest first; ``after`` is the key of the next page, None at the end."""

    rows: tuple[JournalRow, ...]
    after: int | None


@dataclass(frozen=True, kw_only=True)
class JournalChoices:
    """What a reader can narrow the journal to."""

    staff: tuple[tuple[int, Message], ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChainVerdict:
    """Whether the journal is as it was written: ``broken`` names the first broken link, and is empty for none."""

    entries: int
    broken: Message
