"""The database fails while a patient pays at Stripe: nobody says more than is known, and the truth is stored then."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from cashier.books.from_stripe.payment_report import Standing
from cashier.books.payment import PaymentState
from cashier.books.refund import RefundState
from cashier.errors import Party, Unreachable
from cashier.failpoints import FailPoint
from cashier.payments.views import NotWritten, PaymentView
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.refunds.conftest import asking
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for
from tests.surroundings.outages import Outage, Outages, small_disk
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT, SampleHospital

_EVERY = [pytest.param("postgresql" if each.is_on_postgresql else "sqlite", each, id=each.name) for each in Outage]
every_outage = pytest.mark.parametrize(("database_kind", "outage"), _EVERY)


@pytest.fixture
def hospital(hospital, request, tmp_path, monkeypatch):
    """The sample hospital, on a small disk where the disk is to be filled."""
    monkeypatch.setattr("cashier.database._BUSY_TIMEOUT_SECONDS", 0.5)
    if request.node.callspec.params["outage"] is not Outage.FULL:
        yield hospital
        return
    with small_disk(tmp_path / "disk", kilobytes=hospital.file.stat().st_size // 1024 + 2000) as disk:
        file = disk / "hospital.sqlite"
        shutil.copy(hospital.file, file)
        yield SampleHospital(url=f"sqlite:///{file}", invoice_ids=hospital.invoice_ids)


@pytest.fixture
def outages(hospital, request, database_kind):
    """What befalls the database of this test."""
    server = request.getfixturevalue("postgres") if database_kind == "postgresql" else None
    outages = Outages(hospital, server)
    yield outages
    outages.end()


@every_outage
async def test_stripe_is_asked_all_the_same_and_what_it_says_is_stored_later(
    services, hospital, sandbox, outages, outage
):
    begun = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    await asyncio.to_thread(sandbox.pay_on_page, begun.page_url)
    outages.begin(outage)

    with pytest.raises(NotWritten, match="Stripe says that it is paid") as raised:
        await services.payments.refresh(begun.id)
    outages.end()

    assert (raised.value.by, raised.value.report.standing) == (Party.DATABASE, Standing.PAID)
    assert "Stripe does not answer" not in str(raised.value)
    assert (await services.payments.refresh(begun.id)).state is PaymentState.PAID
    assert await contradictions_in(services.database) == []


@every_outage
async def test_a_saved_card_that_was_charged_is_never_called_refused(services, hospital, sandbox, outages, outage):
    before = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    await pay_on_page(before.page_url, save=True)
    patient_id = (await services.payments.refresh(before.id)).patient_id
    (card,) = await services.cards.of_patient(patient_id)
    order = order_for(hospital, DUE_OF_SAME_PATIENT, 4_500, tender=Tender.SAVED_CARD, saved_card_id=card.id)
    outages.begin_at(FailPoint.PAYMENT_OPENED, outage)

    with pytest.raises(Unreachable, match="Stripe says that it is paid"):
        await services.payments.begin(order, hospital.cashier)
    outages.end()

    assert (await services.payments.refresh(order.payment_id)).state is PaymentState.PAID
    assert [each["amount"] for each in sandbox.ask("/v1/charges")["data"]] == [4_500, 12_000]
    assert await contradictions_in(services.database) == []


@every_outage
async def test_who_watches_a_payment_hears_from_stripe_and_sees_it_stored(
    services, hospital, sandbox, outages, outage
):
    begun = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    told: asyncio.Queue[PaymentView] = asyncio.Queue()

    async def watch():
        async for view in services.payments.follow(begun.id):
            told.put_nowait(view)

    watching = asyncio.create_task(watch())
    assert (await asyncio.wait_for(told.get(), 10)).trouble is None
    outages.begin(outage)
    await asyncio.to_thread(sandbox.pay_on_page, begun.page_url)
    trouble = (await asyncio.wait_for(told.get(), 30)).trouble
    while trouble is not None and trouble.at_stripe is not Standing.PAID:
        assert trouble.by is Party.DATABASE
        trouble = (await asyncio.wait_for(told.get(), 30)).trouble
    outages.end()
    await asyncio.wait_for(watching, 60)

    assert trouble is not None, "what could not be stored is not told as stored"
    while not told.empty():
        last = told.get_nowait()
    assert (last.state, last.trouble) == (PaymentState.PAID, None)


@every_outage
async def test_a_refund_that_was_sent_is_never_called_not_done(services, hospital, sandbox, outages, outage):
    begun = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    await asyncio.to_thread(sandbox.pay_on_page, begun.page_url)
    asked = await services.refunds.request(asking(await services.payments.refresh(begun.id)), hospital.cashier)
    outages.begin_at(FailPoint.REFUND_SENT, outage)

    with pytest.raises(Unreachable, match="Stripe has answered about this refund") as raised:
        await services.refunds.approve(asked.id, hospital.colleague)
    outages.end()

    assert raised.value.by is Party.DATABASE
    assert (await services.refunds.refresh(asked.id)).state is RefundState.SUCCEEDED
    assert await contradictions_in(services.database) == []


@every_outage
async def test_a_payment_that_was_taken_back_at_stripe_is_not_called_open_there(
    services, hospital, sandbox, outages, outage
):
    begun = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    outages.begin_at(FailPoint.PAYMENT_WITHDRAWN, outage)

    with pytest.raises(NotWritten, match="nothing was charged, and that nothing is open"):
        await services.payments.cancel(begun.id, hospital.cashier)
    outages.end()

    assert (await services.payments.cancel(begun.id, hospital.cashier)).state is PaymentState.CANCELLED
