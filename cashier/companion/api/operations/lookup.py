"""Finding what a request names, and only what the caller may see: anything else is not there at all."""

from __future__ import annotations

import uuid

from cashier.companion.api.operation import AnyAsk
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.invoices.views import InvoiceDetail
from cashier.language import Message, m
from cashier.payments.views import PaymentView


async def invoice_numbered(ask: AnyAsk, number: str, *, at: str = "") -> InvoiceDetail:
    """Return the invoice of this very number. Raises ``Problem`` (404), naming the field ``at`` of a body."""
    invoice_id = await ask.services.invoices.id_of(number)
    detail = None if invoice_id is None else await ask.services.invoices.detail(invoice_id)
    is_theirs = detail is not None and (
        ask.caller.patient_id in (None, detail.patient_id) and ask.caller.invoice_id in (None, detail.row.id)
    )
    if detail is None or not is_theirs:
        raise _missing(m("There is no invoice {number}.", number=number), at)
    return detail


async def payment_of_intent(ask: AnyAsk, intent_id: str) -> uuid.UUID:
    """Return our payment of this intent. Raises ``Problem`` (404) where there is none that the caller may see."""
    payment_id = await ask.services.payments.find_by_stripe_id(intent_id) if intent_id.startswith("pi_") else None
    if payment_id is None:
        raise _missing(m("There is no payment intent {id}.", id=intent_id))
    refuse_foreign(ask, await ask.services.payments.view(payment_id), intent_id)
    return payment_id


def may_see(ask: AnyAsk, view: PaymentView) -> bool:
    """Tell whether a payment is one that the caller may see: a token's is of its patient, or for its invoice."""
    is_of_invoice = ask.caller.invoice_id in (None, *(share.invoice_id for share in view.shares))
    return ask.caller.patient_id in (None, view.patient_id) and is_of_invoice


def refuse_foreign(ask: AnyAsk, view: PaymentView, name: str) -> None:
    """Raise ``Problem`` (404), as where there is no payment of this ``name``, for one that the caller may not see."""
    if not may_see(ask, view):
        raise _missing(m("There is no payment intent {id}.", id=name))


async def card_named(ask: AnyAsk, stripe_id: str, *, patient_id: int | None = None) -> int:
    """Return our key of a saved card that Stripe calls ``stripe_id``. Raises ``Problem`` where it is not kept, or is
    another patient's than ``patient_id``.
    """
    found = await ask.services.cards.find_by_stripe_id(stripe_id)
    owner = patient_id if patient_id is not None else ask.caller.patient_id
    if found is None or (owner is not None and found.patient_id != owner):
        at = "#/payment_method_id" if patient_id is not None else ""
        raise _missing(m("There is no saved payment method {id}.", id=stripe_id), at)
    return found.card_id


async def patient_recorded(ask: AnyAsk, record_number: str, *, at: str = "") -> int:
    """Return our key of the patient with this record number. Raises ``Problem`` (404), naming the field ``at``."""
    patient_id = await ask.services.invoices.patient_of(record_number)
    if patient_id is None or ask.caller.patient_id not in (None, patient_id):
        raise _missing(m("There is no patient {id}.", id=record_number), at)
    return patient_id


def _missing(what: Message, at: str = "") -> Problem:
    return Problem(ProblemKind.NOT_FOUND, what, fields=[(at, what)] if at else ())
