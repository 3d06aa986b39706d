"""Whatever a customer, a desk and the clock do to a session in whatever order, it is charged at most once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import aiohttp
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cashier.sandbox.server import Options, Sandbox, running
from tests.sandbox.browser import AUTHENTICATED, DECLINED, VISA, Browser, Shown, open_session
from tests.sandbox.conftest import KEY

STEPS = (
    "pay",
    "pay twice",
    "decline",
    "authenticate",
    "complete",
    "fail",
    "expire",
    "reload",
    "come back",
    "hour later",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=8))
def test_a_session_is_charged_at_most_once_and_all_objects_agree(steps: list[str]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[str]) -> None:
    transport = stripe.HTTPXClient()
    async with running(Options()) as sandbox, aiohttp.ClientSession() as http:
        client = stripe.StripeClient(KEY, http_client=transport, base_addresses={"api": sandbox.url})
        session = await open_session(client, expires_at=sandbox.account.now + 2 * 60 * 60)
        visit = _Visit(sandbox, client, Browser(http), session)
        for step in steps:
            await visit.do(step)
            await visit.check()
    await transport.close_async()


class _Visit:
    def __init__(self, sandbox: Sandbox, client: stripe.StripeClient, browser: Browser, session: Any) -> None:
        self.sandbox = sandbox
        self.client = client
        self.browser = browser
        self.session = session
        self.challenge: Shown | None = None
        self.was_final: tuple[str, str] | None = None

    async def do(self, step: str) -> None:
        url = self.session.url
        if step == "pay":
            await self.browser.pay(url, VISA)
        elif step == "pay twice":
            await asyncio.gather(self.browser.pay(url, VISA), self.browser.pay(url, VISA))
        elif step == "decline":
            await self.browser.pay(url, DECLINED)
        elif step == "authenticate":
            shown = await self.browser.pay(url, AUTHENTICATED)
            self.challenge = shown if 'id="complete"' in shown.text else self.challenge
        elif step in ("complete", "fail"):
            if self.challenge:
                await self.browser.answer(self.challenge, step)
        elif step == "expire":
            await self._expire()
        elif step == "reload":
            await self.browser.open(url)
        elif step == "come back":
            await self.browser.open(f"{url}/return")
        elif step == "hour later":
            self.sandbox.account.advance_clock(60 * 60)

    async def _expire(self) -> None:
        # It may be paid or expired already; what it became is checked after the step.
        with contextlib.suppress(stripe.InvalidRequestError):
            await self.client.v1.checkout.sessions.expire_async(self.session.id)

    async def check(self) -> None:
        """Compare the session with its intent, its charges and what was told about it."""
        session: Any = await self.client.v1.checkout.sessions.retrieve_async(
            self.session.id, {"expand": ["payment_intent"]}
        )
        charges = (await self.client.v1.charges.list_async({"limit": 100})).data
        events = [event.type for event in (await self.client.v1.events.list_async({"limit": 100})).data]
        paid = [charge for charge in charges if charge.paid]
        intent = session.payment_intent
        assert len(paid) == (session.payment_status == "paid")
        assert (session.status == "complete") == (session.payment_status == "paid")
        assert (session.status == "complete") == (intent is not None and intent.status == "succeeded")
        assert (session.url is None) == (session.status != "open")
        assert events.count("checkout.session.completed") == (session.status == "complete")
        assert events.count("checkout.session.expired") == (session.status == "expired")
        if intent is not None:
            assert {charge.payment_intent for charge in charges} <= {intent.id}
            assert (intent.status == "canceled") == (session.status == "expired")
            assert intent.amount_received == sum(charge.amount_captured for charge in paid)
        final = (session.status, session.payment_status)
        assert self.was_final in (None, final)
        self.was_final = final if session.status != "open" else None
