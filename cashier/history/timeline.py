"""The story of a payment: what our journal and Stripe's events tell, in one order, each fact once.

Both tell of the same facts. Stripe's moments are those at which they happened, ours those at which we learned of
them, so the earlier one counts; a person is named before Stripe, and Stripe before the program.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cashier.books.deeds.deed import DeedKind
from cashier.language import NOTHING, Message, m, mc

STRIPE = m("Stripe")
PROGRAM = m("The program")
"""Who did it where nobody did."""

_SECOND = timedelta(seconds=1)
_TOLD_TWICE = timedelta(seconds=10)
_PAGE_AND_PAYMENT = timedelta(minutes=1)


class Step(StrEnum):
    """What can happen to a payment, in the order in which it is told within one second."""

    CREATED = "created"
    OPENED = "opened"
    CHALLENGED = "challenged"
    PROCESSING = "processing"
    DECLINED = "declined"
    PAGE_DONE = "page_done"
    TAKEN_OVER = "taken_over"
    PAID = "paid"
    OTHER_AMOUNT = "other_amount"
    CANCELLED = "cancelled"
    CONTRADICTED = "contradicted"
    RECEIPT_PRINTED = "receipt_printed"
    RECEIPT_COPIED = "receipt_copied"
    CREDIT_TAKEN = "credit_taken"
    DEPOSIT_USED = "deposit_used"
    CREDIT_PUT_BACK = "credit_put_back"
    REFUND_REFUSED = "refund_refused"
    REFUND_REQUESTED = "refund_requested"
    REFUND_REJECTED = "refund_rejected"
    REFUND_EXPIRED = "refund_expired"
    REFUND_APPROVED = "refund_approved"
    REFUND_APPROVED_BY_RULE = "refund_approved_by_rule"
    REFUND_ADOPTED = "refund_adopted"
    REFUND_SEEN = "refund_seen"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    DISPUTE_TAKEN = "dispute_taken"
    DISPUTE_RETURNED = "dispute_returned"
    EVIDENCE_SENT = "evidence_sent"
    DISPUTE_CLOSED = "dispute_closed"
    OWED_AGAIN = "owed_again"
    WRITTEN_OFF = "written_off"
    NOTED = "noted"
    """Anything else that the journal holds, in the journal's own words."""


STEP_WORDS: Mapping[Step, Message] = {
    Step.CREATED: mc("of a payment", "Begun"),
    Step.OPENED: m("Opened at Stripe"),
    Step.CHALLENGED: m("The bank asked the cardholder to confirm"),
    Step.PROCESSING: m("The bank is working on it"),
    Step.DECLINED: mc("of a payment", "Declined"),
    Step.PAGE_DONE: m("Stripe's page was completed"),
    Step.TAKEN_OVER: m("Taken over by another desk"),
    Step.PAID: mc("of a payment", "Paid"),
    Step.OTHER_AMOUNT: m("Another amount was paid than was asked for"),
    Step.CANCELLED: mc("of a payment", "Cancelled"),
    Step.CONTRADICTED: m("Stripe and our books disagree"),
    Step.RECEIPT_PRINTED: m("Receipt handed out"),
    Step.RECEIPT_COPIED: m("Copy of the receipt handed out"),
    Step.CREDIT_TAKEN: m("Taken off the credit note"),
    Step.DEPOSIT_USED: m("Used from the patient's account"),
    Step.CREDIT_PUT_BACK: m("Put back on the credit note"),
    Step.REFUND_REFUSED: m("Refund refused"),
    Step.REFUND_REQUESTED: m("Refund asked for"),
    Step.REFUND_REJECTED: m("Refund rejected"),
    Step.REFUND_EXPIRED: m("Refund lapsed: nobody decided in time"),
    Step.REFUND_APPROVED: m("Refund approved"),
    Step.REFUND_APPROVED_BY_RULE: m("Refund approved by rule"),
    Step.REFUND_ADOPTED: m("Refund made in Stripe's dashboard"),
    Step.REFUND_SEEN: m("Stripe tells of a refund"),
    Step.REFUND_PENDING: m("Refund on its way"),
    Step.REFUNDED: mc("of a payment", "Refunded"),
    Step.REFUND_FAILED: m("Refund failed"),
    Step.DISPUTED: m("Disputed by the cardholder"),
    Step.DISPUTE_TAKEN: m("The bank took the disputed money back"),
    Step.DISPUTE_RETURNED: m("The bank returned the disputed money"),
    Step.EVIDENCE_SENT: m("Evidence sent to the bank"),
    Step.DISPUTE_CLOSED: m("Dispute closed"),
    Step.OWED_AGAIN: m("Decided: it is owed again"),
    Step.WRITTEN_OFF: m("Decided: it is written off"),
    Step.NOTED: m("Noted"),
}
"""The words of every step; a test holds the table against ``Step``."""


