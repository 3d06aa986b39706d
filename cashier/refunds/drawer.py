"""The drawer that cash leaves from: that of the open shift at the desk where the patient stands."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.shift import Shift
from cashier.errors import Refused
from cashier.language import m
from cashier.shifts.drawer import check_same_world, open_shift_of


async def open_drawer(session: AsyncSession, desk_id: int | None, currency: str, *, is_training: bool) -> Shift:
    """Return the open shift of a desk, locked, so that it is not counted meanwhile.

    Lock the invoices before. Raises ``Refused`` without one.
    """
    shift = await open_shift_of(session, desk_id) if desk_id is not None else None
    if shift is None:
        raise Refused(
            m("No shift is open at the desk that asked, so there is no drawer to take the cash from."),
            advice=m("Open a shift there first."),
        )
    check_same_world(shift, is_training=is_training)
    if shift.currency != currency:
        raise Refused(
            m("The drawer of that desk has {currency}.", currency=shift.currency),
            advice=m("Give {currency} at another desk.", currency=currency),
        )
    return shift
