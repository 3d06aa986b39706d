"""A drawer is counted blind: nothing that its counter reads, and no refusal, tells a sum of its cash before."""

from __future__ import annotations

import json

import pytest

from cashier.audit.journal_views import JournalQuery
from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.shift import MovementKind
from cashier.errors import Refused
from cashier.history.views import PaymentQuery
from cashier.money import Money
from cashier.shifts.views import DrawerCount
from cashier.tenders.tender import Tender
from tests.shifts.records import actions, text_of
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import refund_of
from tests.surroundings.sample_hospital import DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.both_databases

_AT_DESK = PaymentQuery(desk_id=1)


@pytest.fixture
def supervisor(hospital):
    return journal.staff_at(staff_id=hospital.supervisor_id, desk_id=1)


@pytest.fixture
def administrator(hospital):
    return journal.staff_at(staff_id=hospital.administrator_id, desk_id=1)


@pytest.fixture
async def busy(drawer, services, hospital, supervisor):
    """A cashier's shift with cash, a cheque, cash given back, and cash in and out: 104.21 should be there."""
    shift = await drawer.open()
    paid = await drawer.take(3_333)
    await drawer.take(1_088, number=DUE_OF_OTHER_PATIENT)
    await drawer.take(2_000, tender=Tender.CHEQUE)
    request = refund_of(paid.id, 2_000)
    await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(request.refund_id, supervisor)
    await drawer.move(shift, MovementKind.IN, 1_111)
    await drawer.move(shift, MovementKind.IN, 1_111)
    await drawer.move(shift, MovementKind.OUT, 4_222)
    return shift


async def test_the_x_report_of_ones_own_shift_has_no_sum_of_cash(busy, services, hospital):
    text = text_of((await services.shifts.report(busy.id, hospital.cashier)).pdf)

    for told in ("104.21", "44.21", "22.22", "64.21", "24.21"):
        assert told not in text
    assert text.count("to be counted") == 6  # paid, given back, put in, taken out; and again as payments and refunds
    assert "20.00 €" in text.split("Payments", 1)[1].split("Refunds", 1)[0]  # the cheque


async def test_the_sums_of_the_history_leave_the_open_drawer_out_for_who_counts_it(
    busy, drawer, services, hospital, supervisor
):
    blind = await services.history.totals(_AT_DESK, hospital.cashier)

    assert (blind.payments, blind.to_be_counted) == (3, 2)
    assert [each.tender for each in blind.by_tender] == [Tender.CHEQUE]
    assert blind.paid("EUR") == Money(2_000, "EUR")
    assert blind.refunded("EUR") == Money(0, "EUR")
    assert (await services.history.totals(_AT_DESK, supervisor)).paid("EUR") == Money(6_421, "EUR")

    await services.shifts.close(drawer.closing(busy, 10_421), supervisor)
    assert (await services.history.totals(_AT_DESK, hospital.cashier)).paid("EUR") == Money(6_421, "EUR")
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize("query", [{"tender": Tender.CASH}, {"staff_id": 1}, {"text": "T-D1-000001"}])
async def test_no_filter_makes_the_history_tell_it(busy, services, hospital, query):
    totals = await services.history.totals(PaymentQuery(desk_id=1, **query), hospital.cashier)

    assert totals.to_be_counted
    assert all(each.tender is not Tender.CASH for each in totals.by_tender)


async def test_what_one_patient_paid_is_told(busy, services, hospital):
    patient = await services.history.open_patient(1, hospital.cashier)

    totals = await services.history.totals(PaymentQuery(patient=patient), hospital.cashier)

    assert totals.to_be_counted == 0
    assert Tender.CASH in {each.tender for each in totals.by_tender}


async def test_a_file_of_payments_does_not_hold_the_cash_of_the_open_drawer(
    busy, services, hospital, supervisor, tmp_path
):
    with pytest.raises(Refused, match="counted blind"):
        await services.history.export(_AT_DESK, tmp_path / "all.csv", hospital.cashier)
    assert not (tmp_path / "all.csv").exists()

    cheques = PaymentQuery(desk_id=1, tender=Tender.CHEQUE)
    assert await services.history.export(cheques, tmp_path / "cheques.csv", hospital.cashier) == 1
    assert await services.history.export(_AT_DESK, tmp_path / "all.csv", supervisor) == 3


async def test_a_supervisor_counts_the_own_drawer_as_blind_as_everybody(drawer, services, supervisor, administrator):
    shift = await drawer.open(actor=supervisor)
    await drawer.take(3_333)

    assert "to be counted" in text_of((await services.shifts.report(shift.id, supervisor)).pdf)
    assert (await services.history.totals(_AT_DESK, supervisor)).to_be_counted == 1
    assert (await services.history.totals(_AT_DESK, administrator)).to_be_counted == 0


async def test_who_reads_the_journal_does_not_read_there_what_should_be_in_the_own_drawer(
    drawer, services, hospital, supervisor, administrator, tmp_path
):
    shift = await drawer.open(actor=administrator)
    await drawer.take(3_333)
    await services.shifts.report(shift.id, supervisor)
    await services.shifts.count(DrawerCount(shift_id=shift.id, pieces={}), supervisor)
    query = JournalQuery(subject="shift", subject_id=str(shift.id))

    async def told(actor):
        rows = (await services.journal.page(query, actor)).rows
        return {row.action: json.loads(row.facts).get("expected_minor") for row in rows}

    assert set((await told(administrator)).values()) == {None, "…"}
    with pytest.raises(Refused, match="counted blind"):
        await services.journal.export(JournalQuery(), tmp_path / "journal.csv", administrator)

    await services.shifts.close(drawer.closing(shift, 13_333), administrator)
    assert (await told(administrator))[DeedKind.X_REPORT_MADE] == 13_333
    assert await services.journal.export(JournalQuery(), tmp_path / "journal.csv", administrator)


async def test_no_refusal_tells_how_much_there_is(drawer, services, hospital, supervisor):
    shift = await drawer.open(100)
    paid = await drawer.take(3_333)
    await drawer.move(shift, MovementKind.OUT, 3_400)
    request = refund_of(paid.id, 3_000)
    await services.refunds.request(request, hospital.cashier)

    refusals = []
    for asking in (
        drawer.move(shift, MovementKind.OUT, 34),
        services.refunds.approve(request.refund_id, supervisor),
        services.shifts.check_closing(shift.id, hospital.cashier),
    ):
        with pytest.raises(Refused) as refused:
            await asking
        refusals.append(str(refused.value))

    assert "0.33" not in " ".join(refusals)
    assert (await actions(services, shift.id)).count(DeedKind.CASH_OUT_REFUSED) == 1
