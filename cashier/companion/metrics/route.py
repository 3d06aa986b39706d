"""``GET /metrics``: for who runs on the same machine, or shows a token, as the settings have it."""

from __future__ import annotations

import hmac
import logging
from ipaddress import ip_address
from typing import Literal

from aiohttp import web

from cashier.companion.metrics.exposition import MEDIA_TYPE, written
from cashier.companion.metrics.figures import Figures
from cashier.companion.proxies import Proxies
from cashier.errors import Misconfigured
from cashier.keychain import Keychain, Secret
from cashier.language import m

log = logging.getLogger(__name__)

_TOKEN_LENGTH_MIN = 20
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")

Readers = Literal["loopback", "token", "off"]


def metrics_token(readers: Readers, keychain: Keychain) -> str:
    """Return the token that readers show; empty where they need none.

    Raises ``Misconfigured`` where they need one and there is none, or one that is guessed too easily.
    """
    if readers != "token":
        return ""
    token = keychain.find(Secret.METRICS_TOKEN) or ""
    if len(token) < _TOKEN_LENGTH_MIN or not token.isascii() or not token.isprintable():
        raise Misconfigured(
            m("companion.metrics is “token”, and there is no good token on this machine."),
            advice=m(
                "Store one of at least {least} letters and digits with: cashier secret set metrics-token",
                least=_TOKEN_LENGTH_MIN,
            ),
        )
    return token


def metrics_routes(figures: Figures, proxies: Proxies, *, readers: Readers, token: str) -> list[web.RouteDef]:
    """Return the route; none where nobody may read."""

    async def answer(request: web.Request) -> web.Response:
        if not _may_read(request, proxies, token):
            log.warning("metrics refused", extra={"from_address": proxies.address_of(request)})
            return web.json_response({"error": "forbidden"}, status=403)
        text = written(await figures.collect())
        headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
        return web.Response(body=text.encode(), headers=headers)

    return [] if readers == "off" else [web.get("/metrics", answer)]


def _may_read(request: web.Request, proxies: Proxies, token: str) -> bool:
    if token:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(errors="surrogateescape"), token.encode())
    peer, address = request.remote or "", proxies.address_of(request)
    # A proxy on this machine that nobody named would let in everybody.
    is_passed_on = address == peer and any(name in request.headers for name in _FORWARDED)
    return not is_passed_on and _is_here(address)


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
