"""The hospital changes an invoice while money is about to be taken: nobody is charged what was not agreed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from cashier.books.invoice import Invoice
from cashier.books.payment import DepositUse, Payment, PaymentState
from cashier.books.saved_card import SavedCard
from cashier.errors import Unreachable
from cashier.identifiers import new_id
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.payments.views import DueChanged, PaymentShare
from cashier.tenders.tender import Tender
from tests.invoices.arriving import a_line, an_invoice
from tests.payments.patient import patient_of, pay_on_page
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.card_reader import place_reader
from tests.surroundings.orders import order_for, order_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases

AGREED = Money(12_000, "EUR")
OFF = [{"total_minor": 4_000}, {"cancelled": True}]


async def send(services, total_minor=12_000, *, number=DUE, **changes):
    """The hospital's system sends the invoice again, with what is new about it."""
    facts = {"record_number": "MRN-0000101", "patient_name": "Ana Núñez", "lines": (a_line(total_minor),), **changes}
    await take_in(services.database, [an_invoice(number, **facts)])


async def count(services, table):
    async with services.database.reading() as session:
        return (await session.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()


def agreed_order(hospital, **facts):
    return order_of(PaymentShare(invoice_id=hospital.invoice_ids[DUE], amount=AGREED, agreed_due=AGREED), **facts)


def charged(sandbox):
    return [each["amount"] for each in sandbox.ask("/v1/charges")["data"] if each["status"] == "succeeded"]


@pytest.mark.parametrize("tender", [Tender.CHECKOUT, Tender.EXTERNAL_TERMINAL])
@pytest.mark.parametrize(("total_minor", "due"), [(4_000, "40.00"), (15_000, "150.00")])
async def test_nothing_begins_where_another_amount_is_due_than_was_agreed(
    services, hospital, sandbox, tender, total_minor, due
):
    await send(services, total_minor)

    with pytest.raises(DueChanged, match=rf"120\.00 € were due on {DUE} .* now {due} € are\. Nothing was taken"):
        await services.payments.begin(agreed_order(hospital, tender=tender, reference="R-1"), hospital.cashier)

    assert (await count(services, Payment), charged(sandbox)) == (0, [])


async def test_what_was_begun_is_repeated_though_another_amount_is_due_by_now(services, hospital):
    order = agreed_order(hospital)
    begun = await services.payments.begin(order, hospital.cashier)
    await send(services, 4_000)

    again = await services.payments.begin(order, hospital.cashier)

    assert (again.id, again.state) == (begun.id, PaymentState.OPEN)


@pytest.mark.parametrize("total_minor", [4_000, 15_000])
async def test_the_account_pays_nothing_where_another_amount_is_due_than_was_agreed(services, hospital, total_minor):
    ana = await patient_of(services, hospital)
    deposit = order_of(tender=Tender.CHEQUE, reference="C-1", patient_id=ana, deposit=AGREED)
    await services.payments.begin(deposit, hospital.cashier)
    await send(services, total_minor)
    use = DepositOrder(use_id=new_id(), invoice_id=hospital.invoice_ids[DUE], amount=AGREED, agreed_due=AGREED)

    with pytest.raises(DueChanged):
        await services.deposits.use([use], hospital.cashier)

    assert await count(services, DepositUse) == 0


@pytest.mark.parametrize("off", OFF)
async def test_what_was_never_opened_is_taken_back_when_the_invoice_takes_less(services, hospital, sandbox, off):
    """Stripe did not answer, the invoice was lowered: whoever recovers does not charge what was due before."""
    card = await saved_card(services, hospital, sandbox)
    order = agreed_order(hospital, tender=Tender.SAVED_CARD, saved_card_id=card)
    sandbox.order("troubles", path="/v1/payment_intents", method="POST", times=2, drop=True, when="before")
    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)
    await send(services, **off)

    view = await services.payments.refresh(order.payment_id)

    assert (view.state, charged(sandbox)) == (PaymentState.CANCELLED, [4_500])
    assert await contradictions_in(services.database) == []


async def test_what_was_charged_before_the_invoice_was_lowered_is_found_and_the_rest_is_credit(
    services, hospital, sandbox
):
    """The card was charged, only the answer was lost."""
    card = await saved_card(services, hospital, sandbox)
    order = agreed_order(hospital, tender=Tender.SAVED_CARD, saved_card_id=card)
    sandbox.order("troubles", path="/v1/payment_intents", method="POST", times=2, drop=True, when="after")
    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)
    await send(services, 4_000)

    view = await services.payments.refresh(order.payment_id)

    assert (view.state, view.surplus) == (PaymentState.PAID, Money(8_000, "EUR"))
    assert sorted(charged(sandbox)) == [4_500, 12_000]
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize("off", OFF)
async def test_nobody_is_asked_for_a_card_again_where_the_invoice_takes_less(services, hospital, sandbox, off):
    reader = await place_reader(services, hospital, sandbox)
    begun = await services.payments.begin(
        agreed_order(hospital, tender=Tender.READER, reader_id=reader.id), hospital.cashier
    )
    reader.present("visa_chargeDeclined")
    await services.payments.refresh(begun.id)
    await send(services, **off)

    with pytest.raises(DueChanged):
        await services.payments.ask_reader(begun.id, hospital.cashier)

    assert reader.asks_for is None


@pytest.mark.parametrize("off", [{"total_minor": 4_000}, {"total_minor": 15_000}, {"cancelled": True}])
async def test_an_import_in_the_moment_of_confirmation_loses_nothing(services, hospital, off):
    """Either comes first: the import is refused, or the rest is the patient's credit. Never both, never neither."""
    begun = await services.payments.begin(agreed_order(hospital), hospital.cashier)
    await pay_on_page(begun.page_url)

    answers: list[Any] = await asyncio.gather(
        send(services, **off), *(services.payments.refresh(begun.id) for _ in range(3)), return_exceptions=True
    )

    imported, view = answers[0], answers[1]
    async with services.database.reading() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[DUE])
    assert (view.state, invoice.paid_minor + view.unallocated.amount_minor) == (PaymentState.PAID, 12_000)
    if imported is not None:
        assert "paid" in str(imported)
        assert (invoice.balance_minor, view.unallocated.amount_minor) == (0, 0)
    assert await contradictions_in(services.database) == []


async def saved_card(services, hospital, sandbox):
    """The key of a card that the patient saved when another invoice was paid."""
    begun = await services.payments.begin(order_for(hospital, DUE_OF_SAME_PATIENT, 4_500), hospital.cashier)
    await pay_on_page(begun.page_url, save=True)
    await services.payments.refresh(begun.id)
    async with services.database.reading() as session:
        return (await session.execute(sa.select(SavedCard.id))).scalar_one()
