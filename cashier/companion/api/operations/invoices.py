"""Invoices as the books know them now: what is due, and what was paid."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cashier.books.api_client import Scope
from cashier.companion.api.operation import PDF, Answer, Ask, Nothing, Operation
from cashier.companion.api.operations.lookup import invoice_numbered, patient_recorded
from cashier.companion.api.problems import ProblemKind
from cashier.invoices.versions import version_of_detail
from cashier.invoices.views import InvoiceDetail, InvoiceRow
from cashier.language import m


class InvoiceLine(msgspec.Struct, frozen=True):
    """One service. `quantity_milli` 1500 is 1.5; `tax_basis_points` 2100 is 21 %."""

    description: str
    quantity_milli: int
    unit_price: int
    tax_basis_points: int
    tax: int
    total: int


class InvoiceSummary(msgspec.Struct, frozen=True):
    """An invoice; amounts in minor units of `currency`. `under_way` tells whether a payment of it is being taken.

    Of a credit note, `total` is below zero, and so is `balance`: what is left of it.
    """

    invoice_id: str
    patient_id: str
    department: str
    issued_on: str
    currency: str
    total: int
    balance: int
    status: Literal["due", "part_paid", "paid", "cancelled", "credit", "credit_used"]
    under_way: bool


class InvoiceResponse(InvoiceSummary, frozen=True, kw_only=True):
    """An invoice with its lines. `paid` counts what came, `returned` what went back and is not owed."""

    due_on: str
    insurer: str
    insurer_share: int
    paid: int
    returned: int
    lines: tuple[InvoiceLine, ...]


class InvoiceList(msgspec.Struct, frozen=True):
    """Invoices, the oldest first."""

    data: tuple[InvoiceSummary, ...]


class OfCurrency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Those in one currency; without, in the hospital's."""

    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")] | None = None


async def read(ask: Ask[Nothing, Nothing]) -> Answer:
    """Tell what an invoice is, or give its sheet."""
    detail = await invoice_numbered(ask, ask.path["number"])
    if ask.accepts != PDF:
        return Answer(value=invoice_response(detail), headers=version_header(version_of_detail(detail)))
    sheet = await ask.services.invoice_sheets.document(detail.row.id, ask.language)
    headers = {"Content-Disposition": 'inline; filename="invoice.pdf"', "Cache-Control": "no-store"}
    return Answer(document=sheet, headers=headers)


async def due_of_patient(ask: Ask[Nothing, OfCurrency]) -> Answer:
    """List what a patient has to pay."""
    patient_id = await patient_recorded(ask, ask.path["id"])
    currency = ask.query.currency or await ask.services.desks.currency()
    rows = await ask.services.invoices.due_of_patient(patient_id, currency)
    shown = [row for row in rows if ask.caller.invoice_id in (None, row.id)]
    return Answer(value=InvoiceList(data=tuple(_summary(row) for row in shown)))


def _summary(row: InvoiceRow) -> InvoiceSummary:
    return InvoiceSummary(
        invoice_id=row.number,
        patient_id=row.record_number,
        department=row.department,
        issued_on=row.issued_on.isoformat(),
        currency=row.total.currency,
        total=row.total.amount_minor,
        balance=row.balance.amount_minor,
        status=row.status.value,
        under_way=row.under_way is not None,
    )


def version_header(version: str) -> dict[str, str]:
    """Return the header that tells which version of an invoice is answered."""
    return {"ETag": f'"{version}"'}


def invoice_response(detail: InvoiceDetail) -> InvoiceResponse:
    """Write an invoice as it is answered."""
    return InvoiceResponse(
        **msgspec.structs.asdict(_summary(detail.row)),
        due_on=detail.due_on.isoformat(),
        insurer=detail.insurer,
        insurer_share=detail.insurer_share.amount_minor,
        paid=detail.paid.amount_minor,
        returned=detail.returned.amount_minor,
        lines=tuple(
            InvoiceLine(
                description=line.description,
                quantity_milli=line.quantity_milli,
                unit_price=line.unit_price.amount_minor,
                tax_basis_points=line.tax_basis_points,
                tax=line.tax.amount_minor,
                total=line.total.amount_minor,
            )
            for line in detail.lines
        ),
    )


OPERATIONS = (
    Operation(
        name="getInvoice",
        method="GET",
        path="/api/v1/invoices/{number}",
        summary=m("One invoice, as JSON or as its sheet"),
        about=m(
            "By its number, to the letter. With Accept: application/pdf it is a sheet in the caller's language: its "
            "services, what was paid by which receipts, and what is left."
        ),
        group="Invoices",
        scope=Scope.INVOICES_READ,
        handler=read,
        answer=InvoiceResponse,
        parts={"number": m("The invoice's number.")},
        examples={"number": "INV-2026-000001"},
        problems=(ProblemKind.NOT_FOUND, ProblemKind.UNAVAILABLE),
        is_document=True,
        has_version=True,
    ),
    Operation(
        name="listDueInvoicesOfPatient",
        method="GET",
        path="/api/v1/patients/{id}/invoices",
        summary=m("What a patient has to pay"),
        about=m("The oldest invoice first."),
        group="Invoices",
        scope=Scope.INVOICES_READ,
        handler=due_of_patient,
        answer=InvoiceList,
        query=OfCurrency,
        parts={"id": m("The patient's record number.")},
        examples={"id": "MRN-0000101"},
        problems=(ProblemKind.NOT_FOUND, ProblemKind.UNAVAILABLE),
    ),
)
