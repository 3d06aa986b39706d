"""Reading the rows of the invoice list: what the database answers becomes rows in one go, at every keystroke."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import structs

from cashier.database.looking import Answer, Look, Question, Values, made_first
from cashier.invoices.views import OWED, InvoiceRow, Owed

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


def beside_each_other(rows: Sequence[InvoiceRow]) -> Look[tuple[InvoiceRow, ...]]:
    """Put the rows of each patient beside each other, where the first stood, with what is owed in all."""
    patients: dict[int, list[InvoiceRow]] = {}
    for row in rows:
        patients.setdefault(row.patient_id, []).append(row)
    owed = yield from _owed_by(tuple(patients))
    return tuple(
        structs.replace(row, owes=owed[row.patient_id]) if row.patient_id in owed else row
        for theirs in patients.values()
        for row in theirs
    )


def _owed_by(patient_ids: Sequence[int]) -> Look[dict[int, tuple[Owed, ...]]]:
    """Add up what those of the patients owe who owe more than one invoice, in each currency by itself."""
    if not patient_ids:
        return {}
    values = Values()
    is_owed = f"status IN ({values.places(sorted(OWED))})"
    # The index knows who owes several; few do, and only their invoices are looked at.
    several = f"SELECT patient_id FROM invoice WHERE patient_id IN ({values.places(patient_ids)}) AND {is_owed}"
    several += " GROUP BY patient_id HAVING count(*) > 1"
    found = yield Question(
        "SELECT patient_id, currency, count(*), CAST(sum(balance_minor) AS bigint) FROM invoice"
        f" WHERE patient_id {made_first(several)} AND {is_owed}"
        " GROUP BY patient_id, currency ORDER BY patient_id, currency",
        values.all,
    )
    owed: dict[int, tuple[Owed, ...]] = {}
    for patient_id, currency, count, amount_minor in found:
        one = Owed(currency=currency, invoices=count, amount_minor=amount_minor)
        owed[patient_id] = (*owed.get(patient_id, ()), one)
    return owed


def _rows(found: Answer) -> tuple[InvoiceRow, ...]:
    return msgspec.convert(found, tuple[InvoiceRow, ...])
