"""Reading the rows of the invoice list: what the database answers becomes rows in one go, at every keystroke."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cashier.database.looking import Answer, Look, Question, Values
from cashier.invoices.views import InvoiceRow

# In the order of the fields of ``InvoiceRow``.
_COLUMNS = (
    "invoice.id, invoice.number, patient.name, patient.record_number, patient.born, invoice.department,"
    " invoice.issued_on, invoice.total_minor, invoice.balance_minor, invoice.returned_minor, invoice.currency,"
    " invoice.status, payment.state"
)
_BESIDE = (
    " JOIN patient ON patient.id = invoice.patient_id"
    " LEFT JOIN invoice_hold ON invoice_hold.invoice_id = invoice.id"
    " LEFT JOIN payment ON payment.id = invoice_hold.payment_id"
)


def rows_of(ids: Sequence[int]) -> Look[tuple[InvoiceRow, ...]]:
    """Read the rows of invoices in the order of their keys ``ids``."""
    if not ids:
        return ()
    values = Values()
    condition = f"invoice.id IN ({values.places(ids)})"
    found = yield Question(f"SELECT {_COLUMNS} FROM invoice{_BESIDE} WHERE {condition}", values.all)
    rows = {row.id: row for row in _rows(found)}
    return tuple(rows[invoice_id] for invoice_id in ids)


def newest_rows(condition: str, values: Values, *, skip: int, limit: int) -> Look[tuple[InvoiceRow, ...]]:
    """Read the rows of the newest ``limit`` invoices that fulfil ``condition``, leaving out ``skip``, sorted so."""
    newest = f"SELECT invoice.id FROM invoice WHERE {condition} ORDER BY invoice.id DESC LIMIT {limit:d}"
    if skip:
        newest += f" OFFSET {skip:d}"
    found = yield Question(
        f"SELECT {_COLUMNS} FROM ({newest}) AS newest JOIN invoice ON invoice.id = newest.id{_BESIDE}"
        " ORDER BY newest.id DESC",
        values.all,
    )
    return _rows(found)


def _rows(found: Answer) -> tuple[InvoiceRow, ...]:
    return msgspec.convert(found, tuple[InvoiceRow, ...])
