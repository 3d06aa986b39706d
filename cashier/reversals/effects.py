"""What it does to invoices and to the patient's account that money of a payment is owed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice
from cashier.books.payment import Allocation, Payment
from cashier.clock import now
from cashier.database import ROW_LOCK
from cashier.money import Money


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Where the money counts: so much on the patient's account, and so much on each invoice, by its key."""

    loose_minor: int
    on_invoices: Mapping[int, int]

    @property
    def total_minor(self) -> int:
        """All of it."""
        return self.loose_minor + sum(self.on_invoices.values())


async def spread_of(session: AsyncSession, payment: Payment, gone: Money) -> Spread:
    """Find where ``gone`` counts: first what no invoice took, then the newest invoice; no more than there is.

    A bank tells of a dispute in its own currency where that is another one: then it is about the whole payment.
    """
    counts = sa.func.sum(Allocation.amount_minor)
    statement = (
        sa.select(Allocation.invoice_id, counts)
        .where(Allocation.payment_id == payment.id)
        .group_by(Allocation.invoice_id)
        .order_by(Allocation.invoice_id.desc())
    )
    left = gone.amount_minor if gone.currency == payment.currency else payment.amount_minor
    loose = min(left, payment.unallocated_minor)
    left -= loose
    on_invoices: dict[int, int] = {}
    for invoice_id, counted in await session.execute(statement):
        takes = max(0, min(left, int(counted)))
        if takes:
            on_invoices[invoice_id] = takes
            left -= takes
    return Spread(loose_minor=loose, on_invoices=on_invoices)


async def take_off(session: AsyncSession, payment: Payment, spread: Spread) -> dict[int, int]:
    """Take the money off the invoices and the account of the locked ``payment``; invoices are locked as well.

    Returns what counts towards each invoice by it, by the invoice's key: less than nothing.
    """
    statement = (
        sa.select(Invoice)
        .where(Invoice.id.in_(spread.on_invoices))
        .order_by(Invoice.id)
        .with_for_update(**ROW_LOCK)
        .execution_options(populate_existing=True)
    )
    moved: dict[int, int] = {}
    for invoice in (await session.execute(statement)).scalars().all():
        moved[invoice.id] = -spread.on_invoices[invoice.id]
        session.add(payment.count_towards(invoice, moved[invoice.id], at=now()))
    payment.unallocated_minor -= spread.loose_minor
    await session.flush()
    return moved
