"""Whoever speaks no HTTP, or speaks it slowly or without end: answered or left, told in a line, never for ever."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from cashier.companion import bodies, connections
from cashier.companion.server import running
from tests.companion.api.conftest import STRIPE

MARK = "Zqxmark"
"""Stands in all that is sent here, as a patient's name would."""
HEAD = f"POST {STRIPE}/payment-intents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


async def sent(address: str, *parts: bytes, pause: float = 0.0, within: float = 10.0) -> bytes:
    """Send ``parts`` one after the other on one connection, and return all that comes until it ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(address).port)
    try:
        async with asyncio.timeout(within):
            answer = asyncio.ensure_future(reader.read())
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
                if answer.done():
                    break
            return await answer
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.fixture
async def address(settings, keychain) -> AsyncIterator[str]:
    """Where a companion runs."""
    async with running(settings, keychain) as url:
        yield url


@pytest.mark.parametrize(
    "said",
    [
        f"{MARK} hello\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00" + MARK,
        f"GET /health HTTP/1.1\r\n{MARK}\x00: 1\r\n\r\n",
        f"GET /{MARK * 3000} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /health HTTP/1.1\r\nHost: x\r\nX: {MARK * 3000}\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\n" + "".join(f"X{n}: {MARK}\r\n" for n in range(100)) + "\r\n",
        f"GET /health HTTP/1.1\r\n\r\n{MARK}",
        f"GET /health HTTP/3.0\r\nHost: {MARK}\r\n\r\n",
        f"{HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{MARK}",
        f"{HEAD}Content-Length: -5\r\n\r\n{MARK}",
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\n{MARK}\r\n",
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n{MARK}\r\n",
        f"{HEAD}Expect: {MARK}\r\nContent-Length: 2\r\n\r\n{{}}",
    ],
)
async def test_what_is_no_request_is_a_problem_and_nothing_of_it_is_repeated(address, caplog, said):
    caplog.set_level(logging.INFO)

    answer = await sent(address, said.encode("latin-1"))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == b"400"
    assert b"Content-Type: application/problem+json" in head
    assert b"X-Content-Type-Options: nosniff" in head
    assert json.loads(body)["type"] == "/api/v1/problems/malformed"
    assert MARK.encode() not in answer
    assert MARK not in caplog.text
    assert "Traceback" not in caplog.text
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []


async def test_who_sends_the_head_byte_by_byte_is_left(settings, keychain, monkeypatch):
    monkeypatch.setattr(connections, "_IDLE_SECONDS", 1.0)
    async with running(settings, keychain) as address:
        began = time.monotonic()
        answer = await sent(address, *(bytes([each]) for each in HEAD.encode() * 3), pause=0.1, within=20)

    assert answer == b""
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("path", ["/stripe/webhook", f"{STRIPE}/webhooks"])
async def test_who_sends_the_body_byte_by_byte_is_told_and_left(address, monkeypatch, path):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(connections, "_LINGER_SECONDS", 0.5)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\n".encode()

    answer = await sent(address, head, *(b"x" for _ in range(200)), pause=0.1, within=15)

    assert answer.split()[1] == b"400"


async def test_who_does_not_take_the_answer_is_left(settings, keychain, monkeypatch, caplog):
    monkeypatch.setattr(connections, "_ANSWER_SECONDS", 0.5)
    async with running(settings, keychain) as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(address).port, limit=1)
        # Enough answers to fill what the system keeps for a reader that does not read.
        for _ in range(3000):
            writer.write(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(200):
            if "answer not taken" in caplog.text:
                break
            await asyncio.sleep(0.1)
        writer.transport.abort()
        assert reader is not None

    assert "answer not taken" in caplog.text


async def test_too_many_connections_end_those_that_are_idle(settings, keychain, monkeypatch, caplog):
    monkeypatch.setattr(connections, "_CONNECTIONS_MAX", 5)
    async with running(settings, keychain) as address:
        port = urlsplit(address).port
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        await asyncio.sleep(0.2)
        answer = await sent(address, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(idle[0][0].readexactly(1), 5)
        for _, writer in idle:
            writer.transport.abort()

    assert answer.startswith(b"HTTP/1.1 200")
    assert "too many connections" in caplog.text


@pytest.mark.parametrize(
    "path", ["/health", "/paid/1", "/nowhere", "/api/v1/nowhere", "/api/v1/openapi.json", "/stripe/webhook"]
)
async def test_every_answer_tells_browsers_to_be_careful(address, path):
    answer = await sent(address, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    assert head.split()[1] in ("200", "404", "405")
    assert "x-content-type-options: nosniff" in head
    assert "referrer-policy: no-referrer" in head
    assert "content-security-policy: default-src 'none'" in head
    assert "server: cashier\r\n" in head + "\r\n"
    assert "aiohttp" not in head
    assert "strict-transport-security" not in head
