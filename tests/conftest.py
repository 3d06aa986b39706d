"""What all tests share: a migrated database, a small hospital, the sandbox over HTTP, and the services.

Nothing here imports Qt. Network traffic stays on loopback, and every test leaves no process behind.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from cashier.assembly import Services, open_services
from cashier.database import Database
from cashier.keychain import Keychain, Secret
from cashier.migration import migrate
from cashier.settings import CompanionSettings, DatabaseSettings, DeskSettings, Settings, StripeSettings
from tests import sample_hospital
from tests.running_sandbox import STRIPE_KEY, RunningSandbox, contradictions_to_stripe, running_sandbox
from tests.sample_hospital import SampleHospital

# The person who runs the tests may have Cashier on this machine: its settings, secrets and proxy do not count here.
for _name in [name for name in os.environ if name.startswith("CASHIER_") or name.lower().endswith("_proxy")]:
    del os.environ[_name]
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# QtWebEngine keeps its processes until the application ends.
_MAY_STAY = ("QtWebEngineProc",)


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep default settings and data out of the home folder."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
        yield


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a process behind."""
    before = _children()
    yield
    left = {pid: name for pid, name in _children().items() if pid not in before and name not in _MAY_STAY}
    assert not left, f"processes left behind: {left}"


def _children() -> dict[int, str]:
    found: dict[int, str] = {}
    for tasks in Path("/proc/self/task").glob("*/children"):
        for pid in tasks.read_text().split():
            try:
                found[int(pid)] = Path(f"/proc/{pid}/comm").read_text().strip()
            except FileNotFoundError:
                continue
    return found


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated database, made once. Copy it; do not open it."""
    file = tmp_path_factory.mktemp("migrated") / "empty.sqlite"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def filled_hospital(migrated_file: Path) -> SampleHospital:
    """The sample hospital, made once. Copy its file; do not open it."""
    file = migrated_file.with_name("hospital.sqlite")
    shutil.copy(migrated_file, file)

    async def fill() -> dict[str, int]:
        database = Database(f"sqlite:///{file}")
        try:
            return await sample_hospital.fill(database)
        finally:
            await database.close()

    with asyncio.Runner() as runner:
        return SampleHospital(file=file, invoice_ids=runner.run(fill()))


@pytest.fixture
def database_file(migrated_file: Path, tmp_path: Path) -> Path:
    """An empty, migrated database of this test's own."""
    file = tmp_path / "cashier.sqlite"
    shutil.copy(migrated_file, file)
    return file


@pytest.fixture
async def database(database_file: Path) -> AsyncIterator[Database]:
    """An empty, migrated database, opened."""
    database = Database(f"sqlite:///{database_file}")
    yield database
    await database.close()


@pytest.fixture
def hospital(filled_hospital: SampleHospital, tmp_path: Path) -> SampleHospital:
    """A database of this test's own with hospital, desks, staff and invoices; not opened."""
    file = tmp_path / "hospital.sqlite"
    shutil.copy(filled_hospital.file, file)
    return SampleHospital(file=file, invoice_ids=filled_hospital.invoice_ids)


@pytest.fixture
async def hospital_database(hospital: SampleHospital) -> AsyncIterator[Database]:
    """The sample hospital's database, opened, where no Stripe is wanted."""
    database = Database(hospital.url)
    yield database
    await database.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[RunningSandbox]:
    """Our Stripe, over HTTP. At the end nothing that was said to it or by it may contradict Stripe's API."""
    folder = tmp_path / "sandbox"
    folder.mkdir()
    with running_sandbox(folder) as sandbox:
        yield sandbox
    if contradictions := contradictions_to_stripe(sandbox.log):
        pytest.fail(contradictions)


@pytest.fixture
def free_port() -> int:
    """A port on loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(hospital: SampleHospital, sandbox: RunningSandbox, free_port: int, tmp_path: Path) -> Settings:
    """Settings of desk D1 in the sample hospital; nobody listens yet where the companion should."""
    return Settings(
        database=DatabaseSettings(url=hospital.url),
        stripe=StripeSettings(api_base=sandbox.url, timeout_seconds=5.0),
        companion=CompanionSettings(port=free_port, url=f"http://127.0.0.1:{free_port}"),
        desk=DeskSettings(code=hospital.desk_code),
        data_folder=str(tmp_path / "data"),
    )


@pytest.fixture
def secrets() -> dict[str, str]:
    """The secrets as an environment: what a process gets, and what ``keychain`` reads. Add to it first."""
    return {Secret.STRIPE_KEY.variable: STRIPE_KEY}


@pytest.fixture
def keychain(secrets: dict[str, str]) -> Keychain:
    """A keychain that knows nothing but ``secrets``."""
    return Keychain(secrets)


@pytest.fixture
async def services(settings: Settings, keychain: Keychain) -> AsyncIterator[Services]:
    """All services on the sample hospital and the sandbox."""
    async with open_services(settings, keychain) as services:
        yield services


FileWriter = Callable[[Settings], Path]


@pytest.fixture
def write_settings(tmp_path: Path) -> FileWriter:
    """Write settings as a TOML file, for a process: ``write_settings(settings)`` returns its path."""

    def write(settings: Settings) -> Path:
        file = tmp_path / "cashier.toml"
        file.write_text(settings_text(settings), encoding="utf-8")
        return file

    return write


def settings_text(settings: Settings) -> str:
    """Write what the tests set of ``settings`` as TOML."""
    return f"""\
data_folder = "{settings.data_folder}"
[database]
url = "{settings.database.url}"
[stripe]
api_base = "{settings.stripe.api_base}"
timeout_seconds = {settings.stripe.timeout_seconds}
[companion]
port = {settings.companion.port}
url = "{settings.companion.url}"
[desk]
code = "{settings.desk.code}"
"""
