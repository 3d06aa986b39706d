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
from cashier.books.deeds.reversals import EvidenceSent
from cashier.books.difference import note
from cashier.books.dispute import ENDED, LOST, WANTS_ANSWER, Dispute
from cashier.books.hospital import Desk, Hospital
from cashier.books.payment import Payment, PaymentState
from cashier.books.staff import Staff
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.disputes.evidence import collect_evidence
from cashier.disputes.evidence_pdf import render_sheet
from cashier.disputes.evidence_text import render_text
from cashier.disputes.money_gone import money_gone
from cashier.disputes.views import DisputeView, EvidenceDraft, view_of
from cashier.disputes.words import status_words
from cashier.errors import Misconfigured, Refused, Unreachable
from cashier.identifiers import id_from
from cashier.language import m, sentences, speaking
from cashier.news import News
from cashier.payments.service import Payments
from cashier.staff.rights import Action, require
from cashier.stripe_gateway.client import is_code
from cashier.stripe_gateway.evidence import ChargeProof, EvidenceGateway
from cashier.stripe_gateway.records import DisputeOnRecord, RecordsGateway

log = logging.getLogger(__name__)

_SENDER_LENGTH_MAX = 20


@dataclass(frozen=True, kw_only=True)
class EvidenceSheet:
    """What is sent to the bank, as PDF."""

    file_name: str
    pdf: bytes


class Disputes:
    """The disputes of all desks. Every verb is safe to repeat."""

    def __init__(
        self,
        database: Database,
        news: News,
        records: RecordsGateway,
        evidence: EvidenceGateway,
        payments: Payments,
    ) -> None:
        """Work on ``database`` and Stripe; ``payments`` are asked about a charge that is new to us."""
        self._evidence = evidence
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
            await _note_evidence(session, dispute, found)
            if dispute.status in LOST:
                await note(session, money_gone(dispute))
        log.warning("dispute moved", extra={"dispute": found.dispute_id, "status": found.status})
        return payment_id

    @again_after_circle
    async def evidence_sheet(self, stripe_id: str, actor: journal.Actor, language: str = "") -> EvidenceSheet:
        """Make the sheet of evidence for a dispute; the journal says who did. Raises ``Refused`` when there is none.

        It has amounts, times and numbers, and nothing about health: no name, no record number, no department. Without
        a ``language`` it is in that of the hospital's papers. What Stripe knows of the charge is left out while it
        does not answer.
        """
        await require(self._database, actor, Action.SEE_PAYMENTS, subject=Subject.DISPUTE, subject_id=stripe_id)
        try:
            proof = await self._proof_of(stripe_id)
        except Unreachable as error:
            log.warning("charge not asked about", extra={"dispute": stripe_id, "reason": error.message.english})
            proof = None
        async with self._database.transaction() as session:
            dispute = await _get(session, stripe_id)
            spoken = language or (await session.get_one(Hospital, 1)).language_on_paper
            with speaking(spoken):
                evidence = await collect_evidence(session, dispute, now(), proof)
            await journal.record(session, EvidenceSheetMade(payment=dispute.payment_id, dispute=stripe_id), actor)
        # Drawing takes some milliseconds of processor time: not on the thread that serves everybody.
        with speaking(spoken):
            pdf = await asyncio.to_thread(render_sheet, evidence)
        return EvidenceSheet(file_name=f"evidence-{stripe_id}.pdf", pdf=pdf)

    async def evidence_draft(self, stripe_id: str, actor: journal.Actor) -> EvidenceDraft:
        """Write what would be handed to the bank, in the language of the hospital's papers; nothing is sent.

        Raises ``Refused`` where the bank does not wait for an answer, and ``Unreachable`` without Stripe's facts.
        """
        await require(self._database, actor, Action.SEND_EVIDENCE, subject=Subject.DISPUTE, subject_id=stripe_id)
        proof = await self._proof_of(stripe_id)
        async with self._database.reading() as session:
            dispute = await _get(session, stripe_id)
            _check_wants_answer(dispute)
            spoken = (await session.get_one(Hospital, 1)).language_on_paper
            with speaking(spoken):
                text = render_text(await collect_evidence(session, dispute, now(), proof))
        return EvidenceDraft(dispute=view_of(dispute), text=text, fields={"uncategorized_text": text})

    async def send_evidence(self, draft: EvidenceDraft, actor: journal.Actor) -> DisputeView:
        """Hand what ``draft`` shows to the bank, which is done once; the journal says who did.

        Safe to repeat: what arrived at Stripe is recognised, also after a lost answer, and whoever hears of it first
        writes it down. Raises ``Refused`` where the bank does not wait (any more), ``Misconfigured`` where the key
        may not do it, and ``Unreachable`` while it is not known whether it arrived.
        """
        stripe_id = draft.dispute.stripe_id
        await require(self._database, actor, Action.SEND_EVIDENCE, subject=Subject.DISPUTE, subject_id=stripe_id)
        async with self._database.reading() as session:
            payment = await session.get_one(Payment, draft.dispute.payment_id)
        if payment.stripe_charge_id is not None:
            await self.look_at_charge(payment.stripe_charge_id)
        async with self._database.reading() as session:
            dispute = await _get(session, stripe_id)
        if dispute.evidence_sent_at is not None:
            return view_of(dispute)
        _check_wants_answer(dispute)
        try:
            found = await self._evidence.hand_in(stripe_id, draft.fields, sender=f"{actor.staff_id}/{actor.desk_id}")
        except Misconfigured as error:
            raise Misconfigured(
                sentences(m("The evidence is not sent."), error.message),
                advice=m(
                    "Give the key the right to write Disputes, or save the evidence sheet and upload it in Stripe's "
                    "dashboard before the deadline."
                ),
                by=error.by,
            ) from error
        await self.take_in(found)
        async with self._database.reading() as session:
            return view_of(await _get(session, stripe_id))

    async def _proof_of(self, stripe_id: str) -> ChargeProof | None:
        async with self._database.reading() as session:
            dispute = await _get(session, stripe_id)
            payment = await session.get_one(Payment, dispute.payment_id)
        if payment.stripe_charge_id is None:
            return None
        return await self._evidence.proof_of_charge(payment.stripe_charge_id)

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


