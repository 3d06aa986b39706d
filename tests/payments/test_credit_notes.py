"""Credit notes: what the hospital owes a patient pays other invoices or goes back, and is never taken for money."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cashier.assembly import Services
from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.journal import JournalEntry
from cashier.books.payment import DepositUse, Payment
from cashier.books.receipt import Receipt
from cashier.books.refund import Refund, RefundState
from cashier.clock import now
from cashier.errors import Refused
from cashier.history.views import PaymentQuery
from cashier.identifiers import new_id
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.payments.views import PaymentShare
from cashier.receipts.facts import thaw
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import CREDIT_TENDER, Tender
from tests.invoices.arriving import a_line, an_invoice, import_lines
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_of, refund_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT, SampleHospital

pytestmark = pytest.mark.both_databases

NOTE = "CN-2026-0001"
ANA = {"record_number": "MRN-0000101", "patient_name": "Ana Núñez"}
OTHERS = {"record_number": "MRN-9", "patient_name": "Third Person"}


def a_credit(total_minor: int, **changes: Any) -> Any:
    """A line that takes back what was not done."""
    facts = {"quantity_milli": -1000, "unit_price_minor": total_minor, "total_minor": -total_minor}
    return a_line(**facts | changes)


@dataclass(frozen=True, kw_only=True)
class Account:
    """Ana's account: credit of 50.00 € by one note, unless a test sends another."""

    services: Services
    hospital: SampleHospital

    async def send(self, total_minor: int = 5_000, *, number: str = NOTE, **changes: Any) -> None:
        """Send a credit note of so much."""
        facts = {**ANA, "lines": (a_credit(total_minor),), **changes}
        await take_in(self.services.database, [an_invoice(number, **facts)])

    async def note(self, number: str = NOTE) -> Invoice:
        """Return the note as it is now."""
        async with self.services.database.reading() as session:
            return (await session.execute(sa.select(Invoice).where(Invoice.number == number))).scalar_one()

    async def left(self) -> tuple[Money, ...]:
        """Return what Ana has on account."""
        return await self.services.deposits.of_patient((await self.note()).patient_id)

    async def use(self, amount_minor: int, *, number: str = DUE, use_id: Any = None) -> None:
        """Use so much for one of her invoices."""
        invoice_id = self.hospital.invoice_ids[number]
        order = DepositOrder(use_id=use_id or new_id(), invoice_id=invoice_id, amount=Money(amount_minor, "EUR"))
        await self.services.deposits.use([order], self.hospital.cashier)

    async def ask_back(self, amount_minor: int | None = None) -> Any:
        """Ask for credit of the note to go back, all of it unless told."""
        offer = await self.services.refunds.offer(invoice_id=(await self.note()).id)
        (credit,) = offer.payments
        assert (credit.way, credit.receipt_number) == (RefundWay.BANK_TRANSFER, NOTE)
        request = refund_of(
            credit.payment_id,
            credit.left.amount_minor if amount_minor is None else amount_minor,
            credit_note_id=credit.credit_note_id,
            reopens=False,
        )
        await self.services.refunds.request(request, self.hospital.cashier)
        return request

    async def read(self, statement: Any) -> list[Any]:
        async with self.services.database.reading() as session:
            return list((await session.execute(statement)).scalars())

    async def deeds(self) -> list[str]:
        """Return what the journal tells of credit, in order."""
        told = await self.read(sa.select(JournalEntry.action).order_by(JournalEntry.number))
        return [action for action in told if action.startswith("credit")]

    async def is_balanced(self) -> bool:
        return await contradictions_in(self.services.database) == []


@pytest.fixture
async def account(services: Services, hospital: SampleHospital) -> Account:
    account = Account(services=services, hospital=hospital)
    await account.send()
    return account


async def test_a_credit_note_is_credit_on_the_patients_account(account):
    note = await account.note()

    assert (note.status, note.balance_minor, note.total_minor) == (InvoiceStatus.CREDIT, -5_000, -5_000)
    assert await account.left() == (Money(5_000, "EUR"),)
    assert await account.deeds() == [DeedKind.CREDIT_RECEIVED]
    assert await account.is_balanced()


async def test_imported_twice_it_is_one(account):
    await account.send()
    await account.send()

    assert await account.left() == (Money(5_000, "EUR"),)
    assert await account.deeds() == [DeedKind.CREDIT_RECEIVED]


async def test_the_insurers_part_of_a_credit_is_not_the_patients(account):
    await account.send(5_000, insurer_share_minor=-4_000)

    assert await account.left() == (Money(1_000, "EUR"),)
    assert await account.is_balanced()


