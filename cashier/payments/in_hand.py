"""Money that the cashier has in hand: cash with its change, and the references of cheques, transfers and slips."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.hospital import Hospital
from cashier.errors import Refused
from cashier.identifiers import refuse_card_number
from cashier.money import cash_step_of, round_to_cash
from cashier.payments.views import PaymentOrder
from cashier.shifts.drawer import open_shift_of
from cashier.tenders.tender import Tender

_REFERENCE_LENGTH_MAX = 80


async def cash_of(session: AsyncSession, order: PaymentOrder) -> tuple[int | None, int]:
    """Return what was handed over and the rounding, both in minor units; None and 0 for what is no cash.

    Where small coins are missing, what is taken is rounded to the smallest one. Raises ``Refused`` when less was
    handed over than that.
    """
    if order.tender is not Tender.CASH:
        return None, 0
    step = (await session.execute(sa.select(Hospital.cash_step_minor).where(Hospital.id == 1))).scalar_one_or_none()
    to_take = round_to_cash(order.amount, step or cash_step_of(order.amount.currency))
    if not to_take:
        raise Refused(f"{order.amount} cannot be paid in coins.", advice="Take it together with another amount.")
    tendered = order.tendered if order.tendered is not None else to_take
    if tendered.currency != to_take.currency:
        raise Refused(f"This is paid in {to_take.currency}.", advice="Take cash of that currency.")
    if tendered < to_take:
        raise Refused(
            f"{tendered} is less than the {to_take} to take.",
            advice="Take the rest as well, or take a smaller part in cash and the rest another way.",
        )
    return tendered.amount_minor, to_take.amount_minor - order.amount.amount_minor


async def shift_of(session: AsyncSession, order: PaymentOrder, desk_id: int, *, wants_shift: bool) -> int | None:
    """Return the desk's open shift, locked: what is begun in it belongs to it, and cash goes into its drawer.

    Raises ``Refused`` for cash without one where that is wanted, and for cash of another currency than its drawer's.
    """
    shift = await open_shift_of(session, desk_id)
    if order.tender is Tender.CASH and wants_shift:
        if shift is None:
            raise Refused(
                "No shift is open at this desk, so there is no drawer for the cash.",
                advice="Open a shift first (Ctrl+T), or take it another way.",
            )
        if shift.currency != order.amount.currency:
            raise Refused(
                f"The drawer of this desk has {shift.currency}.", advice=f"Take {order.amount.currency} another way."
            )
    if shift is None or (order.tender is Tender.CASH and shift.currency != order.amount.currency):
        return None
    return shift.id


def reference_of(order: PaymentOrder) -> str:
    """Return the number by which the money is found at the bank, tidied. Raises ``Refused`` without one.

    A card number is refused: it must never be kept.
    """
    reference = " ".join(order.reference.split())
    if order.tender.row.wants_reference and not reference:
        raise Refused(
            "This payment needs a reference.", advice="Type the number on the cheque, the transfer or the slip."
        )
    if len(reference) > _REFERENCE_LENGTH_MAX:
        raise Refused("This reference is too long.", advice=f"Use at most {_REFERENCE_LENGTH_MAX} characters.")
    refuse_card_number(reference, advice="Card numbers are never kept: type the slip's number.")
    return reference
