"""A thermal printer to be played with: a socket that answers as one, and turns what it is sent back into pictures."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from PIL import Image

_GOOD = (0x12, 0x12, 0x12, 0x12)


@dataclass
class PlayedPrinter:
    """What it has on paper, and what is wrong with it."""

    status: tuple[int, ...] = _GOOD
    is_mute: bool = False
    rubbish: bytes = b""
    tells: bool = True
    hangs_up_after: int | None = None
    """How many bytes of a picture it takes before the line breaks."""
    runs_out_after: int | None = None
    """After how many pictures the paper is at its end."""
    pictures: list[Image.Image] = field(default_factory=list)
    cuts: int = 0
    address: str = ""
    _held: list[Image.Image] = field(default_factory=list)
    _refilled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def has_paper(self) -> bool:
        """Tell whether it prints."""
        return self.status == _GOOD

    def put_paper_in(self) -> None:
        """Make it ready: what it was sent meanwhile comes out."""
        self.status, self.runs_out_after = _GOOD, None
        self.pictures += self._held
        self._held.clear()
        self._refilled.set()

    def paper(self) -> Image.Image:
        """Return all that came out since the beginning as one strip."""
        strip = Image.new("1", (self.pictures[0].width, sum(each.height for each in self.pictures)), 1)
        y = 0
        for each in self.pictures:
            strip.paste(each, (0, y))
            y += each.height
        return strip

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read commands until the line is closed."""
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self._obey(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(1)
        if first == b"\x10":
            _, number = await reader.readexactly(2)
            if self.rubbish:
                writer.write(self.rubbish)
            elif not self.is_mute:
                writer.write(bytes((self.status[number - 1],)))
        elif first == b"\x1b":
            assert await reader.readexactly(1) == b"@"
        elif (command := first + await reader.readexactly(1)) == b"\x1dv":
            await self._take_picture(reader)
        elif command == b"\x1dV":
            await reader.readexactly(2)
            self.cuts += 1
        else:
            assert command == b"\x1d("
            mark = (await reader.readexactly(9))[-4:]
            if not self.has_paper:
                await self._refilled.wait()
            if self.tells:
                writer.write(b"\x14\x00\x00\x0f7\x22" + mark + b"\x00")  # amid a status that it sends unasked

    async def _take_picture(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readexactly(6)
        assert head[:2] == b"0\x00"
        width, lines = int.from_bytes(head[2:4], "little"), int.from_bytes(head[4:6], "little")
        if self.hangs_up_after is not None:
            await reader.readexactly(min(self.hangs_up_after, width * lines))
            raise ConnectionResetError
        dots = await reader.readexactly(width * lines)
        band = Image.frombytes("1", (width * 8, lines), bytes(255 - byte for byte in dots))
        if self.runs_out_after is not None and len(self.pictures) >= self.runs_out_after:
            self.status = (0x1E, 0x32, 0x12, 0x7E)
        (self.pictures if self.has_paper else self._held).append(band)


@contextlib.asynccontextmanager
async def playing_printer() -> AsyncIterator[PlayedPrinter]:
    """Serve a printer on loopback."""
    printer = PlayedPrinter()
    lines: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.add(asyncio.create_task(printer.serve(reader, writer)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    printer.address = f"escpos://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield printer
    finally:
        server.close()
        for task in tuple(lines):
            task.cancel()
        await asyncio.gather(*lines, return_exceptions=True)
        await server.wait_closed()