@dataclass(frozen=True)
class Untold:
    """Why a deed has no place in the story of a payment."""

    why: str


_OF_PATIENT = Untold("It is about the patient, whatever they pay.")
_OF_DRAWER = Untold("It is about the drawer; its shift's report tells it.")
_OF_STAFF = Untold("It is about somebody who works here.")
_OF_INSTALLATION = Untold("It is about how the hospital is set up.")
_OF_JOURNAL = Untold("It is about the journal.")

STEP_OF_EVENT: Mapping[str, Step | None] = {
    "checkout.session.completed": Step.PAGE_DONE,
    "checkout.session.async_payment_succeeded": Step.PAID,
    "checkout.session.async_payment_failed": Step.DECLINED,
    "checkout.session.expired": Step.CANCELLED,
    "payment_intent.succeeded": Step.PAID,
    "payment_intent.payment_failed": Step.DECLINED,
    "payment_intent.canceled": Step.CANCELLED,
    "payment_intent.processing": Step.PROCESSING,
    "payment_intent.requires_action": Step.CHALLENGED,
    "charge.succeeded": Step.PAID,
    "charge.failed": Step.DECLINED,
    "charge.refunded": Step.REFUND_SEEN,
    "charge.updated": None,
    "charge.dispute.created": Step.DISPUTED,
    "charge.dispute.updated": None,
    "charge.dispute.closed": Step.DISPUTE_CLOSED,
    "charge.dispute.funds_withdrawn": Step.DISPUTE_TAKEN,
    "charge.dispute.funds_reinstated": Step.DISPUTE_RETURNED,
    "refund.created": Step.REFUND_SEEN,
    "refund.updated": Step.REFUND_SEEN,
    "refund.failed": Step.REFUND_FAILED,
    "payment_method.attached": None,
    "payment_method.detached": None,
    "payment_method.updated": None,
    "payment_method.automatically_updated": None,
    "customer.created": None,
    "customer.updated": None,
    "customer.deleted": None,
    "terminal.reader.action_succeeded": None,
    "terminal.reader.action_failed": None,
    "terminal.reader.action_updated": None,
}
"""What each event that we subscribe to tells of a payment; None where that is nothing, or nothing new."""

