"""Whatever the hospital's system sends meanwhile: money stays with the patient and the currency it was paid in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from cashier.assembly import Services
from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import PROGRAM
from cashier.books.payment import Payment
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.payments.settlement import take_in_report
from cashier.receipts.service import Receipts
from cashier.tenders.tender import Tender
from tests.invoices.arriving import a_line, an_invoice, import_lines
from tests.payments.patient import pay_on_page
from tests.refunds.conftest import asking
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import SampleHospital

pytestmark = pytest.mark.both_databases

NUMBER = "W-1"
OTHERS = {"record_number": "MRN-9", "patient_name": "Third Person"}


@dataclass(frozen=True, kw_only=True)
class Office:
    """The hospital's system, which sends one invoice of 120.00 € again and again, and the desk."""

    services: Services
    hospital: SampleHospital

    async def send(self, total_minor: int = 12_000, **changes: Any) -> None:
        """Send the invoice, with what is new about it."""
        facts = {"record_number": "MRN-8", "patient_name": "Wanda Weiss", "lines": (a_line(total_minor),), **changes}
        await take_in(self.services.database, [an_invoice(NUMBER, **facts)])

    async def invoice(self) -> Invoice:
        """Return the invoice as it is now."""
        async with self.services.database.reading() as session:
            return (await session.execute(sa.select(Invoice).where(Invoice.number == NUMBER))).scalar_one()

    async def begin(self) -> Any:
        """Begin to pay the invoice on Stripe's page."""
        self.hospital.invoice_ids[NUMBER] = (await self.invoice()).id
        order = order_for(self.hospital, NUMBER)
        return await self.services.payments.begin(order, self.hospital.cashier)

    async def give_back(self, payment: Any, amount_minor: int = 12_000, *, reopens: bool = False) -> Any:
        """Refund so much of the payment, for good."""
        request = asking(payment, amount_minor, reopens=reopens)
        await self.services.refunds.request(request, self.hospital.cashier)
        return await self.services.refunds.approve(request.refund_id, self.hospital.colleague)


@pytest.fixture
async def office(services: Services, hospital: SampleHospital) -> Office:
    """The invoice is there."""
    office = Office(services=services, hospital=hospital)
    await office.send()
    return office


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (OTHERS, r"Another patient is paying W-1 just now.* MRN-9.*under a number of its own"),
        ({"currency": "USD"}, r"W-1 is being paid in EUR just now; it cannot become USD.*under a number of its own"),
        ({**OTHERS, "cancelled": True}, "Another patient"),
    ],
)
async def test_what_is_being_paid_keeps_its_patient_and_currency(office, change, reason):
    begun = await office.begin()

    with pytest.raises(Refused, match=reason):
        await office.send(**change)

    await pay_on_page(begun.page_url)
    view = await office.services.payments.refresh(begun.id)
    assert (view.surplus, (await office.invoice()).balance_minor) == (Money(0, "EUR"), 0)


@pytest.mark.parametrize("gives_back", [False, True])
@pytest.mark.parametrize("change", [OTHERS, {"currency": "USD"}])
async def test_what_has_had_money_keeps_its_patient_and_currency(office, change, gives_back):
    payment = await paid(office)
    if gives_back:
        await office.give_back(payment, reopens=True)

    with pytest.raises(Refused, match=r"(Another patient has paid for|is paid in EUR).*number of its own"):
        await office.send(**change)


@pytest.mark.parametrize("change", [OTHERS, {"currency": "USD"}])
async def test_what_nobody_pays_or_paid_may_change(office, change):
    begun = await office.begin()
    await office.services.payments.cancel(begun.id, office.hospital.cashier)

    await office.send(**change)

    assert await contradictions_in(office.services.database) == []


@pytest.mark.parametrize(
    ("change", "kept", "credit"),
    [
        ({"total_minor": 15_000}, 12_000, 0),
        ({"total_minor": 7_000}, 7_000, 5_000),
        ({"insurer_share_minor": 12_000}, 0, 12_000),
        ({"cancelled": True}, 0, 12_000),
        ({"cancelled": True, "lines": ()}, 0, 12_000),
    ],
)
async def test_another_amount_and_a_cancellation_are_taken_in_while_it_is_paid(office, change, kept, credit):
    begun = await office.begin()

    await office.send(**change)

    await pay_on_page(begun.page_url)
    view = await office.services.payments.refresh(begun.id)
    assert (view.unallocated, (await office.invoice()).paid_minor) == (Money(credit, "EUR"), kept)
    assert await contradictions_in(office.services.database) == []


@pytest.mark.parametrize("change", [OTHERS, {"currency": "USD"}])
async def test_money_that_comes_after_all_does_not_pay_what_the_invoice_became(office, change):
    """The payment was given up, so the invoice was free to change; then the money came."""
    begun = await office.begin()
    database = office.services.database

    async def learn(standing: Standing) -> None:
        received = Money(12_000, "EUR") if standing is Standing.PAID else None
        report = PaymentReport(standing=standing, intent_id="pi_late", received=received)
        async with database.transaction() as session:
            payment = await session.get_one(Payment, begun.id)
            assert await take_in_report(session, Receipts(database), payment, report, PROGRAM)

    await learn(Standing.CANCELLED)
    await office.send(**change)
    await learn(Standing.PAID)

    view = await office.services.payments.view(begun.id)
    assert (view.unallocated, (await office.invoice()).paid_minor) == (Money(12_000, "EUR"), 0)
    assert await contradictions_in(database) == []


