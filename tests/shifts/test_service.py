"""Shifts: opened once, every movement in its drawer, counted blind."""

from __future__ import annotations

import asyncio
import json

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.hospital import Hospital
from cashier.books.journal import JournalEntry
from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import RefundState
from cashier.books.shift import CashMovement, MovementKind
from cashier.clock import now
from cashier.denominations import denominations_of, tolerance_of
from cashier.errors import Refused
from cashier.money import Money
from cashier.shifts.views import DrawerCount, Opening
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.shifts.drawer import pieces_of
from tests.shifts.records import a_refund, actions, facts_of, read, text_of
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.sample_hospital import (
    IN_YEN,
)

pytestmark = pytest.mark.both_databases

IN, OUT = MovementKind.IN, MovementKind.OUT


# --- Opening


async def test_cash_is_refused_without_a_shift_and_nothing_is_kept(drawer, services):
    with pytest.raises(Refused, match="No shift is open"):
        await drawer.take(5_000)

    assert await read(services, sa.select(Payment)) == []


async def test_what_needs_no_drawer_is_taken_without_a_shift(drawer):
    view = await drawer.take(5_000, tender=Tender.CHEQUE)

    assert view.state is PaymentState.PAID


async def test_cash_of_another_currency_does_not_go_into_the_drawer(drawer, services, hospital):
    await drawer.open()

    with pytest.raises(Refused, match="drawer of this desk has EUR"):
        await drawer.take(500, number=IN_YEN)

    assert await read(services, sa.select(Payment)) == []


async def test_shifts_of_a_desk_are_numbered_one_after_the_other(drawer, services):
    for number in (1, 2, 3):
        shift = await drawer.open(number=number)
        assert shift.name == f"T-D1-{number}"
        await drawer.close(shift, 10_000)

    at_desk = await services.shifts.at_desk(1)
    assert (at_desk.open, at_desk.next_number) == (None, 4)
    assert at_desk.last_closed is not None
    assert at_desk.last_closed.name == "T-D1-3"
    assert await contradictions_in(services.database) == []


async def test_each_desk_has_its_own_numbers(drawer, hospital):
    here = await drawer.open()
    there = await drawer.open(actor=hospital.colleague)

    assert (here.name, there.name) == ("T-D1-1", "T-D2-1")


async def test_opening_many_times_at_once_opens_one(drawer, services):
    views = await asyncio.gather(*(drawer.open() for _ in range(6)))

    assert len({view.id for view in views}) == 1
    assert await actions(services, views[0].id) == [DeedKind.SHIFT_OPENED]


async def test_an_open_shift_is_not_opened_with_another_float(drawer):
    await drawer.open(10_000)

    with pytest.raises(Refused, match="open at this desk already"):
        await drawer.open(20_000)


async def test_a_number_is_never_used_again_nor_left_out(drawer):
    await drawer.close(await drawer.open(), 10_000)

    with pytest.raises(Refused, match="closed already"):
        await drawer.open()
    with pytest.raises(Refused, match="closed already"):
        await drawer.open(number=3)


@pytest.mark.parametrize("money", [Money(-1, "EUR"), Money(100, "JPY")])
async def test_a_float_that_cannot_be_is_refused(services, hospital, money):
    with pytest.raises(Refused):
        await services.shifts.open(Opening(number=1, float=money), hospital.cashier)


async def test_an_auditor_opens_nothing(drawer, hospital):
    hospital.execute("UPDATE staff SET role = 'auditor' WHERE id = 1")

    with pytest.raises(Refused, match="is for"):
        await drawer.open()


# --- What moves


async def test_change_is_not_in_the_drawer_and_rounding_is(drawer, services):
    async with services.database.transaction() as session:
        (await session.get_one(Hospital, 1)).cash_step_minor = 5
    shift = await drawer.open(10_000)

    await drawer.take(2_998, tendered_minor=5_000)

    outcome = await services.shifts.count(
        DrawerCount(shift_id=shift.id, pieces=pieces_of(13_000)), drawer.hospital.cashier
    )
    assert (outcome.expected, outcome.difference) == (Money(13_000, "EUR"), Money(0, "EUR"))


async def test_cash_given_back_leaves_the_drawer_with_its_rounding(drawer, services):
    shift = await drawer.open(10_000)
    paid = await drawer.take(5_000)
    async with services.database.transaction() as session:
        session.add(
            a_refund(
                paid.id, 1_998, way=RefundWay.CASH, rounding_minor=2, shift_id=shift.id,
                state=RefundState.SUCCEEDED, decided_by=2, decided_at=now(),
            )
        )  # fmt: skip

    outcome = await services.shifts.count(DrawerCount(shift_id=shift.id, pieces={}), drawer.hospital.cashier)

    assert outcome.expected == Money(10_000 + 5_000 - 2_000, "EUR")


