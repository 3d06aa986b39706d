"""What a request tells Stripe beside what was asked."""

from __future__ import annotations

import json
import platform

from aiohttp import web
from aiohttp.test_utils import TestServer

from cashier.stripe_gateway.gateway import StripeGateway


async def test_no_request_tells_which_machine_asks(tmp_path, monkeypatch):
    heard: list[dict[str, str]] = []
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    async def answer(request: web.Request) -> web.Response:
        heard.append(dict(request.headers))
        page = {"object": "list", "data": [], "has_more": False, "url": "/v1/events"}
        return web.json_response(page, headers={"Request-Id": "req_1"})

    application = web.Application()
    application.router.add_get("/v1/events", answer)
    async with TestServer(application) as server:
        gateway = StripeGateway("rk_test_asks", api_base=str(server.make_url("")).rstrip("/"), timeout_seconds=5)
        await gateway.check()
        await gateway.check()
        await gateway.close()

    assert len(heard) == 2
    for headers in heard:
        about = json.loads(headers["X-Stripe-Client-User-Agent"])
        assert "telemetry_id" not in about
        assert platform.platform() not in about.values()
        assert "X-Stripe-Client-Telemetry" not in headers
    assert list(tmp_path.iterdir()) == []
