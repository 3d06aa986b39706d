"""How much a role may approve, and who says so."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.books.payment import Payment
from cashier.books.refund import RefundState
from cashier.books.staff import Role
from cashier.errors import Refused
from cashier.money import Money
from cashier.refunds.limits import RoleLimit
from tests.refunds.conftest import asking

pytestmark = pytest.mark.both_databases


def of_supervisors(**limits: int) -> RoleLimit:
    money = {name: Money(value, "EUR") for name, value in limits.items() if name != "payment_age_days"}
    return RoleLimit(role=Role.SUPERVISOR, currency="EUR", payment_age_days=limits.get("payment_age_days"), **money)


@pytest.fixture
def limit(services, hospital):
    """Set the limits of supervisors: ``await limit(amount=5_000)``."""

    async def put(**limits):
        await services.approval_limits.set(of_supervisors(**limits), hospital.administrator)

    return put


async def asked(services, hospital, payment, amount_minor):
    return await services.refunds.request(asking(payment, amount_minor), hospital.cashier)


async def test_without_limits_everything_that_is_left_can_be_approved(services, hospital, paid):
    refund = await asked(services, hospital, await paid(), 12_000)

    assert (await services.refunds.approve(refund.id, hospital.colleague)).state is RefundState.SUCCEEDED


async def test_more_than_the_role_may_needs_somebody_who_may(services, hospital, paid, limit):
    await limit(amount=5_000)
    refund = await asked(services, hospital, await paid(), 5_001)

    with pytest.raises(Refused, match=r"up to 50.00 €"):
        await services.refunds.approve(refund.id, hospital.colleague)

    view = await services.refunds.approve(refund.id, hospital.administrator)
    assert view.state is RefundState.SUCCEEDED


async def test_a_day_s_sum_is_kept_also_by_two_approvals_at_once(services, hospital, paid, limit):
    await limit(day_total=7_000)
    payment = await paid()
    refunds = [await asked(services, hospital, payment, 3_000) for _ in range(4)]

    results = await asyncio.gather(
        *(services.refunds.approve(refund.id, hospital.colleague) for refund in refunds), return_exceptions=True
    )

    assert sum(isinstance(result, Refused) for result in results) == 2
    with pytest.raises(Refused, match=r"up to 70.00 € a day, and today it is 60.00 €"):
        last = next(each for each, result in zip(refunds, results, strict=True) if isinstance(result, Refused))
        await services.refunds.approve(last.id, hospital.colleague)


async def test_a_payment_that_is_too_old_needs_somebody_who_may(services, hospital, paid, limit):
    await limit(payment_age_days=30)
    payment = await paid()
    refund = await asked(services, hospital, payment, 1_000)
    async with services.database.transaction() as session:
        row = await session.get_one(Payment, payment.id)
        assert row.settled_at is not None
        row.settled_at -= timedelta(days=31)

    with pytest.raises(Refused, match="up to 30 days old"):
        await services.refunds.approve(refund.id, hospital.colleague)


async def test_only_an_administrator_sets_limits_and_the_journal_keeps_both(services, hospital):
    for actor in (hospital.cashier, hospital.colleague):
        with pytest.raises(Refused, match="administrators"):
            await services.approval_limits.set(of_supervisors(amount=1), actor)

    await services.approval_limits.set(of_supervisors(amount=5_000), hospital.administrator)
    await services.approval_limits.set(of_supervisors(amount=9_000), hospital.administrator)

    limits = {limit.role: limit for limit in await services.approval_limits.of_roles()}
    assert limits[Role.SUPERVISOR].amount == Money(9_000, "EUR")
    assert limits[Role.ADMINISTRATOR] == RoleLimit(role=Role.ADMINISTRATOR, currency="EUR")
    async with services.database.reading() as session:
        statement = sa.select(JournalEntry.facts).where(JournalEntry.action == DeedKind.APPROVAL_LIMIT_SET)
        last = [json.loads(facts) for facts in (await session.execute(statement)).scalars()][-1]
    assert (last["before"]["amount_minor"], last["after"]["amount_minor"]) == (5_000, 9_000)


@pytest.mark.parametrize(
    ("limit_", "reason"),
    [
        (RoleLimit(role=Role.CASHIER, currency="EUR"), "approves no refunds"),
        (RoleLimit(role=Role.SUPERVISOR, currency="EUR", amount=Money(1, "USD")), "Limits are in EUR"),
        (RoleLimit(role=Role.SUPERVISOR, currency="EUR", day_total=Money(-1, "EUR")), "below zero"),
        (RoleLimit(role=Role.SUPERVISOR, currency="EUR", payment_age_days=-1), "below zero"),
    ],
)
async def test_limits_that_make_no_sense_are_refused(services, hospital, limit_, reason):
    with pytest.raises(Refused, match=reason):
        await services.approval_limits.set(limit_, hospital.administrator)
