"""What a shift took and gave: sums made by the database, for reports, for the closing and for the audit.

Cash that a patient got back as change never was the hospital's: what counts is what stayed in the drawer.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import Refund, RefundState
from cashier.books.shift import CashMovement, MovementKind, Shift
from cashier.errors import Refused
from cashier.language import Message, m
from cashier.money import Money
from cashier.shifts.facts import RefundSum, TenderSum
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import CASH_TENDERS, Tender


def _sum_of(amount: sa.ColumnElement[int], *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    # PostgreSQL sums a BIGINT into a NUMERIC.
    total = sa.cast(sa.func.coalesce(sa.func.sum(amount), 0), sa.BigInteger)
    return sa.select(total).where(*conditions).correlate(Shift).scalar_subquery()


def _moved(kind: MovementKind) -> sa.ColumnElement[int]:
    return _sum_of(CashMovement.amount_minor.expression, CashMovement.shift_id == Shift.id, CashMovement.kind == kind)


EXPECTED_MINOR: sa.ColumnElement[int] = (
    Shift.float_minor.expression
    + _sum_of(
        Payment.amount_minor + Payment.rounding_minor,
        Payment.shift_id == Shift.id,
        Payment.tender.in_(CASH_TENDERS),
        Payment.state == PaymentState.PAID,
    )
    - _sum_of(
        Refund.amount_minor + Refund.rounding_minor,
        Refund.shift_id == Shift.id,
        Refund.way == RefundWay.CASH,
        Refund.state == RefundState.SUCCEEDED,
    )
    + _moved(MovementKind.IN)
    - _moved(MovementKind.OUT)
)
"""What should be in the drawer: select it together with ``Shift``."""


async def expected_in(session: AsyncSession, shift: Shift) -> int:
    """Return what should be in the drawer of ``shift``, in minor units; lock it first where it must stay so."""
    await session.flush()
    return int((await session.execute(sa.select(EXPECTED_MINOR).where(Shift.id == shift.id))).scalar_one())


class NotInDrawer(Refused):
    """There is not that much in the drawer."""

    default = m("There is not that much in the drawer.")


async def check_in_drawer(session: AsyncSession, shift: Shift, amount: Money, *, advice: Message) -> None:
    """Raise ``NotInDrawer``, which does not say how much there is, when so much cannot leave the locked ``shift``.

    Everything that leaves a drawer asks here first. Who refuses writes the attempt down: asking again and again for
    less and less would tell what should be there.
    """
    if await expected_in(session, shift) < amount.amount_minor:
        raise NotInDrawer(advice=advice)


async def tender_sums(
    session: AsyncSession, shift: Shift, *, without: Collection[uuid.UUID] = ()
) -> tuple[TenderSum, ...]:
    """Add up the shift's payments by tender and currency, in the order in which tenders are defined.

    ``without`` are payments that were seen as pending just before: whatever became of them meanwhile, they are
    carried over.
    """
    statement = (
        sa.select(
            Payment.tender,
            Payment.currency,
            sa.func.count(),
            sa.func.sum(Payment.amount_minor),
            sa.func.sum(Payment.rounding_minor),
        )
        .where(Payment.shift_id == shift.id, Payment.state == PaymentState.PAID, Payment.id.not_in(without))
        .group_by(Payment.tender, Payment.currency)
    )
    found = [
        TenderSum(
            tender=tender.value, currency=currency, count=count, amount_minor=int(sum_), rounding_minor=int(more)
        )
        for tender, currency, count, sum_, more in await session.execute(statement)
    ]
    return tuple(sorted(found, key=lambda each: (_place(Tender, each.tender), each.currency)))


async def refund_sums(session: AsyncSession, shift: Shift, until: datetime) -> tuple[RefundSum, ...]:
    """Add up what went back: cash out of this drawer, and what was asked for at this desk and approved meanwhile."""
    given = Refund.amount_minor + Refund.rounding_minor
    otherwise = sa.and_(
        Refund.way != RefundWay.CASH,
        Refund.desk_id == shift.desk_id,
        Refund.decided_at >= shift.opened_at,
        Refund.decided_at <= until,
        Refund.state.in_([state for state in RefundState if state.has_effect]),
    )
    from_drawer = sa.and_(
        Refund.way == RefundWay.CASH, Refund.shift_id == shift.id, Refund.state == RefundState.SUCCEEDED
    )
    statement = (
        sa.select(Refund.way, Refund.currency, sa.func.count(), sa.func.sum(given))
        .where(sa.or_(from_drawer, otherwise))
        .group_by(Refund.way, Refund.currency)
    )
    found = [
        RefundSum(way=way.value, currency=currency, count=count, amount_minor=int(total))
        for way, currency, count, total in await session.execute(statement)
    ]
    return tuple(sorted(found, key=lambda each: (_place(RefundWay, each.way), each.currency)))


async def movements_of(session: AsyncSession, shift: Shift) -> Sequence[CashMovement]:
    """Return what was put in and taken out, in that order of time."""
    statement = sa.select(CashMovement).where(CashMovement.shift_id == shift.id).order_by(CashMovement.at)
    return (await session.execute(statement)).scalars().all()


def _place(members: Any, value: str) -> int:
    return list(members).index(members(value))
