"""A client of the API that sends FHIR."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import msgspec
import pytest

from cashier.books.api_client import Scope
from cashier.settings import FhirSettings, Settings
from tests.companion.api.conftest import MakeKey, make_key
from tests.fhir.samples import written

__all__ = ["make_key"]

Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings of a companion that knows a department for what names none."""
    companion = msgspec.structs.replace(settings.companion, requests_per_minute=0)
    return msgspec.structs.replace(settings, companion=companion, fhir=FhirSettings(department="Outpatients"))


@pytest.fixture
async def post(companion: httpx.AsyncClient, make_key: MakeKey) -> Post:
    """Send a resource: ``await post(resource, path, **headers)``."""
    key = await make_key(Scope.INVOICES_WRITE, name="HMIS", code="HIS")

    async def send(resource: object, path: str = "/fhir/r4/Invoice", **headers: str) -> httpx.Response:
        content = resource if isinstance(resource, bytes) else written(resource)  # type: ignore[arg-type]
        sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/fhir+json", **headers}
        return await companion.post(path, content=content, headers=sent)

    return send
