"""The drawer of a desk: that of its open shift."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.shift import Shift
from cashier.database import ROW_LOCK
from cashier.errors import Refused
from cashier.language import m


async def open_shift_of(session: AsyncSession, desk_id: int) -> Shift | None:
    """Return the open shift of a desk, locked, so that it is not closed while money moves.

    Lock payments and invoices before it, and take receipt numbers and write the journal after it.
    """
    statement = (
        sa.select(Shift)
        .where(Shift.desk_id == desk_id, Shift.closed_at.is_(None))
        .with_for_update(**ROW_LOCK)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


def check_same_world(shift: Shift, *, is_training: bool) -> None:
    """Raise ``Refused`` where real money would go into a drawer of training, or out of it, or the other way round."""
    if shift.is_training and not is_training:
        raise Refused(
            m("The shift that is open at this desk is one of training."),
            advice=m("Close it first, then open a real one."),
        )
    if is_training and not shift.is_training:
        raise Refused(
            m("The shift that is open at this desk is a real one, and no money moves in training."),
            advice=m("Close it at a desk that is at work."),
        )
