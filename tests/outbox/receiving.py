"""A hospital's system that takes events: it verifies by itself, as Standard Webhooks say, and answers as told."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET = "whsec_" + base64.b64encode(b"the present secret of hmis......").decode()
ROLLED = "whsec_" + base64.b64encode(b"the next secret of hmis.........").decode()
TOLERANCE_SECONDS = 300


@dataclass
class Receiver:
    """What came, in its order, and what is answered: ``answers`` first, each once, and then 204."""

    url: str
    answers: list[web.Response] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        """What kinds of events came."""
        return [body["type"] for body in self.bodies]

    async def take(self, request: web.Request) -> web.Response:
        """Verify and keep an event, and answer."""
        raw = await request.read()
        verify(raw, request.headers, SECRET)
        self.ids.append(request.headers["webhook-id"])
        self.signatures.append(request.headers["webhook-signature"])
        self.bodies.append(json.loads(raw))
        return self.answers.pop(0) if self.answers else web.Response(status=204)


def verify(raw: bytes, headers: Any, secret: str) -> None:
    """Do what a receiver does; fail for a message that is not signed with ``secret``, or not of just now.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#verifying-signatures
    """
    sent_at = int(headers["webhook-timestamp"])
    assert abs(time.time() - sent_at) <= TOLERANCE_SECONDS
    signed = f"{headers['webhook-id']}.{sent_at}.".encode() + raw
    wanted = hmac.new(base64.b64decode(secret[len("whsec_") :]), signed, hashlib.sha256).digest()
    given = [each.partition(",") for each in headers["webhook-signature"].split(" ")]
    assert any(
        version == "v1" and hmac.compare_digest(base64.b64decode(mark), wanted) for version, _, mark in given
    ), "no signature is good"


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver on a free port of this machine."""
    receiver = Receiver(url="")
    application = web.Application()
    application.router.add_post("/events", receiver.take)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        receiver.url = f"http://{host}:{port}/events"
        yield receiver
    finally:
        await runner.cleanup()
