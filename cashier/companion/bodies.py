"""Reading what a request brings, within a time and a size: who sends byte by byte holds nobody up."""

from __future__ import annotations

import asyncio

from aiohttp import web

BODY_SECONDS = 15.0


class TooLarge(Exception):  # noqa: N818 - named by what it says
    """The body has more bytes than are taken."""


class NotWhole(Exception):  # noqa: N818
    """The body was broken off, is not what its head says, or took too long."""


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