STEP_OF_DEED: Mapping[DeedKind, Step | Untold] = {
    DeedKind.PAYMENT_PREPARED: Step.CREATED,
    DeedKind.PAYMENT_OPEN: Step.OPENED,
    DeedKind.PAYMENT_PROCESSING: Step.PROCESSING,
    DeedKind.PAYMENT_PAID: Step.PAID,
    DeedKind.PAYMENT_CANCELLED: Step.CANCELLED,
    DeedKind.PAYMENT_TAKEN_OVER: Step.TAKEN_OVER,
    DeedKind.PAYMENT_CONTRADICTED: Step.CONTRADICTED,
    DeedKind.OTHER_AMOUNT_PAID: Step.OTHER_AMOUNT,
    DeedKind.REFUND_REQUESTED: Step.REFUND_REQUESTED,
    DeedKind.REFUND_REQUEST_REFUSED: Step.REFUND_REFUSED,
    DeedKind.REFUND_APPROVAL_REFUSED: Step.REFUND_REFUSED,
    DeedKind.REFUND_REJECTED: Step.REFUND_REJECTED,
    DeedKind.REFUND_EXPIRED: Step.REFUND_EXPIRED,
    DeedKind.REFUND_APPROVED: Step.REFUND_APPROVED,
    DeedKind.REFUND_APPROVED_BY_RULE: Step.REFUND_APPROVED_BY_RULE,
    DeedKind.REFUND_ADOPTED: Step.REFUND_ADOPTED,
    DeedKind.REFUND_PENDING: Step.REFUND_PENDING,
    DeedKind.REFUND_SUCCEEDED: Step.REFUNDED,
    DeedKind.REFUND_FAILED: Step.REFUND_FAILED,
    DeedKind.REFUND_CONTRADICTED: Step.CONTRADICTED,
    DeedKind.DISPUTE_OPENED: Step.DISPUTED,
    DeedKind.DISPUTE_CHANGED: Untold("Only its end matters to the payment; the dispute itself is shown beside."),
    DeedKind.DISPUTE_CLOSED: Step.DISPUTE_CLOSED,
    DeedKind.EVIDENCE_SHEET_MADE: Step.NOTED,
    DeedKind.EVIDENCE_SENT: Step.EVIDENCE_SENT,
    DeedKind.REVERSAL_OWED_AGAIN: Step.OWED_AGAIN,
    DeedKind.REVERSAL_WRITTEN_OFF: Step.WRITTEN_OFF,
    DeedKind.REVERSAL_REFUSED: Step.NOTED,
    DeedKind.RECEIPT_ISSUED: Untold("The deed about the payment or refund says it already."),
    DeedKind.RECEIPT_PRINTED: Step.RECEIPT_PRINTED,
    DeedKind.RECEIPT_REPRINTED: Step.RECEIPT_COPIED,
    DeedKind.REFUSED: Step.NOTED,
    DeedKind.DONE_ALL_THE_SAME: Step.NOTED,
    DeedKind.CREDIT_RECEIVED: _OF_PATIENT,
    DeedKind.CREDIT_TAKEN: Step.CREDIT_TAKEN,
    DeedKind.CREDIT_PUT_BACK: Step.CREDIT_PUT_BACK,
    DeedKind.DEPOSIT_USED: Untold("It is about the patient; the payment's own allocations tell of it."),
    DeedKind.PAYMENTS_VIEWED: _OF_PATIENT,
    DeedKind.PAYMENTS_EXPORTED: _OF_PATIENT,
    DeedKind.CARD_SAVED: _OF_PATIENT,
    DeedKind.CARD_UPDATED: _OF_PATIENT,
    DeedKind.CARD_REMOVED: _OF_PATIENT,
    DeedKind.CARD_MADE_DEFAULT: _OF_PATIENT,
    DeedKind.CUSTOMER_DELETED: _OF_PATIENT,
    DeedKind.PATIENT_REGISTERED: _OF_PATIENT,
    DeedKind.DATE_OF_BIRTH_CHANGED: _OF_PATIENT,
    DeedKind.PATIENT_MERGED: _OF_PATIENT,
    DeedKind.SHIFT_OPENED: _OF_DRAWER,
    DeedKind.CASH_MOVED_IN: _OF_DRAWER,
    DeedKind.CASH_MOVED_OUT: _OF_DRAWER,
    DeedKind.CASH_OUT_REFUSED: _OF_DRAWER,
    DeedKind.DRAWER_COUNTED: _OF_DRAWER,
    DeedKind.OWN_DIFFERENCE_REFUSED: _OF_DRAWER,
    DeedKind.SHIFT_CLOSED: _OF_DRAWER,
    DeedKind.X_REPORT_MADE: _OF_DRAWER,
    DeedKind.SHIFT_REPORT_PRINTED: _OF_DRAWER,
    DeedKind.SHIFT_REPORT_REPRINTED: _OF_DRAWER,
    DeedKind.SHIFTS_EXPORTED: _OF_DRAWER,
    DeedKind.INVOICES_RECEIVED: Untold("Invoices are there before their payments."),
    DeedKind.INVOICE_CHANGED: Untold("It is about an invoice, whatever was paid of it."),
    DeedKind.DIFFERENCE_FOUND: Untold("Differences have a page of their own."),
    DeedKind.DIFFERENCE_SETTLED: Untold("Differences have a page of their own."),
    DeedKind.SIGNED_IN: _OF_STAFF,
    DeedKind.SIGN_IN_REFUSED: _OF_STAFF,
    DeedKind.SIGNED_OUT: _OF_STAFF,
    DeedKind.STEPPED_UP: _OF_STAFF,
    DeedKind.DESK_LOCKED: _OF_STAFF,
    DeedKind.DESK_UNLOCKED: _OF_STAFF,
    DeedKind.STAFF_ADDED: _OF_STAFF,
    DeedKind.STAFF_RENAMED: _OF_STAFF,
    DeedKind.ROLE_CHANGED: _OF_STAFF,
    DeedKind.STAFF_DEACTIVATED: _OF_STAFF,
    DeedKind.STAFF_REACTIVATED: _OF_STAFF,
    DeedKind.STAFF_UNLOCKED: _OF_STAFF,
    DeedKind.PIN_CHANGE_ASKED_FOR: _OF_STAFF,
    DeedKind.PIN_CHANGED: _OF_STAFF,
    DeedKind.PIN_RESET: _OF_STAFF,
    DeedKind.PIN_HASHED_ANEW: _OF_STAFF,
    DeedKind.BADGE_GIVEN: _OF_STAFF,
    DeedKind.BADGE_TAKEN_AWAY: _OF_STAFF,
    DeedKind.LANGUAGE_CHOSEN: _OF_STAFF,
    DeedKind.PAYMENT_LINK_MADE: Untold("It is there before the payments that are made by it."),
    DeedKind.PAYMENT_LINK_ENDED: Untold("A payment goes on whatever becomes of the link that it was begun by."),
    DeedKind.MESSAGE_TRIED_AGAIN: Untold("What it changed about an invoice is told by itself."),
    DeedKind.MESSAGE_SET_ASIDE: Untold("What is not taken in changes no payment."),
    DeedKind.CLIENT_ADDED: _OF_INSTALLATION,
    DeedKind.CLIENT_KEY_MADE: _OF_INSTALLATION,
    DeedKind.CLIENT_KEY_ENDED: _OF_INSTALLATION,
    DeedKind.CLIENT_ENDED: _OF_INSTALLATION,
    DeedKind.CLIENT_LIMIT_SET: _OF_INSTALLATION,
    DeedKind.ENDPOINT_ADDED: _OF_INSTALLATION,
    DeedKind.ENDPOINT_SWITCHED: _OF_INSTALLATION,
    DeedKind.READER_REGISTERED: _OF_INSTALLATION,
    DeedKind.READER_RENAMED: _OF_INSTALLATION,
    DeedKind.READER_REMOVED: _OF_INSTALLATION,
    DeedKind.DESK_CONTINUED: _OF_INSTALLATION,
    DeedKind.APPROVAL_LIMIT_SET: _OF_INSTALLATION,
    DeedKind.HOSPITAL_SET_UP: _OF_INSTALLATION,
    DeedKind.DESK_ADDED: _OF_INSTALLATION,
    DeedKind.SMALLEST_COIN_CHANGED: _OF_INSTALLATION,
    DeedKind.TIME_ZONE_CHANGED: _OF_INSTALLATION,
    DeedKind.LANGUAGES_CHANGED: _OF_INSTALLATION,
    DeedKind.RECEIPTS_CHANGED: _OF_INSTALLATION,
    DeedKind.SECRET_CHANGED: _OF_INSTALLATION,
    DeedKind.JOURNAL_OPENED: _OF_JOURNAL,
    DeedKind.JOURNAL_CHECKED: _OF_JOURNAL,
    DeedKind.JOURNAL_EXPORTED: _OF_JOURNAL,
    DeedKind.BOOKS_ATTESTED: _OF_JOURNAL,
}
"""What each deed is called in the story of a payment, or why it is not told there."""

