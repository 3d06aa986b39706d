"""Namesakes: other patients of the same name, told apart before money is taken from one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Patient
from cashier.database import look_within
from cashier.database.looking import Look, Question, Values
from cashier.invoices.search.word_conditions import Asked, Wholeness, patients_with
from cashier.invoices.spelling import Term, is_same_name, readings
from cashier.invoices.views import OWED, Namesake
from cashier.patients.identity import PatientIdentity
from cashier.patients.records import current_of

_CARRIERS_MAX = 5_000
_COMPARED_MAX = 100
"""Many carry the words of a name among others; those whose names are about as long are compared."""


async def namesakes_of(session: AsyncSession, patient_id: int) -> tuple[Namesake, ...]:
    """Return the other patients who are called as this one is, those with invoices to pay first.

    A name is the same where each finds the other (``spelling.is_same_name``). Empty where there is no such patient.
    """
    patient = await session.get(Patient, await current_of(session, patient_id))
    if patient is None:
        return ()
    understood = readings(patient.name)
    if not understood:
        return ()
    found = await look_within(session, _carriers_of(understood[0], patient))
    found = [each for each in found if is_same_name(each.patient.name, patient.name)]
    return tuple(sorted(found, key=lambda each: (not each.invoices_owed, each.patient.record_number)))


def _carriers_of(terms: Sequence[Term], patient: Patient) -> Look[list[Namesake]]:
    """Find who carries all words of the name, and how many invoices each owes."""
    values = Values()
    carriers = patients_with(values, [Asked(term, Wholeness.ALL) for term in terms])
    owed = values.places(sorted(each.value for each in OWED))
    rows = yield Question(
        "SELECT name, record_number, born,"
        f" (SELECT count(*) FROM invoice WHERE invoice.patient_id = patient.id AND invoice.status IN ({owed}))"
        f" FROM patient WHERE id IN (SELECT patient_id FROM ({carriers} LIMIT {_CARRIERS_MAX}) AS carriers)"
        f" AND id <> {values.place(patient.id)}"
        f" ORDER BY abs(length(name) - {values.place(len(patient.name))}), id LIMIT {_COMPARED_MAX}",
        values.all,
    )
    return [
        Namesake(
            patient=PatientIdentity(name=name, record_number=number, born=msgspec.convert(born, date | None)),
            invoices_owed=owed,
        )
        for name, number, born, owed in rows
    ]
