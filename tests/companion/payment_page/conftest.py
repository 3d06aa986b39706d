"""A companion with the page, a link that a cashier made, and a browser that asks as the page's script does."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import pytest

from cashier.assembly import Services
from cashier.books.api_client import Scope
from cashier.payment_page.views import NewLink
from cashier.settings import Settings
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, SampleHospital

PORTAL_CLIENT = "Patient portal"
_FACTS = re.compile(r'<script type="application/json" id="payment">(.*?)</script>', re.DOTALL)


@dataclass(kw_only=True)
class Browser:
    """Somebody with a link. ``attempt`` is that of the page as it was opened last."""

    http: httpx.AsyncClient
    sandbox: RunningSandbox
    path: str
    attempt: str = field(default_factory=lambda: str(uuid.uuid4()))

    async def open(self, language: str = "en") -> dict[str, Any]:
        """Open the page; return what its script reads."""
        answer = await self.http.get(f"{self.path}?lang={language}")
        assert answer.status_code == 200, answer.text
        self.attempt = str(uuid.uuid4())
        found = _FACTS.search(answer.text)
        assert found is not None
        return dict(json.loads(found[1]))

    async def begin(self, amount: int = 12_000, **facts: Any) -> httpx.Response:
        """Press “Pay” over so much."""
        body = {"attempt": self.attempt, "amount": amount, "currency": "EUR", **facts}
        return await self.http.post(f"{self.path}/begin", json=body)

    async def ask(self, verb: str, **facts: Any) -> dict[str, Any]:
        """Let the script check or cancel; return the answer."""
        answer = await self.http.post(f"{self.path}/{verb}", json=facts or {"attempt": self.attempt})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def confirm(self, begun: httpx.Response, card: str = "pm_card_visa") -> None:
        """Confirm the intent, as Stripe.js does."""
        intent_id = begun.json()["client_secret"].partition("_secret_")[0]
        self.sandbox.ask(f"/v1/payment_intents/{intent_id}/confirm", payment_method=card)

    def another(self) -> Browser:
        """Open the same link elsewhere."""
        return Browser(http=self.http, sandbox=self.sandbox, path=self.path)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings with a page, whose payments the client of the portal takes."""
    stripe = msgspec.structs.replace(settings.stripe, publishable_key="pk_test_cashiertests")
    page = msgspec.structs.replace(settings.payment_page, client=PORTAL_CLIENT)
    companion = msgspec.structs.replace(settings.companion, requests_per_minute=0)
    return msgspec.structs.replace(settings, stripe=stripe, payment_page=page, companion=companion)


@pytest.fixture
def secrets(secrets: dict[str, str]) -> dict[str, str]:
    """What a companion's process reads besides its file."""
    return {**secrets, "CASHIER_STRIPE_PUBLISHABLE_KEY": "pk_test_cashiertests"}


@pytest.fixture
async def client_of_links(services: Services, hospital: SampleHospital) -> str:
    """The client that takes what comes by links."""
    await services.clients.add(PORTAL_CLIENT, "WEB", tuple(Scope), hospital.administrator)
    return PORTAL_CLIENT


@pytest.fixture
async def link(services: Services, hospital: SampleHospital, client_of_links: str) -> NewLink:
    """A link to the page of ``DUE``, made at the desk."""
    return await services.payment_links.make(hospital.invoice_ids[DUE], hospital.cashier)


@pytest.fixture
async def browser(link: NewLink, companion: httpx.AsyncClient, sandbox: RunningSandbox) -> Browser:
    """The patient's browser."""
    return Browser(http=companion, sandbox=sandbox, path=httpx.URL(link.url).path)
