"""A card reader at desk D1 and the two ways to pay on it."""

from __future__ import annotations

import pytest

from cashier.tenders.tender import Tender
from tests.surroundings.card_reader import DeskReader, place_reader


@pytest.fixture
async def reader(services, hospital, sandbox) -> DeskReader:
    """A reader at desk D1."""
    return await place_reader(services, hospital, sandbox)


@pytest.fixture(params=[Tender.READER, Tender.KEYED])
def tender(request) -> Tender:
    """A card that is held to the reader, and one that is typed into it."""
    tender: Tender = request.param
    return tender
