"""A whole day at a desk, in every tender: the ledger balances after every step, and is what reports and lists say."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cashier.audit.rules import RULES, apply
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.shift import MovementKind, Shift
from cashier.clock import today
from cashier.history.views import PaymentQuery
from cashier.identifiers import new_id
from cashier.invoices.intake import take_in
from cashier.ledger.days import Period
from cashier.ledger.entry import Role
from cashier.ledger.files import Form
from cashier.ledger.service import Ledger
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.shifts.facts import thaw
from cashier.tenders.tender import Tender
from tests.invoices.arriving import a_line, an_invoice
from tests.ledger.strict import check_beancount, check_hledger
from tests.payments.patient import pay_on_page
from tests.reversals.test_service import DISPUTED_LATER, deciding, hear_of_events
from tests.shifts.drawer import APPROVED
from tests.surroundings.orders import order_for, order_of, refund_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases
ANA = {"record_number": "MRN-0000101", "patient_name": "Ana Núñez"}
MONEY = {Role.DRAWER, Role.CHEQUES, Role.BANK, Role.TERMINALS, Role.STRIPE}
THE_RULE = next(rule for rule in RULES if str(rule.name) == "Ledger")


class Day:
    """What is done, and what is on the accounts then."""

    def __init__(self, services, hospital, drawer):
        self.services, self.hospital, self.drawer = services, hospital, drawer
        self.ledger = Ledger(services.database)

    async def entries(self):
        """Return all entries, each of which balances, after the audit had nothing to say."""
        verdict = await apply(self.services.database, THE_RULE)
        assert [str(each) for each in verdict.examples] == []
        entries = await self.ledger.entries(Period(), self.hospital.administrator)
        for entry in entries:
            of_entry: Counter[str] = Counter()
            for leg in entry.legs:
                of_entry[leg.currency] += leg.amount_minor
            assert set(of_entry.values()) == {0}, entry
        return entries

    async def on(self):
        """Return what is on the accounts in euros, by role; what is zero is left out."""
        sums: Counter[Role] = Counter()
        for entry in await self.entries():
            for leg in entry.legs:
                if leg.currency == "EUR":
                    sums[leg.account.role] += leg.amount_minor
        return {role: amount for role, amount in sums.items() if amount}

    async def last(self):
        """Return the legs of the last entry, by role."""
        return {leg.account.role: leg.amount_minor for leg in (await self.entries())[-1].legs}

    async def refund(self, payment, amount_minor, **facts):
        request = refund_of(payment.id, amount_minor, **facts)
        await self.services.refunds.request(request, self.hospital.cashier)
        return await self.services.refunds.approve(request.refund_id, self.hospital.colleague)

    async def by_card(self, amount_minor, number="4242424242424242"):
        begun = await self.services.payments.begin(order_for(self.hospital, DUE, amount_minor), self.hospital.cashier)
        await pay_on_page(begun.page_url, number=number)
        return await self.services.payments.refresh(begun.id)


@pytest.fixture
def day(services, hospital, drawer):
    """A day that begins."""
    return Day(services, hospital, drawer)


def use_of(hospital, amount_minor):
    invoice_id = hospital.invoice_ids[DUE_OF_SAME_PATIENT]
    return DepositOrder(use_id=new_id(), invoice_id=invoice_id, amount=Money(amount_minor, "EUR"))


def a_credit(total_minor):
    return a_line(quantity_milli=-1000, unit_price_minor=total_minor, total_minor=-total_minor)


async def patient_of(services, number):
    async with services.database.reading() as session:
        return (await session.scalars(sa.select(Invoice.patient_id).where(Invoice.number == number))).one()


async def test_every_step_of_a_day_balances_and_stands_on_its_accounts(day, services, hospital, drawer, tmp_path):
    owed = (await day.on())[Role.PATIENTS]
    shift = await drawer.open(10_000)
    assert await day.last() == {Role.DRAWER: 10_000, Role.SAFE: -10_000}
    cash = await drawer.take(1_000, tendered_minor=2_000)
    assert await day.last() == {Role.DRAWER: 1_000, Role.PATIENTS: -1_000}
    for tender, role in ((Tender.CHEQUE, Role.CHEQUES), (Tender.BANK_TRANSFER, Role.BANK),
                         (Tender.EXTERNAL_TERMINAL, Role.TERMINALS)):  # fmt: skip
        await drawer.take(500, tender=tender)
        assert await day.last() == {role: 500, Role.PATIENTS: -500}
    card = await day.by_card(3_000)
    assert await day.last() == {Role.STRIPE: 3_000, Role.PATIENTS: -3_000}
    ana = await patient_of(services, DUE)
    deposit = order_of(tender=Tender.CASH, patient_id=ana, deposit=Money(2_000, "EUR"), tendered=Money(2_000, "EUR"))
    await services.payments.begin(deposit, hospital.cashier)
    assert await day.last() == {Role.DRAWER: 2_000, Role.ON_ACCOUNT: -2_000}
    await services.deposits.use([use_of(hospital, 1_500)], hospital.cashier)
    assert await day.last() == {Role.ON_ACCOUNT: 1_500, Role.PATIENTS: -1_500}

    await day.refund(cash, 400)
    assert await day.last() == {Role.REFUNDS_DUE: 400, Role.PATIENTS: 400, Role.DRAWER: -400, Role.ON_ACCOUNT: -400}
    await day.refund(card, 700, reopens=False)
    on = await day.on()
    assert (on[Role.GIVEN_BACK], on[Role.STRIPE]) == (700, 2_300)
    await take_in(services.database, [an_invoice("CN-1", lines=(a_credit(800),), **ANA)])
    assert await day.last() == {Role.INVOICED: 800, Role.PATIENTS: -800}
    await services.deposits.use([use_of(hospital, 900)], hospital.cashier)
    assert Role.ON_ACCOUNT not in await day.on()
    await drawer.move(shift, MovementKind.OUT, 1_000)
    assert await day.last() == {Role.SAFE: 1_000, Role.DRAWER: -1_000}
    # Nearly, and then altogether, down to what is paid: of what was given back for good, less is left to say.
    for total_minor, given_back in ((4_900, 500), (4_400, 0)):
        await take_in(services.database, [an_invoice(DUE, lines=(a_line(total_minor),), **ANA)])
        assert (await day.on()).get(Role.GIVEN_BACK, 0) == given_back
    await drawer.close(shift, 11_500, reason="Lost.", **APPROVED)
    assert await day.last() == {Role.SAFE: 11_500, Role.OVER_SHORT: 100, Role.DRAWER: -11_600}
    assert (await day.on())[Role.PATIENTS] == await due(services)
    assert owed > (await day.on())[Role.PATIENTS]
    await equals_reports(day, shift)
    await is_taken_by_other_programs(day, tmp_path)


async def test_what_the_hospital_changes_about_an_invoice_is_booked_to_patient_and_insurer(day, services):
    before = await day.on()
    assert before[Role.INSURERS] == 4_500
    share = {**ANA, "lines": (a_line(9_000),)}
    await take_in(services.database, [an_invoice(DUE_OF_SAME_PATIENT, insurer_share_minor=6_000, **share)])
    assert await day.last() == {Role.INSURERS: 1_500, Role.PATIENTS: -1_500}
    await take_in(services.database, [an_invoice(DUE_OF_SAME_PATIENT, cancelled=True, **share)])
    assert await day.last() == {Role.INVOICED: 9_000, Role.PATIENTS: -3_000, Role.INSURERS: -6_000}
    await take_in(services.database, [an_invoice(DUE, currency="USD", lines=(a_line(12_000),), **ANA)])
    after = await day.on()
    assert after[Role.PATIENTS] == before[Role.PATIENTS] - 4_500 - 12_000


async def test_what_a_bank_takes_is_held_apart_until_somebody_decides_who_bears_it(day, services, hospital, sandbox):
    await day.by_card(12_000, number=DISPUTED_LATER)
    await hear_of_events(services)
    assert await day.last() == {Role.DISPUTED: 12_000, Role.STRIPE: -12_000}
    (dispute,) = sandbox.ask("/v1/disputes")["data"]
    sandbox.ask(f"/v1/disputes/{dispute['id']}/close", **{"expand[]": "charge"})
    await hear_of_events(services)
    assert (await day.on())[Role.DISPUTED] == 12_000
    (difference,) = await services.reconciliation.open_differences(hospital.administrator)

    await services.reversals.decide(deciding(difference), hospital.colleague)

    assert await day.last() == {Role.PATIENTS: 12_000, Role.DISPUTED: -12_000}


async def equals_reports(day, shift):
    """Compare what came by each tender with the Z report, and all of it with the list of payments."""
    came: Counter[str] = Counter()
    went: Counter[str] = Counter()
    for entry in await day.entries():
        money = sum(leg.amount_minor for leg in entry.legs if leg.account.role in MONEY and leg.currency == "EUR")
        if entry.event == "payment paid":
            came[entry.tender] += money
        elif entry.refund:
            went[entry.tender] -= money
    async with day.services.database.reading() as session:
        facts = thaw((await session.get_one(Shift, shift.id)).facts or "")
    assert came == {each.tender: (each.amount_minor or 0) + (each.rounding_minor or 0) for each in facts.tenders}
    assert sum(went.values()) == sum(each.amount_minor or 0 for each in facts.refunds)
    totals = await day.services.history.totals(PaymentQuery(desk_id=1), day.hospital.cashier)
    assert totals.net("EUR") == Money(sum(came.values()) - sum(went.values()), "EUR")


async def is_taken_by_other_programs(day, folder):
    """Write it in every form, twice: the same bytes, and nothing that the programs refuse."""
    for form in Form:
        first, again = folder / f"first.{form}", folder / f"again.{form}"
        period = Period(last=today("Europe/Madrid") + timedelta(days=1))
        for file in (first, again):
            await day.ledger.write(form, file, period, day.hospital.administrator)
        assert first.read_bytes() == again.read_bytes()
    check_hledger(folder / "first.hledger")
    check_beancount(folder / "first.beancount")
    totals = folder / "totals.csv"
    await day.ledger.write_totals(totals, Period(), day.hospital.administrator)
    with totals.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["department"] for row in rows} == {"Radiology", ""}
    assert sum(int(row["amount"].replace(".", "")) for row in rows) == 1_000 + 3 * 500 + 3_000 + 2_000 - 400 - 700


async def due(services):
    """Return what patients owe in euros, less what is left of credit notes."""
    async with services.database.reading() as session:
        total = sa.select(sa.func.sum(Invoice.balance_minor)).where(
            Invoice.currency == "EUR", Invoice.status != InvoiceStatus.CANCELLED
        )
        return int((await session.execute(total)).scalar_one())
