"""Money on a patient's account: paid in as a deposit or left over, or given by credit notes; used for invoices later.

It stays where it came in: on its payment, as what is not allocated, or on its credit note. Using it allocates it; no
money moves, so there is no new receipt. A refund takes it back from the same payment.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.payments import DepositUsed
from cashier.books.invoice import Invoice
from cashier.books.payment import DepositUse, Payment, PaymentState
from cashier.books.refund import Refund, RefundItem, RefundState
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.money import Money
from cashier.news import News
from cashier.patients.records import current_of
from cashier.payments.credit_notes import notes_with_credit, take_credit
from cashier.payments.preparation import find_hold
from cashier.payments.views import DueChanged
from cashier.staff.rights import Action, require


@dataclass(frozen=True, kw_only=True)
class DepositOrder:
    """Use so much of the patient's account for this invoice. ``use_id`` is made by the window: once is once.

    ``agreed_due`` is what was due on it when that was agreed; None where nobody looked.
    """

    use_id: uuid.UUID
    invoice_id: int
    amount: Money
    agreed_due: Money | None = None


class Deposits:
    """The accounts of all patients. Every verb is safe to repeat."""

    def __init__(self, database: Database, news: News) -> None:
        """Work on ``database``."""
        self._database = database
        self._news = news

    async def of_patient(self, patient_id: int) -> tuple[Money, ...]:
        """Return what a patient has on account, one amount for each currency. Promised refunds are left out."""
        async with self._database.reading() as session:
            patient_id = await current_of(session, patient_id)
            payments = await _with_money_left(session, patient_id)
            free = await free_of(session, payments)
            notes = await notes_with_credit(session, patient_id)
        sums: Counter[str] = Counter()
        for payment in payments:
            sums[payment.currency] += free[payment.id]
        for note in notes:
            sums[note.currency] += note.credit_minor
        return tuple(Money(amount_minor, currency) for currency, amount_minor in sorted(sums.items()) if amount_minor)

    @again_after_circle
    async def use(self, orders: Sequence[DepositOrder], actor: journal.Actor) -> None:
        """Allocate money of a patient's account to invoices, the oldest money first: all ``orders`` or none.

        An order that was done before changes nothing. Raises ``Refused`` for more than is there or due,
        ``DueChanged`` when another amount is due than was agreed, and ``InvoiceHeld`` while a payment of one of the
        invoices is under way.
        """
        if actor.desk_id is None or actor.staff_id is None:
            raise Refused(m("Using a deposit needs a desk and a cashier."), advice=m("Sign in first."))
        await require(self._database, actor, Action.USE_DEPOSIT)
        async with self._database.transaction() as session:
            patient_id, currency = await _whose(session, orders)
            payments = await _with_money_left(session, patient_id, currency=currency, locked=True)
            notes = await notes_with_credit(session, patient_id, currency=currency)
            await _lock_invoices(session, [*(note.id for note in notes), *(order.invoice_id for order in orders)])
            unsorted: list[Payment | Invoice] = [*payments, *notes]
            sources = sorted(unsorted, key=_came_at)
            for order in sorted(orders, key=lambda order: order.invoice_id):
                await self._use(session, sources, order, actor)
            reach(FailPoint.DEPOSIT_WRITTEN)
        reach(FailPoint.DEPOSIT_USED)

    async def _use(
        self, session: AsyncSession, sources: Sequence[Payment | Invoice], order: DepositOrder, actor: journal.Actor
    ) -> None:
        invoice = await session.get_one(Invoice, order.invoice_id)
        # Looked for under the lock: the same order may come twice at once.
        if await session.get(DepositUse, order.use_id) is not None:
            return
        await _check_due(session, invoice, order)
        if any((each.patient_id, each.currency) != (invoice.patient_id, invoice.currency) for each in sources):
            raise Refused(
                m("Invoice {number} has been changed meanwhile.", number=invoice.number),
                advice=m("Search for it again."),
            )
        session.add(
            DepositUse(
                id=order.use_id,
                invoice_id=invoice.id,
                amount_minor=order.amount.amount_minor,
                currency=order.amount.currency,
                desk_id=actor.desk_id,
                staff_id=actor.staff_id,
                used_at=now(),
            )
        )
        await session.flush()
        taken = await _allocate(session, sources, invoice, order, actor)
        deed = DepositUsed(
            patient=invoice.patient_id,
            use=order.use_id,
            invoice=invoice.number,
            payments=taken,
            amount_minor=order.amount.amount_minor,
            currency=order.amount.currency,
        )
        await journal.record(session, deed, actor)
        await self._news.announce(session, f"invoice:{invoice.id}")


async def _whose(session: AsyncSession, orders: Sequence[DepositOrder]) -> tuple[int, str]:
    """Return the one patient and the one currency of all ``orders``."""
    currencies = {order.amount.currency for order in orders}
    statement = sa.select(Invoice.patient_id).where(Invoice.id.in_([order.invoice_id for order in orders])).distinct()
    patients = (await session.execute(statement)).scalars().all()
    if not patients:
        raise Refused(m("This invoice does not exist any more."), advice=m("Search for it again."))
    if len(patients) > 1 or len(currencies) > 1:
        raise Refused(
            m("One deposit belongs to one patient and currency."), advice=m("Use it for those invoices alone.")
        )
    return patients[0], currencies.pop()


async def _with_money_left(
    session: AsyncSession, patient_id: int, *, currency: str | None = None, locked: bool = False
) -> Sequence[Payment]:
    """Return the patient's payments with money that no invoice took; locked by key."""
    statement = sa.select(Payment).where(
        Payment.patient_id == patient_id, Payment.state == PaymentState.PAID, Payment.unallocated_minor > 0
    )
    if currency is not None:
        statement = statement.where(Payment.currency == currency)
    if locked:
        statement = statement.with_for_update(**ROW_LOCK)
    return (await session.execute(statement.order_by(Payment.id))).scalars().all()


