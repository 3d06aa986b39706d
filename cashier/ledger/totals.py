"""What was taken and given back, by day, desk, tender and department, as the receipts say: they never change."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.books.receipt import Receipt
from cashier.books.training import MARK
from cashier.csv_file import Columns, safe_text
from cashier.ledger.days import Days, Stretch
from cashier.money import Money
from cashier.receipts.facts import ReceiptFacts, thaw

_AT_ONCE = 1000


@dataclass(frozen=True, order=True)
class Heap:
    """What one total is about. ``kind`` is that of the receipts; without a department it is on patients' accounts."""

    day: date
    desk: str
    tender: str
    department: str
    kind: str
    currency: str
    is_training: bool


@dataclass(frozen=True, kw_only=True)
class Total:
    """So much altogether; below zero it went back."""

    heap: Heap
    amount: Money


async def totals_of(session: AsyncSession, stretch: Stretch) -> AsyncIterator[Sequence[Total]]:
    """Add up the receipts that were issued in ``stretch``; the totals of each day come together."""
    days = Days(stretch)
    sums: Counter[Heap] = Counter()
    for first in range(stretch.first, stretch.last + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, stretch.last)
        await days.go_on(session, first, last)
        issued = await _issued(session, first, last)
        for number, full_number in issued:
            day = days.of[number]
            done = sorted(heap for heap in sums if heap.day < day)
            if done:
                yield [_total(heap, sums.pop(heap)) for heap in done]
            receipt = await _receipt(session, full_number)
            if receipt is not None:
                _add(sums, day, receipt)
    yield [_total(heap, sums[heap]) for heap in sorted(sums)]


async def _issued(session: AsyncSession, first: int, last: int) -> Sequence[tuple[int, str]]:
    statement = sa.select(JournalEntry.number, JournalEntry.subject_id).where(
        JournalEntry.number.between(first, last), JournalEntry.action == DeedKind.RECEIPT_ISSUED
    )
    return [(number, subject) for number, subject in await session.execute(statement.order_by(JournalEntry.number))]


async def _receipt(session: AsyncSession, full_number: str) -> ReceiptFacts | None:
    series, _, number = full_number.rpartition("-")
    statement = sa.select(Receipt.facts).where(Receipt.series == series, Receipt.number == int(number))
    facts = (await session.execute(statement)).scalar()
    return None if facts is None else thaw(facts)


def _add(sums: Counter[Heap], day: date, facts: ReceiptFacts) -> None:
    """Add what stands on a receipt; a receipt has one tender."""
    series = facts.number.rpartition("-")[0]
    shares = [(invoice.department, invoice.paid_now_minor) for invoice in facts.invoices]
    for department, amount_minor in (*shares, ("", facts.unallocated_minor)):
        heap = Heap(
            day, series.removeprefix(MARK), facts.tenders[0].kind if facts.tenders else "", department, facts.kind,
            facts.currency, facts.is_training,
        )  # fmt: skip
        if amount_minor:
            sums[heap] += amount_minor


def _total(heap: Heap, amount_minor: int) -> Total:
    return Total(heap=heap, amount=Money(amount_minor, heap.currency))


def _training(total: Total, _zone: tzinfo) -> str:
    return "yes" if total.heap.is_training else ""


COLUMNS: Columns[Total] = {
    "day": lambda total, _: total.heap.day.isoformat(),
    "desk": lambda total, _: safe_text(total.heap.desk),
    "tender": lambda total, _: total.heap.tender,
    "department": lambda total, _: safe_text(total.heap.department),
    "receipts": lambda total, _: total.heap.kind,
    "amount": lambda total, _: total.amount.plain(),
    "currency": lambda total, _: total.heap.currency,
    "training": _training,
}
