"""The pages that Stripe's page returns to, on the patient's phone or on the screen at the desk.

They hold no data and claim nothing: that somebody came here does not mean that anything was paid. Only
the desk, which asks Stripe, says so.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from html import escape

from aiohttp import web

from cashier.errors import CashierError
from cashier.language import ENGLISH, Message, accepted_language, m
from cashier.palette import Colour
from cashier.resources import RESOURCES

_STYLE = f"""
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: {Colour.GROUND.printed};
  color: {Colour.INK.printed}; font: 1.125rem/1.5 "Noto Sans", system-ui, sans-serif; }}
main {{ box-sizing: border-box; max-width: 26rem; margin: 1rem; padding: 2.5rem 2rem; text-align: center;
  background: {Colour.PAPER.printed}; border: 1px solid {Colour.HAIRLINE.printed}; border-radius: 1rem; }}
svg {{ width: 4rem; height: 4rem; }}
h1 {{ margin: 1rem 0 .5rem; font-size: 1.5rem; line-height: 1.3; }}
p {{ margin: 0; color: {Colour.INK_SOFT.printed}; }}
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


Language = Callable[[], Awaitable[str]]
"""Asks for the hospital's language."""


def return_routes(language: Language) -> list[web.RouteDef]:
    """Return the routes ``/paid/…`` and ``/back/…``, each followed by a payment's id, which is not looked up.

    They are read in what the patient's browser asks for; where we do not speak that, in the hospital's ``language``.
    """
    return [
        _page(
            f"/paid/{_PAYMENT}",
            language,
            title=m("Thank you"),
            text=m("You can put your card away; the desk shows the result. You can close this page."),
        ),
        _page(
            f"/back/{_PAYMENT}",
            language,
            title=m("You left the payment page"),
            text=m("The desk shows how it goes on. You can close this page."),
        ),
    ]


def _page(path: str, language: Language, *, title: Message, text: Message) -> web.RouteDef:
    logo = (RESOURCES / "logo.svg").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Language",
    }

    async def answer(request: web.Request) -> web.Response:
        read = accepted_language(request.headers.get("Accept-Language", "")) or await _otherwise(language)
        body = _PAGE.format(
            language=read.replace("_", "-"),
            title=escape(title.in_(read)),
            text=escape(text.in_(read)),
            style=_STYLE,
            logo=logo,
        )
        return web.Response(text=body, content_type="text/html", headers=headers)

    return web.get(path, answer)


async def _otherwise(language: Language) -> str:
    """Ask for the hospital's language; a page for a patient is there whatever becomes of the database."""
    try:
        return await language()
    except CashierError:
        return ENGLISH
