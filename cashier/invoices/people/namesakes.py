"""Namesakes: other patients of the same name, told apart before money is taken from one of them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, Patient
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
    rows = (await session.execute(_carriers_of(understood[0], patient))).all()
    found = [
        Namesake(
            patient=PatientIdentity(name=row.name, record_number=row.record_number, born=row.born),
            invoices_owed=row.owed,
        )
        for row in rows
        if is_same_name(row.name, patient.name)
    ]
    return tuple(sorted(found, key=lambda each: (not each.invoices_owed, each.patient.record_number)))


def _carriers_of(terms: Sequence[Term], patient: Patient) -> sa.Select[tuple[str, str, object, int]]:
    """Select who carries all words of the name, and how many invoices each owes."""
    carriers = patients_with([Asked(term, Wholeness.ALL) for term in terms]).limit(_CARRIERS_MAX)
    owed = (
        sa.select(sa.func.count())
        .where(Invoice.patient_id == Patient.id, Invoice.status.in_(OWED))
        .correlate(Patient)
        .scalar_subquery()
    )
    return (
        sa.select(Patient.name, Patient.record_number, Patient.born, owed.label("owed"))
        .where(Patient.id.in_(carriers), Patient.id != patient.id)
        .order_by(sa.func.abs(sa.func.length(Patient.name) - len(patient.name)), Patient.id)
        .limit(_COMPARED_MAX)
    )
