"""What windows see of differences: immutable values, and reading them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.difference import Difference, DifferenceKind
from cashier.books.dispute import Dispute, Reversal
from cashier.books.from_stripe.confirmed import is_open
from cashier.books.invoice import Patient
from cashier.books.payment import Payment
from cashier.books.refund import Refund
from cashier.books.staff import Staff
from cashier.language import Message
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.reconciliation.tally import LeftOut
from cashier.reconciliation.words import detail_of


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The stretch of time that was compared with Stripe without a gap, and when that was last done (UTC).

    ``left_out`` is what the newest comparison left out.
    """

    since: datetime
    until: datetime
    compared_at: datetime
    left_out: LeftOut


@dataclass(frozen=True, kw_only=True)
class DifferenceView:
    """A difference as the supervisor's list shows it; ``resolved_by`` is a name."""

    id: int
    kind: DifferenceKind
    stripe_id: str
    payment_id: uuid.UUID | None
    amount: Money
    detail: Message
    happened_at: datetime
    found_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    resolution: str | None
    dispute_status: str | None = None
    """Where the dispute that it is about stands by now, in Stripe's word."""
    is_decided: bool = False
    """Somebody decided who bears the money, so that there is a paper of it."""
    patient: PatientIdentity | None = None
    """Whose money it is; None where Stripe has something that no payment here is about."""


@dataclass(frozen=True, kw_only=True)
class DifferencePage:
    """Differences that follow each other; ``after`` is the key of the next page, None at the end."""

    rows: tuple[DifferenceView, ...]
    after: int | None


async def read_open(session: AsyncSession) -> tuple[DifferenceView, ...]:
    """Read what nobody has settled yet, the oldest first."""
    statement = _with_names().where(is_open()).order_by(Difference.happened_at, Difference.id)
    return tuple(_view(*row) for row in await session.execute(statement))


async def read_settled(session: AsyncSession, *, after: int | None, limit: int) -> DifferencePage:
    """Read up to ``limit`` settled ones that come after the one with the key ``after``, the last settled first."""
    statement = (
        _with_names()
        .where(Difference.resolved_at.is_not(None))
        .order_by(Difference.resolved_at.desc(), Difference.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        place = sa.select(Difference.resolved_at).where(Difference.id == after).scalar_subquery()
        statement = statement.where(
            sa.or_(
                Difference.resolved_at < place,
                sa.and_(Difference.resolved_at == place, Difference.id < after),
            )
        )
    found = [_view(*row) for row in await session.execute(statement)]
    return DifferencePage(rows=tuple(found[:limit]), after=found[limit - 1].id if len(found) > limit else None)


def _with_names() -> sa.Select[Difference, str | None, str | None, bool, Patient | None]:
    of_refund = sa.select(Refund.id).where(Refund.stripe_refund_id == Difference.stripe_id).correlate(Difference)
    decided = sa.exists().where(
        sa.or_(
            sa.and_(Difference.kind == DifferenceKind.MONEY_GONE, Reversal.dispute_id == Difference.stripe_id),
            sa.and_(Difference.kind == DifferenceKind.REFUND_CAME_BACK, Reversal.refund_id.in_(of_refund)),
        )
    )
    return (
        sa.select(Difference, Staff.display_name, Dispute.status, decided, Patient)
        .outerjoin(Staff, Staff.id == Difference.resolved_by)
        .outerjoin(Dispute, Dispute.stripe_id == Difference.stripe_id)
        .outerjoin(Payment, Payment.id == Difference.payment_id)
        .outerjoin(Patient, Patient.id == Payment.patient_id)
    )


def _view(
    difference: Difference,
    resolved_by: str | None,
    dispute_status: str | None,
    is_decided: bool,
    patient: Patient | None,
) -> DifferenceView:
    return DifferenceView(
        id=difference.id,
        kind=difference.kind,
        stripe_id=difference.stripe_id,
        payment_id=difference.payment_id,
        amount=Money(difference.amount_minor, difference.currency),
        detail=detail_of(difference, status=dispute_status),
        happened_at=difference.happened_at,
        found_at=difference.found_at,
        resolved_at=difference.resolved_at,
        resolved_by=resolved_by,
        resolution=difference.resolution,
        dispute_status=dispute_status,
        is_decided=bool(is_decided),
        patient=_identity_of(patient),
    )


def _identity_of(patient: Patient | None) -> PatientIdentity | None:
    if patient is None:
        return None
    return PatientIdentity(name=patient.name, record_number=patient.record_number, born=patient.born)
