"""The bills of the patients whom a search finds: how many there are, what they come to, and those to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import structs

from cashier.books.invoice import InvoiceStatus
from cashier.database.looking import Look, Question, Values
from cashier.invoices.rows import rows_of_patients
from cashier.invoices.views import OWED, InvoiceRow, Owed, PatientBills, added_up

TOLD_MOST = 100
"""So many bills of a patient are told with the others: who owes more is an account of many people."""
UNFOLDED_MOST = 1_000
"""So many are read at most when they are asked for."""

_Counts = Mapping[int, Mapping[str, int]]
"""How many invoices patients have in each status."""
_Owes = Mapping[int, tuple[Owed, ...]]


def with_bills(
    firsts: Sequence[InvoiceRow], *, meant: frozenset[int], statuses: frozenset[InvoiceStatus]
) -> Look[tuple[PatientBills, ...]]:
    """Say of each patient, found by one of ``firsts``, how many bills in ``statuses`` (empty: all) there are.

    Told beside the first are those that are owed; and all, where the first is ``meant`` by its number.
    """
    counts = yield from _counts_of([row.patient_id for row in firsts], statuses and statuses | OWED)
    # Of most patients there is nothing else to tell: only the others are looked at.
    others = {row.patient_id: row for row in firsts if sum(counts[row.patient_id].values()) > 1}
    owing = {each: sum(counts[each].get(status, 0) for status in OWED) for each in others}
    here = {each: _in(counts[each], statuses) for each in others}
    told = {each: {row.id: row} for each, row in others.items()}
    with_owed = [each for each, row in others.items() if (row.status in OWED) < owing[each] <= TOLD_MOST]
    whole = [each for each, row in others.items() if row.id in meant and here[each] <= TOLD_MOST]
    for ids, wanted in ((with_owed, OWED), (whole, statuses)):
        for row in (yield from rows_of_patients(ids, wanted, limit=len(ids) * TOLD_MOST)):
            told[row.patient_id][row.id] = row
    many = [each for each, owed in owing.items() if owed > TOLD_MOST]
    owes = {each: added_up(row for row in told[each].values() if row.status in OWED) for each in others}
    owes |= yield from _owed_by(many, OWED)
    sums = {} if not many else (yield from _owed_by(many, statuses & OWED if statuses else OWED))
    return tuple(
        PatientBills(first=row, count=1, bills=(row,), is_meant=row.id in meant)
        if row.patient_id not in others
        else PatientBills(
            first=_with_owes(row, owes[row.patient_id]),
            count=here[row.patient_id],
            bills=_listed(told[row.patient_id], owes[row.patient_id], statuses),
            sums=sums.get(row.patient_id),
            is_meant=row.id in meant,
        )
        for row in firsts
    )


def bills_of_patient(patient_id: int, statuses: frozenset[InvoiceStatus]) -> Look[tuple[InvoiceRow, ...]]:
    """Return the newest ``UNFOLDED_MOST`` bills of a patient, in one of ``statuses`` (empty: all)."""
    rows = yield from rows_of_patients([patient_id], statuses, limit=UNFOLDED_MOST)
    owes = (yield from _owed_by([patient_id], OWED)).get(patient_id, ())
    return tuple(_with_owes(row, owes) for row in rows)


def _listed(
    told: Mapping[int, InvoiceRow], owes: tuple[Owed, ...], statuses: frozenset[InvoiceStatus]
) -> tuple[InvoiceRow, ...]:
    """Return what is told of and is in ``statuses`` (empty: all), the newest first."""
    listed = (told[key] for key in sorted(told, reverse=True))
    return tuple(_with_owes(row, owes) for row in listed if not statuses or row.status in statuses)


def _in(counted: Mapping[str, int], statuses: frozenset[InvoiceStatus]) -> int:
    return sum(count for status, count in counted.items() if not statuses or status in statuses)


def _with_owes(row: InvoiceRow, owes: tuple[Owed, ...]) -> InvoiceRow:
    """Add what is owed in all, where that is more than this bill."""
    if not owes or (len(owes) == 1 and owes[0].invoices == 1):
        return row
    return structs.replace(row, owes=owes)


def _owed_by(patient_ids: Sequence[int], statuses: frozenset[InvoiceStatus]) -> Look[dict[int, tuple[Owed, ...]]]:
    """Add up what patients owe on invoices in ``statuses``, in each currency by itself."""
    if not patient_ids or not statuses:
        return {}
    values = Values()
    found = yield Question(
        "SELECT patient_id, currency, count(*), CAST(sum(balance_minor) AS bigint) FROM invoice"
        f" WHERE patient_id IN ({values.places(patient_ids)}) AND status IN ({values.places(sorted(statuses))})"
        " GROUP BY patient_id, currency ORDER BY patient_id, currency",
        values.all,
    )
    owed: dict[int, tuple[Owed, ...]] = {}
    for patient_id, currency, count, amount_minor in found:
        one = Owed(currency=currency, invoices=count, amount_minor=amount_minor)
        owed[patient_id] = (*owed.get(patient_id, ()), one)
    return owed


def _counts_of(patient_ids: Sequence[int], statuses: frozenset[InvoiceStatus]) -> Look[_Counts]:
    """Count the invoices of patients in each of ``statuses`` (empty: all): out of the index alone."""
    if not patient_ids:
        return {}
    values = Values()
    condition = f"patient_id IN ({values.places(patient_ids)})"
    if statuses:
        condition += f" AND status IN ({values.places(sorted(statuses))})"
    found = yield Question(
        f"SELECT patient_id, status, count(*) FROM invoice WHERE {condition} GROUP BY patient_id, status", values.all
    )
    counts: dict[int, dict[str, int]] = {}
    for patient_id, status, count in found:
        counts.setdefault(patient_id, {})[status] = count
    return counts
