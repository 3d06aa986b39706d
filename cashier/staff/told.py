"""What the journal tells of somebody: the role at a moment, whatever stands in their record by now."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.journal import JournalEntry
from cashier.books.staff import Role

_CHANGES = (
    DeedKind.STAFF_ADDED,
    DeedKind.ROLE_CHANGED,
    DeedKind.STAFF_DEACTIVATED,
    DeedKind.STAFF_REACTIVATED,
)


async def role_told(session: AsyncSession, staff_id: int | None, *, before: int) -> Role | None:
    """Return the role that ``staff_id`` had right before the entry with the number ``before``.

    None for who had left by then, and for whom the journal does not know. Who was there before the journal told of
    everybody counts as was attested at the upgrade.
    """
    of_person = sa.and_(
        JournalEntry.subject == Subject.STAFF,
        JournalEntry.subject_id == str(staff_id),
        JournalEntry.action.in_(_CHANGES),
    )
    # People are attested first, before invoices and receipts.
    attested = sa.select(sa.func.min(JournalEntry.number)).where(JournalEntry.action == DeedKind.BOOKS_ATTESTED)
    entries = sa.select(JournalEntry.action, JournalEntry.facts).where(
        JournalEntry.number < before, sa.or_(of_person, JournalEntry.number == attested.scalar_subquery())
    )
    role, is_active = None, True
    for action, written in await session.execute(entries.order_by(JournalEntry.number)):
        facts = json.loads(written)
        if action == DeedKind.BOOKS_ATTESTED:
            facts = facts["staff"].get(str(staff_id), {})
            is_active = facts.get("is_active", is_active)
        elif action in (DeedKind.STAFF_DEACTIVATED, DeedKind.STAFF_REACTIVATED):
            is_active = action == DeedKind.STAFF_REACTIVATED
        role = facts.get("role", role)
    return Role(role) if is_active and role in set(Role) else None


async def tells_of_people(session: AsyncSession) -> bool:
    """Tell whether the journal tells who works here: that of an older program does not, until it is attested."""
    is_person = JournalEntry.facts.not_like(f'%"role":"{Role.SERVICE}"%')
    told = sa.select(JournalEntry.number).where(
        sa.or_(
            JournalEntry.action == DeedKind.BOOKS_ATTESTED,
            sa.and_(JournalEntry.action == DeedKind.STAFF_ADDED, is_person),
        )
    )
    return (await session.execute(told.limit(1))).first() is not None
