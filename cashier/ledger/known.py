"""What a part of the journal is about: the rows that its deeds name, read together. Nothing here changes later.

Which allocation belongs to which deed follows from their order: those of one payment are made one after the other,
each right before its deed.
"""

from __future__ import annotations

import json
import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.dispute import Reversal
from cashier.books.hospital import Desk
from cashier.books.invoice import Invoice
from cashier.books.journal import JournalEntry
from cashier.books.payment import Allocation, Payment
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund, RefundItem
from cashier.books.shift import Shift
from cashier.books.training import MARK

_OF_PAYMENT = (
    DeedKind.PAYMENT_PAID, DeedKind.CREDIT_TAKEN, DeedKind.CREDIT_PUT_BACK, DeedKind.REVERSAL_OWED_AGAIN,
    DeedKind.REVERSAL_WRITTEN_OFF, DeedKind.DISPUTE_OPENED, DeedKind.DISPUTE_CHANGED, DeedKind.DISPUTE_CLOSED,
)  # fmt: skip
OF_REFUND = (
    DeedKind.REFUND_APPROVED, DeedKind.REFUND_APPROVED_BY_RULE, DeedKind.REFUND_PENDING, DeedKind.REFUND_SUCCEEDED,
    DeedKind.REFUND_FAILED,
)  # fmt: skip
_ALLOCATES = frozenset({
    DeedKind.PAYMENT_PAID, DeedKind.CREDIT_TAKEN, DeedKind.CREDIT_PUT_BACK, DeedKind.REVERSAL_OWED_AGAIN,
    DeedKind.REFUND_PENDING, DeedKind.REFUND_SUCCEEDED, DeedKind.REFUND_FAILED,
})  # fmt: skip
"""The deeds that may change what counts towards invoices, besides the use of what is on account."""
_TWO_CLOCKS = timedelta(milliseconds=20)
"""By how much the clocks of a program and of its database may differ: each writes one of the two moments."""
_CLOCK_SLACK = timedelta(seconds=1)
"""How far a clock may step back between an allocation and its deed, in one transaction."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """An entry of the journal, read."""

    number: int
    at: datetime
    kind: DeedKind
    subject_id: str
    desk_id: int | None
    facts: Mapping[str, Any]

    @property
    def is_of_refund(self) -> bool:
        """Tell whether it is a step of a refund."""
        return self.kind in OF_REFUND


@dataclass(frozen=True, kw_only=True)
class Share:
    """What came to an invoice, or left it (below zero), by an allocation."""

    invoice_id: int
    invoice: str
    amount_minor: int
    currency: str


@dataclass(kw_only=True)
class Known:
    """Rows by their keys. ``steps`` are all deeds about a payment's money, in their order."""

    desks: Mapping[int, str]
    payments: dict[uuid.UUID, Payment] = field(default_factory=dict)
    refunds: dict[uuid.UUID, Refund] = field(default_factory=dict)
    reversals: dict[int, Reversal] = field(default_factory=dict)
    shifts: dict[int, Shift] = field(default_factory=dict)
    in_training: set[uuid.UUID] = field(default_factory=set)
    receipts: dict[tuple[ReceiptKind, uuid.UUID], str] = field(default_factory=dict)
    items: dict[uuid.UUID, dict[int, int]] = field(default_factory=dict)
    steps: dict[uuid.UUID, list[Told]] = field(default_factory=dict)
    shares: dict[int, list[Share]] = field(default_factory=lambda: defaultdict(list))
    """What was allocated with a deed, by its number."""
    uses: dict[uuid.UUID, list[Share]] = field(default_factory=lambda: defaultdict(list))
    """What was allocated from patients' accounts, by the key of the use."""
    currencies: dict[str, str] = field(default_factory=dict)
    """In which currency the invoices that are named had arrived."""
    received_before: frozenset[str] = frozenset()
    """Which of the invoices that are attested had been told of when they arrived: they are booked already."""
    given_back: Mapping[int, Sequence[tuple[str, str, int]]] = field(default_factory=dict)
    """By a deed's number: invoice, currency, and by how much more was given back for good (``given_back``)."""


