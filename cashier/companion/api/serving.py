"""From a request to an operation and back: who asks, what for, and an answer or a problem, always documented ones."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPMethod
from typing import Any

import msgspec
from aiohttp import web

from cashier.assembly import Services
from cashier.clients.service import Caller
from cashier.companion.api.access import Access
from cashier.companion.api.decoding import read_body, read_query
from cashier.companion.api.operation import (
    BODY_BYTES_MAX,
    JSON,
    NDJSON,
    PDF,
    Answer,
    AnyAsk,
    Ask,
    Lines,
    Nothing,
    Operation,
)
from cashier.companion.api.problems import MEDIA_TYPE, Problem, ProblemKind, new_instance, problem_of
from cashier.companion.api.repetition import HEADER, Repetitions
from cashier.companion.api.streaming import Streams, answer_lines, check_lines
from cashier.companion.bodies import NotWhole, TooLarge, take_body, take_lines
from cashier.companion.connections import address_pattern
from cashier.companion.health import Health
from cashier.errors import CashierError
from cashier.identifiers import new_id
from cashier.language import ENGLISH, accepted_language, m

log = logging.getLogger(__name__)

PREFIX = "/api/"
_NOTHING = Nothing()
Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Serving:
    """Serves operations. Whatever goes wrong is a problem with a reference that stands in the log."""

    def __init__(
        self,
        services: Services,
        access: Access,
        repetitions: Repetitions,
        operations: Sequence[Operation],
        *,
        health: Health,
    ) -> None:
        """Serve ``operations`` on ``services`` to whom ``access`` lets in; ``health`` knows how they are."""
        self._health = health
        self._services = services
        self._streams = Streams()
        self._access = access
        self._repetitions = repetitions
        self._operations = operations
        self._origins = frozenset(services.settings.companion.allowed_origins)

    def routes(self) -> list[web.RouteDef]:
        """Return a route for each operation."""
        return [web.route(each.method, each.path, self._handler(each)) for each in self._operations]

    @property
    def middleware(self) -> Any:
        """Turns everything that is said below ``/api/`` into documented answers, and lets allowed pages call."""

        @web.middleware
        async def answer(request: web.Request, handler: Next) -> web.StreamResponse:
            if not request.path.startswith(PREFIX):
                return await handler(request)
            if self._is_preflight(request):
                return self._dress(request, web.Response(status=204, headers=_PREFLIGHT))
            return self._dress(request, await self._answered(request, handler))

        return answer

    async def _answered(self, request: web.Request, handler: Next) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return _said(request, problem)
        except web.HTTPException as error:
            return _said(request, _problem_of_http(error))
        except CashierError as error:
            return _said(request, problem_of(error, names_desk=False))
        except Exception:
            instance = new_instance()
            log.exception("unexpected", extra={"reference": instance, "address": address_pattern(request)})
            bug = Problem(ProblemKind.UNEXPECTED, m("Something unexpected happened; the log has more."))
            return _said(request, bug, instance=instance)

    def _handler(self, operation: Operation) -> Next:
        async def handle(request: web.Request) -> web.StreamResponse:
            caller = await self._access.caller_of(request, operation.scope)
            accepts = _accepted(request, operation)
            query: Any = read_query(list(request.query.items()), operation.query)
            if isinstance(operation.handler, Lines):
                ask = self._asked(request, caller, query, accepts)
                return await self._answer_lines(request, operation, operation.handler, ask)
            raw = await body_of(request, operation.body_bytes_max)
            body: Any = _NOTHING
            if operation.takes_body:
                body = read_body(raw, request.headers.get("Content-Type", ""), operation.body)
            elif raw.strip() not in (b"", b"{}"):
                raise Problem(
                    ProblemKind.INVALID, m("Nothing is sent with this request."), fields=[("#", m("Send nothing."))]
                )
            ask = self._asked(request, caller, query, accepts, body=body)
            if operation.repeatable:
                resource_id = await self._repetitions.resource_of(
                    caller, request.headers.get(HEADER), f"{operation.name} {ask.path}", raw
                )
                ask = replace(ask, resource_id=resource_id)
            try:
                answer = await operation.handler(ask)
            except CashierError as error:
                raise problem_of(error, names_desk=caller.patient_id is None) from error
            return _written(answer)

        return handle

    def _asked(
        self, request: web.Request, caller: Caller, query: Any, accepts: str, *, body: Any = _NOTHING
    ) -> AnyAsk:
        return Ask(
            services=self._services,
            caller=caller,
            path=dict(request.match_info),
            query=query,
            body=body,
            resource_id=new_id(),
            accepts=accepts,
            language=language_of(request),
            health=self._health,
            if_match=request.headers.get("If-Match"),
        )

    async def _answer_lines(
        self, request: web.Request, operation: Operation, lines: Lines, ask: AnyAsk
    ) -> web.StreamResponse:
        check_lines(request)
        with self._streams.one_more():
            sent = take_lines(request, line_bytes_max=operation.body_bytes_max)
            return await answer_lines(request, lines.take(ask, sent), Answer(status=operation.status))

    def _is_preflight(self, request: web.Request) -> bool:
        return request.method == HTTPMethod.OPTIONS and "Access-Control-Request-Method" in request.headers

    def _dress(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        response.headers.add("Vary", "Origin")
        origin = request.headers.get("Origin")
        if origin is not None and origin in self._origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "ETag, Location, Retry-After, WWW-Authenticate"
        elif request.method == HTTPMethod.OPTIONS:
            for name in _PREFLIGHT:
                response.headers.pop(name, None)
        return response


_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Accept-Language, If-Match",
    "Access-Control-Max-Age": "600",
}


def language_of(request: web.Request) -> str:
    """Return the language that the caller reads."""
    return accepted_language(request.headers.get("Accept-Language", "")) or ENGLISH


async def body_of(request: web.Request, bytes_max: int) -> bytes:
    """Read the body. Raises ``Problem`` for one that is packed, too large, or did not come whole."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Problem(ProblemKind.UNSUPPORTED_MEDIA_TYPE, m("Send the request as it is, not packed."))
    try:
        return await take_body(request, bytes_max=bytes_max)
    except TooLarge:
        raise _too_large(bytes_max) from None
    except NotWhole:
        raise Problem(ProblemKind.MALFORMED, m("The request did not come whole.")) from None


