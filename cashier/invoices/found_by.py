"""Writing by what patients and invoices are found, whenever one is new or called otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, InvoiceKey, Patient, PatientWord
from cashier.invoices.spelling import keys_of_number, whole_keys, words_of_patient


async def write_words(session: AsyncSession, patients: Sequence[Patient], *, are_new: bool = False) -> None:
    """Make ``patients`` findable by what they are called now, and (unless they ``are_new``) by nothing else.

    Those that were merged into another are found there, by their record numbers.
    """
    if not patients:
        return
    ids = [patient.id for patient in patients]
    merged = sa.select(Patient.merged_into_id, Patient.record_number).where(Patient.merged_into_id.in_(ids))
    former = [] if are_new else [(row.merged_into_id, row.record_number) for row in await session.execute(merged)]
    if not are_new:
        await session.execute(sa.delete(PatientWord).where(PatientWord.patient_id.in_(ids)))
    words = [
        {"word": word, "patient_id": each.id}
        for each in patients
        if each.merged_into_id is None
        for word in sorted(
            words_of_patient(
                name=each.name, record_number=each.record_number, phone=each.phone, born=each.born
            ).union(*(keys_of_number(number) for patient_id, number in former if patient_id == each.id))
        )
    ]
    if words:
        await session.execute(sa.insert(PatientWord), words)


async def write_keys(session: AsyncSession, invoices: Sequence[Invoice]) -> None:
    """Make new ``invoices`` findable by their numbers, which never change."""
    keys = [
        {"key": key, "invoice_id": each.id, "is_whole": key in whole_keys(each.number)}
        for each in invoices
        for key in sorted(keys_of_number(each.number))
    ]
    if keys:
        await session.execute(sa.insert(InvoiceKey), keys)
