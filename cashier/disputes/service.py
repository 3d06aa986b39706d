"""Disputes: learned from Stripe, shown with their deadline, answered with a sheet of evidence.

They are decided at Stripe and never here: what Stripe says is written down, and no money moves in our books. That
the bank holds the money is a fact about the payment; a refund of it is refused meanwhile. Who bears what was lost is
a supervisor's decision (``reversals``).
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.deeds.records import DisputeMove, DisputeMoved, EvidenceSheetMade
from cashier.books.difference import note
from cashier.books.dispute import ENDED, LOST, Dispute
from cashier.books.hospital import Hospital
from cashier.books.payment import Payment, PaymentState
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.disputes.evidence import collect_evidence
from cashier.disputes.evidence_pdf import render_sheet
from cashier.disputes.money_gone import money_gone
from cashier.errors import Refused
from cashier.identifiers import id_from
from cashier.language import m, speaking
from cashier.news import News
from cashier.payments.service import Payments
from cashier.staff.rights import Action, require
from cashier.stripe_gateway.client import is_code
from cashier.stripe_gateway.records import DisputeOnRecord, RecordsGateway

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class EvidenceSheet:
    """What is sent to the bank, as PDF."""

    file_name: str
    pdf: bytes


class Disputes:
    """The disputes of all desks. Every verb is safe to repeat."""

    def __init__(self, database: Database, news: News, records: RecordsGateway, payments: Payments) -> None:
        """Work on ``database`` and Stripe's records; ``payments`` are asked about a charge that is new to us."""
        self._database = database
        self._news = news
        self._records = records
        self._payments = payments

    async def look_at_charge(self, charge_id: str) -> None:
        """Ask Stripe about the disputes of a charge, and take them in. A charge that is not ours is left alone.

        One that Stripe does not have, such as a connected account's, is nobody's.
        """
        try:
            disputes = await self._records.disputes_of_charge(charge_id)
        except Refused as error:
            if not is_code(error, "resource_missing"):
                raise
            log.info("charge is not there", extra={"charge": charge_id})
            return
        for found in disputes:
            await self.take_in(found)

    @again_after_circle
    async def take_in(self, found: DisputeOnRecord) -> uuid.UUID | None:
        """Write down what Stripe says of a dispute; return its payment, None when that is not ours."""
        payment_id = await self._payment_of(found)
        if payment_id is None:
            return None
        async with self._database.transaction() as session:
            # Locked as for a refund, so that none is approved in the same moment.
            lock = sa.select(Payment.id).where(Payment.id == payment_id).with_for_update(**ROW_LOCK)
            await session.execute(lock)
            dispute = await session.get(Dispute, found.dispute_id)
            if dispute is None:
                dispute = Dispute(stripe_id=found.dispute_id, payment_id=payment_id, opened_at=found.created_at)
                session.add(dispute)
                move: DisputeMove = DeedKind.DISPUTE_OPENED
            elif _is_known(dispute, found):
                return payment_id
            else:
                move = DeedKind.DISPUTE_CLOSED if found.status in ENDED else DeedKind.DISPUTE_CHANGED
            dispute.amount_minor, dispute.currency = found.amount.amount_minor, found.amount.currency
            dispute.reason, dispute.status = found.reason, found.status
            dispute.respond_by, dispute.learned_at = found.respond_by, now()
            await session.flush()
            await self._news.announce(session, f"payment:{payment_id}")
            await _record(session, move, dispute)
            if dispute.status in LOST:
                await note(session, money_gone(dispute))
        log.warning("dispute moved", extra={"dispute": found.dispute_id, "status": found.status})
        return payment_id

    @again_after_circle
    async def evidence_sheet(self, stripe_id: str, actor: journal.Actor, language: str = "") -> EvidenceSheet:
        """Make the sheet of evidence for a dispute; the journal says who did. Raises ``Refused`` when there is none.

        It has amounts, times and numbers, and nothing about health: no name, no record number, no department. Without
        a ``language`` it is in that of the hospital's papers.
        """
        await require(self._database, actor, Action.SEE_PAYMENTS, subject=Subject.DISPUTE, subject_id=stripe_id)
        async with self._database.transaction() as session:
            dispute = await session.get(Dispute, stripe_id)
            if dispute is None:
                raise Refused(m("This dispute does not exist."), advice=m("Look at the payment's disputes."))
            spoken = language or (await session.get_one(Hospital, 1)).language_on_paper
            with speaking(spoken):
                evidence = await collect_evidence(session, dispute, now())
            await journal.record(session, EvidenceSheetMade(payment=dispute.payment_id, dispute=stripe_id), actor)
        # Drawing takes some milliseconds of processor time: not on the thread that serves everybody.
        with speaking(spoken):
            pdf = await asyncio.to_thread(render_sheet, evidence)
        return EvidenceSheet(file_name=f"evidence-{stripe_id}.pdf", pdf=pdf)

    async def _payment_of(self, found: DisputeOnRecord) -> uuid.UUID | None:
        """Find the payment of a dispute; one that we do not know as paid yet is asked about first."""
        ids = [found.charge_id, found.intent_id]
        statement = sa.select(Payment.id, Payment.state).where(
            sa.or_(
                Payment.stripe_charge_id.in_(ids),
                Payment.stripe_intent_id.in_(ids),
                Payment.id == id_from(found.payment_reference),
            )
        )
        async with self._database.reading() as session:
            row = (await session.execute(statement)).first()
        if row is None:
            return None
        if row.state is not PaymentState.PAID:
            await self._payments.refresh(row.id, even_if_final=True)
        return uuid.UUID(str(row.id))


def _is_known(dispute: Dispute, found: DisputeOnRecord) -> bool:
    known = (dispute.amount_minor, dispute.currency, dispute.reason, dispute.status, dispute.respond_by)
    said = (found.amount.amount_minor, found.amount.currency, found.reason, found.status, found.respond_by)
    return known == said


async def _record(session: AsyncSession, move: DisputeMove, dispute: Dispute) -> None:
    deed = DisputeMoved(
        kind=move,
        payment=dispute.payment_id,
        dispute=dispute.stripe_id,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
        reason=dispute.reason,
        status=dispute.status,
    )
    await journal.record(session, deed, journal.PROGRAM)
