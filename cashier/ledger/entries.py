"""The entries of the ledger, one for each deed that changes an account, in the order of the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.errors import Contradiction
from cashier.language import m
from cashier.ledger import of_drawers, of_invoices, of_payments
from cashier.ledger.days import Days, Stretch
from cashier.ledger.entry import Draft, Entry
from cashier.ledger.given_back import follow
from cashier.ledger.known import JOURNAL_COLUMNS, Known, Told, collect, read

_AT_ONCE = 1000

BOOKED: Mapping[DeedKind, Callable[[Known, Told], Draft]] = {
    DeedKind.INVOICES_RECEIVED: of_invoices.received,
    DeedKind.BOOKS_ATTESTED: of_invoices.attested,
    DeedKind.INVOICE_CHANGED: of_invoices.changed,
    DeedKind.PAYMENT_PAID: of_payments.paid,
    DeedKind.DEPOSIT_USED: of_payments.account_used,
    DeedKind.CREDIT_TAKEN: of_payments.credit_moved,
    DeedKind.CREDIT_PUT_BACK: of_payments.credit_moved,
    DeedKind.REFUND_APPROVED: of_payments.refund_moved,
    DeedKind.REFUND_APPROVED_BY_RULE: of_payments.refund_moved,
    DeedKind.REFUND_PENDING: of_payments.refund_moved,
    DeedKind.REFUND_SUCCEEDED: of_payments.refund_moved,
    DeedKind.REFUND_FAILED: of_payments.refund_moved,
    DeedKind.DISPUTE_OPENED: of_payments.dispute_moved,
    DeedKind.DISPUTE_CHANGED: of_payments.dispute_moved,
    DeedKind.DISPUTE_CLOSED: of_payments.dispute_moved,
    DeedKind.REVERSAL_OWED_AGAIN: of_payments.reversal_decided,
    DeedKind.REVERSAL_WRITTEN_OFF: of_payments.reversal_decided,
    DeedKind.SHIFT_OPENED: of_drawers.opened,
    DeedKind.CASH_MOVED_IN: of_drawers.cash_moved,
    DeedKind.CASH_MOVED_OUT: of_drawers.cash_moved,
    DeedKind.SHIFT_CLOSED: of_drawers.closed,
}
"""How each deed that changes an account is booked; no other one does."""


class UnreadableJournal(Contradiction):
    """The journal tells of something that is not in the books."""

    default = m("The journal tells of something that is not in the books.")


async def entries_of(session: AsyncSession, stretch: Stretch) -> AsyncIterator[Entry]:
    """Derive the entries of ``stretch``, in order; the same journal gives the same ones, whenever they are asked for.

    Reads some hundred deeds at a time. Raises ``UnreadableJournal`` for a deed that somebody changed past the
    program.
    """
    days = Days(stretch)
    for first in range(stretch.first, stretch.last + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, stretch.last)
        told = [_read(row) for row in await _part(session, first, last)]
        known = await _known(session, told)
        await days.go_on(session, first, last)
        for each in told:
            day = days.of[each.number]
            draft = _draft(known, each)
            if draft.legs:
                yield Entry(
                    number=each.number,
                    day=day,
                    event=each.kind.value,
                    legs=draft.legs,
                    desk=draft.desk,
                    tender=draft.tender,
                    payment=str(draft.payment or ""),
                    refund=str(draft.refund or ""),
                    receipt=draft.receipt,
                )


async def _part(session: AsyncSession, first: int, last: int) -> Sequence[Any]:
    statement = (
        sa.select(*JOURNAL_COLUMNS)
        .where(JournalEntry.number.between(first, last), JournalEntry.action.in_(BOOKED))
        .order_by(JournalEntry.number)
    )
    return (await session.execute(statement)).all()


def _read(row: Any) -> Told:
    try:
        return read(row)
    except ValueError as error:
        raise _unreadable(row.number) from error


async def _known(session: AsyncSession, told: Sequence[Told]) -> Known:
    try:
        known = await collect(session, told)
        known.given_back = await follow(session, told)
    except (KeyError, ValueError, TypeError) as error:
        raise _unreadable(told[0].number) from error
    return known


def _draft(known: Known, told: Told) -> Draft:
    try:
        return BOOKED[told.kind](known, told)
    except (KeyError, ValueError, TypeError) as error:
        raise _unreadable(told.number) from error


def _unreadable(number: int) -> UnreadableJournal:
    return UnreadableJournal(
        m("Entry {number} of the journal, or one shortly after it, does not fit the books.", number=number),
        advice=m("Ask an administrator for “cashier doctor --audit”."),
    )
