"""What can be paid and with what: read from the database when the dialog asks for the amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashier import clock
from cashier.desk.context import DeskContext
from cashier.desk.paying.choosing.bill import Bill, BillLine
from cashier.desk.paying.choosing.tender_offers import TenderOffer, offers_for
from cashier.invoices.views import InvoiceDetail, InvoiceRow, Namesake
from cashier.language import NOTHING, Message
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.payments.views import PaidShare, PaymentView
from cashier.tenders.tender import Channel


@dataclass(frozen=True, kw_only=True)
class PaymentOffer:
    """The patient's bill as it is now, and the ways to pay it at this desk."""

    bill: Bill
    tenders: tuple[TenderOffer, ...]
    namesakes: tuple[Namesake, ...]
    """Other patients of the same name who could be meant: those who have to pay; for a deposit, all."""


@dataclass(frozen=True, kw_only=True)
class Payer:
    """Whose payment it is, in which currency; ``title`` names it: an invoice, or the record of who has none."""

    patient_id: int
    patient: PatientIdentity
    currency: str
    title: str


def payer_of(detail: InvoiceDetail | Payer) -> Payer:
    """Return who pays an invoice."""
    if isinstance(detail, Payer):
        return detail
    row = detail.row
    return Payer(patient_id=detail.patient_id, patient=row.patient, currency=row.balance.currency, title=row.number)


def bill_of(detail: InvoiceDetail | Payer, *, is_deposit: bool = False, beside: Sequence[InvoiceRow] = ()) -> Bill:
    """Make the bill of one invoice and those ``beside`` it, as they were seen on the screen, the oldest first.

    A deposit has a bill without lines. Those ``beside`` are of the same patient and currency.
    """
    if isinstance(detail, Payer):
        return Bill.of(detail.patient_id, detail.currency, ())
    row = detail.row
    rows = sorted((row, *beside), key=lambda each: (each.issued_on, each.id))
    lines = () if is_deposit else tuple(_line(each, is_wanted=True) for each in rows)
    return Bill.of(detail.patient_id, row.balance.currency, lines).choosing(frozenset(each.id for each in rows))


async def read_offer(
    context: DeskContext, bill: Bill, taken_up: Sequence[PaidShare] = (), *, without_stripe: Message = NOTHING
) -> PaymentOffer:
    """Read what the patient owes now and what can be paid with. What was chosen on ``bill`` stays chosen.

    Where a payment from before was ``taken_up``, its shares are paid instead. A bill without lines is for a deposit,
    and stays so.
    """
    services, station = context.services, context.station
    rows = await services.invoices.due_of_patient(bill.patient_id, bill.currency) if bill.lines else ()
    shares = {share.invoice_id: share.amount for share in taken_up}
    chosen = frozenset(shares or (line.invoice_id for line in bill.chosen))
    lines = tuple(_line(row, is_wanted=row.id in chosen) for row in rows)
    fresh = Bill.of(bill.patient_id, bill.currency, lines).choosing(chosen)
    if shares:
        fresh = fresh.paying_shares(shares)
    tenders = services.settings.desk.tenders
    takes_saved_cards = any(tender.row.channel is Channel.SAVED_CARD for tender in tenders)
    on_account = [
        amount for amount in await services.deposits.of_patient(bill.patient_id) if amount.currency == bill.currency
    ]
    return PaymentOffer(
        bill=fresh,
        namesakes=tuple(
            each
            for each in await services.invoices.namesakes_of(bill.patient_id)
            if each.invoices_owed or not bill.lines
        ),
        tenders=offers_for(
            tenders,
            cards=await services.cards.of_patient(bill.patient_id) if takes_saved_cards else (),
            readers=await services.readers.of_desk(station.desk_id),
            on_account=on_account[0] if on_account and bill.lines else None,
            today=clock.today(station.time_zone),
            without_stripe=without_stripe,
        ),
    )


async def read_left(context: DeskContext, view: PaymentView) -> Money:
    """Read what is left to pay of the invoices that ``view`` is a payment of; nothing for a deposit alone."""
    paid = {share.invoice_id for share in view.shares}
    rows = await context.services.invoices.due_of_patient(view.patient_id, view.amount.currency) if paid else ()
    return Money(sum(row.balance.amount_minor for row in rows if row.id in paid), view.amount.currency)


def _line(row: InvoiceRow, *, is_wanted: bool) -> BillLine:
    """Make a line. One that is wanted although somebody is paying it stays: beginning tells who, and since when."""
    return BillLine(
        invoice_id=row.id,
        number=row.number,
        department=row.department,
        issued_on=row.issued_on,
        balance=row.balance,
        pays_now=Money(0, row.balance.currency),
        is_held=row.under_way is not None and not is_wanted,
    )
