"""Everything below ``/api/``, put together: the operations and their description, for programs and for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from cashier.assembly import Services
from cashier.companion.api.access import Access
from cashier.companion.api.openapi import describe
from cashier.companion.api.operation import JSON
from cashier.companion.api.problems import TYPE_BASE, ProblemKind
from cashier.companion.api.reference_page import DESCRIPTION, reference_routes
from cashier.companion.api.repetition import Repetitions
from cashier.companion.api.serving import Serving, language_of
from cashier.companion.api.table import OPERATIONS
from cashier.companion.health import Health
from cashier.companion.proxies import Proxies


@dataclass(frozen=True, kw_only=True)
class Api:
    """The routes of the API, and the middleware that they need."""

    routes: list[web.RouteDef]
    middleware: Any
    access: Access
    """Who may call; what stands beside the API asks it as well."""


def api_of(services: Services, proxies: Proxies, health: Health) -> Api:
    """Return the API on ``services``, behind ``proxies``; ``health`` knows how everything is."""
    companion = services.settings.companion
    access = Access(services.clients, per_minute=companion.requests_per_minute, proxies=proxies)
    serving = Serving(services, access, Repetitions(services.database), OPERATIONS, health=health)
    url = companion.public_url or companion.url
    described = msgspec.json.encode(describe(OPERATIONS, url=url))

    async def description(_request: web.Request) -> web.Response:
        return web.Response(body=described, content_type=JSON)

    async def problem(request: web.Request) -> web.Response:
        kind = next((each for each in ProblemKind if each.slug == request.match_info["slug"]), None)
        if kind is None:
            raise web.HTTPNotFound
        said = {
            "type": f"{TYPE_BASE}{kind.slug}",
            "title": kind.title.in_(language_of(request)),
            "status": kind.status,
        }
        return web.json_response(said)

    told = [web.get(DESCRIPTION, description), web.get(TYPE_BASE + "{slug}", problem), *reference_routes(url)]
    return Api(routes=[*serving.routes(), *told], middleware=serving.middleware, access=access)
