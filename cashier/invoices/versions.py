"""Which version of an invoice is known: a digest of all that the hospital's system says about it.

What is paid for it is no part of that, so a payment makes no other version. The same content is the same version,
however often and by whichever way it came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, InvoiceLine, InvoiceStatus
from cashier.invoices.changes import InvoiceRefused
from cashier.invoices.views import IncomingInvoice, IncomingLine, InvoiceDetail
from cashier.language import m

_DIGITS = 32
Line = tuple[str | int, ...]
_COLUMNS = (
    InvoiceLine.description,
    InvoiceLine.quantity_milli,
    InvoiceLine.unit_price_minor,
    InvoiceLine.tax_basis_points,
    InvoiceLine.tax_minor,
    InvoiceLine.total_minor,
)


class ChangedMeanwhile(InvoiceRefused):
    """The invoice is another version than the one that was to be changed."""

    default = m("The invoice was changed meanwhile.")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a batch: the numbers that are ``new``, those that are ``unchanged``, and what each is now.

    Whatever is in ``versions`` and in neither was known and brought up to date.
    """

    new: frozenset[str] = frozenset()
    unchanged: frozenset[str] = frozenset()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def says_something_new(self) -> bool:
        """Tell whether anything was added or brought up to date."""
        return len(self.unchanged) < len(self.versions)


def version_of_incoming(incoming: IncomingInvoice, patient_id: int) -> str:
    """Return which version ``incoming`` is, as one of this patient."""
    return _digest(
        patient_id,
        (incoming.department, incoming.currency, incoming.insurer),
        (incoming.issued_on, incoming.due_on),
        incoming.insurer_share_minor,
        incoming.cancelled,
        [_facts(line) for line in incoming.lines],
    )


def version_of_detail(detail: InvoiceDetail) -> str:
    """Return which version is shown."""
    return _digest(
        detail.patient_id,
        (detail.row.department, detail.row.currency, detail.insurer),
        (detail.row.issued_on, detail.due_on),
        detail.insurer_share.amount_minor,
        detail.row.status is InvoiceStatus.CANCELLED,
        [
            (
                line.description,
                line.quantity_milli,
                line.unit_price.amount_minor,
                line.tax_basis_points,
                line.tax.amount_minor,
                line.total.amount_minor,
            )
            for line in detail.lines
        ],
    )


async def versions_of(session: AsyncSession, invoices: Iterable[Invoice]) -> dict[str, str]:
    """Return which version is known of each of the invoices, by number."""
    known = {invoice.id: invoice for invoice in invoices}
    if not known:
        return {}
    lines: dict[int, list[Line]] = {invoice_id: [] for invoice_id in known}
    statement = (
        sa.select(InvoiceLine.invoice_id, *_COLUMNS)
        .where(InvoiceLine.invoice_id.in_(known))
        .order_by(InvoiceLine.invoice_id, InvoiceLine.position)
    )
    for row in (await session.execute(statement)).all():
        lines[row.invoice_id].append(tuple(row[1:]))
    return {
        each.number: _digest(
            each.patient_id,
            (each.department, each.currency, each.insurer),
            (each.issued_on, each.due_on),
            each.insurer_share_minor,
            each.status is InvoiceStatus.CANCELLED,
            lines[each.id],
        )
        for each in known.values()
    }


def _facts(line: IncomingLine) -> Line:
    return (
        line.description,
        line.quantity_milli,
        line.unit_price_minor,
        line.tax_basis_points,
        line.tax_minor,
        line.total_minor,
    )


def _digest(*facts: object) -> str:
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:_DIGITS]
