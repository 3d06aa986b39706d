"""Invoices from the hospital's system: one at a time, by its number."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cashier.books.api_client import Scope
from cashier.companion.api.operation import Answer, Ask, Nothing, Operation
from cashier.companion.api.operations.invoices import InvoiceResponse, invoice_response, version_header
from cashier.companion.api.operations.lookup import invoice_numbered
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.invoices.acceptance import accepted
from cashier.invoices.intake import take_in_batch
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.language import m

INVOICE_BYTES_MAX = 256 * 1024
_MOST = 10**15
_TEXT = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
_VERSION = re.compile(r'"([\x21\x23-\x7e]*)"')
_VERSIONS = re.compile(r'\s*(W/)?"[\x21\x23-\x7e]*"\s*(,\s*(W/)?"[\x21\x23-\x7e]*"\s*)*')

_Record = Annotated[
    str,
    Meta(min_length=1, max_length=40, pattern=_TEXT, description="The patient's.", examples=["MRN-0000101"]),
]
_Sum = Annotated[int, Meta(ge=-_MOST, le=_MOST)]
_Share = Annotated[
    int, Meta(ge=-_MOST, le=_MOST, description="What the insurer pays of the total; the patient owes the rest.")
]
_Day = Annotated[date, Meta(description="As YYYY-MM-DD.")]


class InvoiceLinePut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One service. `total_minor` is `quantity_milli` / 1000 times `unit_price_minor`, and `tax_minor`, which
    `tax_basis_points` make of it; all in minor units of the invoice's currency.
    """

    description: Annotated[str, Meta(max_length=200)]
    quantity_milli: _Sum
    unit_price_minor: _Sum
    tax_basis_points: Annotated[int, Meta(ge=-(2**31) + 1, le=2**31 - 1)]
    tax_minor: _Sum
    total_minor: _Sum


class InvoicePut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invoice as the hospital's system has it, whole: what is not sent again is not there any more.

    Of `born`, `phone` and `email` alone, what is left out stays as it is known; null takes it away.
    """

    record_number: _Record
    patient_name: Annotated[str, Meta(min_length=1, max_length=160, pattern=_TEXT, examples=["Zoë Dąbek"])]
    department: Annotated[str, Meta(min_length=1, max_length=80, pattern=_TEXT)]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217, three capitals.", examples=["EUR"])]
    issued_on: _Day
    due_on: _Day
    lines: Annotated[tuple[InvoiceLinePut, ...], Meta(description="At least one, unless it is cancelled.")] = ()
    born: date | UnsetType | None = UNSET
    phone: Annotated[str, Meta(max_length=40)] | UnsetType | None = UNSET
    email: Annotated[str, Meta(max_length=160)] | UnsetType | None = UNSET
    insurer: Annotated[str, Meta(max_length=120)] = ""
    insurer_share_minor: _Share = 0
    cancelled: bool = False


async def put(ask: Ask[InvoicePut, Nothing]) -> Answer:
    """Add the invoice of this number, or bring it up to date."""
    incoming = accepted(incoming_of(ask.path["number"], ask.body))
    expected = {} if ask.if_match is None else {incoming.number: _versions_in(ask.if_match)}
    taken = await take_in_batch(ask.services.database, [incoming], ask.caller.actor, expected=expected)
    detail = await invoice_numbered(ask, incoming.number)
    # The version that was sent, not one that came in between: who changes it next is to know that.
    headers = version_header(taken.versions[incoming.number])
    if taken.new:
        place = f"/api/v1/invoices/{quote(incoming.number, safe='')}"
        return Answer(value=invoice_response(detail), status=201, headers={"Location": place, **headers})
    return Answer(value=invoice_response(detail), headers=headers)


def incoming_of(number: str, body: InvoicePut) -> IncomingInvoice:
    """Return what was sent as every intake has it."""
    facts = {name: getattr(body, name) for name in InvoicePut.__struct_fields__ if name != "lines"}
    lines = tuple(IncomingLine(**msgspec.structs.asdict(line)) for line in body.lines)
    return IncomingInvoice(number=number, lines=lines, **facts)


def _versions_in(header: str) -> Collection[str] | None:
    """Return the versions that ``If-Match`` names, None for any. Raises ``Problem`` where it cannot be read."""
    if header.strip() == "*":
        return None
    if not _VERSIONS.fullmatch(header):
        said = m("Send the version as ETag told it, with its quotation marks.")
        raise Problem(ProblemKind.MALFORMED, said, fields=[("If-Match", said)])
    # A weak version is never the same as another: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
    return [each[1] for each in _VERSION.finditer(re.sub(r'W/"[^"]*"', "", header))]


OPERATIONS = (
    Operation(
        name="putInvoice",
        method="PUT",
        path="/api/v1/invoices/{number}",
        summary=m("Add an invoice, or bring it up to date"),
        about=m(
            "Whole, as often as it is wanted: the same again changes nothing. What may change of an invoice that is "
            "being paid or was paid stands in docs/IMPORT.md; what may not is refused (409), and nothing of it kept."
        ),
        group="Invoices",
        scope=Scope.INVOICES_WRITE,
        handler=put,
        answer=InvoiceResponse,
        or_status=201,
        body=InvoicePut,
        body_bytes_max=INVOICE_BYTES_MAX,
        parts={"number": m("The invoice's number, at most 40 characters; a slash in it is sent encoded.")},
        examples={"number": "INV-2026-000001"},
        problems=(ProblemKind.REFUSED, ProblemKind.CHANGED_MEANWHILE, ProblemKind.UNAVAILABLE),
        has_version=True,
    ),
)
