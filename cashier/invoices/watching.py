"""Watching invoices and their patient while money is taken: what the hospital's system makes of them meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, InvoiceLine, InvoiceStatus, Patient
from cashier.books.saved_card import SavedCard
from cashier.database import Database
from cashier.errors import CashierError
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.patients.records import current_of, records_of


@dataclass(frozen=True, kw_only=True)
class InvoiceFacts:
    """What an invoice says beside its sums."""

    department: str
    issued_on: date
    due_on: date
    insurer: str
    lines: tuple[tuple[str, int, int], ...]
    """Description, quantity in thousandths and total of each."""


@dataclass(frozen=True, kw_only=True)
class WatchedInvoice:
    """One invoice as it is now.

    ``owed`` is the patient's part of its total, ``paid`` what counts towards it, and ``due`` what it can take yet.
    """

    id: int
    number: str
    patient_id: int
    record_number: str
    owed: Money
    paid: Money
    due: Money
    is_cancelled: bool
    facts: InvoiceFacts


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The patient and the invoices at one moment.

    ``patient_id`` is the record that stays where the one that is watched was merged. ``invoices`` come by their keys.
    """

    patient_id: int
    patient: PatientIdentity
    invoices: tuple[WatchedInvoice, ...]
    card_ids: tuple[int, ...]
    """Keys of the cards that are saved for the patient now: one may come in while money is being taken."""


class FollowedInvoices:
    """A patient and some invoices, for ``News.follow``. It never ends by itself: both may change at any time."""

    subject = None
    silence_seconds = 5.0

    def __init__(self, database: Database, patient_id: int, invoice_ids: Sequence[int]) -> None:
        """Read the patient, and the invoices, from ``database``."""
        self._database = database
        self._patient_id = patient_id
        self._invoice_ids = tuple(invoice_ids)

    async def look(self) -> Watched:
        """Read all of them at one moment."""
        async with self._database.reading() as session:
            patient = await session.get_one(Patient, await current_of(session, self._patient_id))
            return Watched(
                patient_id=patient.id,
                patient=PatientIdentity(name=patient.name, record_number=patient.record_number, born=patient.born),
                invoices=await _read(session, self._invoice_ids),
                card_ids=await _cards(session, self._patient_id),
            )

    async def ask(self, seen: Watched) -> None:
        """Ask nobody: Stripe knows nothing of invoices. The next look is for news that got lost."""

    def with_trouble(self, seen: Watched, error: CashierError | None) -> Watched:
        """Return what was seen last: that the database is away is told by what is being paid."""
        return seen

    def is_over(self, seen: Watched) -> bool:
        """Tell that more may come."""
        return False


async def _cards(session: AsyncSession, patient_id: int) -> tuple[int, ...]:
    whose = SavedCard.patient_id.in_(await records_of(session, patient_id))
    kept = sa.select(SavedCard.id).where(whose, SavedCard.removed_at.is_(None)).order_by(SavedCard.id)
    return tuple((await session.execute(kept)).scalars())


async def _read(session: AsyncSession, invoice_ids: Sequence[int]) -> tuple[WatchedInvoice, ...]:
    statement = (
        sa.select(Invoice, Patient.record_number)
        .join(Patient, Patient.id == Invoice.patient_id)
        .where(Invoice.id.in_(invoice_ids))
        .order_by(Invoice.id)
    )
    rows = (await session.execute(statement)).all()
    lines = await _lines(session, invoice_ids)
    return tuple(_watched(invoice, record, tuple(lines[invoice.id])) for invoice, record in rows)


async def _lines(session: AsyncSession, invoice_ids: Sequence[int]) -> dict[int, list[tuple[str, int, int]]]:
    statement = (
        sa.select(
            InvoiceLine.invoice_id, InvoiceLine.description, InvoiceLine.quantity_milli, InvoiceLine.total_minor
        )
        .where(InvoiceLine.invoice_id.in_(invoice_ids))
        .order_by(InvoiceLine.invoice_id, InvoiceLine.position)
    )
    found: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for invoice_id, description, quantity_milli, total_minor in await session.execute(statement):
        found[invoice_id].append((description, quantity_milli, total_minor))
    return found


def _watched(invoice: Invoice, record_number: str, lines: tuple[tuple[str, int, int], ...]) -> WatchedInvoice:
    return WatchedInvoice(
        id=invoice.id,
        number=invoice.number,
        patient_id=invoice.patient_id,
        record_number=record_number,
        owed=Money(invoice.total_minor - invoice.insurer_share_minor, invoice.currency),
        paid=Money(invoice.paid_minor, invoice.currency),
        due=Money(invoice.room_minor, invoice.currency),
        is_cancelled=invoice.status is InvoiceStatus.CANCELLED,
        facts=InvoiceFacts(
            department=invoice.department,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            insurer=invoice.insurer,
            lines=lines,
        ),
    )
