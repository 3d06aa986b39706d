"""A companion with the API, a sandbox behind it, and a client with a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest

from cashier.assembly import open_services
from cashier.books.api_client import Scope
from cashier.keychain import Keychain
from cashier.settings import Settings
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import SampleHospital

STRIPE = "/api/v1/payments/stripe"
PUBLISHABLE_KEY = "pk_test_cashiertests"
PORTAL = "https://portal.example"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A plain client of the API, with its key."""

    http: httpx.AsyncClient
    key: str

    async def __call__(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Send one request."""
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        return await self.http.request(method, path, json=body, headers=sent)

    async def begin(self, key: str = "", **body: Any) -> httpx.Response:
        """Begin a payment."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self("POST", f"{STRIPE}/payment-intents", body, headers=headers)


MakeKey = Callable[..., Any]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings of a companion with a portal."""
    stripe = msgspec.structs.replace(settings.stripe, publishable_key=PUBLISHABLE_KEY)
    companion = msgspec.structs.replace(settings.companion, allowed_origins=(PORTAL,), requests_per_minute=0)
    return msgspec.structs.replace(settings, stripe=stripe, companion=companion)


@pytest.fixture
def make_key(settings: Settings, keychain: Keychain, hospital: SampleHospital) -> MakeKey:
    """Make a client with a key, as an administrator does: ``await make_key(*scopes, name=…, code=…)``."""

    async def make(*scopes: Scope, name: str = "Patient portal", code: str = "WEB") -> str:
        async with open_services(settings, keychain) as services:
            made = await services.clients.add(name, code, scopes or tuple(Scope), hospital.administrator)
            return made.text

    return make


@pytest.fixture
async def portal(companion: httpx.AsyncClient, make_key: MakeKey, sandbox: RunningSandbox) -> Caller:
    """A portal that may do everything."""
    return Caller(http=companion, key=await make_key())


@pytest.fixture
async def hmis(companion, make_key) -> Caller:
    """The hospital's system, which brings invoices and asks about them."""
    key = await make_key(Scope.INVOICES_WRITE, Scope.INVOICES_READ, name="HMIS", code="HMIS")
    return Caller(http=companion, key=key)
