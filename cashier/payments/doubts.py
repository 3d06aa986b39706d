"""What a payment is asked about again before anything is taken: sums, and whether it is there already.

Whether something alike is there is looked up under a lock of its own until the end of the transaction, so that of two
desks that take the same in one moment the second one sees the first.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.asked_again.doubt import Doubt, DoubtCode, refuse_undecided
from cashier.asked_again.sums import AskedAgain
from cashier.books import journal
from cashier.books.deeds.payments import TakenAllTheSame
from cashier.books.hospital import Desk, Hospital
from cashier.books.payment import Payment, PaymentState
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund, RefundState
from cashier.books.staff import Staff
from cashier.clock import now, on_the_clock
from cashier.language import Message, dates, inside, m, verbatim
from cashier.money import Money
from cashier.payments.views import PaymentOrder

_ALIKE_MAX = 5
_NOT_GOING_BACK = (RefundState.REJECTED, RefundState.EXPIRED, RefundState.FAILED)


async def take_turns(session: AsyncSession, *, patient_id: int, reference_key: str | None) -> None:
    """Let one payment of a patient, and one with the same number, be begun at a time until this transaction ends.

    Locks the patient before the number, and both before shift and receipts; SQLite has its one writer instead.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    about = [f"payment_of_patient:{patient_id}", *([f"payment_by:{reference_key}"] if reference_key else ())]
    for each in about:
        # https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(each, 0))))


async def decide(
    session: AsyncSession,
    payment: Payment,
    order: PaymentOrder,
    actor: journal.Actor,
    *,
    due: Money,
    asked: AskedAgain,
) -> None:
    """Ask again about ``payment`` (saved, its first deed written), or write down what was decided about it.

    ``due`` is what was due on its invoices. Raises ``Doubtful`` unless all of it stands in ``order.decided``.
    """
    doubts = [_of_cash(payment, asked), asked.of_payment(payment.amount, due=due, deposit=_deposit_of(payment))]
    if asked.same_minutes:
        doubts.append(await _same_again(session, payment, timedelta(minutes=asked.same_minutes)))
    if asked.reference_days and payment.reference_key:
        doubts.append(await _reference_again(session, payment, timedelta(days=asked.reference_days)))
    decided = refuse_undecided(doubts, order.decided)
    if decided:
        await journal.record(session, TakenAllTheSame(payment=payment.id, doubts=decided), actor)


def _deposit_of(payment: Payment) -> Money:
    return Money(payment.deposit_minor, payment.currency)


def _of_cash(payment: Payment, asked: AskedAgain) -> Doubt | None:
    if payment.tendered_minor is None:
        return None
    to_take = Money(payment.amount_minor + payment.rounding_minor, payment.currency)
    return asked.of_handed_over(Money(payment.tendered_minor, payment.currency), to_take)


@dataclass(frozen=True, kw_only=True)
class _Alike:
    """Another payment, as it is told."""

    id: uuid.UUID
    patient_id: int
    amount: Money
    way: Message
    cashier: str
    desk: str
    at: datetime
    receipt: str | None

    def words(self, time_zone: str) -> Message:
        """Say who took it, when, how much and with what, and which receipt there is."""
        told = {
            "amount": self.amount,
            "way": inside(self.way),
            "cashier": self.cashier,
            "desk": self.desk,
            "moment": dates.day_and_time(on_the_clock(self.at, time_zone)),
        }
        if self.receipt is None:
            return m("{amount} ({way}), begun by {cashier} at desk {desk} on {moment}, not finished", **told)
        return m(
            "{amount} ({way}), by {cashier} at desk {desk} on {moment}, receipt {receipt}",
            **told,
            receipt=self.receipt,
        )


async def _same_again(session: AsyncSession, payment: Payment, within: timedelta) -> Doubt | None:
    """Look for what the patient paid of the same amount, or is paying; what is going back does not count."""
    gone_back = (
        sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_minor), 0))
        .where(Refund.payment_id == Payment.id, Refund.state.not_in(_NOT_GOING_BACK))
        .scalar_subquery()
    )
    alike = await _find(
        session,
        payment,
        Payment.patient_id == payment.patient_id,
        Payment.amount_minor == payment.amount_minor,
        Payment.currency == payment.currency,
        sa.or_(Payment.state != PaymentState.PAID, Payment.settled_at >= now() - within),
        gone_back < Payment.amount_minor,
    )
    if not alike:
        return None
    words = m("The patient paid the same: {payment}.", payment=alike[0].words(await _zone(session)))
    return Doubt(code=DoubtCode.SAME_AGAIN, about=_keys(alike), words=words)


async def _reference_again(session: AsyncSession, payment: Payment, within: timedelta) -> Doubt | None:
    alike = await _find(
        session,
        payment,
        Payment.reference_key == payment.reference_key,
        Payment.tender == payment.tender,
        Payment.created_at >= now() - within,
    )
    if not alike:
        return None
    newest, told = (
        alike[0],
        {"reference": verbatim(payment.reference), "payment": alike[0].words(await _zone(session))},
    )
    words = (
        m("The number {reference} was taken already: {payment}.", **told)
        if newest.patient_id == payment.patient_id
        else m("The number {reference} was taken already, of another patient: {payment}.", **told)
    )
    return Doubt(code=DoubtCode.REFERENCE_AGAIN, about=_keys(alike), words=words)


async def _find(session: AsyncSession, payment: Payment, *conditions: sa.ColumnElement[bool]) -> Sequence[_Alike]:
    """Return other payments that were not cancelled, of another bill, the newest first."""
    statement = (
        sa.select(Payment, Staff.display_name, Desk.code, Receipt)
        .join(Staff, Staff.id == Payment.staff_id)
        .join(Desk, Desk.id == Payment.desk_id)
        .outerjoin(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.kind == ReceiptKind.PAYMENT))
        .where(
            *conditions,
            Payment.id != payment.id,
            Payment.settlement_id != payment.settlement_id,
            Payment.state != PaymentState.CANCELLED,
        )
        .order_by(Payment.created_at.desc(), Payment.id)
        .limit(_ALIKE_MAX)
    )
    return [_alike(*row) for row in await session.execute(statement)]


def _alike(other: Payment, cashier: str, desk: str, receipt: Receipt | None) -> _Alike:
    return _Alike(
        id=other.id,
        patient_id=other.patient_id,
        amount=other.amount,
        way=other.tender.row.words,
        cashier=cashier,
        desk=desk,
        at=other.settled_at or other.created_at,
        receipt=None if receipt is None else receipt.full_number,
    )


def _keys(alike: Sequence[_Alike]) -> str:
    return ", ".join(sorted(str(each.id) for each in alike))


async def _zone(session: AsyncSession) -> str:
    return (await session.execute(sa.select(Hospital.time_zone).where(Hospital.id == 1))).scalar_one()
