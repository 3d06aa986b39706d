"""Patients who come before their first invoice: found by their record number, or registered with it.

The hospital's system brings the same record number later, and meets the same patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.records import PatientRegistered
from cashier.books.invoice import Invoice, InvoiceKey, Patient, PatientWord
from cashier.database import Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.invoices.acceptance import accepted_patient
from cashier.invoices.found_by import write_words
from cashier.invoices.intake import wait_for_other_intakes
from cashier.invoices.spelling import is_same_name, whole_keys
from cashier.language import m
from cashier.news import News
from cashier.patients.identity import PatientIdentity
from cashier.staff.rights import Action, require


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """Who stands at the counter: the number of the record, and for one who is not known yet the name.

    Of one who is known, the name may be left out; ``born`` is None where nobody asked. ``is_looked_at`` says that
    somebody read the number once more, after ``NumberOfInvoice``.
    """

    record_number: str
    name: str = ""
    born: date | None = None
    is_looked_at: bool = False


class NumberOfInvoice(Refused):
    """The number of a record that nobody has is an invoice's: it was read from the wrong paper, or both are alike."""

    default = m("This is the number of an invoice, and of no record that is known.")


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """The patient, and whether this is the first that is known of them."""

    patient_id: int
    patient: PatientIdentity
    is_new: bool


class Admissions:
    """Finds and registers patients at the counter."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    @again_after_circle
    async def admit(self, newcomer: Newcomer, actor: journal.Actor) -> Admitted:
        """Return the patient of a record number, registered if nobody is known by it. Safe to repeat.

        Raises ``Refused`` for a number or name that cannot be kept, without the name of one who is not known, and
        where the record is somebody else's by name or date of birth: then nobody knows whom it is about. Raises
        ``NumberOfInvoice`` where nobody has the record and the number is an invoice's, unless that was looked at.
        """
        await require(self._database, actor, Action.REGISTER_PATIENT, subject=Subject.STAFF)
        number, name = accepted_patient(newcomer.record_number, newcomer.name, newcomer.born)
        async with self._database.transaction() as session:
            if not self._database.is_sqlite:
                await wait_for_other_intakes(session)
            known = await _known_by(session, number)
            if known is not None:
                _check_same(known, name, newcomer.born)
                return _admitted(known, is_new=False)
            if not newcomer.is_looked_at:
                await _refuse_number_of_invoice(session, number)
            if not name:
                raise Refused(
                    m("Nobody is known by record number {number} yet.", number=number),
                    advice=m("Look at the number again, or type the patient's name to register them."),
                )
            patient = Patient(record_number=number, name=name, born=newcomer.born, phone="", email="")
            session.add(patient)
            await session.flush()
            await write_words(session, [patient], are_new=True)
            deed = PatientRegistered(patient=patient.id, has_born=patient.born is not None)
            await journal.record(session, deed, actor)
            await News.announce(session, "invoices")
            return _admitted(patient, is_new=True)


async def _known_by(session: AsyncSession, number: str) -> Patient | None:
    """Return who has this record number: written so, or else the one who has it in another spelling.

    An old record that the hospital merged is the patient who stays.
    """
    record = sa.orm.aliased(Patient)
    is_one = Patient.id == sa.func.coalesce(record.merged_into_id, record.id)
    records = sa.select(Patient, record.record_number.label("found_by")).join(record, is_one)
    exact = (await session.execute(records.where(record.record_number == number))).first()
    if exact is not None:
        return exact[0]
    keys = whole_keys(number)
    by_word = sa.select(PatientWord.patient_id).where(PatientWord.word.in_(keys))
    either = by_word.union(sa.select(Patient.id).where(Patient.merged_into_id.in_(by_word)))
    found = await session.execute(records.where(record.id.in_(either)))
    alike = list(dict.fromkeys(patient for patient, by in found if set(keys) & set(whole_keys(by))))
    if len(alike) > 1:
        raise Refused(
            m("Several record numbers are written like {number}.", number=number),
            advice=m("Type it to the letter, as the hospital's system has it."),
        )
    return alike[0] if alike else None


async def _refuse_number_of_invoice(session: AsyncSession, number: str) -> None:
    statement = (
        sa.select(Invoice.number, Patient.name)
        .join(InvoiceKey, InvoiceKey.invoice_id == Invoice.id)
        .join(Patient, Patient.id == Invoice.patient_id)
        .where(InvoiceKey.key.in_(whole_keys(number)), InvoiceKey.is_whole)
        .limit(1)
    )
    invoice = (await session.execute(statement)).first()
    if invoice is not None:
        raise NumberOfInvoice(
            m("{number} is the number of an invoice of {name}.", number=invoice.number, name=invoice.name),
            advice=m("Look at the number again. If it is that of the record as well, go on once more."),
        )


def _check_same(known: Patient, name: str, born: date | None) -> None:
    is_other = bool(name) and not is_same_name(known.name, name)
    if is_other or (born is not None and known.born is not None and born != known.born):
        raise Refused(
            m("Record number {number} is that of {name}.", number=known.record_number, name=known.name),
            advice=m("Look at the number again. If it is right, leave name and date of birth out."),
        )


def _admitted(patient: Patient, *, is_new: bool) -> Admitted:
    identity = PatientIdentity(name=patient.name, record_number=patient.record_number, born=patient.born)
    return Admitted(patient_id=patient.id, patient=identity, is_new=is_new)
