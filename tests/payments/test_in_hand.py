"""Cash, cheques, transfers and the bank's own terminal: settled at once, without Stripe."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from cashier.assembly import open_services
from cashier.books.deeds.deed import DeedKind
from cashier.books.hospital import Hospital
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import JournalEntry
from cashier.books.payment import InvoiceHold, Payment, PaymentState
from cashier.books.receipt import Receipt
from cashier.clock import now
from cashier.errors import Refused
from cashier.money import Money, cash_step_of, round_to_cash
from cashier.payments.views import InvoiceHeld
from cashier.receipts.facts import thaw
from cashier.settings import DeskSettings
from cashier.tenders.tender import BY_DIGIT, Tender
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases

IN_HAND = [tender for tender in BY_DIGIT if tender.row.is_taken_here]


def in_hand(hospital, amount_minor=12_000, *, number=sample_hospital.DUE, tender=Tender.CASH, **facts):
    currency = "JPY" if number == sample_hospital.IN_YEN else "EUR"
    reference = "CHQ 000 471" if tender.row.wants_reference else ""
    facts = {"tender": tender, "reference": reference, **facts}
    return order_for(hospital, number, amount_minor, currency=currency, **facts)


async def read(services, statement):
    async with services.database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def use_coins_of(services, step_minor):
    async with services.database.transaction() as session:
        (await session.get_one(Hospital, 1)).cash_step_minor = step_minor


@pytest.mark.parametrize("tender", IN_HAND)
async def test_what_is_in_hand_is_settled_at_once_and_stripe_hears_nothing(services, hospital, sandbox, tender):
    view = await services.payments.begin(in_hand(hospital, tender=tender), hospital.cashier)

    assert (view.state, view.receipt_number) == (PaymentState.PAID, "T-D1-000001")
    (invoice,) = await read(services, sa.select(Invoice).where(Invoice.number == sample_hospital.DUE))
    assert (invoice.status, invoice.balance_minor) == (InvoiceStatus.PAID, 0)
    assert await read(services, sa.select(InvoiceHold)) == []
    actions = await read(services, sa.select(JournalEntry.action).where(JournalEntry.subject_id == str(view.id)))
    assert actions == [DeedKind.PAYMENT_PREPARED, DeedKind.PAYMENT_PAID]
    assert [each for each in sandbox.exchanges() if "/v1/" in each["path"]] == []
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize("tender", IN_HAND)
async def test_the_same_order_again_takes_nothing_twice(services, hospital, tender):
    order = in_hand(hospital, 5_000, tender=tender)

    views = await asyncio.gather(*(services.payments.begin(order, hospital.cashier) for _ in range(4)))

    assert {view.receipt_number for view in views} == {"T-D1-000001"}
    assert [each.amount_minor for each in await read(services, sa.select(Payment))] == [5_000]


async def test_change_is_what_was_handed_over_less_what_was_due(services, hospital):
    order = in_hand(hospital, tendered=Money(15_000, "EUR"))

    view = await services.payments.begin(order, hospital.cashier)

    assert (view.tendered, view.change) == (Money(15_000, "EUR"), Money(3_000, "EUR"))
    (receipt,) = await read(services, sa.select(Receipt))
    (tender,) = thaw(receipt.facts).tenders
    assert (tender.tendered_minor, tender.change_minor, tender.amount_minor) == (15_000, 3_000, 12_000)


async def test_less_than_what_is_due_is_refused_and_nothing_is_kept(services, hospital):
    order = in_hand(hospital, tendered=Money(11_999, "EUR"))

    with pytest.raises(Refused, match="less than"):
        await services.payments.begin(order, hospital.cashier)

    assert await read(services, sa.select(Payment)) == []


@pytest.mark.parametrize(("amount_minor", "taken_minor"), [(11_998, 12_000), (11_997, 11_995), (11_995, 11_995)])
async def test_cash_is_rounded_where_small_coins_are_missing_and_the_invoice_is_not(
    services, hospital, amount_minor, taken_minor
):
    await use_coins_of(services, 5)

    view = await services.payments.begin(in_hand(hospital, amount_minor), hospital.cashier)

    assert view.amount == Money(amount_minor, "EUR")
    assert view.tendered == Money(taken_minor, "EUR")
    assert view.rounding == Money(taken_minor - amount_minor, "EUR")
    assert view.change == Money(0, "EUR")
    assert await contradictions_in(services.database) == []


async def test_an_amount_below_the_smallest_coin_is_refused(services, hospital):
    await use_coins_of(services, 10)

    with pytest.raises(Refused, match="coins"):
        await services.payments.begin(in_hand(hospital, 4), hospital.cashier)


@given(
    amount_minor=st.integers(1, 10_000_000), more=st.integers(0, 100_000), currency=st.sampled_from(["EUR", "CHF"])
)
def test_what_is_taken_and_given_back_always_adds_up(amount_minor, more, currency):
    amount = Money(amount_minor, currency)
    taken = round_to_cash(amount, cash_step_of(currency))
    tendered = taken + Money(more, currency)

    rounding = taken - amount

    assert tendered - amount - rounding == Money(more, currency)


async def test_an_invoice_that_a_card_is_paying_takes_no_cash(services, hospital):
    await services.payments.begin(in_hand(hospital, tender=Tender.CHECKOUT), hospital.colleague)

    with pytest.raises(InvoiceHeld):
        await services.payments.begin(in_hand(hospital), hospital.cashier)


async def test_more_than_what_is_due_is_refused(services, hospital):
    with pytest.raises(Refused, match="more than"):
        await services.payments.begin(in_hand(hospital, 12_001), hospital.cashier)


@pytest.mark.parametrize("tender", [tender for tender in IN_HAND if tender.row.wants_reference])
async def test_a_reference_is_wanted_where_the_bank_has_the_money(services, hospital, tender):
    with pytest.raises(Refused, match="reference"):
        await services.payments.begin(in_hand(hospital, tender=tender, reference="  "), hospital.cashier)


async def test_a_card_number_is_no_reference(services, hospital):
    order = in_hand(hospital, tender=Tender.EXTERNAL_TERMINAL, reference="4242 4242 4242 4242")

    with pytest.raises(Refused, match="card number"):
        await services.payments.begin(order, hospital.cashier)

    assert await read(services, sa.select(Payment)) == []


async def test_what_a_desk_does_not_offer_is_refused_there(settings, keychain, hospital):
    only_cash = msgspec.structs.replace(settings, desk=DeskSettings(code="D1", tenders=(Tender.CASH,), shifts=False))
    async with open_services(only_cash, keychain) as services:
        with pytest.raises(Refused, match="does not take"):
            await services.payments.begin(in_hand(hospital, tender=Tender.CHECKOUT), hospital.cashier)
        view = await services.payments.begin(in_hand(hospital), hospital.cashier)

    assert view.state is PaymentState.PAID


async def test_small_amounts_that_no_card_takes_are_paid_in_cash(services, hospital):
    view = await services.payments.begin(in_hand(hospital, 30, number=sample_hospital.TINY), hospital.cashier)

    assert view.state is PaymentState.PAID


async def test_stripes_records_are_not_searched_for_cash(services, hospital):
    await services.payments.begin(in_hand(hospital), hospital.cashier)

    found = await services.reconciliation.compare(now() - timedelta(hours=1), now() + timedelta(hours=1))

    assert found == 0
