"""Which records are one patient: those that the hospital merged, and the one that they were merged into.

An old record stays, with its number, and with the customer at Stripe that was made for it. Its invoices and payments
become those of the patient that it was merged into.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Patient


async def current_of(session: AsyncSession, patient_id: int) -> int:
    """Return the patient that this record was merged into; itself where it was not, and where there is none."""
    merged_into = sa.select(Patient.merged_into_id).where(Patient.id == patient_id)
    return (await session.execute(merged_into)).scalar() or patient_id


async def records_of(session: AsyncSession, patient_id: int) -> tuple[int, ...]:
    """Return the keys of all records that are one patient with this one, the current one first, then by key."""
    current = await current_of(session, patient_id)
    former = sa.select(Patient.id).where(Patient.merged_into_id == current).order_by(Patient.id)
    return (current, *(await session.execute(former)).scalars())
