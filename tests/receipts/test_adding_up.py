"""Whoever adds up what stands on a receipt comes to what is printed: what was paid before, now, and what is left."""

from __future__ import annotations

import io
import uuid
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from cashier.books.receipt import Receipt
from cashier.books.refund import RefundState
from cashier.clock import now, on_the_clock
from cashier.identifiers import new_id
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.receipts.facts import EarlierKind, EarlierShare, freeze, invoice_that_adds_up, thaw
from cashier.shifts.views import Opening
from cashier.tenders.tender import Tender
from tests.invoices.arriving import a_line, an_invoice
from tests.payments.patient import pay_on_page
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_of, refund_of, share_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT, IN_YEN

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def till(services, hospital):
    """A desk that takes money and gives it back, with an open drawer; see ``Till``."""
    await services.shifts.open(Opening(number=1, float=Money(90_000, "EUR")), hospital.cashier)
    return Till(services, hospital)


class Till:
    """Each verb returns the facts of the receipt that it leads to."""

    def __init__(self, services, hospital):
        self.services, self.hospital = services, hospital
        self.payment_id = uuid.UUID(int=0)
        self.receipt_id = 0

    async def take(self, *amounts, tender=Tender.CASH, currency="EUR", **facts):
        """Take so much for each invoice: ``await till.take((DUE, 5_000))``."""
        shares = [share_of(self.hospital, number, minor, currency=currency) for number, minor in amounts]
        facts.setdefault("reference", "CHQ 12" if tender.row.wants_reference else "")
        order = order_of(*shares, tender=tender, **facts)
        view = await self.services.payments.begin(order, self.hospital.cashier)
        if view.page_url is not None:
            await pay_on_page(view.page_url)
            view = await self.services.payments.refresh(view.id)
        self.payment_id, self.receipt_id = view.id, view.receipt_id
        return await self.facts(view.receipt_id)

    async def give_back(self, amount_minor, payment=None, **facts):
        request = refund_of(payment or self.payment_id, amount_minor, **facts)
        await self.services.refunds.request(request, self.hospital.cashier)
        view = await self.services.refunds.approve(request.refund_id, self.hospital.colleague)
        return await self.facts(view.receipt_id)

    async def facts(self, receipt_id):
        async with self.services.database.reading() as session:
            return thaw((await session.get_one(Receipt, receipt_id)).facts)

    async def newest(self):
        async with self.services.database.reading() as session:
            newest = sa.select(Receipt.id).order_by(Receipt.id.desc()).limit(1)
            return await self.facts((await session.execute(newest)).scalar_one())

    async def paper(self, receipt_number):
        async with self.services.database.reading() as session:
            number = int(receipt_number.rpartition("-")[2])
            receipt_id = (await session.execute(sa.select(Receipt.id).where(Receipt.number == number))).scalar_one()
        pdf = (await self.services.receipts.document(receipt_id)).pdf
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def story(invoice):
    """What is told of before: kinds, tenders, amounts and receipts."""
    return [(share.kind, share.tender, share.amount_minor, share.receipt) for share in invoice.earlier]


AMOUNTS = st.integers(-(10**12), 10**12)
SHARES = st.builds(EarlierShare, kind=st.sampled_from([kind.value for kind in EarlierKind]), amount_minor=AMOUNTS)


@given(
    total=AMOUNTS, insurer=AMOUNTS, returned=AMOUNTS, now=AMOUNTS, balance=AMOUNTS, known=st.lists(SHARES, max_size=6)
)
def test_an_invoice_on_a_receipt_adds_up_whatever_is_known_of_before(total, insurer, returned, now, balance, known):
    invoice = invoice_that_adds_up(
        number="INV-1",
        department="Radiology",
        issued_on="2026-11-02",
        total_minor=total,
        insurer_share_minor=insurer,
        returned_minor=returned,
        paid_now_minor=now,
        balance_after_minor=balance,
        known=known,
    )

    assert total - insurer - returned - invoice.paid_before_minor - now == balance
    assert invoice.adds_up
    assert [*(invoice.earlier or ())][: len(known)] == known


async def test_the_receipt_of_the_second_tender_says_how_the_rest_was_paid(till, hospital):
    settlement = new_id()
    first = await till.take((DUE, 5_000), settlement_id=settlement)
    last = await till.take((DUE, 7_000), tender=Tender.CHEQUE, settlement_id=settlement)

    assert first.invoices[0].earlier == ()
    (invoice,) = last.invoices
    assert story(invoice) == [("payment", "cash", 5_000, "T-D1-000001")]
    (before,) = invoice.earlier
    assert before.on == on_the_clock(now(), "Europe/Madrid").date().isoformat()
    assert (invoice.paid_before_minor, invoice.paid_now_minor, invoice.balance_after_minor) == (5_000, 7_000, 0)
    words = await till.paper(last.number)
    for told in ("Paid before", "50.00", "70.00", "receipt T-D1-000001", "Cash", "Reference CHQ 12"):
        assert told in words
    assert "Paid before" not in await till.paper(first.number)