_RANK = {step: rank for rank, step in enumerate(Step)}
_MAY_REPEAT = frozenset(
    {Step.REFUND_REFUSED, Step.CHALLENGED, Step.PROCESSING, Step.DECLINED, Step.CONTRADICTED, Step.NOTED}
)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that somebody tells. ``about`` says of which refund or receipt, ``sources`` where it stands."""

    at: datetime
    step: Step
    who: Message
    sources: frozenset[str]
    about: str = ""
    detail: Message = NOTHING
    words: Message = NOTHING


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One line of the story: when (UTC), what in words, what more there is to say, and who did it."""

    at: datetime
    step: Step
    words: Message
    detail: Message
    who: Message


def tell(facts: Iterable[Fact], *, begun_at: datetime, known_refunds: Collection[str]) -> tuple[TimelineEntry, ...]:
    """Bring ``facts`` into one order, and tell each of them once.

    Nothing is told before ``begun_at``: Stripe's clock counts in whole seconds. ``known_refunds`` are called so at
    Stripe, and the journal tells of them.
    """
    kept: list[Fact] = []
    for fact in sorted((replace(fact, at=max(fact.at, begun_at)) for fact in facts), key=_place):
        place = next((place for place, each in enumerate(kept) if _is_same(each, fact)), None)
        if place is None:
            kept.append(fact)
        else:
            kept[place] = _both(kept[place], fact)
    return tuple(
        TimelineEntry(
            at=fact.at,
            step=fact.step,
            words=fact.words or STEP_WORDS[fact.step],
            detail=fact.detail,
            who=fact.who,
        )
        for fact in sorted(kept, key=_place)
        if not _is_implied(fact, kept, known_refunds)
    )