def read(row: Any) -> Told:
    """Read an entry of the journal. Raises ``ValueError`` for broken facts, and for a deed of a newer program."""
    return Told(
        number=row.number,
        at=row.at,
        kind=DeedKind(row.action),
        subject_id=row.subject_id,
        desk_id=row.desk_id,
        facts=json.loads(row.facts),
    )


async def collect(session: AsyncSession, told: Sequence[Told]) -> Known:
    """Read all that these entries name."""
    desks = await session.execute(sa.select(Desk.id, Desk.code))
    known = Known(desks={row.id: row.code for row in desks})
    await _collect_payments(session, known, _payments_in(told))
    uses = [uuid.UUID(each.facts["use"]) for each in told if each.kind is DeedKind.DEPOSIT_USED]
    for allocation, number in await _allocations(session, Allocation.deposit_use_id.in_(uses)):
        known.uses[allocation.deposit_use_id or uuid.UUID(int=0)].append(_share(allocation, number))
    shift_ids = {int(each.subject_id) for each in told if each.kind in _OF_SHIFT}
    shift_ids |= {refund.shift_id for refund in known.refunds.values() if refund.shift_id is not None}
    found = await session.scalars(sa.select(Shift).where(Shift.id.in_(shift_ids)))
    known.shifts = {each.id: each for each in found}
    known.currencies = await _currencies(session, told)
    known.received_before = await _received_before(session, told)
    session.expunge_all()
    return known


_OF_SHIFT = frozenset({
    DeedKind.SHIFT_OPENED, DeedKind.CASH_MOVED_IN, DeedKind.CASH_MOVED_OUT, DeedKind.SHIFT_CLOSED,
})  # fmt: skip


def _payments_in(told: Iterable[Told]) -> set[uuid.UUID]:
    ids = {uuid.UUID(each.subject_id) for each in told if each.kind in _OF_PAYMENT}
    return ids | {uuid.UUID(each.facts["payment"]) for each in told if each.is_of_refund}


async def _collect_payments(session: AsyncSession, known: Known, ids: Collection[uuid.UUID]) -> None:
    found = await session.scalars(sa.select(Payment).where(Payment.id.in_(ids)))
    known.payments = {each.id: each for each in found}
    refunds = await session.scalars(sa.select(Refund).where(Refund.payment_id.in_(ids)))
    known.refunds = {each.id: each for each in refunds}
    reversals = await session.scalars(sa.select(Reversal).where(Reversal.payment_id.in_(ids)))
    known.reversals = {each.id: each for each in reversals}
    for item in await session.scalars(sa.select(RefundItem).where(RefundItem.refund_id.in_(known.refunds))):
        known.items.setdefault(item.refund_id, {})[item.invoice_id] = item.amount_minor
    for receipt in await session.scalars(sa.select(Receipt).where(Receipt.payment_id.in_(ids))):
        if receipt.series.startswith(MARK):
            known.in_training.add(receipt.payment_id)
        known.receipts[receipt.kind, receipt.refund_id or receipt.payment_id] = receipt.full_number
    known.steps = await _steps(session, known)
    loose = sa.and_(Allocation.payment_id.in_(ids), Allocation.deposit_use_id.is_(None))
    for allocation, number in await _allocations(session, loose):
        deed = _deed_of(allocation, [step for step in known.steps[allocation.payment_id] if step.kind in _ALLOCATES])
        if deed is not None:
            known.shares[deed.number].append(_share(allocation, number))


