"""What windows order and see of refunds: immutable values."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.errors import Refused
from cashier.money import Money
from cashier.receipts.model import Receipt, ReceiptKind
from cashier.refunds.model import Refund, RefundOrigin, RefundReason, RefundState


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """What somebody wants to go back. ``reopens``: a mistake is corrected, and the money is owed again.

    ``refund_id`` is made by the window when the dialog opens: a repeated Enter repeats the same request.
    """

    refund_id: uuid.UUID
    payment_id: uuid.UUID
    amount: Money
    reason: RefundReason
    note: str
    reopens: bool


@dataclass(frozen=True, kw_only=True)
class RefundView:
    """One refund as it stands."""

    id: uuid.UUID
    payment_id: uuid.UUID
    amount: Money
    state: RefundState
    reason: RefundReason
    note: str
    reopens: bool
    origin: RefundOrigin
    requested_by: int | None
    requested_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    stripe_refund_id: str | None
    failure: str | None
    contradiction: str | None
    receipt_number: str | None


async def view_of(session: AsyncSession, refund_id: uuid.UUID) -> RefundView:
    """Read one refund as windows see it. Raises ``Refused`` when there is none."""
    refund = await session.get(Refund, refund_id)
    if refund is None:
        raise Refused("There is no such refund.", advice="Look at the payment's refunds.")
    receipt = (
        await session.execute(
            sa.select(Receipt).where(Receipt.refund_id == refund_id, Receipt.kind == ReceiptKind.REFUND)
        )
    ).scalar_one_or_none()
    return RefundView(
        id=refund.id,
        payment_id=refund.payment_id,
        amount=refund.amount,
        state=refund.state,
        reason=refund.reason,
        note=refund.note,
        reopens=refund.reopens,
        origin=refund.origin,
        requested_by=refund.requested_by,
        requested_at=refund.requested_at,
        decided_by=refund.decided_by,
        decided_at=refund.decided_at,
        stripe_refund_id=refund.stripe_refund_id,
        failure=refund.failure,
        contradiction=refund.contradiction,
        receipt_number=None if receipt is None else receipt.full_number,
    )
