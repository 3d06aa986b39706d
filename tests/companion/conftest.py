"""A running companion: in the test's own loop for what it answers, as a process for its life and death."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from cashier.companion.server import running
from cashier.keychain import Keychain, Secret
from cashier.settings import Settings
from tests.companion.stripe_events import body_of, signature
from tests.conftest import FileWriter
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.processes import Started, started
from tests.surroundings.sample_hospital import SampleHospital

SECRET, ROLLED_SECRET = "whsec_current0001", "whsec_rolled0002"

StartCompanion = Callable[[], AbstractContextManager[Started]]
StoredEvents = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def secrets(secrets: dict[str, str]) -> dict[str, str]:
    """The secrets of a companion whose webhook secret is being rolled: two count."""
    return {**secrets, Secret.WEBHOOK_SECRETS.variable: f"{SECRET} {ROLLED_SECRET}"}


@pytest.fixture
async def companion(settings: Settings, keychain: Keychain) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a companion that runs in the test's loop."""
    async with running(settings, keychain) as address:
        limits = httpx.Limits(max_connections=32)
        async with httpx.AsyncClient(
            base_url=address, trust_env=False, verify=PLAIN, timeout=20, limits=limits
        ) as client:
            yield client


@pytest.fixture
def start_companion_with(
    secrets: dict[str, str], write_settings: FileWriter, tmp_path: Path
) -> Callable[[Settings], AbstractContextManager[Started]]:
    """Start the companion as a process: ``with start_companion_with(settings) as companion``."""

    def start(settings: Settings) -> AbstractContextManager[Started]:
        file = write_settings(settings)
        return started("companion", "--settings", str(file), environment=secrets, folder=tmp_path)

    return start


@pytest.fixture
def start_companion(
    settings: Settings, start_companion_with: Callable[[Settings], AbstractContextManager[Started]]
) -> StartCompanion:
    """Start the companion with the test's settings: ``with start_companion() as companion``."""
    return lambda: start_companion_with(settings)


@pytest.fixture
def stored_events(hospital: SampleHospital) -> StoredEvents:
    """Read the inbox past all services: what is really in the database."""
    return lambda: hospital.execute("SELECT * FROM stripe_event ORDER BY received_at")


async def deliver(
    client: httpx.AsyncClient,
    content: object,
    *,
    secret: str = SECRET,
    at: float | None = None,
    path: str = "/stripe/webhook",
) -> httpx.Response:
    """Send an event as Stripe does."""
    body = content if isinstance(content, bytes) else body_of(content)
    return await client.post(path, content=body, headers={"Stripe-Signature": signature(body, secret, at=at)})
