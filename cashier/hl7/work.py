"""What a message asks for, done by the verbs of invoices and patients: each is safe to repeat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cashier.books import journal
from cashier.books.invoice import tidied
from cashier.database import Database
from cashier.errors import CashierError, Party, Refused
from cashier.hl7.charges import invoice_of
from cashier.hl7.codes import ErrorCode
from cashier.hl7.envelope import CHANGED, CHARGES
from cashier.hl7.message import Hl7Message
from cashier.hl7.people import changed_patient, merges_in
from cashier.hl7.problems import MessageRefused
from cashier.invoices.acceptance import accepted
from cashier.invoices.intake import take_in_batch
from cashier.invoices.people.merging import PatientMerging
from cashier.invoices.people.renewal import PatientRenewal
from cashier.invoices.telling import TOLD_OF_INVOICE
from cashier.language import Message, hiding
from cashier.settings import Hl7Settings

_OF_PATIENT = frozenset({"field", "most", "character", "years", "desk"})
"""What may be told of a patient who is refused: the field, and where a payment is under way."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a message asks for. ``about`` is the invoice or record; if it ``is_last_word``, only the newest counts."""

    about: str
    is_last_word: bool
    do: Callable[[journal.Actor], Awaitable[None]]


def task_of(message: Hl7Message, kind: str, rules: Hl7Settings, database: Database) -> Task:
    """Return what a message of a known ``kind`` asks for.

    Raises ``MessageRefused`` for what is missing or cannot be read.
    """
    if kind == CHARGES:
        return _charges(message, rules, database)
    return _changed(message, rules, database) if kind == CHANGED else _merged(message, rules, database)


def _charges(message: Hl7Message, rules: Hl7Settings, database: Database) -> Task:
    try:
        invoice = accepted(invoice_of(message, rules))
    except MessageRefused:
        raise
    except Refused as refused:
        raise in_our_words(refused, shown=TOLD_OF_INVOICE) from None

    async def take_in(actor: journal.Actor) -> None:
        try:
            await take_in_batch(database, [invoice], actor)
        except Refused as refused:
            raise in_our_words(refused, shown=TOLD_OF_INVOICE, code=ErrorCode.LOCKED) from None

    return Task(about=f"invoice {invoice.number}", is_last_word=True, do=take_in)


def _changed(message: Hl7Message, rules: Hl7Settings, database: Database) -> Task:
    news = changed_patient(message, rules)

    async def renew(actor: journal.Actor) -> None:
        try:
            await PatientRenewal(database).renew(news, actor)
        except Refused as refused:
            raise in_our_words(refused, shown=_OF_PATIENT) from None

    return Task(about=_record(news.record_number), is_last_word=True, do=renew)


def _merged(message: Hl7Message, rules: Hl7Settings, database: Database) -> Task:
    merges = merges_in(message, rules)

    async def merge(actor: journal.Actor) -> None:
        for each in merges:
            try:
                if await PatientRenewal(database).register([each.old, each.stays.record_number], each.stays, actor):
                    await PatientMerging(database).merge_as_told(each.old, each.stays.record_number, actor)
            except Refused as refused:
                raise in_our_words(refused, shown=_OF_PATIENT, code=ErrorCode.LOCKED) from None

    return Task(about=_record(merges[0].old), is_last_word=False, do=merge)


def _record(number: str) -> str:
    return f"record {tidied(number)}"[:80]


def in_our_words(
    refused: CashierError, *, shown: frozenset[str], code: ErrorCode = ErrorCode.DATA_TYPE
) -> CashierError:
    """Return what a verb refused as the sender may read it; what the database failed to do stays what it is."""
    if refused.by is Party.DATABASE:
        return refused
    message: Message = hiding(refused.message, shown=shown)
    return MessageRefused(message, code=code, advice=hiding(refused.advice, shown=shown))
