"""The connections below the requests: their limits on time, size and number, and what strangers to HTTP are told.

Nobody holds a connection for ever: a request has to begin and its head to end within ``_IDLE_SECONDS``, its body
within a time of its own (``bodies.py``), and an answer is taken within ``_ANSWER_SECONDS``, or the connection ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import HttpProcessingError

from cashier import logs
from cashier.companion.api.problems import MEDIA_TYPE, Problem, ProblemKind, new_instance
from cashier.companion.headers import ALWAYS
from cashier.companion.webhook import WEBHOOK_PATHS
from cashier.language import ENGLISH, m

log = logging.getLogger(__name__)

_CONNECTIONS_MAX = 400
_IDLE_SECONDS = 75.0
"""A proxy in front, which keeps its connections for a minute, ends them first."""
_ANSWER_SECONDS = 30.0
_HANDSHAKE_SECONDS = 10.0
_LINGER_SECONDS = 3.0
_FINISH_SECONDS = 3.0
"""How long requests in hand may take after the companion was told to stop."""
_SLOW_SECONDS = 0.2
_OFTEN = frozenset({"/health", "/health/live", "/health/ready", "/metrics", *WEBHOOK_PATHS})
_HEADERS_MAX = 64
_LINE_BYTES_MAX = 8190

_BAD_CLIENT = (HttpProcessingError, web.RequestPayloadError, ConnectionError, TimeoutError)
_ADDRESS = web.RequestKey("address", str)
_REFERENCE = web.RequestKey("reference", str)
_NO_REQUEST = "UNKNOWN"
"""What aiohttp calls the method of what it could not read; that has its line already."""
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@contextlib.asynccontextmanager
async def answering(
    application: web.Application, listening: socket.socket, context: ssl.SSLContext | None
) -> AsyncIterator[None]:
    """Let ``application`` answer on ``listening`` inside the block; with TLS where there is a ``context``.

    At the end nothing new is accepted, what is in hand is answered, and then every connection is cut.
    """
    runner = web.AppRunner(application, shutdown_timeout=_FINISH_SECONDS)
    await runner.setup()
    open_now = _Connections(cast(web.Server, runner.server))
    handshake_seconds = None if context is None else _HANDSHAKE_SECONDS
    try:
        server = await asyncio.get_running_loop().create_server(
            open_now.begin, sock=listening, ssl=context, ssl_handshake_timeout=handshake_seconds
        )
        try:
            yield
        finally:
            server.close()
    finally:
        await runner.cleanup()
        open_now.cut()


@web.middleware
async def mark_in_hand(request: web.Request, handler: Answer) -> web.StreamResponse:
    """Know which connections wait for an answer, and from which kind of address.

    They are not ended to make room for others until their answer is sent.
    """
    resource = request.match_info.route.resource
    request[_ADDRESS] = "elsewhere" if resource is None else resource.canonical
    request[_REFERENCE] = logs.new_reference()
    cast(_Connection, request.protocol).is_in_hand = True
    with logs.of_request(request[_REFERENCE]):
        return await handler(request)


async def name_request(request: web.Request, answer: web.StreamResponse) -> None:
    """Say in an answer that is about to be sent what the lines of its request in the log are found by."""
    if reference := request.get(_REFERENCE):
        answer.headers["X-Request-Id"] = reference


class _Connections:
    """Those that are open. When there are too many, the one that has been idle for longest makes room."""

    def __init__(self, server: web.Server) -> None:
        self._server = server
        self._open: dict[_Connection, asyncio.Transport] = {}

    def begin(self) -> _Connection:
        return _Connection(self, self._server)

    def add(self, connection: _Connection, transport: asyncio.Transport) -> None:
        self._open[connection] = transport
        if len(self._open) > _CONNECTIONS_MAX:
            idle = next((each for each in self._open if not each.is_in_hand), connection)
            log.warning("too many connections", extra={"open": len(self._open)})
            self._open.pop(idle).abort()

    def remove(self, connection: _Connection) -> None:
        self._open.pop(connection, None)

    def cut(self) -> None:
        for transport in self._open.values():
            transport.abort()


class _Connection(web.RequestHandler):
    """One connection. What is not understood is answered and told in a line without what was sent."""

    __slots__ = ("_others", "is_in_hand")

    def __init__(self, others: _Connections, server: web.Server) -> None:
        self._others = others
        self.is_in_hand = False
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=_IDLE_SECONDS,
            lingering_time=_LINGER_SECONDS,
            logger=log,
            access_log=log,
            access_log_class=_AccessLog,
            max_line_size=_LINE_BYTES_MAX,
            max_field_size=_LINE_BYTES_MAX,
            max_headers=_HEADERS_MAX,
            # What is packed could unpack to anything; nobody needs to send it.
            auto_decompress=False,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, and make room where there is none."""
        super().connection_made(transport)
        self._others.add(self, cast(asyncio.Transport, transport))

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self._others.remove(self)
        super().connection_lost(exc)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; whoever does not take it in time is left."""
        if isinstance(resp, web.HTTPExpectationFailed):
            # It is said before any middleware is asked, with what was sent.
            resp = _answer(Problem(ProblemKind.MALFORMED, m("The request cannot be read.")), new_instance())
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await super().finish_response(request, resp, start_time)
        except TimeoutError:
            log.warning("answer not taken", extra={"from_address": request.remote})
            if self.transport is not None:
                self.transport.abort()
            return resp, True
        finally:
            self.is_in_hand = False

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what never became a request (400), or what went wrong outside of all that foresees it."""
        reference = new_instance()
        if isinstance(exc, _BAD_CLIENT):
            problem = Problem(ProblemKind.MALFORMED, m("The request cannot be read."))
            log.info("request not understood", extra={"from_address": request.remote, "kind": type(exc).__name__})
        else:
            problem = Problem(ProblemKind.UNEXPECTED, m("Something unexpected happened; the log has more."))
            log.error("unexpected", exc_info=exc, extra={"reference": reference, "status": status})
        return _answer(problem, reference)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Tell a bad client from a bug."""
        error = kw.get("exc_info")
        if isinstance(error, _BAD_CLIENT):
            log.info("connection given up", extra={"kind": type(error).__name__})
        else:
            log.error("unexpected", exc_info=error, extra={"reference": logs.new_reference()})


def _answer(problem: Problem, reference: str) -> web.Response:
    """Say a problem and end the connection: where the next request begins is not known."""
    body = problem.body(ENGLISH, instance=reference)
    answer = web.Response(status=problem.kind.status, body=body, content_type=MEDIA_TYPE, headers=ALWAYS)
    answer.force_close()
    return answer


class _AccessLog(AbstractAccessLogger):
    """One line a request, without what stands in its address: that may be a record number, or a link's secret.

    What comes often and is well is left out unless it took long: ``/health``, which monitors ask, and events, whose
    stored row tells the same.
    """

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Log the answered request; ``time`` is in seconds."""
        address = address_pattern(request)
        is_well = response.status == 200 and time < _SLOW_SECONDS
        if request.method == _NO_REQUEST or (is_well and address in _OFTEN):
            return
        facts = {"method": request.method, "address": address, "status": response.status}
        if reference := request.get(_REFERENCE):
            facts["request"] = reference
        self.logger.info("answered", extra={**facts, "milliseconds": round(time * 1000, 1)})


def address_pattern(request: web.BaseRequest) -> str:
    """Return which kind of address is asked for, such as ``/api/v1/invoices/{number}``; “elsewhere” else."""
    address: str = request.get(_ADDRESS, "elsewhere")
    return address