def _place(fact: Fact) -> tuple[datetime, int, datetime, str]:
    return fact.at.replace(microsecond=0), _RANK[fact.step], fact.at, fact.about


def _is_same(first: Fact, second: Fact) -> bool:
    if (first.step, first.about) != (second.step, second.about):
        return False
    if first.step not in _MAY_REPEAT:
        return True
    if first.words != second.words or (first.detail and second.detail and first.detail != second.detail):
        return False
    # One source tells a fact twice at the same moment only; two sources may need a moment.
    is_one_source = bool(first.sources & second.sources)
    return abs(second.at - first.at) <= (_SECOND if is_one_source else _TOLD_TWICE)


def _both(first: Fact, second: Fact) -> Fact:
    return replace(
        first,
        at=min(first.at, second.at),
        who=min(first.who, second.who, key=lambda who: (who == PROGRAM, who == STRIPE)),
        detail=first.detail or second.detail,
        sources=first.sources | second.sources,
    )


def _is_implied(fact: Fact, facts: list[Fact], known_refunds: Collection[str]) -> bool:
    """Tell whether another fact says the same and more."""
    if fact.step is Step.PAGE_DONE:
        return any(each.step is Step.PAID and abs(each.at - fact.at) <= _PAGE_AND_PAYMENT for each in facts)
    if fact.step is Step.REFUND_SEEN:
        seen = any(each.step is Step.REFUND_SEEN and each.about for each in facts)
        return fact.about in known_refunds or (not fact.about and (bool(known_refunds) or seen))
    return False
