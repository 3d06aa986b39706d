"""Finding payments among a million, newest first, and adding them up.

Every narrowing has an index to walk, and a page is found by the key after which it begins, so that it costs the same
anywhere. Numbers and identifiers are looked up first: few payments carry one.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.dispute import ENDED, HOLDS_THE_MONEY, Dispute, Reversal
from cashier.books.hospital import Desk, Hospital
from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Payment, PaymentItem, PaymentState
from cashier.books.receipt import Receipt, ReceiptKind, ReceiptSeries, full_number_of
from cashier.books.refund import Refund, RefundState
from cashier.books.staff import Staff
from cashier.clock import begin_of
from cashier.history.views import HistoryKey, HistoryTotals, PaymentQuery, PaymentRow, TenderTotal
from cashier.money import Money
from cashier.tenders.tender import CASH_TENDERS, CREDIT_TENDERS, Tender

_FOUND_BY_TEXT_MAX = 500
_WENT_BACK = tuple(state for state in RefundState if state.has_effect)


async def conditions_of(session: AsyncSession, query: PaymentQuery) -> list[sa.ColumnElement[bool]]:
    """Turn ``query`` into conditions on ``Payment``."""
    wanted: list[sa.ColumnElement[bool]] = []
    if query.patient is not None:
        wanted.append(Payment.patient_id == query.patient.patient_id)
    if query.invoice_id is not None:
        meant_for = sa.select(PaymentItem.payment_id).where(PaymentItem.invoice_id == query.invoice_id)
        wanted.append(Payment.id.in_(meant_for))
    if query.desk_id is not None:
        wanted.append(Payment.desk_id == query.desk_id)
    if query.staff_id is not None:
        wanted.append(Payment.staff_id == query.staff_id)
    if query.tender is not None:
        wanted.append(Payment.tender == query.tender)
    if query.states:
        wanted.append(Payment.state.in_(query.states))
    if query.first_day is not None or query.last_day is not None:
        zone = (await session.execute(sa.select(Hospital.time_zone))).scalar_one()
        if query.first_day is not None:
            wanted.append(Payment.created_at >= begin_of(query.first_day, zone))
        if query.last_day is not None:
            wanted.append(Payment.created_at < begin_of(query.last_day + timedelta(days=1), zone))
    if query.text.strip():
        wanted.append(Payment.id.in_(await _carrying(session, query.text.strip())))
    return wanted


async def find_page(
    session: AsyncSession,
    wanted: Sequence[sa.ColumnElement[bool]],
    *,
    after: HistoryKey | None,
    skip: int = 0,
    limit: int,
) -> list[PaymentRow]:
    """Read up to ``limit`` payments below the key ``after``, newest first, leaving out the first ``skip``."""
    statement = sa.select(Payment.id).where(*wanted).order_by(Payment.created_at.desc(), Payment.id.desc())
    if after is not None:
        # The first condition is what the index is walked by; the second one parts what has the same moment.
        statement = statement.where(
            Payment.created_at <= after.created_at,
            sa.or_(Payment.created_at < after.created_at, Payment.id < after.id),
        )
    ids = (await session.execute(statement.offset(skip or None).limit(limit))).scalars().all()
    return await _rows(session, ids)


async def row_of(session: AsyncSession, payment: Payment) -> PaymentRow:
    """Read what the list shows of one payment."""
    (row,) = await _rows(session, [payment.id])
    return row


def is_hidden(drawers: Collection[int]) -> sa.ColumnElement[bool]:
    """Tell of a payment whether its cash lies in one of the ``drawers`` of which no sum is told."""
    is_cash = sa.and_(Payment.tender.in_(CASH_TENDERS), Payment.state == PaymentState.PAID)
    return sa.and_(Payment.shift_id.in_(drawers), is_cash)


async def add_up(
    session: AsyncSession, wanted: Sequence[sa.ColumnElement[bool]], *, hidden: Collection[int] = ()
) -> HistoryTotals:
    """Let the database count and add up what is ``wanted``, by tender and currency, without ``hidden`` drawers."""
    is_to_be_counted = sa.func.coalesce(is_hidden(hidden), sa.false()) if hidden else sa.false()
    is_paid = sa.and_(Payment.state == PaymentState.PAID, sa.not_(is_to_be_counted))
    # Credit is not money that came; what goes back of it is money that goes.
    is_received = sa.and_(is_paid, Payment.tender.not_in(CREDIT_TENDERS))
    counted = await session.execute(
        sa.select(
            Payment.currency,
            Payment.tender,
            sa.func.count(),
            sa.func.sum(sa.case((is_paid, 1), else_=0)),
            sa.func.sum(sa.case((is_received, Payment.amount_minor), else_=0)),
            sa.func.sum(sa.case((is_to_be_counted, 1), else_=0)),
        )
        .where(*wanted)
        .group_by(Payment.currency, Payment.tender)
    )
    refunded = await _sums(session, Refund, *wanted, is_paid, Refund.state.in_(_WENT_BACK))
    taken_back = await _sums(session, Reversal, *wanted, is_paid, Reversal.dispute_id.is_not(None))
    rows = counted.all()
    totals = [
        TenderTotal(
            tender=tender,
            payments=int(paid),
            paid=Money(int(minor), currency),
            refunded=Money(refunded[currency, tender], currency),
            taken_back=Money(taken_back[currency, tender], currency),
        )
        for currency, tender, _count, paid, minor, _to_be_counted in rows
        if paid
    ]
    return HistoryTotals(
        payments=sum(row[2] for row in rows),
        by_tender=tuple(sorted(totals, key=lambda total: (total.paid.currency, -total.paid.amount_minor))),
        to_be_counted=sum(int(row[5]) for row in rows),
    )


async def _sums(
    session: AsyncSession, of: type[Refund] | type[Reversal], *conditions: sa.ColumnElement[bool]
) -> defaultdict[tuple[str, Tender], int]:
    """Add up what left payments, by their currency and tender, in minor units."""
    statement = (
        sa.select(Payment.currency, Payment.tender, sa.func.sum(of.amount_minor))
        .join(of, of.payment_id == Payment.id)
        .where(*conditions)
        .group_by(Payment.currency, Payment.tender)
    )
    found = {(currency, tender): int(minor) for currency, tender, minor in await session.execute(statement)}
    return defaultdict(int, found)


async def _carrying(session: AsyncSession, text: str) -> list[uuid.UUID]:
    """Find the payments that carry a number, a reference or an identifier of Stripe's, given in full."""
    spellings = tuple({text, text.upper()})
    arms = [
        sa.select(PaymentItem.payment_id).join(Invoice).where(Invoice.number.in_(spellings)),
        sa.select(Payment.id).where(Payment.stripe_session_id == text),
        sa.select(Payment.id).where(Payment.stripe_intent_id == text),
        sa.select(Payment.id).where(Payment.stripe_charge_id == text),
        sa.select(Refund.payment_id).where(Refund.stripe_refund_id == text),
        sa.select(Payment.id).where(Payment.reference.in_(spellings), Payment.reference != ""),
    ]
    if receipt := re.fullmatch(r"(?:(.{1,14})-)?(\d{1,12})", text):
        series = sa.select(ReceiptSeries.code)
        if receipt[1]:
            series = series.where(ReceiptSeries.code.in_((receipt[1], receipt[1].upper())))
        arms.append(
            sa.select(Receipt.payment_id).where(Receipt.series.in_(series), Receipt.number == int(receipt[2]))
        )
    if bounds := _beginning_with(text):
        arms.append(sa.select(Payment.id).where(Payment.id.between(*bounds)))
    found = sa.union(*arms).subquery()
    statement = sa.select(found.c[0]).limit(_FOUND_BY_TEXT_MAX)
    return [_as_uuid(value) for value in (await session.execute(statement)).scalars()]


