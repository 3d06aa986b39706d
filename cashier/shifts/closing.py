"""Closing a shift: the count is judged, and everything about it is written down once, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.drawer import OfCount, ShiftClosed
from cashier.books.shift import Shift, ShiftCount
from cashier.books.staff import Staff
from cashier.denominations import tolerance_of
from cashier.errors import Refused
from cashier.language import m
from cashier.money import Money
from cashier.shifts.checks import tidy_pieces
from cashier.shifts.coins import coin_of_hospital
from cashier.shifts.custody import may_approve, worked_in
from cashier.shifts.facts import CountLine, ReportKind, freeze
from cashier.shifts.reporting import collect
from cashier.shifts.takings import expected_in
from cashier.shifts.views import Closing, CountOutcome, DrawerCount


@dataclass(frozen=True, kw_only=True)
class JudgedCount:
    """A count beside what should be there; ``pieces`` without what is not there."""

    outcome: CountOutcome
    pieces: dict[int, int]

    @property
    def facts(self) -> OfCount:
        """What the journal keeps of it."""
        return {
            "counted_minor": self.outcome.counted.amount_minor,
            "expected_minor": self.outcome.expected.amount_minor,
            "pieces": {str(value): pieces for value, pieces in self.pieces.items()},
        }


class OwnDifference(Refused):
    """Somebody wants to approve what the drawer of a shift is off by that they worked themselves."""

    default = m("Nobody approves a difference of their own.")


async def judge(session: AsyncSession, shift: Shift, count: DrawerCount, actor: journal.Actor) -> JudgedCount:
    """Compare a count by ``actor`` with what should be in the drawer of ``shift``, which is locked."""
    pieces = tidy_pieces(count, shift.currency)
    step = await coin_of_hospital(session)
    counted = Money(count.counted_minor, shift.currency)
    expected = Money(await expected_in(session, shift), shift.currency)
    is_off = abs(counted.amount_minor - expected.amount_minor) > tolerance_of(shift.currency, step)
    outcome = CountOutcome(
        expected=expected,
        counted=counted,
        is_off=is_off,
        wants_approval=is_off and not await may_approve(session, shift, actor),
    )
    return JudgedCount(outcome=outcome, pieces=pieces)


async def approver_of(
    session: AsyncSession, shift: Shift, judged: JudgedCount, stepped_up: journal.Actor | None, actor: journal.Actor
) -> int | None:
    """Return who answers for a difference beyond the tolerance; None where there is none.

    Somebody who stepped up, or ``actor``, who closes a shift of others. Raises ``OwnDifference`` when who stepped up
    has worked the shift, and ``Refused``, which does not say how much it is off by, when nobody did.
    """
    if not judged.outcome.is_off:
        return None
    if stepped_up is not None:
        if stepped_up.staff_id in await worked_in(session, shift):
            raise OwnDifference(advice=m("Ask a supervisor or an administrator who did not work this shift."))
        return stepped_up.staff_id
    if judged.outcome.wants_approval:
        raise Refused(
            m("The drawer is off by more than passes without approval."),
            advice=m("Somebody who did not work this shift has to approve that, with name and PIN."),
        )
    return actor.staff_id


async def finish(
    session: AsyncSession,
    shift: Shift,
    judged: JudgedCount,
    *,
    reason: str,
    approved_by: int | None,
    closed_at: datetime,
    actor: journal.Actor,
) -> None:
    """Close ``shift``, which is locked, and freeze its Z report with the journal's entry of the closing."""
    if actor.staff_id is None:
        raise ValueError("a shift is closed by somebody")
    facts = await collect(session, shift, made_at=closed_at, made_by=actor.staff_id, shows_cash=True)
    approver = "" if approved_by is None else (await session.get_one(Staff, approved_by)).display_name
    session.add_all(
        ShiftCount(shift_id=shift.id, value_minor=value, pieces=pieces) for value, pieces in judged.pieces.items()
    )
    await session.flush()
    deed = ShiftClosed(shift=shift.id, number=shift.number, **judged.facts, reason=reason, approved_by=approved_by)
    await journal.record(session, deed, actor)
    former = (await session.execute(_former(shift))).one_or_none()
    head = await journal.written(session)
    facts = msgspec.structs.replace(
        facts,
        kind=ReportKind.Z,
        counts=tuple(
            CountLine(value_minor=value, pieces=judged.pieces[value]) for value in sorted(judged.pieces, reverse=True)
        ),
        counted_times=max(1, shift.counted_times),
        expected_minor=judged.outcome.expected.amount_minor,
        counted_minor=judged.outcome.counted.amount_minor,
        reason=reason,
        approved_by=approver,
        journal_number=head.number,
        journal_hash=head.hash,
        former_number=None if former is None else former.journal_number,
        former_hash="" if former is None else former.journal_hash or "",
    )
    # All at once: a closed shift is not changed any more.
    shift.closed_at, shift.closed_by = closed_at, actor.staff_id
    shift.expected_minor, shift.counted_minor = facts.expected_minor, facts.counted_minor
    shift.difference_reason, shift.difference_approved_by = reason, approved_by
    shift.journal_number, shift.journal_hash = head.number, head.hash
    shift.facts = freeze(facts)
    await session.flush()


def _former(shift: Shift) -> sa.Select[int | None, str | None]:
    """Find the entry of the closing before: it stands on both papers, so that each tells of the other."""
    return (
        sa.select(Shift.journal_number, Shift.journal_hash)
        .where(Shift.desk_id == shift.desk_id, Shift.journal_number.is_not(None), Shift.id != shift.id)
        .order_by(Shift.journal_number.desc())
        .limit(1)
    )


async def check_same(session: AsyncSession, shift: Shift, closing: Closing) -> None:
    """Raise ``Refused`` unless ``shift`` was closed with the count of ``closing``."""
    statement = sa.select(ShiftCount.value_minor, ShiftCount.pieces).where(ShiftCount.shift_id == shift.id)
    if dict((await session.execute(statement)).all()) != tidy_pieces(closing.count, shift.currency):
        raise Refused(m("This shift is closed already, with another count."), advice=m("Look at its Z report."))
