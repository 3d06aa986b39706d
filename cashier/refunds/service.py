"""Refunds: request, decide, pay out or send, refresh, recover, and taking in those made in Stripe's dashboard.

As with payments, everything that Stripe has part in ends in asking Stripe and letting the refund learn the answer.
What leaves a drawer is settled with its approval, what the hospital's bank sends when the cashier says that it did.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import sqlalchemy as sa

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.refunds import RefundUnsendable
from cashier.books.from_stripe.refund_report import RefundReport
from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import Refund, RefundState
from cashier.clock import now
from cashier.database import Database
from cashier.database.circles import again_after_circle
from cashier.errors import CashierError, Party, Refused, Unreachable
from cashier.failpoints import FailPoint, reach
from cashier.identifiers import id_from
from cashier.language import m, sentences
from cashier.news import News
from cashier.payments.service import Payments
from cashier.receipts.service import Receipts
from cashier.refunds.adoption import find_or_adopt
from cashier.refunds.checks import tidy_words
from cashier.refunds.deciding import (
    expire_if_late,
    let_approve,
    let_approve_by_rule,
    let_reject,
    note_refused_approval,
)
from cashier.refunds.effects import facts_of, record, take_in_report
from cashier.refunds.locking import lock_refund, lock_sources
from cashier.refunds.offers import offer_of_invoice, offer_of_payment
from cashier.refunds.queries import IS_AT_STRIPE, IS_WAITING, FollowedRefunds, ids_of, view_of, views_of
from cashier.refunds.requesting import note_refused_request, save_request
from cashier.refunds.sending import RefundRefused, ask_stripe
from cashier.refunds.views import RefundOffer, RefundRequest, RefundView, StepUp
from cashier.staff.rights import Action, require
from cashier.staff.service import StaffService
from cashier.stripe_gateway.client import is_code
from cashier.stripe_gateway.refunds import RefundGateway
from cashier.tenders.refund_way import RefundWay

log = logging.getLogger(__name__)


class Refunds:
    """The refunds of all desks. Every verb is safe to repeat."""

    def __init__(
        self,
        database: Database,
        news: News,
        gateway: RefundGateway,
        receipts: Receipts,
        hear_of_disputes: Callable[[str], Awaitable[None]],
        *,
        payments: Payments,
        staff: StaffService,
    ) -> None:
        """Work on ``database`` and Stripe.

        ``payments`` are asked about money that we have not seen come yet, ``staff`` about who steps up at a desk;
        ``hear_of_disputes`` takes in what the bank disputes of a charge.
        """
        self._payments = payments
        self._hear_of_disputes = hear_of_disputes
        self._database = database
        self._news = news
        self._gateway = gateway
        self._receipts = receipts
        self._staff = staff

    async def offer(self, *, invoice_id: int | None = None, payment_id: uuid.UUID | None = None) -> RefundOffer:
        """Return what can go back of an invoice, or of one payment. Raises ``Refused`` when there is none."""
        async with self._database.reading() as session:
            if invoice_id is not None:
                return await offer_of_invoice(session, invoice_id)
            if payment_id is not None:
                return await offer_of_payment(session, payment_id)
        raise ValueError("neither an invoice nor a payment to refund")

    async def request(self, request: RefundRequest, actor: journal.Actor) -> RefundView:
        """Save that somebody wants money of one payment to go back; see ``request_all``."""
        (view,) = await self.request_all([request], actor)
        return view

    async def request_all(self, requests: Sequence[RefundRequest], actor: journal.Actor) -> tuple[RefundView, ...]:
        """Save that somebody wants money to go back: all of ``requests``, or none.

        Nothing moves before somebody else approves. The same request again returns the refund that is there. Raises
        ``Refused`` for what cannot go back, also for more than what is left when two people ask at once; the journal
        keeps the refusal.
        """
        asked = sorted(requests, key=lambda each: each.payment_id)
        for request in asked:
            await require(
                self._database, actor, Action.REQUEST_REFUND, subject=Subject.PAYMENT, subject_id=request.payment_id
            )
        found = {view.id: view for view in await self._save(asked, actor)}
        return tuple(found[request.refund_id] for request in requests)

    async def request_by_rule(self, request: RefundRequest, actor: journal.Actor) -> RefundView:
        """Save that a client of the API wants money to go back; as ``request``, but for what it may refund by itself.

        Within the limits that an administrator gave it, the refund is approved by that rule in the same transaction,
        and sent at once. Whatever is not waits for somebody to decide. While Stripe or the database does not answer,
        an approved refund goes on by itself: what is returned says how far it came, and whether it is ``by_rule``.
        Raises ``Refused`` as ``request`` does.
        """
        await require(
            self._database, actor, Action.REQUEST_REFUND, subject=Subject.PAYMENT, subject_id=request.payment_id
        )
        (view,) = await self._save([request], actor, by_rule=True)
        if view.state is not RefundState.APPROVED:
            return view
        reach(FailPoint.REFUND_APPROVED)
        try:
            return await self.refresh(request.refund_id, actor=actor)
        except CashierError as error:
            log.warning("refund not sent yet", extra={"refund": request.refund_id, "reason": error.message.english})
            return view

    @again_after_circle
    async def _save(
        self, asked: Sequence[RefundRequest], actor: journal.Actor, *, by_rule: bool = False
    ) -> tuple[RefundView, ...]:
        try:
            async with self._database.transaction() as session:
                await lock_sources(session, asked)
                for request in asked:
                    saved = await save_request(session, request, actor)
                    if by_rule and saved is not None:
                        await let_approve_by_rule(session, self._receipts, *saved, actor)
                views = await views_of(session, [request.refund_id for request in asked])
                reach(FailPoint.REFUND_WRITTEN)
        except Refused as refusal:
            async with self._database.transaction() as session:
                await note_refused_request(session, asked, refusal, actor)
            raise
        reach(FailPoint.REFUND_REQUESTED)
        return views

    @again_after_circle
    async def approve(
        self,
        refund_id: uuid.UUID,
        actor: journal.Actor,
        *,
        step_up: StepUp | None = None,
        reopens: bool | None = None,
    ) -> RefundView:
        """Approve a requested refund; to a card it is sent at once, cash leaves the drawer of the desk that asked.

        Who approves is ``actor``, or whoever proves with ``step_up`` to be somebody else at the same desk. It is this
        payment and this amount that are approved: neither can change any more. ``reopens`` overrides what was asked.
        Raises ``Refused`` for one's own request, one that lapsed, and more than one may approve; ``Unreachable``
        when Stripe or the database does not answer: where it says so it is approved, and recovery sends it. Before
        cash stands in for a card, Stripe is asked what has become of the payment's charge.
        """
        approver = actor
        if step_up is not None:
            signed_in = await self._staff.step_up(step_up.name, step_up.pin, desk_id=actor.desk_id)
            approver = journal.staff_at(staff_id=signed_in.staff_id, desk_id=actor.desk_id)
        view = await self.view(refund_id)
        right = Action.APPROVE_REFUND if view.instead_of is None else Action.GIVE_CASH_FOR_CARD
        # Somebody's own request is refused as that, whatever they may otherwise do.
        if approver.staff_id != view.requested_by:
            await require(self._database, approver, right, subject=Subject.REFUND, subject_id=refund_id)
        if view.instead_of is not None and view.state is RefundState.REQUESTED:
            await self._hear_before_cash(view.payment_id)
        try:
            async with self._database.transaction() as session:
                refund, payment = await lock_refund(session, refund_id)
                await let_approve(session, self._receipts, refund, payment, approver, reopens=reopens)
                reach(FailPoint.REFUND_DECIDED)
        except Refused as refusal:
            async with self._database.transaction() as session:
                await note_refused_approval(session, refund_id, refusal, approver)
            raise
        reach(FailPoint.REFUND_APPROVED)
        try:
            return await self.refresh(refund_id, actor=approver)
        except CashierError as error:
            if error.by is None:
                raise
            raise Unreachable(
                sentences(m("The refund is approved."), error.message),
                advice=m("It goes on by itself as soon as that is over; do not ask for it a second time."),
                by=error.by,
            ) from error

    @again_after_circle
    async def reject(self, refund_id: uuid.UUID, actor: journal.Actor, *, why: str = "") -> RefundView:
        """Decline a requested refund, or take one's own request back; its money counts as not asked for.

        Raises ``Refused`` when it is approved already, and when somebody else's is rejected without a word.
        """
        is_own = (await self.view(refund_id)).requested_by == actor.staff_id
        words = "" if is_own and not why.strip() else tidy_words(why)
        right = Action.REQUEST_REFUND if is_own else Action.APPROVE_REFUND
        await require(self._database, actor, right, subject=Subject.REFUND, subject_id=refund_id)
        async with self._database.transaction() as session:
            refund, _payment = await lock_refund(session, refund_id)
            await let_reject(session, refund, actor, why=words, is_own=is_own)
            return await view_of(session, refund_id)

    async def view(self, refund_id: uuid.UUID) -> RefundView:
        """Return a refund as the database knows it."""
        async with self._database.reading() as session:
            return await view_of(session, refund_id)

    def follow(self, refund_ids: Sequence[uuid.UUID]) -> AsyncIterator[tuple[RefundView, ...]]:
        """Yield refunds whenever one of them changes, until all are settled.

        News wakes us. What is at Stripe is asked about after a few silent seconds, so that nobody waits for a
        companion that is down. While Stripe or the database does not answer, ``trouble`` says so.
        """
        return self._news.follow(FollowedRefunds(self._database, refund_ids, refresh=self.refresh))

    async def refresh(self, refund_id: uuid.UUID, *, actor: journal.Actor = journal.PROGRAM) -> RefundView:
        """Ask Stripe about a refund and take in the answer; one that Stripe never heard of is sent.

        Nothing is asked about what waits for somebody here. Raises ``Unreachable`` when Stripe does not answer: the
        outcome is then unknown; ``Refused`` where there is no such refund.
        """
        async with self._database.reading() as session:
            refund = await session.get(Refund, refund_id)
            payment = None if refund is None else await session.get_one(Payment, refund.payment_id)
        if refund is None or payment is None:
            raise Refused(m("There is no such refund."), advice=m("Look at the payment's refunds."))
        is_decided_here = refund.state in (RefundState.REQUESTED, RefundState.REJECTED, RefundState.EXPIRED)
        if is_decided_here or refund.way is not RefundWay.CARD:
            return await self.view(refund_id)
        try:
            report = await ask_stripe(self._gateway, refund, payment, self._database)
        except RefundRefused as refusal:
            await self._hear_after_refusal(payment)
            return await self._note_unsendable(refund_id, refusal, actor)
        return await self._take_in(refund_id, report, actor)

    @again_after_circle
    async def adopt(self, report: RefundReport) -> RefundView | None:
        """Take in what Stripe tells of a refund, whoever made it; None when its payment is not ours.

        Safe to repeat. A report of the refund may be here before one of its payment: then Stripe is asked about the
        payment first.
        """
        await self._see_paid(report)
        async with self._database.transaction() as session:
            known = await find_or_adopt(session, report)
        if known is None:
            return None
        return await self._take_in(known, report, journal.PROGRAM)

    @again_after_circle
    async def recover(self) -> int:
        """End requests that lapsed, and ask Stripe about what is under way; return how many refunds moved."""
        async with self._database.reading() as session:
            moment = now()
            late = await ids_of(session, IS_WAITING, Refund.expires_at <= moment)
            at_stripe = await ids_of(session, IS_AT_STRIPE)
        for refund_id in late:
            async with self._database.transaction() as session:
                refund, _payment = await lock_refund(session, refund_id)
                await expire_if_late(session, refund, moment)
        return len(late) + await self._refresh_each(at_stripe)

    async def look_at(self, stripe_id: str) -> None:
        """Ask Stripe about a refund by its id there, and take it in, whoever made it.

        One that Stripe does not have, such as a connected account's, is nobody's.
        """
        try:
            report = await self._gateway.fetch_refund(stripe_id)
        except Refused as error:
            if not is_code(error, "resource_missing"):
                raise
            log.info("refund is not there", extra={"refund": stripe_id})
            return
        await self.adopt(report)

    async def _refresh_each(self, refund_ids: Sequence[uuid.UUID]) -> int:
        """Ask Stripe about each; return how many moved. What cannot be asked now is left for the next time."""
        moved = 0
        for refund_id in refund_ids:
            before = (await self.view(refund_id)).state
            try:
                view = await self.refresh(refund_id)
            except CashierError as error:
                log.warning("refund not recovered", extra={"refund": refund_id, "reason": error.message.english})
                continue
            moved += view.state is not before
        return moved

    async def _take_in(self, refund_id: uuid.UUID, report: RefundReport, actor: journal.Actor) -> RefundView:
        """Let the refund learn what Stripe says. Raises ``Unreachable`` when the database does not take it in."""
        try:
            return await self._write_down(refund_id, report, actor)
        except CashierError as error:
            if error.by is not Party.DATABASE:
                raise
            raise Unreachable(
                sentences(m("Stripe has answered about this refund; that is not written down yet."), error.message),
                advice=m("It is written down by itself as soon as the database can; do not ask for it again."),
                by=Party.DATABASE,
            ) from error

    @again_after_circle
    async def _write_down(self, refund_id: uuid.UUID, report: RefundReport, actor: journal.Actor) -> RefundView:
        async with self._database.transaction() as session:
            refund, _payment = await lock_refund(session, refund_id)
            if await take_in_report(session, self._receipts, refund, report, actor):
                log.info("refund moved", extra={"refund": refund_id, "state": refund.state})
            await session.flush()
            view = await view_of(session, refund_id)
            reach(FailPoint.REFUND_LEARNED)
        reach(FailPoint.REFUND_SAVED)
        return view

    async def _hear_of_charge(self, payment: Payment) -> None:
        """Take in every refund and dispute of a card payment that Stripe knows, whoever made it."""
        if payment.stripe_intent_id is not None:
            async for report in self._gateway.list_refunds(intent_id=payment.stripe_intent_id):
                await self.adopt(report)
        if payment.stripe_charge_id is not None:
            await self._hear_of_disputes(payment.stripe_charge_id)

    async def _hear_after_refusal(self, payment: Payment) -> None:
        """Ask why Stripe refuses: the money may have gone back another way. Unanswered, it is asked before cash."""
        try:
            await self._hear_of_charge(payment)
        except CashierError as error:
            log.warning("charge not asked about", extra={"payment": payment.id, "reason": error.message.english})

    async def _hear_before_cash(self, payment_id: uuid.UUID) -> None:
        """Ask whether the money has gone back another way. Raises ``Unreachable`` while nobody can tell."""
        async with self._database.reading() as session:
            payment = await session.get_one(Payment, payment_id)
        try:
            await self._hear_of_charge(payment)
        except Unreachable as error:
            if error.by is Party.DATABASE:
                raise
            raise Unreachable(
                sentences(m("Only Stripe can tell whether the money has gone back another way."), error.message),
                advice=m("Give no cash yet; approve it again in a moment."),
                by=error.by,
            ) from error

    async def _see_paid(self, report: RefundReport) -> None:
        reference = id_from(report.payment_reference)
        statement = sa.select(Payment.id).where(
            sa.or_(Payment.stripe_intent_id == report.intent_id, Payment.id == reference),
            Payment.state != PaymentState.PAID,
        )
        async with self._database.reading() as session:
            payment_id = (await session.execute(statement)).scalars().first()
        if payment_id is not None:
            await self._payments.refresh(payment_id, even_if_final=True)

    @again_after_circle
    async def _note_unsendable(self, refund_id: uuid.UUID, refusal: Refused, actor: journal.Actor) -> RefundView:
        """End an approved refund that Stripe refuses to make: no money moved."""
        async with self._database.transaction() as session:
            refund, _payment = await lock_refund(session, refund_id)
            if refund.state is RefundState.APPROVED:
                refund.give_up(refusal.message.english)
                await session.flush()
                deed = RefundUnsendable(**facts_of(refund), refusal=refusal.message.english)
                await record(session, deed, actor)
            return await view_of(session, refund_id)
