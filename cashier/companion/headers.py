"""What every answer of the companion says to browsers: believe the type, tell nobody, keep nothing, load nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Server": "Cashier",
}
"""An answer that needs another one says so itself, such as a page that has a style."""

_HSTS = "Strict-Transport-Security"
_HSTS_SECONDS = 365 * 24 * 3600

Signal = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


def security_headers(is_secure: Callable[[web.Request], bool]) -> Signal:
    """Return what adds the headers to each answer; that this host is for TLS alone, where the request ``is_secure``.

    https://www.rfc-editor.org/rfc/rfc6797#section-7.2
    """

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = ALWAYS["Server"]
        if is_secure(request):
            response.headers[_HSTS] = f"max-age={_HSTS_SECONDS}"

    return add
