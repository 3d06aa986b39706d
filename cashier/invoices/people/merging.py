"""Merging patients: the hospital found out that two records are one person's.

The old record stays and leads to the patient that it was merged into: its number finds that patient, and what the
hospital's system sends under it arrives there. Invoices, payments and so the money on account become that patient's.
Nothing is asked of Stripe: each record's customer stays there with its cards, which are charged through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.records import PatientMerged
from cashier.books.hospital import Desk
from cashier.books.invoice import Invoice, Patient, tidied
from cashier.books.payment import Payment, PaymentState
from cashier.books.saved_card import SavedCard, StripeCustomer
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.invoices.found_by import write_words
from cashier.invoices.intake import rewrite_words_of_invoices, wait_for_other_intakes
from cashier.language import m
from cashier.news import News
from cashier.patients.identity import PatientIdentity
from cashier.staff.rights import Action, require


@dataclass(frozen=True, kw_only=True)
class Merging:
    """What is merged: the ``old`` record, the patient that stays, and how much follows, or followed.

    With ``is_done`` it was merged before, and nothing more follows.
    """

    old: PatientIdentity
    stays: PatientIdentity
    invoices: int
    payments: int
    is_done: bool


class PatientMerging:
    """Merges the records of one person."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def look(self, old: str, into: str) -> Merging:
        """Tell what merging the record number ``old`` into ``into`` would do. Raises what ``merge`` raises."""
        async with self._database.reading() as session:
            return await _looked_at(session, *await _both(session, old, into))

    async def merge(self, old: str, into: str, actor: journal.Actor) -> Merging:
        """Merge the record number ``old`` into ``into``, in one transaction. Safe to repeat: once is once.

        What is known of the old record alone (date of birth, phone, e-mail) is kept. Raises ``Refused`` for numbers
        that nobody has, that are one, or that were merged otherwise before, and while a payment of either is under
        way.
        """
        await require(self._database, actor, Action.MERGE_PATIENTS)
        return await self.merge_as_told(old, into, actor)

    @again_after_circle
    async def merge_as_told(self, old: str, into: str, actor: journal.Actor) -> Merging:
        """Merge as ``merge`` does, and ask nobody: the hospital's own system says that they are one.

        Raises ``Refused`` as that does.
        """
        async with self._database.transaction() as session:
            if not self._database.is_sqlite:
                await wait_for_other_intakes(session)
            merged, stays = await _both(session, old, into)
            locked = await _lock_what_follows(session, merged, stays)
            # Only now: nobody begins a payment for either any more.
            statement = sa.select(Patient).where(Patient.id.in_((merged.id, stays.id))).order_by(Patient.id)
            await session.execute(statement.with_for_update().execution_options(populate_existing=True))
            merging = await _looked_at(session, merged, stays)
            if not merging.is_done:
                await _refuse_under_way(session, merged, stays)
                if set(await _payments_of(session, merged)) != locked:
                    raise Refused(
                        m("A payment of this patient has just begun or ended."), advice=m("Try again in a moment.")
                    )
                await _merge(session, merged, stays, merging, actor)
                await News.announce(session, "invoices")
        return merging


async def _both(session: AsyncSession, old: str, into: str) -> tuple[Patient, Patient]:
    numbers = tidied(old), tidied(into)
    if numbers[0] == numbers[1]:
        raise Refused(
            m("Both are the record number {number}.", number=numbers[0]),
            advice=m("Name the old record number first, then the one that stays."),
        )
    return await _patient(session, numbers[0]), await _patient(session, numbers[1])


async def _patient(session: AsyncSession, number: str) -> Patient:
    found = (await session.execute(sa.select(Patient).where(Patient.record_number == number))).scalar_one_or_none()
    if found is None:
        raise Refused(
            m("Nobody has the record number {number}.", number=number),
            advice=m("Write it as the list shows it, with capitals, separators and zeros."),
        )
    return found


