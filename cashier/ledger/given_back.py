"""What was given back for good, and so is not owed again: followed from deed to deed, as the invoices keep it.

When the hospital's system then lowers the invoice itself, that much less is left to say, and nothing once it is
cancelled.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.invoice import Invoice
from cashier.books.journal import JournalEntry
from cashier.books.payment import Allocation
from cashier.books.refund import Refund, RefundItem
from cashier.ledger.known import JOURNAL_COLUMNS, OF_REFUND, Told, read
from cashier.ledger.phases import Phase, phases_of

Moves = Mapping[int, Sequence[tuple[str, str, int]]]
"""By a deed's number: invoice, currency, and by how much more is given back for good."""


@dataclass(kw_only=True)
class _Followed:
    """An invoice while it is followed: what was given back for good, and how much of that counts."""

    returned_minor: int = 0
    booked_minor: int = 0

    def learn_owed(self, owed_minor: int, paid_minor: int) -> None:
        within_minor = max(0, owed_minor - paid_minor)
        if owed_minor:
            self.returned_minor = min(self.returned_minor, within_minor)
        self.booked_minor = min(self.returned_minor, within_minor)

    def learn_refund(self, phase: Phase, item_minor: int) -> None:
        if phase.is_leaving:
            self.returned_minor += item_minor
        elif phase is Phase.CAME_BACK:
            self.returned_minor -= min(item_minor, self.returned_minor)
        else:
            return
        self.booked_minor = self.returned_minor


async def follow(session: AsyncSession, told: Sequence[Told]) -> Moves:
    """Follow the invoices that the deeds in ``told`` are about, from their first refund for good on."""
    refund_ids = [uuid.UUID(each.subject_id) for each in told if each.is_of_refund]
    numbers = [each.subject_id for each in told if each.kind is DeedKind.INVOICE_CHANGED]
    items = await _items(session, refund_ids, numbers)
    refunds: dict[int, dict[uuid.UUID, int]] = defaultdict(dict)
    for refund_id, invoice_id, amount_minor in items:
        refunds[invoice_id][refund_id] = amount_minor
    invoices = await session.execute(
        sa.select(Invoice.id, Invoice.number, Invoice.currency).where(Invoice.id.in_(refunds))
    )
    moves: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for invoice_id, number, currency in invoices.all():
        for deed, more_minor in await _follow_one(session, invoice_id, number, refunds[invoice_id]):
            moves[deed].append((number, currency, more_minor))
    return moves


async def _items(
    session: AsyncSession, refund_ids: Collection[uuid.UUID], numbers: Collection[str]
) -> Sequence[tuple[uuid.UUID, int, int]]:
    """Return the shares of all refunds for good of the invoices that are named, or that these refunds take from."""
    for_good = (
        sa.select(RefundItem.refund_id, RefundItem.invoice_id, RefundItem.amount_minor)
        .join(Refund, Refund.id == RefundItem.refund_id)
        .where(Refund.reopens.is_(False))
    )
    about = sa.or_(
        RefundItem.invoice_id.in_(sa.select(Invoice.id).where(Invoice.number.in_(numbers))),
        RefundItem.invoice_id.in_(
            sa.select(RefundItem.invoice_id)
            .join(Refund, Refund.id == RefundItem.refund_id)
            .where(RefundItem.refund_id.in_(refund_ids), Refund.reopens.is_(False))
        ),
    )
    return (await session.execute(for_good.where(about))).all()


async def _follow_one(
    session: AsyncSession, invoice_id: int, number: str, items: Mapping[uuid.UUID, int]
) -> list[tuple[int, int]]:
    """Return by how much more is given back for good at each deed about one invoice."""
    statement = sa.select(*JOURNAL_COLUMNS).where(
        sa.or_(
            sa.and_(
                JournalEntry.subject == Subject.REFUND,
                JournalEntry.subject_id.in_([str(each) for each in items]),
                JournalEntry.action.in_(OF_REFUND),
            ),
            sa.and_(
                JournalEntry.subject == Subject.INVOICE,
                JournalEntry.subject_id == number,
                JournalEntry.action == DeedKind.INVOICE_CHANGED,
            ),
        )
    )
    rows = await session.execute(statement.order_by(JournalEntry.number))
    steps = [read(row) for row in rows]
    paid = await session.execute(
        sa.select(Allocation.at, Allocation.amount_minor).where(Allocation.invoice_id == invoice_id)
    )
    allocated = paid.all()
    phases = phases_of(steps)
    followed, moves = _Followed(), []
    for step in steps:
        before_minor = followed.booked_minor
        if step.is_of_refund:
            followed.learn_refund(phases[step.number], items[uuid.UUID(step.subject_id)])
        else:
            paid_minor = sum(amount_minor for at, amount_minor in allocated if at <= step.at)
            followed.learn_owed(step.facts["owed_minor"], paid_minor)
        moves.append((step.number, followed.booked_minor - before_minor))
    return [(deed, more_minor) for deed, more_minor in moves if more_minor]
