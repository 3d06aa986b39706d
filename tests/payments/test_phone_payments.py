"""Payments on the patient's own phone, against the sandbox: Stripe's page, at an address that a phone reaches."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from cashier.assembly import open_services
from cashier.books.payment import Payment, PaymentState
from cashier.clock import now
from cashier.errors import Unreachable
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.card_reader import charged
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases

PUBLIC = "https://pay.hospital.example"
SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def settings(settings):
    """Settings of a hospital whose companion has another address for phones."""
    companion = msgspec.structs.replace(settings.companion, public_url=f"{PUBLIC}/")
    return msgspec.structs.replace(settings, companion=companion)


async def test_the_page_for_a_phone_returns_to_the_public_address(services, hospital, sandbox):
    view = await services.payments.begin(order_for(hospital, tender=Tender.PHONE), hospital.cashier)

    session = sandbox.ask(f"{SESSIONS}/{view.stripe_session_id}")

    assert view.state is PaymentState.OPEN
    assert session["success_url"] == f"{PUBLIC}/paid/{view.id}"
    assert session["cancel_url"] == f"{PUBLIC}/back/{view.id}"


async def test_the_page_at_the_desk_returns_to_the_companions_own_address(services, settings, hospital, sandbox):
    view = await services.payments.begin(order_for(hospital), hospital.cashier)

    session = sandbox.ask(f"{SESSIONS}/{view.stripe_session_id}")

    assert session["success_url"] == f"{settings.companion.url}/paid/{view.id}"


async def test_without_a_public_address_a_phone_returns_to_the_companions_own(settings, keychain, hospital, sandbox):
    companion = msgspec.structs.replace(settings.companion, public_url="")
    async with open_services(msgspec.structs.replace(settings, companion=companion), keychain) as services:
        view = await services.payments.begin(order_for(hospital, tender=Tender.PHONE), hospital.cashier)

    session = sandbox.ask(f"{SESSIONS}/{view.stripe_session_id}")

    assert session["success_url"] == f"{companion.url}/paid/{view.id}"


async def test_a_patient_pays_on_the_phone(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital, tender=Tender.PHONE), hospital.cashier)
    await pay_on_page(begun.page_url)

    paid = await services.payments.refresh(begun.id)

    assert (paid.state, paid.tender, paid.receipt_number) == (PaymentState.PAID, Tender.PHONE, "T-D1-000001")
    assert await contradictions_in(services.database) == []


async def test_a_card_that_the_patient_saves_on_the_phone_can_be_charged_again(services, hospital):
    begun = await services.payments.begin(order_for(hospital, tender=Tender.PHONE), hospital.cashier)
    await pay_on_page(begun.page_url, save=True)
    await services.payments.refresh(begun.id)

    async with services.database.reading() as session:
        payment = await session.get_one(Payment, begun.id)

    assert [card.last_four for card in await services.cards.of_patient(payment.patient_id)] == ["4242"]


async def test_a_decline_on_the_phone_leaves_the_page_open_for_another_card(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital, tender=Tender.PHONE), hospital.cashier)
    await pay_on_page(begun.page_url, number="4000000000009995")
    declined = await services.payments.refresh(begun.id)
    await pay_on_page(begun.page_url)

    paid = await services.payments.refresh(begun.id)

    assert (declined.state, declined.decline.code) == (PaymentState.OPEN, "insufficient_funds")
    assert (paid.state, charged(sandbox)) == (PaymentState.PAID, [12_000])


async def test_switching_to_another_tender_first_expires_the_page_on_the_phone(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital, tender=Tender.PHONE), hospital.cashier)
    withdrawn = await services.payments.cancel(begun.id, hospital.cashier)

    other = await services.payments.begin(order_for(hospital), hospital.cashier)

    assert (withdrawn.state, other.state) == (PaymentState.CANCELLED, PaymentState.OPEN)
    assert sandbox.ask(f"{SESSIONS}/{begun.stripe_session_id}")["status"] == "expired"


async def test_a_phone_that_was_quicker_than_the_switch_has_paid(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital, tender=Tender.PHONE), hospital.cashier)
    await pay_on_page(begun.page_url)

    view = await services.payments.cancel(begun.id, hospital.cashier)

    assert (view.state, charged(sandbox)) == (PaymentState.PAID, [12_000])


async def test_a_page_on_a_phone_that_nobody_paid_is_withdrawn_after_its_lifetime(services, hospital, sandbox):
    begun = await services.payments.begin(order_for(hospital, tender=Tender.PHONE), hospital.cashier)
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).values(created_at=now() - timedelta(hours=2)))

    await services.payments.recover()

    assert (await services.payments.view(begun.id)).state is PaymentState.CANCELLED
    assert sandbox.ask(f"{SESSIONS}/{begun.stripe_session_id}")["status"] == "expired"


async def test_a_desk_that_starts_again_shows_the_same_page(services, settings, keychain, hospital, sandbox):
    order = order_for(hospital, tender=Tender.PHONE)
    sandbox.order("troubles", path=SESSIONS, method="POST", times=2, drop=True, when="after")
    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)

    async with open_services(settings, keychain) as again:
        (found,) = await again.payments.unfinished_at(1)
        view = await again.payments.refresh(found.id)

    (session,) = sandbox.ask(SESSIONS)["data"]
    assert (view.state, view.stripe_session_id) == (PaymentState.OPEN, session["id"])
    assert view.page_url == session["url"]


async def test_the_page_is_opened_to_the_letter_although_the_public_address_changed_meanwhile(
    services, settings, keychain, hospital, sandbox
):
    order = order_for(hospital, tender=Tender.PHONE)
    sandbox.order("troubles", path=SESSIONS, method="POST", times=2, drop=True, when="after")
    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)
    moved = msgspec.structs.replace(settings.companion, public_url="https://other.hospital.example")

    async with open_services(msgspec.structs.replace(settings, companion=moved), keychain) as again:
        view = await again.payments.begin(order, hospital.cashier)

    assert view.state is PaymentState.OPEN
    assert len(sandbox.ask(SESSIONS)["data"]) == 1
