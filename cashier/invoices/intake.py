"""Taking invoices in from the hospital's system: new ones are added, known ones brought up to date."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.payments import CreditReceived
from cashier.books.deeds.records import DateOfBirthChanged, InvoiceChanged, InvoicesReceived
from cashier.books.invoice import Invoice, InvoiceLine, InvoiceStatus, InvoiceWord, Patient
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.invoices.acceptance import accepted
from cashier.invoices.changes import Bond, bonds_of, check_change, still_returned_minor
from cashier.invoices.former_words import words_of_invoice
from cashier.invoices.found_by import write_keys, write_words
from cashier.invoices.versions import ChangedMeanwhile, Taken, version_of_incoming, versions_of
from cashier.invoices.views import IncomingInvoice
from cashier.language import m
from cashier.news import News

BATCH = 500
"""How many invoices one transaction takes in."""

_LOCK = 0x0CA5_41E5
Expected = Mapping[str, Collection[str] | None]
"""The versions of an invoice, one of which is to be changed, by its number; None: any that is known."""
_NOTHING_EXPECTED: Expected = {}


class _OnlyTried(Exception):  # noqa: N818 - it is no error, but the way out of a transaction that is not kept
    """Everything was done, and nothing of it is kept."""


async def take_in(
    database: Database, incoming: Iterable[IncomingInvoice], *, actor: journal.Actor = journal.PROGRAM
) -> int:
    """Add or update invoices, oldest first; return how many were new.

    Safe to repeat: the invoice's number is its identity. Works in transactions of some hundred, so an
    interruption leaves whole invoices. Raises ``InvoiceRefused`` on the first that contradicts itself or what is
    paid already; the transactions before it stay.
    """
    added = 0
    batch: list[IncomingInvoice] = []
    for each in incoming:
        batch.append(accepted(each))
        if len(batch) == BATCH:
            added += len((await take_in_batch(database, batch, actor)).new)
            batch = []
    if batch:
        added += len((await take_in_batch(database, batch, actor)).new)
    return added


@again_after_circle
async def take_in_batch(
    database: Database,
    batch: Sequence[IncomingInvoice],
    actor: journal.Actor,
    *,
    keeps: bool = True,
    expected: Expected = _NOTHING_EXPECTED,
) -> Taken:
    """Add or update what was ``accepted``, in one transaction; return what became of it.

    What says nothing new is left as it is. Without ``keeps`` all is done and taken back: who asks learns what would
    become of it. ``expected`` names by number the versions one of which is to be changed: raises
    ``ChangedMeanwhile`` where it is another one, and not what is sent already. Raises ``InvoiceRefused`` for the
    first that contradicts what is paid or being paid. Nothing of the batch is kept then.
    """
    taken = Taken()
    with contextlib.suppress(_OnlyTried):
        async with database.transaction() as session:
            taken = await _write_batch(session, batch, actor, expected, locks=not database.is_sqlite)
            if not keeps:
                raise _OnlyTried
    return taken


async def _write_batch(
    session: AsyncSession,
    batch: Sequence[IncomingInvoice],
    actor: journal.Actor,
    expected: Expected,
    *,
    locks: bool,
) -> Taken:
    if locks:
        await wait_for_other_intakes(session)
    patients, renamed, refound, reborn = await _patients_of(session, batch)
    known = await _locked(session, [each.number for each in batch])
    before = await versions_of(session, known.values())
    after = {each.number: version_of_incoming(each, patients[each.record_number].id) for each in batch}
    _check_expected(expected, before, after)
    changing = [each for each in batch if before.get(each.number) != after[each.number]]
    given = {invoice.number: invoice.given_minor for invoice in known.values()}
    told = {invoice.number: _Told.of(invoice) for invoice in known.values()}
    fresh = await _write_invoices(session, changing, known, patients)
    await write_words(session, refound)
    await write_keys(session, list(fresh.values()))
    await rewrite_words_of_invoices(session, renamed)
    await _rewrite_details(session, {**known, **fresh}, patients, changing)
    for patient in reborn:
        await journal.record(session, DateOfBirthChanged(patient=patient.id, known=patient.born is not None), actor)
    await _record_credit(session, {**known, **fresh}.values(), given, actor)
    await _record_changes(session, known.values(), told, actor)
    refound_ids = {patient.id for patient in refound}
    unchanged = frozenset(
        number
        for number, invoice in known.items()
        if before[number] == after[number] and invoice.patient_id not in refound_ids
    )
    taken = Taken(new=frozenset(fresh), unchanged=unchanged, versions=after)
    if taken.says_something_new:
        fresh_owed = {number: _owed_by(invoice) for number, invoice in fresh.items()}
        updated = len(known) - len(unchanged)
        insured = {number: invoice.insured_minor for number, invoice in fresh.items() if invoice.insured_minor}
        deed = InvoicesReceived(
            invoice=batch[-1].number, new=len(fresh), known=updated, owed=fresh_owed, insured=insured
        )
        await journal.record(session, deed, actor)
        await News.announce(session, "invoices")
    return taken


async def _locked(session: AsyncSession, numbers: Sequence[str]) -> dict[str, Invoice]:
    statement = sa.select(Invoice).where(Invoice.number.in_(numbers)).order_by(Invoice.id).with_for_update(**ROW_LOCK)
    return {invoice.number: invoice for invoice in (await session.execute(statement)).scalars()}


def _check_expected(expected: Expected, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Raise ``ChangedMeanwhile`` where another version is known than was expected, and it is not there already."""
    for number, versions in expected.items():
        known = before.get(number)
        if known is None:
            raise ChangedMeanwhile(m("There is no invoice {number} that could be changed.", number=number))
        if versions is not None and known not in versions and known != after.get(number):
            raise ChangedMeanwhile(
                m("{number} was changed meanwhile: it is another version now.", number=number),
                advice=m("Read the invoice again, and send what is to be changed with its version."),
            )


