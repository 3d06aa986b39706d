"""Telling the journal's head in other places, once an hour: each by itself, whatever becomes of the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from cashier.audit.anchors.head import last_entry
from cashier.audit.anchors.outlets import Outlet, bounded
from cashier.books.journal import JournalEntry
from cashier.database import Database
from cashier.language import Message, joined, m

log = logging.getLogger(__name__)


class Elsewhere:
    """Gives the head to each place of the settings. One companion at a time does that: whoever leads."""

    def __init__(self, database: Database, outlets: Sequence[Outlet]) -> None:
        """Tell what ``database`` has."""
        self._database = database
        self._outlets = outlets
        self.trouble: Message | None = None
        """Which places did not take the last line; None where all did."""

    async def run(self) -> int:
        """Give the head to every place; return how many took it. What fails is said, and tried the next time.

        Safe to repeat: the same line twice is the same anchor.
        """
        last = await last_entry(self._database) if self._outlets else None
        if last is None:
            return 0
        found = {outlet.name: await bounded(_put(outlet, last)) for outlet in self._outlets}
        failed = {name: trouble for name, trouble in found.items() if trouble is not None}
        for name, trouble in failed.items():
            log.warning("anchor not written", extra={"place": name, "reason": trouble.english})
        self.trouble = _words(failed) if failed else None
        return len(found) - len(failed)


def line_of(entry: JournalEntry) -> str:
    """Write what is told: number, hash and moment of the newest entry, as the auditor's program reads it."""
    return f"{entry.at.isoformat(timespec='seconds')} journal entry {entry.number}:{entry.hash}"


def _put(outlet: Outlet, entry: JournalEntry) -> Callable[[], None]:
    return lambda: outlet.put(line_of(entry))


def _words(failed: Mapping[str, Message]) -> Message:
    told = [m("{place} ({reason})", place=name, reason=reason) for name, reason in failed.items()]
    return m("The journal's newest entry could not be told to {places}.", places=joined(", ", told))
