"""What a desk must not attest is confirmed by Stripe itself, once for each payment and refund, however old."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.audit.confirmed import unconfirmed
from cashier.books.difference import DifferenceKind
from cashier.books.journal import staff_at
from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import Refund, RefundOrigin, RefundReason, RefundState
from cashier.clock import now
from cashier.companion.health import Health
from cashier.errors import Unreachable
from cashier.tenders.refund_way import RefundWay
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.orders import order_for, refund_of

SUPERVISOR = staff_at(staff_id=2, desk_id=2)

pytestmark = pytest.mark.both_databases


async def paid(services, hospital, amount_minor=3_000, number=sample_hospital.DUE):
    begun = await services.payments.begin(order_for(hospital, number, amount_minor), hospital.cashier)
    await pay_on_page(begun.page_url)
    return await services.payments.refresh(begun.id)


async def given_back(services, hospital, payment_id, amount_minor=1_000):
    asked = refund_of(payment_id, amount_minor)
    await services.refunds.request(asked, hospital.cashier)
    return await services.refunds.approve(asked.refund_id, hospital.colleague)


async def confirmed(services, model):
    """Return which rows are confirmed."""
    async with services.database.reading() as session:
        rows = await session.execute(sa.select(model.id).where(model.confirmed_at.is_not(None)))
        return set(rows.scalars())


async def open_kinds(services):
    return {(each.kind, each.payment_id) for each in await services.reconciliation.open_differences(SUPERVISOR)}


async def change(services, payment_id, **values):
    """Write into a payment what its desk's account may write."""
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).where(Payment.id == payment_id).values(**values))


async def said_to_be_paid(services, hospital, intent_id, charge_id, number=sample_hospital.DUE_OF_OTHER_PATIENT):
    """Have a payment of which only a desk says that it was paid, by an intent of somebody else."""
    begun = await services.payments.begin(order_for(hospital, number, 2_500), hospital.cashier)
    at = now()
    names = {"stripe_intent_id": intent_id, "stripe_charge_id": charge_id, "stripe_session_id": None}
    await change(services, begun.id, state=PaymentState.PAID, settled_at=at, **names)
    return begun.id


async def test_a_payment_and_refunds_are_confirmed_once_and_stripe_is_not_asked_again(services, hospital, sandbox):
    view = await paid(services, hospital)
    refund = await given_back(services, hospital, view.id)
    sandbox.ask("/v1/refunds", payment_intent=view.stripe_intent_id, amount="500")
    await services.sweep.run()
    await services.inbox.process_waiting()

    assert await services.reconciliation.confirmations.run() == 0

    assert await confirmed(services, Payment) == {view.id}
    in_dashboard = await confirmed(services, Refund) - {refund.id}
    assert len(in_dashboard) == 1
    asked = sandbox.exchanges()
    assert await services.reconciliation.confirmations.run() == 0
    assert sandbox.exchanges() == asked


async def test_what_the_comparison_hears_confirms_without_another_question(services, hospital, sandbox):
    view = await paid(services, hospital)
    refund = await given_back(services, hospital, view.id)

    await services.reconciliation.compare(now() - timedelta(hours=2), now() + timedelta(hours=2))
    asked = sandbox.exchanges()
    await services.reconciliation.confirmations.run()

    assert (await confirmed(services, Payment), await confirmed(services, Refund)) == ({view.id}, {refund.id})
    assert sandbox.exchanges() == asked


async def test_what_stripe_does_not_know_so_is_a_difference_at_once_and_never_confirmed(services, hospital, sandbox):
    of_a_shop = sandbox.ask("/v1/payment_intents", amount="2500", currency="eur", payment_method="pm_card_visa",
                            confirm="true", return_url="https://example.com")  # fmt: skip
    borrowed = await said_to_be_paid(services, hospital, of_a_shop["id"], of_a_shop["latest_charge"])
    view = await paid(services, hospital, 4_000)
    await change(services, view.id, amount_minor=4_000, stripe_charge_id="ch_of_nobody")
    real = await paid(services, hospital, 1_000)
    invented = Refund(
        id=uuid.uuid4(),
        payment_id=real.id,
        amount_minor=100,
        currency="EUR",
        reopens=True,
        note="",
        way=RefundWay.CARD,
        reason=RefundReason.DUPLICATE,
        origin=RefundOrigin.STRIPE,
        state=RefundState.SUCCEEDED,
        requested_at=now(),
        stripe_refund_id="re_of_nobody",
    )
    async with services.database.transaction() as session:
        session.add(invented)

    assert await services.reconciliation.confirmations.run() == 3

    assert await open_kinds(services) == {
        (DifferenceKind.MISSING_CHARGE, borrowed),
        (DifferenceKind.MISSING_CHARGE, view.id),
        (DifferenceKind.REFUND_UNKNOWN, real.id),
    }
    assert await confirmed(services, Payment) == {real.id}
    assert await confirmed(services, Refund) == set()
    asked = sandbox.exchanges()
    assert await services.reconciliation.confirmations.run() == 0
    assert sandbox.exchanges() == asked, "what Stripe has answered is not asked again at once"


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_who_borrows_a_charge_does_not_hide_behind_the_difference_of_another(services, hospital):
    first = await said_to_be_paid(services, hospital, "pi_of_nobody", "ch_of_nobody")
    await services.reconciliation.confirmations.run()
    (difference,) = await services.reconciliation.open_differences(SUPERVISOR)
    await services.reconciliation.resolve(difference.id, "Looked into.", SUPERVISOR)
    second = await said_to_be_paid(services, hospital, "pi_of_nobody_else", "ch_of_nobody", sample_hospital.DUE)

    assert await services.reconciliation.confirmations.run() == 1

    assert await open_kinds(services) == {(DifferenceKind.MISSING_CHARGE, second)}
    assert first != second