async def _write_invoices(
    session: AsyncSession,
    changing: Sequence[IncomingInvoice],
    known: Mapping[str, Invoice],
    patients: Mapping[str, Patient],
) -> dict[str, Invoice]:
    """Write what each invoice comes to; return those that are new, by number."""
    bonds = await bonds_of(session, [known[number].id for number in {each.number for each in changing} & set(known)])
    fresh: dict[str, Invoice] = {}
    for each in changing:
        invoice = known.get(each.number) or fresh.get(each.number)
        if invoice is None:
            invoice = fresh[each.number] = Invoice(
                number=each.number, paid_minor=0, returned_minor=0, received_at=now()
            )
            session.add(invoice)
        _write(invoice, each, patients[each.record_number], bonds.get(invoice.id, Bond.NONE))
    await session.flush()
    return fresh


async def wait_for_other_intakes(session: AsyncSession) -> None:
    """Go one at a time on PostgreSQL, too: two that bring the same new patient or invoice would meet at its key."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


async def _record_credit(
    session: AsyncSession, invoices: Iterable[Invoice], before: Mapping[str, int], actor: journal.Actor
) -> None:
    """Write down what the hospital gives by credit notes, where that is another amount than ``before``."""
    for invoice in invoices:
        before_minor = before.get(invoice.number, 0)
        if invoice.given_minor != before_minor:
            deed = CreditReceived(
                patient=invoice.patient_id,
                note=invoice.number,
                before_minor=before_minor,
                amount_minor=invoice.given_minor,
                currency=invoice.currency,
            )
            await journal.record(session, deed, actor)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the journal tells of an invoice."""

    owed_minor: int
    insured_minor: int
    currency: str
    patient_id: int

    @classmethod
    def of(cls, invoice: Invoice) -> _Told:
        return cls(
            owed_minor=invoice.owed_minor,
            insured_minor=invoice.insured_minor,
            currency=invoice.currency,
            patient_id=invoice.patient_id,
        )


async def _record_changes(
    session: AsyncSession, known: Iterable[Invoice], before: Mapping[str, _Told], actor: journal.Actor
) -> None:
    """Write down which known invoices come to something else than ``before``, or are another patient's."""
    for invoice in known:
        former, present = before[invoice.number], _Told.of(invoice)
        if present != former:
            deed = InvoiceChanged(
                invoice=invoice.number,
                before_minor=former.owed_minor,
                owed_minor=present.owed_minor,
                currency=present.currency,
                currency_before=former.currency,
                insured_before_minor=former.insured_minor,
                insured_minor=present.insured_minor,
                patient_before=former.patient_id,
                patient=present.patient_id,
            )
            await journal.record(session, deed, actor)


def _owed_by(invoice: Invoice) -> tuple[int, int]:
    return invoice.owed_minor, invoice.patient_id


async def _patients_of(
    session: AsyncSession, batch: Sequence[IncomingInvoice]
) -> tuple[dict[str, Patient], list[Patient], list[Patient], list[Patient]]:
    """Return the patients by record number, brought up to date; those whose name is another now; those of whom
    anything is, or who are new; and those whose date of birth was known and is not the same any more."""
    patients = await _known_patients(session, {each.record_number for each in batch})
    before = {patient.record_number: _Known.of(patient) for patient in patients.values()}
    for each in batch:
        patient = patients.get(each.record_number)
        if patient is None:
            patient = patients[each.record_number] = Patient(record_number=each.record_number, phone="", email="")
            session.add(patient)
        if patient.record_number == each.record_number:
            _bring_up_to_date(patient, each)
    await session.flush()
    now_known = {patient.record_number: patient for patient in patients.values()}
    renamed = [now_known[number] for number, known in before.items() if now_known[number].name != known.name]
    refound = [each for number, each in now_known.items() if before.get(number) != _Known.of(each)]
    reborn = [
        now_known[number] for number, known in before.items() if known.born not in (None, now_known[number].born)
    ]
    return patients, renamed, refound, reborn


