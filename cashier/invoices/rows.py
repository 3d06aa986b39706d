"""Reading the rows of the invoice list: what the database answers becomes rows in one go, at every keystroke."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cashier.books.invoice import InvoiceStatus
from cashier.database.looking import Answer, Look, Question, Values
from cashier.invoices.views import InvoiceRow

# In the order of the fields of ``InvoiceRow``.
_COLUMNS = (
    "invoice.id, invoice.number, patient.name, patient.record_number, patient.born, invoice.department,"
    " invoice.issued_on, invoice.total_minor, invoice.balance_minor, invoice.returned_minor, invoice.currency,"
    " invoice.status, payment.state, invoice.patient_id, invoice.due_on, desk.code"
)
_BESIDE = (
    " JOIN patient ON patient.id = invoice.patient_id"
    " LEFT JOIN invoice_hold ON invoice_hold.invoice_id = invoice.id"
    " LEFT JOIN payment ON payment.id = invoice_hold.payment_id"
    " LEFT JOIN desk ON desk.id = payment.desk_id"
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


def newest_rows(conditions: Sequence[str], values: Values, *, skip: int, limit: int) -> Look[tuple[InvoiceRow, ...]]:
    """Read the rows of the newest ``limit`` invoices that fulfil one of ``conditions``, leaving out ``skip``.

    No invoice may fulfil two of them: each is asked for by itself, as the newest of each are found the fastest.
    """
    upto = f"ORDER BY id DESC LIMIT {limit + skip:d}"
    each = [f"SELECT id FROM (SELECT invoice.id FROM invoice WHERE {one} {upto}) AS of_one" for one in conditions]
    newest = f"SELECT id FROM ({' UNION ALL '.join(each)}) AS found ORDER BY id DESC LIMIT {limit:d} OFFSET {skip:d}"
    if len(conditions) == 1:
        newest = f"SELECT invoice.id FROM invoice WHERE {conditions[0]} ORDER BY invoice.id DESC LIMIT {limit:d}"
        newest += f" OFFSET {skip:d}" if skip else ""
    found = yield Question(
        f"SELECT {_COLUMNS} FROM ({newest}) AS newest JOIN invoice ON invoice.id = newest.id{_BESIDE}"
        " ORDER BY newest.id DESC",
        values.all,
    )
    return _rows(found)


def rows_of_patients(
    patient_ids: Sequence[int], statuses: frozenset[InvoiceStatus], *, limit: int
) -> Look[tuple[InvoiceRow, ...]]:
    """Read the rows of the newest ``limit`` invoices of some patients, in one of ``statuses`` (empty: all)."""
    if not patient_ids:
        return ()
    values = Values()
    condition = f"invoice.patient_id IN ({values.places(patient_ids)})"
    if statuses:
        condition += f" AND invoice.status IN ({values.places(sorted(each.value for each in statuses))})"
    found = yield Question(
        f"SELECT {_COLUMNS} FROM invoice{_BESIDE} WHERE {condition} ORDER BY invoice.id DESC LIMIT {limit:d}",
        values.all,
    )
    return _rows(found)


def _rows(found: Answer) -> tuple[InvoiceRow, ...]:
    return msgspec.convert(found, tuple[InvoiceRow, ...])