async def test_a_movement_sent_many_times_at_once_moves_once(drawer, services, hospital):
    shift = await drawer.open()
    movement = drawer.movement(shift, OUT, 4_000)

    await asyncio.gather(*(services.shifts.move(movement, hospital.cashier) for _ in range(6)))

    assert [each.amount_minor for each in await read(services, sa.select(CashMovement))] == [4_000]
    assert await actions(services, shift.id) == [DeedKind.SHIFT_OPENED, DeedKind.CASH_MOVED_OUT]


async def test_nobody_takes_out_more_than_there_is(drawer, services):
    shift = await drawer.open(10_000)
    await drawer.move(shift, IN, 500)

    with pytest.raises(Refused, match="not that much"):
        await drawer.move(shift, OUT, 10_501)
    await drawer.move(shift, OUT, 10_500)

    assert (await actions(services, shift.id))[-2:] == [DeedKind.CASH_OUT_REFUSED, DeedKind.CASH_MOVED_OUT]


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (Money(0, "EUR"), "Safe"),
        (Money(-500, "EUR"), "Safe"),
        (Money(500, "JPY"), "Safe"),
        (Money(500, "EUR"), "  "),
        (Money(500, "EUR"), "4242 4242 4242 4242"),
        (Money(500, "EUR"), "long " * 60),
    ],
)
async def test_a_movement_needs_an_amount_and_a_reason(drawer, services, hospital, amount, reason):
    shift = await drawer.open()
    movement = drawer.movement(shift, IN, 500, reason)

    with pytest.raises(Refused):
        await services.shifts.move(
            type(movement)(id=movement.id, shift_id=shift.id, kind=IN, amount=amount, reason=reason), hospital.cashier
        )

    assert await read(services, sa.select(CashMovement)) == []


async def test_nothing_moves_in_a_closed_shift_or_from_another_desk(drawer, services, hospital):
    shift = await drawer.open()
    with pytest.raises(Refused, match="another desk"):
        await services.shifts.move(drawer.movement(shift, IN, 500), hospital.colleague)
    await drawer.close(shift, 10_000)

    with pytest.raises(Refused, match="closed"):
        await drawer.move(shift, IN, 500)
    with pytest.raises(Refused, match="No shift is open"):
        await drawer.take(1_000)


# --- Counting blind


async def test_nothing_says_what_should_be_there_before_it_was_counted(drawer, services, hospital):
    shift = await drawer.open()
    await drawer.take(3_333)

    at_desk = await services.shifts.at_desk(1)
    report = await services.shifts.report(shift.id, hospital.cashier)

    assert "133.33" not in f"{at_desk}"
    assert "33.33" not in text_of(report.pdf)
    assert "to be counted" in text_of(report.pdf)


async def test_every_count_is_in_the_journal_so_none_can_be_tried_on(drawer, services, hospital):
    shift = await drawer.open()
    for counted in (9_000, 9_500, 10_000):
        await services.shifts.count(DrawerCount(shift_id=shift.id, pieces=pieces_of(counted)), hospital.cashier)

    await drawer.close(shift, 10_000)

    entries = await read(services, sa.select(JournalEntry).where(JournalEntry.action == DeedKind.DRAWER_COUNTED))
    assert [json.loads(entry.facts)["counted_minor"] for entry in entries] == [9_000, 9_500, 10_000]
    assert (await facts_of(services, shift.id)).counted_times == 3


@pytest.mark.parametrize("pieces", [{300: 1}, {500: -1}, {500: 100_001}, {0: 3}])
async def test_what_cannot_be_counted_is_refused(drawer, services, hospital, pieces):
    shift = await drawer.open()

    with pytest.raises(Refused):
        await services.shifts.count(DrawerCount(shift_id=shift.id, pieces=pieces), hospital.cashier)


# --- Notes and coins


@pytest.mark.parametrize("currency", ["EUR", "USD", "JPY", "KWD", "HUF", "CHF", "SEK"])
def test_every_currency_has_notes_and_coins_from_its_smallest_coin_up(currency):
    values = denominations_of(currency)

    assert list(values) == sorted(set(values), reverse=True)
    assert min(values) >= 1
    assert tolerance_of(currency) >= min(values)


def test_coins_that_a_hospital_does_not_use_are_not_counted():
    assert 1 in denominations_of("EUR")
    assert min(denominations_of("EUR", 5)) == 5
