"""Answering while the request still comes: one value a line, both ways, and neither is ever kept whole."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator

import msgspec
from aiohttp import web

from cashier.companion.api.operation import NDJSON, Answer
from cashier.companion.api.problems import Problem, ProblemKind, new_instance
from cashier.companion.connections import address_pattern
from cashier.language import m

log = logging.getLogger(__name__)

_IN_HAND_MAX = 2
_TAKE_SECONDS = 30.0
_MEDIA_TYPES = (NDJSON, "application/jsonl", "application/json-lines")


class Streams:
    """The streams in hand; few at once, because each may bring a hundred thousand lines."""

    def __init__(self) -> None:
        """Begin with none."""
        self._in_hand = 0

    @contextlib.contextmanager
    def one_more(self) -> Iterator[None]:
        """Count a stream while it lasts. Raises ``Problem`` when there are too many."""
        if self._in_hand >= _IN_HAND_MAX:
            raise Problem(
                ProblemKind.TOO_MANY_REQUESTS,
                m("Others are sending long lists just now; wait a moment."),
                headers={"Retry-After": "30"},
            )
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1


def check_lines(request: web.Request) -> None:
    """Raise ``Problem`` for what is not sent as one JSON value a line."""
    content_type = request.headers.get("Content-Type", "").split(";", maxsplit=1)[0].strip().lower()
    if content_type not in _MEDIA_TYPES:
        said = m("Send one JSON object a line, with Content-Type: {type}.", type=NDJSON)
        raise Problem(ProblemKind.UNSUPPORTED_MEDIA_TYPE, said)
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Problem(ProblemKind.UNSUPPORTED_MEDIA_TYPE, m("Send the request as it is, not packed."))


async def answer_lines(
    request: web.Request, lines: AsyncIterator[msgspec.Struct], like: Answer
) -> web.StreamResponse:
    """Write each of ``lines`` as soon as it is there, with the status and headers of ``like``.

    What a caller does not read yet is kept: one that sends everything before it reads must not hold itself up. What
    is raised before the first line is raised; after that the answer breaks off, without a last line.
    """
    response = web.StreamResponse(status=like.status, headers={**like.headers, "Content-Type": NDJSON})
    waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
    writing: asyncio.Task[None] | None = None
    try:
        async for line in lines:
            if writing is None:
                await response.prepare(request)
                writing = asyncio.create_task(_write(response, waiting), name="answers")
            waiting.put_nowait(msgspec.json.encode(line) + b"\n")
    except BaseException as error:
        if writing is None:
            raise
        writing.cancel()
        _break_off(request)
        if not isinstance(error, Exception):
            raise
        log.exception("unexpected", extra={"reference": new_instance(), "address": address_pattern(request)})
        return response
    waiting.put_nowait(None)
    if writing is not None:
        await _finish(request, writing)
    return response


async def _write(response: web.StreamResponse, waiting: asyncio.Queue[bytes | None]) -> None:
    while (line := await waiting.get()) is not None:
        await response.write(line)


async def _finish(request: web.Request, writing: asyncio.Task[None]) -> None:
    """Wait until all is taken; whoever does not take it in time is left."""
    try:
        async with asyncio.timeout(_TAKE_SECONDS):
            await writing
    except (TimeoutError, ConnectionError):
        log.warning("answer not taken", extra={"from_address": request.remote})
        _break_off(request)


def _break_off(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
