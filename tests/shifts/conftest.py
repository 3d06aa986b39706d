"""A desk where cash wants a shift, and what is done in one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from cashier.assembly import Services, open_services
from tests.shifts.drawer import Drawer


@pytest.fixture
async def services(settings, keychain) -> AsyncIterator[Services]:
    """All services, as a new installation has them: no cash without a shift."""
    wanting = msgspec.structs.replace(settings, desk=msgspec.structs.replace(settings.desk, shifts=True))
    async with open_services(wanting, keychain) as services:
        yield services


@pytest.fixture
def drawer(services, hospital) -> Drawer:
    """The drawer of desk D1; its shift is not open yet."""
    return Drawer(services, hospital)
