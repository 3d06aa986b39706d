"""The certificate that the companion shows: what is wrong with it is said, and a renewed one is taken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from cashier import certificate as module
from cashier.certificate import LiveCertificate, ends_soon, read_certificate
from cashier.clock import now
from cashier.errors import Misconfigured
from tests.surroundings.certificates import Authority, Issued


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


def test_a_good_certificate_tells_until_when_it_is_good(authority):
    issued = authority.issue("good", days=90)

    found = read_certificate(issued.certificate, issued.key)

    assert abs(found.ends_at - now() - timedelta(days=90)) < timedelta(minutes=1)
    assert found.context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("spoil", "words", "remedy"),
    [
        (lambda one, _other: one.certificate.unlink(), "cannot be read: there is no such file", "tls_certificate"),
        (lambda one, _other: one.key.unlink(), "cannot be read: there is no such file", "tls_key"),
        (lambda one, other: one.key.write_bytes(other.key.read_bytes()), "does not belong to", "made together"),
        (lambda one, _other: one.certificate.write_bytes(b"\x30\x82\xff"), "certificate", "fullchain.pem"),
        (lambda one, _other: one.key.write_text("nothing"), "key", "privkey.pem"),
        (lambda one, _other: one.key.chmod(0o644), "can be read by everybody", "chmod"),
        (
            lambda one, _other: one.certificate.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n"),
            "cannot be used",
            "made for a web server",
        ),
    ],
)
def test_what_is_wrong_with_the_files_is_said_with_what_to_do(authority, spoil, words, remedy):
    issued = authority.issue("one")
    spoil(issued, authority.issue("other"))

    with pytest.raises(Misconfigured) as said:
        read_certificate(issued.certificate, issued.key)

    assert words in str(said.value.message)
    assert remedy in str(said.value.advice)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"days": 0}, "ended on"),
        ({"passphrase": "secret"}, "locked with a passphrase"),
        ({"use": "clientAuth"}, "unsuitable certificate purpose"),
    ],
)
def test_a_certificate_that_nobody_would_believe_is_refused(authority, facts, words):
    issued = authority.issue("bad", **facts)

    with pytest.raises(Misconfigured, match=words):
        read_certificate(issued.certificate, issued.key)


@pytest.mark.parametrize(
    ("days", "words"), [(31, None), (30, "ends on"), (1, "ends on"), (0, "ended on"), (-1, "ended on")]
)
def test_it_is_said_thirty_days_before_the_end(days, words):
    told = ends_soon(now() + timedelta(days=days))

    assert told is None if words is None else words in str(told)


@contextlib.asynccontextmanager
async def listening(shown: LiveCertificate) -> AsyncIterator[int]:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=shown.context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def name_shown(port: int, authority: Authority, *, host: str | None = "localhost") -> str:
    believing = ssl.create_default_context(cafile=str(authority.file))
    believing.check_hostname = host is not None
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=believing, server_hostname=host or "127.0.0.1"
    )
    shown = writer.get_extra_info("ssl_object").getpeercert()
    await reader.read()
    writer.close()
    return str(shown["subject"][0][0][1])


@pytest.fixture
def at_once(monkeypatch):
    """Look at the files at every connection."""
    monkeypatch.setattr(module, "_LOOK_EVERY_SECONDS", 0.0)


@pytest.mark.usefixtures("at_once")
async def test_the_next_connection_is_shown_the_renewed_certificate(authority):
    files, renewed = authority.issue("before"), authority.issue("renewed")
    shown = LiveCertificate(files.certificate, files.key)
    async with listening(shown) as port:
        assert await name_shown(port, authority) == "before"

        files.replace_with(renewed)

        assert await name_shown(port, authority) == "renewed"
        assert await name_shown(port, authority, host=None) == "renewed"


@pytest.mark.usefixtures("at_once")
async def test_half_of_a_renewal_changes_nothing_and_is_told_once(authority, caplog):
    files, renewed = authority.issue("before"), authority.issue("renewed")
    shown = LiveCertificate(files.certificate, files.key)
    async with listening(shown) as port:
        files.certificate.write_bytes(renewed.certificate.read_bytes())

        assert await name_shown(port, authority) == await name_shown(port, authority) == "before"
        assert "does not belong" in str(shown.problem())
        assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == [
            "certificate not taken"
        ]
        files.key.write_bytes(renewed.key.read_bytes())
        assert await name_shown(port, authority) == "renewed"
    assert shown.problem() is None


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("spoil", [lambda files: files.key.unlink(), lambda files: files.certificate.write_text("x")])
async def test_what_becomes_of_the_files_ends_no_service(authority, caplog, spoil):
    files = authority.issue("before")
    shown = LiveCertificate(files.certificate, files.key)
    spoil(files)

    async with listening(shown) as port:
        assert await name_shown(port, authority) == "before"
    assert shown.problem() is not None


async def test_nobody_is_served_with_old_tls(authority):
    files = authority.issue("one")
    async with listening(LiveCertificate(files.certificate, files.key)) as port:
        old = ssl.create_default_context(cafile=str(authority.file))
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1"):
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1

        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", port, ssl=old, server_hostname="localhost")


def test_files_are_looked_at_once_a_second_at_most(authority):
    files: Issued = authority.issue("before")
    shown = LiveCertificate(files.certificate, files.key)
    files.certificate.unlink()
    began = time.monotonic()

    for _ in range(10_000):
        shown.problem()

    assert time.monotonic() - began < 1.0
