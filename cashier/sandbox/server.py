"""The HTTP server: carries requests to ``Api``, serves the pages, and runs the deliveries beside them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from cashier.errors import Misconfigured
from cashier.language import m
from cashier.sandbox import catalogue
from cashier.sandbox.control import Control, Trouble
from cashier.sandbox.deliveries import Deliveries
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.api import CORS_HEADERS, Api, Exchange
from cashier.sandbox.engine.store import Store
from cashier.sandbox.exchange_log import ExchangeLog
from cashier.sandbox.objects.webhook_endpoints import forward_to

log = logging.getLogger(__name__)

_BODY_MAX_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a sandbox runs; see the command's help for the meaning of each."""

    host: str = "127.0.0.1"
    port: int = 0
    log_file: Path | None = None
    state_file: Path | None = None
    only_key: str | None = None
    forward_url: str | None = None
    webhook_secret: str | None = None
    retry_scale: float = 1.0
    reader_answers_after: float | None = None
    business_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A running sandbox: its address, and the parts that a test may look into."""

    url: str
    account: Account
    deliveries: Deliveries
    control: Control


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[Sandbox]:
    """Run a sandbox inside the ``async with``. Raises ``Misconfigured`` when it cannot start."""
    exchange_log = ExchangeLog(options.log_file)
    with contextlib.closing(exchange_log), contextlib.closing(Store(options.state_file)) as store:
        account = Account(store)
        account.business_name = options.business_name or account.business_name
        deliveries = Deliveries(account, exchange_log, retry_scale=options.retry_scale)
        account.after_commit = deliveries.wake
        account.reader_answers_after = options.reader_answers_after
        control = Control(account, deliveries)
        server = _Server(Api(account, options.only_key), control, exchange_log)
        runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            account.base_url = await _bound(runner, options)
            if options.forward_url:
                with account.transaction():
                    forward_to(account, options.forward_url, options.webhook_secret or "whsec_sandbox")
            sending = asyncio.create_task(deliveries.run())
            try:
                yield Sandbox(url=account.base_url, account=account, deliveries=deliveries, control=control)
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
        finally:
            await runner.cleanup()


async def serve(options: Options) -> None:
    """Run until SIGTERM or SIGINT; says on one line of standard output where."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with running(options) as sandbox:
        sys.stdout.write(f"sandbox ready on {sandbox.url}\n")
        sys.stdout.flush()
        await stopping.wait()


async def _bound(runner: web.AppRunner, options: Options) -> str:
    site = web.TCPSite(runner, options.host, options.port)
    try:
        await site.start()
    except OSError as error:
        raise Misconfigured(
            m(
                "The sandbox cannot listen on {host}:{port}: {reason}.",
                host=options.host,
                port=options.port,
                reason=error.strerror or str(error),
            ),
            advice=m("Another program may use this port; choose another with --port."),
        ) from error
    host, port = runner.addresses[0][:2]
    # Who listens everywhere is found here as well; what is everywhere is no address.
    is_everywhere = host in ("0.0.0.0", "::")  # noqa: S104 - that is what was asked for
    return f"http://{'127.0.0.1' if is_everywhere else host}:{port}"


class _Server:
    def __init__(self, api: Api, control: Control, exchange_log: ExchangeLog) -> None:
        self.api = api
        self.control = control
        self.exchange_log = exchange_log

    def application(self) -> web.Application:
        """Put the routes together: control, the rooms' pages, and the API for everything else."""
        application = web.Application(client_max_size=_BODY_MAX_BYTES, middlewares=[self._page_in_trouble])
        application.add_routes(self.control.routes())
        for page_routes in catalogue.PAGES:
            application.add_routes(page_routes(self.api.account))
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    @web.middleware
    async def _page_in_trouble(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the control interface trouble the hosted pages too; the API's own troubles are in ``_answer``."""
        if not request.path.startswith(catalogue.PAGE_PATHS):
            return await handler(request)
        trouble = self.control.trouble_for(request.method, request.path) or Trouble()
        if trouble.when == "before":
            await asyncio.sleep(trouble.latency_seconds)
        response: web.StreamResponse = web.Response(status=trouble.status or 200)
        if trouble.when == "after" or (trouble.status is None and not trouble.drop):
            response = await handler(request)
        if trouble.when == "after":
            await asyncio.sleep(trouble.latency_seconds)
        if trouble.drop and request.transport:
            request.transport.abort()
        return web.Response(status=trouble.status) if trouble.status else response

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.method == "OPTIONS":
            return web.Response(headers=CORS_HEADERS)
        exchange = Exchange(
            method=request.method,
            path=request.path,
            query=request.rel_url.raw_query_string,
            headers=request.headers,
        )
        try:
            exchange.body = (await request.read()).decode(errors="replace")
        except web.HTTPRequestEntityTooLarge:
            self.api.refuse(exchange, 413, f"A request has at most {_BODY_MAX_BYTES} bytes.")
            return web.Response(status=exchange.status, body=exchange.answer, headers=exchange.answer_headers)
        trouble = self.control.trouble_for(request.method, request.path) or Trouble()
        if self.api.begin(exchange):
            try:
                if trouble.when == "before":
                    await asyncio.sleep(trouble.latency_seconds)
                if trouble.when == "after" or (trouble.status is None and not trouble.drop):
                    self.api.answer(exchange)
                if trouble.when == "after":
                    await asyncio.sleep(trouble.latency_seconds)
            finally:
                self.api.end(exchange)
        # Trouble is in front of Stripe: the log tells what Stripe itself was asked and did. What Stripe.js says to it
        # is between the two, as with the pages: the description that the log is held against is that for servers.
        if exchange.answer and not exchange.is_of_a_browser:
            self.exchange_log.exchange(exchange)
        if trouble.drop:
            if request.transport:
                request.transport.abort()
            return web.Response()
        if trouble.status is not None:
            self.api.refuse(exchange, trouble.status, "The sandbox was told to fail this request.")
        return web.Response(status=exchange.status, body=exchange.answer, headers=exchange.answer_headers)
