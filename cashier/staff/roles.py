"""Who may do what, asked of the database at the moment of the deed: a window may be older than a change of role."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.journal import Actor
from cashier.staff.model import Role, Staff

SEES_DIFFERENCES = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
SEES_EVERY_DESK = SEES_DIFFERENCES
"""Who may look at the payments of desks at which they do not work."""
SETTLES_DIFFERENCES = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


async def has_role(session: AsyncSession, actor: Actor, roles: frozenset[Role]) -> bool:
    """Tell whether who acts has one of ``roles`` now; the program itself and who has left have none."""
    staff = await session.get(Staff, actor.staff_id) if actor.staff_id is not None else None
    return staff is not None and staff.is_active and staff.role in roles
