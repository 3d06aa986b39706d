"""Events are sent signed, in their order, once where all goes well, and again with the same id where it does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from aiohttp import web

from cashier.books.outgoing.endpoint import DeliveryState, OutgoingDelivery, OutgoingEndpoint
from cashier.clock import now
from cashier.errors import Refused
from cashier.outbox.deliveries import TAKEN, WAITS, take_due
from cashier.tenders.tender import Tender
from tests.outbox.receiving import receiving
from tests.payments.patient import pay_on_page
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, order_of, share_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases


@pytest.fixture
def pay(services, hospital):
    """Pay so much of an invoice by cheque: one event of the payment, and one of the balance."""

    async def paid(amount_minor=1_000, number=DUE):
        order = order_for(hospital, number, amount_minor, tender=Tender.CHEQUE, reference=f"C {amount_minor}")
        return await services.payments.begin(order, hospital.cashier)

    return paid


@pytest.fixture
def turn(services):
    """Let the next turn of every delivery come, and let endpoints wake up."""

    async def come():
        async with services.database.transaction() as session:
            past = now() - timedelta(seconds=1)
            await session.execute(sa.update(OutgoingDelivery).values(due_at=past))
            await session.execute(sa.update(OutgoingEndpoint).values(rests_until=None))

    return come


async def send_all(services, sender):
    """Send until nothing is due, as the companion does; return how many attempts were made."""
    count = 0
    while sent := await services.outbox.send_due(sender):
        count += sent
    return count


async def waiting(services):
    async with services.database.reading() as session:
        statement = sa.select(OutgoingDelivery).where(OutgoingDelivery.state == DeliveryState.WAITING)
        return (await session.scalars(statement.order_by(OutgoingDelivery.event_number))).all()


async def test_what_is_paid_arrives_signed_with_numbers_and_without_names(
    services, hospital, receiver, endpoint, sender
):
    order = order_of(
        share_of(hospital, DUE, 3_000),
        share_of(hospital, DUE_OF_SAME_PATIENT, 4_500),
        tender=Tender.CHEQUE,
        reference="C1",
    )
    await services.payments.begin(order, hospital.cashier)

    assert await send_all(services, sender) == 3
    assert await services.outbox.send_due(sender) == 0

    paid = next(body for body in receiver.bodies if body["type"] == "payment.settled")
    assert paid["data"] == {
        "invoices": [DUE, DUE_OF_SAME_PATIENT], "payment": str(order.payment_id), "amount_minor": 7_500,
        "currency": "EUR", "state": "paid", "tender": "cheque",
    }  # fmt: skip
    balances = {tuple(body["data"]["invoices"]): body["data"] for body in receiver.bodies if body is not paid}
    assert balances[(DUE_OF_SAME_PATIENT,)] == {
        "invoices": [DUE_OF_SAME_PATIENT], "amount_minor": 0, "currency": "EUR", "state": "paid",
    }  # fmt: skip
    assert len(set(receiver.ids)) == 3
    assert {mark.count("v1,") for mark in receiver.signatures} == {2}
    assert "Núñez" not in str(receiver.bodies)


async def test_what_fails_comes_again_with_its_id_and_holds_up_only_what_follows_it(
    services, receiver, endpoint, sender, pay, turn
):
    receiver.answers = [web.Response(status=500), web.Response(status=500)]
    await pay(1_000)
    await send_all(services, sender)
    await pay(2_000)
    await pay(3_000, DUE_OF_OTHER_PATIENT)
    await send_all(services, sender)
    first = receiver.ids[:2]
    assert [body["data"]["amount_minor"] for body in receiver.bodies[2:]].count(9_000) == 0

    await turn()
    await send_all(services, sender)

    assert set(receiver.ids[2:]) > set(first)
    of_invoice = [body["data"]["amount_minor"] for body in receiver.bodies if body["data"]["invoices"] == [DUE]
                  and body["type"] == "invoice.balance_changed"]  # fmt: skip
    assert of_invoice == [11_000, 11_000, 9_000]
    assert await waiting(services) == []


async def test_after_three_days_an_event_is_given_up_and_sent_again_by_command(
    services, hospital, receiver, endpoint, sender, pay, turn
):
    assert timedelta(days=3) < sum(WAITS, timedelta()) < timedelta(days=3.5)
    await pay()
    receiver.answers = [web.Response(status=302, headers={"Location": receiver.url}) for _ in range(20)]
    for _ in range(len(WAITS) + 1):
        assert await send_all(services, sender) == 2
        await turn()
    assert await send_all(services, sender) == 0

    lost = await services.endpoints.given_up(hospital.administrator)
    (view,) = await services.endpoints.overview()
    assert {each.last_status for each in lost} == {302}
    assert (view.waiting, view.given_up) == (0, 2)

    assert await services.endpoints.replay_one("hmis", lost[0].event_id, hospital.administrator) == 1
    await send_all(services, sender)
    assert receiver.ids[-1] == str(lost[0].event_id)
    assert len(await services.endpoints.given_up(hospital.administrator)) == 1


async def test_who_wants_nothing_more_gets_nothing_until_somebody_says_so(
    services, hospital, receiver, endpoint, sender, pay, turn
):
    receiver.answers = [web.Response(status=410)]
    begun = now()
    await pay()
    await send_all(services, sender)
    await pay(2_000)
    await turn()

    assert await send_all(services, sender) == 0
    (view,) = await services.endpoints.all(hospital.administrator)
    assert view.off_reason == "gone"

    before = len(receiver.ids)
    await services.endpoints.switch("hmis", hospital.administrator, on=True)
    await services.endpoints.switch("hmis", hospital.administrator, on=True)
    await services.endpoints.replay_since("hmis", begun, hospital.administrator)
    await send_all(services, sender)
    assert len(set(receiver.ids[before:])) == 4
    assert await contradictions_in(services.database) == []


async def test_who_asks_to_be_left_alone_is(services, receiver, endpoint, sender, pay):
    receiver.answers = [web.Response(status=429, headers={"Retry-After": "1800"}) for _ in range(2)]
    await pay()
    await send_all(services, sender)
    await pay(2_000)

    assert await send_all(services, sender) == 0
    async with services.database.reading() as session:
        endpoint = (await session.scalars(sa.select(OutgoingEndpoint))).one()
    assert endpoint.rests_until - now() > timedelta(minutes=25)
    assert min(each.due_at for each in (await waiting(services))[:2]) - now() > timedelta(minutes=25)


async def test_who_died_after_sending_leaves_it_to_another_who_sends_the_same_id(
    services, receiver, endpoint, sender, pay, turn
):
    """Two that send at once never have the same event in hand, and what nobody noted is sent again."""
    await pay()
    await services.outbox.changes(after=0, limit=1)
    mine, others = await asyncio.gather(take_due(services.database), take_due(services.database))
    taken = [*mine, *others]
    assert len({each.id for each in taken}) == len(taken) == 2
    assert min(each.due_at for each in await waiting(services)) - now() > TAKEN / 2

    await turn()
    await send_all(services, sender)

    assert set(receiver.ids) == {str(each.facts.id) for each in taken}


async def test_an_event_without_a_secret_or_an_answer_waits_and_tells_nobody(
    services, hospital, receiver, sender, pay
):
    async with receiving() as other:
        await services.endpoints.add("lab", other.url, hospital.administrator)
    await services.endpoints.add("hmis", other.url, hospital.administrator)
    await pay()
    await send_all(services, sender)

    views = {each.name: each for each in await services.endpoints.overview()}
    assert views["lab"].last_error == "no-secret"
    assert views["hmis"].last_error == "ConnectError"
    assert (views["hmis"].waiting, views["lab"].waiting) == (2, 2)


@pytest.mark.parametrize(
    ("name", "url"),
    [("hmis", "http://hmis.hospital.example/"), ("hmis", "https://me:pw@hmis.example/"), ("hmis", "ftp://h/"),
     ("hmis", "https://"), ("hmis", "https://h:99999/"), ("HMIS prod", "https://h.example/")],
)  # fmt: skip
@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_an_endpoint_that_is_not_safe_is_refused(services, hospital, name, url):
    with pytest.raises(Refused):
        await services.endpoints.add(name, url, hospital.administrator)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_cashier_sends_nothing_anywhere(services, hospital):
    for verb in (
        services.endpoints.add("hmis", "https://h.example/", hospital.cashier),
        services.endpoints.switch("hmis", hospital.cashier, on=False),
        services.endpoints.given_up(hospital.cashier),
        services.endpoints.replay_since("hmis", now(), hospital.cashier),
    ):
        with pytest.raises(Refused, match="administrators"):
            await verb


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_an_event_that_was_paid_with_a_card_is_sent_when_the_card_is_charged(
    services, hospital, receiver, endpoint, sender
):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    assert await send_all(services, sender) == 0
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    await send_all(services, sender)

    assert sorted(receiver.types) == ["invoice.balance_changed", "payment.settled"]
