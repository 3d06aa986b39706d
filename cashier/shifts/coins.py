"""Cash where small coins are missing: rounded to the smallest one that the hospital uses, taken and given alike."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.hospital import Hospital
from cashier.money import Money, cash_step_of, round_to_cash


async def coin_of_hospital(session: AsyncSession) -> int:
    """Return the smallest coin that the hospital uses, in minor units; 0 for that of each currency."""
    statement = sa.select(Hospital.cash_step_minor).where(Hospital.id == 1)
    return (await session.execute(statement)).scalar_one_or_none() or 0


async def in_coins(session: AsyncSession, amount: Money) -> Money:
    """Return what is taken or given in coins and notes for ``amount``; nothing where no coin is small enough."""
    return round_to_cash(amount, await coin_of_hospital(session))


async def below_in_coins(session: AsyncSession, amount: Money) -> int:
    """Return the most that can be given in coins and notes without going beyond ``amount``, in minor units."""
    step_minor = cash_step_of(amount.currency, await coin_of_hospital(session))
    return amount.amount_minor // step_minor * step_minor
