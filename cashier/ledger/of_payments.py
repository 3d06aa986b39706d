"""What payments, money on patients' accounts, refunds and disputes do to the accounts.

All money comes to the patient's account first, and goes to invoices from there: in one entry only what is left shows.
"""

from __future__ import annotations

import uuid

from cashier.books.deeds.deed import DeedKind
from cashier.books.payment import Payment
from cashier.books.receipt import ReceiptKind
from cashier.books.refund import Refund
from cashier.ledger.entry import ROLE_OF_PURSE, Account, Draft, Role, money_in
from cashier.ledger.known import Known, Share, Told
from cashier.ledger.of_invoices import PATIENTS, give_back
from cashier.ledger.phases import Phase, held_by_bank, phases_of

_ON_ACCOUNT = Account(Role.ON_ACCOUNT)
_REFUNDS_DUE = Account(Role.REFUNDS_DUE)
_LOSSES = Account(Role.DISPUTE_LOSSES)
_ROUNDING = Account(Role.ROUNDING)


def paid(known: Known, told: Told) -> Draft:
    """Book money that came, and what of it invoices took."""
    payment = known.payments[uuid.UUID(told.subject_id)]
    draft = _draft(known, payment, told)
    draft.receipt = known.receipts.get((ReceiptKind.PAYMENT, payment.id), "")
    money = _purse(known, payment, ROLE_OF_PURSE[payment.tender.row.purse], draft.desk)
    amount_minor = told.facts["amount_minor"]
    draft.move(amount_minor, payment.currency, debit=money, credit=_ON_ACCOUNT)
    draft.move(payment.rounding_minor, payment.currency, debit=money, credit=_ROUNDING)
    _allocate(draft, known.shares.get(told.number, ()))
    return draft


def account_used(known: Known, told: Told) -> Draft:
    """Book money of a patient's account that an invoice took."""
    draft = Draft(desk=known.desks.get(told.desk_id or 0, ""))
    _allocate(draft, known.uses.get(uuid.UUID(told.facts["use"]), ()))
    return draft


def credit_moved(known: Known, told: Told) -> Draft:
    """Book credit that left its note for the patient's account, or went back."""
    draft = _draft(known, known.payments[uuid.UUID(told.subject_id)], told)
    _allocate(draft, known.shares.get(told.number, ()))
    return draft


def refund_moved(known: Known, told: Told) -> Draft:
    """Book what a step of a refund does to its money: promised, sent, given up, or come back."""
    refund = known.refunds[uuid.UUID(told.subject_id)]
    payment = known.payments[refund.payment_id]
    draft = _draft(known, payment, told)
    draft.refund = refund.id
    phase = phases_of(known.steps[payment.id])[told.number]
    amount_minor, currency = refund.amount_minor, refund.currency
    if phase is Phase.PROMISED:
        draft.move(amount_minor, currency, debit=_ON_ACCOUNT, credit=_REFUNDS_DUE)
    elif phase is Phase.GIVEN_UP:
        draft.move(amount_minor, currency, debit=_REFUNDS_DUE, credit=_ON_ACCOUNT)
    elif phase is not Phase.NOTHING:
        kind = ReceiptKind.REFUND if phase.is_leaving else ReceiptKind.REFUND_FAILED
        draft.receipt = known.receipts.get((kind, refund.id), "")
        _move_money(draft, known, payment, refund, phase)
    _allocate(draft, known.shares.get(told.number, ()))
    give_back(draft, known, told)
    return draft


def dispute_moved(known: Known, told: Told) -> Draft:
    """Book what a bank took while it is contested, or gave back."""
    payment = known.payments[uuid.UUID(told.subject_id)]
    draft = _draft(known, payment, told)
    more_minor, is_decided = held_by_bank(known.steps[payment.id], payment)[told.number]
    stripe = _purse(known, payment, Role.STRIPE, "")
    held = _LOSSES if is_decided else _purse(known, payment, Role.DISPUTED, "")
    draft.move(more_minor, payment.currency, debit=held, credit=stripe)
    return draft


def reversal_decided(known: Known, told: Told) -> Draft:
    """Book who bears what a bank has for good: the patient, as far as it is owed again, and the hospital the rest."""
    payment = known.payments[uuid.UUID(told.subject_id)]
    draft = _draft(known, payment, told)
    if not told.facts.get("dispute"):
        return draft
    less_minor, _ = held_by_bank(known.steps[payment.id], payment)[told.number]
    held = _purse(known, payment, Role.DISPUTED, "")
    draft.move(less_minor, payment.currency, debit=held, credit=_LOSSES)
    if told.kind is DeedKind.REVERSAL_OWED_AGAIN:
        draft.move(told.facts["amount_minor"], payment.currency, debit=_ON_ACCOUNT, credit=_LOSSES)
        _allocate(draft, known.shares.get(told.number, ()))
    return draft


def _draft(known: Known, payment: Payment, told: Told) -> Draft:
    return Draft(
        # What a companion or a bank does is of the desk that took the money.
        desk=known.desks.get(payment.desk_id if told.kind is DeedKind.PAYMENT_PAID else told.desk_id or 0, "")
        or known.desks[payment.desk_id],
        tender=payment.tender.value,
        payment=payment.id,
    )


def _purse(known: Known, payment: Payment, role: Role, desk: str) -> Account:
    return money_in(role, desk=desk, is_training=payment.id in known.in_training)


def _move_money(draft: Draft, known: Known, payment: Payment, refund: Refund, phase: Phase) -> None:
    shift = known.shifts.get(refund.shift_id or 0)
    desk = known.desks[payment.desk_id if shift is None else shift.desk_id]
    money = _purse(known, payment, ROLE_OF_PURSE[refund.way.row.purse], desk)
    owed = _REFUNDS_DUE if phase is Phase.SENT else _ON_ACCOUNT
    sign = 1 if phase.is_leaving else -1
    draft.move(sign * refund.amount_minor, refund.currency, debit=owed, credit=money)
    draft.move(sign * refund.rounding_minor, refund.currency, debit=_ROUNDING, credit=money)


def _allocate(draft: Draft, shares: tuple[Share, ...] | list[Share]) -> None:
    for share in shares:
        draft.move(share.amount_minor, share.currency, debit=_ON_ACCOUNT, credit=PATIENTS, invoice=share.invoice)
