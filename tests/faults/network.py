"""Two bad networks: an HTTP proxy in front of Stripe, and a TCP proxy in front of PostgreSQL.

Each runs on a thread of its own and does as it is told from any other thread, until it is healed.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from aiohttp import ClientSession, ClientTimeout, web

T = TypeVar("T")


class HttpFault(StrEnum):
    """What can happen to a request to Stripe."""

    REFUSED = "refused"
    """Nobody listens."""
    LATE = "late"
    """It arrives when the caller has given up."""
    CUT_BEFORE = "cut before"
    """The line breaks before the request arrives."""
    CUT_AFTER = "cut after"
    """The request is done, and its answer is lost."""
    BUSY = "429"
    BROKEN = "500"
    """Something in front of Stripe answers; Stripe has heard nothing."""
    BROKEN_FOR_A_DAY = "500 kept"
    """Stripe fails at the request and repeats its failure for the key."""
    BROKEN_AFTER = "500 after"
    """The request is done, and something in front of Stripe answers 500."""
    AWAY = "503"
    HTML = "html"
    """A page of somebody else's, with a good status."""
    TRUNCATED = "truncated"
    """The request is done, and its answer is half."""


_STATUS = {HttpFault.BUSY: 429, HttpFault.BROKEN: 500, HttpFault.BROKEN_AFTER: 500, HttpFault.AWAY: 503}
_DONE = (HttpFault.LATE, HttpFault.CUT_AFTER, HttpFault.BROKEN_AFTER, HttpFault.TRUNCATED)


@dataclass(kw_only=True)
class _Strike:
    fault: HttpFault
    times: int
    only_posts: bool