async def free_of(session: AsyncSession, payments: Sequence[Payment]) -> dict[uuid.UUID, int]:
    """Return what is left of each payment, less what refunds that are asked for are going to take of it."""
    waiting = (
        sa.select(Refund.id, Refund.payment_id, Refund.amount_minor)
        .where(
            Refund.payment_id.in_([payment.id for payment in payments]),
            Refund.state.in_((RefundState.REQUESTED, RefundState.APPROVED)),
        )
        .subquery()
    )
    from_invoices = (
        sa.select(RefundItem.refund_id, sa.func.sum(RefundItem.amount_minor).label("total"))
        .group_by(RefundItem.refund_id)
        .subquery()
    )
    statement = (
        sa.select(
            waiting.c.payment_id, sa.func.sum(waiting.c.amount_minor - sa.func.coalesce(from_invoices.c.total, 0))
        )
        .outerjoin(from_invoices, from_invoices.c.refund_id == waiting.c.id)
        .group_by(waiting.c.payment_id)
    )
    promised = {payment_id: int(amount) for payment_id, amount in await session.execute(statement)}
    return {payment.id: max(0, payment.unallocated_minor - promised.get(payment.id, 0)) for payment in payments}


async def _check_due(session: AsyncSession, invoice: Invoice, order: DepositOrder) -> None:
    amount = order.amount
    held = await find_hold(session, [invoice.id])
    if held is not None:
        raise held
    balance = Money(invoice.room_minor, invoice.currency)
    if not balance:
        raise Refused(
            m("Nothing is due on invoice {number}.", number=invoice.number),
            advice=m("Look at its payments and receipts."),
        )
    if amount.currency != invoice.currency:
        raise Refused(
            m("Invoice {number} is in {currency}.", number=invoice.number, currency=invoice.currency),
            advice=m("Use money of that currency."),
        )
    if amount.amount_minor <= 0:
        raise Refused(m("The amount must be above zero."), advice=m("Type how much of the deposit is used."))
    if order.agreed_due is not None and order.agreed_due != balance:
        raise DueChanged(invoice.number, agreed=order.agreed_due, due=balance)
    if balance < amount:
        raise Refused(
            m("Only {balance} are due on {number}.", balance=balance, number=invoice.number),
            advice=m("Use at most {balance}.", balance=balance),
        )


async def _allocate(
    session: AsyncSession,
    sources: Sequence[Payment | Invoice],
    invoice: Invoice,
    order: DepositOrder,
    actor: journal.Actor,
) -> list[str]:
    """Move the money from payments and credit notes to the invoice; return the keys of the payments it came from."""
    free = await free_of(session, [each for each in sources if isinstance(each, Payment)])
    of_source = [each.credit_minor if isinstance(each, Invoice) else free[each.id] for each in sources]
    left = order.amount.amount_minor
    if sum(of_source) < left:
        there = Money(sum(of_source), order.amount.currency)
        raise Refused(
            m("The patient has {there} on account.", there=there), advice=m("Use at most {there}.", there=there)
        )
    taken = []
    for source, there_minor in zip(sources, of_source, strict=True):
        takes = min(left, there_minor)
        if not takes:
            continue
        left -= takes
        payment = await take_credit(session, source, takes, actor) if isinstance(source, Invoice) else source
        payment.unallocated_minor -= takes
        taken.append(str(payment.id))
        session.add(payment.count_towards(invoice, takes, at=now(), deposit_use_id=order.use_id))
    await session.flush()
    return taken


async def _lock_invoices(session: AsyncSession, invoice_ids: Sequence[int]) -> None:
    """Lock credit notes and what they are used for together, in the order of their keys, and read them anew."""
    statement = sa.select(Invoice).where(Invoice.id.in_(invoice_ids)).order_by(Invoice.id).with_for_update(**ROW_LOCK)
    (await session.execute(statement.execution_options(populate_existing=True))).scalars().all()


def _came_at(source: Payment | Invoice) -> tuple[datetime, str]:
    """Put the oldest money first."""
    return (source.received_at if isinstance(source, Invoice) else source.created_at, str(source.id))
