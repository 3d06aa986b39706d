"""How much may be approved, by each role, and refunded by clients of the API: in one refund, and in a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.api_client import ApiClient, ClientRefundLimit, Scope
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.refunds import ApprovalLimitSet
from cashier.books.hospital import Hospital
from cashier.books.payment import Payment
from cashier.books.refund import ApprovalLimit, Refund, RefundState
from cashier.books.staff import Role, Staff
from cashier.clock import begin_of, now, on_the_clock
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.language import m, mn
from cashier.language.number_style import Count
from cashier.money import Money
from cashier.staff.rights import ALLOWED, ROLE_NAMES, Action, require
from cashier.tenders.refund_way import RefundWay


@dataclass(frozen=True, kw_only=True)
class RoleLimit:
    """What somebody of ``role`` may approve, in the hospital's ``currency``; None: without limit."""

    role: Role
    currency: str
    amount: Money | None = None
    day_total: Money | None = None
    payment_age_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovalStanding:
    """What somebody may approve, and what that one approved today, in the hospital's currency."""

    limit: RoleLimit
    approved_today: Money


class ApprovalLimits:
    """The limits of the roles that approve refunds."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def of_roles(self) -> tuple[RoleLimit, ...]:
        """Return the limits of every role that may approve at all."""
        async with self._database.reading() as session:
            currency = (await _hospital(session)).currency
            kept = {limit.role: limit for limit in (await session.execute(sa.select(ApprovalLimit))).scalars()}
        roles = (role for role in Role if role in ALLOWED[Action.APPROVE_REFUND])
        return tuple(
            _view(kept[role], currency) if role in kept else RoleLimit(role=role, currency=currency) for role in roles
        )

    async def standing_of(self, actor: journal.Actor) -> ApprovalStanding:
        """Return what ``actor``, who signed in, may approve and approved today. For showing: nothing is locked."""
        async with self._database.reading() as session:
            hospital = await _hospital(session)
            person = await session.get_one(Staff, actor.staff_id)
            kept = await session.get(ApprovalLimit, person.role)
            today = await _approved_since(session, person, hospital, _begin_of_day(hospital, now()))
        currency = hospital.currency
        limit = RoleLimit(role=person.role, currency=currency) if kept is None else _view(kept, currency)
        return ApprovalStanding(limit=limit, approved_today=Money(today, currency))

    @again_after_circle
    async def set(self, limit: RoleLimit, actor: journal.Actor) -> None:
        """Put ``limit`` in the place of the role's former one; the journal keeps both.

        Raises ``Refused`` for anybody but an administrator, for amounts in another currency than the hospital's, and
        for a role that approves nothing.
        """
        await require(self._database, actor, Action.SET_LIMITS, subject=Subject.LIMITS, subject_id=limit.role)
        async with self._database.transaction() as session:
            _check(limit, (await _hospital(session)).currency)
            kept = await session.get(ApprovalLimit, limit.role, with_for_update=ROW_LOCK)
            before = None if kept is None else _facts(kept)
            if kept is None:
                kept = ApprovalLimit(role=limit.role)
                session.add(kept)
            kept.amount_minor_max = None if limit.amount is None else limit.amount.amount_minor
            kept.day_total_minor_max = None if limit.day_total is None else limit.day_total.amount_minor
            kept.payment_age_days_max = limit.payment_age_days
            await session.flush()
            deed = ApprovalLimitSet(role=limit.role, before=before, after=_facts(kept))
            await journal.record(session, deed, actor)


async def check_within_limits(
    session: AsyncSession, refund: Refund, payment: Payment, approver: Staff, moment: datetime
) -> None:
    """Raise ``Refused`` when ``approver`` may not approve as much.

    The role's limits stay locked until the commit, so that two approvals at once cannot pass the sum of a day.
    """
    limit = await session.get(ApprovalLimit, approver.role, with_for_update=ROW_LOCK, populate_existing=True)
    if limit is None:
        return
    hospital = await _hospital(session)
    advice = m("Ask somebody who may approve more.")
    age_max = limit.payment_age_days_max
    if age_max is not None and (payment.settled_at or payment.created_at) < moment - timedelta(days=age_max):
        raise Refused(
            mn(
                "You approve refunds of payments that are up to {count} day old.",
                "You approve refunds of payments that are up to {count} days old.",
                count=Count(age_max),
            ),
            advice=advice,
        )
    limits = (limit.amount_minor_max, limit.day_total_minor_max)
    if limits != (None, None) and refund.currency != hospital.currency:
        raise Refused(m("Your limit for approvals is in {currency}.", currency=hospital.currency), advice=advice)
    if limit.amount_minor_max is not None and refund.amount_minor > limit.amount_minor_max:
        most = Money(limit.amount_minor_max, hospital.currency)
        raise Refused(m("You approve refunds of up to {most}.", most=most), advice=advice)
    if limit.day_total_minor_max is not None:
        today = await _approved_since(session, approver, hospital, _begin_of_day(hospital, moment))
        if today + refund.amount_minor > limit.day_total_minor_max:
            most = Money(limit.day_total_minor_max, hospital.currency)
            done = Money(today, hospital.currency)
            raise Refused(
                m("You approve up to {most} a day, and today it is {done} already.", most=most, done=done),
                advice=advice,
            )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """By which a client may refund so much now: who made it, its limits, and what it let pass on that day before."""

    client_id: int
    at: datetime
    set_by: int
    amount_minor_max: int
    day_total_minor_max: int
    day_before_minor: int


async def rule_for(session: AsyncSession, refund: Refund, payment: Payment, actor: journal.Actor) -> Rule | None:
    """Return the rule by which ``refund`` needs nobody's decision; None where somebody has to decide.

    That is a card refund of a payment that the client itself took, within limits of somebody who is an administrator
    still. The limits are locked until the commit, so that two refunds at once cannot pass the sum of a day.
    """
    limit = await _lock_client_limit(session, actor)
    if limit is None:
        return None
    moment = now()
    maker = await session.get_one(Staff, limit.set_by)
    is_in_force = maker.is_active and maker.role in ALLOWED[Action.MANAGE_CLIENTS]
    today = await _by_rule_since(session, limit, _begin_of_day(await _hospital(session), moment))
    is_theirs = payment.desk_id == actor.desk_id and refund.way is RefundWay.CARD
    if not is_in_force or not is_theirs or limit.currency != refund.currency:
        return None
    if refund.amount_minor > limit.amount_minor_max or today + refund.amount_minor > limit.day_total_minor_max:
        return None
    return Rule(
        client_id=limit.client_id,
        at=moment,
        set_by=limit.set_by,
        amount_minor_max=limit.amount_minor_max,
        day_total_minor_max=limit.day_total_minor_max,
        day_before_minor=today,
    )


async def _lock_client_limit(session: AsyncSession, actor: journal.Actor) -> ClientRefundLimit | None:
    client = (await session.execute(sa.select(ApiClient).where(ApiClient.name == actor.client))).scalar_one_or_none()
    if client is None or not client.may(Scope.REFUNDS_APPROVE):
        return None
    return await session.get(ClientRefundLimit, client.id, with_for_update=ROW_LOCK, populate_existing=True)


async def _by_rule_since(session: AsyncSession, limit: ClientRefundLimit, moment: datetime) -> int:
    """Add up what the client refunded by itself, whatever became of it: a refund that failed may still arrive."""
    statement = sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_minor), 0)).where(
        Refund.rule_client_id == limit.client_id, Refund.decided_at >= moment, Refund.currency == limit.currency
    )
    return int((await session.execute(statement)).scalar_one())


async def _approved_since(session: AsyncSession, approver: Staff, hospital: Hospital, moment: datetime) -> int:
    gone = [state for state in RefundState if state.takes_money]
    statement = sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_minor), 0)).where(
        Refund.decided_by == approver.id,
        Refund.rule_client_id.is_(None),
        Refund.decided_at >= moment,
        Refund.currency == hospital.currency,
        Refund.state.in_(gone),
    )
    return int((await session.execute(statement)).scalar_one())


def _begin_of_day(hospital: Hospital, moment: datetime) -> datetime:
    return begin_of(on_the_clock(moment, hospital.time_zone).date(), hospital.time_zone)


async def _hospital(session: AsyncSession) -> Hospital:
    return await session.get_one(Hospital, 1)


def _check(limit: RoleLimit, currency: str) -> None:
    if limit.role not in ALLOWED[Action.APPROVE_REFUND]:
        raise Refused(
            m("A {role} approves no refunds.", role=ROLE_NAMES[limit.role]), advice=m("Choose another role.")
        )
    for amount in (limit.amount, limit.day_total):
        if limit.currency != currency or (amount is not None and amount.currency != currency):
            raise Refused(
                m("Limits are in {currency}.", currency=currency), advice=m("Type an amount of that currency.")
            )
        if amount is not None and amount.amount_minor < 0:
            raise Refused(m("A limit cannot be below zero."), advice=m("Leave it empty where there is no limit."))
    if limit.payment_age_days is not None and limit.payment_age_days < 0:
        raise Refused(m("An age cannot be below zero."), advice=m("Leave it empty where there is no limit."))


def _view(limit: ApprovalLimit, currency: str) -> RoleLimit:
    def money(amount_minor: int | None) -> Money | None:
        return None if amount_minor is None else Money(amount_minor, currency)

    return RoleLimit(
        role=limit.role,
        currency=currency,
        amount=money(limit.amount_minor_max),
        day_total=money(limit.day_total_minor_max),
        payment_age_days=limit.payment_age_days_max,
    )


def _facts(limit: ApprovalLimit) -> dict[str, int | None]:
    return {
        "amount_minor": limit.amount_minor_max,
        "day_total_minor": limit.day_total_minor_max,
        "payment_age_days": limit.payment_age_days_max,
    }