def _beginning_with(text: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Return the ids that begin with the eight digits which Stripe shows to patients, or with more of the id."""
    digits = text.replace("-", "")
    if not re.fullmatch(r"[0-9A-Fa-f]{8,32}", digits):
        return None
    return uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))


def _as_uuid(value: uuid.UUID | str) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


async def _rows(session: AsyncSession, ids: Sequence[uuid.UUID]) -> list[PaymentRow]:
    # Columns, not objects: an export reads a million of them.
    statement = (
        sa.select(
            *_ON_THE_PAYMENT,
            *_AMOUNTS,
            Payment.currency,
            Patient.name.label("patient_name"),
            Patient.record_number,
            Patient.born,
            Desk.code.label("desk"),
            Staff.display_name.label("cashier"),
            Receipt.series,
            Receipt.number,
        )
        .join(Patient, Patient.id == Payment.patient_id)
        .join(Desk, Desk.id == Payment.desk_id)
        .join(Staff, Staff.id == Payment.staff_id)
        .outerjoin(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.kind == ReceiptKind.PAYMENT))
        .where(Payment.id.in_(ids))
        .order_by(Payment.created_at.desc(), Payment.id.desc())
    )
    found = [dict(row) for row in (await session.execute(statement)).mappings()]
    refunded, invoices = await _refunded(session, ids), await _invoices(session, ids)
    disputed, taken_back = await _disputed(session, ids), await _taken_back(session, ids)
    return [
        _row(
            facts
            | {
                "is_disputed": facts["id"] in disputed,
                "taken_back": Money(taken_back[facts["id"]], facts["currency"]),
            },
            refunded[facts["id"]],
            tuple(invoices[facts["id"]]),
        )
        for facts in found
    ]


_ON_THE_PAYMENT = (
    Payment.id, Payment.created_at, Payment.settled_at, Payment.tender, Payment.state, Payment.reference,
    Payment.card_brand, Payment.card_last_four, Payment.decline_code,
    Payment.stripe_session_id, Payment.stripe_intent_id, Payment.stripe_charge_id,
)  # fmt: skip
_AMOUNTS = (
    Payment.amount_minor, Payment.deposit_minor, Payment.unallocated_minor, Payment.tendered_minor,
    Payment.rounding_minor,
)  # fmt: skip


def _row(facts: dict[str, Any], refunded_minor: int, invoices: tuple[str, ...]) -> PaymentRow:
    currency, series, number = facts.pop("currency"), facts.pop("series"), facts.pop("number")
    for column in _AMOUNTS:
        minor = facts.pop(column.key)
        facts[column.key.removesuffix("_minor")] = None if minor is None else Money(minor, currency)
    return PaymentRow(
        **facts,
        refunded=Money(refunded_minor, currency),
        invoices=invoices,
        receipt_number=None if number is None else full_number_of(series, number),
    )


async def _refunded(session: AsyncSession, ids: Sequence[uuid.UUID]) -> defaultdict[uuid.UUID, int]:
    statement = (
        sa.select(Refund.payment_id, sa.func.sum(Refund.amount_minor))
        .where(Refund.payment_id.in_(ids), Refund.state.in_(_WENT_BACK))
        .group_by(Refund.payment_id)
    )
    return defaultdict(int, {payment_id: int(minor) for payment_id, minor in await session.execute(statement)})


async def _taken_back(session: AsyncSession, ids: Sequence[uuid.UUID]) -> defaultdict[uuid.UUID, int]:
    statement = (
        sa.select(Reversal.payment_id, sa.func.sum(Reversal.amount_minor))
        .where(Reversal.payment_id.in_(ids), Reversal.dispute_id.is_not(None))
        .group_by(Reversal.payment_id)
    )
    return defaultdict(int, {payment_id: int(minor) for payment_id, minor in await session.execute(statement)})


async def _disputed(session: AsyncSession, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Find the payments that their cardholders dispute, or disputed with success."""
    statement = sa.select(Dispute.payment_id).where(
        Dispute.payment_id.in_(ids), sa.or_(Dispute.status.not_in(ENDED), Dispute.status.in_(HOLDS_THE_MONEY))
    )
    return set((await session.execute(statement)).scalars())


async def _invoices(session: AsyncSession, ids: Sequence[uuid.UUID]) -> defaultdict[uuid.UUID, list[str]]:
    statement = (
        sa.select(PaymentItem.payment_id, Invoice.number)
        .join(Invoice, Invoice.id == PaymentItem.invoice_id)
        .where(PaymentItem.payment_id.in_(ids))
        .order_by(PaymentItem.invoice_id)
    )
    found: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    for payment_id, number in await session.execute(statement):
        found[payment_id].append(number)
    return found
