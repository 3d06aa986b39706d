"""A thermal printer on the network: asked before it prints, and heard afterwards.

What was sent and not confirmed is not known to be on paper, and is never sent again by itself: a printer that is out
of paper keeps what it was sent, and prints it when there is paper again.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import string
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import urlsplit

from cashier.errors import Refused, Unreachable
from cashier.language import Message, m
from cashier.printing.escpos import (
    FEED_AND_CUT,
    ID_LENGTH,
    INITIALISE,
    STATUS_LENGTH,
    STATUS_REQUEST,
    Hindrance,
    PrinterStatus,
    ask_when_printed,
    has_told,
    picture,
    read_status,
)
from cashier.settings import Settings

_PORT = 9100
_CONNECT_SECONDS = 3.0
_STATUS_SECONDS = 2.0
_PRINT_SECONDS, _LINES_A_SECOND = 8.0, 300.0
"""How long paper takes: slow printers do 50 mm a second, which are 400 lines, and stop to cool."""
_HEARD_MAX = 65536

_WORDS: Mapping[Hindrance, tuple[Message, Message]] = {
    Hindrance.COVER_OPEN: (m("The cover of the receipt printer is open."), m("Close it, then print again.")),
    Hindrance.NO_PAPER: (m("The receipt printer has no paper."), m("Put a new roll in, then print again.")),
    Hindrance.CUTTER: (m("The knife of the receipt printer is stuck."), m("Free it, then print again.")),
    Hindrance.BROKEN: (m("The receipt printer reports a fault."), m("Switch it off and on; if it stays, tell IT.")),
    Hindrance.OFF_LINE: (m("The receipt printer is off line."), m("Make it ready, then print again.")),
}


class Came(StrEnum):
    """What is known of a receipt that was sent."""

    PRINTED = "printed"
    """The printer said so when it was on paper."""
    RECEIVED = "received"
    """The printer has it and had paper afterwards; more it cannot say."""


class NotKnownToBePrintedError(Unreachable):
    """It was sent, wholly or in part: only somebody who looks at the printer knows whether it came out."""

    default = m("It is not known whether the receipt came out.")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page as dots: rows of ``width_bytes``, eight dots a byte, 1 is black."""

    dots: bytes
    width_bytes: int

    @property
    def lines(self) -> int:
        """How many rows it has."""
        return len(self.dots) // self.width_bytes


class ThermalPrinter:
    """The printer at one address. ``tells`` where it can say that something is on paper (``GS ( H``)."""

    def __init__(self, host: str, port: int, *, tells: bool) -> None:
        """Know where it is; nothing is asked before it is used."""
        self._host, self._port, self._tells = host, port, tells

    @classmethod
    def at(cls, address: str, *, tells: bool) -> Self:
        """Take the printer at ``escpos://HOST`` or ``escpos://HOST:PORT``, as the settings check it."""
        parts = urlsplit(address)
        return cls(parts.hostname or "", parts.port or _PORT, tells=tells)

    async def look(self) -> PrinterStatus:
        """Ask whether it can print. Raises ``Refused``, with what to do, where it cannot; nothing is printed."""
        async with self._connected() as line:
            return await line.ready()

    async def print(self, pages: Sequence[Picture]) -> Came:
        """Print ``pages`` below each other and cut; wait until that is known.

        Raises ``Refused`` where nothing was sent, so that it may be sent again, and ``NotKnownToBePrintedError``
        where anything was.
        """
        async with self._connected() as line:
            await line.ready()
            try:
                return await line.send(pages, tells=self._tells)
            except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
                raise NotKnownToBePrintedError(
                    advice=m("Look at the printer: if it did not come out, print it again, and it will say COPY.")
                ) from error

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[_Line]:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(self._host, self._port, limit=_HEARD_MAX)
        except OSError as error:  # a time-out is one as well
            raise Refused(
                m("The receipt printer at {host} does not answer.", host=self._host),
                advice=m("Check that it is on and connected; nothing was printed."),
            ) from error
        try:
            yield _Line(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def receipt_printer_of(settings: Settings) -> ThermalPrinter | None:
    """Return the thermal printer that a desk's receipts go to, if it has one."""
    desk = settings.desk
    return ThermalPrinter.at(desk.receipt_printer, tells=desk.receipt_printer_tells) if desk.receipt_printer else None


class _Line:
    """A connection to the printer while something is printed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ready(self) -> PrinterStatus:
        """Return its status; raise ``Refused``, with what to do, unless it can print."""
        try:
            status = await self._status()
        except (OSError, asyncio.IncompleteReadError):
            status = None
        if status is None:
            raise Refused(
                m("The receipt printer answers nothing that can be understood."),
                advice=m("Switch it off and on. If it stays so, IT checks its address; nothing was printed."),
            )
        if status.hindrance is not None:
            message, advice = _WORDS[status.hindrance]
            raise Refused(message, advice=advice)
        return status

    async def send(self, pages: Sequence[Picture], *, tells: bool) -> Came:
        mark = "".join(secrets.choice(string.ascii_uppercase) for _ in range(ID_LENGTH)).encode()
        lines = sum(page.lines for page in pages)
        async with asyncio.timeout(_PRINT_SECONDS + lines / _LINES_A_SECOND):
            self._writer.write(INITIALISE)
            for page in pages:
                for part in picture(page.dots, page.width_bytes):
                    self._writer.write(part)
                    await self._writer.drain()
            self._writer.write(FEED_AND_CUT)
            if not tells:
                return await self._received()
            self._writer.write(ask_when_printed(mark))
            await self._writer.drain()
            heard = b""
            while not has_told(mark, heard):
                more = await self._reader.read(_HEARD_MAX)
                if not more:
                    raise ConnectionResetError
                heard = (heard + more)[-_HEARD_MAX:]
            return Came.PRINTED

    async def _received(self) -> Came:
        """See whether it still has paper after it was sent all: then it has printed, or is about to."""
        await self._writer.drain()
        status = await self._status()
        if status is None or status.hindrance is not None:
            raise ConnectionAbortedError
        return Came.RECEIVED

    async def _status(self) -> PrinterStatus | None:
        async with asyncio.timeout(_STATUS_SECONDS):
            self._writer.write(STATUS_REQUEST)
            await self._writer.drain()
            return read_status(await self._reader.readexactly(STATUS_LENGTH))
