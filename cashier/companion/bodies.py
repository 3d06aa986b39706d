"""Reading what a request brings, within a time and a size: who sends byte by byte holds nobody up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

BODY_SECONDS = 15.0
_LINES_SECONDS = 1800.0
"""How long all lines of one body may take."""
_PAUSE_SECONDS = 0.2


class TooLarge(Exception):  # noqa: N818 - named by what it says
    """The body has more bytes than are taken."""


class NotWhole(Exception):  # noqa: N818
    """The body was broken off, is not what its head says, or took too long."""


@dataclass(frozen=True, slots=True)
class SentLine:
    """One line that is not empty, counted from 1; ``text`` is None for one that has more bytes than are taken."""

    number: int
    text: bytes | None


async def take_lines(request: web.Request, *, line_bytes_max: int) -> AsyncIterator[SentLine | None]:
    """Yield the lines of a body as they come, and None whenever nothing more has come for a moment.

    Never keeps more than a line. Raises ``NotWhole`` when the body breaks off, nothing comes for
    ``BODY_SECONDS``, or all of it takes too long: the line that it broke off in is not told.
    """
    kept, is_over, number = bytearray(), False, 1
    async for chunk in _chunks(request):
        if chunk is None:
            yield None
            continue
        kept += chunk
        while (end := kept.find(b"\n")) >= 0:
            line = kept[:end].strip()
            del kept[: end + 1]
            if line or is_over:
                yield SentLine(number, None if is_over or len(line) > line_bytes_max else bytes(line))
            is_over, number = False, number + 1
        if len(kept) > line_bytes_max:
            is_over = True
            kept.clear()
    if is_over or kept.strip():
        yield SentLine(number, None if is_over else bytes(kept.strip()))


async def _chunks(request: web.Request) -> AsyncIterator[bytes | None]:
    silent_seconds, latest = 0.0, time.monotonic() + _LINES_SECONDS
    while time.monotonic() < latest:
        try:
            async with asyncio.timeout(_PAUSE_SECONDS):
                chunk = await request.content.readany()
        except TimeoutError:
            silent_seconds += _PAUSE_SECONDS
            if silent_seconds >= BODY_SECONDS:
                raise NotWhole from None
            yield None
            continue
        except (ConnectionError, web.RequestPayloadError):
            raise NotWhole from None
        if not chunk:
            return
        silent_seconds = 0.0
        yield chunk
    raise NotWhole


async def take_body(request: web.Request, *, bytes_max: int) -> bytes:
    """Return the body as it was sent. Raises ``TooLarge``, without reading all of it, or ``NotWhole``."""
    size = request.content_length
    if size is not None and size > bytes_max:
        raise TooLarge
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge from None
    except (ConnectionError, TimeoutError, web.RequestPayloadError):
        raise NotWhole from None
    if len(body) > bytes_max:
        raise TooLarge
    return body
