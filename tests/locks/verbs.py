"""Everything that moves money or changes what it hangs on, made short, on records that all of them share.

Each is one deed as a desk, a client or the companion does it, again and again. What the house refuses meanwhile (an
invoice that somebody else holds, a shift that was closed) is refused as in operation, and is no matter here.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from cashier.assembly import Services
from cashier.books.journal import Actor
from cashier.books.shift import MovementKind
from cashier.clock import now
from cashier.identifiers import new_id
from cashier.invoices.intake import take_in
from cashier.invoices.people.admission import Newcomer
from cashier.invoices.people.merging import PatientMerging
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.payments.views import PaymentShare, PaymentView
from cashier.refunds.views import RefundView
from cashier.shifts.views import Closing, DrawerCount, Movement, Opening
from cashier.stripe_gateway.records import DisputeOnRecord
from cashier.tenders.tender import ELSEWHERE, Tender
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.orders import order_of, refund_of
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import SUPERVISOR_NAME, SUPERVISOR_PIN, SampleHospital

INVOICES = tuple(f"LOCK-{number}" for number in range(8))
NOTES = tuple(f"CREDIT-{number}" for number in range(2))
_LARGE = 5_000_000
_SMALL = Money(100, "EUR")
_PATIENT: Mapping[str, Any] = {"record_number": "MRN-LOCK", "patient_name": "Lola Lock"}
_numbers = itertools.count(1)


@dataclass(kw_only=True)
class Shared:
    """What all verbs act on: one patient's invoices and credit notes, paid payments, a client of the API."""

    hospital: SampleHospital
    sandbox: RunningSandbox
    client: Actor
    invoice_ids: list[int] = field(default_factory=list)
    note_ids: list[int] = field(default_factory=list)
    paid: list[PaymentView] = field(default_factory=list)
    by_card: list[PaymentView] = field(default_factory=list)
    patient_id: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(2026))

    def two_invoices(self) -> tuple[PaymentShare, ...]:
        """Some of two invoices, in any order."""
        return tuple(PaymentShare(invoice_id=each, amount=_SMALL) for each in self.chance.sample(self.invoice_ids, 2))

    async def prepare(self, desks: list[tuple[Services, Actor]]) -> None:
        """Bring invoices, credit, an open shift at every desk, and some payments that can go back."""
        services = desks[0][0]
        await take_in(services.database, _invoices(_LARGE))
        numbers = {number: await services.invoices.id_of(number) for number in (*INVOICES, *NOTES)}
        self.invoice_ids = [numbers[each] or 0 for each in INVOICES]
        self.note_ids = [numbers[each] or 0 for each in NOTES]
        self.patient_id = (await services.invoices.detail(self.invoice_ids[0])).patient_id
        for desk in desks:
            await _open_shift(desk, Money(100_000, "EUR"))
        for _ in range(3):
            for desk in desks:
                await pay_in_cash(self, desk)
                await pay_in_as_deposit(self, desk)
            await pay_by_the_api(self, desks[0])


Desk = tuple[Services, Actor]
Verb = Callable[[Shared, Desk], Awaitable[None]]


def _invoices(total_minor: int) -> list[Any]:
    bills = [an_invoice(number, **_PATIENT, lines=(a_line(total_minor),)) for number in INVOICES]
    credit = msgspec.structs.replace(a_line(total_minor), quantity_milli=-1000, total_minor=-total_minor)
    return bills + [an_invoice(number, **_PATIENT, lines=(credit,)) for number in NOTES]


async def _open_shift(desk: Desk, cash: Money) -> None:
    services, who = desk
    shifts = await services.shifts.at_desk(who.desk_id or 0)
    if shifts.open is None:
        await services.shifts.open(Opening(number=shifts.next_number, float=cash), who)


async def pay_in_cash(shared: Shared, desk: Desk) -> None:
    """Take cash for two invoices."""
    services, who = desk
    shared.paid.append(await services.payments.begin(order_of(*shared.two_invoices(), tender=Tender.CASH), who))


async def pay_by_cheque(shared: Shared, desk: Desk) -> None:
    """Take a cheque for two invoices."""
    services, who = desk
    order = order_of(*shared.two_invoices(), tender=Tender.CHEQUE, reference=f"cheque {next(_numbers)}")
    shared.paid.append(await services.payments.begin(order, who))


async def pay_in_as_deposit(shared: Shared, desk: Desk) -> None:
    """Take cash for an invoice and for the patient's account."""
    services, who = desk
    order = order_of(*shared.two_invoices(), tender=Tender.CASH, deposit=Money(5_000, "EUR"))
    shared.paid.append(await services.payments.begin(order, who))


