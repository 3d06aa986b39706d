"""The first transaction of a payment: everything is checked and saved before Stripe hears of it.

What the cashier has in hand (cash, a cheque) is checked here as well; it is settled in the same transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypedDict

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.asked_again.sums import AskedAgain
from cashier.books import journal
from cashier.books.deeds.payments import PaymentPrepared
from cashier.books.hospital import Desk, Hospital
from cashier.books.invoice import Invoice, InvoiceStatus, Patient
from cashier.books.payment import InvoiceHold, Payment, PaymentItem, PaymentState
from cashier.books.staff import Staff
from cashier.channels.channel import Means, PaymentChannel
from cashier.channels.in_hand import Till, shift_of
from cashier.channels.reference import key_of, reference_for
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import Refused
from cashier.language import m
from cashier.money import Money
from cashier.patients.records import current_of
from cashier.payments.doubts import decide, take_turns
from cashier.payments.queries import pending_of
from cashier.payments.views import DueChanged, InvoiceHeld, PaymentOrder
from cashier.tenders.methods import CARD, methods_for
from cashier.tenders.tender import Tender

log = logging.getLogger(__name__)


class OfPage(TypedDict):
    """What a payment saves of the page on which it may be paid."""

    return_base: str
    methods: str


@dataclass(frozen=True, kw_only=True)
class House:
    """The rules of where a payment is begun: how Stripe's page leads back, drawers, and what is asked again.

    ``methods`` are what Stripe's page may offer, where they take the currency.
    """

    return_base: str
    phone_return_base: str
    till: Till
    asked_again: AskedAgain
    methods: tuple[str, ...] = (CARD,)

    def page_for(self, order: PaymentOrder) -> OfPage:
        """Return where Stripe's page leads back to for ``order``, and what it may offer."""
        row = order.tender.row
        methods = methods_for(order.amount.currency, self.methods if row.is_page else ())
        return {
            "return_base": self.phone_return_base if row.is_on_phone else self.return_base,
            "methods": ",".join(methods),
        }


def refuse_tender(tender: Tender, actor: journal.Actor, *, offered: Collection[Tender]) -> None:
    """Raise ``Refused`` for what is not taken here: desks and clients of the API take different tenders."""
    is_client = actor.kind is journal.ActorKind.CLIENT
    is_taken_there = tender.row.brings_money and tender.row.is_at_desk is not is_client
    if not is_taken_there or not (is_client or tender in offered):
        raise Refused(m("This desk does not take that."), advice=m("Choose another way to pay."))


async def prepare(
    session: AsyncSession, order: PaymentOrder, actor: journal.Actor, *, channel: PaymentChannel, house: House
) -> Payment:
    """Save the payment of ``order`` as PREPARED and hold its invoices, in the running transaction.

    ``channel`` is that of the tender. Where the ``house`` wants shifts, cash is taken in an open one only. The same
    order again returns the payment that is there. Raises ``Refused`` when an invoice is not due, or less than asked
    for or agreed, ``InvoiceHeld`` when another payment is under way, ``Doubtful`` for what is hardly ever meant and
    nobody decided, and what the channel's ``check`` raises.
    """
    amount = order.amount
    locked = await _lock_invoices(session, order)
    # Looked for under the lock: the same order may come twice at once.
    known = await session.get(Payment, order.payment_id)
    if known is not None:
        return known
    invoices = await _due_invoices(session, order, locked)
    patient_id = await _patient_of(session, order, invoices)
    desk_id, staff_id = _place_of(actor)
    reference = reference_for(order.tender, order.reference)
    await take_turns(session, patient_id=patient_id, reference_key=key_of(reference))
    coins = await channel.check(session, _means(order, patient_id=patient_id, desk_id=desk_id))
    shift_id = await shift_of(session, order.tender, amount, desk_id=desk_id, till=house.till)
    payment = Payment(
        id=order.payment_id,
        patient_id=patient_id,
        desk_id=desk_id,
        staff_id=staff_id,
        tender=order.tender,
        saved_card_id=order.saved_card_id,
        reader_id=order.reader_id,
        shift_id=shift_id,
        settlement_id=order.settlement_id or order.payment_id,
        state=PaymentState.PREPARED,
        amount_minor=amount.amount_minor,
        deposit_minor=0 if order.deposit is None else order.deposit.amount_minor,
        unallocated_minor=0,
        tendered_minor=coins.tendered_minor,
        rounding_minor=coins.rounding_minor,
        reference=reference,
        reference_key=key_of(reference),
        currency=amount.currency,
        created_at=now(),
        saves_card=order.saves_card,
        **house.page_for(order),
    )
    await _save(session, payment, order, actor)
    due = Money(sum(invoice.balance_minor for invoice in invoices), amount.currency)
    await decide(session, payment, order, actor, due=due, asked=house.asked_again)
    return payment


