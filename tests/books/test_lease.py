"""A lease: one at a time has it, until it runs out or is given back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cashier.books.lease import Lease, give_back_lease, take_lease
from cashier.clock import now

pytestmark = pytest.mark.both_databases


async def test_a_lease_is_one_holders_until_it_runs_out_or_is_given_back(database):
    assert await take_lease(database, "upkeep", "one", seconds=30)
    assert not await take_lease(database, "upkeep", "two", seconds=30)
    assert await take_lease(database, "upkeep", "one", seconds=30), "its holder prolongs it"

    async with database.transaction() as session:
        await session.execute(sa.update(Lease).values(until=now()))
    assert await take_lease(database, "upkeep", "two", seconds=30)
    assert not await take_lease(database, "upkeep", "one", seconds=30)

    await give_back_lease(database, "upkeep", "one")
    assert not await take_lease(database, "upkeep", "one", seconds=30), "only its holder gives it back"
    await give_back_lease(database, "upkeep", "two")
    assert await take_lease(database, "upkeep", "one", seconds=30)
