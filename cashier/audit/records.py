"""Rules about records that stay: the journal's chain, receipt numbers without gaps, numbers that are there once.

Read in order, in parts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, Patient, tidied
from cashier.books.journal import FIRST_HASH, JournalEntry, JournalHead, hash_of
from cashier.books.payment import Payment
from cashier.books.receipt import Receipt, ReceiptSeries
from cashier.books.saved_card import SavedCard
from cashier.language import Message, m

_PART = 1000


async def broken_link(session: AsyncSession) -> AsyncIterator[Message]:
    """Find the first entry of the journal that was changed, removed or put in, or an end that was cut off.

    What comes after the first broken link proves nothing any more, so nothing is said about it.
    """
    number, last_hash = 0, FIRST_HASH
    statement = sa.select(JournalEntry).order_by(JournalEntry.number).execution_options(yield_per=_PART)
    entries = await session.stream_scalars(statement)
    try:
        async for entry in entries:
            broken = _broken(entry, number, last_hash)
            if broken:
                yield broken
                return
            number, last_hash = entry.number, entry.hash
            session.expunge(entry)
    finally:
        await entries.close()
    head = (await session.execute(sa.select(JournalHead.number, JournalHead.hash))).one_or_none()
    if head is None:
        yield m("the journal ends with entry {number}, but nothing was the last one written", number=number)
    elif head.number != number:
        yield m(
            "the journal ends with entry {number}, but {last} was the last one written",
            number=number,
            last=head.number,
        )
    elif head.hash != last_hash:
        yield m("entry {number} is the last one, but not as it was written: it was replaced", number=number)


async def untidy_invoices(session: AsyncSession) -> AsyncIterator[Message]:
    """Find invoices whose number would not arrive as it is kept: the hospital's system reaches another one."""
    async for key, number in _untidy(session, Invoice.id, Invoice.number):
        twin = (await session.execute(sa.select(Invoice.id).where(Invoice.number == tidied(number)))).scalar()
        if twin is None:
            yield m("invoice {number} is kept with blanks or signs that would not arrive again", number=number)
        else:
            yield m(
                "invoice {number} is there twice, with other blanks or signs: the hospital's system reaches the row "
                "{twin} alone, so take no money for the row {row}",
                number=tidied(number),
                twin=twin,
                row=key,
            )


async def untidy_patients(session: AsyncSession) -> AsyncIterator[Message]:
    """Find patients whose record number would not arrive as it is kept: the next invoice would be of another one."""
    async for key, number in _untidy(session, Patient.id, Patient.record_number):
        twin = (await session.execute(sa.select(Patient.id).where(Patient.record_number == tidied(number)))).scalar()
        if twin is None:
            yield m("record number {number} is kept with blanks or signs that would not arrive again", number=number)
        else:
            yield m(
                "record number {number} is there twice, with other blanks or signs: new invoices come to the row "
                "{twin}, none to the row {row}",
                number=tidied(number),
                twin=twin,
                row=key,
            )


async def wrong_merges(session: AsyncSession) -> AsyncIterator[Message]:
    """Find merged records where money is left or that lead to a merged one, and two default cards of a patient."""
    current = sa.orm.aliased(Patient)
    left = [sa.exists(sa.select(sa.literal(1)).where(table.patient_id == Patient.id)) for table in (Invoice, Payment)]
    statement = (
        sa.select(Patient.record_number, current.record_number, sa.or_(*left))
        .join(current, current.id == Patient.merged_into_id)
        .where(sa.or_(current.merged_into_id.is_not(None), *left))
        .order_by(Patient.id)
    )
    async for former, stays, has_left in await session.stream(statement):
        if has_left:
            yield m("record {former} was merged into {stays}, but money is left there", former=former, stays=stays)
        else:
            yield m("record {former} leads to {stays}, which was merged itself", former=former, stays=stays)
    whose = sa.func.coalesce(Patient.merged_into_id, Patient.id)
    twice = (
        sa.select(whose.label("patient_id"))
        .join(SavedCard, SavedCard.patient_id == Patient.id)
        .where(SavedCard.is_default, SavedCard.removed_at.is_(None))
        .group_by(whose)
        .having(sa.func.count() > 1)
    ).subquery()
    named = sa.select(Patient.record_number).join(twice, twice.c.patient_id == Patient.id).order_by(Patient.id)
    async for number in await session.stream_scalars(named):
        yield m("the patient with the record number {number} has more than one default card", number=number)


async def _untidy(
    session: AsyncSession, key: sa.orm.InstrumentedAttribute[int], number: sa.orm.InstrumentedAttribute[str]
) -> AsyncIterator[tuple[int, str]]:
    rows = await session.stream(sa.select(key, number).order_by(key).execution_options(yield_per=_PART))
    untidy = [(row[0], row[1]) async for row in rows if tidied(row[1]) != row[1]]
    for each in untidy:
        yield each


def _broken(entry: JournalEntry, number: int, last_hash: str) -> Message | None:
    """Say what is wrong with ``entry``, which should follow the one with this number and hash."""
    if entry.number != number + 1:
        return m("entry {number} is missing", number=number + 1)
    if entry.previous_hash != last_hash:
        return m(
            "entry {number} does not follow from entry {earlier}: one of them was replaced",
            number=entry.number,
            earlier=number,
        )
    if entry.hash != hash_of(entry):
        return m(
            "entry {number} ({deed}, {subject} {subject_id}) was changed",
            number=entry.number,
            deed=entry.action,
            subject=entry.subject,
            subject_id=entry.subject_id,
        )
    return None


async def gaps(session: AsyncSession) -> AsyncIterator[Message]:
    """Find receipt numbers that are missing in their series, or that the series never gave."""
    last_numbers = dict((await session.execute(sa.select(ReceiptSeries.code, ReceiptSeries.last_number))).all())
    found = dict.fromkeys(last_numbers, 0)
    statement = (
        sa.select(Receipt.series, Receipt.number)
        .order_by(Receipt.series, Receipt.number)
        .execution_options(yield_per=_PART)
    )
    async for series, number in await session.stream(statement):
        if number != found[series] + 1:
            yield _missing(series, found[series] + 1, number - 1)
        found[series] = number
    for series, last_number in last_numbers.items():
        if found[series] < last_number:
            yield _missing(series, found[series] + 1, last_number)
        elif found[series] > last_number:
            yield m(
                "receipt {receipt} is beyond {last}, the last number of its series",
                receipt=_name_of(series, found[series]),
                last=last_number,
            )


def _missing(series: str, first: int, last: int) -> Message:
    if first == last:
        return m("receipt {receipt} is missing", receipt=_name_of(series, first))
    return m("receipts {first} to {last} are missing", first=_name_of(series, first), last=_name_of(series, last))


def _name_of(series: str, number: int) -> str:
    return f"{series}-{number:06d}"
