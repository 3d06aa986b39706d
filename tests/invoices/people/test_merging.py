"""Patients that the hospital merges: all of the old record follows, once, and money comes to nobody else."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.books.payment import PaymentState
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.invoices.intake import take_in
from cashier.invoices.people.admission import Newcomer
from cashier.invoices.people.merging import Merging, PatientMerging
from cashier.invoices.views import InvoiceQuery
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.payments.views import PaymentView
from cashier.tenders.tender import Tender
from tests.cards.wallet import Wallet
from tests.invoices.arriving import a_line, an_invoice
from tests.payments.patient import pay_on_page
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, order_of, refund_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.both_databases

ANA, BJORN = "MRN-0000101", "MRN-0000102"
"""Ana's is the old record here; what is hers is Björn's then."""


@pytest.fixture
def merging(services) -> PatientMerging:
    return PatientMerging(services.database)


def key_of(hospital, number):
    (row,) = hospital.execute("SELECT id FROM patient WHERE record_number = :number", number=number)
    return row["id"]


def invoices_of(hospital, number):
    statement = "SELECT count(*) AS many FROM invoice WHERE patient_id = :id"
    return hospital.execute(statement, id=key_of(hospital, number))[0]["many"]


async def deeds(services):
    statement = sa.select(JournalEntry.facts).where(JournalEntry.action == DeedKind.PATIENT_MERGED)
    async with services.database.reading() as session:
        return list((await session.execute(statement.order_by(JournalEntry.number))).scalars())


async def pay_in(services, hospital, patient_id, amount_minor=5_000):
    order = order_of(tender=Tender.CASH, patient_id=patient_id, deposit=Money(amount_minor, "EUR"))
    return await services.payments.begin(order, hospital.cashier)


async def pay_by_card(services, hospital, number=DUE, amount_minor=3_000):
    begun = await services.payments.begin(order_for(hospital, number, amount_minor), hospital.cashier)
    await pay_on_page(begun.page_url)
    return await services.payments.refresh(begun.id)


async def test_invoices_payments_and_money_on_account_follow(services, hospital, merging):
    paid = await pay_by_card(services, hospital)
    await pay_in(services, hospital, key_of(hospital, ANA))

    done = await merging.merge(ANA, BJORN, hospital.colleague)

    bjorn = key_of(hospital, BJORN)
    assert (done.invoices, done.payments, done.is_done) == (2, 2, False)
    assert (invoices_of(hospital, ANA), invoices_of(hospital, BJORN)) == (0, 6)
    assert await services.deposits.of_patient(bjorn) == (Money(5_000, "EUR"),)
    assert (await services.invoices.detail(hospital.invoice_ids[DUE])).patient_id == bjorn
    opened = await services.history.open_patient(key_of(hospital, ANA), hospital.cashier)
    assert (opened.patient_id, opened.record_number) == (bjorn, BJORN)
    assert (await services.payments.view(paid.id)).state is PaymentState.PAID
    assert await deeds(services) == [f'{{"into":{bjorn},"invoices":2,"payments":2}}']
    assert await contradictions_in(services.database) == []


async def test_credit_of_a_note_follows_used_or_not(services, hospital, merging):
    taken_back = a_line(quantity_milli=-1000, unit_price_minor=5_000, total_minor=-5_000)
    note = an_invoice("CN-2026-0001", record_number=ANA, patient_name="Ana Núñez", lines=(taken_back,))
    await take_in(services.database, [note])
    hers = DepositOrder(use_id=new_id(), invoice_id=hospital.invoice_ids[DUE], amount=Money(2_000, "EUR"))
    await services.deposits.use([hers], hospital.cashier)

    await merging.merge(ANA, BJORN, hospital.colleague)

    assert await services.deposits.of_patient(key_of(hospital, BJORN)) == (Money(3_000, "EUR"),)
    invoice_id = hospital.invoice_ids[DUE_OF_OTHER_PATIENT]
    use = DepositOrder(use_id=new_id(), invoice_id=invoice_id, amount=Money(3_000, "EUR"))
    await services.deposits.use([use], hospital.cashier)
    assert await services.deposits.of_patient(key_of(hospital, BJORN)) == ()
    assert (await services.invoices.detail(invoice_id)).row.balance == Money(5_000, "EUR")
    assert await contradictions_in(services.database) == []


async def test_what_followed_is_used_and_given_back_as_any_other_money(services, hospital, merging):
    paid = await pay_by_card(services, hospital)
    await pay_in(services, hospital, key_of(hospital, ANA))
    await merging.merge(ANA, BJORN, hospital.colleague)

    invoice_id = hospital.invoice_ids[DUE_OF_OTHER_PATIENT]
    use = DepositOrder(use_id=new_id(), invoice_id=invoice_id, amount=Money(5_000, "EUR"))
    await services.deposits.use([use], hospital.cashier)
    request = refund_of(paid.id, 3_000)
    await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(request.refund_id, hospital.colleague)

    assert (await services.invoices.detail(invoice_id)).row.balance == Money(3_000, "EUR")
    assert (await services.invoices.detail(hospital.invoice_ids[DUE])).row.balance == Money(12_000, "EUR")
    assert await contradictions_in(services.database) == []


async def test_the_old_number_finds_the_patient_typed_or_scanned(services, hospital, merging):
    await merging.merge(ANA, BJORN, hospital.colleague)

    found = await services.invoices.page(InvoiceQuery(text="101"))
    scanned = await services.invoices.numbers_among([ANA])
    admitted = [
        await services.admissions.admit(Newcomer(record_number=each), hospital.cashier) for each in (ANA, "mrn 101")
    ]

    assert [(row.first.record_number, row.count) for row in found.rows] == [(BJORN, 6)]
    assert [(each.patient_id, each.record_number) for each in scanned] == [(key_of(hospital, BJORN), BJORN)]
    assert {(each.patient_id, each.is_new) for each in admitted} == {(key_of(hospital, BJORN), False)}


async def test_what_arrives_under_the_old_number_is_the_patient_s_who_stays(services, hospital, merging):
    await merging.merge(ANA, BJORN, hospital.colleague)

    late = an_invoice(
        "INV-9", record_number=ANA, patient_name="Ana Nunez (old)", born=date(1999, 9, 9), phone="555 1"
    )
    again = an_invoice(DUE, record_number=ANA, patient_name="Ana Núñez")
    await take_in(services.database, [late, again])

    (row,) = (await services.invoices.page(InvoiceQuery(text="INV-9"))).rows
    assert (row.first.patient_name, row.first.record_number) == ("Björn Dvořák", BJORN)
    assert row.first.born == date(1971, 3, 3), "what only the old record knew is kept, and stays as it is"
    assert await services.invoices.page(InvoiceQuery(text="nunez")) == await services.invoices.page(
        InvoiceQuery(text="nobody")
    )
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize(("paying", "whose"), [(DUE, ANA), (DUE_OF_OTHER_PATIENT, BJORN)])
async def test_nobody_is_merged_who_is_paying_just_now(services, hospital, merging, paying, whose):
    await services.payments.begin(order_for(hospital, paying, 1_000), hospital.cashier)

    with pytest.raises(Refused, match=f"A payment of {whose} is under way at desk D1"):
        await merging.merge(ANA, BJORN, hospital.colleague)

    assert invoices_of(hospital, ANA) == 2
    assert await deeds(services) == []


async def test_merging_again_changes_nothing(services, hospital, merging):
    await merging.merge(ANA, BJORN, hospital.colleague)

    again = await merging.merge(f" {ANA} ", BJORN, hospital.colleague)

    assert (again.is_done, again.invoices) == (True, 0)
    assert len(await deeds(services)) == 1


@pytest.mark.parametrize(
    ("old", "into", "reason"),
    [
        (ANA, f" {ANA}", "Both are the record number"),
        (ANA, "MRN-7", "Nobody has the record number MRN-7"),
        ("mrn-0000101", BJORN, "Nobody has the record number mrn-0000101"),
        (BJORN, ANA, f"{ANA} was merged into {BJORN} before"),
        (ANA, "MRN-3", f"{ANA} was merged into {BJORN} before"),
        ("MRN-3", ANA, f"{ANA} was merged into {BJORN} before"),
    ],
)
async def test_a_mistake_is_refused_with_what_to_do(services, hospital, merging, old, into, reason):
    await take_in(services.database, [an_invoice("INV-9", record_number="MRN-3")])
    await merging.merge(ANA, BJORN, hospital.colleague)

    with pytest.raises(Refused, match=reason) as refused:
        await merging.merge(old, into, hospital.colleague)

    assert refused.value.advice
    assert len(await deeds(services)) == 1


async def test_it_is_for_supervisors(services, hospital, merging):
    with pytest.raises(Refused, match="Merging patients is for supervisors and administrators"):
        await merging.merge(ANA, BJORN, hospital.cashier)

    assert invoices_of(hospital, ANA) == 2


async def test_who_was_merged_before_moves_on_with_the_patient(services, hospital, merging):
    await take_in(services.database, [an_invoice("INV-9", record_number="MRN-3", patient_name="Zoë Dąbek")])
    await merging.merge(ANA, BJORN, hospital.colleague)

    await merging.merge(BJORN, "MRN-3", hospital.colleague)

    assert invoices_of(hospital, "MRN-3") == 7
    for number in (ANA, BJORN):
        found = await services.invoices.page(InvoiceQuery(text=number))
        assert {row.first.record_number for row in found.rows} == {"MRN-3"}
        await take_in(services.database, [an_invoice(f"LATE-{number}", record_number=number)])
    assert invoices_of(hospital, "MRN-3") == 9
    assert await contradictions_in(services.database) == []


async def test_what_was_ordered_for_the_old_record_is_the_patient_s_who_stays(services, hospital, merging):
    ana, bjorn = key_of(hospital, ANA), key_of(hospital, BJORN)
    await merging.merge(ANA, BJORN, hospital.colleague)

    deposit = await pay_in(services, hospital, ana)
    both = order_for(hospital, DUE_OF_OTHER_PATIENT, 1_000, tender=Tender.CASH, patient_id=ana)
    await services.payments.begin(both, hospital.cashier)

    assert deposit.patient_id == bjorn
    assert await services.deposits.of_patient(ana) == await services.deposits.of_patient(bjorn)
    assert await contradictions_in(services.database) == []


async def test_money_that_comes_in_that_moment_is_the_patient_s_who_stays_or_holds_the_merging_up(
    services, hospital, merging
):
    ana, bjorn = key_of(hospital, ANA), key_of(hospital, BJORN)

    outcomes = await asyncio.gather(
        *(pay_in(services, hospital, ana, 1_000) for _ in range(3)),
        merging.merge(ANA, BJORN, hospital.colleague),
        *(pay_in(services, hospital, ana, 1_000) for _ in range(3)),
        return_exceptions=True,
    )

    assert {type(each) for each in outcomes} <= {PaymentView, Merging, Refused}
    await merging.merge(ANA, BJORN, hospital.colleague)
    taken = sum(isinstance(each, PaymentView) for each in outcomes)
    assert await services.deposits.of_patient(bjorn) == ((Money(taken * 1_000, "EUR"),) if taken else ())
    assert await contradictions_in(services.database) == []


async def test_cards_of_both_records_are_offered_and_charged_through_their_own_customers(
    services, hospital, merging, sandbox
):
    ana, bjorn = key_of(hospital, ANA), key_of(hospital, BJORN)
    wallets = {each: Wallet(sandbox, await services.cards.customer_of(each)) for each in (ana, bjorn)}
    wallets[ana].save("visa")
    wallets[bjorn].save("mastercard")
    for each in (ana, bjorn):
        await services.cards.refresh(each)

    await merging.merge(ANA, BJORN, hospital.colleague)
    wallets[ana].save("amex")
    await services.cards.refresh(bjorn)

    cards = await services.cards.of_patient(bjorn)
    assert [(card.last_four, card.is_default) for card in cards] == [("4444", True), ("0005", False), ("4242", False)]
    assert await services.cards.of_patient(ana) == cards
    for card in cards:
        order = order_for(hospital, DUE, 1_000, tender=Tender.SAVED_CARD, saved_card_id=card.id)
        assert (await services.payments.begin(order, hospital.cashier)).state is PaymentState.PAID
    intents = sandbox.ask("/v1/payment_intents?limit=10")["data"]
    assert [intent["customer"] for intent in reversed(intents)] == [
        wallets[each].customer_id for each in (bjorn, ana, ana)
    ]
    await services.cards.set_default(cards[2].id, hospital.cashier)
    assert [card.last_four for card in await services.cards.of_patient(bjorn) if card.is_default] == ["4242"]
    assert await contradictions_in(services.database) == []


async def test_where_only_the_old_record_had_a_default_card_it_stays_so(services, hospital, merging, sandbox):
    ana, bjorn = key_of(hospital, ANA), key_of(hospital, BJORN)
    Wallet(sandbox, await services.cards.customer_of(ana)).save("visa")
    await services.cards.refresh(ana)

    await merging.merge(ANA, BJORN, hospital.colleague)
    await services.cards.refresh(bjorn)

    assert [card.is_default for card in await services.cards.of_patient(bjorn)] == [True]
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payment SET patient_id = 2",
        "UPDATE invoice SET patient_id = 2 WHERE paid_minor > 0",
        "UPDATE patient SET merged_into_id = id",
    ],
)
async def test_the_database_itself_lets_money_follow_a_merged_record_alone(services, hospital, change):
    await pay_by_card(services, hospital)

    with pytest.raises(sa.exc.DBAPIError):
        hospital.execute(change)


async def test_the_database_itself_keeps_where_an_old_record_leads(services, hospital, merging):
    await take_in(services.database, [an_invoice("INV-9", record_number="MRN-3")])
    await merging.merge(ANA, BJORN, hospital.colleague)

    for elsewhere in ("NULL", str(key_of(hospital, "MRN-3"))):
        with pytest.raises(sa.exc.DBAPIError, match="patient is kept as it is"):
            hospital.execute(f"UPDATE patient SET merged_into_id = {elsewhere} WHERE record_number = '{ANA}'")
