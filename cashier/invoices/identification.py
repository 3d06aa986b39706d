"""What a scanned code is: an invoice's number, a receipt's, a patient's. Whole numbers only, nothing similar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashier.database.looking import Look, Question, Values
from cashier.invoices.search.exact import numbered, of_receipt
from cashier.invoices.spelling import compact, whole_keys

_CAPITALS_ONLY = 1
"""How unlike (``exact.numbered``) what differs by capitals alone is at most; Caps Lock turns those round."""


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """What has a number: the invoice ``invoice_id``, or else the patient."""

    invoice_id: int | None = None
    patient_id: int
    record_number: str


def numbers_among(readings: Sequence[str]) -> Look[tuple[Numbered, ...]]:
    """Return what a code is that may be any of ``readings``: one thing, none, or several that are written alike.

    What is written so comes before what has other separators or zeros. A receipt leads to its invoice; where it is of
    several, or of none (a deposit), to its patient. An invoice and its own patient are the invoice.
    """
    as_written: list[Numbered] = []
    otherwise: list[Numbered] = []
    looked_up: set[str] = set()
    for reading in readings:
        # Readings that differ by capitals alone find the same.
        if not compact(reading) or reading.casefold() in looked_up:
            continue
        looked_up.add(reading.casefold())
        for unlike, invoice_id in (yield from numbered(reading)):
            (as_written if unlike <= _CAPITALS_ONLY else otherwise).append((yield from _invoice(invoice_id)))
        as_written += yield from _told_by_receipt(reading)
        for patient in (yield from _patients(reading)):
            is_as_written = patient.record_number.casefold() == reading.casefold()
            (as_written if is_as_written else otherwise).append(patient)
    return _without_own_patients(as_written or otherwise)


def _without_own_patients(found: Sequence[Numbered]) -> tuple[Numbered, ...]:
    with_invoice = {each.patient_id for each in found if each.invoice_id is not None}
    return tuple(
        dict.fromkeys(each for each in found if each.invoice_id is not None or each.patient_id not in with_invoice)
    )


def _invoice(invoice_id: int) -> Look[Numbered]:
    theirs = "SELECT patient.id, record_number FROM patient JOIN invoice ON invoice.patient_id = patient.id"
    ((patient_id, record_number),) = yield Question(f"{theirs} WHERE invoice.id = $1", [invoice_id])
    return Numbered(invoice_id=invoice_id, patient_id=patient_id, record_number=record_number)


def _told_by_receipt(reading: str) -> Look[list[Numbered]]:
    invoices = []
    for invoice_id in (yield from of_receipt(reading))[:2]:
        invoices.append((yield from _invoice(invoice_id)))
    if len(invoices) < 2:
        return invoices
    return [Numbered(patient_id=invoices[0].patient_id, record_number=invoices[0].record_number)]


def _patients(reading: str) -> Look[list[Numbered]]:
    keys, values = whole_keys(reading), Values()
    if any(each.isdigit() for each in reading):
        by_word = f"SELECT patient_id FROM patient_word WHERE word IN ({values.places(keys)})"
        merged = f"SELECT id FROM patient WHERE merged_into_id IN ({by_word})"
        is_found = f"record.id IN ({by_word} UNION {merged})"
    else:
        # As a word it may be the name of very many.
        is_found = f"record.record_number = {values.place(reading)}"
    # An old record that the hospital merged is found by its number, and is the patient that it was merged into.
    found = yield Question(
        "SELECT patient.id, patient.record_number, record.record_number FROM patient"
        f" JOIN patient AS record ON patient.id = coalesce(record.merged_into_id, record.id) WHERE {is_found}",
        values.all,
    )
    return [
        Numbered(patient_id=patient_id, record_number=record_number)
        for patient_id, record_number, found_by in found
        # A name or a telephone number may read the same.
        if set(keys) & set(whole_keys(found_by))
    ]
