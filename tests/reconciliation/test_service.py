"""Comparing with Stripe: every difference is found once, and what a webhook would have told is none."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.books.difference import DifferenceKind
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import staff_at
from cashier.books.payment import Payment, PaymentState
from cashier.clock import now
from cashier.errors import Refused
from cashier.money import Money
from cashier.reconciliation.tally import LeftOut
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.card_reader import place_reader, reader_order
from tests.surroundings.orders import order_for

SUPERVISOR = staff_at(staff_id=2, desk_id=2)

pytestmark = pytest.mark.both_databases


async def begin(services, hospital, number=sample_hospital.DUE, amount_minor=12_000):
    order = order_for(hospital, number, amount_minor)
    return await services.payments.begin(order, hospital.cashier)


async def compare(services):
    return await services.reconciliation.compare(now() - timedelta(hours=2), now() + timedelta(hours=2))


async def kinds(services):
    return [difference.kind for difference in await services.reconciliation.open_differences(SUPERVISOR)]


def charge_without_a_desk(sandbox, amount="700"):
    sandbox.ask("/v1/payment_intents", amount=amount, currency="eur", payment_method="pm_card_visa", confirm="true",
                return_url="https://example.com", **{"metadata[cashier_payment]": "of another database"})  # fmt: skip


async def test_when_both_agree_there_is_no_difference(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)

    assert await compare(services) == 0


async def test_a_payment_that_nobody_told_us_about_is_settled_and_no_difference(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)

    assert await compare(services) == 0

    assert (await services.payments.view(begun.id)).state is PaymentState.PAID


async def test_a_charge_that_no_desk_asked_for_is_found_once(services, sandbox):
    charge_without_a_desk(sandbox)

    assert await compare(services) == 1
    assert await compare(services) == 0

    (difference,) = await services.reconciliation.open_differences(SUPERVISOR)
    assert (difference.kind, difference.amount) == (DifferenceKind.UNKNOWN_CHARGE, Money(700, "EUR"))


def sale_of_a_shop(sandbox, currency="eur", card="pm_card_visa", **more):
    sandbox.ask("/v1/payment_intents", amount="2500", currency=currency, payment_method=card, confirm="true",
                return_url="https://example.com", **{"metadata[order_id]": "shop-77"}, **more)  # fmt: skip


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_what_other_programs_sell_is_counted_in_one_line_by_currency(services, hospital, sandbox, caplog):
    caplog.set_level(logging.INFO, "cashier.reconciliation")
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)
    sale_of_a_shop(sandbox)
    sale_of_a_shop(sandbox, "usd")
    sale_of_a_shop(sandbox, card="pm_card_createDispute")

    assert await compare(services) == 0

    (line,) = [each for each in caplog.records if each.message == "left out of the comparison"]
    assert (line.charges, line.disputes, line.set_aside) == (3, 1, 0)
    assert line.sums_minor == {"EUR": 5000, "USD": 2500}
    kept = await services.reconciliation.last_comparison()
    assert kept.left_out == LeftOut(charges=3, disputes=1, set_aside=0)


async def paid_long_ago(services, hospital, days, *, number=sample_hospital.DUE, charge):
    """Have a payment that was paid so many days ago, with a charge that Stripe does not know."""
    begun = await begin(services, hospital, number, 3_000)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    at = now() - timedelta(days=days)
    values = {"created_at": at, "settled_at": at, "stripe_charge_id": charge, "stripe_intent_id": f"pi_of_{charge}"}
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).where(Payment.id == begun.id).values(**values))


async def missing(services):
    found = await services.reconciliation.open_differences(SUPERVISOR)
    return {each.stripe_id for each in found if each.kind is DifferenceKind.MISSING_CHARGE}


async def test_every_paid_payment_is_compared_once_however_old(services, hospital, sandbox):
    await paid_long_ago(services, hospital, 17, charge="ch_old")
    await paid_long_ago(services, hospital, 3, number=sample_hospital.DUE_OF_OTHER_PATIENT, charge="ch_missed")

    await services.reconciliation.compare_recent()
    recent = await missing(services)
    await services.reconciliation.compare_older(times=1)
    a_week = await missing(services)
    await services.reconciliation.compare_older(times=9)
    all_of_them = await missing(services)
    asked = sandbox.exchanges()
    await services.reconciliation.compare_older(times=9)

    assert (recent, a_week, all_of_them) == (set(), {"ch_missed"}, {"ch_missed", "ch_old"})
    assert sandbox.exchanges() == asked, "what was compared is not asked about again"
    compared = await services.reconciliation.last_comparison()
    assert now() - timedelta(days=18) < compared.since < now() - timedelta(days=17)


async def test_what_was_paid_while_nothing_compared_is_compared_afterwards(services, hospital):
    before = now() - timedelta(days=30)
    await services.reconciliation.compare(before - timedelta(days=1), before)
    await paid_long_ago(services, hospital, 20, charge="ch_meanwhile")

    await services.reconciliation.compare_recent()

    assert await missing(services) == {"ch_meanwhile"}
    compared = await services.reconciliation.last_comparison()
    assert compared.since == before - timedelta(days=2)
    assert compared.until > now()


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize("table", ["stripe_customer", "former_customer"])
async def test_a_charge_to_a_patients_customer_is_a_difference_without_our_reference(
    services, hospital, sandbox, table
):
    customer = sandbox.ask("/v1/customers", name="nobody")["id"]
    moment = "created_at" if table == "stripe_customer" else "deleted_at"
    (patient,) = hospital.execute("SELECT min(id) AS id FROM patient")
    hospital.execute(
        f"INSERT INTO {table} (patient_id, stripe_id, {moment}) VALUES (:patient, :customer, :moment)",
        patient=patient["id"], customer=customer, moment="2026-01-02 03:04:05.000000",
    )  # fmt: skip
    sale_of_a_shop(sandbox, customer=customer)

    assert await compare(services) == 1
    assert await kinds(services) == [DifferenceKind.UNKNOWN_CHARGE]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_payment_whose_intent_stripe_does_not_have_is_shown_beside_its_neighbours(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).values(stripe_charge_id="ch_gone", stripe_intent_id="pi_gone"))

    await compare(services)

    assert DifferenceKind.MISSING_CHARGE in await kinds(services)
    assert await services.reconciliation.last_comparison() is not None


async def test_money_for_an_invoice_that_was_not_due_any_more_is_shown(services, hospital):
    begun = await begin(services, hospital)
    async with services.database.transaction() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])
        invoice.status = InvoiceStatus.CANCELLED
    await pay_on_page(begun.page_url)

    assert await compare(services) == 1

    assert await kinds(services) == [DifferenceKind.OVERPAID]


async def test_a_payment_that_came_after_it_was_given_up_is_paid_and_shown(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)
    async with services.database.transaction() as session:
        await session.execute(sa.text("UPDATE payment SET state = 'cancelled'"))
        await session.execute(sa.text("DELETE FROM invoice_hold"))

    assert await compare(services) == 1

    assert (await services.payments.view(begun.id)).state is PaymentState.PAID
    assert await kinds(services) == [DifferenceKind.LATE_PAYMENT]
    assert await contradictions_in(services.database) == []


async def test_a_payment_without_a_charge_at_stripe_is_shown(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).values(stripe_charge_id="ch_other", stripe_intent_id=None))

    await compare(services)

    assert DifferenceKind.MISSING_CHARGE in await kinds(services)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_another_amount_at_stripe_than_in_our_books_is_shown_with_both(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    hospital.remove_guards()
    hospital.execute("UPDATE payment SET amount_minor = 11000")

    assert await compare(services) == 1

    (difference,) = await services.reconciliation.open_differences(SUPERVISOR)
    assert (difference.kind, difference.payment_id) == (DifferenceKind.AMOUNT_DIFFERS, begun.id)
    assert difference.amount == Money(12_000, "EUR")
    assert all(words in str(difference.detail) for words in ("120.00", "110.00"))


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_charge_that_our_books_cannot_take_in_is_shown(services, hospital, sandbox):
    reader = await place_reader(services, hospital, sandbox)
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    sandbox.ask(f"/v1/payment_intents/{begun.stripe_intent_id}", currency="usd")
    reader.present()

    assert await compare(services) == 1
    assert await compare(services) == 0

    (difference,) = await services.reconciliation.open_differences(SUPERVISOR)
    assert (difference.kind, difference.amount) == (DifferenceKind.AMOUNT_DIFFERS, Money(12_000, "USD"))
    view = await services.payments.view(begun.id)
    assert view.state is PaymentState.OPEN
    assert "120.00 $ where 120.00 €" in str(view.contradiction)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_charge_in_the_name_of_a_payment_that_was_taken_back_is_shown(services, hospital, sandbox):
    begun = await begin(services, hospital)
    await services.payments.cancel(begun.id, hospital.cashier)
    sandbox.ask("/v1/payment_intents", amount="12000", currency="eur", payment_method="pm_card_visa", confirm="true",
                return_url="https://example.com", **{"metadata[cashier_payment]": str(begun.id)})  # fmt: skip

    assert await compare(services) == 1

    (difference,) = await services.reconciliation.open_differences(SUPERVISOR)
    assert (difference.kind, difference.payment_id) == (DifferenceKind.AMOUNT_DIFFERS, begun.id)
    assert (await services.payments.view(begun.id)).state is PaymentState.CANCELLED


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_charge_of_another_amount_outside_the_compared_time_is_shown(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    hospital.remove_guards()
    hospital.execute("UPDATE payment SET amount_minor = 11000, settled_at = :day", day=now() - timedelta(days=9))

    await services.reconciliation.compare(now() - timedelta(days=10), now() - timedelta(days=8))

    assert DifferenceKind.MISSING_CHARGE in await kinds(services)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_what_is_only_reserved_is_no_charge(services, sandbox):
    sandbox.ask("/v1/payment_intents", amount="700", currency="eur", payment_method="pm_card_visa", confirm="true",
                capture_method="manual", return_url="https://example.com",
                **{"metadata[cashier_payment]": "of another database"})  # fmt: skip

    assert await compare(services) == 0


async def test_a_refund_in_stripes_dashboard_is_taken_in_and_shown(services, hospital, sandbox):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)
    paid = await services.payments.refresh(begun.id)
    sandbox.ask("/v1/refunds", payment_intent=paid.stripe_intent_id, amount="3000")

    assert await compare(services) == 1

    assert await kinds(services) == [DifferenceKind.REFUNDED_ELSEWHERE]
    assert await contradictions_in(services.database) == []


async def test_a_dispute_is_shown_with_its_deadline(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url, number="4000000000000259")

    assert await compare(services) == 1

    (difference,) = await services.reconciliation.open_differences(SUPERVISOR)
    assert difference.kind is DifferenceKind.DISPUTED
    assert difference.payment_id == begun.id
    assert "answer by" in str(difference.detail)


async def test_a_difference_is_settled_once_with_words_by_somebody(services, hospital, sandbox):
    charge_without_a_desk(sandbox)
    await compare(services)
    (difference,) = await services.reconciliation.open_differences(SUPERVISOR)

    with pytest.raises(Refused, match="what was done"):
        await services.reconciliation.resolve(difference.id, "  ", hospital.colleague)
    await services.reconciliation.resolve(difference.id, "A test charge by IT; refunded.", hospital.colleague)
    await services.reconciliation.resolve(difference.id, "Other words.", hospital.colleague)

    assert await services.reconciliation.open_differences(SUPERVISOR) == ()
    (settled,) = (await services.reconciliation.settled_differences(SUPERVISOR)).rows
    assert (settled.resolution, settled.resolved_by) == ("A test charge by IT; refunded.", "Sol Example")
    assert await compare(services) == 0


@pytest.mark.parametrize("change", ["role = 'cashier'", "role = 'auditor'", "is_active = false"])
async def test_who_may_not_settle_a_difference_is_refused_and_the_journal_says_so(
    services, hospital, sandbox, change
):
    charge_without_a_desk(sandbox)
    await compare(services)
    (difference,) = await services.reconciliation.open_differences(SUPERVISOR)
    hospital.execute(f"UPDATE staff SET {change} WHERE id = {hospital.supervisor_id}")

    with pytest.raises(Refused, match="for supervisors and administrators"):
        await services.reconciliation.resolve(difference.id, "It was nothing.", hospital.colleague)

    assert await services.reconciliation.count_open() == 1
    (refused,) = hospital.execute("SELECT staff_id FROM journal_entry WHERE action = 'refused'")
    assert refused["staff_id"] == hospital.supervisor_id


async def test_settled_differences_come_in_pages_the_last_settled_first(services, hospital, sandbox):
    for amount in ("700", "800", "900"):
        charge_without_a_desk(sandbox, amount)
    await compare(services)
    for difference in await services.reconciliation.open_differences(SUPERVISOR):
        await services.reconciliation.resolve(difference.id, str(difference.id), hospital.colleague)

    first = await services.reconciliation.settled_differences(SUPERVISOR, limit=2)
    second = await services.reconciliation.settled_differences(SUPERVISOR, after=first.after, limit=2)

    assert [row.resolved_at for row in first.rows + second.rows] == sorted(
        (row.resolved_at for row in first.rows + second.rows), reverse=True
    )
    assert (len(first.rows), len(second.rows), second.after) == (2, 1, None)


async def test_every_desk_hears_of_a_difference_and_of_its_end(services, hospital, sandbox):
    charge_without_a_desk(sandbox)
    with services.news.watch() as watch:
        while await watch.wait(0.5):
            pass
        await compare(services)
        assert await watch.wait(5)
        while await watch.wait(0.5):
            pass

        (difference,) = await services.reconciliation.open_differences(SUPERVISOR)
        await services.reconciliation.resolve(difference.id, "Refunded.", hospital.colleague)

        assert await watch.wait(5)


async def test_the_sweep_brings_what_no_webhook_brought(services, hospital):
    begun = await begin(services, hospital)
    await pay_on_page(begun.page_url)

    assert await services.sweep.run() > 0
    assert await services.sweep.run() == 0
    while await services.inbox.process_waiting():
        pass

    assert (await services.payments.view(begun.id)).state is PaymentState.PAID
    assert (await services.inbox.status()).waiting == 0
