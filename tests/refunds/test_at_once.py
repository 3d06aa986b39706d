"""Locks that others hide: what two people do in one moment about different payments, and what comes in between.

One transaction is held open right before its commit; what waits for it goes on afterwards with what is true by then.
"""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from cashier.books.invoice import Invoice
from cashier.books.journal import PROGRAM
from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import RefundState
from cashier.books.staff import Role
from cashier.database import ROW_LOCK
from cashier.errors import Refused, Unreachable
from cashier.money import Money
from cashier.payments.settlement import take_in_report
from cashier.refunds.adoption import find_or_adopt
from cashier.refunds.deciding import let_approve
from cashier.refunds.effects import take_in_report as take_in_refund
from cashier.refunds.limits import RoleLimit
from cashier.refunds.locking import lock_refund
from tests.payments.patient import pay_on_page
from tests.refunds.conftest import asking
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])
"""An embedded database has one writer at a time."""


async def until_it_waits(hospital, task):
    """Return when ``task`` waits for a lock of somebody else's, or has come to its end without."""
    waiting = (
        "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(30):
        while not (await asyncio.to_thread(hospital.execute, waiting))[0]["n"]:
            if (await asyncio.wait([task], timeout=0.02))[0]:
                return


@contextlib.asynccontextmanager
async def meanwhile(services, hospital, verb):
    """Do something in a transaction that ends only when ``verb``, begun inside, waits for it; then let that end."""
    tasks = []
    async with services.database.transaction() as session:
        yield session
        tasks.append(asyncio.create_task(verb()))
        await until_it_waits(hospital, tasks[0])
    await asyncio.wait(tasks)
    tasks[0].result()


async def balance_of(services, hospital, number=DUE):
    async with services.database.reading() as session:
        return (await session.get_one(Invoice, hospital.invoice_ids[number])).balance_minor


@ON_POSTGRESQL
async def test_a_days_limit_holds_for_refunds_of_two_payments_that_are_approved_at_once(services, hospital, paid):
    limit = RoleLimit(role=Role.SUPERVISOR, currency="EUR", day_total=Money(7_000, "EUR"))
    await services.approval_limits.set(limit, hospital.administrator)
    payments = [await paid((DUE, 12_000)), await paid((DUE_OF_OTHER_PATIENT, 8_000))]
    first, second = [await services.refunds.request(asking(payment, 4_000), hospital.cashier) for payment in payments]

    with pytest.raises(Refused, match=r"up to 70.00 € a day, and today it is 40.00 €"):
        async with meanwhile(
            services, hospital, lambda: services.refunds.approve(second.id, hospital.colleague)
        ) as session:
            refund, payment = await lock_refund(session, first.id)
            await let_approve(session, services.receipts, refund, payment, hospital.colleague, reopens=None)

    states = {(await services.refunds.view(each.id)).state for each in (first, second)}
    assert states == {RefundState.APPROVED, RefundState.REQUESTED}


@pytest.fixture
async def both(services, hospital, sandbox, paid):
    """A refund that Stripe has made, and a payment of the rest of the same invoice that came: neither is written."""
    former = await paid((DUE, 6_000))
    request = asking(former, 6_000)
    await services.refunds.request(request, hospital.cashier)
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=2, drop=True, when="after")
    with pytest.raises(Unreachable):
        await services.refunds.approve(request.refund_id, hospital.colleague)
    begun = await services.payments.begin(order_for(hospital, DUE, 6_000), hospital.cashier)
    await pay_on_page(begun.page_url)
    return request.refund_id, begun, former


async def check_both(services, hospital, refund_id, payment_id):
    assert (await services.refunds.view(refund_id)).state is RefundState.SUCCEEDED
    assert (await services.payments.view(payment_id)).state is PaymentState.PAID
    assert await balance_of(services, hospital) == 6_000
    assert await contradictions_in(services.database) == []


@ON_POSTGRESQL
async def test_a_refund_that_settles_beside_a_payment_of_its_invoice_counts_with_it(services, hospital, both):
    refund_id, begun, _former = both
    report = await services.gateway.fetch_payment(session_id=begun.stripe_session_id, intent_id=None)

    async with meanwhile(services, hospital, lambda: services.refunds.refresh(refund_id)) as session:
        payment = await session.get_one(Payment, begun.id, with_for_update=ROW_LOCK)
        await take_in_report(session, services.receipts, payment, report, PROGRAM)

    await check_both(services, hospital, refund_id, begun.id)


@ON_POSTGRESQL
async def test_a_payment_that_settles_beside_a_refund_of_its_invoice_counts_with_it(services, hospital, both):
    refund_id, begun, former = both
    report = await services.gateway.refunds.find_refund(refund_id, intent_id=former.stripe_intent_id)

    async with meanwhile(services, hospital, lambda: services.payments.refresh(begun.id)) as session:
        refund, _payment = await lock_refund(session, refund_id)
        await take_in_refund(session, services.receipts, refund, report, PROGRAM)

    await check_both(services, hospital, refund_id, begun.id)


async def test_a_dashboard_refund_takes_what_was_promised_and_the_promise_is_kept_from_what_is_left(
    services, hospital, sandbox, paid
):
    payment = await paid((DUE, 12_000), (DUE_OF_SAME_PATIENT, 4_500))
    first = asking(payment, 9_000, invoice_id=hospital.invoice_ids[DUE])
    second = asking(payment, 4_000, invoice_id=hospital.invoice_ids[DUE_OF_SAME_PATIENT])
    for request in (first, second):
        await services.refunds.request(request, hospital.cashier)
    made = sandbox.ask("/v1/refunds", payment_intent=payment.stripe_intent_id, amount="10000")
    await services.refunds.look_at(made["id"])
    left = [await balance_of(services, hospital, number) for number in (DUE, DUE_OF_SAME_PATIENT)]

    view = await services.refunds.approve(second.refund_id, hospital.colleague)
    late = await services.refunds.approve(first.refund_id, hospital.colleague)

    assert left == [5_500, 4_500], "the newest invoice first, also what was promised of it"
    assert (view.state, late.state) == (RefundState.SUCCEEDED, RefundState.FAILED)
    assert [await balance_of(services, hospital, number) for number in (DUE, DUE_OF_SAME_PATIENT)] == [9_500, 4_500]
    assert await contradictions_in(services.database) == []


@ON_POSTGRESQL
async def test_a_request_beside_a_dashboard_refund_asks_for_nothing_that_has_gone(services, hospital, sandbox, paid):
    payment = await paid((DUE, 12_000))
    made = sandbox.ask("/v1/refunds", payment_intent=payment.stripe_intent_id, amount="9000")
    request = asking(payment, 4_000)

    with pytest.raises(Refused, match=r"more than the 30\.00 € that are left"):
        async with meanwhile(
            services, hospital, lambda: services.refunds.request(request, hospital.cashier)
        ) as session:
            await adopt_in(session, services, made["id"])

    assert await contradictions_in(services.database) == []


async def adopt_in(session, services, stripe_id):
    """Take in a dashboard refund, and what it moved, in a running transaction."""
    report = await services.gateway.refunds.fetch_refund(stripe_id)
    refund_id = await find_or_adopt(session, report)
    assert refund_id is not None
    refund, _payment = await lock_refund(session, refund_id)
    await take_in_refund(session, services.receipts, refund, report, PROGRAM)
