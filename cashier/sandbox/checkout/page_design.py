"""What all pages for people share: the frame, the style, the mark of a test, the headers that lock a page down."""

from __future__ import annotations

import secrets
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from cashier.money import Money
from cashier.sandbox.engine.failures import Json

_FOLDER = Path(__file__).with_name("pages")


def page(
    title: str,
    content: str,
    *,
    scripts: tuple[str, ...] = (),
    leads_to: tuple[str | None, ...] = (),
    framed: bool = False,
) -> web.Response:
    """Answer a page with ``content``, which is HTML. ``scripts`` names files of the folder ``pages``.

    ``leads_to`` are addresses outside the sandbox to which a form of the page may lead in the end. Only a ``framed``
    page may be shown in a frame, by whatever site.
    """
    nonce = secrets.token_urlsafe(16)
    inline = "".join(f'<script nonce="{nonce}">{text_of(script)}</script>' for script in scripts)
    html = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style nonce="{nonce}">{text_of("page.css")}</style>
</head>
<body>
<p class="test-mode" role="note"><strong>TEST MODE</strong> Sandbox: no real card is charged, no money moves.</p>
{content}
{inline}
</body>
</html>"""
    return web.Response(text=html, content_type="text/html", headers=_headers(nonce, leads_to, framed=framed))


def redirect(address: str) -> web.Response:
    """Send the browser to ``address`` with a GET, whatever it sent."""
    return web.Response(status=303, headers={"Location": address, **SHARED_HEADERS})


def notice_page(
    title: str,
    text: str,
    *,
    way_on: str | None = None,
    label: str = "",
    scripts: tuple[str, ...] = (),
    framed: bool = False,
) -> web.Response:
    """Answer a page that says one thing, perhaps with one way on."""
    link = f'<a class="button" id="back" href="{escape(way_on)}">{escape(label)}</a>' if way_on else ""
    content = f'<main class="notice"><h1>{escape(title)}</h1><p>{escape(text)}</p>{link}</main>'
    return page(title, content, scripts=scripts, framed=framed)


def amount_of(intent_or_session: Json) -> Money:
    """Return what an intent or a session asks for."""
    amount = intent_or_session.get("amount_total", intent_or_session.get("amount"))
    return Money(int(amount or 0), str(intent_or_session["currency"]).upper())


# https://docs.stripe.com/security/guide#content-security-policy: hosted Checkout refuses to be framed.
SHARED_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _headers(nonce: str, leads_to: tuple[str | None, ...], *, framed: bool) -> dict[str, str]:
    # Browsers hold the redirects that follow a form against form-action too.
    targets = " ".join(sorted({_origin(address) for address in leads_to if address}))
    policy = (
        "default-src 'none'",
        f"style-src 'nonce-{nonce}'",
        f"script-src 'nonce-{nonce}'",
        f"form-action 'self' {targets}".rstrip(),
        "base-uri 'none'",
        *(() if framed else ("frame-ancestors 'none'",)),
    )
    unframed = {} if framed else {"X-Frame-Options": "DENY"}
    return SHARED_HEADERS | unframed | {"Content-Security-Policy": "; ".join(policy)}


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@cache
def text_of(name: str) -> str:
    """Return a file of the folder ``pages``."""
    return (_FOLDER / name).read_text(encoding="utf-8")
