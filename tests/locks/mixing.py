"""Three desks on the same records, and every verb beside every other there."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator

import msgspec

from cashier.assembly import open_services
from cashier.books.api_client import Scope
from cashier.books.journal import staff_at
from cashier.errors import CashierError, Party
from cashier.keychain import Keychain
from cashier.settings import Settings
from tests.locks.verbs import VERBS, Desk, Shared, Verb
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import SampleHospital

_STEP_SECONDS_MAX = 30


@contextlib.asynccontextmanager
async def three_desks(settings: Settings, keychain: Keychain, hospital: SampleHospital) -> AsyncIterator[list[Desk]]:
    """Run three desks, each with somebody signed in, all with drawers."""
    hospital.execute("INSERT INTO desk (code, name, is_active, is_counter) VALUES ('D3', 'North', true, true)")
    async with contextlib.AsyncExitStack() as stack:
        found: list[Desk] = []
        for number, staff_id in (
            (1, hospital.cashier_id),
            (2, hospital.supervisor_id),
            (3, hospital.administrator_id),
        ):
            own = msgspec.structs.replace(settings.desk, code=f"D{number}", shifts=True)
            services = await stack.enter_async_context(
                open_services(msgspec.structs.replace(settings, desk=own), keychain)
            )
            found.append((services, staff_at(staff_id=staff_id, desk_id=number)))
        yield found


async def shared_by(desks: list[Desk], hospital: SampleHospital, sandbox: RunningSandbox) -> Shared:
    """Bring about the records that all desks act on."""
    services, _ = desks[0]
    made = await services.clients.add("Portal", "WEB", tuple(Scope), hospital.administrator)
    caller = await services.clients.identify(made.text)
    assert caller is not None
    found = Shared(hospital=hospital, sandbox=sandbox, client=caller.actor)
    await found.prepare(desks)
    return found


async def attempt(verb: Verb, shared: Shared, desk: Desk) -> CashierError | None:
    """Do it; return how it was refused, if it was."""
    refused: CashierError | None = None
    try:
        await verb(shared, desk)
    except CashierError as error:
        refused = error
    assert refused is None or refused.by is not Party.DATABASE, f"{verb.__name__}: {refused}"
    return refused


async def mix(shared: Shared, desks: list[Desk]) -> int:
    """Do every verb beside every other, several at once; return how often a verb was done or refused."""
    starts = _starts(len(VERBS))
    for step in range(len(VERBS)):
        verbs = [VERBS[(start + step) % len(VERBS)] for start in starts]
        async with asyncio.timeout(_STEP_SECONDS_MAX):
            await asyncio.gather(
                *(attempt(verb, shared, desks[place % len(desks)]) for place, verb in enumerate(verbs))
            )
    return len(starts) * len(VERBS)


def _starts(count: int) -> list[int]:
    """Return where in a ring of ``count`` verbs several begin, so that each verb comes to stand beside every other.

    That is so once every distance between two places of the ring is one between two beginnings; 0 as well, as a
    verb goes beside itself.
    """
    starts = [0, 0]
    while len(_distances(starts, count)) < count:
        starts.append(max(range(count), key=lambda start: len(_distances([*starts, start], count))))
    return starts


def _distances(starts: list[int], count: int) -> set[int]:
    return {(one - other) % count for one, other in itertools.permutations(starts, 2)}