async def _known_patients(session: AsyncSession, numbers: Collection[str]) -> dict[str, Patient]:
    """Return the patients of these record numbers; for an old number, the patient that it was merged into."""
    named = (await session.execute(sa.select(Patient).where(Patient.record_number.in_(numbers)))).scalars().all()
    current_ids = {each.merged_into_id for each in named if each.merged_into_id is not None}
    into = (await session.execute(sa.select(Patient).where(Patient.id.in_(current_ids)))).scalars()
    current = {each.id: each for each in into}
    return {
        each.record_number: each if each.merged_into_id is None else current[each.merged_into_id] for each in named
    }


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What was known of a patient before."""

    name: str
    born: date | None
    phone: str
    email: str

    @classmethod
    def of(cls, patient: Patient) -> _Known:
        return cls(name=patient.name, born=patient.born, phone=patient.phone, email=patient.email)


def _bring_up_to_date(patient: Patient, incoming: IncomingInvoice) -> None:
    """Write what was sent; what was left out stays."""
    patient.name = incoming.patient_name
    if incoming.born is not UNSET:
        patient.born = incoming.born
    if incoming.phone is not UNSET:
        patient.phone = incoming.phone or ""
    if incoming.email is not UNSET:
        patient.email = incoming.email or ""


def _write(invoice: Invoice, incoming: IncomingInvoice, patient: Patient, bond: Bond) -> None:
    total = sum(line.total_minor for line in incoming.lines)
    check_change(invoice, incoming, patient, bond)
    invoice.patient_id = patient.id
    invoice.department = incoming.department
    invoice.currency = incoming.currency
    invoice.issued_on = incoming.issued_on
    invoice.due_on = incoming.due_on
    invoice.insurer = incoming.insurer
    invoice.insurer_share_minor = incoming.insurer_share_minor
    invoice.total_minor = total
    invoice.returned_minor = still_returned_minor(invoice)
    invoice.status = InvoiceStatus.CANCELLED if incoming.cancelled else InvoiceStatus.DUE
    invoice.keep_balance()


async def rewrite_words_of_invoices(session: AsyncSession, renamed: Sequence[Patient]) -> None:
    """Make all invoices of renamed patients findable by the new name and no longer by the old one."""
    if not renamed:
        return
    patients = {patient.id: patient for patient in renamed}
    statement = sa.select(Invoice.id, Invoice.number, Invoice.patient_id).where(Invoice.patient_id.in_(patients))
    words: list[dict[str, object]] = []
    for invoice_id, number, patient_id in (await session.execute(statement)).all():
        patient = patients[patient_id]
        words += _word_rows(invoice_id, number, patient.name, patient.record_number)
    await session.execute(
        sa.delete(InvoiceWord).where(
            InvoiceWord.invoice_id.in_(sa.select(Invoice.id).where(Invoice.patient_id.in_(patients)))
        )
    )
    if words:
        await session.execute(sa.insert(InvoiceWord), words)


def _word_rows(invoice_id: int, number: str, patient_name: str, record_number: str) -> list[dict[str, object]]:
    found_by = words_of_invoice(number=number, patient_name=patient_name, record_number=record_number)
    return [{"invoice_id": invoice_id, "word": word} for word in sorted(found_by)]


async def _rewrite_details(
    session: AsyncSession,
    invoices: dict[str, Invoice],
    patients: dict[str, Patient],
    batch: Sequence[IncomingInvoice],
) -> None:
    """Write lines and words anew; several versions of one invoice in a batch: the last one counts."""
    ids = [invoices[number].id for number in {each.number for each in batch}]
    if not ids:
        return
    await session.execute(sa.delete(InvoiceLine).where(InvoiceLine.invoice_id.in_(ids)))
    await session.execute(sa.delete(InvoiceWord).where(InvoiceWord.invoice_id.in_(ids)))
    lines, words = [], []
    for each in {each.number: each for each in batch}.values():
        invoice_id = invoices[each.number].id
        lines += [
            {
                "invoice_id": invoice_id,
                "position": position,
                "description": line.description,
                "quantity_milli": line.quantity_milli,
                "unit_price_minor": line.unit_price_minor,
                "tax_basis_points": line.tax_basis_points,
                "tax_minor": line.tax_minor,
                "total_minor": line.total_minor,
            }
            for position, line in enumerate(each.lines, start=1)
        ]
        patient = patients[each.record_number]
        words += _word_rows(invoice_id, each.number, patient.name, patient.record_number)
    if lines:
        await session.execute(sa.insert(InvoiceLine), lines)
    await session.execute(sa.insert(InvoiceWord), words)
