"""Stating what was there before the journal told enough to prove it, once, after the upgrade.

From some release on, the journal tells by what PINs, badges, receipts and invoices can be recognised, so that an
auditor finds what was changed past the program. What an older program wrote down without that is stated here, by this
program, as it is found: from then on it is proved as well.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind, digest_of
from cashier.books.deeds.records import BooksAttested
from cashier.books.deeds.staff import PinSet, mark_of
from cashier.books.invoice import Invoice
from cashier.books.journal import JournalEntry
from cashier.books.receipt import Receipt, full_number_of
from cashier.books.staff import Staff, StaffSecret
from cashier.database import Database

_AT_ONCE = 500
_PINS = (
    DeedKind.STAFF_ADDED,
    DeedKind.PIN_CHANGED,
    DeedKind.PIN_RESET,
    DeedKind.PIN_HASHED_ANEW,
    DeedKind.STAFF_REACTIVATED,
)
_IN_PARTS = {"execution_options": {"yield_per": _AT_ONCE}}


async def attest(database: Database) -> bool:
    """State all that an older program left unproved, in one transaction; tell whether there was anything to state.

    Books that this program began, and books that were attested once, are left as they are but for PINs that an older
    program hashed: whatever is put into them past the program later is not made good by this.
    """
    async with database.transaction() as session:
        if await _is_proved(session):
            return await _restate_pins(session)
        found_staff = await session.execute(
            sa.select(Staff, StaffSecret).outerjoin(StaffSecret, StaffSecret.staff_id == Staff.id).order_by(Staff.id)
        )
        staff = {str(each.id): _facts_of(each, secret) for each, secret in found_staff}
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


async def _restate_pins(session: AsyncSession) -> bool:
    """State by what PINs are recognised that an older program hashed, where they are what the journal told of them.

    One that was changed past the program stays unproved.
    """
    is_stated = False
    converted = sa.select(StaffSecret).where(StaffSecret.former_mark.is_not(None)).order_by(StaffSecret.staff_id)
    for secret in await session.scalars(converted):
        if await _told_pin(session, secret.staff_id) == secret.former_mark:
            deed = PinSet(kind=DeedKind.PIN_HASHED_ANEW, staff=secret.staff_id, pin=secret.mark)
            await journal.record(session, deed, journal.PROGRAM)
            is_stated = True
    return is_stated


async def _told_pin(session: AsyncSession, staff_id: int) -> object:
    """Return the mark of somebody's PIN that the journal told last; None where it told none."""
    entry = await journal.entry_about(session, staff_id, *_PINS)
    attested = sa.select(JournalEntry).where(JournalEntry.action == DeedKind.BOOKS_ATTESTED)
    told = (0, None) if entry is None else (entry.number, json.loads(entry.facts).get("pin"))
    for each in await session.scalars(attested.order_by(JournalEntry.number)):
        stated = json.loads(each.facts).get("staff", {}).get(str(staff_id))
        if stated is not None and each.number > told[0]:
            told = each.number, stated.get("pin")
    return told[1]


def _facts_of(staff: Staff, secret: StaffSecret | None) -> dict[str, object]:
    return {
        "role": staff.role,
        "pin": secret.mark if secret is not None else None,
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
