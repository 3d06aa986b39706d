"""The port for messages over real sockets: each message answered, and nobody holds it up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from cashier.companion.mllp.certificate import context_of
from cashier.companion.mllp.server import Limits, MessagePort
from cashier.companion.server import running
from cashier.errors import Misconfigured
from cashier.hl7.inbox import Hl7Inbox
from tests.hl7.samples import RULES, charge, charges
from tests.surroundings.certificates import Authority

BEGIN, END = b"\x0b", b"\x1c\r"


@contextlib.asynccontextmanager
async def open_port(database, *, limits=None, **settings) -> AsyncIterator[int]:
    rules = msgspec.structs.replace(RULES, **settings)
    port = MessagePort(Hl7Inbox(database, rules, moves_money=True), rules, limits)
    with socket.create_server(("127.0.0.1", 0)) as at:
        async with port.listening(at, context_of(rules)):
            yield at.getsockname()[1]


class Sender:
    """The hospital's system, on one connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def send(self, *messages):
        """Send, and return what is answered to each: code and id."""
        for each in messages:
            self.writer.write(BEGIN + each + END)
        return [await self.answer() for _ in messages]

    async def answer(self):
        async with asyncio.timeout(20):
            framed = await self.reader.readuntil(END)
        assert framed.startswith(BEGIN)
        return framed.decode().split("\r")[1].split("|")[1:3]

    async def is_ended(self):
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(20):
                return await self.reader.read(1) == b""
        return True


@contextlib.asynccontextmanager
async def sender_to(port, **facts) -> AsyncIterator[Sender]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **facts)
    try:
        yield Sender(reader, writer)
    finally:
        writer.transport.abort()


async def test_messages_are_answered_one_after_the_other_on_one_connection(hospital_database):
    wrong = charges(charge(kind="PY"), control_id="M2")

    async with open_port(hospital_database) as port, sender_to(port) as sender:
        assert await sender.send(charges(), wrong, charges(), charges(control_id="M3")) == [
            ["AA", "M1"], ["AE", "M2"], ["AA", "M1"], ["AA", "M3"],
        ]  # fmt: skip
        sender.writer.write(b"\r\n" + BEGIN + charges(control_id="M4") + b"\x1c")
        assert await sender.answer() == ["AA", "M4"]


async def test_what_comes_byte_by_byte_is_one_message(hospital_database):
    async with open_port(hospital_database) as port, sender_to(port) as sender:
        for byte in BEGIN + charges() + END:
            sender.writer.write(bytes([byte]))
            await sender.writer.drain()

        assert await sender.answer() == ["AA", "M1"]


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", b"\r" * 40, BEGIN + b"rubbish" + END, BEGIN + b"MSH|" + b"x" * 1_100_000 + END],
    ids=["http", "blanks", "no message", "too large"],
)  # fmt: skip
async def test_garbage_ends_the_connection_without_an_answer_and_others_go_on(hospital_database, sent):
    async with open_port(hospital_database) as port, sender_to(port) as other, sender_to(port) as sender:
        sender.writer.write(sent)

        assert await sender.is_ended()
        assert await other.send(charges()) == [["AA", "M1"]]


@pytest.mark.parametrize("sent", [b"", BEGIN, BEGIN + charges()[:90]], ids=["nothing", "a mark", "half a message"])
async def test_who_says_nothing_more_is_not_waited_for(hospital_database, sent):
    limits = Limits(message=0.2, answer=5, idle=0.2)

    async with open_port(hospital_database, limits=limits) as port, sender_to(port) as sender:
        sender.writer.write(sent)

        assert await sender.is_ended()


async def test_who_is_not_named_is_not_listened_to(hospital, hospital_database):
    named = ("10.0.0.0/8", "::1")
    async with open_port(hospital_database, allowed_senders=named) as port, sender_to(port) as sender:
        sender.writer.write(BEGIN + charges() + END)

        assert await sender.is_ended()
    assert hospital.execute("SELECT count(*) AS many FROM hl7_message") == [{"many": 0}]


async def test_who_connects_anew_and_anew_is_not_kept_out(hospital_database):
    async with open_port(hospital_database) as port, contextlib.AsyncExitStack() as stack:
        senders = [await stack.enter_async_context(sender_to(port)) for _ in range(40)]

        assert await senders[-1].send(charges()) == [["AA", "M1"]]
        assert await senders[0].is_ended()


async def test_a_database_that_is_away_is_no_answer_and_the_message_is_taken_in_later(hospital, hospital_database):
    hospital.execute("ALTER TABLE hl7_message RENAME TO away")
    async with open_port(hospital_database) as port:
        async with sender_to(port) as sender:
            sender.writer.write(BEGIN + charges() + END)
            assert await sender.is_ended()
        hospital.execute("ALTER TABLE away RENAME TO hl7_message")

        async with sender_to(port) as sender:
            assert await sender.send(charges()) == [["AA", "M1"]]


async def test_a_message_in_hand_is_answered_before_the_end(hospital_database):
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(open_port(hospital_database))
        sender = await stack.enter_async_context(sender_to(port))
        idle = await stack.enter_async_context(sender_to(port))
        assert await sender.send(charges()) == [["AA", "M1"]]
    assert await idle.is_ended()


async def test_with_tls_only_senders_with_a_certificate_are_heard(hospital_database, tmp_path):
    authority = Authority(tmp_path)
    shown, sender_shows = authority.issue("port"), authority.issue("sender")
    files = {
        "tls_certificate": str(shown.certificate),
        "tls_key": str(shown.key),
        "tls_senders": str(authority.file),
    }
    believing = ssl.create_default_context(cafile=authority.file)

    async with open_port(hospital_database, **files) as port:
        async with sender_to(port, ssl=believing, server_hostname="localhost") as stranger:
            stranger.writer.write(BEGIN + charges() + END)
            with contextlib.suppress(ssl.SSLError):
                assert await stranger.is_ended()
        believing.load_cert_chain(sender_shows.certificate, sender_shows.key)
        async with sender_to(port, ssl=believing, server_hostname="localhost") as sender:
            assert await sender.send(charges()) == [["AA", "M1"]]

    with pytest.raises(Misconfigured):
        context_of(msgspec.structs.replace(RULES, **{**files, "tls_senders": str(tmp_path / "none.pem")}))


async def test_the_companion_listens_where_the_settings_say_and_tells_what_waits(
    settings, keychain, hospital, free_port
):
    hl7 = msgspec.structs.replace(RULES, port=free_port + 1)
    good, bad = charges(), charges(charge(kind="PY"), control_id="M2")
    async with (
        running(msgspec.structs.replace(settings, hl7=hl7), keychain) as address,
        sender_to(free_port + 1) as sender,
        httpx.AsyncClient(trust_env=False, timeout=20) as client,
    ):
        assert await sender.send(good, bad) == [["AA", "M1"], ["AE", "M2"]]
        health = (await client.get(f"{address}/health")).json()

    assert (health["status"], health["unsettled_messages"]) == ("degraded", 1)
    assert health["database"]["problem"] == "1 message of HL7 waits for somebody to settle it."
    statement = "SELECT balance_minor FROM invoice WHERE number = 'HL7-1'"
    assert hospital.execute(statement) == [{"balance_minor": 9_800}]
