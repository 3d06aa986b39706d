"""Whether everything a desk needs is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from aiohttp import web

from cashier import clock
from cashier.assembly import Services
from cashier.readiness import ReadinessCheck
from tests.faults.moved_clock import moved
from tests.surroundings.running_sandbox import RunningSandbox


def check_of(services: Services, url: str = "") -> ReadinessCheck:
    return ReadinessCheck(services.database, services.gateway, companion_url=url or services.settings.companion.url)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def companion(free_port: int) -> AsyncIterator[dict[str, object]]:
    """Something that answers like the companion; what it says may be changed."""
    says: dict[str, object] = {"status": "ok"}

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(says)

    application = web.Application()
    application.router.add_get("/health", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", free_port).start()
    yield says
    await runner.cleanup()


@pytest.mark.usefixtures("companion")
async def test_everything_ready(services: Services, client: httpx.AsyncClient) -> None:
    readiness = await check_of(services).look(client)

    assert readiness.is_complete
    assert {str(part.words) for part in (readiness.database, readiness.stripe, readiness.companion)} == {"ready"}


async def test_a_companion_that_is_down_is_missed_with_a_remedy(
    services: Services, client: httpx.AsyncClient
) -> None:
    readiness = await check_of(services).look(client)

    assert not readiness.companion.ready
    assert "Payments still settle here" in str(readiness.companion.remedy)
    assert readiness.database.ready


async def test_a_companion_that_cannot_store_is_not_ready(
    services: Services, client: httpx.AsyncClient, companion: dict[str, object]
) -> None:
    companion["status"] = "down"

    assert str((await check_of(services).look(client)).companion.words) == "not ready"


async def test_somebody_else_on_the_companions_port_is_no_companion(
    services: Services, client: httpx.AsyncClient, companion: dict[str, object]
) -> None:
    del companion["status"]

    assert not (await check_of(services).look(client)).companion.ready


async def test_stripe_in_trouble_is_told_in_its_words(
    services: Services, client: httpx.AsyncClient, sandbox: RunningSandbox
) -> None:
    sandbox.order("troubles", path="/v1/", status=500, times=2)

    stripe = (await check_of(services).look(client)).stripe

    assert not stripe.ready
    assert str(stripe.remedy).startswith("Stripe does not answer.")


async def test_a_change_is_seen_at_once_when_asked(services: Services, companion: dict[str, object]) -> None:
    check = check_of(services)
    following = check.follow()
    first = await anext(following)
    companion["status"] = "down"

    await check.look_now()
    second = await asyncio.wait_for(anext(following), 5)

    assert (first.companion.ready, second.companion.ready) == (True, False)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_a_clock_that_is_wrong_is_told_and_the_databases_counts(
    services: Services,
    client: httpx.AsyncClient,
    companion: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check = check_of(services)
    companion["clock_off_seconds"] = 61
    of_companion = await check.look(client)
    monkeypatch.setattr(clock, "_ahead", [timedelta()])
    monkeypatch.setattr(clock, "datetime", moved(-timedelta(minutes=16)))

    of_this = await check.look(client)

    assert str(of_companion.clocks) == "The companion's clock is 1 minute ahead of the hospital's."
    assert str(of_this.clocks) == "This machine's clock is 16 minutes behind the hospital's."
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert of_this.is_complete, "it takes payments"