async def _get(session: AsyncSession, stripe_id: str) -> Dispute:
    dispute = await session.get(Dispute, stripe_id)
    if dispute is None:
        raise Refused(m("This dispute does not exist."), advice=m("Look at the payment's disputes."))
    return dispute


def _check_wants_answer(dispute: Dispute) -> None:
    if dispute.status not in WANTS_ANSWER:
        raise Refused(
            m("The bank does not wait for an answer: {status}.", status=status_words(dispute.status)),
            advice=m("Look at the payment's disputes."),
        )


async def _note_evidence(session: AsyncSession, dispute: Dispute, found: DisputeOnRecord) -> None:
    """Write down that evidence of ours arrived, with who sent it, whoever hears of it first."""
    if found.evidence_sender is None or dispute.evidence_sent_at is not None:
        return
    dispute.evidence_sent_at = now()
    await session.flush()
    deed = EvidenceSent(payment=dispute.payment_id, dispute=dispute.stripe_id, fields=found.evidence_fields)
    await journal.record(session, deed, await _actor_of(session, found.evidence_sender))


async def _actor_of(session: AsyncSession, sender: str) -> journal.Actor:
    """Find who sent it; what somebody else wrote there is nobody here."""
    staff_id, _, desk_id = sender.partition("/")
    if staff_id.isdecimal() and desk_id.isdecimal() and len(sender) < _SENDER_LENGTH_MAX:
        person, desk = await session.get(Staff, int(staff_id)), await session.get(Desk, int(desk_id))
        if person is not None and desk is not None:
            return journal.staff_at(staff_id=person.id, desk_id=desk.id)
    return journal.PROGRAM


def _is_known(dispute: Dispute, found: DisputeOnRecord) -> bool:
    if found.evidence_sender is not None and dispute.evidence_sent_at is None:
        return False
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
