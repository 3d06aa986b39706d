"""The payment history of a patient, of a desk, or of all desks: finding, adding up, telling, exporting."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import Deed, Subject
from cashier.books.deeds.payments import DeskPaymentsExported, EveryDesk, PatientPaymentsExported, PaymentsViewed
from cashier.books.hospital import Desk, Hospital
from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Allocation, Payment, PaymentItem
from cashier.books.receipt import Receipt
from cashier.books.refund import Refund
from cashier.books.staff import Staff
from cashier.channels.declines import advice_for
from cashier.clock import zone_of
from cashier.database import Database
from cashier.disputes.views import disputes_of
from cashier.errors import Refused
from cashier.history.export import write_csv
from cashier.history.finding import add_up, conditions_of, find_page, is_hidden, row_of
from cashier.history.timeline import TimelineEntry
from cashier.history.timeline_sources import read_timeline
from cashier.history.views import (
    Choice,
    HistoryChoices,
    HistoryKey,
    HistoryTotals,
    InvoiceLink,
    OpenedPatient,
    PaymentPage,
    PaymentQuery,
    PaymentRecord,
    PaymentRow,
    ReceiptLink,
    RefundLine,
)
from cashier.language import m, verbatim
from cashier.money import Money
from cashier.patients.records import current_of
from cashier.shifts.custody import hidden_drawers
from cashier.staff.rights import Action, may, require

_EXPORTED_AT_ONCE = 1000


class PaymentHistory:
    """Reads payments. Cashiers see their own desk and any patient, supervisors and auditors every desk."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def open_patient(self, patient_id: int, actor: journal.Actor) -> OpenedPatient:
        """Open a patient's payments; the journal says who looked. Raises ``Refused`` when there is none."""
        await require(self._database, actor, Action.SEE_PAYMENTS, subject=Subject.PATIENT, subject_id=patient_id)
        async with self._database.transaction() as session:
            patient = await session.get(Patient, await current_of(session, patient_id))
            if patient is None:
                raise Refused(m("This patient does not exist any more."), advice=m("Search for the invoice again."))
            await journal.record(session, PaymentsViewed(patient=patient.id), actor)
        return OpenedPatient(patient_id=patient.id, name=patient.name, record_number=patient.record_number)

    async def choices(self, actor: journal.Actor) -> HistoryChoices:
        """Return the desks and cashiers that ``actor`` may narrow the history to."""
        async with self._database.reading() as session:
            sees_every_desk = await may(session, actor, Action.SEE_EVERY_DESK)
            desks = (await session.execute(sa.select(Desk).order_by(Desk.code))).scalars()
            staff = (await session.execute(sa.select(Staff).order_by(Staff.display_name, Staff.id))).scalars()
            return HistoryChoices(
                sees_every_desk=sees_every_desk,
                desks=tuple(
                    Choice(id=desk.id, words=verbatim(f"{desk.code} · {desk.name}"))
                    for desk in desks
                    if sees_every_desk or desk.id == actor.desk_id
                ),
                cashiers=tuple(Choice(id=each.id, words=verbatim(each.display_name)) for each in staff),
            )

    async def page(
        self,
        query: PaymentQuery,
        actor: journal.Actor,
        *,
        after: HistoryKey | None = None,
        skip: int = 0,
        limit: int = 200,
    ) -> PaymentPage:
        """Return up to ``limit`` payments, newest first, below the key ``after``, leaving out ``skip``.

        ``skip`` is for a jump of the scroll bar; following ``PaymentPage.after`` costs the same anywhere. Raises
        ``Refused`` for a desk that ``actor`` may not look at.
        """
        await self._check_scope(query, actor)
        async with self._database.reading() as session:
            wanted = await conditions_of(session, query)
            rows = await find_page(session, wanted, after=after, skip=skip, limit=limit + 1)
        return PaymentPage(rows=tuple(rows[:limit]), after=rows[limit - 1].key if len(rows) > limit else None)

    async def totals(self, query: PaymentQuery, actor: journal.Actor) -> HistoryTotals:
        """Count and add up everything that ``query`` finds. Raises ``Refused`` as ``page`` does.

        The cash of a drawer that ``actor`` counts blind is in no sum, but for what one patient paid.
        """
        await self._check_scope(query, actor)
        async with self._database.reading() as session:
            hidden = await _hidden_from(session, query, actor)
            return await add_up(session, await conditions_of(session, query), hidden=hidden)

    async def payment(self, payment_id: uuid.UUID, actor: journal.Actor) -> PaymentRecord:
        """Return everything about one payment, with its timeline. Raises ``Refused`` when there is none."""
        await require(self._database, actor, Action.SEE_PAYMENTS, subject=Subject.PAYMENT, subject_id=payment_id)
        async with self._database.reading() as session:
            payment = await _get(session, payment_id)
            return PaymentRecord(
                row=await row_of(session, payment),
                invoices=await _invoices_of(session, payment),
                allocated=await _allocated_of(session, payment),
                receipts=await _receipts_of(session, payment),
                stripe_ids=await _stripe_ids_of(session, payment),
                decline=advice_for(payment.decline_code, method=payment.card_brand) if payment.decline_code else None,
                contradiction=payment.contradiction_words,
                timeline=await read_timeline(session, payment),
                refunds=await _refunds_of(session, payment),
                disputes=(await disputes_of(session, [payment.id])).get(payment.id, ()),
            )

    async def timeline(self, payment_id: uuid.UUID) -> tuple[TimelineEntry, ...]:
        """Tell what happened to a payment, from the beginning. Raises ``Refused`` when there is none."""
        async with self._database.reading() as session:
            return await read_timeline(session, await _get(session, payment_id))

    async def export(self, query: PaymentQuery, path: Path, actor: journal.Actor, *, replaces: bool = False) -> int:
        """Write everything that ``query`` finds to ``path`` as CSV; return how many payments that are.

        The journal says so before the file is there. An existing file is only replaced where ``replaces`` says that
        somebody was asked. Raises ``Refused`` as ``page`` does, for a file that cannot be written, and while cash in
        it lies in a drawer that ``actor`` counts blind: whoever has the file has its sum.
        """

        async def note(rows: int) -> None:
            await self._note_export(query, path.name, rows, actor)

        await require(self._database, actor, Action.EXPORT_PAYMENTS)
        await self._check_scope(query, actor)
        async with self._database.reading() as session:
            await _refuse_hidden_cash(session, query, actor)
            zone = zone_of((await session.execute(sa.select(Hospital.time_zone))).scalar_one())
        async with contextlib.aclosing(self._batches(query)) as batches:
            return await write_csv(path, batches, zone=zone, replaces=replaces, seal=note)

    async def _check_scope(self, query: PaymentQuery, actor: journal.Actor) -> None:
        """Cashiers see the payments of their own desk, and those of a patient."""
        is_own = query.patient is not None or (query.desk_id is not None and query.desk_id == actor.desk_id)
        await require(
            self._database,
            actor,
            Action.SEE_PAYMENTS if is_own else Action.SEE_EVERY_DESK,
            subject=Subject.DESK,
            subject_id=query.desk_id or "every desk",
        )

    async def _batches(self, query: PaymentQuery) -> AsyncGenerator[Sequence[PaymentRow], None]:
        """Read everything that ``query`` finds, some at a time, as it stood at one moment."""
        async with self._database.reading() as session:
            wanted = await conditions_of(session, query)
            after: HistoryKey | None = None
            while rows := await find_page(session, wanted, after=after, limit=_EXPORTED_AT_ONCE):
                yield rows
                after = rows[-1].key
                session.expunge_all()

    async def _note_export(self, query: PaymentQuery, file_name: str, rows: int, actor: journal.Actor) -> None:
        filters = _filters_of(query)
        deed: Deed
        if query.patient is not None:
            patient_id = query.patient.patient_id
            deed = PatientPaymentsExported(patient=patient_id, rows=rows, file=file_name, filters=filters)
        else:
            desk: int | EveryDesk = query.desk_id or "every desk"
            deed = DeskPaymentsExported(desk=desk, rows=rows, file=file_name, filters=filters)
        async with self._database.transaction() as session:
            await journal.record(session, deed, actor)