def _place_of(actor: journal.Actor) -> tuple[int, int]:
    """Return at which desk it is taken, and by whom."""
    if actor.desk_id is None or actor.staff_id is None:
        raise Refused(m("A payment needs a desk and a cashier."), advice=m("Sign in first."))
    return actor.desk_id, actor.staff_id


async def _save(session: AsyncSession, payment: Payment, order: PaymentOrder, actor: journal.Actor) -> None:
    session.add(payment)
    await session.flush()
    # Looked for with the payment there: from now on, who merges the patient finds it.
    if await current_of(session, payment.patient_id) != payment.patient_id:
        raise Refused(
            m("The hospital has just merged this patient with another record."),
            advice=m("Search for the patient again."),
        )
    await _hold_invoices(session, payment, order)
    await journal.record(session, _deed(payment, order), actor)


def _means(order: PaymentOrder, *, patient_id: int, desk_id: int) -> Means:
    return Means(
        tender=order.tender,
        amount=order.amount,
        patient_id=patient_id,
        desk_id=desk_id,
        saved_card_id=order.saved_card_id,
        reader_id=order.reader_id,
        tendered=order.tendered,
    )


def _deed(payment: Payment, order: PaymentOrder) -> PaymentPrepared:
    return PaymentPrepared(
        payment=payment.id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        tender=payment.tender,
        invoices=tuple(share.invoice_id for share in order.shares),
        deposit_minor=payment.deposit_minor,
    )


async def _hold_invoices(session: AsyncSession, payment: Payment, order: PaymentOrder) -> None:
    """Write down what ``payment`` is for; until it ends, nobody else can begin one for these invoices."""
    for share in order.shares:
        session.add(
            PaymentItem(payment_id=payment.id, invoice_id=share.invoice_id, amount_minor=share.amount.amount_minor)
        )
        session.add(InvoiceHold(invoice_id=share.invoice_id, payment_id=payment.id, since=payment.created_at))
    await session.flush()


async def _lock_invoices(session: AsyncSession, order: PaymentOrder) -> dict[int, Invoice]:
    """Lock the invoices in the order of their keys, so that two desks never wait for each other in a circle."""
    ids = [share.invoice_id for share in order.shares]
    statement = sa.select(Invoice).where(Invoice.id.in_(ids)).order_by(Invoice.id).with_for_update(**ROW_LOCK)
    return {invoice.id: invoice for invoice in (await session.execute(statement)).scalars()}


async def _due_invoices(session: AsyncSession, order: PaymentOrder, invoices: dict[int, Invoice]) -> list[Invoice]:
    """Return the locked invoices that ``order`` pays, in its order; raises ``Refused`` unless all can be paid."""
    ids = [share.invoice_id for share in order.shares]
    if len(set(ids)) != len(ids):
        raise Refused(m("An invoice was chosen twice."), advice=m("Choose every invoice once."))
    await _refuse_held(session, ids)
    for share in order.shares:
        invoice = invoices.get(share.invoice_id)
        if invoice is None:
            raise Refused(m("This invoice does not exist any more."), advice=m("Search for it again."))
        if invoice.status is InvoiceStatus.CANCELLED:
            raise Refused(
                m("Invoice {number} is cancelled.", number=invoice.number), advice=m("Nothing is to be paid for it.")
            )
        if invoice.is_credit_note:
            raise Refused(
                m("{number} is a credit note: nothing is to be paid for it.", number=invoice.number),
                advice=m("Its credit pays other invoices of the patient."),
            )
        balance = Money(invoice.balance_minor, invoice.currency)
        if not balance:
            raise Refused(
                m("Invoice {number} is paid already.", number=invoice.number),
                advice=m("Look at its payments and receipts."),
            )
        if share.amount.currency != invoice.currency:
            raise Refused(
                m("Invoice {number} is in {currency}.", number=invoice.number, currency=invoice.currency),
                advice=m("Pay it in that currency."),
            )
        if share.amount.amount_minor <= 0:
            raise Refused(m("The amount must be above zero."), advice=m("Type how much the patient pays now."))
        if share.agreed_due is not None and share.agreed_due != balance:
            raise DueChanged(invoice.number, agreed=share.agreed_due, due=balance)
        if balance < share.amount:
            raise Refused(
                m(
                    "{amount} is more than the {balance} that are due on {number}.",
                    amount=share.amount,
                    balance=balance,
                    number=invoice.number,
                ),
                advice=m("Take at most {balance}.", balance=balance),
            )
    return [invoices[invoice_id] for invoice_id in ids]


