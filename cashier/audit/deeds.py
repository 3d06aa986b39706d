"""Rules about deeds: what state says was done stands in the journal, and what the journal tells is so.

Each kind of deed has a proof, or a reason for having none; a test holds the table against ``DeedKind``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.api_client import ApiClient, ClientRefundLimit
from cashier.books.card_reader import CardReader
from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.difference import Difference
from cashier.books.dispute import ENDED, Dispute, Reversal, ReversalOutcome
from cashier.books.from_hospital.message import Hl7Message, Hl7State
from cashier.books.hospital import Desk, Hospital
from cashier.books.invoice import Invoice, Patient
from cashier.books.journal import JournalEntry
from cashier.books.outgoing.endpoint import OutgoingEndpoint
from cashier.books.payment import Payment, PaymentLink, PaymentState
from cashier.books.refund import ApprovalLimit, Refund, RefundOrigin, RefundState
from cashier.books.saved_card import FormerCustomer, SavedCard
from cashier.books.shift import CashMovement, MovementKind, Shift
from cashier.books.staff import Staff
from cashier.language import Message, m
from cashier.tenders.tender import CREDIT_TENDERS

_EVERY_ROW = sa.true()


@dataclass(frozen=True, kw_only=True)
class Proof:
    """State that a deed leaves behind.

    ``key`` is the column that names what the deed is about. Each row that meets ``leaves`` wants a deed, None where
    rows may be there without one. For each deed there is a row that meets ``still``, however long ago it was.
    """

    subject: Subject
    key: Any
    leaves: sa.ColumnElement[bool] | None
    still: sa.ColumnElement[bool]


@dataclass(frozen=True)
class Unproved:
    """Why the audit asks nothing of a deed."""

    why: str


def _exactly(subject: Subject, key: Any, condition: sa.ColumnElement[bool] = _EVERY_ROW) -> Proof:
    return Proof(subject=subject, key=key, leaves=condition, still=condition)


def _payment(*states: PaymentState, later: tuple[PaymentState, ...] = ()) -> Proof:
    still = Payment.state.in_((*states, *later))
    return Proof(subject=Subject.PAYMENT, key=Payment.id, leaves=Payment.state.in_(states), still=still)


def _refund(state: RefundState, *later: RefundState) -> Proof:
    still = Refund.state.in_((state, *later))
    return Proof(subject=Subject.REFUND, key=Refund.id, leaves=Refund.state == state, still=still)


def _only_if(subject: Subject, key: Any, still: sa.ColumnElement[bool] = _EVERY_ROW) -> Proof:
    return Proof(subject=subject, key=key, leaves=None, still=still)


_ENTRY_ONLY = Unproved("Nothing but the entry is left of it.")
_OVERTAKEN = Unproved("A later deed may have changed it back.")
_IN_RECEIPTS = Unproved("The rules of receipts and of payments count every number and every cent.")

_IS_CREDIT = Payment.tender.in_(CREDIT_TENDERS)

PROOF_OF: Mapping[DeedKind, Proof | Unproved] = {
    DeedKind.PAYMENT_PREPARED: _exactly(Subject.PAYMENT, Payment.id, ~_IS_CREDIT),
    DeedKind.PAYMENT_OPEN: _payment(PaymentState.OPEN, later=tuple(PaymentState)),
    DeedKind.PAYMENT_PROCESSING: _payment(PaymentState.PROCESSING, later=tuple(PaymentState)),
    DeedKind.PAYMENT_PAID: _exactly(
        Subject.PAYMENT, Payment.id, sa.and_(Payment.state == PaymentState.PAID, ~_IS_CREDIT)
    ),
    DeedKind.PAYMENT_CANCELLED: _payment(PaymentState.CANCELLED, later=(PaymentState.PAID,)),
    DeedKind.PAYMENT_TAKEN_OVER: _exactly(Subject.PAYMENT, Payment.id, Payment.taken_over_by.is_not(None)),
    DeedKind.PAYMENT_CONTRADICTED: _only_if(Subject.PAYMENT, Payment.id, Payment.contradiction.is_not(None)),
    DeedKind.OTHER_AMOUNT_PAID: _exactly(Subject.PAYMENT, Payment.id, Payment.asked_minor.is_not(None)),
    DeedKind.DONE_ALL_THE_SAME: Unproved("What was done is proved by itself; the decision is nothing but the entry."),
    DeedKind.DEPOSIT_USED: Unproved("The use is a row of its own, whose money the rule of payments counts."),
    DeedKind.CREDIT_RECEIVED: Unproved("A later import may have changed it; what is used of it is proved below."),
    DeedKind.CREDIT_TAKEN: _exactly(Subject.PAYMENT, Payment.id, _IS_CREDIT),
    DeedKind.CREDIT_PUT_BACK: _only_if(Subject.PAYMENT, Payment.id, _IS_CREDIT),
    DeedKind.PAYMENTS_VIEWED: _ENTRY_ONLY,
    DeedKind.PAYMENTS_EXPORTED: _ENTRY_ONLY,
    DeedKind.REFUND_REQUESTED: _exactly(Subject.REFUND, Refund.id, Refund.origin == RefundOrigin.DESK),
    DeedKind.REFUND_REQUEST_REFUSED: _ENTRY_ONLY,
    DeedKind.REFUND_APPROVED: _exactly(Subject.REFUND, Refund.id, sa.and_(
        Refund.origin == RefundOrigin.DESK,
        Refund.rule_client_id.is_(None),
        Refund.state.not_in((RefundState.REQUESTED, RefundState.REJECTED, RefundState.EXPIRED)),
    )),
    DeedKind.REFUND_APPROVED_BY_RULE: _exactly(Subject.REFUND, Refund.id, Refund.rule_client_id.is_not(None)),
    DeedKind.REFUND_APPROVAL_REFUSED: _ENTRY_ONLY,
    DeedKind.REFUND_REJECTED: _refund(RefundState.REJECTED),
    DeedKind.REFUND_EXPIRED: _refund(RefundState.EXPIRED),
    DeedKind.REFUND_ADOPTED: _exactly(Subject.REFUND, Refund.id, Refund.origin == RefundOrigin.STRIPE),
    DeedKind.REFUND_PENDING: _refund(RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED),
    DeedKind.REFUND_SUCCEEDED: _refund(RefundState.SUCCEEDED, RefundState.FAILED),
    DeedKind.REFUND_FAILED: _refund(RefundState.FAILED, RefundState.PENDING, RefundState.SUCCEEDED),
    DeedKind.REFUND_CONTRADICTED: _only_if(Subject.REFUND, Refund.id, Refund.contradiction.is_not(None)),
    DeedKind.APPROVAL_LIMIT_SET: _exactly(Subject.LIMITS, ApprovalLimit.role),
    DeedKind.DISPUTE_OPENED: _exactly(Subject.PAYMENT, Dispute.payment_id),
    DeedKind.DISPUTE_CHANGED: _only_if(Subject.PAYMENT, Dispute.payment_id),
    DeedKind.DISPUTE_CLOSED: _only_if(Subject.PAYMENT, Dispute.payment_id, Dispute.status.in_(ENDED)),
    DeedKind.EVIDENCE_SHEET_MADE: _only_if(Subject.PAYMENT, Dispute.payment_id),
    DeedKind.EVIDENCE_SENT: _exactly(Subject.PAYMENT, Dispute.payment_id, Dispute.evidence_sent_at.is_not(None)),
    DeedKind.REVERSAL_OWED_AGAIN: _exactly(
        Subject.PAYMENT, Reversal.payment_id, Reversal.outcome == ReversalOutcome.OWED_AGAIN
    ),
    DeedKind.REVERSAL_WRITTEN_OFF: _exactly(
        Subject.PAYMENT, Reversal.payment_id, Reversal.outcome == ReversalOutcome.WRITTEN_OFF
    ),
    DeedKind.REVERSAL_REFUSED: _ENTRY_ONLY,
    DeedKind.RECEIPT_ISSUED: _IN_RECEIPTS,
    DeedKind.RECEIPT_PRINTED: _IN_RECEIPTS,
    DeedKind.RECEIPT_REPRINTED: _IN_RECEIPTS,
    DeedKind.SHIFT_OPENED: _exactly(Subject.SHIFT, Shift.id),
    DeedKind.CASH_MOVED_IN: _exactly(Subject.SHIFT, CashMovement.shift_id, CashMovement.kind == MovementKind.IN),
    DeedKind.CASH_MOVED_OUT: _exactly(Subject.SHIFT, CashMovement.shift_id, CashMovement.kind == MovementKind.OUT),
    DeedKind.CASH_OUT_REFUSED: _ENTRY_ONLY,
    DeedKind.DRAWER_COUNTED: _exactly(Subject.SHIFT, Shift.id, Shift.counted_times > 0),
    DeedKind.OWN_DIFFERENCE_REFUSED: _ENTRY_ONLY,
    DeedKind.SHIFT_CLOSED: _exactly(Subject.SHIFT, Shift.id, Shift.closed_at.is_not(None)),
    DeedKind.X_REPORT_MADE: _ENTRY_ONLY,
    DeedKind.SHIFT_REPORT_PRINTED: _exactly(Subject.SHIFT, Shift.id, Shift.handed_out_times > 0),
    DeedKind.SHIFT_REPORT_REPRINTED: _exactly(Subject.SHIFT, Shift.id, Shift.handed_out_times > 1),
    DeedKind.SHIFTS_EXPORTED: _ENTRY_ONLY,
    DeedKind.CARD_SAVED: _exactly(Subject.PATIENT, SavedCard.patient_id),
    DeedKind.CARD_UPDATED: _only_if(Subject.PATIENT, SavedCard.patient_id),
    DeedKind.CARD_REMOVED: _OVERTAKEN,
    DeedKind.CARD_MADE_DEFAULT: _OVERTAKEN,
    DeedKind.CUSTOMER_DELETED: _exactly(Subject.PATIENT, FormerCustomer.patient_id),
    DeedKind.INVOICES_RECEIVED: Unproved("One deed tells of many invoices, and names the last of them."),
    DeedKind.INVOICE_CHANGED: _only_if(Subject.INVOICE, Invoice.number),
    DeedKind.PATIENT_REGISTERED: _only_if(Subject.PATIENT, Patient.id),
    DeedKind.DATE_OF_BIRTH_CHANGED: _only_if(Subject.PATIENT, Patient.id),
    DeedKind.PATIENT_MERGED: _exactly(Subject.PATIENT, Patient.id, Patient.merged_into_id.is_not(None)),
    DeedKind.DIFFERENCE_FOUND: _exactly(Subject.DIFFERENCE, Difference.stripe_id),
    DeedKind.DIFFERENCE_SETTLED: _exactly(Subject.DIFFERENCE, Difference.id, Difference.resolved_at.is_not(None)),
    DeedKind.READER_REGISTERED: _only_if(Subject.READER, CardReader.id),
    DeedKind.READER_RENAMED: _only_if(Subject.READER, CardReader.id),
    DeedKind.READER_REMOVED: _OVERTAKEN,
    DeedKind.PAYMENT_LINK_MADE: _exactly(Subject.PAYMENT_LINK, PaymentLink.id),
    DeedKind.PAYMENT_LINK_ENDED: _exactly(
        Subject.PAYMENT_LINK, PaymentLink.id, PaymentLink.ended_at.is_not(None)
    ),
    DeedKind.MESSAGE_TRIED_AGAIN: _only_if(Subject.MESSAGE, Hl7Message.id, Hl7Message.attempts > 0),
    DeedKind.MESSAGE_SET_ASIDE: _exactly(
        Subject.MESSAGE, Hl7Message.id, Hl7Message.state == Hl7State.SET_ASIDE
    ),
    DeedKind.CLIENT_ADDED: _exactly(Subject.CLIENT, ApiClient.name),
    DeedKind.CLIENT_KEY_MADE: _only_if(Subject.CLIENT, ApiClient.name),
    DeedKind.CLIENT_KEY_ENDED: _only_if(Subject.CLIENT, ApiClient.name),
    DeedKind.CLIENT_ENDED: _exactly(Subject.CLIENT, ApiClient.name, ApiClient.ended_at.is_not(None)),
    DeedKind.CLIENT_LIMIT_SET: _exactly(
        Subject.CLIENT, ApiClient.name, sa.exists().where(ClientRefundLimit.client_id == ApiClient.id)
    ),
    DeedKind.ENDPOINT_ADDED: _exactly(Subject.ENDPOINT, OutgoingEndpoint.name),
    DeedKind.ENDPOINT_SWITCHED: _only_if(Subject.ENDPOINT, OutgoingEndpoint.name),
    DeedKind.DESK_CONTINUED: _OVERTAKEN,
    DeedKind.SIGNED_IN: _ENTRY_ONLY,
    DeedKind.SIGN_IN_REFUSED: _ENTRY_ONLY,
    DeedKind.SIGNED_OUT: _ENTRY_ONLY,
    DeedKind.STEPPED_UP: _ENTRY_ONLY,
    DeedKind.DESK_LOCKED: _ENTRY_ONLY,
    DeedKind.DESK_UNLOCKED: _ENTRY_ONLY,
    DeedKind.REFUSED: _ENTRY_ONLY,
    DeedKind.STAFF_ADDED: _only_if(Subject.STAFF, Staff.id),
    DeedKind.STAFF_RENAMED: _only_if(Subject.STAFF, Staff.id),
    DeedKind.ROLE_CHANGED: _OVERTAKEN,
    DeedKind.STAFF_DEACTIVATED: _OVERTAKEN,
    DeedKind.STAFF_REACTIVATED: _OVERTAKEN,
    DeedKind.STAFF_UNLOCKED: _OVERTAKEN,
    DeedKind.PIN_CHANGE_ASKED_FOR: _ENTRY_ONLY,
    DeedKind.PIN_CHANGED: _OVERTAKEN,
    DeedKind.PIN_RESET: _OVERTAKEN,
    DeedKind.PIN_HASHED_ANEW: _OVERTAKEN,
    DeedKind.BADGE_GIVEN: _OVERTAKEN,
    DeedKind.BADGE_TAKEN_AWAY: _OVERTAKEN,
    DeedKind.JOURNAL_OPENED: _ENTRY_ONLY,
    DeedKind.JOURNAL_CHECKED: _ENTRY_ONLY,
    DeedKind.JOURNAL_EXPORTED: _ENTRY_ONLY,
    DeedKind.BOOKS_ATTESTED: _OVERTAKEN,
    DeedKind.HOSPITAL_SET_UP: _only_if(Subject.HOSPITAL, Hospital.id),
    DeedKind.DESK_ADDED: _only_if(Subject.DESK, Desk.id),
    DeedKind.SMALLEST_COIN_CHANGED: _OVERTAKEN,
    DeedKind.TIME_ZONE_CHANGED: _OVERTAKEN,
    DeedKind.LANGUAGE_CHOSEN: _OVERTAKEN,
    DeedKind.LANGUAGES_CHANGED: _OVERTAKEN,
    DeedKind.RECEIPTS_CHANGED: _OVERTAKEN,
    DeedKind.SECRET_CHANGED: Unproved("Secrets are on machines, and the books never know them."),
}  # fmt: skip
"""How each deed is proved by state, and the other way round."""


async def wrong_deeds(session: AsyncSession) -> AsyncIterator[Message]:
    """Find state whose deed is missing in the journal, and deeds that left no state."""
    for kind, proof in PROOF_OF.items():
        if isinstance(proof, Unproved):
            continue
        key = as_written(session, proof.key)
        told = sa.select(JournalEntry.subject_id).where(
            JournalEntry.subject == proof.subject, JournalEntry.action == kind
        )
        if proof.leaves is not None:
            async for which in await session.stream_scalars(sa.select(key).where(proof.leaves).except_(told)):
                yield m(
                    "{subject} {which} is as if “{deed}” stood in the journal, and it does not",
                    subject=proof.subject, which=which, deed=kind,
                )  # fmt: skip
        async for which in await session.stream_scalars(told.except_(sa.select(key).where(proof.still))):
            yield m(
                "“{deed}” stands in the journal, and {subject} {which} is not like that",
                subject=proof.subject, which=which, deed=kind,
            )  # fmt: skip


def as_written(session: AsyncSession, key: Any) -> sa.ColumnElement[str]:
    """Write a key as the journal does: an id with its hyphens, which SQLite keeps without."""
    if isinstance(key.type, sa.Uuid) and session.get_bind().dialect.name == "sqlite":
        digits = sa.type_coerce(key, sa.String)
        first, *others = (sa.func.substr(digits, start, length, type_=sa.String) for start, length in _PARTS_OF_ID)
        return reduce(lambda written, part: written + "-" + part, others, first)
    return sa.cast(key, sa.String)


_PARTS_OF_ID = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
