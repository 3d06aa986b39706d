"""The pages that Stripe's page returns to, on the patient's phone or on the screen at the desk.

They hold no data and claim nothing: that somebody came here does not mean that anything was paid. Only
the desk, which asks Stripe, says so.
"""

from __future__ import annotations

import base64
import hashlib
import html

from aiohttp import web

from cashier.language import Message, current_language, m
from cashier.palette import Colour
from cashier.resources import RESOURCES

_STYLE = f"""
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: {Colour.GROUND};
  color: {Colour.INK}; font: 1.125rem/1.5 "Noto Sans", system-ui, sans-serif; }}
main {{ box-sizing: border-box; max-width: 26rem; margin: 1rem; padding: 2.5rem 2rem; text-align: center;
  background: {Colour.PAPER}; border: 1px solid {Colour.HAIRLINE}; border-radius: 1rem; }}
svg {{ width: 4rem; height: 4rem; }}
h1 {{ margin: 1rem 0 .5rem; font-size: 1.5rem; line-height: 1.3; }}
p {{ margin: 0; color: {Colour.INK_SOFT}; }}
"""

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body><main>{logo}<h1>{title}</h1><p>{text}</p></main></body>
</html>
"""

_PAYMENT = "{payment_id:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"


def return_routes() -> list[web.RouteDef]:
    """Return the routes ``/paid/…`` and ``/back/…``, each followed by a payment's id, which is not looked up."""
    return [
        _page(
            f"/paid/{_PAYMENT}",
            title=m("Thank you"),
            text=m("You can put your card away; the desk shows the result. You can close this page."),
        ),
        _page(
            f"/back/{_PAYMENT}",
            title=m("You left the payment page"),
            text=m("The desk shows how it goes on. You can close this page."),
        ),
    ]


def _page(path: str, *, title: Message, text: Message) -> web.RouteDef:
    logo = (RESOURCES / "logo.svg").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }

    async def answer(_request: web.Request) -> web.Response:
        body = _PAGE.format(
            language=current_language().replace("_", "-"),
            title=html.escape(str(title)),
            text=html.escape(str(text)),
            style=_STYLE,
            logo=logo,
        )
        return web.Response(text=body, content_type="text/html", headers=headers)

    return web.get(path, answer)
