"""What the hospital's system may change about an invoice that is known, held or paid for.

Money belongs to one patient and is in one currency: neither changes under it. What an invoice comes to, and whether
it is owed at all, may change as far as what was paid and not given back leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Allocation, InvoiceHold
from cashier.errors import Refused
from cashier.invoices.views import IncomingInvoice
from cashier.language import NOTHING, Message, m
from cashier.money import Money


class InvoiceRefused(Refused):
    """This invoice cannot be taken in; others can."""

    default = m("This invoice cannot be taken in; others can.")


class FieldRefused(InvoiceRefused):
    """A field of it is not as it should be, or contradicts another; ``place`` is its name, as in docs/IMPORT.md."""

    default = m("A field of this invoice is not as it should be.")

    def __init__(self, message: Message, *, place: str, advice: Message = NOTHING) -> None:
        """Keep which field it is."""
        super().__init__(message, advice=advice)
        self.place = place


class Bond(StrEnum):
    """What ties an invoice to its patient and currency."""

    NONE = "none"
    HELD = "held"
    """Somebody is paying it just now."""
    MONEY = "money"
    """Money counted towards it once, whether it has gone back or not."""


async def bonds_of(session: AsyncSession, invoice_ids: Sequence[int]) -> Mapping[int, Bond]:
    """Return what ties those of the invoices (locked: nobody begins to pay them meanwhile) that are tied."""
    held = sa.select(InvoiceHold.invoice_id).where(InvoiceHold.invoice_id.in_(invoice_ids))
    with_money = sa.select(Allocation.invoice_id).where(Allocation.invoice_id.in_(invoice_ids)).distinct()
    return {
        **dict.fromkeys((await session.execute(with_money)).scalars(), Bond.MONEY),
        **dict.fromkeys((await session.execute(held)).scalars(), Bond.HELD),
    }


def check_change(invoice: Invoice, incoming: IncomingInvoice, patient: Patient, bond: Bond) -> None:
    """Raise ``InvoiceRefused`` for a change that the money of the invoice, or a payment under way, does not allow.

    Taken in while it is paid are another amount and a cancellation: what the invoice cannot take then stays on the
    patient's account.
    """
    if bond is Bond.NONE:
        return
    owed_minor = sum(line.total_minor for line in incoming.lines) - incoming.insurer_share_minor
    if invoice.is_credit_note:
        _check_credit(invoice, incoming, patient, owed_minor)
        return
    if owed_minor < 0:
        problem = (
            m("{number} is being paid just now; it cannot become a credit note.", number=incoming.number)
            if bond is Bond.HELD
            else m(
                "{number} is an invoice and has had money; it cannot become a credit note.", number=incoming.number
            )
        )
        raise InvoiceRefused(
            problem,
            advice=m("Send the credit note under a number of its own."),
        )
    if patient.id != invoice.patient_id:
        raise _of_other_patient(incoming, bond)
    if incoming.currency != invoice.currency:
        raise _in_other_currency(invoice, incoming, bond)
    if incoming.cancelled and invoice.paid_minor:
        raise InvoiceRefused(
            m("{number} is paid already and cannot be cancelled.", number=incoming.number),
            advice=m("Refund it first, then send the cancellation again."),
        )
    if owed_minor < invoice.paid_minor:
        raise InvoiceRefused(
            m("{number} would be less than what is paid for it already.", number=incoming.number),
            advice=m("Refund the difference first, then send the invoice again."),
        )


def _check_credit(note: Invoice, incoming: IncomingInvoice, patient: Patient, owed_minor: int) -> None:
    """Raise ``InvoiceRefused`` for what would take away credit that is used; nobody holds a credit note."""
    number, used = incoming.number, Money(-note.paid_minor, note.currency)
    if (patient.id, incoming.currency) != (note.patient_id, note.currency):
        raise InvoiceRefused(
            m("Credit of {number} was used already, so its patient and currency stay.", number=number),
            advice=m("Send it under a number of its own, and an invoice that takes the old credit back."),
        )
    if (incoming.cancelled and used) or owed_minor > note.paid_minor:
        raise InvoiceRefused(
            m("{used} of credit note {number} are used already; it cannot become less.", used=used, number=number),
            advice=m("Send an invoice of the difference under a number of its own."),
        )


def still_returned_minor(invoice: Invoice) -> int:
    """Return how much of what was given back for good lies within the invoice as it is owed now.

    What was given back for good is not owed again. When the hospital then lowers the invoice itself, that much less
    is left to say.
    """
    within_minor = invoice.total_minor - invoice.insurer_share_minor - invoice.paid_minor
    return max(0, min(invoice.returned_minor, within_minor))


def _of_other_patient(incoming: IncomingInvoice, bond: Bond) -> InvoiceRefused:
    number, record = incoming.number, incoming.record_number
    if bond is Bond.HELD:
        problem = m(
            "Another patient is paying {number} just now, so it cannot be given to the record number {record}.",
            number=number,
            record=record,
        )
    else:
        problem = m(
            "Another patient has paid for {number}, so it cannot be given to the record number {record}.",
            number=number,
            record=record,
        )
    return InvoiceRefused(problem, advice=_WHAT_TO_DO[bond])


def _in_other_currency(invoice: Invoice, incoming: IncomingInvoice, bond: Bond) -> InvoiceRefused:
    number, currency, other = incoming.number, invoice.currency, incoming.currency
    if bond is Bond.HELD:
        problem = m(
            "{number} is being paid in {currency} just now; it cannot become {other}.",
            number=number,
            currency=currency,
            other=other,
        )
    else:
        problem = m(
            "{number} is paid in {currency}; it cannot become {other}.",
            number=number,
            currency=currency,
            other=other,
        )
    return InvoiceRefused(problem, advice=_WHAT_TO_DO[bond])


_WHAT_TO_DO: Mapping[Bond, Message] = {
    Bond.HELD: m("Send it under a number of its own, or again when that payment has ended without money."),
    Bond.MONEY: m("Send it under a number of its own. If the old one is not owed, refund it for good and cancel it."),
}
