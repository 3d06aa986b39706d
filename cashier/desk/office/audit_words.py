"""How the journal's entries are put into words: what was done, and to which record."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cashier.audit.journal_views import JournalRow
from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.deeds.words import DEED_WORDS
from cashier.language import Message, mc, verbatim

_KEY_LENGTH_MAX = 24
"""Longer ones are random ids, which nobody reads."""

SUBJECT_WORDS: Mapping[Subject, Message] = {
    Subject.CARD: mc("record", "Card"),
    Subject.CLIENT: mc("record", "Client of the API"),
    Subject.DESK: mc("record", "Desk"),
    Subject.DIFFERENCE: mc("record", "Difference"),
    Subject.DISPUTE: mc("record", "Dispute"),
    Subject.ENDPOINT: mc("record", "Endpoint for events"),
    Subject.HOSPITAL: mc("record", "Hospital"),
    Subject.INVOICE: mc("record", "Invoice"),
    Subject.JOURNAL: mc("record", "Journal"),
    Subject.LIMITS: mc("record", "Limits"),
    Subject.MESSAGE: mc("record", "Message"),
    Subject.PATIENT: mc("record", "Patient"),
    Subject.PAYMENT: mc("record", "Payment"),
    Subject.PAYMENT_LINK: mc("record", "Payment link"),
    Subject.READER: mc("record", "Reader"),
    Subject.RECEIPT: mc("record", "Receipt"),
    Subject.REFUND: mc("record", "Refund"),
    Subject.SECRET: mc("record", "Secret"),
    Subject.SHIFT: mc("record", "Shift"),
    Subject.STAFF: mc("record", "Staff"),
}
"""The kinds of records, as a filter offers them; a test holds the table against ``Subject``."""

RECORD_WORDS: Mapping[Subject, Callable[[str], Message]] = {
    Subject.CARD: lambda key: mc("record", "card {key}", key=key),
    Subject.CLIENT: lambda key: mc("record", "client {key}", key=key),
    Subject.DESK: lambda key: mc("record", "desk {key}", key=key),
    Subject.DIFFERENCE: lambda key: mc("record", "difference {key}", key=key),
    Subject.DISPUTE: lambda key: mc("record", "dispute {key}", key=key),
    Subject.MESSAGE: lambda key: mc("record", "message {key}", key=key),
    Subject.ENDPOINT: lambda key: mc("record", "endpoint {key}", key=key),
    Subject.HOSPITAL: lambda key: mc("record", "hospital {key}", key=key),
    Subject.INVOICE: lambda key: mc("record", "invoice {key}", key=key),
    Subject.JOURNAL: lambda key: mc("record", "journal {key}", key=key),
    Subject.LIMITS: lambda key: mc("record", "limits {key}", key=key),
    Subject.PATIENT: lambda key: mc("record", "patient {key}", key=key),
    Subject.PAYMENT: lambda key: mc("record", "payment {key}", key=key),
    Subject.PAYMENT_LINK: lambda key: mc("record", "payment link {key}", key=key),
    Subject.READER: lambda key: mc("record", "reader {key}", key=key),
    Subject.RECEIPT: lambda key: mc("record", "receipt {key}", key=key),
    Subject.REFUND: lambda key: mc("record", "refund {key}", key=key),
    Subject.SECRET: lambda key: mc("record", "secret {key}", key=key),
    Subject.SHIFT: lambda key: mc("record", "shift {key}", key=key),
    Subject.STAFF: lambda key: mc("record", "staff {key}", key=key),
}
"""One record of each kind; a test holds the table against ``Subject``."""


def deed_of(row: JournalRow) -> Message:
    """Say what was done; what a newer program calls something is shown as it stands."""
    deed = DeedKind.of(row.action)
    return verbatim(row.action) if deed is None else DEED_WORDS[deed]


def record_of(row: JournalRow) -> Message:
    """Say to which record it was done."""
    if row.subject in set(Subject):
        return RECORD_WORDS[Subject(row.subject)](row.subject_id)
    return verbatim(f"{row.subject} {row.subject_id}")


def record_in_short(row: JournalRow) -> Message:
    """Say to which record it was done; of one without a number for people, what kind it is."""
    is_one_of_its_kind = row.subject == Subject.JOURNAL
    return kind_of_record(row.subject) if is_one_of_its_kind or has_long_key(row) else record_of(row)


def has_long_key(row: JournalRow) -> bool:
    """Tell whether the record's key is for programs only."""
    return len(row.subject_id) > _KEY_LENGTH_MAX


def kind_of_record(subject: str) -> Message:
    """Say what kind of record is meant."""
    return SUBJECT_WORDS[Subject(subject)] if subject in set(Subject) else verbatim(subject.capitalize())
