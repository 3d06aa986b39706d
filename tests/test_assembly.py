"""Opening the services: what holds for the whole process from then on."""

from __future__ import annotations

import msgspec
import pytest

from cashier.assembly import open_services
from cashier.language import use_locale
from cashier.money import Money


@pytest.fixture(autouse=True)
def english_again():
    """Leave the process as it was."""
    yield
    use_locale("en")


async def test_amounts_are_written_as_the_settings_say(settings, keychain, hospital):
    desk = msgspec.structs.replace(settings.desk, locale="es")

    async with open_services(msgspec.structs.replace(settings, desk=desk), keychain):
        assert str(Money(123450, "EUR")) == "1.234,50 €"