async def test_a_refund_in_between_is_told_as_well(till, services):
    await till.take((DUE, 12_000))
    refund = await till.give_back(5_000)
    last = await till.take((DUE, 5_000), tender=Tender.CHECKOUT)

    assert story(refund.invoices[0]) == [("payment", "cash", 12_000, "T-D1-000001")]
    assert (refund.invoices[0].paid_now_minor, refund.invoices[0].balance_after_minor) == (-5_000, 5_000)
    assert story(last.invoices[0]) == [
        ("payment", "cash", 12_000, "T-D1-000001"),
        ("refund", "cash", -5_000, "T-D1-000002"),
    ]
    words = await till.paper(last.number)
    assert "Refunded: Cash" in words
    assert "–50.00" in words
    assert await contradictions_in(services.database) == []


async def test_a_refund_names_the_day_of_the_receipt_that_it_refers_to(till):
    paid = await till.take((DUE, 12_000))

    refund = await till.give_back(5_000)

    assert (refund.original_number, refund.original_on) == (paid.number, paid.issued_at[:10])
    assert f"Refers to receipt {paid.number} of " in await till.paper(refund.number)


async def test_money_given_back_for_good_is_shown_as_no_longer_owed(till, services):
    await till.take((DUE, 12_000))

    refund = await till.give_back(5_000, reopens=False)

    (invoice,) = refund.invoices
    assert (invoice.returned_minor, invoice.paid_before_minor, invoice.paid_now_minor) == (5_000, 12_000, -5_000)
    assert invoice.balance_after_minor == 0
    assert "No longer owed" in await till.paper(refund.number)
    assert await contradictions_in(services.database) == []


async def test_money_of_the_account_is_told_with_the_receipt_it_came_with(till, services, hospital):
    patient = (await services.invoices.detail(hospital.invoice_ids[DUE])).patient_id
    deposit = await till.take(patient_id=patient, deposit=Money(4_000, "EUR"))
    use = DepositOrder(use_id=new_id(), invoice_id=hospital.invoice_ids[DUE], amount=Money(3_000, "EUR"))
    await services.deposits.use([use], hospital.cashier)

    last = await till.take((DUE, 9_000))

    assert deposit.invoices == ()
    assert (deposit.unallocated_minor, deposit.deposit_minor) == (4_000, 4_000)
    assert story(last.invoices[0]) == [("credit", "", 3_000, deposit.number)]
    assert last.invoices[0].balance_after_minor == 0
    assert f"From the patient's account · receipt {deposit.number}" in await till.paper(last.number)
    assert await contradictions_in(services.database) == []


async def test_each_invoice_of_one_payment_tells_its_own_story(till):
    await till.take((DUE, 2_000))
    await till.take((DUE_OF_SAME_PATIENT, 500), tender=Tender.CHEQUE)

    both = await till.take((DUE, 10_000), (DUE_OF_SAME_PATIENT, 1_000))

    first, second = both.invoices
    assert story(first) == [("payment", "cash", 2_000, "T-D1-000001")]
    assert story(second) == [("payment", "cheque", 500, "T-D1-000002")]
    assert (second.insurer_share_minor, second.balance_after_minor) == (4_500, 3_000)
    assert both.adds_up


async def test_amounts_are_in_the_invoices_currency(till):
    await till.take((IN_YEN, 7_000), tender=Tender.CHEQUE, currency="JPY")

    last = await till.take((IN_YEN, 5_000), tender=Tender.CHEQUE, currency="JPY", reference="CHQ 13")

    words = await till.paper(last.number)
    assert "amounts in JPY" in words
    assert "7,000" in words
    assert "70.00" not in words


async def test_an_invoice_that_the_hospital_lowered_meanwhile_adds_up_to_what_it_is_now(till, services, hospital):
    sent = an_invoice("BILL-1", record_number="R8", lines=(a_line(10_000),))
    await take_in(services.database, [sent])
    invoice_id = (
        await services.invoices.detail(hospital.execute("SELECT max(id) AS id FROM invoice")[0]["id"])
    ).row.id
    hospital.invoice_ids["BILL-1"] = invoice_id
    await till.take(("BILL-1", 4_000))
    await take_in(services.database, [an_invoice("BILL-1", record_number="R8", lines=(a_line(7_000),))])

    last = await till.take(("BILL-1", 3_000))

    (invoice,) = last.invoices
    assert (invoice.total_minor, invoice.paid_before_minor, invoice.balance_after_minor) == (7_000, 4_000, 0)
    assert last.adds_up