def _too_large(bytes_max: int) -> Problem:
    return Problem(ProblemKind.TOO_LARGE, m("A request has at most {most} bytes.", most=bytes_max))


def _accepted(request: web.Request, operation: Operation) -> str:
    """Return in which form the answer is wanted. Raises ``Problem`` for one that it does not have."""
    if isinstance(operation.handler, Lines):
        offered: tuple[str, ...] = (NDJSON, JSON)
    else:
        offered = (JSON, PDF) if operation.is_document else (JSON,)
    header = request.headers.get("Accept", "*/*")
    wanted: list[tuple[float, str]] = []
    for part in header.split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        with contextlib.suppress(ValueError):
            wanted.append((float(weight), name))
    for preference, name in sorted(wanted, key=lambda each: -each[0]):
        for form in offered:
            if preference > 0 and name in ("*/*", "", form, f"{form.split('/')[0]}/*"):
                return form
    raise Problem(ProblemKind.NOT_ACCEPTABLE, m("It can be had as {forms}.", forms=", ".join(offered)))


def _written(answer: Answer) -> web.Response:
    if answer.document is not None:
        return web.Response(body=answer.document, status=answer.status, content_type=PDF, headers=answer.headers)
    if answer.value is None:
        return web.Response(status=204, headers=answer.headers)
    body = msgspec.json.encode(answer.value)
    return web.Response(body=body, status=answer.status, content_type=JSON, headers=answer.headers)


def _said(request: web.Request, problem: Problem, *, instance: str = "") -> web.Response:
    reference = instance or new_instance()
    if not instance:
        # Neither the body nor the address itself: both may name a patient.
        log.info(
            "problem", extra={"kind": problem.kind.slug, "reference": reference, "address": address_pattern(request)}
        )
    headers: Mapping[str, str] = problem.headers
    return web.Response(
        body=problem.body(language_of(request), instance=reference),
        status=problem.kind.status,
        content_type=MEDIA_TYPE,
        headers=headers,
    )


def _problem_of_http(error: web.HTTPException) -> Problem:
    """Say what aiohttp found before any operation was asked."""
    match error:
        case web.HTTPNotFound():
            return Problem(ProblemKind.NOT_FOUND, m("There is no such address."))
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(error.allowed_methods))
            return Problem(
                ProblemKind.METHOD_NOT_ALLOWED,
                m("Allowed is {methods}.", methods=allowed),
                headers={"Allow": allowed},
            )
        case web.HTTPRequestEntityTooLarge():
            return _too_large(BODY_BYTES_MAX)
        case _:
            return Problem(ProblemKind.MALFORMED, m("The request cannot be read."))
