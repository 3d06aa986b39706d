"""Everything below ``/pay/``: the page of a link, what its script asks, and the receipt.

Whoever has no link that holds is answered the same, to the byte, whatever the reason. Nothing here is for other
sites: what a browser sends for one of them is refused.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec import Meta

from cashier.assembly import Services
from cashier.companion.api.access import RateLimit
from cashier.companion.api.decoding import read_body
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.bodies import NotWhole, TooLarge, take_body
from cashier.companion.payment_page.document import Where, page_of, page_without_link, told
from cashier.companion.payment_page.style import page_style
from cashier.companion.payment_page.words import UNAVAILABLE
from cashier.companion.proxies import Proxies
from cashier.errors import CashierError, Unreachable
from cashier.language import ENGLISH, Message, accepted_language, m, offered_language
from cashier.money import Money
from cashier.payment_page.views import LinkUnusable, PageState
from cashier.payment_page.wording import NOT_OPEN, STATE_WORDS

log = logging.getLogger(__name__)

_BODY_MAX_BYTES = 4096
_WRONG_PER_MINUTE = 20
_ASKED_PER_MINUTE = 60
_SCRIPTS = ("page.js", "attempt.js")
_ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Vary": "Accept-Language",
}
_NOTHING = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_FOLDER = Path(__file__).parent / "static"

T = TypeVar("T")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Begin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page showed when somebody pressed “Pay”; ``attempt`` is the same on repetition."""

    attempt: uuid.UUID
    amount: Annotated[int, Meta(ge=0, le=99_999_999_999)]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    save_card: bool = False
    pay_again: bool = False


class Attempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which attempt is meant; without, the newest one of the link."""

    attempt: uuid.UUID | None = None


class PayRoutes:
    """The routes of the page."""

    def __init__(self, services: Services, proxies: Proxies) -> None:
        """Work on ``services``; ``proxies`` tell from where a request comes."""
        self._services = services
        self._page = services.payment_page
        self._address_of = proxies.address_of
        companion = services.settings.companion
        is_limited = bool(companion.requests_per_minute)
        self._wrong = RateLimit(per_minute=_WRONG_PER_MINUTE if is_limited else 0, burst=_WRONG_PER_MINUTE)
        self._asked = RateLimit(per_minute=_ASKED_PER_MINUTE if is_limited else 0, burst=_ASKED_PER_MINUTE // 2)
        self._origins = {_origin(services.settings.patients_url), _origin(companion.url)}

    def routes(self) -> list[web.RouteDef]:
        """Return them."""
        return [
            web.get("/pay/static/{name}", _static, allow_head=False),
            web.get("/pay/{token}", self._shown, allow_head=False),
            web.get("/pay/{token}/receipt", self._receipt, allow_head=False),
            web.post("/pay/{token}/begin", self._asking(self._begin)),
            web.post("/pay/{token}/check", self._asking(self._check)),
            web.post("/pay/{token}/cancel", self._asking(self._cancel)),
        ]

    async def _shown(self, request: web.Request) -> web.StreamResponse:
        where = await self._where(request)
        try:
            self._asked.take(where.token)
            shown = await self._page.open(where.token)
        except (LinkUnusable, Problem) as refusal:
            status, message, headers = self._turned_away(request, refusal)
            return _plain(message, where.language, status, headers)
        except CashierError as error:
            log.warning("payment page not shown", extra={"reason": error.message.english})
            return _plain(UNAVAILABLE, where.language, 503, {"Retry-After": "30"})
        standing = shown.standing
        if not where.settings.stripe.publishable_key and standing.state is PageState.OPEN:
            shown = replace(shown, standing=replace(standing, state=PageState.REFUSED, message=NOT_OPEN))
        headers = {**_ALWAYS, "Content-Security-Policy": where.policy()}
        return web.Response(text=page_of(shown, where), content_type="text/html", headers=headers)

    async def _receipt(self, request: web.Request) -> web.StreamResponse:
        where = await self._where(request)
        try:
            self._asked.take(where.token)
            paper = await self._page.receipt(where.token, where.language)
        except (LinkUnusable, Problem) as refusal:
            status, message, headers = self._turned_away(request, refusal)
            return _plain(message, where.language, status, headers)
        except Unreachable:
            return _plain(UNAVAILABLE, where.language, 503, {"Retry-After": "30"})
        except CashierError as error:
            return _plain(error.words, where.language, 404)
        headers = {
            **_ALWAYS,
            "Content-Security-Policy": _NOTHING,
            "Content-Disposition": f'inline; filename="{paper.file_name}"',
        }
        return web.Response(body=paper.pdf, content_type="application/pdf", headers=headers)

    def _asking(self, verb: Callable[[web.Request, Where], Awaitable[web.Response]]) -> Answer:
        """Return what lets a page's script ask ``verb``, and puts whatever goes wrong into words for it."""

        async def answer(request: web.Request) -> web.StreamResponse:
            where = await self._where(request)
            try:
                self._refuse_strangers(request)
                self._asked.take(where.token)
                return await verb(request, where)
            except (LinkUnusable, Problem) as refusal:
                status, message, headers = self._turned_away(request, refusal)
                state = PageState.UNKNOWN if status == _TOO_MANY else PageState.REFUSED
                return _json({"state": state.value, "message": message.in_(where.language)}, status, headers)
            except CashierError as error:
                log.warning("payment page not answered", extra={"reason": error.message.english})
                unknown = STATE_WORDS[PageState.UNKNOWN].in_(where.language)
                return _json({"state": PageState.UNKNOWN.value, "message": unknown}, 503, {"Retry-After": "5"})

        return answer

    async def _begin(self, request: web.Request, where: Where) -> web.Response:
        asked = await _body_of(request, Begin)
        if not where.settings.stripe.publishable_key:
            return _json({"state": PageState.REFUSED.value, "message": NOT_OPEN.in_(where.language)}, 409)
        standing = await self._page.begin(
            where.token,
            asked.attempt,
            Money(asked.amount, asked.currency),
            saves_card=asked.save_card,
            pay_again=asked.pay_again,
        )
        if standing.client_secret is None:
            return _json(told(standing, where), 409)
        return _json({**told(standing, where), "client_secret": standing.client_secret}, 200)

    async def _check(self, request: web.Request, where: Where) -> web.Response:
        asked = await _body_of(request, Attempt)
        return _json(told(await self._page.check(where.token, asked.attempt), where), 200)

    async def _cancel(self, request: web.Request, where: Where) -> web.Response:
        asked = await _body_of(request, Attempt)
        return _json(told(await self._page.cancel(where.token, asked.attempt), where), 200)

    async def _where(self, request: web.Request) -> Where:
        """Read the language of whoever asks: what the page was opened in, the browser's, or the hospital's."""
        language = offered_language(request.query.get("lang", "")) or accepted_language(
            request.headers.get("Accept-Language", "")
        )
        if not language:
            try:
                language = await self._services.desks.language()
            except CashierError:
                language = ENGLISH
        return Where(settings=self._services.settings, token=request.match_info["token"], language=language)

    def _refuse_strangers(self, request: web.Request) -> None:
        """Raise ``Problem`` for what another site's page sends: a browser says from where."""
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if (origin is not None and origin not in self._origins) or site not in (None, "same-origin"):
            log.warning("payment page asked by another site", extra={"from_address": self._address_of(request)})
            raise Problem(ProblemKind.FORBIDDEN, m("This is for the payment page alone."))

    def _turned_away(
        self, request: web.Request, refusal: LinkUnusable | Problem
    ) -> tuple[int, Message, Mapping[str, str]]:
        """Return status, words and headers for a request that is not answered; wrong links are counted."""
        if isinstance(refusal, Problem):
            return refusal.kind.status, refusal.detail, refusal.headers
        try:
            self._wrong.take(self._address_of(request))
        except Problem as too_many:
            return too_many.kind.status, too_many.detail, too_many.headers
        return 404, refusal.words, {}


_TOO_MANY = 429


async def _static(request: web.Request) -> web.StreamResponse:
    """Give out the page's own scripts and style."""
    name = request.match_info["name"]
    if name not in ("page.css", *_SCRIPTS):
        raise web.HTTPNotFound
    kind, text = ("text/css", page_style()) if name == "page.css" else ("text/javascript", _script(name))
    headers = {**_ALWAYS, "Cache-Control": "no-cache"}
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)


@cache
def _script(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


async def _body_of(request: web.Request, type_: type[T]) -> T:
    """Read the body. Raises ``Problem`` for one that is no JSON of this shape, too large, or too slow."""
    try:
        raw = await take_body(request, bytes_max=_BODY_MAX_BYTES)
    except TooLarge:
        raise Problem(ProblemKind.TOO_LARGE, m("A request has at most {most} bytes.", most=_BODY_MAX_BYTES)) from None
    except NotWhole:
        raise Problem(ProblemKind.MALFORMED, m("The request did not come whole.")) from None
    return read_body(raw, request.headers.get("Content-Type", ""), type_)


def _plain(message: Message, language: str, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    said = {**_ALWAYS, "Content-Security-Policy": _NOTHING, **(headers or {})}
    return web.Response(
        text=page_without_link(message, language), status=status, content_type="text/html", headers=said
    )


def _json(content: Mapping[str, object], status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    said = {**_ALWAYS, "Content-Security-Policy": _NOTHING, **(headers or {})}
    return web.json_response(dict(content), status=status, headers=said)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
