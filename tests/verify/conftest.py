"""A day's books for every test of the auditor's program: worked once, copied for each."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from cashier.asked_again.sums import AskedAgain
from cashier.assembly import open_services
from cashier.keychain import Keychain, Secret
from cashier.settings import DatabaseSettings, DeskSettings, Settings, StripeSettings
from tests.conftest import EVERY_TENDER
from tests.surroundings.running_sandbox import STRIPE_KEY, running_sandbox
from tests.surroundings.sample_hospital import SampleHospital
from tests.verify.day import copy_of, work_a_day


@pytest.fixture(scope="session")
def worked_day(filled_hospital: SampleHospital, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a day on which nobody did anything past the program. Copy it; do not open it."""
    folder = tmp_path_factory.mktemp("worked")
    file = folder / "hospital.sqlite"
    shutil.copy(filled_hospital.file, file)
    hospital = SampleHospital(url=f"sqlite:///{file}", invoice_ids=filled_hospital.invoice_ids)

    async def work(stripe: str) -> None:
        settings = Settings(
            database=DatabaseSettings(url=hospital.url),
            stripe=StripeSettings(api_base=stripe, timeout_seconds=10.0),
            desk=DeskSettings(code=hospital.desk_code, tenders=EVERY_TENDER, shifts=False),
            asked_again=AskedAgain(same_minutes=0, reference_days=0),
            data_folder=str(folder / "data"),
        )
        async with open_services(settings, Keychain({Secret.STRIPE_KEY.variable: STRIPE_KEY})) as services:
            await work_a_day(services, hospital)

    with running_sandbox(folder) as sandbox, asyncio.Runner() as runner:
        runner.run(work(sandbox.url))
    return copy_of(file, folder / "day.sqlite")


@pytest.fixture
def day(worked_day: Path, tmp_path: Path) -> Path:
    """A copy of that day's books."""
    return Path(shutil.copy(worked_day, tmp_path / "day.sqlite"))