async def test_what_stripe_could_not_be_asked_about_for_an_hour_is_told_until_it_answers(services, hospital, sandbox):
    view = await paid(services, hospital)
    sandbox.order("troubles", path="/v1/payment_intents", status=500, times=1000)
    assert await services.reconciliation.confirmations.run() == 0, "it is young"
    assert await services.reconciliation.confirmations.count_overdue() == 0

    long_ago = now() - timedelta(hours=2)
    await change(services, view.id, created_at=long_ago, settled_at=long_ago)
    assert await services.reconciliation.confirmations.run() == 1

    assert await open_kinds(services) == {(DifferenceKind.UNCONFIRMED, view.id)}
    database, _stripe = await Health(services).parts()
    assert str(database["remark"]) == "1 payment or refund by Stripe was not confirmed by Stripe in an hour."
    async with services.database.reading() as session:
        assert [str(each) async for each in unconfirmed(session)] == [
            f"payment {view.id} (30.00 €) is paid, and Stripe never confirmed it"
        ]

    sandbox.end_troubles()
    await services.reconciliation.confirmations.run()
    assert await open_kinds(services) == set()
    assert await services.reconciliation.confirmations.count_overdue() == 0


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_silent_stripe_ends_the_round_and_a_settled_difference_the_alarm(services, hospital, sandbox):
    views = [await paid(services, hospital, 1_000) for _ in range(5)]
    long_ago = now() - timedelta(hours=2)
    for view in views:
        await change(services, view.id, created_at=long_ago, settled_at=long_ago)
    sandbox.order("troubles", path="/v1/payment_intents", status=500, times=1000)

    with pytest.raises(Unreachable):
        await services.reconciliation.confirmations.run()

    assert await services.reconciliation.confirmations.count_overdue() == 5
    for difference in await services.reconciliation.open_differences(SUPERVISOR):
        await services.reconciliation.resolve(difference.id, "Seen in the dashboard.", SUPERVISOR)
    assert await services.reconciliation.confirmations.count_overdue() == 2


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_many_that_are_old_cost_few_questions_and_a_round_stops_where_it_may_not_ask_more(
    services, hospital, sandbox
):
    views = [await paid(services, hospital, 100 + each) for each in range(11)]
    before = len(sandbox.exchanges())

    await services.reconciliation.confirmations.run(questions_max=3)

    assert await confirmed(services, Payment) == {view.id for view in views}
    assert len(sandbox.exchanges()) == before + 1


CONFIRMED_STAYS = (
    "UPDATE payment SET confirmed_at = NULL WHERE confirmed_at IS NOT NULL",
    "UPDATE payment SET state = 'cancelled', settled_at = NULL WHERE confirmed_at IS NOT NULL",
    "UPDATE payment SET stripe_intent_id = 'pi_of_nobody' WHERE confirmed_at IS NOT NULL",
    "UPDATE refund SET stripe_refund_id = 're_of_nobody'",
    "UPDATE payment SET confirmed_at = created_at WHERE state = 'open'",
)
WITH_THE_RECORD = """
    INSERT INTO refund (id, payment_id, amount_minor, currency, reason, hospital_reason, note, way, rounding_minor,
        reference, reopens, origin, state, requested_at, confirmed_at)
    SELECT '00000000000000000000000000000001', id, 1, 'EUR', 'duplicate', '', '', 'card', 0, '', {yes}, 'stripe',
        'succeeded', created_at, created_at FROM payment WHERE confirmed_at IS NOT NULL
"""


async def test_the_database_itself_keeps_what_was_confirmed_and_never_takes_it_in_with_a_record(
    services, hospital, database_kind
):
    view = await paid(services, hospital)
    await given_back(services, hospital, view.id)
    await services.payments.begin(order_for(hospital, sample_hospital.DUE_OF_OTHER_PATIENT, 100), hospital.cashier)
    await services.reconciliation.confirmations.run()

    with_it = WITH_THE_RECORD.format(yes="1" if database_kind == "sqlite" else "true")
    for statement in (*CONFIRMED_STAYS, with_it):
        with pytest.raises(sa.exc.DatabaseError, match="kept as it is"):
            hospital.execute(statement)