async def test_what_was_given_back_for_good_can_be_cancelled(office):
    await office.give_back(await paid(office))

    await office.send(cancelled=True)

    assert (await office.invoice()).status is InvoiceStatus.CANCELLED
    assert await contradictions_in(office.services.database) == []


@pytest.mark.parametrize("lines", [(), (a_line(3_000),)])
async def test_what_was_given_back_for_good_can_be_cancelled_without_its_lines(office, lines):
    await office.give_back(await paid(office))

    await office.send(cancelled=True, lines=lines)

    assert (await office.invoice()).status is InvoiceStatus.CANCELLED


@pytest.mark.parametrize(("total_minor", "balance_minor"), [(4_000, 0), (9_000, 0), (12_000, 0), (13_000, 1_000)])
async def test_the_part_given_back_for_good_can_be_taken_off_the_invoice(office, total_minor, balance_minor):
    await office.give_back(await paid(office), 8_000)

    await office.send(total_minor)
    await office.send(total_minor)

    assert (await office.invoice()).balance_minor == balance_minor
    assert await contradictions_in(office.services.database) == []


@pytest.mark.parametrize(
    ("change", "reason"), [({"total_minor": 3_999}, "less than what is paid"), ({"cancelled": True}, "cancelled")]
)
async def test_what_is_left_of_the_money_keeps_the_invoice(office, change, reason):
    await office.give_back(await paid(office), 8_000)

    with pytest.raises(Refused, match=reason):
        await office.send(**change)


@pytest.mark.parametrize("reopens", [True, False])
@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"cancelled": True}, 0),
        ({"cancelled": True, "lines": ()}, 0),
        ({"total_minor": 7_000}, 7_000),
        ({"total_minor": 15_000}, 12_000),
    ],
)
async def test_a_refund_that_fails_later_pays_what_is_owed_by_then(office, sandbox, reopens, change, kept):
    payment = await paid(office, card="4000000000005126")
    view = await office.give_back(payment, reopens=reopens)
    await office.send(**change)

    sandbox.order("clock", advance_seconds=20 * 24 * 3600)
    await office.services.refunds.look_at(view.stripe_refund_id)

    on_account = (await office.services.payments.view(payment.id)).unallocated
    assert ((await office.invoice()).paid_minor, on_account) == (kept, Money(12_000 - kept, "EUR"))
    assert await contradictions_in(office.services.database) == []


async def paid(office: Office, *, card: str = "4242424242424242") -> Any:
    """Pay the invoice by card."""
    begun = await office.begin()
    await pay_on_page(begun.page_url, number=card)
    return await office.services.payments.refresh(begun.id)


async def test_what_several_payments_gave_back_counts_together(office):
    """Two payments of 60.00 €: one went back for good, of the other's refund nobody has decided yet."""
    first, second = [await take_slip(office, 6_000) for _ in range(2)]
    await give_back_by_bank(office, first, 6_000)
    waiting = asking(second, 4_000, reopens=False)
    await office.services.refunds.request(waiting, office.hospital.cashier)

    with pytest.raises(Refused, match="cannot be cancelled"):
        await office.send(cancelled=True)
    with pytest.raises(Refused, match="less than what is paid"):
        await office.send(5_999)
    await office.send(6_000)
    assert (await office.invoice()).balance_minor == 0

    await office.services.refunds.approve(waiting.refund_id, office.hospital.colleague)
    with pytest.raises(Refused, match="less than what is paid"):
        await office.send(2_000)
    await office.services.refund_transfers.note_sent(waiting.refund_id, "BANK-2", office.hospital.cashier)
    await office.send(2_000)
    assert (await office.invoice()).balance_minor == 0

    await give_back_by_bank(office, second, 2_000)
    await office.send(cancelled=True)
    assert (await office.invoice()).status is InvoiceStatus.CANCELLED
    assert await contradictions_in(office.services.database) == []


async def test_a_cancelled_invoice_that_comes_again_is_owed_again(office):
    await office.give_back(await paid(office))
    await office.send(cancelled=True)
    await office.send()
    await office.send(cancelled=True)

    await office.send(15_000)

    invoice = await office.invoice()
    assert (invoice.balance_minor, invoice.returned_minor) == (3_000, 12_000)
    assert await contradictions_in(office.services.database) == []


async def test_one_line_of_a_thousand_that_touches_money_keeps_the_others_in(office):
    await paid(office)
    bad = an_invoice(NUMBER, record_number="MRN-8", patient_name="Wanda Weiss", lines=(a_line(1),))
    others = [an_invoice(f"T-{place}", record_number=f"MRN-T{place}") for place in range(999)]
    lines = [msgspec.json.encode(each) for each in [*others[:700], bad, *others[700:]]]

    report = await import_lines(office.services.database, lines)

    assert (report.added, [problem.line for problem in report.problems]) == (999, [701])
    assert NUMBER in str(report.problems[0].words)
    assert await contradictions_in(office.services.database) == []


async def take_slip(office: Office, amount_minor: int) -> Any:
    """Take so much for the invoice by the bank's terminal."""
    office.hospital.invoice_ids[NUMBER] = (await office.invoice()).id
    order = order_for(office.hospital, NUMBER, amount_minor, tender=Tender.EXTERNAL_TERMINAL, reference="SLIP-1")
    return await office.services.payments.begin(order, office.hospital.cashier)


async def give_back_by_bank(office: Office, payment: Any, amount_minor: int) -> None:
    """Refund so much of it for good, by the hospital's bank."""
    view = await office.give_back(payment, amount_minor)
    await office.services.refund_transfers.note_sent(view.id, "BANK-1", office.hospital.cashier)