async def use_the_account(shared: Shared, desk: Desk) -> None:
    """Use money of the account, or credit of a note, for two invoices."""
    services, who = desk
    orders = [
        DepositOrder(use_id=new_id(), invoice_id=share.invoice_id, amount=share.amount)
        for share in shared.two_invoices()
    ]
    await services.deposits.use(orders, who)


async def pay_by_the_api(shared: Shared, desk: Desk) -> None:
    """Let a client begin, the payer pay at Stripe, and whoever hears of it first take it in."""
    services, _who = desk
    view = await services.payments.begin(order_of(*shared.two_invoices(), tender=ELSEWHERE), shared.client)
    shared.sandbox.ask(f"/v1/payment_intents/{view.stripe_intent_id}/confirm", payment_method="pm_card_visa")
    shared.by_card.append(await services.payments.refresh(view.id))


async def begin_and_take_over(shared: Shared, desk: Desk) -> None:
    """Begin a payment on the page, and take it over."""
    services, who = desk
    view = await services.payments.begin(order_of(*shared.two_invoices()), who)
    await services.payments.take_over(view.id, who)


async def begin_and_cancel(shared: Shared, desk: Desk) -> None:
    """Begin a payment on the page, and take it back."""
    services, who = desk
    view = await services.payments.begin(order_of(*shared.two_invoices()), who)
    await services.payments.cancel(view.id, who)


async def look_again(shared: Shared, desk: Desk) -> None:
    """Hear from Stripe again of what is paid."""
    services, _who = desk
    await services.payments.refresh(shared.chance.choice(shared.by_card).id, even_if_final=True)


async def _asked(shared: Shared, desk: Desk, payment: PaymentView) -> RefundView:
    services, who = desk
    return await services.refunds.request(refund_of(payment.id, 10, reopens=True), who)


async def give_cash_back(shared: Shared, desk: Desk) -> None:
    """Ask for cash of a payment to go back, and have somebody else approve it."""
    services, who = desk
    asked = await _asked(shared, desk, shared.chance.choice(shared.paid))
    await services.refunds.approve(asked.id, _somebody_else(shared, who))


async def give_back_to_the_card(shared: Shared, desk: Desk) -> None:
    """Ask for money to go back to a card, and have somebody else approve it."""
    services, who = desk
    asked = await _asked(shared, desk, shared.chance.choice(shared.by_card))
    await services.refunds.approve(asked.id, _somebody_else(shared, who))


async def let_a_client_refund(shared: Shared, desk: Desk) -> None:
    """Change what a client may refund by itself, and let it do so."""
    services, _who = desk
    limit = shared.chance.choice(("500", "600"))
    await services.client_limits.set(shared.client.client, limit, "90000", shared.hospital.administrator)
    asked = refund_of(shared.chance.choice(shared.by_card).id, 1, reopens=False)
    assert (await services.refunds.request_by_rule(asked, shared.client)).by_rule


async def ask_for_two_and_reject(shared: Shared, desk: Desk) -> None:
    """Ask for money of two payments and of a credit note at once, and reject it."""
    services, who = desk
    first, second = shared.chance.sample(shared.paid, 2)
    requests = [
        refund_of(first.id, 10),
        refund_of(second.id, 10),
        refund_of(new_id(), 10, credit_note_id=shared.chance.choice(shared.note_ids), reopens=False),
    ]
    shared.chance.shuffle(requests)
    for asked in await services.refunds.request_all(requests, who):
        await services.refunds.reject(asked.id, _somebody_else(shared, who), why="Not now.")


async def recover(shared: Shared, desk: Desk) -> None:
    """Do what the companion does every minute."""
    services, _who = desk
    await services.payments.recover(older_than=timedelta(minutes=1))
    await services.refunds.recover()


async def hand_out_a_receipt(shared: Shared, desk: Desk) -> None:
    """Print a receipt."""
    services, who = desk
    payment = shared.chance.choice(shared.paid)
    assert payment.receipt_id is not None
    await services.receipts.hand_out(payment.receipt_id, who)


async def put_cash_in_and_out(shared: Shared, desk: Desk) -> None:
    """Put cash into the drawer, and take it out."""
    services, who = desk
    shifts = await services.shifts.at_desk(who.desk_id or 0)
    if shifts.open is None:
        return
    for kind in (MovementKind.IN, MovementKind.OUT):
        movement = Movement(id=new_id(), shift_id=shifts.open.id, kind=kind, amount=_SMALL, reason="Change.")
        await services.shifts.move(movement, who)


