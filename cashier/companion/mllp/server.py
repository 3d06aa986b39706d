"""The port for messages of HL7: who may send, one message after the other, each answered; limits on time and number.

MLLP knows no passwords: who may send is said by addresses, and by certificates where TLS is spoken.
https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from cashier import logs
from cashier.companion.mllp.certificate import context_of
from cashier.database import Database
from cashier.errors import CashierError, Misconfigured, why_not
from cashier.hl7.answer import acknowledgement
from cashier.hl7.inbox import Hl7Inbox
from cashier.hl7.message import BYTES_MAX
from cashier.hl7.problems import Unreadable
from cashier.language import m
from cashier.settings import Hl7Settings, Settings

log = logging.getLogger(__name__)

_BEGIN, _END = b"\x0b", b"\x1c"
_BETWEEN = b"\r\n"
_BETWEEN_MAX = 16
_CONNECTIONS_MAX = 32
_HANDSHAKE_SECONDS = 10.0
_FINISH_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long, in seconds: a message takes to come, its answer to be taken, and a connection stays without any."""

    message: float = 30.0
    answer: float = 30.0
    idle: float = 3600.0


@dataclass(eq=False, kw_only=True)
class _Connection:
    writer: asyncio.StreamWriter
    task: asyncio.Task[None]
    heard_at: float = field(default_factory=time.monotonic)
    is_in_hand: bool = False


class _Garbage(Exception):  # noqa: N818 - named by what came
    """What came is no message in MLLP's marks."""


@contextlib.asynccontextmanager
async def receiving_messages(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Take messages inside the block at the port of the settings; at none where that is 0.

    Raises ``Misconfigured`` for a port in use, and for a certificate that is not good.
    """
    hl7 = settings.hl7
    if not hl7.port:
        yield
        return
    context = context_of(hl7)
    port = MessagePort(Hl7Inbox(database, hl7, moves_money=settings.moves_money), hl7)
    with contextlib.closing(_listening_socket(hl7)) as at:
        async with port.listening(at, context):
            log.info("listening for messages", extra={"address": f"{hl7.host}:{hl7.port}"})
            yield


def _listening_socket(hl7: Hl7Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in hl7.host else socket.AF_INET
    try:
        return socket.create_server((hl7.host, hl7.port), family=family)
    except OSError as error:
        raise Misconfigured(
            m(
                "Messages cannot be taken on {host}:{port}: {reason}.",
                host=hl7.host,
                port=hl7.port,
                reason=why_not(error),
            ),
            advice=m("End the program that uses this port, or choose another host or port in [hl7] of the settings."),
        ) from error


class MessagePort:
    """Hands what comes to the inbox, and its answer back."""

    def __init__(self, inbox: Hl7Inbox, settings: Hl7Settings, limits: Limits | None = None) -> None:
        """Take messages into ``inbox``."""
        self._inbox = inbox
        self._allowed = [ip_network(each) for each in settings.allowed_senders]
        self._limits = limits or Limits()
        self._open: set[_Connection] = set()

    @contextlib.asynccontextmanager
    async def listening(self, at: socket.socket, context: ssl.SSLContext | None) -> AsyncIterator[None]:
        """Listen inside the block, with TLS where there is a ``context``.

        At the end nothing new is taken; a message in hand gets some seconds. What is not answered is sent again.
        """
        handshake = None if context is None else _HANDSHAKE_SECONDS
        server = await asyncio.start_server(
            self._serve, sock=at, limit=BYTES_MAX + 1, ssl=context, ssl_handshake_timeout=handshake
        )
        try:
            yield
        finally:
            server.close()
            for each in list(self._open):
                if not each.is_in_hand:
                    each.task.cancel()
            tasks = [each.task for each in self._open]
            if tasks:
                _done, late = await asyncio.wait(tasks, timeout=_FINISH_SECONDS)
                for task in late:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        task = asyncio.current_task()
        if task is None or not self._may_send(peer):
            log.warning("sender of messages not allowed", extra={"from_address": peer})
            writer.transport.abort()
            return
        if not self._make_room():
            log.warning("too many connections for messages", extra={"from_address": peer})
            writer.transport.abort()
            return
        _keep_alive(writer)
        connection = _Connection(writer=writer, task=task)
        self._open.add(connection)
        try:
            while await self._answer_next(connection, reader):
                pass
        except (_Garbage, Unreadable):
            log.warning("no message of HL7", extra={"from_address": peer})
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, ssl.SSLError):
            log.info("connection for messages ended", extra={"from_address": peer})
        except CashierError as error:
            # Without an answer, it is sent again.
            log.warning("message not answered", extra={"from_address": peer, "reason": error.message.english})
        except asyncio.CancelledError:
            log.info("connection for messages closed", extra={"from_address": peer})
        except Exception as error:
            # Without the trace: it could quote the message.
            facts = {"from_address": peer, "reference": logs.new_reference(), "kind": type(error).__name__}
            log.error("unexpected, about a message", extra=facts)
        finally:
            self._open.discard(connection)
            if writer.transport.get_write_buffer_size():
                writer.transport.abort()
            writer.close()

    async def _answer_next(self, connection: _Connection, reader: asyncio.StreamReader) -> bool:
        """Take one message and answer it; return False where the sender is done."""
        if not await self._begins(reader):
            return False
        connection.is_in_hand = True
        try:
            async with asyncio.timeout(self._limits.message):
                content = await _rest_of(reader)
            answer = acknowledgement(await self._inbox.take(content))
            connection.writer.write(_BEGIN + answer + _END + b"\r")
            async with asyncio.timeout(self._limits.answer):
                await connection.writer.drain()
        finally:
            connection.is_in_hand, connection.heard_at = False, time.monotonic()
        return True

    async def _begins(self, reader: asyncio.StreamReader) -> bool:
        async with asyncio.timeout(self._limits.idle):
            for _ in range(_BETWEEN_MAX):
                sign = await reader.read(1)
                if sign in (b"", _BEGIN):
                    return sign == _BEGIN
                if sign not in _BETWEEN:
                    break
        raise _Garbage

    def _may_send(self, peer: str) -> bool:
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any(address in network or (mapped is not None and mapped in network) for network in self._allowed)

    def _make_room(self) -> bool:
        """End the connection that was silent longest, so that who connects anew and anew is not kept out.

        Return False where all of them have a message in hand.
        """
        if len(self._open) < _CONNECTIONS_MAX:
            return True
        silent = [each for each in self._open if not each.is_in_hand]
        if silent:
            oldest = min(silent, key=lambda each: each.heard_at)
            self._open.discard(oldest)
            oldest.task.cancel()
        return bool(silent)


async def _rest_of(reader: asyncio.StreamReader) -> bytes:
    try:
        return (await reader.readuntil(_END))[:-1]
    except asyncio.LimitOverrunError:
        raise _Garbage from None


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have the system find out that a sender is gone that never said so."""
    held = writer.get_extra_info("socket")
    if held is not None:
        with contextlib.suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
