"""How the release before found invoices: a word table of invoices. Kept to be measured against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, InvoiceStatus, InvoiceWord, Patient
from cashier.books.payment import InvoiceHold, Payment
from cashier.invoices.former_words import words_of
from cashier.invoices.spelling import end_of_range
from cashier.money import Money

_FIRST_WALK = 2_000
_COUNTED_MAX = 300_000


async def find(
    session: AsyncSession, text: str, statuses: frozenset[InvoiceStatus], *, after: int | None, skip: int, limit: int
) -> list[int]:
    """Return the keys of up to ``limit`` invoices that carry all words of ``text``, below the key ``after``.

    ``skip`` leaves out the first of them.
    """
    words = words_of(text)
    candidates = sa.select(Invoice.id).order_by(Invoice.id.desc())
    if statuses:
        candidates = candidates.where(Invoice.status.in_(statuses))
    if after is not None:
        candidates = candidates.where(Invoice.id < after)
    if not words:
        return await _keys(session, candidates.offset(skip).limit(limit))
    window = candidates.limit(_FIRST_WALK).subquery()
    walked = sa.select(window.c.id).where(*(_carries(word, window.c.id) for word in words))
    found = await _keys(session, walked.order_by(window.c.id.desc()).limit(skip + limit))
    if len(found) == skip + limit:
        return found[skip:]
    # So many more steps would a walk take, if matches go on as they began.
    steps = (skip + limit) * _FIRST_WALK // (len(found) + 1)
    rarest = await _rarest(session, words, count_max=min(steps, _COUNTED_MAX))
    others = [word for word in words if word != rarest]
    if rarest is not None:
        candidates = candidates.where(Invoice.id.in_(_carriers(rarest)))
    carried = (_carries(word, Invoice.id) for word in others)
    return await _keys(session, candidates.where(*carried).offset(skip).limit(limit))


async def _rarest(session: AsyncSession, words: list[str], *, count_max: int) -> str | None:
    """Return the word that the fewest invoices carry, or None when each has ``count_max`` or more."""
    rarest, fewest = None, count_max
    for word in words:
        some = sa.select(sa.literal(1)).where(*_begins(InvoiceWord, word)).limit(fewest).subquery()
        count = (await session.execute(sa.select(sa.func.count()).select_from(some))).scalar_one()
        if count < fewest:
            rarest, fewest = word, count
    return rarest


async def _keys(session: AsyncSession, statement: sa.Select[int]) -> list[int]:
    return list((await session.execute(statement)).scalars())


def _carriers(word: str) -> sa.Select[int]:
    """Select the invoices of a word: a list that the database makes first, because it is short."""
    return sa.select(InvoiceWord.invoice_id).where(*_begins(InvoiceWord, word)).distinct()


def _carries(
    word: str, invoice_id: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int]
) -> sa.ColumnElement[bool]:
    """Look one word up for one invoice."""
    carried = sa.orm.aliased(InvoiceWord)
    return sa.exists(sa.select(sa.literal(1)).where(carried.invoice_id == invoice_id, *_begins(carried, word)))


def _begins(word_table: Any, prefix: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return word_table.word >= prefix, word_table.word < end_of_range(prefix)


@dataclass(frozen=True, kw_only=True)
class FormerRow:
    """A row of the list as it was."""

    id: int
    number: str
    patient_name: str
    record_number: str
    department: str
    issued_on: date
    total: Money
    balance: Money
    status: InvoiceStatus
    returned: Money
    under_way: str | None


async def rows_of(session: AsyncSession, ids: list[int]) -> tuple[FormerRow, ...]:
    """Read the rows of a page as they were read."""
    statement = (
        sa.select(
            Invoice.id, Invoice.number, Patient.name, Patient.record_number, Invoice.department, Invoice.issued_on,
            Invoice.total_minor, Invoice.balance_minor, Invoice.returned_minor, Invoice.currency, Invoice.status,
            Payment.state,
        )
        .join(Patient, Patient.id == Invoice.patient_id)
        .outerjoin(InvoiceHold, InvoiceHold.invoice_id == Invoice.id)
        .outerjoin(Payment, Payment.id == InvoiceHold.payment_id)
        .where(Invoice.id.in_(ids))
        .order_by(Invoice.id.desc())
    )  # fmt: skip
    return tuple(
        FormerRow(
            id=row.id,
            number=row.number,
            patient_name=row.name,
            record_number=row.record_number,
            department=row.department,
            issued_on=row.issued_on,
            total=Money(row.total_minor, row.currency),
            balance=Money(row.balance_minor, row.currency),
            returned=Money(row.returned_minor, row.currency),
            status=row.status,
            under_way=None if row.state is None else row.state.value,
        )
        for row in await session.execute(statement)
    )
