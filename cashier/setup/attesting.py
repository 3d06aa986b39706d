"""Stating what was there before the journal told enough to prove it, once, after the upgrade.

From some release on, the journal tells by what PINs, badges, receipts and invoices can be recognised, so that an
auditor finds what was changed past the program. What an older program wrote down without that is stated here, by this
program, as it is found: from then on it is proved as well.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind, digest_of
from cashier.books.deeds.records import BooksAttested
from cashier.books.deeds.staff import mark_of
from cashier.books.invoice import Invoice
from cashier.books.journal import JournalEntry
from cashier.books.receipt import Receipt, full_number_of
from cashier.books.staff import Staff
from cashier.database import Database

_AT_ONCE = 500
_IN_PARTS = {"execution_options": {"yield_per": _AT_ONCE}}


async def attest(database: Database) -> bool:
    """State all that an older program left unproved, in one transaction; tell whether there was anything to state.

    Books that this program began, and books that were attested once, are left as they are: whatever is put into them
    past the program later is not made good by this.
    """
    async with database.transaction() as session:
        if await _is_proved(session):
            return False
        staff = {str(each.id): _facts_of(each) for each in await session.scalars(sa.select(Staff).order_by(Staff.id))}
        await _state(session, staff=staff)
        invoices: dict[str, tuple[int, int]] = {}
        insured: dict[str, int] = {}
        async for invoice in await session.stream_scalars(sa.select(Invoice).order_by(Invoice.id), **_IN_PARTS):
            invoices[invoice.number] = invoice.owed_minor, invoice.patient_id
            if invoice.insured_minor:
                insured[invoice.number] = invoice.insured_minor
            session.expunge(invoice)
            if len(invoices) == _AT_ONCE:
                await _state(session, invoices=invoices, insured=insured)
                invoices, insured = {}, {}
        receipts: dict[str, str] = {}
        found = sa.select(Receipt.series, Receipt.number, Receipt.facts).order_by(Receipt.id)
        async for series, number, facts in await session.stream(found, **_IN_PARTS):
            receipts[full_number_of(series, number)] = digest_of(facts)
            if len(receipts) == _AT_ONCE:
                await _state(session, receipts=receipts)
                receipts = {}
        await _state(session, invoices=invoices, insured=insured, receipts=receipts)
    return True


async def _is_proved(session: AsyncSession) -> bool:
    """Tell whether the journal told enough from the first person on, or has been attested."""
    told = sa.select(JournalEntry.facts).where(JournalEntry.action == DeedKind.STAFF_ADDED)
    first = (await session.execute(told.order_by(JournalEntry.number).limit(1))).scalar() or ""
    attested = sa.select(JournalEntry.number).where(JournalEntry.action == DeedKind.BOOKS_ATTESTED)
    nobody = (await session.execute(sa.select(Staff.id).limit(1))).first() is None
    return nobody or '"pin":' in first or (await session.execute(attested.limit(1))).first() is not None


def _facts_of(staff: Staff) -> dict[str, object]:
    return {
        "role": staff.role,
        "pin": mark_of(staff.pin_hash),
        "badge": mark_of(staff.badge_digest) if staff.badge_digest is not None else None,
        "is_active": staff.is_active,
    }


async def _state(
    session: AsyncSession,
    *,
    staff: dict[str, dict[str, object]] | None = None,
    invoices: dict[str, tuple[int, int]] | None = None,
    insured: dict[str, int] | None = None,
    receipts: dict[str, str] | None = None,
) -> None:
    if staff or invoices or receipts:
        deed = BooksAttested(
            staff=staff or {}, invoices=invoices or {}, insured=insured or {}, receipts=receipts or {}
        )
        await journal.record(session, deed, journal.PROGRAM)
