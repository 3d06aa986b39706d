"""The same thing asked for several times at once happens once, and everybody hears the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.books.payment import PaymentState
from cashier.books.refund import RefundState
from cashier.books.saved_card import SavedCard
from cashier.clock import now
from cashier.errors import Unreachable
from cashier.money import Money
from cashier.payments.views import PaymentShare, PaymentView
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, order_of, refund_of

pytestmark = pytest.mark.both_databases

TIMES = range(6)


@pytest.fixture
def order(hospital):
    invoice_id = hospital.invoice_ids[sample_hospital.DUE]
    share = PaymentShare(invoice_id=invoice_id, amount=Money(12_000, "EUR"))
    return order_of(share)


@pytest.fixture
async def paid(services, hospital, order):
    begun = await services.payments.begin(order, hospital.cashier)
    await pay_on_page(begun.page_url)
    return await services.payments.refresh(begun.id)


async def test_an_order_sent_many_times_at_once_opens_one_payment(services, hospital, sandbox, order):
    answers = await asyncio.gather(
        *(services.payments.begin(order, hospital.cashier) for _ in TIMES), return_exceptions=True
    )

    # Stripe refuses a request while another one with the same key is under way; its outcome is seen by asking again.
    views = [answer for answer in answers if isinstance(answer, PaymentView)]
    assert all(isinstance(answer, PaymentView | Unreachable) for answer in answers)
    views.append(await services.payments.begin(order, hospital.cashier))
    assert {(view.id, view.state) for view in views} == {(order.payment_id, PaymentState.OPEN)}
    assert len(sandbox.ask("/v1/checkout/sessions")["data"]) == 1


async def test_a_deposit_sent_many_times_at_once_is_taken_once(services, hospital):
    patient_id = hospital.execute("SELECT min(id) AS id FROM patient")[0]["id"]
    deposit = order_of(tender=Tender.CASH, deposit=Money(5_000, "EUR"), patient_id=patient_id)

    views = await asyncio.gather(*(services.payments.begin(deposit, hospital.cashier) for _ in TIMES))

    assert {(view.id, view.receipt_number) for view in views} == {(deposit.payment_id, "T-D1-000001")}
    assert await contradictions_in(services.database) == []


async def test_news_that_many_bring_at_once_settles_once(services, hospital, order):
    begun = await services.payments.begin(order, hospital.cashier)
    await pay_on_page(begun.page_url)

    views = await asyncio.gather(*(services.payments.refresh(begun.id) for _ in TIMES))

    assert {(view.state, view.receipt_number) for view in views} == {(PaymentState.PAID, "T-D1-000001")}
    assert await contradictions_in(services.database) == []


async def test_a_refund_asked_for_and_approved_many_times_at_once_goes_once(services, hospital, sandbox, paid):
    request = refund_of(paid.id, 5_000)

    await asyncio.gather(*(services.refunds.request(request, hospital.cashier) for _ in TIMES))
    views = await asyncio.gather(*(services.refunds.approve(request.refund_id, hospital.colleague) for _ in TIMES))

    assert {view.state for view in views} == {RefundState.SUCCEEDED}
    assert len(sandbox.ask("/v1/refunds")["data"]) == 1
    assert await contradictions_in(services.database) == []


async def test_a_refund_from_the_dashboard_that_many_come_upon_is_taken_in_once(services, sandbox, paid):
    made = sandbox.ask("/v1/refunds", payment_intent=paid.stripe_intent_id, amount="2000")

    await asyncio.gather(*(services.refunds.look_at(made["id"]) for _ in TIMES))

    assert await contradictions_in(services.database) == []


async def test_a_difference_that_many_find_at_once_is_found_once(services, sandbox):
    sandbox.ask("/v1/payment_intents", amount="700", currency="eur", payment_method="pm_card_visa", confirm="true",
                return_url="https://example.com", **{"metadata[cashier_payment]": "of another database"})  # fmt: skip

    found = await asyncio.gather(
        *(services.reconciliation.compare(now() - timedelta(hours=2), now() + timedelta(hours=2)) for _ in TIMES)
    )

    assert sorted(found) == [0, 0, 0, 0, 0, 1]


async def test_a_card_that_many_hear_of_at_once_is_kept_once(services, sandbox, hospital, order):
    patient_id = hospital.execute("SELECT min(id) AS id FROM patient")[0]["id"]
    customer_id = await services.cards.customer_of(patient_id)
    method = sandbox.ask("/v1/payment_methods/pm_card_visa/attach", customer=customer_id)
    sandbox.ask(f"/v1/payment_methods/{method['id']}", allow_redisplay="always")

    await asyncio.gather(*(services.cards.refresh(patient_id) for _ in TIMES))

    async with services.database.reading() as session:
        assert (await session.execute(sa.select(sa.func.count()).select_from(SavedCard))).scalar_one() == 1


async def test_everybody_signs_in_and_pays_at_once_without_waiting_in_a_circle(services, hospital):
    async def sign_in(name, pin):
        await services.staff.sign_in(name, pin, desk_id=1)

    async def pay(number):
        order = order_for(hospital, number, 1_000)
        view = await services.payments.begin(order, hospital.cashier)
        await services.payments.cancel(view.id, hospital.cashier)

    for _ in range(3):
        await asyncio.gather(
            # Each twice: an attempt counts before its PIN is checked, and the third at once has to wait.
            *(sign_in(sample_hospital.CASHIER_NAME, sample_hospital.CASHIER_PIN) for _ in range(2)),
            *(sign_in(sample_hospital.SUPERVISOR_NAME, sample_hospital.SUPERVISOR_PIN) for _ in range(2)),
            pay(sample_hospital.DUE),
            pay(sample_hospital.DUE_OF_OTHER_PATIENT),
        )

    assert await contradictions_in(services.database) == []
