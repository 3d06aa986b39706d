"""Rules about shifts: numbered without gaps, and closed with what payments, refunds and movements add up to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.hospital import Desk
from cashier.books.journal import JournalEntry
from cashier.books.payment import Payment, PaymentState
from cashier.books.shift import Shift, ShiftCount
from cashier.language import Message, m
from cashier.shifts.facts import ShiftFacts, name_of, thaw
from cashier.shifts.takings import EXPECTED_MINOR
from cashier.tenders.tender import Tender


async def shift_gaps(session: AsyncSession) -> AsyncIterator[Message]:
    """Find shift numbers that are missing at their desk."""
    statement = (
        sa.select(Desk.code, Shift.number)
        .join(Desk, Desk.id == Shift.desk_id)
        .order_by(Desk.code, sa.func.abs(Shift.number))
    )
    found: dict[tuple[str, int], int] = {}
    async for desk, number in await session.stream(statement):
        # Those of training count downwards.
        sign = -1 if number < 0 else 1
        for missing in range(found.get((desk, sign), 0) + 1, abs(number)):
            yield m("shift {shift} is missing", shift=name_of(desk, sign * missing))
        found[desk, sign] = abs(number)


async def wrong_shifts(session: AsyncSession) -> AsyncIterator[Message]:
    """Find closed shifts whose sums, count, Z report or entry in the journal do not agree."""
    counted = sa.cast(
        sa.func.coalesce(
            sa.select(sa.func.sum(ShiftCount.value_minor * ShiftCount.pieces))
            .where(ShiftCount.shift_id == Shift.id)
            .correlate(Shift)
            .scalar_subquery(),
            0,
        ),
        sa.BigInteger,
    )
    statement = (
        sa.select(Shift, Desk.code, EXPECTED_MINOR, counted, JournalEntry.hash)
        .join(Desk, Desk.id == Shift.desk_id)
        .outerjoin(JournalEntry, JournalEntry.number == Shift.journal_number)
        .where(Shift.closed_at.is_not(None))
        .order_by(Shift.id)
    )
    for shift, desk, expected_minor, counted_minor, entry_hash in (await session.execute(statement)).all():
        name = name_of(desk, shift.number)
        if shift.expected_minor != expected_minor:
            yield m(
                "shift {shift}: closed with {told} (minor units) expected, by the sums {expected}",
                shift=name,
                told=shift.expected_minor,
                expected=expected_minor,
            )
        if shift.counted_minor != counted_minor:
            yield m(
                "shift {shift}: closed with {told} counted, by its notes and coins {counted}",
                shift=name,
                told=shift.counted_minor,
                counted=counted_minor,
            )
        if entry_hash != shift.journal_hash:
            yield m(
                "shift {shift}: the journal's entry {number} is not the one of its closing",
                shift=name,
                number=shift.journal_number,
            )
        facts = thaw(shift.facts) if shift.facts else None
        if facts is None or (facts.number, facts.expected_minor, facts.counted_minor, facts.journal_hash) != (
            shift.number, shift.expected_minor, shift.counted_minor, shift.journal_hash,
        ):  # fmt: skip
            yield m("shift {shift}: its Z report says something else", shift=name)
        elif not await _agrees(session, shift, facts):
            yield m("shift {shift}: the payments on its Z report are not those that belong to it", shift=name)


async def _agrees(session: AsyncSession, shift: Shift, facts: ShiftFacts) -> bool:
    """Compare payments with the report; a card payment that got through after the closing may have been added."""
    statement = (
        sa.select(Payment.tender, Payment.currency, sa.func.sum(Payment.amount_minor))
        .where(Payment.shift_id == shift.id, Payment.state == PaymentState.PAID)
        .group_by(Payment.tender, Payment.currency)
    )
    found = {(tender, currency): int(total) for tender, currency, total in await session.execute(statement)}
    told = {(Tender(each.tender), each.currency): each.amount_minor or 0 for each in facts.tenders}
    return all(
        told.get(key, 0) == found.get(key, 0) if key[0].row.is_taken_here else told.get(key, 0) <= found.get(key, 0)
        for key in found.keys() | told.keys()
    )
