"""Refunds: request, decide, send, refresh, recover, and taking in those made in Stripe's dashboard.

As with payments, everything ends in asking Stripe and letting the refund learn the answer. Who may ask for
and approve how much belongs to the staff's rights; that two people are needed is a rule of the database too.
"""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier import journal
from cashier.database import ROW_LOCK, Database, now
from cashier.errors import CashierError, Misconfigured, Refused, Unreachable
from cashier.failpoints import FailPoint, reach
from cashier.news import News
from cashier.payments.model import Payment, PaymentState
from cashier.payments.service import Payments
from cashier.receipts.service import Receipts
from cashier.refunds.effects import record, spread, take_in_news
from cashier.refunds.model import Refund, RefundOrigin, RefundReason, RefundState
from cashier.refunds.news import RefundNews
from cashier.refunds.views import RefundRequest, RefundView, view_of
from cashier.stripe_gateway.client import has_answered
from cashier.stripe_gateway.refunds import RefundGateway, RefundOrder

log = logging.getLogger(__name__)

REPEATABLE = timedelta(hours=23)
"""How long a call may be repeated with its key; Stripe keeps keys for at least 24 hours."""


class RefundRefused(Refused):
    """Stripe refuses to make this refund, so no money goes back by it."""


class Refunds:
    """The refunds of all desks. Every verb is safe to repeat."""

    def __init__(
        self, database: Database, news: News, gateway: RefundGateway, receipts: Receipts, payments: Payments
    ) -> None:
        """Work on ``database`` and Stripe; ``payments`` are asked about money that we have not seen come yet."""
        self._payments = payments
        self._database = database
        self._news = news
        self._gateway = gateway
        self._receipts = receipts

    async def request(self, request: RefundRequest, actor: journal.Actor) -> RefundView:
        """Save that somebody wants money to go back; nothing moves before somebody else approves.

        The same request again returns the refund that is there. Raises ``Refused`` for more than what is
        left of the payment, also when two people ask at once.
        """
        async with self._database.transaction() as session:
            payment = await _lock_payment(session, request.payment_id)
            # Looked for under the lock: the same request may come twice at once.
            if await session.get(Refund, request.refund_id) is None:
                await _check(session, payment, request)
                refund = Refund(
                    id=request.refund_id,
                    payment_id=payment.id,
                    amount_minor=request.amount.amount_minor,
                    currency=request.amount.currency,
                    reason=request.reason,
                    note=request.note.strip()[:400],
                    reopens=request.reopens,
                    origin=RefundOrigin.DESK,
                    state=RefundState.REQUESTED,
                    requested_by=actor.staff_id,
                    desk_id=actor.desk_id,
                    requested_at=now(),
                )
                session.add(refund)
                await session.flush()
                await spread(session, payment, refund)
                await record(session, "refund requested", refund, actor, reason=request.reason)
                await self._announce(session, refund)
            view = await view_of(session, request.refund_id)
            reach(FailPoint.REFUND_WRITTEN)
        reach(FailPoint.REFUND_REQUESTED)
        return view

    async def approve(self, refund_id: uuid.UUID, actor: journal.Actor) -> RefundView:
        """Approve a requested refund and send it to Stripe. Safe to repeat.

        Raises ``Refused`` for one's own request, ``Unreachable`` when Stripe does not answer: then it is
        approved, and recovery sends it.
        """
        async with self._database.transaction() as session:
            refund = await _lock_refund(session, refund_id)
            is_own = actor.staff_id is None or actor.staff_id == refund.requested_by
            if refund.state is RefundState.REJECTED:
                raise Refused("This refund was rejected.", advice="Ask for a new one.")
            if refund.state is RefundState.REQUESTED and is_own:
                await record(session, "refund approval refused", refund, actor)
            elif refund.state is RefundState.REQUESTED:
                refund.state, refund.decided_by, refund.decided_at = RefundState.APPROVED, actor.staff_id, now()
                await session.flush()
                await record(session, "refund approved", refund, actor)
                await self._announce(session, refund)
                reach(FailPoint.REFUND_DECIDED)
        reach(FailPoint.REFUND_APPROVED)
        if refund.state is RefundState.REQUESTED:
            raise Refused("Nobody approves a refund of their own.", advice="Ask another supervisor.")
        return await self.refresh(refund_id, actor=actor)

    async def reject(self, refund_id: uuid.UUID, actor: journal.Actor) -> RefundView:
        """Decline a requested refund; its money counts as not asked for. Raises ``Refused`` when it is decided."""
        async with self._database.transaction() as session:
            refund = await _lock_refund(session, refund_id)
            if refund.state is RefundState.REQUESTED:
                refund.state, refund.decided_at = RefundState.REJECTED, now()
                refund.decided_by = actor.staff_id if actor.staff_id != refund.requested_by else None
                await session.flush()
                await record(session, "refund rejected", refund, actor)
                await self._announce(session, refund)
            elif refund.state is not RefundState.REJECTED:
                raise Refused("This refund is approved already.", advice="It cannot be taken back.")
            return await view_of(session, refund_id)

    async def view(self, refund_id: uuid.UUID) -> RefundView:
        """Return a refund as the database knows it."""
        async with self._database.reading() as session:
            return await view_of(session, refund_id)

    async def refresh(self, refund_id: uuid.UUID, *, actor: journal.Actor = journal.PROGRAM) -> RefundView:
        """Ask Stripe about a refund and take in the answer; one that Stripe never heard of is sent.

        Raises ``Unreachable`` when Stripe does not answer: the outcome is then unknown.
        """
        async with self._database.reading() as session:
            refund = await session.get(Refund, refund_id)
            payment = None if refund is None else await session.get_one(Payment, refund.payment_id)
        if refund is None or payment is None:
            raise Refused("There is no such refund.", advice="Look at the payment's refunds.")
        if refund.state in (RefundState.REQUESTED, RefundState.REJECTED):
            return await self.view(refund_id)
        try:
            news = await self._ask(refund, payment)
        except RefundRefused as refusal:
            return await self._note_unsendable(refund_id, refusal, actor)
        return await self._take_in(refund_id, news, actor)

    async def adopt(self, news: RefundNews) -> RefundView | None:
        """Take in a refund that somebody made in Stripe's dashboard; None when its payment is not ours.

        Safe to repeat. It counts as a correction: what it gives back is owed again. News of the refund may be
        here before news of its payment: then Stripe is asked about the payment first.
        """
        await self._see_paid(news)
        async with self._database.transaction() as session:
            known = (
                await session.execute(sa.select(Refund.id).where(Refund.stripe_refund_id == news.stripe_id))
            ).scalar_one_or_none()
            if known is None:
                known = _as_id(news.reference)
                if known is None or await session.get(Refund, known) is None:
                    known = await self._adopt_new(session, news)
        if known is None:
            return None
        return await self._take_in(known, news, journal.PROGRAM)

    async def recover(self) -> int:
        """Ask Stripe about every refund that is approved or under way; return how many moved."""
        statement = sa.select(Refund.id, Refund.state).where(
            Refund.state.in_((RefundState.APPROVED, RefundState.PENDING))
        )
        async with self._database.reading() as session:
            unfinished = (await session.execute(statement)).all()
        moved = 0
        for refund_id, before in unfinished:
            try:
                view = await self.refresh(refund_id)
            except CashierError as error:
                log.warning("refund not recovered", extra={"refund": refund_id, "reason": error.message})
                continue
            moved += view.state is not before
        return moved

    async def find_by_stripe_id(self, stripe_id: str) -> uuid.UUID | None:
        """Return the refund with this id at Stripe."""
        async with self._database.reading() as session:
            statement = sa.select(Refund.id).where(Refund.stripe_refund_id == stripe_id)
            return (await session.execute(statement)).scalar_one_or_none()

    async def look_at(self, stripe_id: str) -> None:
        """Ask Stripe about a refund by its id there, and take it in, whoever made it."""
        news = await self._gateway.fetch_refund(stripe_id)
        await self.adopt(news)

    async def _ask(self, refund: Refund, payment: Payment) -> RefundNews:
        if refund.stripe_refund_id is not None:
            return await self._gateway.fetch_refund(refund.stripe_refund_id)
        if payment.stripe_intent_id is None:
            raise RefundRefused("This payment has no charge at Stripe.", advice="It cannot be refunded to a card.")
        decided_at = refund.decided_at or refund.requested_at
        if decided_at < now() - REPEATABLE:
            found = await self._gateway.find_refund(refund.id, intent_id=payment.stripe_intent_id)
            if found is None:
                raise RefundRefused("Stripe never heard of this refund.", advice="Ask for it again.")
            return found
        reach(FailPoint.REFUND_SENDING)
        news = await self._send(refund, payment.stripe_intent_id)
        reach(FailPoint.REFUND_SENT)
        return news

    async def _send(self, refund: Refund, intent_id: str) -> RefundNews:
        order = RefundOrder(refund_id=refund.id, intent_id=intent_id, amount=refund.amount, reason=refund.reason)
        try:
            return await self._gateway.make_refund(order)
        except Misconfigured:
            raise
        except Refused as refusal:
            raise RefundRefused(refusal.message, advice=refusal.advice) from refusal
        except Unreachable as error:
            # An answer of Stripe's own, such as a 500, is repeated for a day: only its records tell more.
            found = await self._gateway.find_refund(refund.id, intent_id=intent_id) if has_answered(error) else None
            if found is None:
                raise
            return found

    async def _take_in(self, refund_id: uuid.UUID, news: RefundNews, actor: journal.Actor) -> RefundView:
        async with self._database.transaction() as session:
            refund = await _lock_refund(session, refund_id)
            if await take_in_news(session, self._receipts, refund, news, actor):
                log.info("refund moved", extra={"refund": refund_id, "state": refund.state})
            await self._announce(session, refund)
            await session.flush()
            view = await view_of(session, refund_id)
            reach(FailPoint.REFUND_LEARNED)
        reach(FailPoint.REFUND_SAVED)
        return view

    async def _see_paid(self, news: RefundNews) -> None:
        reference = _as_id(news.payment_reference)
        statement = sa.select(Payment.id).where(
            sa.or_(Payment.stripe_intent_id == news.intent_id, Payment.id == reference),
            Payment.state != PaymentState.PAID,
        )
        async with self._database.reading() as session:
            payment_id = (await session.execute(statement)).scalars().first()
        if payment_id is not None:
            await self._payments.refresh(payment_id, even_if_final=True)

    async def _adopt_new(self, session: AsyncSession, news: RefundNews) -> uuid.UUID | None:
        payment_id = (
            await session.execute(
                sa.select(Payment.id).where(
                    Payment.stripe_intent_id == news.intent_id, Payment.state == PaymentState.PAID
                )
            )
        ).scalar_one_or_none()
        if payment_id is None or news.intent_id is None:
            return None
        payment = await _lock_payment(session, payment_id)
        refund_id = uuid.uuid5(payment_id, news.stripe_id)
        # Looked for under the lock: two companions may come upon it at once.
        if await session.get(Refund, refund_id) is not None:
            return refund_id
        refund = Refund(
            id=refund_id,
            payment_id=payment_id,
            amount_minor=news.amount.amount_minor,
            currency=news.amount.currency,
            reason=RefundReason.REQUESTED_BY_CUSTOMER,
            note="Made in Stripe's dashboard.",
            reopens=True,
            origin=RefundOrigin.STRIPE,
            state=RefundState.APPROVED,
            requested_at=news.created_at,
            stripe_refund_id=news.stripe_id,
        )
        session.add(refund)
        await session.flush()
        await spread(session, payment, refund)
        await record(session, "refund adopted", refund, journal.PROGRAM)
        return refund_id

    async def _note_unsendable(self, refund_id: uuid.UUID, refusal: Refused, actor: journal.Actor) -> RefundView:
        """End an approved refund that Stripe refuses to make: no money moved."""
        async with self._database.transaction() as session:
            refund = await _lock_refund(session, refund_id)
            if refund.state is RefundState.APPROVED:
                refund.state, refund.failure = RefundState.FAILED, refusal.message[:64]
                await session.flush()
                await record(session, "refund failed", refund, actor, refusal=refusal.message)
                await self._announce(session, refund)
            return await view_of(session, refund_id)

    async def _announce(self, session: AsyncSession, refund: Refund) -> None:
        await self._news.announce(session, f"payment:{refund.payment_id}")