async def _refuse_held(session: AsyncSession, invoice_ids: list[int]) -> None:
    held = await find_hold(session, invoice_ids)
    if held is not None:
        raise held


async def find_hold(session: AsyncSession, invoice_ids: list[int]) -> InvoiceHeld | None:
    """Return who holds the first held invoice among ``invoice_ids``, or None."""
    statement = (
        sa.select(InvoiceHold.since, Desk.code, Staff.display_name, Payment, Hospital.time_zone)
        .join(Payment, Payment.id == InvoiceHold.payment_id)
        .join(Desk, Desk.id == Payment.desk_id)
        .join(Staff, Staff.id == Payment.staff_id)
        .join(Hospital, sa.true())
        .where(InvoiceHold.invoice_id.in_(invoice_ids))
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    if row is None:
        return None
    since, desk, cashier, payment, time_zone = row
    return InvoiceHeld(
        payment_id=payment.id,
        since=since,
        desk=desk,
        cashier=cashier,
        is_at_desk=payment.tender.row.is_at_desk,
        pending=pending_of(payment, time_zone),
    )


async def holder_of(database: Database, order: PaymentOrder) -> InvoiceHeld | Refused:
    """Return who was faster with an invoice of ``order``, as something to be raised."""
    async with database.reading() as session:
        held = await find_hold(session, [share.invoice_id for share in order.shares])
    return held or Refused(m("Another desk was faster with this invoice."), advice=m("Look at it again."))


async def refuse_changed(session: AsyncSession, payment: Payment) -> None:
    """Raise ``DueChanged`` where an invoice can take less by now than ``payment`` asks for.

    The hospital's system lowered or cancelled it meanwhile. Asked before money could be taken; what is taken in spite
    of that becomes the patient's credit.
    """
    statement = (
        sa.select(PaymentItem.amount_minor, Invoice)
        .join(Invoice, Invoice.id == PaymentItem.invoice_id)
        .where(PaymentItem.payment_id == payment.id)
        .order_by(Invoice.id)
    )
    for asked_minor, invoice in await session.execute(statement):
        room_minor = invoice.room_minor if payment.is_like(invoice) else 0
        if room_minor < asked_minor:
            raise DueChanged(
                invoice.number,
                agreed=Money(asked_minor, payment.currency),
                due=Money(room_minor, payment.currency),
            )


async def is_changed(database: Database, payment: Payment) -> bool:
    """Tell whether an invoice can take less by now than ``payment`` asks for, as ``refuse_changed`` says."""
    try:
        async with database.reading() as session:
            await refuse_changed(session, payment)
    except DueChanged as changed:
        log.info("payment not opened", extra={"payment": payment.id, "reason": changed.message.english})
        return True
    return False


async def _patient_of(session: AsyncSession, order: PaymentOrder, invoices: list[Invoice]) -> int:
    """Return whose payment it is: the invoices' patient, or who is named for a deposit alone."""
    patients = {invoice.patient_id for invoice in invoices}
    if order.patient_id is not None:
        patients.add(await current_of(session, order.patient_id))
    if len(patients) > 1:
        raise Refused(
            m("These invoices belong to different patients."), advice=m("Take one patient's invoices at a time.")
        )
    if order.deposit is not None and order.deposit.amount_minor <= 0:
        raise Refused(m("The deposit must be above zero."), advice=m("Type how much goes to the patient's account."))
    (patient_id,) = patients
    if await session.get(Patient, patient_id) is None:
        raise Refused(m("There is no such patient."), advice=m("Search for an invoice of the patient."))
    return patient_id


def is_hold_conflict(error: IntegrityError) -> bool:
    """Tell whether the database itself refused a second open attempt on an invoice."""
    return "invoice_hold" in str(error.orig)


def is_same_order(error: IntegrityError) -> bool:
    """Tell whether the same order was saved in the same moment: a deposit has no invoice that is locked before."""
    told = getattr(error.orig, "diag", None)
    return getattr(told, "constraint_name", None) == "pk_payment"
