"""Rules about money: what was received, allocated, returned and receipted is the same everywhere.

The sums are made by the database, and only what is wrong comes here: a million invoices need no memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.dispute import Reversal, ReversalOutcome
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.payment import Allocation, InvoiceHold, Payment, PaymentItem, PaymentState
from cashier.books.receipt import Receipt
from cashier.books.refund import Refund, RefundState
from cashier.language import Message, m
from cashier.tenders.tender import CREDIT_TENDERS


async def wrong_payments(session: AsyncSession) -> AsyncIterator[Message]:
    """Find payments of which not every cent is accounted for.

    What was received, less what went back or is owed again, is what is allocated and unallocated, and what the
    receipts say. By credit notes nothing is received: what is used of them was taken off the note.
    """
    allocated = _sum_by(Allocation.amount_minor, Allocation.payment_id)
    on_paper = _sum_by(Receipt.amount_minor, Receipt.payment_id)
    returned = _sum_by(
        Refund.amount_minor, Refund.payment_id, Refund.state.in_([state for state in RefundState if state.has_effect])
    )
    is_received = sa.and_(Payment.state == PaymentState.PAID, Payment.tender.not_in(CREDIT_TENDERS))
    received = sa.case((is_received, Payment.amount_minor), else_=0)
    gone = _sum_by(
        Reversal.amount_minor,
        Reversal.payment_id,
        Reversal.dispute_id.is_not(None),
        Reversal.outcome == ReversalOutcome.OWED_AGAIN,
    )
    kept = received - sa.func.coalesce(returned.c.total, 0) - sa.func.coalesce(gone.c.total, 0)
    counted = sa.func.coalesce(allocated.c.total, 0) + Payment.unallocated_minor
    receipted = sa.func.coalesce(on_paper.c.total, 0)
    statement = (
        sa.select(Payment.id, Payment.currency, kept, counted, receipted)
        .outerjoin(allocated, allocated.c.key == Payment.id)
        .outerjoin(on_paper, on_paper.c.key == Payment.id)
        .outerjoin(returned, returned.c.key == Payment.id)
        .outerjoin(gone, gone.c.key == Payment.id)
        .where(sa.or_(kept != counted, kept != receipted))
        .order_by(Payment.created_at)
    )
    async for payment_id, currency, kept_minor, counted_minor, receipted_minor in await session.stream(statement):
        yield m(
            "payment {payment}: {kept} {currency} (minor units) were received and kept, {counted} are allocated or "
            "unallocated, {receipted} are on receipts",
            payment=payment_id,
            kept=kept_minor,
            currency=currency,
            counted=counted_minor,
            receipted=receipted_minor,
        )


async def wrong_balances(session: AsyncSession) -> AsyncIterator[Message]:
    """Find invoices whose paid sum, balance or status is not what their allocations say."""
    allocations = _sum_by(Allocation.amount_minor, Allocation.invoice_id)
    allocated = sa.func.coalesce(allocations.c.total, 0)
    due = Invoice.total_minor - Invoice.insurer_share_minor - Invoice.paid_minor - Invoice.returned_minor
    is_note = Invoice.total_minor < 0
    is_settled = Invoice.status.in_((InvoiceStatus.PAID, InvoiceStatus.CREDIT_USED))
    statement = (
        sa.select(Invoice.number, Invoice.status, Invoice.paid_minor, allocated, Invoice.balance_minor, due)
        .outerjoin(allocations, allocations.c.key == Invoice.id)
        .where(
            sa.or_(
                Invoice.paid_minor != allocated,
                Invoice.balance_minor != due,
                sa.case((is_note, due > 0), else_=due < 0),
                sa.and_(
                    Invoice.status != InvoiceStatus.CANCELLED,
                    sa.or_(
                        sa.and_(due == 0, ~is_settled),
                        sa.and_(due != 0, is_settled),
                        is_note != Invoice.status.in_((InvoiceStatus.CREDIT, InvoiceStatus.CREDIT_USED)),
                    ),
                ),
            )
        )
        .order_by(Invoice.id)
    )
    async for number, status, paid, allocated_minor, balance, by_the_sums in await session.stream(statement):
        yield m(
            "invoice {number} ({status}): {paid} (minor units) count as paid, {allocated} are allocated; its balance "
            "is {balance}, by the sums {expected}",
            number=number,
            status=status.value,
            paid=paid,
            allocated=allocated_minor,
            balance=balance,
            expected=by_the_sums,
        )


async def wrong_credits(session: AsyncSession) -> AsyncIterator[Message]:
    """Find credit that did not come off a credit note, and money that counts towards one.

    A payment by credit takes no more off a note than it is of; what was put back counts again.
    """
    off_notes = (
        sa.select(
            Allocation.payment_id.label("key"),
            sa.cast(sa.func.sum(Allocation.amount_minor), sa.BigInteger).label("total"),
        )
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .where(Invoice.total_minor < 0)
        .group_by(Allocation.payment_id)
        .subquery()
    )
    is_credit = Payment.tender.in_(CREDIT_TENDERS)
    total = sa.func.coalesce(off_notes.c.total, 0)
    statement = (
        sa.select(Payment.id, Payment.amount_minor, total)
        .outerjoin(off_notes, off_notes.c.key == Payment.id)
        .where(
            sa.or_(
                sa.and_(is_credit, off_notes.c.total.is_(None)),
                sa.and_(is_credit, ~total.between(-Payment.amount_minor, 0)),
                sa.and_(~is_credit, off_notes.c.total.is_not(None)),
            )
        )
        .order_by(Payment.created_at)
    )
    async for payment_id, amount_minor, off_minor in await session.stream(statement):
        yield m(
            "payment {payment} of {amount} (minor units) has taken {credit} off credit notes",
            payment=payment_id,
            amount=amount_minor,
            credit=-off_minor,
        )


async def wrong_owners(session: AsyncSession) -> AsyncIterator[Message]:
    """Find money that counts towards an invoice of another patient or currency, or is being paid towards one.

    What was taken off again is no fault any more.
    """
    is_unlike = sa.or_(Payment.patient_id != Invoice.patient_id, Payment.currency != Invoice.currency)
    counted = (
        sa.select(Allocation.payment_id, Allocation.invoice_id)
        .group_by(Allocation.payment_id, Allocation.invoice_id)
        .having(sa.func.sum(Allocation.amount_minor) != 0)
    )
    meant = sa.select(InvoiceHold.payment_id, InvoiceHold.invoice_id)
    pairs = counted.union(meant).subquery()
    statement = (
        sa.select(Payment.id, Payment.currency, Invoice.number, Invoice.currency)
        .join(pairs, pairs.c.payment_id == Payment.id)
        .join(Invoice, Invoice.id == pairs.c.invoice_id)
        .where(is_unlike)
        .order_by(Payment.created_at)
    )
    async for payment_id, currency, number, of_invoice in await session.stream(statement):
        if currency != of_invoice:
            yield m(
                "payment {payment} is in {currency} and counts towards invoice {number} in {other}",
                payment=payment_id,
                currency=currency,
                number=number,
                other=of_invoice,
            )
        else:
            yield m(
                "payment {payment} counts towards invoice {number} of another patient",
                payment=payment_id,
                number=number,
            )
    odd = (
        sa.select(Allocation.payment_id, Allocation.currency, Payment.currency)
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Allocation.currency != Payment.currency)
        .order_by(Allocation.id)
    )
    async for payment_id, currency, of_payment in await session.stream(odd):
        yield m(
            "payment {payment} is in {currency} and is allocated in {other}",
            payment=payment_id,
            currency=of_payment,
            other=currency,
        )


async def wrong_holds(session: AsyncSession) -> AsyncIterator[Message]:
    """Find invoices held by a payment that is over, and unfinished payments of invoices that hold nothing."""
    is_final = Payment.state.in_([state for state in PaymentState if state.is_final])
    has_items = sa.exists(sa.select(sa.literal(1)).where(PaymentItem.payment_id == Payment.id))
    holds = sa.exists(sa.select(sa.literal(1)).where(InvoiceHold.payment_id == Payment.id))
    statement = (
        sa.select(Payment.id, Payment.state, holds)
        .where(sa.or_(sa.and_(is_final, holds), sa.and_(~is_final, ~holds, has_items)))
        .order_by(Payment.created_at)
    )
    async for payment_id, state, is_holding in await session.stream(statement):
        if is_holding:
            yield m("payment {payment} is {state} and holds an invoice", payment=payment_id, state=state.value)
        else:
            yield m("payment {payment} is {state} and holds no invoice", payment=payment_id, state=state.value)


def _sum_by(amount: Any, key: Any, *conditions: sa.ColumnElement[bool]) -> sa.Subquery:
    # PostgreSQL sums a BIGINT into a NUMERIC.
    total = sa.cast(sa.func.sum(amount), sa.BigInteger)
    return sa.select(key.label("key"), total.label("total")).where(*conditions).group_by(key).subquery()
