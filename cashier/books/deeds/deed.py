"""What the journal can tell: the kinds of deeds, what they can be about, and what all of them have."""

from __future__ import annotations

import dataclasses
import hashlib
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class DeedKind(StrEnum):
    """Every deed; the values are the actions as the journal keeps them, at most 48 characters."""

    PAYMENT_PREPARED = "payment prepared"
    PAYMENT_OPEN = "payment open"
    PAYMENT_PROCESSING = "payment processing"
    PAYMENT_PAID = "payment paid"
    PAYMENT_CANCELLED = "payment cancelled"
    PAYMENT_TAKEN_OVER = "payment taken over"
    PAYMENT_CONTRADICTED = "payment contradicted"
    OTHER_AMOUNT_PAID = "other amount paid"
    DONE_ALL_THE_SAME = "done all the same"
    DEPOSIT_USED = "deposit used"
    CREDIT_RECEIVED = "credit received"
    CREDIT_TAKEN = "credit taken"
    CREDIT_PUT_BACK = "credit put back"
    PAYMENTS_VIEWED = "payments viewed"
    PAYMENTS_EXPORTED = "payments exported"

    REFUND_REQUESTED = "refund requested"
    REFUND_REQUEST_REFUSED = "refund request refused"
    REFUND_APPROVED = "refund approved"
    REFUND_APPROVED_BY_RULE = "refund approved by rule"
    REFUND_APPROVAL_REFUSED = "refund approval refused"
    REFUND_REJECTED = "refund rejected"
    REFUND_EXPIRED = "refund expired"
    REFUND_ADOPTED = "refund adopted"
    REFUND_PENDING = "refund pending"
    REFUND_SUCCEEDED = "refund succeeded"
    REFUND_FAILED = "refund failed"
    REFUND_CONTRADICTED = "refund contradicted"
    APPROVAL_LIMIT_SET = "approval limit set"

    DISPUTE_OPENED = "dispute opened"
    DISPUTE_CHANGED = "dispute changed"
    DISPUTE_CLOSED = "dispute closed"
    EVIDENCE_SHEET_MADE = "evidence sheet made"
    EVIDENCE_SENT = "evidence sent"
    REVERSAL_OWED_AGAIN = "reversal owed again"
    REVERSAL_WRITTEN_OFF = "reversal written off"
    REVERSAL_REFUSED = "reversal refused"

    RECEIPT_ISSUED = "receipt issued"
    RECEIPT_PRINTED = "receipt printed"
    RECEIPT_REPRINTED = "receipt reprinted"

    SHIFT_OPENED = "shift opened"
    CASH_MOVED_IN = "cash moved in"
    CASH_MOVED_OUT = "cash moved out"
    CASH_OUT_REFUSED = "cash out refused"
    DRAWER_COUNTED = "drawer counted"
    OWN_DIFFERENCE_REFUSED = "own difference refused"
    SHIFT_CLOSED = "shift closed"
    X_REPORT_MADE = "X report made"
    SHIFT_REPORT_PRINTED = "shift report printed"
    SHIFT_REPORT_REPRINTED = "shift report reprinted"
    SHIFTS_EXPORTED = "shifts exported"

    CARD_SAVED = "card saved"
    CARD_UPDATED = "card updated"
    CARD_REMOVED = "card removed"
    CARD_MADE_DEFAULT = "card made default"
    CUSTOMER_DELETED = "customer deleted"

    INVOICES_RECEIVED = "invoices received"
    INVOICE_CHANGED = "invoice changed"
    PATIENT_REGISTERED = "patient registered"
    DATE_OF_BIRTH_CHANGED = "date of birth changed"
    PATIENT_MERGED = "patient merged"
    DIFFERENCE_FOUND = "difference found"
    DIFFERENCE_SETTLED = "difference settled"

    READER_REGISTERED = "reader registered"
    READER_RENAMED = "reader renamed"
    READER_REMOVED = "reader removed"
    DESK_CONTINUED = "desk continued elsewhere"

    PAYMENT_LINK_MADE = "payment link made"
    PAYMENT_LINK_ENDED = "payment link ended"

    MESSAGE_TRIED_AGAIN = "message tried again"
    MESSAGE_SET_ASIDE = "message set aside"

    CLIENT_ADDED = "client added"
    CLIENT_KEY_MADE = "client key made"
    CLIENT_KEY_ENDED = "client key ended"
    CLIENT_ENDED = "client ended"
    CLIENT_LIMIT_SET = "client limit set"
    ENDPOINT_ADDED = "endpoint added"
    ENDPOINT_SWITCHED = "endpoint switched"

    SIGNED_IN = "signed in"
    SIGN_IN_REFUSED = "sign-in refused"
    SIGNED_OUT = "signed out"
    STEPPED_UP = "stepped up"
    DESK_LOCKED = "desk locked"
    DESK_UNLOCKED = "desk unlocked"
    REFUSED = "refused"

    STAFF_ADDED = "staff added"
    STAFF_RENAMED = "staff renamed"
    ROLE_CHANGED = "role changed"
    STAFF_DEACTIVATED = "staff deactivated"
    STAFF_REACTIVATED = "staff reactivated"
    STAFF_UNLOCKED = "staff unlocked"
    PIN_CHANGE_ASKED_FOR = "PIN change asked for"
    PIN_CHANGED = "PIN changed"
    PIN_RESET = "PIN reset"
    PIN_HASHED_ANEW = "PIN hashed anew"
    BADGE_GIVEN = "badge given"
    BADGE_TAKEN_AWAY = "badge taken away"
    LANGUAGE_CHOSEN = "language chosen"

    JOURNAL_OPENED = "journal opened"
    JOURNAL_CHECKED = "journal checked"
    JOURNAL_EXPORTED = "journal exported"
    BOOKS_ATTESTED = "books attested"

    HOSPITAL_SET_UP = "hospital set up"
    DESK_ADDED = "desk added"
    SMALLEST_COIN_CHANGED = "smallest coin changed"
    TIME_ZONE_CHANGED = "time zone changed"
    LANGUAGES_CHANGED = "languages changed"
    RECEIPTS_CHANGED = "receipts changed"
    SECRET_CHANGED = "secret changed"  # noqa: S105 - the name of a deed

    @classmethod
    def of(cls, action: str) -> DeedKind | None:
        """Return the deed that the journal calls ``action``; None for one of a newer program."""
        return _KIND_OF.get(action)

    @property
    def is_refusal(self) -> bool:
        """Tell whether something was not done because it must not be."""
        return self in _REFUSALS


