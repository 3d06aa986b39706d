"""The description of the API, made of the same table that serves it: OpenAPI 3.1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from cashier import __version__
from cashier.companion.api.operation import GROUPS, JSON, NDJSON, PDF, Lines, Nothing, Operation
from cashier.companion.api.problems import MEDIA_TYPE, ProblemDetails, ProblemKind
from cashier.companion.api.repetition import HEADER
from cashier.companion.api.shapes import RULES, StripeWebhookEvent, WebhookReceived, WebhookRefused
from cashier.language import m

Json = dict[str, Any]
_REF = "#/components/schemas/{name}"
_ABOUT = (
    "Payments, refunds, saved cards and receipts for the hospital's other systems. Money is in whole minor units "
    "with an ISO 4217 currency. What fails is told as problem details (RFC 9457) in the language of Accept-Language."
)

_ABOUT_KEYS = (
    "A client's key, made with `cashier keys add` and shown once; or a token, which its back end makes for one "
    "patient or one invoice, for a while."
)
ABOUT_REPETITION = m("The same key within a day means the same record.")
ABOUT_VERSIONS = m(
    "This version alone is changed, as `ETag` told it: 412 when it is another by now. `*`: any version that is known."
)
_ETAG = {"description": "Which version it is.", "required": True, "schema": {"type": "string"}}
WEBHOOK = m("An event of Stripe's")
ABOUT_WEBHOOKS = m(
    "Stored once, however often it is sent, and answered before anything is done about it. The same as "
    "`/stripe/webhook`."
)
WEBHOOKS = "/api/v1/payments/stripe/webhooks"


def describe(operations: Sequence[Operation], *, url: str) -> Json:
    """Return the document for ``operations``, served at ``url``."""
    types = [each.body for each in operations] + [each.answer for each in operations if each.answer is not None]
    types += [each.handler.ends_with for each in operations if isinstance(each.handler, Lines)]
    types += [ProblemDetails, StripeWebhookEvent, WebhookReceived, WebhookRefused]
    named = {type_.__name__: type_ for type_ in types if type_ is not Nothing}
    _, components = msgspec.json.schema_components(list(named.values()), ref_template=_REF)
    for name, rule in RULES.items():
        components[name].update(rule)
    paths: dict[str, Json] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    paths[WEBHOOKS] = {"post": _webhook()}
    groups = dict.fromkeys([*(each.group for each in operations), "Webhooks"])
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Cashier",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": url}],
        "tags": [{"name": each, "description": GROUPS[each][1].english} for each in groups],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "cashier_…",
                    "description": _ABOUT_KEYS,
                }
            },
        },
    }


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary.english,
        "description": operation.about.english + (f" Scope: `{operation.scope}`." if operation.scope else ""),
        "tags": [operation.group],
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.takes_body:
        form = NDJSON if isinstance(operation.handler, Lines) else JSON
        described["requestBody"] = {"required": True, "content": {form: {"schema": _ref(operation.body)}}}
    return described


def _webhook() -> Json:
    """Describe what Stripe calls: it has no key, shows its signature, and reads nothing but the status."""
    refused: Json = {"content": {JSON: {"schema": _ref(WebhookRefused)}}}
    signature = {
        "name": "Stripe-Signature",
        "in": "header",
        "required": True,
        "description": "Over the body as it was sent, with the endpoint's secret, at most five minutes old.",
        "schema": {"type": "string"},
    }
    return {
        "operationId": "receiveWebhook",
        "summary": WEBHOOK.english,
        "description": ABOUT_WEBHOOKS.english,
        "tags": ["Webhooks"],
        "security": [],
        "parameters": [signature],
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref(StripeWebhookEvent)}}},
        "responses": {
            "200": {"description": "It is stored.", "content": {JSON: {"schema": _ref(WebhookReceived)}}},
            "400": {"description": "Not signed by Stripe for us, or no event of ours. Nothing is stored.", **refused},
            "413": {"description": "The event is too large. Nothing is stored.", **refused},
            "500": {"description": "It was not stored; Stripe sends it again.", **refused},
        },
    }


def _parameters(operation: Operation) -> list[Json]:
    parts = re.findall(r"{(\w+)}", operation.path)
    parameters: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": operation.parts[name].english,
            "schema": {"type": "string", "minLength": 1, "pattern": "^[^/\\x00-\\x1f\\x7f]+$"},
            **({"example": operation.examples[name]} if name in operation.examples else {}),
        }
        for name in parts
    ]
    if operation.query is not Nothing:
        schema = msgspec.json.schema(operation.query)
        name = operation.query.__name__
        fields = schema["$defs"][name]
        parameters += [
            {
                "name": each,
                "in": "query",
                "required": each in fields.get("required", ()),
                "schema": _without_null(of),
            }
            for each, of in fields["properties"].items()
        ]
    if operation.has_version and operation.takes_body:
        parameters.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": False,
                "description": ABOUT_VERSIONS.english,
                "schema": {"type": "string", "minLength": 1, "pattern": '^(\\*|"[!#-~]+"(, *"[!#-~]+")*)$'},
            }
        )
    if operation.repeatable:
        parameters.append(
            {
                "name": HEADER,
                "in": "header",
                "required": False,
                "description": ABOUT_REPETITION.english,
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
            }
        )
    return parameters


def _without_null(schema: Json) -> Json:
    """In an address nothing is null: it is left out."""
    if "anyOf" in schema:
        (only,) = (each for each in schema["anyOf"] if each.get("type") != "null")
        return dict(only)
    return {name: value for name, value in schema.items() if name != "default"}


def _responses(operation: Operation) -> Json:
    responses: Json = {}
    if operation.answer is None:
        responses[str(operation.status)] = {"description": "Done."}
    else:
        content: Json = {JSON: {"schema": _ref(operation.answer)}}
        if isinstance(operation.handler, Lines):
            ends_with = _ref(operation.handler.ends_with)
            content = {NDJSON: {"schema": {"anyOf": [_ref(operation.answer), ends_with]}}}
        if operation.is_document:
            content[PDF] = {"schema": {"type": "string", "contentMediaType": PDF}}
        responses[str(operation.status)] = {"description": "Done.", "content": content}
        if operation.has_version:
            responses[str(operation.status)]["headers"] = {"ETag": _ETAG}
        if operation.leads_to:
            responses[str(operation.status)]["links"] = {
                name: {"operationId": name, "parameters": {part: "$response.body#/id"}}
                for name, part in operation.leads_to.items()
            }
    if operation.or_status is not None:
        responses[str(operation.or_status)] = dict(responses[str(operation.status)])
    for kind in sorted({*operation.problems, *_of_every(operation)}, key=lambda kind: (kind.status, kind.slug)):
        status = str(kind.status)
        known = responses.get(status)
        said = kind.title.english if known is None else f"{known['description']} Or: {kind.title.english}"
        responses[status] = {"description": said, "content": {MEDIA_TYPE: {"schema": _ref(ProblemDetails)}}}
    return responses


def _of_every(operation: Operation) -> set[ProblemKind]:
    """Return what can go wrong with any operation of its kind."""
    kinds = {
        ProblemKind.MALFORMED,
        ProblemKind.UNAUTHENTICATED,
        ProblemKind.FORBIDDEN,
        ProblemKind.NOT_ACCEPTABLE,
        ProblemKind.TOO_LARGE,
        ProblemKind.INVALID,
        ProblemKind.TOO_MANY_REQUESTS,
        ProblemKind.UNEXPECTED,
        ProblemKind.UNAVAILABLE,
    }
    return kinds | ({ProblemKind.UNSUPPORTED_MEDIA_TYPE} if operation.takes_body else set())


def _ref(type_: type) -> Json:
    return {"$ref": _REF.format(name=type_.__name__)}
