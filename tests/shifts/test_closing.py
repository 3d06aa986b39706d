"""Shifts: closed once, with every cent where it belongs, and told on paper."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.books.refund import RefundState
from cashier.books.shift import MovementKind
from cashier.clock import now
from cashier.errors import Refused
from cashier.shifts.facts import ReportKind
from cashier.shifts.views import ShiftView
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.shifts.drawer import APPROVED
from tests.shifts.records import a_refund, actions, facts_of, read, text_of
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.sample_hospital import (
    CASHIER_NAME,
    CASHIER_PIN,
    DUE,
    DUE_OF_OTHER_PATIENT,
    DUE_OF_SAME_PATIENT,
    SUPERVISOR_NAME,
)

pytestmark = pytest.mark.both_databases

IN, OUT = MovementKind.IN, MovementKind.OUT


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
    assert (facts.first_receipt, facts.last_receipt, facts.receipts) == ("T-D1-000001", "T-D1-000002", 2)
    assert await contradictions_in(services.database) == []


async def test_the_report_names_the_journals_entry_of_its_own_closing(drawer, services):
    shift = await drawer.close(await drawer.open(), 10_000)

    facts = await facts_of(services, shift.id)
    (entry,) = await read(services, sa.select(JournalEntry).where(JournalEntry.number == facts.journal_number))
    assert (entry.action, entry.hash) == (DeedKind.SHIFT_CLOSED, facts.journal_hash)
    assert facts.journal_hash in text_of((await services.shifts.report(shift.id, drawer.hospital.cashier)).pdf)
    assert facts.former_number is None

    following = await drawer.close(await drawer.open(number=2), 10_000)
    named = await facts_of(services, following.id)
    assert (named.former_number, named.former_hash) == (facts.journal_number, facts.journal_hash)
    paper = text_of((await services.shifts.report(following.id, drawer.hospital.cashier)).pdf)
    assert facts.journal_hash in paper
    assert named.journal_hash in paper


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
    supervisor = journal.staff_at(staff_id=hospital.supervisor_id, desk_id=1)
    administrator = journal.staff_at(staff_id=hospital.administrator_id, desk_id=1)
    shift = await drawer.open(actor=supervisor)
    closing = drawer.closing(shift, 9_000, reason="Gone.", **APPROVED)

    for who in (supervisor, administrator):
        with pytest.raises(Refused, match="of their own"):
            await services.shifts.close(closing, who)

    assert (await actions(services, shift.id)).count(DeedKind.OWN_DIFFERENCE_REFUSED) == 2


async def test_somebody_elses_shift_is_closed_by_a_supervisor_alone(drawer, services, hospital):
    supervisor = journal.staff_at(staff_id=hospital.supervisor_id, desk_id=1)
    shift = await drawer.open(actor=supervisor)
    with pytest.raises(Refused, match="somebody else's shift"):
        await drawer.close(shift, 10_000)
    await services.shifts.close(drawer.closing(shift, 10_000), supervisor)

    shift = await drawer.open(number=2)
    closed = await services.shifts.close(drawer.closing(shift, 10_000), supervisor)

    assert closed.closed_by == "Sol Example"


async def test_who_did_not_work_the_shift_closes_it_short_without_a_third_person(drawer, services, hospital):
    supervisor = journal.staff_at(staff_id=hospital.supervisor_id, desk_id=1)
    shift = await drawer.open()
    await drawer.take(3_000)
    counted = drawer.closing(shift, 9_000)

    outcome = await services.shifts.count(counted.count, supervisor)
    with pytest.raises(Refused, match="Say why"):
        await services.shifts.close(counted, supervisor)
    await services.shifts.close(drawer.closing(shift, 9_000, reason="Casey went home ill."), supervisor)

    assert (outcome.is_off, outcome.wants_approval) == (True, False)
    facts = await facts_of(services, shift.id)
    assert (facts.made_by, facts.approved_by, facts.difference_minor) == ("Sol Example", "Sol Example", -4_000)
    (entry,) = await read(services, sa.select(JournalEntry).where(JournalEntry.action == DeedKind.SHIFT_CLOSED))
    assert json.loads(entry.facts)["approved_by"] == entry.staff_id == hospital.supervisor_id
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize("part", ["a payment", "a movement", "cash given back"])
async def test_who_had_a_part_in_the_shift_approves_nothing_of_it(drawer, services, hospital, part):
    supervisor = journal.staff_at(staff_id=hospital.supervisor_id, desk_id=1)
    administrator = journal.staff_at(staff_id=hospital.administrator_id, desk_id=1)
    shift = await drawer.open()
    if part == "a payment":
        await services.payments.begin(order_for(hospital, DUE, 1_000, tender=Tender.CASH), supervisor)
    elif part == "a movement":
        await services.shifts.move(drawer.movement(shift, IN, 1_000), supervisor)
    else:
        paid = await drawer.take(2_000)
        request = refund_of(paid.id, 1_000)
        await services.refunds.request(request, supervisor)
        await services.refunds.approve(request.refund_id, administrator)
    short = drawer.closing(shift, 9_000, reason="Gone.")

    assert (await services.shifts.count(short.count, supervisor)).wants_approval
    with pytest.raises(Refused, match="did not work this shift"):
        await services.shifts.close(short, supervisor)
    for closer in (supervisor, hospital.cashier):
        with pytest.raises(Refused, match="of their own"):
            await services.shifts.close(drawer.closing(shift, 9_000, reason="Gone.", **APPROVED), closer)
    assert (await actions(services, shift.id)).count(DeedKind.OWN_DIFFERENCE_REFUSED) == 2

    await services.shifts.close(short, administrator)
    assert (await facts_of(services, shift.id)).approved_by == "Ada Sample"


async def test_a_closing_that_is_refused_does_not_say_by_how_much_the_drawer_is_off(drawer, hospital):
    shift = await drawer.open()
    await drawer.take(3_333)

    with pytest.raises(Refused) as refused:
        await drawer.close(shift, 0, reason="Nobody knows.")

    assert not re.search(r"\d", str(refused.value))


async def test_the_database_itself_wants_somebody_else_to_accept_a_difference(drawer, services, hospital):
    shift = await drawer.open()

    with pytest.raises(sa.exc.IntegrityError, match="two_people"):
        hospital.execute(f"UPDATE shift SET difference_approved_by = opened_by WHERE id = {shift.id}")


async def test_two_closings_at_once_close_once(drawer, services, hospital):
    shift = await drawer.open()
    closings = [drawer.closing(shift, counted) for counted in (10_000, 10_050, 10_000, 9_950)]

    answers = await asyncio.gather(
        *(services.shifts.close(each, hospital.cashier) for each in closings), return_exceptions=True
    )

    assert all(isinstance(each, Refused | ShiftView) for each in answers)
    assert (await actions(services, shift.id)).count(DeedKind.SHIFT_CLOSED) == 1
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
    shift = await drawer.open(actor=journal.staff_at(staff_id=hospital.supervisor_id, desk_id=1))

    with pytest.raises(Refused, match="other people's shifts"):
        await services.shifts.report(shift.id, hospital.cashier)


async def test_the_z_report_is_handed_out_once_and_then_as_copies(drawer, services, hospital):
    shift = await drawer.close(await drawer.open(), 10_000)

    handed = [await services.shifts.hand_out(shift.id, hospital.cashier) for _ in range(3)]

    assert [each.copy for each in handed] == [0, 1, 2]
    assert "COPY 2" in text_of(handed[2].pdf)
    assert handed[0].pdf == (await services.shifts.report(shift.id, hospital.cashier)).pdf


async def test_the_report_is_in_the_language_of_papers_or_in_one_that_is_asked_for(drawer, services, hospital):
    shift = await drawer.close(await drawer.open(), 10_000)
    english = await services.shifts.report(shift.id, hospital.cashier)
    hospital.execute("UPDATE hospital SET paper_language = 'es'")

    spanish = await services.shifts.report(shift.id, hospital.cashier)

    assert (english.language, spanish.language) == ("en", "es")
    assert "100.00 €" in text_of(english.pdf)
    assert "100,00 €" in text_of(spanish.pdf)
    assert await services.shifts.report(shift.id, hospital.cashier, "en") == english
    handed = [await services.shifts.hand_out(shift.id, hospital.cashier, each) for each in ("en", "es")]
    assert handed[0] == english
    assert (handed[1].language, handed[1].copy) == ("es", 1)


async def test_card_payments_belong_to_the_shift_in_which_they_were_begun(drawer, services, hospital):
    shift = await drawer.open()
    begun = await drawer.take(3_000, tender=Tender.CHECKOUT, number=DUE_OF_SAME_PATIENT)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    await drawer.take(1_000, number=DUE_OF_OTHER_PATIENT)

    await drawer.close(shift, 11_000)

    sums = {each.tender: each.amount_minor for each in (await facts_of(services, shift.id)).tenders}
    assert sums == {"checkout": 3_000, "cash": 1_000}
