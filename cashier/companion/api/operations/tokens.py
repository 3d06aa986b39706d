"""Tokens: short-lived keys for one patient or one invoice, which a portal's back end may hand to its page."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cashier.books.api_client import Scope
from cashier.companion.api.operation import Answer, Ask, Nothing, Operation
from cashier.companion.api.operations.lookup import invoice_numbered, patient_recorded
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.api.shapes import InvoiceNumber, RecordNumber
from cashier.language import m

TokenScope = Literal[
    "invoices:read",
    "payments:read",
    "payments:write",
    "cards:read",
    "cards:write",
    "refunds:request",
    "receipts:read",
]


class TokenCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For whom: one patient (`patient_id`, the record number) or one invoice (`invoice_id`), and what it may do.

    The scopes have to be the client's own.
    """

    scopes: Annotated[tuple[TokenScope, ...], Meta(min_length=1, max_length=7)]
    patient_id: RecordNumber | None = None
    invoice_id: InvoiceNumber | None = None
    lifetime_seconds: Annotated[int, Meta(ge=1, le=3600)] = 900


class TokenResponse(msgspec.Struct, frozen=True):
    """A token, shown this once. `id` is its public part, by which it is ended."""

    id: str
    token: str
    expires_at: str
    scopes: tuple[str, ...]


async def create(ask: Ask[TokenCreate, Nothing]) -> Answer:
    """Make a token; each request makes another."""
    body = ask.body
    if body.invoice_id is not None:
        if body.patient_id is not None:
            raise _neither()
        detail = await invoice_numbered(ask, body.invoice_id, at="#/invoice_id")
        patient_id, invoice_id = detail.patient_id, detail.row.id
    elif body.patient_id is not None:
        patient_id, invoice_id = await patient_recorded(ask, body.patient_id, at="#/patient_id"), None
    else:
        raise _neither()
    scopes = frozenset(Scope(each) for each in body.scopes)
    lacking = sorted(scopes - ask.caller.scopes)
    if lacking:
        what = m("The key itself lacks the scope “{scope}”.", scope=lacking[0].value)
        raise Problem(ProblemKind.REFUSED, what, fields=[("#/scopes", what)])
    made = await ask.services.tokens.make(
        ask.caller,
        patient_id=patient_id,
        invoice_id=invoice_id,
        scopes=scopes,
        lifetime=timedelta(seconds=body.lifetime_seconds),
    )
    response = TokenResponse(
        id=made.public_id,
        token=made.text,
        expires_at=made.ends_at.isoformat(timespec="seconds"),
        scopes=tuple(scope.value for scope in Scope if scope in scopes),
    )
    return Answer(value=response, status=201, headers={"Location": f"{_PREFIX}/{made.public_id}"})


async def end(ask: Ask[Nothing, Nothing]) -> Answer:
    """End a token at once."""
    if not await ask.services.tokens.end(ask.caller, ask.path["id"]):
        raise Problem(ProblemKind.NOT_FOUND, m("There is no token {id}.", id=ask.path["id"]))
    return Answer(status=204)


def _neither() -> Problem:
    what = m("Name either one patient_id or one invoice_id.")
    return Problem(ProblemKind.INVALID, what, fields=[("#/patient_id", what)])


_PREFIX = "/api/v1/tokens"

OPERATIONS = (
    Operation(
        name="createToken",
        method="POST",
        path=_PREFIX,
        summary=m("A short-lived key for one patient or one invoice"),
        about=m(
            "For at most an hour, with scopes of the client's own; it sees and does nothing beyond "
            "that patient, or that invoice. A token makes no tokens."
        ),
        group="Tokens",
        scope=Scope.TOKENS_WRITE,
        handler=create,
        body=TokenCreate,
        answer=TokenResponse,
        status=201,
        problems=(ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.UNAVAILABLE),
        leads_to={"endToken": "id"},
    ),
    Operation(
        name="endToken",
        method="DELETE",
        path=f"{_PREFIX}/{{id}}",
        summary=m("End a token at once"),
        about=m("404 where the client has none of that id, also when it was ended before or its time is up."),
        group="Tokens",
        scope=Scope.TOKENS_WRITE,
        handler=end,
        answer=None,
        status=204,
        parts={"id": m("The token's public part, as creating it answered.")},
        problems=(ProblemKind.NOT_FOUND, ProblemKind.UNAVAILABLE),
    ),
)