_KIND_OF = {kind.value: kind for kind in DeedKind}
_REFUSALS = frozenset({
    DeedKind.REFUSED,
    DeedKind.SIGN_IN_REFUSED,
    DeedKind.REFUND_REQUEST_REFUSED,
    DeedKind.REFUND_APPROVAL_REFUSED,
    DeedKind.CASH_OUT_REFUSED,
    DeedKind.OWN_DIFFERENCE_REFUSED,
    DeedKind.REVERSAL_REFUSED,
})  # fmt: skip


class Subject(StrEnum):
    """What a deed can be about; the values stand in the journal, at most 24 characters."""

    CARD = "card"
    CLIENT = "client"
    DESK = "desk"
    DIFFERENCE = "difference"
    DISPUTE = "dispute"
    ENDPOINT = "endpoint"
    HOSPITAL = "hospital"
    INVOICE = "invoice"
    JOURNAL = "journal"
    LIMITS = "limits"
    MESSAGE = "message"
    PATIENT = "patient"
    PAYMENT = "payment"
    PAYMENT_LINK = "payment link"
    READER = "reader"
    RECEIPT = "receipt"
    REFUND = "refund"
    SECRET = "secret"  # noqa: S105 - a kind of record
    SHIFT = "shift"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One deed. ``SUBJECT`` says what it is about, ``KEY`` which field names that record; all others are facts."""

    SUBJECT: ClassVar[Subject]
    KEY: ClassVar[str]

    kind: DeedKind

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.SUBJECT

    @property
    def subject_id(self) -> str:
        """Which of them."""
        return str(getattr(self, self.KEY))

    @property
    def facts(self) -> dict[str, object]:
        """What the journal keeps of it besides: JSON values without card data or names of patients."""
        return {
            field.name: _plain(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if field.name not in ("kind", self.KEY)
        }


def digest_of(content: str | bytes) -> str:
    """Return what the journal keeps of something that it does not tell itself: SHA-256, hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def _plain(value: object) -> object:
    return str(value) if isinstance(value, uuid.UUID) else value
