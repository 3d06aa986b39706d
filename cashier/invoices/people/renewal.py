"""Patients as the hospital's system tells of them by themselves, without an invoice: changed, or known by another
record number as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from msgspec import UNSET, UnsetType
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.records import DateOfBirthChanged, PatientRegistered
from cashier.books.invoice import Patient, tidied
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.invoices.acceptance import accepted_news
from cashier.invoices.found_by import write_words
from cashier.invoices.intake import rewrite_words_of_invoices, wait_for_other_intakes
from cashier.news import News


@dataclass(frozen=True, kw_only=True)
class PatientNews:
    """What is said of a patient; what is left out (``UNSET``) stays as it is known, None takes it away."""

    record_number: str
    name: str
    born: date | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET


class PatientRenewal:
    """Brings patients up to date as the hospital's system says; asks nobody, as when invoices are taken in."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    @again_after_circle
    async def renew(self, news: PatientNews, actor: journal.Actor) -> bool:
        """Write what is new of a patient; return False, and change nothing, where nobody has this record number.

        An old number, which was merged, says nothing about the patient who stays. Safe to repeat. Raises
        ``InvoiceRefused`` for what could not come with an invoice either.
        """
        news = _accepted(news)
        async with self._database.transaction() as session:
            if not self._database.is_sqlite:
                await wait_for_other_intakes(session)
            by_number = sa.select(Patient).where(Patient.record_number == news.record_number)
            patient = (await session.execute(by_number.with_for_update(**ROW_LOCK))).scalar_one_or_none()
            if patient is None:
                return False
            if patient.merged_into_id is None:
                await _write(session, patient, news, actor)
        return True

    @again_after_circle
    async def register(self, numbers: Sequence[str], news: PatientNews, actor: journal.Actor) -> bool:
        """Register those of the record ``numbers`` that nobody has, all of the patient of ``news``.

        Return False, and do nothing, where none of them is known: then they are nobody's here. Safe to repeat.
        Raises ``InvoiceRefused`` for a number that cannot be kept.
        """
        kept = [_accepted(PatientNews(record_number=number, name=news.name, born=news.born)) for number in numbers]
        async with self._database.transaction() as session:
            if not self._database.is_sqlite:
                await wait_for_other_intakes(session)
            wanted = {each.record_number: each for each in kept}
            found = sa.select(Patient.record_number).where(Patient.record_number.in_(wanted))
            known = set((await session.execute(found)).scalars())
            if not known:
                return False
            for number, each in wanted.items():
                if number not in known:
                    await _add(session, each, actor)
        return True


def _accepted(news: PatientNews) -> PatientNews:
    tidy = accepted_news(
        record_number=news.record_number, name=news.name, born=news.born, phone=news.phone, email=news.email
    )
    return PatientNews(
        record_number=tidied(tidy.record_number),
        name=tidy.patient_name,
        born=tidy.born,
        phone=tidy.phone,
        email=tidy.email,
    )


async def _add(session: AsyncSession, news: PatientNews, actor: journal.Actor) -> None:
    born = None if news.born is UNSET else news.born
    patient = Patient(record_number=news.record_number, name=news.name, born=born, phone="", email="")
    session.add(patient)
    await session.flush()
    await write_words(session, [patient], are_new=True)
    await journal.record(session, PatientRegistered(patient=patient.id, has_born=born is not None), actor)
    await News.announce(session, "invoices")


async def _write(session: AsyncSession, patient: Patient, news: PatientNews, actor: journal.Actor) -> None:
    before = patient.name, patient.born, patient.phone, patient.email
    patient.name = news.name
    if news.born is not UNSET:
        patient.born = news.born
    if news.phone is not UNSET:
        patient.phone = news.phone or ""
    if news.email is not UNSET:
        patient.email = news.email or ""
    if before == (patient.name, patient.born, patient.phone, patient.email):
        return
    await session.flush()
    await write_words(session, [patient])
    name, born, *_ = before
    if patient.name != name:
        await rewrite_words_of_invoices(session, [patient])
    if born not in (None, patient.born):
        deed = DateOfBirthChanged(patient=patient.id, known=patient.born is not None)
        await journal.record(session, deed, actor)
    await News.announce(session, "invoices")
