"""A running sandbox for each test, and one log of all exchanges that is checked at the end."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stripe
from aiohttp import web

from cashier.sandbox.engine.api_description import description
from cashier.sandbox.server import Options, Sandbox, running
from tests.surroundings.stripe_description import contradictions_to_stripe

KEY = "sk_test_sandbox0000000001"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back over the wire."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def error(self) -> Any:
        """The error object of a failure."""
        return self.body["error"]


class Wire:
    """Speaks raw HTTP with a sandbox, so that a test can send what an SDK would not."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def post(self, path: str, form: Mapping[str, str] | str | None = None, **headers: str) -> Answer:
        """Post a form with the usual headers; ``Idempotency_Key="…"`` and the like replace one, "" leaves it out."""
        return await self.send("POST", path, form, **{"Idempotency_Key": uuid.uuid4().hex, **headers})

    async def get(self, path: str, **headers: str) -> Answer:
        """Get a path with its query."""
        return await self.send("GET", path, None, **headers)

    async def delete(self, path: str) -> Answer:
        """Delete what is at a path."""
        return await self.send("DELETE", path, None)

    async def send(self, method: str, path: str, form: Mapping[str, str] | str | None, **headers: str) -> Answer:
        """Send one request."""
        usual = {"Authorization": f"Bearer {KEY}", "Stripe_Version": description().version}
        named = {name.replace("_", "-"): value for name, value in {**usual, **headers}.items() if value}
        if isinstance(form, str):
            named["Content-Type"] = "application/x-www-form-urlencoded"
        async with self.session.request(method, self.url + path, data=form, headers=named) as answer:
            return Answer(status=answer.status, body=await answer.json(), headers=dict(answer.headers))

    async def control(self, path: str, body: Any) -> Any:
        """Give an order to the control interface."""
        async with self.session.post(f"{self.url}/_sandbox/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


@pytest.fixture(scope="session")
def exchange_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The log of all tests. At the end no answer and no webhook in it may contradict the API's description.

    Requests are not judged: many of them are wrong on purpose.
    """
    log = tmp_path_factory.mktemp("sandbox") / "exchanges.jsonl"
    yield log
    assert contradictions_to_stripe(log, side="response", warnings_too=True) == ""


@pytest.fixture
async def sandbox(exchange_log: Path) -> AsyncIterator[Sandbox]:
    """A fresh sandbox in memory."""
    async with running(Options(log_file=exchange_log, retry_scale=0.01)) as sandbox:
        yield sandbox


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client session for the test."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def wire(session: aiohttp.ClientSession, sandbox: Sandbox) -> Wire:
    """Raw HTTP to the test's sandbox."""
    return Wire(session, sandbox.url)


@pytest.fixture
async def unlogged(session: aiohttp.ClientSession) -> AsyncIterator[Wire]:
    """Raw HTTP to a sandbox without a log, for what the checker cannot know: time that passes, ordered failures."""
    async with running(Options()) as sandbox:
        yield Wire(session, sandbox.url)


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[stripe.StripeClient]:
    """The official SDK, pointed at the test's sandbox as the application does it."""
    transport = stripe.HTTPXClient()
    yield stripe.StripeClient(KEY, http_client=transport, base_addresses={"api": sandbox.url})
    await transport.close_async()


@dataclass(frozen=True, kw_only=True)
class Received:
    """One webhook as it arrived."""

    body: str
    signature: str


class Hook:
    """A webhook endpoint of the test: keeps what arrives and answers with ``status``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.received: list[Received] = []


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    """A webhook endpoint on loopback."""

    async def receive(request: web.Request) -> web.Response:
        endpoint.received.append(Received(body=await request.text(), signature=request.headers["Stripe-Signature"]))
        return web.Response(status=endpoint.status)

    application = web.Application()
    application.router.add_post("/hook", receive)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint = Hook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
    try:
        yield endpoint
    finally:
        await runner.cleanup()


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_process() -> Iterator[Start]:
    """Start the sandbox as a real process; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "cashier.sandbox", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()
