"""The sweep: several may run at once, and the mark only moves ahead."""

from __future__ import annotations

import asyncio

import pytest

from cashier.clock import now

pytestmark = pytest.mark.both_databases


async def test_several_sweeps_at_once_all_come_to_their_end(services, sandbox):
    sandbox.ask("/v1/customers", description="An event")

    missing = await asyncio.gather(*(services.sweep.run() for _ in range(6)))

    assert sum(missing) == 1
    assert (await services.inbox.status()).waiting == 1


async def test_a_slow_sweep_does_not_move_the_mark_back(services):
    began = now()
    await services.sweep.run()
    marked = await services.sweep.last_at()

    await services.sweep._move_mark(began)

    assert await services.sweep.last_at() == marked
