"""Collecting what stands on a shift's report, and reading shifts for windows."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cashier.books.hospital import Desk, Hospital
from cashier.books.payment import Payment, PaymentState
from cashier.books.receipt import Receipt, full_number_of
from cashier.books.shift import CashMovement, Shift
from cashier.books.staff import Staff
from cashier.books.training import series_of
from cashier.clock import on_the_clock
from cashier.errors import Misconfigured, Refused
from cashier.language import m
from cashier.money import Money
from cashier.shifts.facts import MovementLine, RefundSum, ReportKind, ShiftFacts, TenderSum
from cashier.shifts.pending import carried_over, decided_since
from cashier.shifts.takings import expected_in, movements_of, refund_sums, tender_sums
from cashier.shifts.views import ShiftView
from cashier.tenders.frozen import is_cash
from cashier.tenders.refund_way import RefundWay


async def hospital_of(session: AsyncSession) -> Hospital:
    """Return the hospital. Raises ``Misconfigured`` when it is not set up."""
    hospital = await session.get(Hospital, 1)
    if hospital is None:
        raise Misconfigured(m("The hospital is not set up yet."), advice=m("Run: cashier setup"))
    return hospital


async def collect(
    session: AsyncSession, shift: Shift, *, made_at: datetime, made_by: int, shows_cash: bool
) -> ShiftFacts:
    """Collect an X report of ``shift`` as it stands; without the drawer's cash for who will count it blind."""
    hospital = await hospital_of(session)
    desk = await session.get_one(Desk, shift.desk_id)
    names = dict((await session.execute(sa.select(Staff.id, Staff.display_name))).all())

    def moment(at: datetime) -> str:
        return on_the_clock(at, hospital.time_zone).isoformat(timespec="seconds")

    first, last, count = await _receipts_of(session, shift, desk, made_at)
    pending = await carried_over(session, shift, hospital.time_zone)
    sums = await tender_sums(session, shift, without=[uuid.UUID(each.payment) for each in pending])
    went_back = await refund_sums(session, shift, made_at)
    return ShiftFacts(
        kind=ReportKind.X,
        number=shift.number,
        hospital=hospital.name,
        legal_name=hospital.legal_name,
        tax_id=hospital.tax_id,
        address=hospital.address,
        phone=hospital.phone,
        desk_code=desk.code,
        desk_name=desk.name,
        currency=shift.currency,
        opened_at=moment(shift.opened_at),
        opened_by=names[shift.opened_by],
        made_at=moment(made_at),
        made_by=names[made_by],
        float_minor=shift.float_minor,
        tenders=sums if shows_cash else tuple(_without_cash(each) for each in sums),
        refunds=went_back if shows_cash else tuple(_without_cash_given(each) for each in went_back),
        movements=tuple(
            MovementLine(
                at=moment(each.at),
                kind=each.kind.value,
                amount_minor=each.amount_minor,
                reason=each.reason,
                who=names[each.staff_id],
            )
            for each in await movements_of(session, shift)
        ),
        pending=pending,
        decided=await decided_since(session, shift, pending, hospital.time_zone),
        first_receipt=first,
        last_receipt=last,
        receipts=count,
        expected_minor=await expected_in(session, shift) if shows_cash else None,
    )


def _without_cash(found: TenderSum) -> TenderSum:
    if not is_cash(found.tender):
        return found
    return TenderSum(tender=found.tender, currency=found.currency, count=found.count, amount_minor=None)


def _without_cash_given(found: RefundSum) -> RefundSum:
    if found.way != RefundWay.CASH:
        return found
    return RefundSum(way=found.way, currency=found.currency, count=found.count, amount_minor=None)


async def _receipts_of(session: AsyncSession, shift: Shift, desk: Desk, until: datetime) -> tuple[str, str, int]:
    """Return the first and the last receipt that the desk issued in this shift, and how many; empty without any."""
    series = series_of(desk.code, is_training=shift.is_training)
    statement = sa.select(sa.func.min(Receipt.number), sa.func.max(Receipt.number), sa.func.count()).where(
        Receipt.series == series, Receipt.issued_at >= shift.opened_at, Receipt.issued_at <= until
    )
    first, last, count = (await session.execute(statement)).one()
    if not count:
        return "", "", 0
    return full_number_of(series, first), full_number_of(series, last), count


async def view_of(session: AsyncSession, shift_id: int) -> ShiftView:
    """Read one shift as windows see it. Raises ``Refused`` when there is none."""
    opener, closer = aliased(Staff), aliased(Staff)
    payments = sa.select(sa.func.count()).where(Payment.shift_id == Shift.id, Payment.state == PaymentState.PAID)
    movements = sa.select(sa.func.count()).where(CashMovement.shift_id == Shift.id)
    statement = (
        sa.select(
            Shift, Desk.code, opener.display_name, closer.display_name,
            payments.correlate(Shift).scalar_subquery(), movements.correlate(Shift).scalar_subquery(),
        )
        .join(Desk, Desk.id == Shift.desk_id)
        .join(opener, opener.id == Shift.opened_by)
        .outerjoin(closer, closer.id == Shift.closed_by)
        .where(Shift.id == shift_id)
    )  # fmt: skip
    row = (await session.execute(statement)).first()
    if row is None:
        raise no_such_shift()
    shift, desk_code, opened_by, closed_by, payment_count, movement_count = row
    taken = await tender_sums(session, shift)
    return ShiftView(
        id=shift.id,
        number=shift.number,
        desk_code=desk_code,
        opened_at=shift.opened_at,
        opened_by=opened_by,
        opened_by_id=shift.opened_by,
        float=Money(shift.float_minor, shift.currency),
        movements=movement_count,
        payments=payment_count,
        takings=tuple(each for each in taken if not is_cash(each.tender)),
        closed_at=shift.closed_at,
        closed_by=closed_by or "",
    )


def no_such_shift() -> Refused:
    """Say that there is no such shift."""
    return Refused(m("There is no such shift."), advice=m("Look at the desk's shift again."))
