"""The sandbox on a thread of its own, over HTTP on loopback: for tests with and without an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cashier.sandbox.server import Options, running
from cashier.stripe_gateway.client import API_VERSION
from tests.surroundings.plain_http import PLAIN

STRIPE_KEY = "sk_test_cashiertests"
ALL_RIGHTS = {
    "checkout/sessions": "write", "payment_intents": "write", "customers": "write", "payment_methods": "write",
    "refunds": "write", "terminal": "write", "charges": "read", "disputes": "write", "events": "read",
}  # fmt: skip
"""What a restricted key has to be allowed, by the beginning of the path below ``/v1/``."""
_SECONDS = 60.0
"""How long an answer may take: the machine may be busy with other things."""


@dataclass(frozen=True, kw_only=True)
class RunningSandbox:
    """A sandbox that runs. Whatever is asked of it goes over HTTP, as with Stripe."""

    url: str
    log: Path

    def order(self, what: str, **order: Any) -> Any:
        """Give an order to its control interface: ``order("troubles", path="/v1/", status=500)``."""
        answer = httpx.post(
            f"{self.url}/_sandbox/{what}", json=order, trust_env=False, verify=PLAIN, timeout=_SECONDS
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, path: str, **form: str) -> Any:
        """Get an object, or post a form: ``ask("/v1/customers", name="…")``."""
        headers = {"Stripe-Version": API_VERSION}
        if form:
            headers["Idempotency-Key"] = uuid.uuid4().hex
        answer = httpx.request(
            "POST" if form else "GET",
            self.url + path,
            data=form,
            headers=headers,
            auth=(STRIPE_KEY, ""),
            trust_env=False,
            verify=PLAIN,
            timeout=_SECONDS,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def add_webhook_endpoint(self, url: str) -> str:
        """Have all events sent to ``url``; return the signing secret."""
        endpoint = self.ask("/v1/webhook_endpoints", url=url, **{"enabled_events[0]": "*"})
        return str(endpoint["secret"])

    def pay_on_page(self, page_url: str, *, card: str = "4242424242424242", save: bool = False) -> None:
        """Pay on a hosted page, as the browser of a patient would, up to where it leads to next."""
        form = {
            "email": "patient@example.org",
            "cardNumber": card,
            "cardExpiry": "12 / 40",
            "cardCvc": "123",
            "billingName": "A. Patient",
            "billingCountry": "ES",
        }
        if save:
            form["saveCard"] = "yes"
        answer = httpx.post(page_url, data=form, trust_env=False, verify=PLAIN, timeout=_SECONDS)
        assert answer.status_code in (302, 303), answer.text

    def end_troubles(self) -> None:
        """Call off all troubles that were ordered."""
        httpx.delete(f"{self.url}/_sandbox/troubles", trust_env=False, verify=PLAIN).raise_for_status()

    def exchanges(self) -> list[dict[str, Any]]:
        """Return what was said so far: requests with their answers, and webhooks."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


@contextlib.contextmanager
def running_sandbox(folder: Path, *, port: int = 0) -> Iterator[RunningSandbox]:
    """Run a sandbox that keeps its state and its log in ``folder``; started again there, it goes on."""
    log = folder / "stripe.jsonl"
    options = Options(port=port, log_file=log, state_file=folder / "sandbox.sqlite", retry_scale=0.02)
    ready: list[str] = []
    failure: list[BaseException] = []
    started, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with running(options) as sandbox:
            ready.append(sandbox.url)
            started.set()
            await asyncio.to_thread(stop.wait)

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failure.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=work, name="sandbox", daemon=True)
    thread.start()
    started.wait()
    try:
        if failure:
            raise failure[0]
        yield RunningSandbox(url=ready[0], log=log)
    finally:
        stop.set()
        thread.join(timeout=10)
    if failure:
        raise failure[0]
    assert not thread.is_alive(), "the sandbox does not stop"
