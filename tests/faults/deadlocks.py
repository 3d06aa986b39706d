"""The search for circles: every verb beside every other at three desks, until one waits for another, or never."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from cashier.asked_again.sums import AskedAgain
from cashier.keychain import Keychain, Secret
from cashier.settings import CompanionSettings, DatabaseSettings, DeskSettings, Settings, StripeSettings
from cashier.tenders.tender import BY_DIGIT
from tests.faults.scenarios import Outcome
from tests.locks.mixing import mix, shared_by, three_desks
from tests.locks.verbs import VERBS
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.running_sandbox import STRIPE_KEY, RunningSandbox, running_sandbox
from tests.surroundings.sample_hospital import SampleHospital


def search_for_deadlocks(folder: Path, hospital: SampleHospital, *, rounds: int) -> Outcome:
    """Mix all verbs so often; fails where one is told to try again, or the books do not agree in the end.

    ``recovery_seconds`` is how long the slowest round took. Whether the server has ended anybody is in its log.
    """
    with running_sandbox(folder) as sandbox:
        done, slowest_seconds = asyncio.run(_mixed(folder, hospital, sandbox, rounds))
    return Outcome(outcome=f"{len(VERBS)} verbs, {done} times", recovery_seconds=slowest_seconds, differences=0)


async def _mixed(folder: Path, hospital: SampleHospital, sandbox: RunningSandbox, rounds: int) -> tuple[int, float]:
    settings = Settings(
        database=DatabaseSettings(url=hospital.url),
        stripe=StripeSettings(api_base=sandbox.url),
        companion=CompanionSettings(),
        desk=DeskSettings(code=hospital.desk_code, tenders=BY_DIGIT),
        asked_again=AskedAgain(same_minutes=0, reference_days=0),
        data_folder=str(folder / "data"),
    )
    done, slowest_seconds = 0, 0.0
    async with three_desks(settings, Keychain({Secret.STRIPE_KEY.variable: STRIPE_KEY}), hospital) as desks:
        shared = await shared_by(desks, hospital, sandbox)
        for _ in range(rounds):
            began = time.monotonic()
            done += await mix(shared, desks)
            slowest_seconds = max(slowest_seconds, time.monotonic() - began)
        wrong = await contradictions_in(desks[0][0].database)
        assert not wrong, "\n".join(wrong)
    return done, slowest_seconds