async def _steps(session: AsyncSession, known: Known) -> dict[uuid.UUID, list[Told]]:
    steps: dict[uuid.UUID, list[Told]] = {payment_id: [] for payment_id in known.payments}
    for subject, kinds, keys in (
        (Subject.PAYMENT, _OF_PAYMENT, known.payments),
        (Subject.REFUND, OF_REFUND, known.refunds),
    ):
        statement = sa.select(*JOURNAL_COLUMNS).where(
            JournalEntry.subject == subject,
            JournalEntry.subject_id.in_([str(key) for key in keys]),
            JournalEntry.action.in_(kinds),
        )
        for row in await session.execute(statement):
            step = read(row)
            payment_id = known.refunds[uuid.UUID(step.subject_id)].payment_id if step.is_of_refund else None
            steps[payment_id or uuid.UUID(step.subject_id)].append(step)
    return {payment_id: sorted(of_it, key=lambda step: step.number) for payment_id, of_it in steps.items()}


JOURNAL_COLUMNS = (
    JournalEntry.number, JournalEntry.at, JournalEntry.action, JournalEntry.subject_id, JournalEntry.desk_id,
    JournalEntry.facts,
)  # fmt: skip
"""What ``read`` wants of an entry."""


async def _allocations(session: AsyncSession, which: sa.ColumnElement[bool]) -> Sequence[tuple[Allocation, str]]:
    statement = (
        sa.select(Allocation, Invoice.number)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .where(which)
        .order_by(Allocation.id)
    )
    return (await session.execute(statement)).all()


def _deed_of(allocation: Allocation, deeds: Sequence[Told]) -> Told | None:
    """Return the first deed at or after the allocation; the one before it where a clock stepped back meanwhile."""
    place = bisect_left(deeds, allocation.at - _TWO_CLOCKS, key=lambda deed: deed.at)
    before = deeds[place - 1] if place else None
    if place == len(deeds):
        return before
    has_stepped = before is not None and allocation.at - before.at < _CLOCK_SLACK < deeds[place].at - allocation.at
    return before if has_stepped else deeds[place]


def _share(allocation: Allocation, number: str) -> Share:
    return Share(
        invoice_id=allocation.invoice_id,
        invoice=number,
        amount_minor=allocation.amount_minor,
        currency=allocation.currency,
    )


async def _currencies(session: AsyncSession, told: Sequence[Told]) -> dict[str, str]:
    """Find in which currency invoices arrived: as long as nobody pays them, the hospital's system may change it."""
    found: dict[str, str] = {}
    numbers = [number for each in told for number in each.facts.get(_NAMES_INVOICES.get(each.kind, ""), ())]
    for place in range(0, len(numbers), _AT_ONCE):
        part = numbers[place : place + _AT_ONCE]
        present = sa.select(Invoice.number, Invoice.currency).where(Invoice.number.in_(part))
        found.update({row.number: row.currency for row in await session.execute(present)})
        changes = sa.select(JournalEntry.subject_id, JournalEntry.facts).where(
            JournalEntry.subject == Subject.INVOICE,
            JournalEntry.subject_id.in_(part),
            JournalEntry.action == DeedKind.INVOICE_CHANGED,
        )
        # The first change comes last, and tells what it was at first.
        for number, facts in await session.execute(changes.order_by(JournalEntry.number.desc())):
            found[number] = json.loads(facts).get("currency_before", found[number])
    return found


async def _received_before(session: AsyncSession, told: Sequence[Told]) -> frozenset[str]:
    attested = [each for each in told if each.kind is DeedKind.BOOKS_ATTESTED and each.facts.get("invoices")]
    if not attested:
        return frozenset()
    wanted = {number for each in attested for number in each.facts["invoices"]}
    received = sa.select(JournalEntry.facts).where(
        JournalEntry.action == DeedKind.INVOICES_RECEIVED, JournalEntry.number < attested[-1].number
    )
    found: set[str] = set()
    async for facts in await session.stream_scalars(received, execution_options={"yield_per": 100}):
        found |= wanted & json.loads(facts).get("owed", {}).keys()
    return frozenset(found)


_AT_ONCE = 5000
"""How many invoices are asked about at once: databases take no more than some ten thousand values."""
_NAMES_INVOICES = {DeedKind.INVOICES_RECEIVED: "owed", DeedKind.BOOKS_ATTESTED: "invoices"}
