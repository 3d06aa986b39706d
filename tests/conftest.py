"""What all tests share: a migrated database, a small hospital, the sandbox over HTTP, and the services.

Nothing here imports Qt. Network traffic stays on loopback, and every test leaves no process behind.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from cashier.asked_again.sums import AskedAgain
from cashier.assembly import Services, open_services
from cashier.books.schema.migration import migrate
from cashier.database import Database
from cashier.keychain import Keychain, Secret
from cashier.language import ENGLISH, use_language
from cashier.settings import CompanionSettings, DatabaseSettings, DeskSettings, Settings, StripeSettings
from cashier.tenders.tender import Tender
from tests.surroundings import ports, sample_hospital
from tests.surroundings.chromium import Payer, payer_at, running_chromium
from tests.surroundings.fences import left_behind, sitecustomize
from tests.surroundings.fences.error_log import logged_errors, told
from tests.surroundings.memory_disk import keep_files_in_memory
from tests.surroundings.postgres import Cluster, running_cluster
from tests.surroundings.quick_pins import hash_quickly
from tests.surroundings.running_sandbox import STRIPE_KEY, RunningSandbox, running_sandbox
from tests.surroundings.sample_hospital import SampleHospital
from tests.surroundings.stripe_description import contradictions_to_stripe

# The person who runs the tests may have Cashier on this machine: its settings, secrets and proxy do not count here.
for _name in [name for name in os.environ if name.startswith("CASHIER_") or name.lower().endswith("_proxy")]:
    del os.environ[_name]
# Tests read English words, whatever the person speaks.
os.environ["LC_ALL"] = "C.UTF-8"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
# A program that finds no session bus starts one and leaves it behind.
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"

keep_files_in_memory()

# What is refused here and in the processes that tests start; each worker of the tests has its own.
_traffic = Path(tempfile.mkdtemp(prefix="cashier-traffic-")) / "refused.txt"
os.environ[sitecustomize.TRAFFIC_FILE] = str(_traffic)
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(sitecustomize.__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
)
sitecustomize.keep_on_loopback()
left_behind.mark_what_is_started()
hash_quickly()

EVERY_TENDER = tuple(tender for tender in Tender if tender.row.is_at_desk)
"""What the tests' desks offer, the page first."""


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker by which modules and tests opt in to both databases."""
    config.addinivalue_line(
        "markers", "both_databases: run on SQLite and on PostgreSQL, where the test uses a database at all"
    )
    config.addinivalue_line(
        "markers",
        "logs(*events): these errors are expected in the log; see ``no_unexpected_errors``",
    )


def pytest_unconfigure() -> None:
    """Take away what this process kept beside the tests."""
    shutil.rmtree(_traffic.parent, ignore_errors=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked ``both_databases`` on both, unless the test names its own ``database_kind``."""
    if "database_kind" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases"):
        if any(mark.args[0] == "database_kind" for mark in metafunc.definition.iter_markers("parametrize")):
            return
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"])


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Begin in English, whatever the test before spoke."""
    yield
    use_language(ENGLISH)


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
    before = left_behind.processes()
    yield
    left = left_behind.left_since(before)
    assert not left, f"processes left behind: {left}"


@pytest.fixture(autouse=True)
def nothing_beyond_loopback() -> Iterator[None]:
    """Fail a test that reached, or tried to reach, beyond this machine; so do the Python processes it started."""
    yield
    refused = _traffic.read_text(encoding="utf-8") if _traffic.exists() else ""
    _traffic.unlink(missing_ok=True)
    assert not refused, f"traffic beyond loopback:\n{refused}"


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which somebody logged an error that it did not announce.

    A test announces events by ``@pytest.mark.logs("webhook not stored")``, or looks at the log itself (``caplog``).
    """
    expected = {event for mark in request.node.iter_markers("logs") for event in mark.args}
    with logged_errors() as records:
        yield
    if "caplog" not in request.fixturenames:
        unexpected = [told(record) for record in records if record.getMessage() not in expected]
        assert not unexpected, "logged and not expected:\n" + "\n".join(unexpected)


