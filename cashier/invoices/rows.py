"""Reading the rows of the invoice list: columns instead of whole objects, because it happens at every keystroke."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import InvoiceHold, Payment
from cashier.invoices.views import InvoiceRow
from cashier.money import Money

_INVOICE, _PATIENT, _HOLD, _PAYMENT = (each.__table__ for each in (Invoice, Patient, InvoiceHold, Payment))


async def rows_of(session: AsyncSession, ids: Sequence[int]) -> tuple[InvoiceRow, ...]:
    """Read the rows of invoices in the order of their keys ``ids``."""
    statement = _select(_INVOICE).where(_INVOICE.c.id.in_(ids))
    rows = {found[0]: _row(found) for found in await session.execute(statement)}
    return tuple(rows[invoice_id] for invoice_id in ids)


async def newest_rows(session: AsyncSession, keys: sa.Select[int], *, skip: int, limit: int) -> list[InvoiceRow]:
    """Read the rows of the newest ``limit`` invoices that ``keys`` selects, newest first, leaving out ``skip``."""
    newest = keys.order_by(Invoice.id.desc()).offset(skip or None).limit(limit).subquery("newest")
    statement = _select(newest.join(_INVOICE, _INVOICE.c.id == newest.c.id)).order_by(newest.c.id.desc())
    return [_row(found) for found in await session.execute(statement)]


def _select(invoices: sa.FromClause) -> sa.Select[Any]:
    invoice = _INVOICE.c
    return sa.select(
        invoice.id, invoice.number, _PATIENT.c.name, _PATIENT.c.record_number, _PATIENT.c.born, invoice.department,
        invoice.issued_on, invoice.total_minor, invoice.balance_minor, invoice.returned_minor, invoice.currency,
        invoice.status, _PAYMENT.c.state,
    ).select_from(
        invoices.join(_PATIENT, _PATIENT.c.id == invoice.patient_id)
        .outerjoin(_HOLD, _HOLD.c.invoice_id == invoice.id)
        .outerjoin(_PAYMENT, _PAYMENT.c.id == _HOLD.c.payment_id)
    )  # fmt: skip


def _row(found: Sequence[Any]) -> InvoiceRow:
    (
        key, number, patient_name, record_number, born, department,
        issued_on, total_minor, balance_minor, returned_minor, currency, status, state,
    ) = found  # fmt: skip
    return InvoiceRow(
        id=key,
        number=number,
        patient_name=patient_name,
        record_number=record_number,
        born=born,
        department=department,
        issued_on=issued_on,
        total=Money(total_minor, currency),
        balance=Money(balance_minor, currency),
        returned=Money(returned_minor, currency),
        status=status,
        under_way=None if state is None else state.value,
    )