@pytest.mark.parametrize("share_minor", [1, -5_001])
async def test_an_insurers_part_that_is_no_part_is_refused(account, share_minor):
    with pytest.raises(Refused, match="insurer's share"):
        await account.send(insurer_share_minor=share_minor)


async def test_nobody_pays_a_credit_note(account, hospital):
    note = await account.note()
    share = PaymentShare(invoice_id=note.id, amount=Money(100, "EUR"))

    with pytest.raises(Refused, match="is a credit note: nothing is to be paid for it"):
        await account.services.payments.begin(order_of(share, tender=Tender.CASH), hospital.cashier)
    with pytest.raises(Refused, match="does not take that"):
        order = order_of(share, tender=CREDIT_TENDER)
        await account.services.payments.begin(order, hospital.cashier)

    assert [row.id for row in await account.services.invoices.due_of_patient(note.patient_id, "EUR")] == [
        hospital.invoice_ids[DUE],
        hospital.invoice_ids[DUE_OF_SAME_PATIENT],
    ]


async def test_credit_pays_other_invoices_in_parts(account, hospital):
    await account.use(2_000)
    note = await account.note()
    assert (note.status, note.balance_minor) == (InvoiceStatus.CREDIT, -3_000)

    await account.use(3_000, number=DUE_OF_SAME_PATIENT)

    note = await account.note()
    assert (note.status, note.balance_minor, await account.left()) == (InvoiceStatus.CREDIT_USED, 0, ())
    paid = await account.services.invoices.detail(hospital.invoice_ids[DUE])
    assert (paid.row.balance, [use.amount for use in paid.deposit_uses]) == (
        Money(10_000, "EUR"),
        [Money(2_000, "EUR")],
    )
    assert await account.deeds() == [DeedKind.CREDIT_RECEIVED, DeedKind.CREDIT_TAKEN, DeedKind.CREDIT_TAKEN]
    assert await account.read(sa.select(Receipt)) == []
    assert await account.is_balanced()


async def test_the_same_use_again_uses_nothing_more(account):
    use_id = new_id()
    for _ in range(2):
        await account.use(2_000, use_id=use_id)

    assert await account.left() == (Money(3_000, "EUR"),)
    assert len(await account.read(sa.select(DepositUse))) == 1


async def test_no_more_is_used_than_is_left(account):
    with pytest.raises(Refused, match=r"has 50\.00 € on account"):
        await account.use(5_001)

    assert await account.left() == (Money(5_000, "EUR"),)
    assert await account.deeds() == [DeedKind.CREDIT_RECEIVED]


async def test_several_at_once_use_it_once(account):
    outcomes = await asyncio.gather(*(account.use(4_000) for _ in range(4)), return_exceptions=True)

    assert sum(outcome is None for outcome in outcomes) == 1
    assert await account.left() == (Money(1_000, "EUR"),)
    assert await account.is_balanced()


async def test_oldest_money_is_used_first_whatever_it_came_by(account, hospital):
    ana = (await account.note()).patient_id
    deposit = order_of(tender=Tender.CHEQUE, reference="C-1", patient_id=ana, deposit=Money(3_000, "EUR"))
    await account.services.payments.begin(deposit, hospital.cashier)

    await account.use(6_000)

    note = await account.note()
    assert (note.balance_minor, await account.left()) == (0, (Money(2_000, "EUR"),))
    assert await account.is_balanced()


async def test_credit_larger_than_anything_that_is_due_stays(account):
    await account.send(10**9, number="CN-2026-0002")

    await account.use(12_000)

    assert await account.left() == (Money(10**9 + 5_000 - 12_000, "EUR"),)
    assert await account.is_balanced()


async def test_credit_in_another_currency_pays_nothing_of_this_one(account):
    await account.send(5_000, currency="USD", number="CN-2026-0002")

    assert await account.left() == (Money(5_000, "EUR"), Money(5_000, "USD"))
    with pytest.raises(Refused, match=r"has 50\.00 € on account"):
        await account.use(6_000)


# --- Going back


