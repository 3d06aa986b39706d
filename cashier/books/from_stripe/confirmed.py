"""What Stripe itself has confirmed, and what waits for it: every payment by Stripe, every refund to a card.

A desk's word is not enough for those. What nobody confirmed is overdue after an hour, until it is confirmed or until
somebody has settled the difference that tells of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.difference import Difference, DifferenceKind, is_told_anew
from cashier.books.payment import PAYMENT_UNCONFIRMED, Payment
from cashier.books.refund import REFUND_UNCONFIRMED, Refund

OVERDUE_AFTER = timedelta(hours=1)
"""Counted from the record's beginning, which no desk can move on."""
_JUST_SETTLED = timedelta(minutes=10)
"""What was begun long ago and settled just now, as from a link at home, gets so long to be asked about."""

_OF_PAYMENTS = (DifferenceKind.MISSING_CHARGE, DifferenceKind.AMOUNT_DIFFERS, DifferenceKind.UNCONFIRMED)
_OF_REFUNDS = (DifferenceKind.REFUND_UNKNOWN, DifferenceKind.REFUND_DIFFERS, DifferenceKind.REFUND_UNCONFIRMED)


def overdue_payments(moment: datetime) -> sa.Select[Payment]:
    """Select the payments that are paid by Stripe and overdue at ``moment``."""
    is_settled = sa.exists().where(
        Difference.payment_id == Payment.id,
        Difference.kind.in_(_OF_PAYMENTS),
        Difference.resolved_at.is_not(None),
    )
    return sa.select(Payment).where(
        sa.text(PAYMENT_UNCONFIRMED),
        Payment.created_at < moment - OVERDUE_AFTER,
        Payment.settled_at < moment - _JUST_SETTLED,
        ~is_settled,
    )


def overdue_refunds(moment: datetime) -> sa.Select[Refund]:
    """Select the refunds that went back to cards and are overdue at ``moment``."""
    is_settled = sa.exists().where(
        Difference.payment_id == Refund.payment_id,
        Difference.stripe_id == _named(),
        Difference.kind.in_(_OF_REFUNDS),
        Difference.resolved_at.is_not(None),
    )
    return sa.select(Refund).where(
        sa.text(REFUND_UNCONFIRMED),
        Refund.requested_at < moment - OVERDUE_AFTER,
        sa.func.coalesce(Refund.decided_at, Refund.requested_at) < moment - _JUST_SETTLED,
        ~is_settled,
    )


def name_of_refund(refund: Refund) -> str:
    """Return by what its differences name ``refund``: its id at Stripe, or where it has none, its own."""
    return refund.stripe_refund_id or refund.id.hex


async def count_overdue(session: AsyncSession, moment: datetime) -> int:
    """Count what is overdue at ``moment``."""
    counts = [
        (await session.execute(sa.select(sa.func.count()).select_from(each.subquery()))).scalar_one()
        for each in (overdue_payments(moment), overdue_refunds(moment))
    ]
    return sum(counts)


def is_open() -> sa.ColumnElement[bool]:
    """Tell of a difference whether somebody has still to settle it: not confirmed since, nor told anew by another."""
    payment = sa.exists().where(Payment.id == Difference.payment_id, Payment.confirmed_at.is_not(None))
    refund = sa.exists().where(Refund.stripe_refund_id == Difference.stripe_id, Refund.confirmed_at.is_not(None))
    # Whoever asks may have payments and refunds of their own beside the difference.
    payment, refund = payment.correlate(Difference), refund.correlate(Difference)
    return sa.and_(
        Difference.resolved_at.is_(None),
        sa.not_(is_told_anew()),
        sa.not_(sa.and_(Difference.kind == DifferenceKind.UNCONFIRMED, payment)),
        sa.not_(sa.and_(Difference.kind == DifferenceKind.REFUND_UNCONFIRMED, refund)),
    )


def _named() -> sa.ColumnElement[str]:
    own = sa.func.replace(sa.cast(Refund.id, sa.String), "-", "")
    return sa.func.coalesce(Refund.stripe_refund_id, own)