async def test_a_refund_that_came_back_to_a_paid_invoice_says_where_its_money_is(till, services, sandbox):
    await till.take((DUE, 12_000), tender=Tender.CASH)
    await till.give_back(12_000)
    begun = await services.payments.begin(
        order_of(share_of(till.hospital), tender=Tender.CHECKOUT), till.hospital.cashier
    )
    await pay_on_page(begun.page_url, number="4000000000005126")
    by_card = await services.payments.refresh(begun.id)
    back = await till.give_back(12_000, payment=by_card.id)
    await till.take((DUE, 12_000))

    sandbox.order("clock", advance_seconds=20 * 24 * 3600)
    await services.refunds.recover()
    for refund in (await services.invoices.detail(till.hospital.invoice_ids[DUE])).refunds:
        if refund.state is RefundState.PENDING or refund.tender == Tender.CHECKOUT.value:
            await services.refunds.look_at((await services.refunds.view(refund.refund_id)).stripe_refund_id)

    returned = await till.newest()
    assert (back.kind, returned.kind) == ("refund", "refund_failed")
    assert (returned.invoices, returned.unallocated_minor) == ((), 12_000)
    assert "Kept as credit" in await till.paper(returned.number)
    assert await contradictions_in(services.database) == []


async def test_all_receipts_of_an_invoice_tell_one_story(till, services):
    receipts = [
        await till.take((DUE, 2_000), tender=Tender.CHEQUE),
        await till.take((DUE, 5_000)),
        await till.give_back(1_000),
        await till.take((DUE, 6_000), tender=Tender.BANK_TRANSFER, reference="TR 1"),
    ]

    invoices = [receipt.invoices[0] for receipt in receipts]
    for before, after in pairwise(invoices):
        assert after.paid_before_minor == before.paid_before_minor + before.paid_now_minor
        assert after.balance_after_minor == before.balance_after_minor - after.paid_now_minor
    assert invoices[-1].balance_after_minor == 0


async def test_a_copy_and_a_translation_say_what_was_true_when_the_receipt_was_issued(till, services, hospital):
    first = await till.take((DUE, 5_000))
    receipt_id = till.receipt_id
    await till.take((DUE, 7_000))
    await till.give_back(2_000)

    await services.receipts.hand_out(receipt_id, hospital.cashier)
    copy = await services.receipts.hand_out(receipt_id, hospital.cashier)
    spanish = await services.receipts.document(receipt_id, "es")

    for document, left in ((copy, "70.00"), (spanish, "70,00")):
        words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(document.pdf)).pages)
        assert left in words
        assert "T-D1-000002" not in words
    assert first.invoices[0].balance_after_minor == 7_000


async def test_neither_who_somebody_is_nor_what_ails_them_is_on_a_receipt_unless_the_hospital_wants_it(
    till, hospital
):
    plain = await till.take((DUE, 1_000))
    hospital.execute("UPDATE patient SET born = '1931-05-17'")
    hospital.execute("UPDATE hospital SET receipt_extras = 'patient_name services date_of_birth of_a_newer_program'")
    full = await till.take((DUE, 1_000))

    for secret in ("Núñez", "Ultrasound", "Born 17 May 1931"):
        assert secret not in freeze(plain)
        assert secret not in await till.paper(plain.number)
        assert secret in await till.paper(full.number)
    assert [(each.description, each.total_minor) for each in full.invoices[0].services] == [
        ("Ultrasound, abdomen", 12_000)
    ]


async def test_a_receipt_of_before_says_what_it_said_and_invents_nothing(till):
    facts = await till.take((DUE, 5_000))
    stored = (
        freeze(facts).replace('"earlier":[],', "").replace('"returned_minor":0,', "").replace('"services":[],', "")
    )

    old = thaw(stored)

    assert "earlier" not in stored
    assert old.invoices[0].earlier is None
    assert old.adds_up


async def test_the_audit_finds_a_receipt_that_does_not_add_up(till, services, hospital):
    await till.take((DUE, 5_000))
    hospital.remove_guards()
    hospital.execute(
        "UPDATE receipt SET facts = replace(facts, :right, :wrong)",
        right='"balance_after_minor":7000', wrong='"balance_after_minor":6999',
    )  # fmt: skip

    (contradiction,) = await contradictions_in(services.database)

    assert "receipt T-D1-000001 does not add up" in str(contradiction)
