"""The database's server dies and comes back: everybody says so meanwhile, and goes on by itself afterwards."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from cashier.books.payment import PaymentState
from cashier.books.refund import RefundState
from cashier.errors import Unreachable
from cashier.keychain import Secret
from cashier.readiness import ReadinessCheck
from tests.companion.conftest import SECRET, deliver
from tests.companion.stripe_events import event
from tests.refunds.conftest import asking
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.processes import started
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])


@pytest.fixture
def companion(settings, secrets, write_settings, tmp_path):
    """A companion as a process."""
    secrets = {**secrets, Secret.WEBHOOK_SECRETS.variable: SECRET}
    file = str(write_settings(settings))
    with started("companion", "--settings", file, environment=secrets, folder=tmp_path) as companion:
        yield companion


async def health_of(companion):
    async with httpx.AsyncClient(base_url=companion.url, trust_env=False, verify=PLAIN, timeout=10) as client:
        return await client.get("/health")


async def until_health_is(companion, status):
    deadline = time.monotonic() + 20
    while (await health_of(companion)).status_code != status:
        assert time.monotonic() < deadline, companion.errors
        await asyncio.sleep(0.2)


async def test_a_desk_goes_on_after_the_server_came_back(services, hospital, sandbox, postgres):
    begun = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    await asyncio.to_thread(sandbox.pay_on_page, begun.page_url)

    postgres.kill()
    for _ in range(3):
        with pytest.raises(Unreachable, match="does not answer"):
            await services.payments.refresh(begun.id)
        with pytest.raises(Unreachable, match="does not answer"):
            await services.payments.begin(order_for(hospital, DUE_OF_OTHER_PATIENT, 8_000), hospital.cashier)
    await asyncio.to_thread(postgres.start)

    assert (await services.payments.refresh(begun.id)).state is PaymentState.PAID
    assert await contradictions_in(services.database) == []


async def test_a_cashier_who_watches_a_payment_is_told_and_then_sees_it_paid(services, hospital, sandbox, postgres):
    begun = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    seen = []

    async def watch():
        async for view in services.payments.follow(begun.id):
            seen.append((view.state, view.trouble))

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.5)
    postgres.kill()
    await asyncio.to_thread(sandbox.pay_on_page, begun.page_url)
    await asyncio.sleep(4)
    await asyncio.to_thread(postgres.start)
    await asyncio.wait_for(watching, 30)

    assert any(trouble and "does not answer" in str(trouble.words) for _, trouble in seen)
    assert seen[-1] == (PaymentState.PAID, None)


async def test_a_watched_refund_is_told_of_and_then_seen_through(services, hospital, sandbox, postgres):
    begun = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    await asyncio.to_thread(sandbox.pay_on_page, begun.page_url)
    paid = await services.payments.refresh(begun.id)
    asked = await services.refunds.request(asking(paid), hospital.cashier)
    seen = []

    async def watch():
        async for (view,) in services.refunds.follow([asked.id]):
            seen.append((view.state, view.trouble))

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.5)
    postgres.kill()
    await asyncio.sleep(7)
    assert not watching.done(), "the watch outlives the database"
    await asyncio.to_thread(postgres.start)
    await services.refunds.approve(asked.id, hospital.colleague)
    await asyncio.wait_for(watching, 30)

    assert seen[0] == (RefundState.REQUESTED, None)
    assert any(trouble and "does not answer" in str(trouble) for _, trouble in seen)
    assert seen[-1] == (RefundState.SUCCEEDED, None)
    assert await contradictions_in(services.database) == []


async def test_news_comes_again_and_what_was_missed_is_caught_up(services, hospital, postgres):
    with services.news.watch("payment:anything") as watch:
        await watch.wait(5)
        await asyncio.to_thread(postgres.kill)
        await asyncio.to_thread(postgres.start)

        # Rung without news: whoever watches reads again what happened while nobody listened.
        assert await watch.wait(15)
        async with services.database.transaction() as session:
            await services.news.announce(session, "payment:anything")

        assert await watch.wait(5)


async def test_the_desk_knows_that_the_database_is_away_and_that_it_is_back(services, settings, postgres):
    check = ReadinessCheck(services.database, services.gateway, companion_url=settings.companion.url)
    async with httpx.AsyncClient(trust_env=False, verify=PLAIN) as client:
        assert (await check.look(client)).database.ready

        postgres.kill()
        away = (await check.look(client)).database
        await asyncio.to_thread(postgres.start)

        assert (away.ready, str(away.words)) == (False, "no answer")
        assert (await check.look(client)).database.ready


async def test_a_companion_survives_and_takes_in_webhooks_again(companion, postgres, hospital, services, sandbox):
    begun = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
    await asyncio.to_thread(sandbox.pay_on_page, begun.page_url)
    await until_health_is(companion, 200)
    sent = event(data={"object": {"id": begun.stripe_session_id, "object": "checkout.session", "metadata": {},
                                  "client_reference_id": str(begun.id)}},
                 type="checkout.session.completed")  # fmt: skip
    async with httpx.AsyncClient(base_url=companion.url, trust_env=False, verify=PLAIN, timeout=20) as client:
        postgres.kill()
        refused = await deliver(client, sent)
        await until_health_is(companion, 503)
        await asyncio.to_thread(postgres.start)
        await until_health_is(companion, 200)
        accepted = await deliver(client, sent)

    assert refused.status_code == 500, "Stripe has to send it again"
    assert accepted.status_code == 200
    with services.news.watch() as watch:
        for _ in range(40):
            if (await services.payments.view(begun.id)).state is PaymentState.PAID:
                break
            await watch.wait(0.5)
    assert (await services.payments.view(begun.id)).state is PaymentState.PAID
    assert companion.process.poll() is None
    assert "Traceback" not in companion.errors
