"""The payment history against the sandbox: who sees what, pages and sums that agree."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.books.payment import Payment, PaymentState
from cashier.books.staff import Role, Staff
from cashier.clock import now
from cashier.errors import Refused
from cashier.history.views import PaymentQuery
from cashier.money import Money
from cashier.tenders.tender import Tender
from tests.payments.patient import patient_of
from tests.surroundings import sample_hospital

pytestmark = pytest.mark.both_databases

INSUFFICIENT = "4000000000009995"
CHALLENGED = "4000002760003184"


async def ids(services, query, actor):
    return [row.id for row in (await services.history.page(query, actor)).rows]


async def entries(services, action):
    async with services.database.reading() as session:
        found = await session.execute(sa.select(JournalEntry).where(JournalEntry.action == action))
        return list(found.scalars())


async def begun_at(services, payment, moment):
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).where(Payment.id == payment.id).values(created_at=moment))


async def test_a_row_says_what_became_of_the_payment(services, hospital, pay, refund, at_desk):
    paid = await pay(amount_minor=5_000)
    await refund(paid, 1_500)

    (row,) = (await services.history.page(at_desk, hospital.cashier)).rows

    assert (row.id, row.state, row.tender) == (paid.id, PaymentState.PAID, Tender.CHECKOUT)
    assert (row.amount, row.refunded, row.net) == (Money(5_000, "EUR"), Money(1_500, "EUR"), Money(3_500, "EUR"))
    assert (row.patient_name, row.record_number) == ("Ana Núñez", "MRN-0000101")
    assert (row.invoices, row.receipt_number) == ((sample_hospital.DUE,), "T-D1-000001")
    assert (row.card_brand, row.card_last_four) == ("visa", "4242")
    assert (row.desk, row.cashier) == ("D1", "Casey Sample")


async def test_pages_follow_each_other_without_gap_or_double(services, hospital, begin, at_desk):
    moment = now().replace(microsecond=0)
    begun = []
    for place in range(7):
        payment = await begin(amount_minor=1_000)
        await services.payments.cancel(payment.id, hospital.cashier)
        # Several in one moment: the id decides.
        await begun_at(services, payment, moment - timedelta(minutes=place // 3))
        begun.append(payment.id)

    seen, after = [], None
    while True:
        page = await services.history.page(at_desk, hospital.cashier, after=after, limit=2)
        seen += page.rows
        after = page.after
        if after is None:
            break
    jumped = await services.history.page(at_desk, hospital.cashier, skip=4, limit=10)

    assert sorted(row.id for row in seen) == sorted(begun)
    assert [row.key for row in seen] == sorted((row.key for row in seen), reverse=True)
    assert jumped.rows == tuple(seen[4:])


async def test_a_cashier_sees_the_own_desk_and_a_supervisor_every_desk(services, hospital, begin, at_desk):
    here = await begin(actor=hospital.cashier)
    there = await begin(sample_hospital.DUE_OF_OTHER_PATIENT, actor=hospital.colleague)

    assert await ids(services, at_desk, hospital.cashier) == [here.id]
    assert await ids(services, PaymentQuery(), hospital.colleague) == [there.id, here.id]
    for query in (PaymentQuery(), PaymentQuery(desk_id=2), PaymentQuery(staff_id=hospital.cashier_id)):
        with pytest.raises(Refused, match="other desks is for"):
            await services.history.page(query, hospital.cashier)
        with pytest.raises(Refused, match="other desks is for"):
            await services.history.totals(query, hospital.cashier)


async def test_a_cashier_may_export_no_other_desk(services, hospital, begin, tmp_path):
    await begin(actor=hospital.colleague)

    with pytest.raises(Refused, match="other desks is for"):
        await services.history.export(PaymentQuery(desk_id=2), tmp_path / "all.csv", hospital.cashier)

    assert list(tmp_path.glob("*.csv")) == []


async def test_who_has_left_sees_nothing(services, hospital, pay, at_desk):
    paid = await pay()
    async with services.database.transaction() as session:
        await session.execute(sa.update(Staff).where(Staff.id == hospital.cashier_id).values(is_active=False))

    for looking in (
        services.history.page(at_desk, hospital.cashier),
        services.history.payment(paid.id, hospital.cashier),
        services.history.open_patient(1, hospital.cashier),
        services.history.page(at_desk, journal.PROGRAM),
    ):
        with pytest.raises(Refused, match="is for"):
            await looking


async def test_an_auditor_sees_every_desk(services, hospital, begin):
    begun = await begin(actor=hospital.colleague)
    async with services.database.transaction() as session:
        await session.execute(sa.update(Staff).where(Staff.id == hospital.cashier_id).values(role=Role.AUDITOR))

    assert await ids(services, PaymentQuery(), hospital.cashier) == [begun.id]
    choices = await services.history.choices(hospital.cashier)
    assert (choices.sees_every_desk, [str(desk.words).split()[0] for desk in choices.desks]) == (True, ["D1", "D2"])


async def test_a_cashier_may_choose_the_own_desk_only(services, hospital):
    choices = await services.history.choices(hospital.cashier)

    assert (choices.sees_every_desk, [desk.id for desk in choices.desks]) == (False, [hospital.desk_id])
    names = [str(each.words) for each in choices.cashiers]
    assert {"Casey Sample", "Sol Example"} <= set(names)
    assert names == sorted(names)


async def test_a_patients_payments_are_those_of_all_desks(services, hospital, begin):
    here = await begin(sample_hospital.DUE, actor=hospital.cashier)
    there = await begin(sample_hospital.DUE_OF_SAME_PATIENT, actor=hospital.colleague)
    await begin(sample_hospital.DUE_OF_OTHER_PATIENT, actor=hospital.cashier)

    patient = await services.history.open_patient(await patient_of(services, hospital), hospital.cashier)

    assert patient.name == "Ana Núñez"
    assert await ids(services, PaymentQuery(patient=patient), hospital.cashier) == [there.id, here.id]


async def test_looking_at_a_patients_payments_is_written_down_once_per_opening(services, hospital, begin):
    await begin()
    patient_id = await patient_of(services, hospital)

    patient = await services.history.open_patient(patient_id, hospital.cashier)
    for _ in range(3):
        await services.history.page(PaymentQuery(patient=patient), hospital.cashier)
        await services.history.totals(PaymentQuery(patient=patient), hospital.cashier)

    (entry,) = await entries(services, DeedKind.PAYMENTS_VIEWED)
    assert (entry.subject, entry.subject_id, entry.staff_id) == ("patient", str(patient_id), hospital.cashier_id)
    assert "Ana" not in entry.facts
    with pytest.raises(Refused, match="does not exist"):
        await services.history.open_patient(99_999, hospital.cashier)


async def test_days_are_those_of_the_hospital(services, hospital, begin, at_desk):
    begun = await begin()
    # 23:30 in Greenwich is the next day in Madrid; the clocks there went back on 25 October 2026.
    await begun_at(services, begun, datetime(2026, 10, 24, 22, 30, tzinfo=UTC))

    def on(day):
        return services.history.page(PaymentQuery(desk_id=1, first_day=day, last_day=day), hospital.cashier)

    assert [row.id for row in (await on(date(2026, 10, 25))).rows] == [begun.id]
    assert (await on(date(2026, 10, 24))).rows == ()
    await begun_at(services, begun, datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC))
    assert [row.id for row in (await on(date(2026, 10, 25))).rows] == [begun.id]
    await begun_at(services, begun, datetime(2026, 10, 25, 23, 0, tzinfo=UTC))
    assert (await on(date(2026, 10, 25))).rows == ()


async def test_filters_narrow_together(services, hospital, begin, pay, at_desk):
    paid = await pay()
    open_one = await begin(sample_hospital.DUE_OF_OTHER_PATIENT)

    async def found(**changes):
        query = PaymentQuery(desk_id=hospital.desk_id, **changes)
        return await ids(services, query, hospital.cashier)

    assert await found(states=frozenset({PaymentState.PAID})) == [paid.id]
    assert await found(states=frozenset({PaymentState.OPEN, PaymentState.PREPARED})) == [open_one.id]
    assert await found(tender=Tender.CASH) == []
    assert await found(tender=Tender.CHECKOUT, staff_id=hospital.cashier_id) == [open_one.id, paid.id]
    assert await found(staff_id=hospital.supervisor_id) == []


async def test_a_payment_is_found_by_each_of_its_numbers(services, hospital, begin, pay, refund):
    paid = await pay()
    given_back = await refund(paid, 300)
    await begin(sample_hospital.DUE_OF_OTHER_PATIENT)
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).where(Payment.id == paid.id).values(reference="CHQ-778"))

    for text in (
        "T-D1-000001",
        "t-d1-1",
        "1",
        sample_hospital.DUE,
        sample_hospital.DUE.lower(),
        paid.stripe_session_id,
        paid.stripe_intent_id,
        f"  {paid.stripe_charge_id} ",
        given_back.stripe_refund_id,
        "chq-778",
        str(paid.id),
        str(paid.id)[:8].upper(),
    ):
        found = await ids(services, PaymentQuery(desk_id=hospital.desk_id, text=text), hospital.cashier)
        assert found == [paid.id], text
    assert await ids(services, PaymentQuery(desk_id=hospital.desk_id, text="Ana"), hospital.cashier) == []


async def test_the_sums_are_those_of_what_was_paid_and_went_back(services, hospital, begin, pay, refund, at_desk):
    paid = await pay(amount_minor=5_000)
    await pay(sample_hospital.DUE_OF_OTHER_PATIENT, 2_000)
    await refund(paid, 1_500)
    await begin(sample_hospital.DUE_OF_SAME_PATIENT, 4_500)

    totals = await services.history.totals(at_desk, hospital.cashier)

    assert totals.payments == 3
    assert totals.currencies == ("EUR",)
    assert [(each.tender, each.payments) for each in totals.by_tender] == [(Tender.CHECKOUT, 2)]
    assert (totals.paid("EUR"), totals.refunded("EUR")) == (Money(7_000, "EUR"), Money(1_500, "EUR"))
    assert totals.net("EUR") == Money(5_500, "EUR")


async def test_where_nothing_was_paid_there_are_no_sums(services, hospital, begin, at_desk):
    assert (await services.history.totals(at_desk, hospital.cashier)).payments == 0
    await begin()

    totals = await services.history.totals(at_desk, hospital.cashier)

    assert (totals.payments, totals.by_tender) == (1, ())


async def test_an_export_holds_what_the_query_finds_and_is_written_down(services, hospital, pay, at_desk, tmp_path):
    await pay(amount_minor=5_000)
    await pay(sample_hospital.DUE_OF_OTHER_PATIENT, 2_000)
    file = tmp_path / "today.csv"

    written = await services.history.export(at_desk, file, hospital.cashier)

    assert written == 2
    assert len(file.read_text(encoding="utf-8-sig").splitlines()) == 3
    (entry,) = await entries(services, DeedKind.PAYMENTS_EXPORTED)
    assert (entry.subject, entry.subject_id, entry.staff_id) == ("desk", "1", hospital.cashier_id)
    assert json.loads(entry.facts) == {"rows": 2, "file": "today.csv", "filters": {"desk": 1}}
