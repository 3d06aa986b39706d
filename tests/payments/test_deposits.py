"""Money on a patient's account: paid in beside an invoice or alone, used for invoices later, refunded."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import JournalEntry
from cashier.books.payment import Allocation, PaymentState
from cashier.books.receipt import Receipt
from cashier.books.refund import RefundState
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.payments.views import InvoiceHeld
from cashier.receipts.facts import thaw
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, order_of, refund_of, share_of

pytestmark = pytest.mark.both_databases


async def read(services, statement):
    async with services.database.reading() as session:
        return list((await session.execute(statement)).scalars())


async def the_invoice(services, number):
    return (await read(services, sa.select(Invoice).where(Invoice.number == number)))[0]


@pytest.fixture
async def ana(services):
    """The key of the patient whose account it is."""
    return (await the_invoice(services, sample_hospital.DUE)).patient_id


async def pay_in(services, hospital, patient_id, amount_minor, *, tender=Tender.CASH, shares=()):
    order = order_of(shares=shares, tender=tender, patient_id=patient_id, deposit=Money(amount_minor, "EUR"))
    return await services.payments.begin(order, hospital.cashier)


def use_of(hospital, amount_minor, *, number=sample_hospital.DUE, use_id=None, currency="EUR"):
    return DepositOrder(
        use_id=use_id or new_id(), invoice_id=hospital.invoice_ids[number], amount=Money(amount_minor, currency)
    )


async def test_a_deposit_alone_is_on_the_patients_account(services, hospital, ana):
    view = await pay_in(services, hospital, ana, 5_000)

    assert (view.state, view.deposit, view.surplus) == (PaymentState.PAID, Money(5_000, "EUR"), Money(0, "EUR"))
    assert await services.deposits.of_patient(ana) == (Money(5_000, "EUR"),)
    (receipt,) = await read(services, sa.select(Receipt))
    assert (thaw(receipt.facts).deposit_minor, thaw(receipt.facts).invoices) == (5_000, ())
    assert await contradictions_in(services.database) == []


async def test_what_is_paid_beyond_an_invoice_is_a_deposit(services, hospital, ana):
    view = await pay_in(services, hospital, ana, 3_000, shares=(share_of(hospital),))

    assert view.amount == Money(15_000, "EUR")
    assert (await the_invoice(services, sample_hospital.DUE)).status is InvoiceStatus.PAID
    assert await services.deposits.of_patient(ana) == (Money(3_000, "EUR"),)
    assert await contradictions_in(services.database) == []


async def test_a_deposit_by_card_is_there_when_the_card_is_charged(services, hospital, ana):
    begun = await pay_in(services, hospital, ana, 5_000, tender=Tender.CHECKOUT)
    assert await services.deposits.of_patient(ana) == ()

    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)

    assert await services.deposits.of_patient(ana) == (Money(5_000, "EUR"),)
    assert await contradictions_in(services.database) == []


async def test_a_deposit_pays_an_invoice_later_the_oldest_money_first(services, hospital, ana):
    first = await pay_in(services, hospital, ana, 5_000)
    second = await pay_in(services, hospital, ana, 9_000)

    await services.deposits.use([use_of(hospital, 12_000)], hospital.cashier)

    invoice = await the_invoice(services, sample_hospital.DUE)
    assert (invoice.status, invoice.balance_minor) == (InvoiceStatus.PAID, 0)
    allocated = await read(services, sa.select(Allocation).order_by(Allocation.id))
    assert [(each.payment_id, each.amount_minor) for each in allocated] == [(first.id, 5_000), (second.id, 7_000)]
    assert await services.deposits.of_patient(ana) == (Money(2_000, "EUR"),)
    assert DeedKind.DEPOSIT_USED in await read(services, sa.select(JournalEntry.action))
    assert await contradictions_in(services.database) == []


async def test_the_same_use_again_changes_nothing_also_at_the_same_time(services, hospital, ana):
    await pay_in(services, hospital, ana, 9_000)
    order = use_of(hospital, 4_000)

    await asyncio.gather(*(services.deposits.use([order], hospital.cashier) for _ in range(4)))

    assert await services.deposits.of_patient(ana) == (Money(5_000, "EUR"),)


async def test_two_desks_cannot_use_the_same_money(services, hospital, ana):
    await pay_in(services, hospital, ana, 5_000)
    orders = [use_of(hospital, 4_000), use_of(hospital, 4_000, number=sample_hospital.DUE_OF_SAME_PATIENT)]

    results = await asyncio.gather(
        *(services.deposits.use([order], hospital.cashier) for order in orders), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Refused"]
    assert await services.deposits.of_patient(ana) == (Money(1_000, "EUR"),)
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize(
    ("number", "amount_minor", "currency", "said"),
    [
        (sample_hospital.DUE, 5_001, "EUR", "on account"),
        (sample_hospital.DUE_OF_SAME_PATIENT, 4_501, "EUR", "Only"),
        (sample_hospital.DUE, 0, "EUR", "above zero"),
        (sample_hospital.DUE, 100, "USD", "is in EUR"),
        (sample_hospital.DUE_OF_OTHER_PATIENT, 100, "EUR", "on account"),
        (sample_hospital.CANCELLED, 100, "EUR", "Nothing is due"),
    ],
)
async def test_what_cannot_be_used_is_refused(services, hospital, ana, number, amount_minor, currency, said):
    await pay_in(services, hospital, ana, 5_000)

    with pytest.raises(Refused, match=said):
        await services.deposits.use(
            [use_of(hospital, amount_minor, number=number, currency=currency)], hospital.cashier
        )

    assert await services.deposits.of_patient(ana) == (Money(5_000, "EUR"),)


async def test_an_invoice_that_is_being_paid_takes_no_deposit(services, hospital, ana):
    await pay_in(services, hospital, ana, 5_000)
    await services.payments.begin(order_for(hospital), hospital.colleague)

    with pytest.raises(InvoiceHeld):
        await services.deposits.use([use_of(hospital, 5_000)], hospital.cashier)


async def test_a_deposit_that_is_promised_to_a_refund_cannot_be_used(services, hospital, ana):
    begun = await pay_in(services, hospital, ana, 5_000, tender=Tender.CHECKOUT)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    request = refund_of(begun.id, 4_000)
    await services.refunds.request(request, hospital.cashier)

    assert await services.deposits.of_patient(ana) == (Money(1_000, "EUR"),)
    with pytest.raises(Refused, match="on account"):
        await services.deposits.use([use_of(hospital, 2_000)], hospital.cashier)


async def test_a_deposit_is_refunded_and_a_used_one_is_due_again(services, hospital, ana):
    begun = await pay_in(services, hospital, ana, 5_000, tender=Tender.CHECKOUT)
    await pay_on_page(begun.page_url)
    await services.payments.refresh(begun.id)
    await services.deposits.use([use_of(hospital, 3_000)], hospital.cashier)
    request = refund_of(begun.id, 5_000)

    await services.refunds.request(request, hospital.cashier)
    refunded = await services.refunds.approve(request.refund_id, hospital.colleague)

    assert refunded.state is RefundState.SUCCEEDED
    assert await services.deposits.of_patient(ana) == ()
    assert (await the_invoice(services, sample_hospital.DUE)).balance_minor == 12_000
    assert await contradictions_in(services.database) == []


async def test_a_deposit_pays_several_invoices_or_none(services, hospital, ana):
    await pay_in(services, hospital, ana, 10_000)
    orders = [use_of(hospital, 8_000), use_of(hospital, 4_500, number=sample_hospital.DUE_OF_SAME_PATIENT)]

    with pytest.raises(Refused, match="on account"):
        await services.deposits.use(orders, hospital.cashier)
    assert await services.deposits.of_patient(ana) == (Money(10_000, "EUR"),)

    await services.deposits.use([use_of(hospital, 5_500), orders[1]], hospital.cashier)
    assert await services.deposits.of_patient(ana) == ()
    assert (await the_invoice(services, sample_hospital.DUE_OF_SAME_PATIENT)).status is InvoiceStatus.PAID


async def test_a_deposit_needs_an_amount_and_a_patient(services, hospital, ana):
    with pytest.raises(Refused, match="above zero"):
        await pay_in(services, hospital, ana, 0)
    with pytest.raises(Refused, match="no such patient"):
        await pay_in(services, hospital, 10_000, 5_000)


async def test_a_deposit_of_somebody_else_cannot_ride_on_an_invoice(services, hospital, ana):
    share = share_of(hospital, sample_hospital.DUE_OF_OTHER_PATIENT, 8_000)

    with pytest.raises(Refused, match="different patients"):
        await pay_in(services, hospital, ana, 1_000, shares=(share,))