class StripeLine:
    """The line to Stripe: passes everything on, but for the next requests after ``strike``."""

    def __init__(self, target: str, *, late_seconds: float) -> None:
        """Pass on to ``target``; what is late is late by ``late_seconds``."""
        self._target = target
        self._late_seconds = late_seconds
        self._strike: _Strike | None = None
        self._burnt: dict[str, bytes] = {}
        self.struck = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Where the application finds Stripe."""
        return f"http://127.0.0.1:{self.port}"

    def strike(self, fault: HttpFault, *, times: int, only_posts: bool = False) -> None:
        """Let ``fault`` happen to the next ``times`` requests, or to those that change something."""
        self._strike = _Strike(fault=fault, times=times, only_posts=only_posts)

    def heal(self) -> None:
        """Let nothing more happen; what Stripe keeps for a key stays kept."""
        self._strike = None

    async def run(self, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Serve until ``stop``."""
        async with ClientSession(timeout=ClientTimeout(total=30), trust_env=False) as session:
            application = web.Application(client_max_size=2**22)
            application.router.add_route("*", "/{path:.*}", functools.partial(self._answer, session))
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.port = int(runner.addresses[0][1])
            ready()
            await stop.wait()
            await runner.cleanup()

    async def _answer(self, session: ClientSession, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        key = request.headers.get("Idempotency-Key", "")
        if key in self._burnt:
            return _burnt_answer(same=self._burnt[key] == body)
        fault = self._take(request.method)
        if fault is HttpFault.LATE:
            # Whatever the caller does meanwhile, the request arrives.
            return await asyncio.shield(asyncio.ensure_future(self._pass_on(session, request, body, late=True)))
        if fault is HttpFault.BROKEN_FOR_A_DAY and key:
            self._burnt[key] = body
            return _burnt_answer(same=True)
        if fault in (HttpFault.REFUSED, HttpFault.CUT_BEFORE):
            return _cut(request)
        if fault is HttpFault.HTML:
            return web.Response(
                text="<html><body>Welcome to the guest network</body></html>", content_type="text/html"
            )
        if fault is None or fault in _DONE:
            answer = await self._pass_on(session, request, body)
            if fault is None:
                return answer
            if fault is HttpFault.CUT_AFTER:
                return _cut(request)
            if fault is HttpFault.TRUNCATED:
                assert isinstance(answer.body, bytes)
                return web.Response(body=answer.body[: len(answer.body) // 2], content_type="application/json")
        return _error(_STATUS.get(fault, 500), {"type": "api_error", "message": "The network has a bad day."})

    async def _pass_on(
        self, session: ClientSession, request: web.Request, body: bytes, *, late: bool = False
    ) -> web.Response:
        if late:
            await asyncio.sleep(self._late_seconds)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host",)}
        try:
            async with session.request(
                request.method, self._target + request.raw_path, data=body, headers=headers, allow_redirects=False
            ) as answer:
                content = await answer.read()
                kept = ("content-type", "request-id", "idempotent-replayed", "stripe-version")
                passed = {name: value for name, value in answer.headers.items() if name.lower() in kept}
                return web.Response(status=answer.status, body=content, headers=passed)
        except OSError:
            return _cut(request)

    def _take(self, method: str) -> HttpFault | None:
        strike = self._strike
        if strike is None or strike.times == 0 or (strike.only_posts and method != "POST"):
            return None
        strike.times -= 1
        self.struck += 1
        return strike.fault


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _burnt_answer(*, same: bool) -> web.Response:
    if same:
        return _error(500, {"type": "api_error", "message": "An unknown error occurred."})
    message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
    return _error(400, {"type": "idempotency_error", "message": message})


def _error(status: int, error: dict[str, str]) -> web.Response:
    return web.Response(status=status, text=json.dumps({"error": error}), content_type="application/json")


class TcpFault(StrEnum):
    """What can happen to a connection to the database."""

    REFUSED = "db refused"
    CUT = "db cut"
    SLOW = "db slow"
    CUT_BEFORE_COMMIT = "db cut before commit"
    CUT_AFTER_COMMIT = "db cut after commit"


class DatabaseLine:
    """The line to PostgreSQL: passes bytes on, but for what ``strike`` orders, until ``heal``."""

    def __init__(self, port: int, *, slow_seconds: float = 0.3) -> None:
        """Pass on to ``port`` of this machine."""
        self._target_port = port
        self._slow_seconds = slow_seconds
        self._fault: TcpFault | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._carrying: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.struck = 0
        self.port = 0

    def strike(self, fault: TcpFault) -> None:
        """Let ``fault`` happen from now on; what cuts or refuses ends the connections that there are."""
        self._fault = fault
        if fault in (TcpFault.REFUSED, TcpFault.CUT):
            self.struck += 1
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._cut_all)

    def heal(self) -> None:
        """Let nothing more happen."""
        self._fault = None

    async def run(self, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Serve until ``stop``."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(server.sockets[0].getsockname()[1])
        ready()
        await stop.wait()
        server.close()
        while self._carrying:
            self._cut_all()
            await asyncio.wait(self._carrying, timeout=0.1)

    def _cut_all(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        if self._fault is TcpFault.REFUSED:
            writer.transport.abort()
            return
        if self._fault is TcpFault.CUT:
            # Only the connections of before were cut.
            self._fault = None
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(self._carry_up(reader, far_writer), _carry(far_reader, writer))
        except OSError:
            pass
        finally:
            for each in (writer, far_writer):
                each.transport.abort()
                self._writers.discard(each)

    async def _carry_up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            fault = self._fault
            if fault is TcpFault.SLOW:
                self.struck += 1
                await asyncio.sleep(self._slow_seconds)
            if fault in (TcpFault.CUT_BEFORE_COMMIT, TcpFault.CUT_AFTER_COMMIT) and b"COMMIT" in data:
                self.struck += 1
                self._fault = None
                if fault is TcpFault.CUT_AFTER_COMMIT:
                    writer.write(data)
                    await writer.drain()
                    await asyncio.sleep(0.1)
                raise ConnectionAbortedError
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    raise ConnectionResetError


class Served(Protocol):
    """What runs on a thread of its own."""

    def run(self, ready: Callable[[], None], stop: asyncio.Event) -> Coroutine[Any, Any, None]:
        """Serve until ``stop``; call ``ready`` when it listens."""


@contextlib.contextmanager
def running(served: Served) -> Iterator[None]:
    """Run ``served`` on its thread inside the block."""
    listening = threading.Event()
    ends: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    failures: list[BaseException] = []

    async def serve() -> None:
        stop = asyncio.Event()
        ends.append((asyncio.get_running_loop(), stop))
        await served.run(listening.set, stop)

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as failure:
            failures.append(failure)
        finally:
            listening.set()

    thread = threading.Thread(target=work, name=type(served).__name__, daemon=True)
    thread.start()
    listening.wait()
    assert not failures, failures
    try:
        yield
    finally:
        loop, stop = ends[0]
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
    assert not failures, failures
    assert not thread.is_alive(), f"{thread.name} does not stop"
