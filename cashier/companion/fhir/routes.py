"""``POST /fhir/r4/Invoice`` and ``/fhir/r5/Invoice``: the version is that of the address, or told in the media type.

Who may call, and how often, is as for the API: a key with the scope ``invoices:write``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from cashier.assembly import Services
from cashier.books.api_client import Scope
from cashier.companion.api.access import Access
from cashier.companion.api.problems import Problem, ProblemKind, new_instance, problem_of
from cashier.companion.api.serving import body_of, language_of
from cashier.companion.connections import address_pattern
from cashier.companion.webhook import BODY_MAX_BYTES
from cashier.errors import CashierError
from cashier.fhir.invoice import FhirVersion
from cashier.fhir.outcome import OutcomeIssue, outcome_of
from cashier.fhir.problems import ResourceRefused
from cashier.fhir.taking import TakenIn, take_resource
from cashier.language import m

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/fhir+json"
_TOLD_IN_TYPE: Mapping[str, FhirVersion] = {"4.0": FhirVersion.R4, "4.3": FhirVersion.R4, "5.0": FhirVersion.R5}
_ISSUE_OF: Mapping[int, str] = {
    400: "structure", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 409: "conflict",
    412: "conflict", 413: "too-long", 415: "not-supported", 422: "invalid", 429: "throttled", 500: "exception",
    503: "transient",
}  # fmt: skip
_ELSEWHERE = m("It is balanced, and no money for it is known here: it is not owed here, nor called paid.")


class FhirRoutes:
    """Takes resources in."""

    def __init__(self, services: Services, access: Access) -> None:
        """Work on ``services`` for whom ``access`` lets in."""
        self._services = services
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; whatever else stands below ``/fhir`` is answered as FHIR has it, too."""
        return [
            *(web.post(f"/fhir/{version}{path}", self._post) for version in FhirVersion for path in ("", "/Invoice")),
            web.post("/fhir/Invoice", self._post),
            web.route("*", "/fhir{rest:(?:/.*)?}", self._nothing),
        ]

    async def _nothing(self, request: web.Request) -> web.Response:
        return _said(request, Problem(ProblemKind.NOT_FOUND, m("There is no such address.")))

    async def _post(self, request: web.Request) -> web.Response:
        try:
            caller = await self._access.caller_of(request, Scope.INVOICES_WRITE)
            version = _version_of(request)
            content = await body_of(request, BODY_MAX_BYTES)
            settings = self._services.settings
            taken = await take_resource(
                self._services.database,
                content,
                version,
                settings.fhir,
                caller.actor,
                moves_money=settings.moves_money,
            )
            return _done(request, taken)
        except Problem as problem:
            return _said(request, problem)
        except ResourceRefused as refused:
            kind = ProblemKind.MALFORMED if not refused.at else ProblemKind.INVALID
            return _said(request, Problem(kind, refused.words), code=refused.issue, at=refused.at)
        except CashierError as error:
            return _said(request, problem_of(error, names_desk=False))
        except Exception:
            reference = new_instance()
            log.exception("unexpected", extra={"reference": reference, "address": address_pattern(request)})
            said = m("Something unexpected happened ({reference}).", reference=reference)
            return _said(request, Problem(ProblemKind.UNEXPECTED, said))


def _version_of(request: web.Request) -> FhirVersion:
    """Return the version of a request. Raises ``Problem`` where it is not told, or told in two ways."""
    kind, *parameters = (each.strip() for each in request.headers.get("Content-Type", "").split(";"))
    if kind.lower() not in (MEDIA_TYPE, "application/json"):
        raise Problem(ProblemKind.UNSUPPORTED_MEDIA_TYPE, m("Send JSON, as application/fhir+json."))
    told = [
        value.strip('"') for name, _, value in (each.partition("=") for each in parameters) if name == "fhirVersion"
    ]
    in_type = _TOLD_IN_TYPE.get(told[0]) if told else None
    by_path = next((each for each in FhirVersion if request.path.startswith(f"/fhir/{each}")), None)
    version = by_path or in_type
    if version is None or (told and in_type is not version):
        raise Problem(
            ProblemKind.UNSUPPORTED_MEDIA_TYPE,
            m("Say one version of FHIR, by the address (/fhir/r4, /fhir/r5) or as fhirVersion=4.0 or 5.0."),
        )
    return version


def _done(request: web.Request, taken: TakenIn) -> web.Response:
    language = language_of(request)
    issues = [
        OutcomeIssue(
            severity="information",
            code="informational",
            said=m("Invoice {number} is taken in.", number=number).in_(language),
        )
        for number in taken.numbers
    ]
    issues += [
        OutcomeIssue(
            severity="warning",
            code="business-rule",
            said=_ELSEWHERE.in_(language),
            at="Invoice.status",
        )
        for _ in taken.elsewhere
    ]
    headers = {}
    if len(taken.numbers) == 1:
        (number,) = taken.numbers
        headers = {
            "Location": f"/api/v1/invoices/{quote(number, safe='')}",
            "ETag": f'"{taken.versions[number]}"',
        }
    status = 201 if taken.new else 200
    return web.Response(body=outcome_of(issues), status=status, content_type=MEDIA_TYPE, headers=headers)


def _said(request: web.Request, problem: Problem, *, code: str = "", at: str = "") -> web.Response:
    status = problem.kind.status
    log.info("problem of FHIR", extra={"kind": problem.kind.slug, "at": at, "address": address_pattern(request)})
    said = problem.detail.in_(language_of(request))
    issue = OutcomeIssue(severity="error", code=code or _ISSUE_OF[status], said=said, at=at)
    return web.Response(body=outcome_of([issue]), status=status, content_type=MEDIA_TYPE, headers=problem.headers)
