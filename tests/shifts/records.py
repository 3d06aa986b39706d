"""What stands in the database about shifts, and what stands on their reports."""

from __future__ import annotations

import io

import sqlalchemy as sa
from pypdf import PdfReader

from cashier.books.journal import JournalEntry
from cashier.books.refund import Refund, RefundOrigin, RefundReason
from cashier.books.shift import Shift
from cashier.clock import now
from cashier.identifiers import new_id
from cashier.shifts.facts import thaw


async def read(services, statement):
    async with services.database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def facts_of(services, shift_id):
    (text,) = await read(services, sa.select(Shift.facts).where(Shift.id == shift_id))
    return thaw(text)


async def actions(services, shift_id):
    of_shift = sa.and_(JournalEntry.subject == "shift", JournalEntry.subject_id == str(shift_id))
    return await read(services, sa.select(JournalEntry.action).where(of_shift).order_by(JournalEntry.number))


def a_refund(payment_id, amount_minor, **facts):
    return Refund(
        id=new_id(), payment_id=payment_id, amount_minor=amount_minor, currency="EUR",
        reason=RefundReason.REQUESTED_BY_CUSTOMER, note="", reopens=True, origin=RefundOrigin.DESK,
        requested_by=1, desk_id=1, requested_at=now(), **facts,
    )  # fmt: skip


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
