"""Custody of a drawer: who worked a shift, and who may be told what should be in a drawer that is still open.

The rule of four eyes: whoever worked a shift never approves what its drawer is off by.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.payment import Payment
from cashier.books.refund import Refund
from cashier.books.shift import CashMovement, Shift
from cashier.staff.rights import Action, may


async def worked_in(session: AsyncSession, shift: Shift) -> frozenset[int]:
    """Return whose hands were in the drawer of ``shift``, or could have been.

    Who opened it, took a payment in it, moved cash, or asked for cash that went back out of it.
    """
    hands: sa.CompoundSelect[int | None] = sa.union(
        sa.select(Payment.staff_id).where(Payment.shift_id == shift.id),
        sa.select(CashMovement.staff_id).where(CashMovement.shift_id == shift.id),
        sa.select(Refund.requested_by).where(Refund.shift_id == shift.id, Refund.requested_by.is_not(None)),
    )
    return frozenset({shift.opened_by, *(await session.execute(hands)).scalars()})


async def may_approve(session: AsyncSession, shift: Shift, actor: journal.Actor) -> bool:
    """Tell whether ``actor`` may accept what the drawer of ``shift`` is off by: with the right, and no part in it."""
    if not await may(session, actor, Action.APPROVE_CASH_DIFFERENCE):
        return False
    return actor.staff_id not in await worked_in(session, shift)


async def hidden_drawers(session: AsyncSession, actor: journal.Actor) -> frozenset[int]:
    """Return the open shifts of whose cash ``actor`` is told no sum, because it is counted blind.

    One's own for everybody; everybody's for those who may not look at other people's shifts.
    """
    still_open = sa.select(Shift.id).where(Shift.closed_at.is_(None))
    if await may(session, actor, Action.SEE_SHIFTS):
        still_open = still_open.where(Shift.opened_by == actor.staff_id)
    return frozenset((await session.execute(still_open)).scalars())
