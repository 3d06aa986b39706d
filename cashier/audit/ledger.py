"""The rule about the ledger: each entry comes to nothing, and its accounts hold what the books do."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.deeds.deed import DeedKind
from cashier.books.hospital import Desk
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import JournalEntry
from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import Refund, RefundOrigin, RefundState
from cashier.books.shift import Shift
from cashier.language import Message, m
from cashier.ledger.days import Period, stretch_of
from cashier.ledger.entries import UnreadableJournal, entries_of
from cashier.ledger.entry import Account, Role, money_in
from cashier.shifts.takings import EXPECTED_MINOR
from cashier.tenders.tender import CASH_TENDERS

Sums = Counter[tuple[Account, str]]
"""What is on each account in each currency, in minor units; debts of the hospital are below zero."""


async def wrong_ledger(session: AsyncSession) -> AsyncIterator[Message]:
    """Find entries that do not balance, and accounts on which is something else than the books say."""
    sums: Sums = Counter()
    try:
        async for entry in entries_of(session, await stretch_of(session, Period())):
            of_entry: Counter[str] = Counter()
            for leg in entry.legs:
                of_entry[leg.currency] += leg.amount_minor
                sums[leg.account, leg.currency] += leg.amount_minor
            for currency, off_minor in of_entry.items():
                if off_minor:
                    yield m(
                        "entry {number} of the ledger is off by {amount} {currency} (minor units)",
                        number=entry.number, amount=off_minor, currency=currency,
                    )  # fmt: skip
    except UnreadableJournal as error:
        yield error.message
        return
    expected = await _expected(session)
    for account, currency in sorted({*_compared(sums, expected), *expected}):
        if sums[account, currency] != expected[account, currency]:
            yield m(
                "{account} {desk}: the ledger has {amount} {currency} (minor units), the books {expected}",
                account=account.role.value,
                desk=account.desk,
                amount=sums[account, currency],
                currency=currency,
                expected=expected[account, currency],
            )


def _compared(sums: Sums, expected: Sums) -> set[tuple[Account, str]]:
    """Return those accounts of the ledger of which the books say what is on them."""
    roles = {Role.PATIENTS, Role.ON_ACCOUNT, Role.REFUNDS_DUE}
    others = {account for account, _ in expected if account.role in (Role.DRAWER, Role.INSURERS)}
    return {key for key in sums if key[0].role in roles or key[0] in others}


async def _tells_of_insurers(session: AsyncSession) -> bool:
    """Tell whether the journal says of every invoice what its insurer owes; it did not always."""
    kinds = (DeedKind.INVOICES_RECEIVED, DeedKind.BOOKS_ATTESTED)
    silent = sa.select(JournalEntry.number).where(
        JournalEntry.action.in_(kinds),
        JournalEntry.facts.not_like('%"insured":%'),
        sa.or_(JournalEntry.facts.like('%"owed":{"%'), JournalEntry.facts.like('%"invoices":{"%')),
    )
    return (await session.execute(silent.limit(1))).first() is None


async def _expected(session: AsyncSession) -> Sums:
    expected: Sums = Counter()
    due = sa.case((Invoice.status == InvoiceStatus.CANCELLED, -Invoice.paid_minor), else_=Invoice.balance_minor)
    of_patients = sa.select(Invoice.currency, sa.func.sum(due)).group_by(Invoice.currency)
    for currency, total in await session.execute(of_patients):
        expected[Account(Role.PATIENTS), currency] = int(total)
    insured = (
        sa.select(Invoice.currency, sa.func.sum(Invoice.insurer_share_minor))
        .where(Invoice.status != InvoiceStatus.CANCELLED)
        .group_by(Invoice.currency)
    )
    if await _tells_of_insurers(session):
        for currency, total in await session.execute(insured):
            expected[Account(Role.INSURERS), currency] = int(total)
    promised = (
        sa.select(Refund.currency, sa.func.sum(Refund.amount_minor))
        .where(Refund.state == RefundState.APPROVED, Refund.origin == RefundOrigin.DESK)
        .group_by(Refund.currency)
    )
    for currency, total in await session.execute(promised):
        expected[Account(Role.REFUNDS_DUE), currency] -= int(total)
        expected[Account(Role.ON_ACCOUNT), currency] += int(total)
    loose = sa.select(Payment.currency, sa.func.sum(Payment.unallocated_minor)).group_by(Payment.currency)
    for currency, total in await session.execute(loose):
        expected[Account(Role.ON_ACCOUNT), currency] -= int(total)
    await _expect_drawers(session, expected)
    return expected


async def _expect_drawers(session: AsyncSession, expected: Sums) -> None:
    """Expect in each drawer what its open shift should have, and nothing in one that is closed.

    Of a desk that took cash outside of shifts nobody ever said what is in its drawer.
    """
    outside = sa.select(Payment.desk_id).where(
        Payment.shift_id.is_(None), Payment.tender.in_(CASH_TENDERS), Payment.state == PaymentState.PAID
    )
    statement = (
        sa.select(Desk.code, Shift, EXPECTED_MINOR)
        .join(Desk, Desk.id == Shift.desk_id)
        .where(Shift.desk_id.not_in(outside))
        .order_by(Shift.id)
    )
    for code, shift, should_be in await session.execute(statement):
        drawer = money_in(Role.DRAWER, desk=code, is_training=shift.is_training)
        expected[drawer, shift.currency] += int(should_be) if shift.closed_at is None else 0
