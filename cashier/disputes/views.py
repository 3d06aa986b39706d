"""What windows see of disputes: immutable values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.dispute import ENDED, HOLDS_THE_MONEY, WANTS_ANSWER, Dispute
from cashier.money import Money


@dataclass(frozen=True, kw_only=True)
class DisputeView:
    """One dispute as it stands. ``reason`` and ``status`` are Stripe's words; ``words.py`` puts them into ours."""

    stripe_id: str
    payment_id: uuid.UUID
    amount: Money
    reason: str
    status: str
    respond_by: datetime | None
    opened_at: datetime
    evidence_sent_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it is not decided yet."""
        return self.status not in ENDED

    @property
    def wants_answer(self) -> bool:
        """Tell whether the bank waits for our evidence, until ``respond_by``."""
        return self.status in WANTS_ANSWER

    @property
    def holds_the_money(self) -> bool:
        """Tell whether the bank has taken the money back."""
        return self.status in HOLDS_THE_MONEY


@dataclass(frozen=True, kw_only=True)
class EvidenceDraft:
    """What would be handed to the bank: ``text``, and ``fields`` as Stripe calls the parts it goes into."""

    dispute: DisputeView
    text: str
    fields: Mapping[str, str]


async def disputes_of(
    session: AsyncSession, payment_ids: Sequence[uuid.UUID] | sa.CompoundSelect[uuid.UUID]
) -> dict[uuid.UUID, tuple[DisputeView, ...]]:
    """Read the disputes of payments, the newest first; a payment without one is not among the keys."""
    statement = (
        sa.select(Dispute)
        .where(Dispute.payment_id.in_(payment_ids))
        .order_by(Dispute.opened_at.desc(), Dispute.stripe_id)
    )
    found: dict[uuid.UUID, tuple[DisputeView, ...]] = {}
    for dispute in (await session.execute(statement)).scalars():
        found[dispute.payment_id] = (*found.get(dispute.payment_id, ()), view_of(dispute))
    return found


def view_of(dispute: Dispute) -> DisputeView:
    """Show a dispute."""
    return DisputeView(
        stripe_id=dispute.stripe_id,
        payment_id=dispute.payment_id,
        amount=Money(dispute.amount_minor, dispute.currency),
        reason=dispute.reason,
        status=dispute.status,
        respond_by=dispute.respond_by,
        opened_at=dispute.opened_at,
        evidence_sent_at=dispute.evidence_sent_at,
    )