async def change_shifts(shared: Shared, desk: Desk) -> None:
    """Count the drawer, close its shift, and open the next."""
    services, who = desk
    shifts = await services.shifts.at_desk(who.desk_id or 0)
    if shifts.open is not None:
        outcome = await services.shifts.count(DrawerCount(shift_id=shifts.open.id, pieces={}), who)
        notes, cents = divmod(outcome.expected.amount_minor, 10_000)
        count = DrawerCount(shift_id=shifts.open.id, pieces={10_000: notes, 1: cents})
        await services.shifts.close(Closing(count=count, reason="Counted in cents."), who)
    await _open_shift(desk, Money(100_000, "EUR"))


async def hear_from_the_hospital(shared: Shared, desk: Desk) -> None:
    """Take in the invoices again, for another sum."""
    await take_in(desk[0].database, _invoices(_LARGE + next(_numbers)))


async def admit_and_merge(shared: Shared, desk: Desk) -> None:
    """Register a patient, take a deposit of theirs, and merge the record into the one of all others."""
    services, who = desk
    number = f"MRN-OLD-{next(_numbers)}"
    admitted = await services.admissions.admit(Newcomer(record_number=number, name="Lola Lock"), who)
    order = order_of(tender=Tender.CASH, deposit=Money(50, "EUR"), patient_id=admitted.patient_id)
    await services.payments.begin(order, who)
    await PatientMerging(services.database).merge(number, "MRN-LOCK", _somebody_else(shared, who))


async def look_after_cards(shared: Shared, desk: Desk) -> None:
    """Ask Stripe which cards the patient has."""
    services, who = desk
    await services.cards.refresh(shared.patient_id, who)


async def hear_of_a_dispute(shared: Shared, desk: Desk) -> None:
    """Hear from Stripe that a cardholder contests a payment, and make the sheet of evidence."""
    services, who = desk
    payment = shared.chance.choice(shared.by_card)
    found = DisputeOnRecord(
        dispute_id=f"du_{next(_numbers)}",
        charge_id=payment.stripe_charge_id or "",
        intent_id=payment.stripe_intent_id,
        payment_reference=str(payment.id),
        carries_reference=True,
        customer_id=None,
        amount=_SMALL,
        reason="general",
        status="won",
        respond_by=None,
        created_at=now(),
    )
    await services.disputes.take_in(found)
    await services.disputes.evidence_sheet(found.dispute_id, who)


async def compare_and_settle(shared: Shared, desk: Desk) -> None:
    """Compare with Stripe's records, and settle what is found."""
    services, _who = desk
    shared.sandbox.ask("/v1/payment_intents", amount="700", currency="eur", payment_method="pm_card_visa",
                       confirm="true", return_url="https://example.com")  # fmt: skip
    await services.reconciliation.compare(now() - timedelta(hours=1), now() + timedelta(hours=1))
    supervisor = _somebody_else(shared, shared.hospital.cashier)
    for each in await services.reconciliation.open_differences(supervisor):
        await services.reconciliation.resolve(each.id, "Looked at.", supervisor)


async def sign_in(shared: Shared, desk: Desk) -> None:
    """Sign in, and be refused what is not for cashiers."""
    services, who = desk
    await services.staff.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN, desk_id=who.desk_id or 0)


def _somebody_else(shared: Shared, who: Actor) -> Actor:
    """Return the supervisor where ``who`` is, or the administrator where that is the supervisor."""
    staff_id = (
        shared.hospital.administrator_id
        if who.staff_id == shared.hospital.supervisor_id
        else shared.hospital.supervisor_id
    )
    return Actor(kind=who.kind, staff_id=staff_id, desk_id=who.desk_id)


VERBS: tuple[Verb, ...] = (
    pay_in_cash,
    pay_by_cheque,
    pay_in_as_deposit,
    use_the_account,
    pay_by_the_api,
    begin_and_take_over,
    begin_and_cancel,
    look_again,
    give_cash_back,
    give_back_to_the_card,
    let_a_client_refund,
    ask_for_two_and_reject,
    recover,
    hand_out_a_receipt,
    put_cash_in_and_out,
    change_shifts,
    hear_from_the_hospital,
    admit_and_merge,
    look_after_cards,
    hear_of_a_dispute,
    compare_and_settle,
    sign_in,
)
