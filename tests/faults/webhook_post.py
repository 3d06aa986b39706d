"""Between Stripe and the companion: a post that loses, doubles, mixes up and delays what it carries."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from enum import StrEnum

from aiohttp import ClientError, ClientSession, ClientTimeout, web


class PostFault(StrEnum):
    """What can happen to webhooks."""

    DROPPED = "webhooks dropped"
    DOUBLED = "webhooks doubled"
    REORDERED = "webhooks reordered"
    DELAYED = "webhooks delayed by a day"
    TWINS = "one change as two events"


class WebhookPost:
    """Carries webhooks to the companion, as well as ``fault`` lets it."""

    def __init__(self, target: str, secret: str) -> None:
        """Carry to ``target``; sign anew with ``secret`` what is sent later or changed, as Stripe does."""
        self._target = target
        self._secret = secret
        self._held: list[bytes] = []
        self.fault: PostFault | None = None
        self.signs_anew = False
        """Stripe's clock is ahead of ours: what it signs is from days to come."""
        self.struck = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Where Stripe sends to."""
        return f"http://127.0.0.1:{self.port}/stripe/webhook"

    async def run(self, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Serve until ``stop``."""
        async with ClientSession(timeout=ClientTimeout(total=10), trust_env=False) as session:
            application = web.Application(client_max_size=2**22)
            application.router.add_post("/stripe/webhook", functools.partial(self._receive, session))
            application.router.add_post("/deliver", functools.partial(self._deliver_held, session))
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.port = int(runner.addresses[0][1])
            ready()
            await stop.wait()
            await runner.cleanup()

    async def _receive(self, session: ClientSession, request: web.Request) -> web.Response:
        body = await request.read()
        signed = None if self.signs_anew else request.headers.get("Stripe-Signature", "")
        if self.fault is not None:
            self.struck += 1
        match self.fault:
            case PostFault.DROPPED:
                return web.Response()
            case PostFault.REORDERED | PostFault.DELAYED:
                self._held.append(body)
                return web.Response()
            case PostFault.DOUBLED:
                await self._send(session, body, signed)
            case PostFault.TWINS:
                await self._send(session, _twin_of(body), None)
        return web.Response(status=await self._send(session, body, signed))

    async def _deliver_held(self, session: ClientSession, _request: web.Request) -> web.Response:
        """Send what was held back, the newest first."""
        held, self._held = self._held[::-1], []
        for body in held:
            await self._send(session, body, None)
        return web.Response()

    async def _send(self, session: ClientSession, body: bytes, signed: str | None) -> int:
        headers = {"Content-Type": "application/json", "Stripe-Signature": signed or self._signature(body)}
        try:
            async with session.post(self._target, data=body, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (ClientError, OSError, TimeoutError):
            return 502

    def _signature(self, body: bytes) -> str:
        moment = int(time.time())
        mark = hmac.new(self._secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={moment},v1={mark}"


def _twin_of(body: bytes) -> bytes:
    event = json.loads(body)
    return json.dumps(event | {"id": f"{event['id']}twin"}).encode()
