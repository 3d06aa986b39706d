"""Deciding about a request: approved by another person, rejected, or lapsed because nobody decided."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.refunds import (
    RefundApprovalRefused,
    RefundApproved,
    RefundApprovedByRule,
    RefundMoved,
    RefundRejected,
)
from cashier.books.difference import Difference, DifferenceKind, settle
from cashier.books.payment import Payment
from cashier.books.receipt import ReceiptKind
from cashier.books.refund import Refund, RefundState
from cashier.books.staff import Staff
from cashier.clock import now
from cashier.database import ROW_LOCK
from cashier.errors import Refused
from cashier.language import m
from cashier.receipts.service import Receipts
from cashier.refunds.checks import check_approval, lapsed
from cashier.refunds.drawer import open_drawer
from cashier.refunds.effects import facts_of, let_credit_go, record, take_from_invoices
from cashier.refunds.limits import check_within_limits, rule_for
from cashier.refunds.locking import lock_refund
from cashier.refunds.queries import TAKEN_BACK
from cashier.shifts.takings import check_in_drawer
from cashier.tenders.refund_way import RefundWay


async def let_approve(
    session: AsyncSession,
    receipts: Receipts,
    refund: Refund,
    payment: Payment,
    approver: journal.Actor,
    *,
    reopens: bool | None,
) -> None:
    """Approve a locked refund; cash is paid out at once. One that is approved already stays as it is.

    Raises ``Refused`` for what ``approver`` must not approve, and for what was rejected or has lapsed.
    """
    match refund.state:
        case RefundState.REJECTED:
            raise Refused(m("This refund was rejected."), advice=m("Ask for a new one."))
        case RefundState.EXPIRED:
            raise lapsed()
        case RefundState.REQUESTED:
            pass
        case _:
            return
    moment = now()
    await check_approval(session, payment, refund, approver, moment)
    await receipts.refuse_other_world(session, payment)
    person = await session.get_one(Staff, approver.staff_id)
    await check_within_limits(session, refund, payment, person, moment)
    if reopens is not None:
        refund.reopens = reopens
    refund.decide(RefundState.APPROVED, by=approver.staff_id, desk_id=approver.desk_id, at=moment)
    await session.flush()
    if refund.way is RefundWay.CASH:
        await _pay_out(session, receipts, payment, refund, approver)
    await record(session, RefundApproved(**facts_of(refund), reopens=refund.reopens), approver)
    if refund.way is RefundWay.CASH:
        await record(session, RefundMoved(kind=DeedKind.REFUND_SUCCEEDED, **facts_of(refund)), approver)


async def let_approve_by_rule(
    session: AsyncSession,
    receipts: Receipts,
    refund: Refund,
    payment: Payment,
    actor: journal.Actor,
) -> None:
    """Approve what a client has just asked for, where an administrator's rule lets it; else it waits for somebody.

    The payment is locked and was checked with the request. Raises ``Refused`` across training and work.
    """
    rule = await rule_for(session, refund, payment, actor)
    if rule is None:
        return
    await receipts.refuse_other_world(session, payment)
    refund.approve_by_rule(client_id=rule.client_id, set_by=rule.set_by, at=rule.at)
    await session.flush()
    deed = RefundApprovedByRule(
        **facts_of(refund),
        set_by=rule.set_by,
        amount_minor_max=rule.amount_minor_max,
        day_total_minor_max=rule.day_total_minor_max,
        day_before_minor=rule.day_before_minor,
    )
    await record(session, deed, actor)


async def _pay_out(
    session: AsyncSession, receipts: Receipts, payment: Payment, refund: Refund, approver: journal.Actor
) -> None:
    """Let cash leave the drawer of the desk that asked, where the patient stands."""
    moved = await take_from_invoices(session, payment, refund)
    drawer = await open_drawer(session, refund.desk_id, refund.currency, is_training=receipts.is_training)
    advice = m("Put cash into it first, or ask at a desk that has more.")
    await check_in_drawer(session, drawer, refund.given_in_cash, advice=advice)
    refund.settle_here(shift_id=drawer.id)
    await session.flush()
    if refund.instead_of is not None:
        await _answer_question(session, refund.instead_of, approver)
    await receipts.issue_for_refund(session, payment, refund, approver, kind=ReceiptKind.REFUND, moved=moved)


async def _answer_question(session: AsyncSession, failed_id: uuid.UUID, approver: journal.Actor) -> None:
    """What came back is given in cash: nobody has to decide about it any more."""
    failed = await session.get_one(Refund, failed_id)
    asked = sa.select(Difference).where(
        Difference.kind == DifferenceKind.REFUND_CAME_BACK, Difference.stripe_id == failed.stripe_refund_id
    )
    difference = (await session.execute(asked.with_for_update(**ROW_LOCK))).scalar_one_or_none()
    if difference is not None:
        await settle(session, difference, str(m("Given in cash instead.")), approver)


async def let_reject(session: AsyncSession, refund: Refund, actor: journal.Actor, *, why: str, is_own: bool) -> None:
    """Reject a locked refund; who takes back a request of their own decides about nobody's,
    and needs no words.

    Raises ``Refused`` when it is approved already.
    """
    if refund.state is RefundState.REQUESTED:
        by = None if is_own else actor.staff_id
        refund.decide(RefundState.REJECTED, by=by, desk_id=actor.desk_id, at=now())
        refund.turned_down = why
        await session.flush()
        await record(session, RefundRejected(**facts_of(refund), why=why or TAKEN_BACK.english), actor)
        await let_credit_go(session, refund, actor)
    elif refund.state not in (RefundState.REJECTED, RefundState.EXPIRED):
        raise Refused(m("This refund is approved already."), advice=m("It cannot be taken back."))


async def expire_if_late(session: AsyncSession, refund: Refund, moment: datetime) -> None:
    """End a locked request that nobody decided in time."""
    if refund.has_lapsed(moment):
        refund.decide(RefundState.EXPIRED, by=None, desk_id=None, at=moment)
        await session.flush()
        await record(session, RefundMoved(kind=DeedKind.REFUND_EXPIRED, **facts_of(refund)), journal.PROGRAM)
        await let_credit_go(session, refund, journal.PROGRAM)


async def note_refused_approval(
    session: AsyncSession, refund_id: uuid.UUID, refusal: Refused, approver: journal.Actor
) -> None:
    """Write down that an approval was refused; a request that has lapsed ends with it."""
    refund, _payment = await lock_refund(session, refund_id)
    await expire_if_late(session, refund, now())
    await record(session, RefundApprovalRefused(**facts_of(refund), why=refusal.message.english), approver)
