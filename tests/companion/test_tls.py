"""A companion that speaks TLS itself: whom it serves, what it says of its certificate, and who finds it."""

from __future__ import annotations

import socket
import ssl

import httpx
import msgspec
import pytest

from cashier.companion.server import running
from cashier.doctor.command import checks_of
from cashier.doctor.configuration import Configuration
from cashier.doctor.findings import Level, examine
from cashier.readiness import ReadinessCheck, client_of_companion
from tests.companion.conftest import deliver
from tests.companion.stripe_events import event
from tests.surroundings.certificates import Authority
from tests.surroundings.processes import run


@pytest.fixture
def authority(tmp_path):
    folder = tmp_path / "authority"
    folder.mkdir()
    return Authority(folder)


@pytest.fixture
def believed(authority, monkeypatch):
    """Let this machine's system believe the authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


@pytest.fixture
def with_certificate(settings, authority):
    """Give the companion a certificate of so many ``days``."""

    def give(*, days: int = 90, hosts: str = "IP:127.0.0.1"):
        issued = authority.issue("companion", days=days, hosts=hosts)
        companion = msgspec.structs.replace(
            settings.companion,
            url=settings.companion.url.replace("http:", "https:"),
            tls_certificate=str(issued.certificate),
            tls_key=str(issued.key),
        )
        return msgspec.structs.replace(settings, companion=companion)

    return give


@pytest.mark.usefixtures("believed")
async def test_everything_is_served_over_tls_and_only_over_tls(with_certificate, keychain, hospital, stored_events):
    async with running(with_certificate(), keychain) as address:
        async with client_of_companion(address, timeout_seconds=10) as client:
            client.base_url = httpx.URL(address)
            health = await client.get("/health")
            delivered = await deliver(client, event())
        async with httpx.AsyncClient(trust_env=False) as plain:
            with pytest.raises(httpx.TransportError):
                await plain.get(address.replace("https:", "http:") + "/health")

    assert address.startswith("https://127.0.0.1:")
    assert (health.status_code, delivered.status_code) == (200, 200)
    assert health.json()["certificate"]["ok"] is True
    assert health.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert len(stored_events()) == 1


@pytest.mark.usefixtures("believed")
async def test_the_desk_finds_it(with_certificate, keychain, services):
    settings = with_certificate()
    check = ReadinessCheck(services.database, services.gateway, companion_url=settings.companion.url)

    async with running(settings, keychain):
        readiness = await anext(check.follow())

    assert readiness.companion.ready


async def test_a_desk_that_does_not_believe_the_certificate_says_so(with_certificate, keychain, services):
    settings = with_certificate()
    check = ReadinessCheck(services.database, services.gateway, companion_url=settings.companion.url)

    async with running(settings, keychain):
        readiness = await anext(check.follow())

    assert not readiness.companion.ready
    assert str(readiness.companion.words) == "not trusted"
    assert "certificate" in str(readiness.companion.remedy)


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize(("days", "status"), [(60, "ok"), (29, "degraded")])
async def test_health_says_thirty_days_before_that_the_certificate_ends(with_certificate, keychain, days, status):
    settings = with_certificate(days=days)
    url = settings.companion.url
    async with running(settings, keychain), client_of_companion(url, timeout_seconds=10) as client:
        answer = await client.get(f"{url}/health")

    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, status)
    assert told["certificate"]["ends_at"].endswith("+00:00")
    assert (told["certificate"]["problem"] or "").startswith("" if status == "ok" else "The TLS certificate ends on")


@pytest.fixture
def look(secrets, write_settings, monkeypatch):
    """Let the doctor look at one thing on the machine of these settings."""

    async def look_at(name: str, settings):
        for variable, value in secrets.items():
            monkeypatch.setenv(variable, value)
        configuration = Configuration(write_settings(settings))
        (finding,) = await examine([each for each in checks_of(configuration) if str(each.name) == name])
        return finding

    return look_at


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [(60, Level.OK, "Good until"), (29, Level.WARNING, "ends on"), (0, Level.WRONG, "ended on")],
)
async def test_the_doctor_looks_at_the_files(with_certificate, look, days, level, words):
    finding = await look("Certificate", with_certificate(days=days))

    assert (finding.level, words in str(finding.message)) == (level, True)
    assert level is Level.OK or "Renew it" in str(finding.remedy)


@pytest.mark.parametrize(
    ("host", "proxies", "level"),
    [
        ("127.0.0.1", (), Level.OK),
        ("::1", (), Level.OK),
        ("0.0.0.0", ("10.0.0.5",), Level.OK),
        ("0.0.0.0", (), Level.WARNING),
        ("192.0.2.7", (), Level.WARNING),
    ],
)
async def test_the_doctor_warns_of_a_companion_that_others_reach_without_tls(settings, look, host, proxies, level):
    companion = msgspec.structs.replace(settings.companion, host=host, trusted_proxies=proxies)

    finding = await look("Certificate", msgspec.structs.replace(settings, companion=companion))

    assert finding.level is level


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize(("days", "level"), [(60, Level.OK), (29, Level.WARNING)])
async def test_the_doctor_of_another_machine_looks_at_what_is_shown(with_certificate, keychain, look, days, level):
    settings = with_certificate(days=days)
    elsewhere = msgspec.structs.replace(settings.companion, tls_certificate="", tls_key="")

    async with running(settings, keychain):
        finding = await look("Companion", msgspec.structs.replace(settings, companion=elsewhere))

    assert finding.level is level
    assert level is Level.OK or "The TLS certificate ends on" in str(finding.message)


@pytest.mark.usefixtures("believed")
async def test_the_doctor_says_when_the_certificate_is_for_another_host(with_certificate, keychain, look):
    settings = with_certificate(hosts="DNS:pay.hospital.example")

    async with running(settings, keychain):
        finding = await look("Companion", settings)

    assert finding.level is Level.WRONG
    assert "is not believed" in str(finding.message)
    assert "companion.url" in str(finding.remedy)


def test_it_refuses_to_start_with_files_that_do_not_fit(with_certificate, authority, secrets, write_settings):
    settings = with_certificate()
    other = msgspec.structs.replace(settings.companion, tls_key=str(authority.issue("other").key))
    file = write_settings(msgspec.structs.replace(settings, companion=other))

    done = run("companion", "--settings", str(file), environment=secrets)

    assert (done.status, done.output) == (2, "")
    assert "does not belong to the certificate" in done.errors
    assert "Traceback" not in done.errors


@pytest.mark.usefixtures("believed")
def test_the_process_says_where_it_listens_and_ends_cleanly(with_certificate, start_companion_with, authority):
    with start_companion_with(with_certificate()) as companion:
        host, _, port = companion.url.removeprefix("https://").rpartition(":")
        believing = ssl.create_default_context(cafile=str(authority.file))
        # Somebody who never says goodbye, and somebody who never says a word.
        with (
            socket.create_connection((host, int(port))) as silent,
            believing.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as kept,
        ):
            kept.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert kept.recv(12) == b"HTTP/1.1 200"

            assert companion.stop() == 0
            assert silent.fileno() > 0

    assert "Traceback" not in companion.errors, companion.errors
