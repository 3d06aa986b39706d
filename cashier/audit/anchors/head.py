"""The journal's ends, as anchors tell of them."""

from __future__ import annotations

import sqlalchemy as sa

from cashier.books.journal import JournalEntry
from cashier.database import Database


async def last_entry(database: Database) -> JournalEntry | None:
    """Return the newest entry; None while there is none."""
    newest = sa.select(JournalEntry).order_by(JournalEntry.number.desc()).limit(1)
    async with database.reading() as session:
        return (await session.execute(newest)).scalar_one_or_none()


async def entry_at(database: Database, number: int) -> JournalEntry | None:
    """Return the entry with this number; None where there is none."""
    async with database.reading() as session:
        return await session.get(JournalEntry, number)