async def _looked_at(session: AsyncSession, merged: Patient, stays: Patient) -> Merging:
    """Raise ``Refused`` for records that were merged otherwise before."""
    for each, may_lead_to in ((stays, None), (merged, stays.id)):
        if each.merged_into_id not in (None, may_lead_to):
            current = await session.get_one(Patient, each.merged_into_id)
            _refuse_merged(each, current)
    invoices = sa.select(sa.func.count()).select_from(Invoice).where(Invoice.patient_id == merged.id)
    return Merging(
        old=_identity(merged),
        stays=_identity(stays),
        invoices=(await session.execute(invoices)).scalar_one(),
        payments=len(await _payments_of(session, merged)),
        is_done=merged.merged_into_id == stays.id,
    )


def _refuse_merged(former: Patient, current: Patient) -> NoReturn:
    raise Refused(
        m("{former} was merged into {current} before.", former=former.record_number, current=current.record_number),
        advice=m("Use {current} instead.", current=current.record_number),
    )


async def _lock_what_follows(session: AsyncSession, merged: Patient, stays: Patient) -> set[object]:
    """Lock customers, payments and invoices, each by key; return the keys of the payments."""
    customers = sa.select(StripeCustomer).where(StripeCustomer.patient_id.in_((merged.id, stays.id)))
    await session.execute(customers.order_by(StripeCustomer.patient_id).with_for_update(**ROW_LOCK))
    payments = sa.select(Payment.id).where(Payment.patient_id == merged.id).order_by(Payment.id)
    locked = (await session.execute(payments.with_for_update(**ROW_LOCK))).scalars().all()
    invoices = sa.select(Invoice.id).where(Invoice.patient_id == merged.id).order_by(Invoice.id)
    await session.execute(invoices.with_for_update(**ROW_LOCK))
    return set(locked)


async def _payments_of(session: AsyncSession, patient: Patient) -> list[object]:
    return list((await session.execute(sa.select(Payment.id).where(Payment.patient_id == patient.id))).scalars())


async def _refuse_under_way(session: AsyncSession, merged: Patient, stays: Patient) -> None:
    final = [state for state in PaymentState if state.is_final]
    statement = (
        sa.select(Patient.record_number, Desk.code)
        .select_from(Payment)
        .join(Patient, Patient.id == Payment.patient_id)
        .join(Desk, Desk.id == Payment.desk_id)
        .where(Payment.patient_id.in_((merged.id, stays.id)), Payment.state.not_in(final))
        .limit(1)
    )
    found = (await session.execute(statement)).first()
    if found is not None:
        raise Refused(
            m("A payment of {number} is under way at desk {desk}.", number=found.record_number, desk=found.code),
            advice=m("Merge them when it has ended."),
        )


async def _merge(
    session: AsyncSession, merged: Patient, stays: Patient, merging: Merging, actor: journal.Actor
) -> None:
    merged.merged_into_id = stays.id
    await session.flush()
    # Whoever was merged into the old record before has moved on with it.
    await session.execute(
        sa.update(Patient).where(Patient.merged_into_id == merged.id).values(merged_into_id=stays.id)
    )
    for table in (Invoice, Payment):
        await session.execute(sa.update(table).where(table.patient_id == merged.id).values(patient_id=stays.id))
    stays.born = stays.born or merged.born
    stays.phone = stays.phone or merged.phone
    stays.email = stays.email or merged.email
    await _keep_one_default(session, stays)
    await session.flush()
    await write_words(session, [merged, stays])
    await rewrite_words_of_invoices(session, [stays])
    deed = PatientMerged(patient=merged.id, into=stays.id, invoices=merging.invoices, payments=merging.payments)
    await journal.record(session, deed, actor)


async def _keep_one_default(session: AsyncSession, stays: Patient) -> None:
    """Offer the default card of the patient that stays first; that of the old record where there is none."""
    former = sa.select(Patient.id).where(Patient.merged_into_id == stays.id)
    statement = sa.select(SavedCard).where(
        sa.or_(SavedCard.patient_id == stays.id, SavedCard.patient_id.in_(former)),
        SavedCard.is_default,
        SavedCard.removed_at.is_(None),
    )
    defaults = (await session.execute(statement.order_by(SavedCard.id.desc()))).scalars().all()
    for card in sorted(defaults, key=lambda card: card.patient_id != stays.id)[1:]:
        card.is_default = False


def _identity(patient: Patient) -> PatientIdentity:
    return PatientIdentity(name=patient.name, record_number=patient.record_number, born=patient.born)
