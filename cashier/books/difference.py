"""A difference between Stripe and us: found once, shown until a supervisor has settled it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from cashier.books import journal
from cashier.books.deeds.records import DifferenceFound, DifferenceSettled
from cashier.clock import now
from cashier.database import Base, BigId, UtcDateTime, enum_column
from cashier.money import Money
from cashier.news import News

DETAIL_LENGTH_MAX = 300
RESOLUTION_LENGTH_MAX = 400
SUBJECT = "differences"
"""What is announced when there is a new one, or one was settled."""


class DifferenceKind(StrEnum):
    """What is different."""

    UNKNOWN_CHARGE = "unknown_charge"
    """Charged at Stripe, and no payment of ours."""
    MISSING_CHARGE = "missing_charge"
    """Paid here, and no charge at Stripe."""
    AMOUNT_DIFFERS = "amount_differs"
    LATE_PAYMENT = "late_payment"
    """Paid after we had taken it for cancelled."""
    OVERPAID = "overpaid"
    """Paid, but its invoices were not due any more: probably paid twice."""
    REFUNDED_ELSEWHERE = "refunded_elsewhere"
    """Refunded in Stripe's dashboard."""
    REFUND_DIFFERS = "refund_differs"
    DISPUTED = "disputed"
    MONEY_GONE = "money_gone"
    """A dispute was lost, or a debit returned: the bank has the money for good."""
    REFUND_CAME_BACK = "refund_came_back"
    """A refund did not arrive: its money is at the hospital's account again."""
    UNCONFIRMED = "unconfirmed"
    """Paid by Stripe here for more than an hour, and Stripe could not be asked about it."""
    REFUND_UNCONFIRMED = "refund_unconfirmed"
    REFUND_UNKNOWN = "refund_unknown"
    """Gone back to the card here, and Stripe knows of no such refund, or of another amount."""

    @property
    def is_decided(self) -> bool:
        """Tell whether somebody has to decide who bears it; words alone do not settle it."""
        return self in (DifferenceKind.MONEY_GONE, DifferenceKind.REFUND_CAME_BACK)


class Difference(Base):
    """One difference. ``stripe_id`` and ``kind`` are its identity, so it is found once however often we look.

    ``facts`` (JSON) are what its words name. ``detail`` is the sentence as it was said at the time, for the release
    before and as evidence; it is what is read where a program of that release found the difference.
    """

    __tablename__ = "difference"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[DifferenceKind] = mapped_column(enum_column(DifferenceKind))
    stripe_id: Mapped[str] = mapped_column(sa.String(96))
    payment_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("payment.id"))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    detail: Mapped[str] = mapped_column(sa.String(DETAIL_LENGTH_MAX))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    resolution: Mapped[str | None] = mapped_column(sa.String(RESOLUTION_LENGTH_MAX))
    facts: Mapped[str | None] = mapped_column(sa.Text)

    __table_args__ = (
        sa.UniqueConstraint("kind", "stripe_id"),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by IS NULL) AND (resolved_at IS NULL) = (resolution IS NULL)",
            name="resolved_by_somebody",
        ),
    )


class Comparison(Base):
    """What was compared with Stripe without a gap (one row), and when that last came to its end.

    The counts are of the newest comparison: charges and disputes of other programs that were left out, and what could
    not be compared by itself.
    """

    __tablename__ = "comparison"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    compared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    foreign_charges: Mapped[int] = mapped_column(default=0, server_default="0")
    foreign_disputes: Mapped[int] = mapped_column(default=0, server_default="0")
    set_aside: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What somebody came upon. ``facts`` (JSON values) are what its words name, ``detail`` is its sentence."""

    kind: DifferenceKind
    stripe_id: str
    payment_id: uuid.UUID | None
    amount: Money
    happened_at: datetime
    detail: str
    facts: Mapping[str, Any] = field(default_factory=dict)


async def note(session: AsyncSession, found: Finding) -> bool:
    """Write a difference down, with its deed; False when it is known. Of two at once, the second waits here."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "kind": found.kind,
        "stripe_id": found.stripe_id,
        "payment_id": found.payment_id,
        "amount_minor": found.amount.amount_minor,
        "currency": found.amount.currency,
        "detail": found.detail[:DETAIL_LENGTH_MAX],
        "facts": json.dumps(dict(found.facts)),
        "happened_at": found.happened_at,
        "found_at": now(),
    }
    adding = insert(Difference).values(row).on_conflict_do_nothing().returning(Difference.id)
    if (await session.execute(adding)).first() is None:
        return False
    amount_minor = found.amount.amount_minor
    deed = DifferenceFound(stripe=found.stripe_id, difference_kind=found.kind, amount_minor=amount_minor)
    await journal.record(session, deed, journal.PROGRAM)
    await News.announce(session, SUBJECT)
    return True


async def settle(session: AsyncSession, difference: Difference, resolution: str, actor: journal.Actor) -> None:
    """Settle a locked ``difference`` with words; one that is settled stays as it is."""
    if difference.resolved_at is not None:
        return
    difference.resolved_at, difference.resolved_by = now(), actor.staff_id
    difference.resolution = resolution[:RESOLUTION_LENGTH_MAX]
    await session.flush()
    deed = DifferenceSettled(
        difference=difference.id,
        difference_kind=difference.kind,
        stripe=difference.stripe_id,
        resolution=difference.resolution,
    )
    await journal.record(session, deed, actor)
    await News.announce(session, SUBJECT)


def is_told_anew() -> sa.ColumnElement[bool]:
    """Tell of a dispute's difference whether its money is lost: then another difference asks who bears it."""
    other = aliased(Difference)
    gone = sa.exists().where(other.kind == DifferenceKind.MONEY_GONE, other.stripe_id == Difference.stripe_id)
    return sa.and_(Difference.kind == DifferenceKind.DISPUTED, gone)