async def test_credit_goes_back_by_the_hospitals_bank_once_somebody_else_approved(account, hospital):
    request = await account.ask_back()
    assert ((await account.note()).balance_minor, await account.left()) == (0, ())
    with pytest.raises(Refused, match="of their own"):
        await account.services.refunds.approve(request.refund_id, hospital.cashier)

    await account.services.refunds.approve(request.refund_id, hospital.colleague)
    view = await account.services.refund_transfers.note_sent(request.refund_id, "BANK-7", hospital.cashier)

    assert (view.state, view.tender, view.loose) == (RefundState.SUCCEEDED, CREDIT_TENDER, Money(5_000, "EUR"))
    (receipt,) = await account.read(sa.select(Receipt))
    facts = thaw(receipt.facts)
    assert (facts.total_minor, facts.credit_note, facts.original_number, facts.invoices) == (-5_000, NOTE, "", ())
    document = await account.services.receipts.hand_out(receipt.id, hospital.cashier)
    assert document.pdf.startswith(b"%PDF")
    detail = await account.services.invoices.detail((await account.note()).id)
    assert [(each.amount, each.receipt_id) for each in detail.refunds] == [(Money(5_000, "EUR"), receipt.id)]
    assert await account.is_balanced()


async def test_the_same_request_again_takes_nothing_more(account, hospital):
    request = await account.ask_back(2_000)

    await account.services.refunds.request(request, hospital.cashier)

    assert ((await account.note()).balance_minor, len(await account.read(sa.select(Refund)))) == (-3_000, 1)
    assert len(await account.read(sa.select(Payment))) == 1


async def test_one_request_that_comes_many_times_at_once_is_one(account, hospital):
    offer = await account.services.refunds.offer(invoice_id=(await account.note()).id)
    (credit,) = offer.payments
    request = refund_of(credit.payment_id, 3_000, credit_note_id=credit.credit_note_id)

    await asyncio.gather(*(account.services.refunds.request(request, hospital.cashier) for _ in range(4)))

    assert ((await account.note()).balance_minor, len(await account.read(sa.select(Payment)))) == (-2_000, 1)


@pytest.mark.parametrize("end", ["rejected", "taken back", "lapsed", "not sent"])
async def test_what_does_not_go_back_is_left_of_the_note_again(account, hospital, end):
    request = await account.ask_back()
    refunds = account.services.refunds
    if end == "rejected":
        await refunds.reject(request.refund_id, hospital.colleague, why="Use it up here.")
    elif end == "taken back":
        await refunds.reject(request.refund_id, hospital.cashier)
    elif end == "lapsed":
        async with account.services.database.transaction() as session:
            refund = await session.get_one(Refund, request.refund_id)
            refund.expires_at = now() - timedelta(seconds=1)
        await refunds.recover()
    else:
        await refunds.approve(request.refund_id, hospital.colleague)
        await account.services.refund_transfers.give_up(request.refund_id, "No such account.", hospital.cashier)

    note = await account.note()
    assert (note.status, note.balance_minor, await account.left()) == (
        InvoiceStatus.CREDIT,
        -5_000,
        (Money(5_000, "EUR"),),
    )
    assert (await account.deeds())[-2:] == [DeedKind.CREDIT_TAKEN, DeedKind.CREDIT_PUT_BACK]
    assert await account.is_balanced()
    offer = await refunds.offer(payment_id=request.payment_id)
    assert offer.payments[0].left == Money(0, "EUR"), "what is on the note again is not asked for twice"
    await account.send(cancelled=True)
    assert await account.left() == ()


async def test_more_than_is_left_does_not_go_back(account, hospital):
    await account.use(4_000)
    note = await account.note()
    request = refund_of(new_id(), 1_001, credit_note_id=note.id)

    with pytest.raises(Refused, match=r"10\.00 € are left of credit note"):
        await account.services.refunds.request(request, hospital.cashier)

    assert await account.left() == (Money(1_000, "EUR"),)


@pytest.mark.parametrize("number", [DUE, "no such"])
async def test_only_credit_notes_have_credit_to_go_back(account, hospital, number):
    request = refund_of(new_id(), 1_000, credit_note_id=hospital.invoice_ids.get(number, 10**6))

    with pytest.raises(Refused, match="no such credit note"):
        await account.services.refunds.request(request, hospital.cashier)


async def test_what_was_paid_by_credit_can_go_back_from_its_invoice(account, hospital):
    await account.use(5_000)
    offer = await account.services.refunds.offer(invoice_id=hospital.invoice_ids[DUE])
    (paid,) = offer.payments
    request = refund_of(paid.payment_id, 5_000, invoice_id=offer.invoice_id)
    await account.services.refunds.request(request, hospital.cashier)
    await account.services.refunds.approve(request.refund_id, hospital.colleague)

    await account.services.refund_transfers.note_sent(request.refund_id, "BANK-8", hospital.cashier)

    invoice = await account.services.invoices.detail(hospital.invoice_ids[DUE])
    assert (invoice.row.balance, (await account.note()).balance_minor) == (Money(12_000, "EUR"), 0)
    assert await account.is_balanced()


