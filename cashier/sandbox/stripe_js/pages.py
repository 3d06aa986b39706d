"""Where browsers get Stripe.js and the frame of its Payment Element; the card stays in that frame.

As at Stripe the script has the address ``/RELEASE/stripe.js`` of this API version, and the old one, ``/v3/``:
https://docs.stripe.com/sdks/stripejs-versioning
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path

from aiohttp import web

from cashier.sandbox.checkout.checkout_html import COUNTRIES
from cashier.sandbox.checkout.page_design import SHARED_HEADERS, text_of
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.api_description import description

RELEASE = description().version.partition(".")[2]
"""The name of the release that Stripe.js and the API have in common."""

_FOLDER = Path(__file__).with_name("files")
_FRAME = "/v3/elements-inner-payment"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
_ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def routes(account: Account) -> Iterable[web.RouteDef]:
    """Return the routes of the script and of the frame with all that belongs to it."""

    async def frame(_request: web.Request) -> web.Response:
        month = datetime.fromtimestamp(account.now, UTC).strftime("%Y%m")
        html = _file("payment_element.html").format(
            month=month, merchant=escape(account.business_name), countries=" ".join(COUNTRIES)
        )
        headers = {**SHARED_HEADERS, "Content-Security-Policy": _POLICY}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def frame_script(_request: web.Request) -> web.Response:
        return _served(text_of("card_typing.js") + _file("payment_element.js"), "text/javascript")

    async def frame_style(_request: web.Request) -> web.Response:
        return _served(_file("payment_element.css"), "text/css")

    async def script(_request: web.Request) -> web.Response:
        about = json.dumps({"release": RELEASE, "version": description().version, "frame": _FRAME})
        return _served(_file("stripe.js").replace('"ABOUT THE SERVER"', about), "text/javascript")

    return [
        web.get("/v3/", script),
        web.get(f"/{RELEASE}/stripe.js", script),
        web.get(_FRAME, frame),
        web.get(f"{_FRAME}.js", frame_script),
        web.get(f"{_FRAME}.css", frame_style),
    ]


def _served(text: str, content_type: str) -> web.Response:
    return web.Response(text=text, content_type=content_type, headers={**SHARED_HEADERS, **_ANYWHERE})


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