async def _lock_payment(session: AsyncSession, payment_id: uuid.UUID) -> Payment:
    statement = sa.select(Payment).where(Payment.id == payment_id).with_for_update(**ROW_LOCK)
    payment = (await session.execute(statement)).scalar_one_or_none()
    if payment is None:
        raise Refused("There is no such payment.", advice="Look at the invoice's payments.")
    return payment


async def _lock_refund(session: AsyncSession, refund_id: uuid.UUID) -> Refund:
    """Lock the refund's payment, then the refund: the order in which everybody locks."""
    payment_id = (
        await session.execute(sa.select(Refund.payment_id).where(Refund.id == refund_id))
    ).scalar_one_or_none()
    if payment_id is None:
        raise Refused("There is no such refund.", advice="Look at the payment's refunds.")
    await _lock_payment(session, payment_id)
    return await session.get_one(Refund, refund_id, with_for_update=ROW_LOCK, populate_existing=True)


async def _check(session: AsyncSession, payment: Payment, request: RefundRequest) -> None:
    if payment.state is not PaymentState.PAID:
        raise Refused("This payment is not paid.", advice="Only what was paid can go back.")
    if payment.tender.is_taken_here:
        raise Refused("Stripe has not got this money.", advice="It goes back the way it came, by the cash desk.")
    if request.amount.currency != payment.currency:
        raise Refused(f"This payment is in {payment.currency}.", advice="Refund it in that currency.")
    if request.amount.amount_minor <= 0:
        raise Refused("The amount must be above zero.", advice="Type how much goes back.")
    statement = sa.select(Refund).where(Refund.payment_id == payment.id)
    refunds = (await session.execute(statement)).scalars()
    left = payment.amount
    for refund in refunds:
        if refund.state.takes_money:
            left -= refund.amount
    if left < request.amount:
        raise Refused(
            f"{request.amount} is more than the {left} that are left of this payment.",
            advice="Look at the refunds it has already.",
        )


def _as_id(reference: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(reference) if reference else None
    except ValueError:
        return None