# --- What the hospital may change


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"total_minor": 8_000}, (Money(8_000, "EUR"),)),
        ({"total_minor": 100}, (Money(100, "EUR"),)),
        ({"cancelled": True}, ()),
        ({"currency": "USD"}, (Money(5_000, "USD"),)),
        ({"lines": (a_line(5_000),)}, ()),
    ],
)
async def test_what_nobody_used_may_change(account, change, left):
    await account.send(**change)

    assert await account.left() == left
    assert await account.is_balanced()


async def test_a_withdrawn_credit_can_be_given_again(account):
    await account.send(cancelled=True)
    await account.send(7_000)
    await account.send(5_000)

    assert await account.left() == (Money(5_000, "EUR"),)
    entries = await account.read(
        sa.select(JournalEntry).where(JournalEntry.action == DeedKind.CREDIT_RECEIVED).order_by(JournalEntry.number)
    )
    assert ['"amount_minor":0,"before_minor":5000' in each.facts for each in entries] == [False, True, False, False]


async def test_unused_credit_may_become_another_patients(account):
    await account.send(**OTHERS)

    third = (await account.note()).patient_id
    assert await account.services.deposits.of_patient(third) == (Money(5_000, "EUR"),)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"total_minor": 2_999}, r"30\.00 € of credit note CN-2026-0001 are used already; it cannot become less"),
        ({"cancelled": True}, r"30\.00 € of credit note .* are used already"),
        ({"lines": (a_line(5_000),)}, r"30\.00 € of credit note .* are used already"),
        ({"insurer_share_minor": -2_001}, r"30\.00 € of credit note .* are used already"),
        (OTHERS, "its patient and currency stay"),
        ({"currency": "USD"}, "its patient and currency stay"),
    ],
)
async def test_credit_that_is_used_is_not_taken_away(account, change, reason):
    await account.use(3_000)

    with pytest.raises(Refused, match=reason):
        await account.send(**change)

    assert await account.left() == (Money(2_000, "EUR"),)
    assert await account.is_balanced()


@pytest.mark.parametrize(("total_minor", "left"), [(3_000, ()), (9_000, (Money(6_000, "EUR"),))])
async def test_what_is_left_of_used_credit_may_change(account, total_minor, left):
    await account.use(3_000)

    await account.send(total_minor)

    assert await account.left() == left
    assert await account.is_balanced()


async def test_an_invoice_that_has_had_money_becomes_no_credit_note(account, hospital):
    await account.use(3_000)

    with pytest.raises(Refused, match="cannot become a credit note"):
        await take_in(account.services.database, [an_invoice(DUE, **ANA, lines=(a_credit(500),))])


async def test_an_import_in_the_moment_of_use_takes_nothing_away_twice(account):
    outcomes = await asyncio.gather(
        account.use(4_000), account.send(1_000), account.use(4_000), return_exceptions=True
    )

    note = await account.note()
    assert note.paid_minor in (0, -4_000), outcomes
    assert note.balance_minor == note.total_minor - note.paid_minor
    assert await account.is_balanced()


# --- What others make of it


async def test_it_is_in_no_drawer_and_no_sum_of_what_came(account, hospital):
    await account.use(5_000)

    history = account.services.history
    totals = await history.totals(PaymentQuery(), hospital.administrator)

    assert [(each.tender, each.paid, each.refunded) for each in totals.by_tender] == [
        (CREDIT_TENDER, Money(0, "EUR"), Money(0, "EUR"))
    ]
    (payment,) = await account.read(sa.select(Payment))
    assert (payment.shift_id, payment.tendered_minor, payment.stripe_intent_id) == (None, None, None)


async def test_the_audit_finds_credit_that_came_off_no_note(account, hospital):
    await account.use(5_000)
    hospital.remove_guards()
    hospital.execute("UPDATE payment SET tender = 'cheque', reference = 'C-1'")

    found = [str(each) for each in await contradictions_in(account.services.database)]

    assert any("taken 5000 off credit notes" in each for each in found), found


async def test_the_import_says_how_many_are_credit_notes(services):
    lines = (Path(__file__).parent / "credit_note.jsonl").read_bytes().splitlines()

    report = await import_lines(services.database, lines)
    again = await import_lines(services.database, lines)

    assert str(report.words) == (
        "2 invoices added, 0 brought up to date, 0 unchanged, 0 refused.\n"
        "1 of them is a credit note: its credit is on the patient's account."
    )
    assert (again.added, again.unchanged, again.credit_notes) == (0, 2, 0)