async def _hidden_from(session: AsyncSession, query: PaymentQuery, actor: journal.Actor) -> frozenset[int]:
    """Return the drawers of whose cash ``actor`` is told no sum here; what one patient paid is that patient's sum."""
    return frozenset() if query.patient is not None else await hidden_drawers(session, actor)


async def _refuse_hidden_cash(session: AsyncSession, query: PaymentQuery, actor: journal.Actor) -> None:
    hidden = await _hidden_from(session, query, actor)
    wanted = await conditions_of(session, query)
    if hidden and (await session.execute(sa.select(Payment.id).where(*wanted, is_hidden(hidden)).limit(1))).first():
        raise Refused(
            m("This would tell the cash of a shift that is still open, and its drawer is counted blind."),
            advice=m("Close the shift first, or choose days or ways to pay without its cash."),
        )


def _filters_of(query: PaymentQuery) -> dict[str, Any]:
    """What the journal keeps of a query: nothing that names a patient."""
    filters = {
        "desk": query.desk_id,
        "staff": query.staff_id,
        "from": query.first_day.isoformat() if query.first_day else None,
        "to": query.last_day.isoformat() if query.last_day else None,
        "tender": query.tender,
        "states": sorted(query.states) or None,
        "text": query.text.strip() or None,
    }
    return {name: value for name, value in filters.items() if value is not None}