@pytest.fixture
def database_kind() -> str:
    """What the test's databases are: "sqlite", or "postgresql" where a module opts in to both."""
    return "sqlite"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server, started at its first use."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Cluster) -> str:
    """The name of an empty, migrated database on ``postgres``, made once. Copy it; do not open it."""
    migrate(postgres.create("migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def filled_postgres(postgres: Cluster, migrated_postgres: str) -> tuple[str, dict[str, int]]:
    """The sample hospital on ``postgres``, made once, and its invoices' keys. Copy it; do not open it."""
    return "filled", _filled(postgres.create("filled", template=migrated_postgres))


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
    url = f"sqlite:///{file}"
    return SampleHospital(url=url, invoice_ids=_filled(url))


def _filled(url: str) -> dict[str, int]:
    async def fill() -> dict[str, int]:
        database = Database(url)
        try:
            return await sample_hospital.fill(database)
        finally:
            await database.close()

    with asyncio.Runner() as runner:
        return runner.run(fill())


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A browser, started at its first use: where it is driven from."""
    with running_chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def payer(chromium: str) -> AsyncIterator[Payer]:
    """A payer with a telephone."""
    async with payer_at(chromium) as payer:
        yield payer


@pytest.fixture
def empty_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of this test's own, without tables."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        with request.getfixturevalue("postgres").copy_of("template0") as url:
            yield url


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database of this test's own."""
    if database_kind == "sqlite":
        file = tmp_path / "cashier.sqlite"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        yield f"sqlite:///{file}"
    else:
        with request.getfixturevalue("postgres").copy_of(request.getfixturevalue("migrated_postgres")) as url:
            yield url


@pytest.fixture
def database_file(database_url: str) -> Path:
    """The file of an empty, migrated database of this test's own, on SQLite."""
    return Path(database_url.removeprefix("sqlite:///"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty, migrated database, opened."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def hospital(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SampleHospital]:
    """A database of this test's own with hospital, desks, staff and invoices; not opened."""
    if database_kind == "sqlite":
        filled: SampleHospital = request.getfixturevalue("filled_hospital")
        file = tmp_path / "hospital.sqlite"
        shutil.copy(filled.file, file)
        yield SampleHospital(url=f"sqlite:///{file}", invoice_ids=filled.invoice_ids)
    else:
        template, invoice_ids = request.getfixturevalue("filled_postgres")
        with request.getfixturevalue("postgres").copy_of(template) as url:
            yield SampleHospital(url=url, invoice_ids=invoice_ids)


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
    return ports.free_port()


@pytest.fixture
def settings(hospital: SampleHospital, sandbox: RunningSandbox, free_port: int, tmp_path: Path) -> Settings:
    """Settings of desk D1 in the sample hospital; nobody listens yet where the companion should.

    Cash is taken without a shift, and nobody is asked about the same again: what has to do with that says so itself.
    """
    return Settings(
        database=DatabaseSettings(url=hospital.url),
        stripe=StripeSettings(api_base=sandbox.url, timeout_seconds=5.0),
        companion=CompanionSettings(port=free_port, url=f"http://127.0.0.1:{free_port}"),
        desk=DeskSettings(code=hospital.desk_code, tenders=EVERY_TENDER, shifts=False),
        asked_again=AskedAgain(same_minutes=0, reference_days=0),
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
host = "{settings.companion.host}"
port = {settings.companion.port}
url = "{settings.companion.url}"
tls_certificate = "{settings.companion.tls_certificate}"
tls_key = "{settings.companion.tls_key}"
requests_per_minute = {settings.companion.requests_per_minute}
trusted_proxies = [{", ".join(f'"{proxy}"' for proxy in settings.companion.trusted_proxies)}]
[desk]
code = "{settings.desk.code}"
tenders = [{", ".join(f'"{name}"' for name in settings.desk.tenders)}]
shifts = {str(settings.desk.shifts).lower()}
[asked_again]
same_minutes = {settings.asked_again.same_minutes}
reference_days = {settings.asked_again.reference_days}
"""
