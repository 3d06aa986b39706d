"""What a scanned code is: an invoice's number, a receipt's, a patient's. Whole numbers only, nothing similar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, Patient, PatientWord
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


async def numbers_among(session: AsyncSession, readings: Sequence[str]) -> tuple[Numbered, ...]:
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
        for unlike, invoice_id in await numbered(session, reading):
            (as_written if unlike <= _CAPITALS_ONLY else otherwise).append(await _invoice(session, invoice_id))
        as_written += await _told_by_receipt(session, reading)
        for patient in await _patients(session, reading):
            is_as_written = patient.record_number.casefold() == reading.casefold()
            (as_written if is_as_written else otherwise).append(patient)
    return _without_own_patients(as_written or otherwise)


def _without_own_patients(found: Sequence[Numbered]) -> tuple[Numbered, ...]:
    with_invoice = {each.patient_id for each in found if each.invoice_id is not None}
    return tuple(
        dict.fromkeys(each for each in found if each.invoice_id is not None or each.patient_id not in with_invoice)
    )


async def _invoice(session: AsyncSession, invoice_id: int) -> Numbered:
    theirs = sa.select(Patient.id, Patient.record_number).join(Invoice, Invoice.patient_id == Patient.id)
    patient = (await session.execute(theirs.where(Invoice.id == invoice_id))).one()
    return Numbered(invoice_id=invoice_id, patient_id=patient.id, record_number=patient.record_number)


async def _told_by_receipt(session: AsyncSession, reading: str) -> list[Numbered]:
    invoice_ids = await of_receipt(session, reading)
    if not invoice_ids:
        return []
    invoices = [await _invoice(session, invoice_id) for invoice_id in invoice_ids[:2]]
    if len(invoices) == 1:
        return invoices
    return [Numbered(patient_id=invoices[0].patient_id, record_number=invoices[0].record_number)]


async def _patients(session: AsyncSession, reading: str) -> list[Numbered]:
    keys = whole_keys(reading)
    # An old record that the hospital merged is found by its number, and is the patient that it was merged into.
    record = sa.orm.aliased(Patient)
    is_one = Patient.id == sa.func.coalesce(record.merged_into_id, record.id)
    found = sa.select(Patient.id, Patient.record_number, record.record_number.label("found_by")).join(record, is_one)
    if any(each.isdigit() for each in reading):
        by_word = sa.select(PatientWord.patient_id).where(PatientWord.word.in_(keys))
        found = found.where(
            record.id.in_(by_word.union(sa.select(Patient.id).where(Patient.merged_into_id.in_(by_word))))
        )
    else:
        # As a word it may be the name of very many.
        found = found.where(record.record_number == reading)
    return [
        Numbered(patient_id=row.id, record_number=row.record_number)
        for row in await session.execute(found)
        # A name or a telephone number may read the same.
        if set(keys) & set(whole_keys(row.found_by))
    ]