async def _get(session: AsyncSession, payment_id: uuid.UUID) -> Payment:
    payment = await session.get(Payment, payment_id)
    if payment is None:
        raise Refused(m("There is no such payment."), advice=m("Look at the invoice's payments."))
    return payment


async def _invoices_of(session: AsyncSession, payment: Payment) -> tuple[InvoiceLink, ...]:
    statement = (
        sa.select(Invoice.id, Invoice.number, PaymentItem.amount_minor)
        .join(PaymentItem, PaymentItem.invoice_id == Invoice.id)
        .where(PaymentItem.payment_id == payment.id)
        .order_by(Invoice.id)
    )
    return tuple(
        InvoiceLink(id=invoice_id, number=number, amount=Money(minor, payment.currency))
        for invoice_id, number, minor in await session.execute(statement)
    )


async def _allocated_of(session: AsyncSession, payment: Payment) -> tuple[InvoiceLink, ...]:
    counts = sa.func.sum(Allocation.amount_minor)
    statement = (
        sa.select(Invoice.id, Invoice.number, counts)
        .join(Allocation, Allocation.invoice_id == Invoice.id)
        .where(Allocation.payment_id == payment.id)
        .group_by(Invoice.id, Invoice.number)
        .having(counts != 0)
        .order_by(Invoice.id)
    )
    return tuple(
        InvoiceLink(id=invoice_id, number=number, amount=Money(int(minor), payment.currency))
        for invoice_id, number, minor in await session.execute(statement)
    )


async def _receipts_of(session: AsyncSession, payment: Payment) -> tuple[ReceiptLink, ...]:
    statement = sa.select(Receipt).where(Receipt.payment_id == payment.id).order_by(Receipt.issued_at, Receipt.id)
    return tuple(
        ReceiptLink(id=receipt.id, number=receipt.full_number, kind=receipt.kind)
        for receipt in (await session.execute(statement)).scalars()
    )


async def _refunds_of(session: AsyncSession, payment: Payment) -> tuple[RefundLine, ...]:
    statement = sa.select(Refund).where(Refund.payment_id == payment.id).order_by(Refund.requested_at, Refund.id)
    return tuple(
        RefundLine(
            id=refund.id,
            amount=refund.amount,
            state=refund.state,
            way=refund.way,
            origin=refund.origin,
            requested_at=refund.requested_at,
        )
        for refund in (await session.execute(statement)).scalars()
    )


async def _stripe_ids_of(session: AsyncSession, payment: Payment) -> tuple[str, ...]:
    statement = (
        sa.select(Refund.stripe_refund_id).where(Refund.payment_id == payment.id).order_by(Refund.requested_at)
    )
    refunds = (await session.execute(statement)).scalars().all()
    known = (payment.stripe_session_id, payment.stripe_intent_id, payment.stripe_charge_id, *refunds)
    return tuple(stripe_id for stripe_id in known if stripe_id is not None)
