"""Deeds about what is kept beside the money: papers, cards, disputes, readers, the journal itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from cashier.books.deeds.deed import Deed, DeedKind, Subject

CardChange: TypeAlias = Literal[
    DeedKind.CARD_SAVED, DeedKind.CARD_UPDATED, DeedKind.CARD_REMOVED, DeedKind.CARD_MADE_DEFAULT
]
DisputeMove: TypeAlias = Literal[DeedKind.DISPUTE_OPENED, DeedKind.DISPUTE_CHANGED, DeedKind.DISPUTE_CLOSED]
ReaderChange: TypeAlias = Literal[DeedKind.READER_REGISTERED, DeedKind.READER_RENAMED, DeedKind.READER_REMOVED]


@dataclass(frozen=True, kw_only=True)
class ReceiptIssued(Deed):
    """A receipt got its number; its amount is negative for a refund. ``facts_sha256`` digests what stands on it."""

    SUBJECT: ClassVar = Subject.RECEIPT
    KEY: ClassVar = "receipt"

    receipt: str
    payment: uuid.UUID
    amount_minor: int
    currency: str
    receipt_kind: str
    facts_sha256: str
    kind: Literal[DeedKind.RECEIPT_ISSUED] = DeedKind.RECEIPT_ISSUED

    @property
    def facts(self) -> dict[str, object]:
        """Keep the receipt's kind under the name that it has always had."""
        return {
            "payment": str(self.payment), "kind": self.receipt_kind, "amount_minor": self.amount_minor,
            "currency": self.currency, "facts_sha256": self.facts_sha256,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ReceiptHandedOut(Deed):
    """A receipt was printed, saved or sent: the first one has ``copy`` 0. ``pdf_sha256`` digests the stored paper."""

    SUBJECT: ClassVar = Subject.RECEIPT
    KEY: ClassVar = "receipt"

    kind: Literal[DeedKind.RECEIPT_PRINTED, DeedKind.RECEIPT_REPRINTED]
    receipt: str
    copy: int
    pdf_sha256: str


@dataclass(frozen=True, kw_only=True)
class CardChanged(Deed):
    """Something changed about a patient's saved card; ``card`` is what Stripe calls it."""

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: CardChange
    patient: int
    card: str


@dataclass(frozen=True, kw_only=True)
class CustomerDeleted(Deed):
    """Somebody deleted a patient's ``customer`` at Stripe."""

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: Literal[DeedKind.CUSTOMER_DELETED] = DeedKind.CUSTOMER_DELETED
    patient: int
    customer: str


@dataclass(frozen=True, kw_only=True)
class DisputeMoved(Deed):
    """The bank says something new about a dispute; ``dispute`` is what Stripe calls it."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: DisputeMove
    payment: uuid.UUID
    dispute: str
    amount_minor: int
    currency: str
    reason: str
    status: str


@dataclass(frozen=True, kw_only=True)
class EvidenceSheetMade(Deed):
    """Somebody made the sheet that proves a disputed payment."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: Literal[DeedKind.EVIDENCE_SHEET_MADE] = DeedKind.EVIDENCE_SHEET_MADE
    payment: uuid.UUID
    dispute: str


@dataclass(frozen=True, kw_only=True)
class InvoicesReceived(Deed):
    """The hospital's system sent invoices, ``new`` and ``known`` ones; ``invoice`` is the last one's number.

    ``owed`` says of each new one, by its number, how much it comes to without the insurer's share, in minor units,
    and the key of the patient who owes it; ``insured`` the insurer's share, where there is one.
    """

    SUBJECT: ClassVar = Subject.INVOICE
    KEY: ClassVar = "invoice"

    kind: Literal[DeedKind.INVOICES_RECEIVED] = DeedKind.INVOICES_RECEIVED
    invoice: str
    new: int
    known: int
    owed: Mapping[str, tuple[int, int]]
    insured: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class InvoiceChanged(Deed):
    """The hospital's system made a known invoice come to another amount, or be another patient's.

    ``before_minor`` and ``owed_minor`` are without the insurer's share, which are ``insured_before_minor`` and
    ``insured_minor``; all are 0 where it is cancelled, and those before are in ``currency_before``.
    ``patient_before`` and ``patient`` are keys.
    """

    SUBJECT: ClassVar = Subject.INVOICE
    KEY: ClassVar = "invoice"

    kind: Literal[DeedKind.INVOICE_CHANGED] = DeedKind.INVOICE_CHANGED
    invoice: str
    before_minor: int
    owed_minor: int
    currency: str
    currency_before: str
    insured_before_minor: int
    insured_minor: int
    patient_before: int
    patient: int


@dataclass(frozen=True, kw_only=True)
class PatientRegistered(Deed):
    """Somebody at the counter registered a patient who has no invoice yet; ``has_born``: with a date of birth."""

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: Literal[DeedKind.PATIENT_REGISTERED] = DeedKind.PATIENT_REGISTERED
    patient: int
    has_born: bool


@dataclass(frozen=True, kw_only=True)
class DateOfBirthChanged(Deed):
    """The hospital's system sent another date of birth for a patient, or (not ``known``) took it away.

    The dates themselves are not told: they are nobody's business in ten years.
    """

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: Literal[DeedKind.DATE_OF_BIRTH_CHANGED] = DeedKind.DATE_OF_BIRTH_CHANGED
    patient: int
    known: bool


@dataclass(frozen=True, kw_only=True)
class PatientMerged(Deed):
    """A record turned out to be that of another patient: so many invoices and payments followed it there."""

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: Literal[DeedKind.PATIENT_MERGED] = DeedKind.PATIENT_MERGED
    patient: int
    into: int
    invoices: int
    payments: int


@dataclass(frozen=True, kw_only=True)
class DifferenceFound(Deed):
    """Stripe's records and our books differ about what Stripe calls ``stripe``."""

    SUBJECT: ClassVar = Subject.DIFFERENCE
    KEY: ClassVar = "stripe"

    stripe: str
    difference_kind: str
    amount_minor: int
    kind: Literal[DeedKind.DIFFERENCE_FOUND] = DeedKind.DIFFERENCE_FOUND

    @property
    def facts(self) -> dict[str, object]:
        """Keep the difference's kind under the name that it has always had."""
        return {"kind": self.difference_kind, "amount_minor": self.amount_minor}


@dataclass(frozen=True, kw_only=True)
class DifferenceSettled(Deed):
    """Somebody said what was done about a difference."""

    SUBJECT: ClassVar = Subject.DIFFERENCE
    KEY: ClassVar = "difference"

    difference: int
    difference_kind: str
    stripe: str
    resolution: str
    kind: Literal[DeedKind.DIFFERENCE_SETTLED] = DeedKind.DIFFERENCE_SETTLED

    @property
    def facts(self) -> dict[str, object]:
        """Keep the difference's kind under the name that it has always had."""
        return {"kind": self.difference_kind, "stripe": self.stripe, "resolution": self.resolution}


@dataclass(frozen=True, kw_only=True)
class ReaderChanged(Deed):
    """A card reader came to a ``desk``, was called otherwise, or was taken away."""

    SUBJECT: ClassVar = Subject.READER
    KEY: ClassVar = "reader"

    kind: ReaderChange
    reader: int
    desk: int
    stripe: str
    label: str


@dataclass(frozen=True, kw_only=True)
class DeskContinued(Deed):
    """Somebody went on with a ``desk`` on ``machine`` that was in use ``before``, or ``was_silent`` there."""

    SUBJECT: ClassVar = Subject.DESK
    KEY: ClassVar = "desk"

    desk: str
    machine: str
    before: str
    person: int
    was_silent: bool
    kind: Literal[DeedKind.DESK_CONTINUED] = DeedKind.DESK_CONTINUED


@dataclass(frozen=True, kw_only=True)
class _OfJournal(Deed):
    SUBJECT: ClassVar = Subject.JOURNAL
    KEY: ClassVar = ""

    @property
    def subject_id(self) -> str:
        """All of it: there is one journal."""
        return "all"


@dataclass(frozen=True, kw_only=True)
class JournalOpened(_OfJournal):
    """Somebody began to read the journal."""

    kind: Literal[DeedKind.JOURNAL_OPENED] = DeedKind.JOURNAL_OPENED


@dataclass(frozen=True, kw_only=True)
class JournalChecked(_OfJournal):
    """Somebody went through the chain; ``broken`` is the first wrong link, None where all are right."""

    kind: Literal[DeedKind.JOURNAL_CHECKED] = DeedKind.JOURNAL_CHECKED
    entries: int
    broken: str | None


@dataclass(frozen=True, kw_only=True)
class JournalExported(_OfJournal):
    """Somebody wrote entries of the journal to a file."""

    kind: Literal[DeedKind.JOURNAL_EXPORTED] = DeedKind.JOURNAL_EXPORTED
    rows: int
    file: str
    filters: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class BooksAttested(_OfJournal):
    """A newer program found these records, of which the journal had not told enough to prove them, and states them.

    ``staff`` by its key: role, PIN and badge as ``mark_of`` says, and whether it is active. ``invoices`` by number:
    what is owed in minor units, and the patient's key; ``insured`` the insurer's share, where there is one.
    ``receipts`` by number: the digest of what stands on them.
    """

    kind: Literal[DeedKind.BOOKS_ATTESTED] = DeedKind.BOOKS_ATTESTED
    staff: Mapping[str, Mapping[str, object]]
    invoices: Mapping[str, tuple[int, int]]
    insured: Mapping[str, int]
    receipts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class HospitalSetUp(Deed):
    """The hospital was written down, once."""

    SUBJECT: ClassVar = Subject.HOSPITAL
    KEY: ClassVar = "hospital"

    kind: Literal[DeedKind.HOSPITAL_SET_UP] = DeedKind.HOSPITAL_SET_UP
    hospital: int = 1


@dataclass(frozen=True, kw_only=True)
class SmallestCoinChanged(Deed):
    """Cash is rounded to another coin from now on."""

    SUBJECT: ClassVar = Subject.HOSPITAL
    KEY: ClassVar = "hospital"

    kind: Literal[DeedKind.SMALLEST_COIN_CHANGED] = DeedKind.SMALLEST_COIN_CHANGED
    hospital: int = 1
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class LanguagesChanged(Deed):
    """The hospital speaks ``language``, and its papers are in ``paper_language`` (empty: the same), from now on."""

    SUBJECT: ClassVar = Subject.HOSPITAL
    KEY: ClassVar = "hospital"

    kind: Literal[DeedKind.LANGUAGES_CHANGED] = DeedKind.LANGUAGES_CHANGED
    hospital: int = 1
    language: str
    paper_language: str


@dataclass(frozen=True, kw_only=True)
class ReceiptsChanged(Deed):
    """Receipts show these ``extras`` from now on: codes with blanks between, see ``ReceiptExtra``."""

    SUBJECT: ClassVar = Subject.HOSPITAL
    KEY: ClassVar = "hospital"

    kind: Literal[DeedKind.RECEIPTS_CHANGED] = DeedKind.RECEIPTS_CHANGED
    hospital: int = 1
    extras: str


@dataclass(frozen=True, kw_only=True)
class TimeZoneChanged(Deed):
    """Times are shown as the clocks of another zone do from now on."""

    SUBJECT: ClassVar = Subject.HOSPITAL
    KEY: ClassVar = "hospital"

    kind: Literal[DeedKind.TIME_ZONE_CHANGED] = DeedKind.TIME_ZONE_CHANGED
    hospital: int = 1
    former: str
    present: str

    @property
    def facts(self) -> dict[str, object]:
        """Say from which to which."""
        return {"from": self.former, "to": self.present}


@dataclass(frozen=True, kw_only=True)
class DeskAdded(Deed):
    """There is another desk."""

    SUBJECT: ClassVar = Subject.DESK
    KEY: ClassVar = "desk"

    kind: Literal[DeedKind.DESK_ADDED] = DeedKind.DESK_ADDED
    desk: int
    code: str


@dataclass(frozen=True, kw_only=True)
class SecretChanged(Deed):
    """Somebody changed a secret of this machine; the journal never says what it is."""

    SUBJECT: ClassVar = Subject.SECRET
    KEY: ClassVar = "secret"

    kind: Literal[DeedKind.SECRET_CHANGED] = DeedKind.SECRET_CHANGED
    secret: str
