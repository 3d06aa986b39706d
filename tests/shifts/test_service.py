"""Shifts: opened once, counted blind, closed once, with every cent where it belongs."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from cashier import journal
from cashier.database import now
from cashier.desks.model import Hospital
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.journal import JournalEntry
from cashier.money import Money
from cashier.payments.model import Payment, PaymentState, Tender
from cashier.refunds.model import Refund, RefundOrigin, RefundReason, RefundState, RefundWay
from cashier.shifts.denominations import denominations_of, tolerance_of
from cashier.shifts.facts import ReportKind, thaw
from cashier.shifts.model import CashMovement, MovementKind, Shift
from cashier.shifts.views import DrawerCount, Opening, ShiftView
from tests.books import contradictions_in
from tests.payments.patient import pay_on_page
from tests.sample_hospital import (
    CASHIER_NAME,
    CASHIER_PIN,
    DUE_OF_OTHER_PATIENT,
    DUE_OF_SAME_PATIENT,
    IN_YEN,
    SUPERVISOR_NAME,
)
from tests.shifts.drawer import APPROVED, pieces_of

pytestmark = pytest.mark.both_databases

IN, OUT = MovementKind.IN, MovementKind.OUT


async def read(services, statement):
    async with services.database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def facts_of(services, shift_id):
    (text,) = await read(services, sa.select(Shift.facts).where(Shift.id == shift_id))
    return thaw(text)


async def actions(services, shift_id):
    of_shift = sa.and_(JournalEntry.subject == "shift", JournalEntry.subject_id == str(shift_id))
    return await read(services, sa.select(JournalEntry.action).where(of_shift).order_by(JournalEntry.number))


def a_refund(payment_id, amount_minor, **facts):
    return Refund(
        id=new_id(), payment_id=payment_id, amount_minor=amount_minor, currency="EUR",
        reason=RefundReason.REQUESTED_BY_CUSTOMER, note="", reopens=True, origin=RefundOrigin.DESK,
        requested_by=1, desk_id=1, requested_at=now(), **facts,
    )  # fmt: skip


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
        assert shift.name == f"D1-{number}"
        await drawer.close(shift, 10_000)

    at_desk = await services.shifts.at_desk(1)
    assert (at_desk.open, at_desk.next_number) == (None, 4)
    assert at_desk.last_closed is not None
    assert at_desk.last_closed.number == 3
    assert await contradictions_in(services.database) == []


async def test_each_desk_has_its_own_numbers(drawer, hospital):
    here = await drawer.open()
    there = await drawer.open(actor=hospital.colleague)

    assert (here.name, there.name) == ("D1-1", "D2-1")


async def test_opening_many_times_at_once_opens_one(drawer, services):
    views = await asyncio.gather(*(drawer.open() for _ in range(6)))

    assert len({view.id for view in views}) == 1
    assert await actions(services, views[0].id) == ["shift opened"]


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
    assert await actions(services, shift.id) == ["shift opened", "cash moved out"]


async def test_nobody_takes_out_more_than_there_is(drawer, services):
    shift = await drawer.open(10_000)
    await drawer.move(shift, IN, 500)

    with pytest.raises(Refused, match="not that much"):
        await drawer.move(shift, OUT, 10_501)
    await drawer.move(shift, OUT, 10_500)


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

    entries = await read(services, sa.select(JournalEntry).where(JournalEntry.action == "drawer counted"))
    assert [json.loads(entry.facts)["counted_minor"] for entry in entries] == [9_000, 9_500, 10_000]
    assert (await facts_of(services, shift.id)).counted_times == 3


@pytest.mark.parametrize("pieces", [{300: 1}, {500: -1}, {500: 100_001}, {0: 3}])
async def test_what_cannot_be_counted_is_refused(drawer, services, hospital, pieces):
    shift = await drawer.open()

    with pytest.raises(Refused):
        await services.shifts.count(DrawerCount(shift_id=shift.id, pieces=pieces), hospital.cashier)


# --- Closing


async def test_a_right_drawer_is_closed_with_its_report(drawer, services, hospital):
    shift = await drawer.open()
    await drawer.take(3_000, tendered_minor=5_000)
    await drawer.take(4_000, tender=Tender.CHEQUE)
    await drawer.move(shift, OUT, 1_000)

    closed = await drawer.close(shift, 12_000)

    assert closed.closed_by == "Casey Sample"
    facts = await facts_of(services, shift.id)
    assert (facts.kind, facts.expected_minor, facts.counted_minor) == (ReportKind.Z, 12_000, 12_000)
    assert [(each.tender, each.count, each.amount_minor) for each in facts.tenders] == [
        ("cash", 1, 3_000), ("cheque", 1, 4_000),
    ]  # fmt: skip
    assert (facts.first_receipt, facts.last_receipt, facts.receipts) == ("D1-000001", "D1-000002", 2)
    assert await contradictions_in(services.database) == []


async def test_the_report_names_the_journals_entry_of_its_own_closing(drawer, services):
    shift = await drawer.close(await drawer.open(), 10_000)

    facts = await facts_of(services, shift.id)
    (entry,) = await read(services, sa.select(JournalEntry).where(JournalEntry.number == facts.journal_number))
    assert (entry.action, entry.hash) == ("shift closed", facts.journal_hash)
    assert facts.journal_hash in text_of((await services.shifts.report(shift.id, drawer.hospital.cashier)).pdf)


@pytest.mark.parametrize("off", [100, -100])
async def test_a_small_difference_passes_and_is_written_down(drawer, services, off):
    shift = await drawer.open()

    await drawer.close(shift, 10_000 + off)

    assert (await facts_of(services, shift.id)).difference_minor == off


@pytest.mark.parametrize("off", [101, -101])
async def test_more_than_the_tolerance_wants_a_reason_and_a_supervisor(drawer, services, off):
    shift = await drawer.open()
    with pytest.raises(Refused, match="Say why"):
        await drawer.close(shift, 10_000 + off, **APPROVED)
    with pytest.raises(Refused, match="off by"):
        await drawer.close(shift, 10_000 + off, reason="Nobody knows.")
    assert (await services.shifts.at_desk(1)).open is not None

    await drawer.close(shift, 10_000 + off, reason="Nobody knows.", **APPROVED)

    facts = await facts_of(services, shift.id)
    assert (facts.reason, facts.approved_by) == ("Nobody knows.", "Sol Example")
    assert await contradictions_in(services.database) == []


async def test_a_cashier_approves_no_difference(drawer, services, hospital):
    shift = await drawer.open()

    with pytest.raises(Refused, match="is for supervisors"):
        await drawer.close(shift, 9_000, reason="Gone.", approver_name=CASHIER_NAME, approver_pin=CASHIER_PIN)
    with pytest.raises(Refused, match="wrong"):
        await drawer.close(shift, 9_000, reason="Gone.", approver_name=SUPERVISOR_NAME, approver_pin="000000")

    assert (await services.shifts.at_desk(1)).open is not None


async def test_nobody_approves_the_difference_of_their_own_shift(drawer, services, hospital):
    supervisor = journal.Actor(staff_id=hospital.supervisor_id, desk_id=1)
    administrator = journal.Actor(staff_id=hospital.administrator_id, desk_id=1)
    shift = await drawer.open(actor=supervisor)
    closing = drawer.closing(shift, 9_000, reason="Gone.", **APPROVED)

    for who in (supervisor, administrator):
        with pytest.raises(Refused, match="of their own"):
            await services.shifts.close(closing, who)

    assert (await actions(services, shift.id)).count("own difference refused") == 2


async def test_somebody_elses_shift_is_closed_by_a_supervisor_alone(drawer, services, hospital):
    supervisor = journal.Actor(staff_id=hospital.supervisor_id, desk_id=1)
    shift = await drawer.open(actor=supervisor)
    with pytest.raises(Refused, match="somebody else's shift"):
        await drawer.close(shift, 10_000)
    await services.shifts.close(drawer.closing(shift, 10_000), supervisor)

    shift = await drawer.open(number=2)
    closed = await services.shifts.close(drawer.closing(shift, 10_000), supervisor)

    assert closed.closed_by == "Sol Example"


async def test_two_closings_at_once_close_once(drawer, services, hospital):
    shift = await drawer.open()
    closings = [drawer.closing(shift, counted) for counted in (10_000, 10_050, 10_000, 9_950)]

    answers = await asyncio.gather(
        *(services.shifts.close(each, hospital.cashier) for each in closings), return_exceptions=True
    )

    assert all(isinstance(each, Refused | ShiftView) for each in answers)
    assert (await actions(services, shift.id)).count("shift closed") == 1
    assert await contradictions_in(services.database) == []


async def test_the_same_closing_again_changes_nothing_and_another_is_refused(drawer, services):
    shift = await drawer.open()
    first = await drawer.close(shift, 10_000)

    assert await drawer.close(shift, 10_000) == first
    with pytest.raises(Refused, match="another count"):
        await drawer.close(shift, 9_990)


async def test_cash_and_closing_at_once_leave_no_cent_between_two_shifts(drawer, services, hospital):
    shift = await drawer.open()

    answers = await asyncio.gather(
        *(drawer.take(100) for _ in range(5)), drawer.close(shift, 10_050), return_exceptions=True
    )

    taken = [each for each in answers[:-1] if not isinstance(each, BaseException)]
    facts = (await services.shifts.at_desk(1)).last_closed
    if facts is not None:
        assert (await facts_of(services, shift.id)).expected_minor == 10_000 + 100 * len(taken)
    assert await contradictions_in(services.database) == []


async def test_no_shift_is_closed_while_a_payment_at_the_desk_is_unfinished(drawer, services, hospital):
    shift = await drawer.open()
    begun = await drawer.take(3_000, tender=Tender.CHECKOUT)

    with pytest.raises(Refused, match="not finished"):
        await services.shifts.check_closing(shift.id, hospital.cashier)
    with pytest.raises(Refused, match="not finished"):
        await drawer.close(shift, 10_000)

    await services.payments.cancel(begun.id, hospital.cashier)
    await drawer.close(shift, 10_000)


DECIDED = {"decided_by": 2, "decided_at": now()}


@pytest.mark.parametrize(
    ("facts", "is_open"),
    [
        ({"state": RefundState.REQUESTED, "way": RefundWay.CASH}, True),
        ({"state": RefundState.REQUESTED, "way": RefundWay.CASH, "expires_at": now() - timedelta(hours=1)}, False),
        ({"state": RefundState.APPROVED, "way": RefundWay.CARD, **DECIDED}, True),
        ({"state": RefundState.APPROVED, "way": RefundWay.BANK_TRANSFER, **DECIDED}, False),
        ({"state": RefundState.REJECTED, "way": RefundWay.CASH}, False),
    ],
)
async def test_no_shift_is_closed_while_a_refund_is_undecided_or_not_sent(drawer, services, facts, is_open):
    shift = await drawer.open()
    paid = await drawer.take(3_000)
    async with services.database.transaction() as session:
        session.add(a_refund(paid.id, 1_000, **facts))

    if is_open:
        with pytest.raises(Refused, match="not decided or sent"):
            await drawer.close(shift, 13_000)
    else:
        await drawer.close(shift, 13_000)


# --- Reports


async def test_a_supervisor_sees_the_cash_of_somebody_elses_shift(drawer, services, hospital):
    shift = await drawer.open()
    await drawer.take(3_333)

    report = await services.shifts.report(shift.id, hospital.colleague)

    assert "133.33" in text_of(report.pdf)
    assert (await services.shifts.at_desk(1)).open is not None


async def test_a_cashier_does_not_look_at_somebody_elses_shift(drawer, services, hospital):
    shift = await drawer.open(actor=journal.Actor(staff_id=hospital.supervisor_id, desk_id=1))

    with pytest.raises(Refused, match="other people's shifts"):
        await services.shifts.report(shift.id, hospital.cashier)


async def test_the_z_report_is_handed_out_once_and_then_as_copies(drawer, services, hospital):
    shift = await drawer.close(await drawer.open(), 10_000)

    handed = [await services.shifts.hand_out(shift.id, hospital.cashier) for _ in range(3)]

    assert [each.copy for each in handed] == [0, 1, 2]
    assert "COPY 2" in text_of(handed[2].pdf)
    assert handed[0].pdf == (await services.shifts.report(shift.id, hospital.cashier)).pdf


async def test_card_payments_belong_to_the_shift_in_which_they_were_begun(drawer, services, hospital):
    shift = await drawer.open()
    begun = await drawer.take(3_000, tender=Tender.CHECKOUT, number=DUE_OF_SAME_PATIENT)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    await drawer.take(1_000, number=DUE_OF_OTHER_PATIENT)

    await drawer.close(shift, 11_000)

    sums = {each.tender: each.amount_minor for each in (await facts_of(services, shift.id)).tenders}
    assert sums == {"checkout": 3_000, "cash": 1_000}


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


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
