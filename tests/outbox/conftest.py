"""A receiver, an endpoint that leads to it, and what makes events."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from cashier.assembly import Services
from cashier.keychain import Secret
from tests.outbox.receiving import ROLLED, SECRET, Receiver, receiving
from tests.surroundings.sample_hospital import SampleHospital


@pytest.fixture
def secrets(secrets: dict[str, str]) -> dict[str, str]:
    """The secrets of a companion whose secret for the endpoint is being rolled: both sign."""
    return {**secrets, Secret.EVENT_SECRETS.variable: f"hmis={ROLLED},{SECRET}"}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A hospital's system that takes events."""
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def endpoint(services: Services, hospital: SampleHospital, receiver: Receiver) -> str:
    """The endpoint by which it is known."""
    await services.endpoints.add("hmis", receiver.url, hospital.administrator)
    return "hmis"


@pytest.fixture
async def sender(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """What a companion sends with."""
    async with services.outbox.sender() as sender:
        yield sender
