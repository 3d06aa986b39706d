"""Deciding who bears money that went away again: asked once, by somebody who had no part in it, and never undone."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.deeds.reversals import ReversalDecided, ReversalRefused
from cashier.books.difference import Difference, DifferenceKind, settle
from cashier.books.dispute import LOST, REASON_LENGTH_MAX, Dispute, Reversal, ReversalOutcome
from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Payment
from cashier.books.receipt import Receipt
from cashier.books.refund import Refund, RefundState
from cashier.books.staff import Staff
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.identifiers import refuse_card_number
from cashier.language import m, speaking
from cashier.money import Money
from cashier.news import News
from cashier.patients.identity import PatientIdentity
from cashier.receipts.service import Receipts
from cashier.reversals.effects import spread_of, take_off
from cashier.reversals.paper import ReversalPdf, collect, draw
from cashier.reversals.views import ReversalOrder, ReversalQuestion, ReversalShare, ReversalView
from cashier.staff.rights import Action, require

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _About:
    """What a difference is about: a dispute, or a refund that came back."""

    payment: Payment
    row: Dispute | Refund

    @property
    def dispute(self) -> Dispute | None:
        """The dispute, if it is about one."""
        return self.row if isinstance(self.row, Dispute) else None

    @property
    def refund(self) -> Refund | None:
        """The refund, if it is about one."""
        return self.row if isinstance(self.row, Refund) else None

    @property
    def gone(self) -> Money:
        """How much went away, or came back."""
        return Money(self.row.amount_minor, self.row.currency)


class Reversals:
    """Decisions about money that went away again. Every verb is safe to repeat."""

    def __init__(
        self,
        database: Database,
        news: News,
        receipts: Receipts,
        hear_of_disputes: Callable[[str], Awaitable[None]],
    ) -> None:
        """Work on ``database``; ``hear_of_disputes`` asks Stripe anew about a charge before it is decided."""
        self._database = database
        self._news = news
        self._receipts = receipts
        self._hear_of_disputes = hear_of_disputes

    async def question(self, difference_id: int, actor: journal.Actor) -> ReversalQuestion:
        """Return what is to be decided about a difference. Raises ``Refused`` where nothing is."""
        await require(
            self._database, actor, Action.SEE_DIFFERENCES, subject=Subject.DIFFERENCE, subject_id=difference_id
        )
        async with self._database.reading() as session:
            about = await _about(session, await _difference(session, difference_id))
            return await _question(session, difference_id, about)

    @again_after_circle
    async def decide(self, order: ReversalOrder, actor: journal.Actor) -> ReversalView:
        """Decide who bears the money; of two who decide at once the first one does, and both see what holds.

        Money that is owed again comes off what it counted towards, with a receipt. Stripe is asked before, because a
        dispute may have been won meanwhile. Raises ``Refused`` without a reason, for what is not lost (any more), for
        whoever took the payment or asked for the refund, and where nothing of it counts; the journal keeps the
        refusal. Raises ``Unreachable`` while Stripe does not answer.
        """
        await require(
            self._database, actor, Action.DECIDE_REVERSAL, subject=Subject.DIFFERENCE, subject_id=order.difference_id
        )
        reason = _tidy(order.reason)
        async with self._database.reading() as session:
            about = await _about(session, await _difference(session, order.difference_id))
            if (found := await _decided(session, about)) is not None:
                return await _view(session, found)
        if about.dispute is not None and about.payment.stripe_charge_id is not None:
            await self._hear_of_disputes(about.payment.stripe_charge_id)
        try:
            async with self._database.transaction() as session:
                return await self._decide(session, order, reason, actor)
        except Refused as refusal:
            async with self._database.transaction() as session:
                deed = ReversalRefused(
                    payment=about.payment.id,
                    difference=order.difference_id,
                    outcome=order.outcome,
                    why=refusal.message.english,
                )
                await journal.record(session, deed, actor)
            raise

    async def paper(self, difference_id: int, language: str = "") -> ReversalPdf:
        """Return the paper of what was decided, in ``language`` or in that of the hospital's papers.

        The same decision gives the same paper, however often. Raises ``Refused`` where nothing was decided.
        """
        async with self._database.reading() as session:
            facts = await collect(session, difference_id, is_training=self._receipts.is_training)
        wanted = language or facts.hospital.language_on_paper
        with speaking(wanted):
            return draw(facts, wanted)

    async def of_payment(self, payment_id: uuid.UUID) -> tuple[ReversalView, ...]:
        """Return what was decided about a payment's money, the oldest first."""
        statement = sa.select(Reversal).where(Reversal.payment_id == payment_id).order_by(Reversal.id)
        async with self._database.reading() as session:
            found = (await session.execute(statement)).scalars().all()
            return tuple([await _view(session, each) for each in found])

    async def _decide(
        self, session: AsyncSession, order: ReversalOrder, reason: str, actor: journal.Actor
    ) -> ReversalView:
        difference = await _difference(session, order.difference_id)
        about = await _about(session, difference, locked=True)
        # Looked for under the lock of the payment: two supervisors may decide at once.
        found = await _decided(session, about)
        if found is not None:
            return await _view(session, found)
        _check(about, actor)
        await self._receipts.refuse_other_world(session, about.payment)
        spread = await spread_of(session, about.payment, about.gone)
        takes_money = about.dispute is not None and order.outcome is ReversalOutcome.OWED_AGAIN
        if takes_money and not spread.total_minor:
            raise Refused(
                m("Nothing of this payment counts any more, so that nothing can be owed again."),
                advice=m("Write it off, and say why."),
            )
        # A bank may tell of it in a currency of its own; the books are in that of the payment.
        is_told = about.gone.currency == about.payment.currency and not takes_money
        amount = (
            about.gone if is_told else Money(spread.total_minor or about.payment.amount_minor, about.payment.currency)
        )
        reversal = Reversal(
            payment_id=about.payment.id,
            dispute_id=None if about.dispute is None else about.dispute.stripe_id,
            refund_id=None if about.refund is None else about.refund.id,
            outcome=order.outcome,
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            reason=reason,
            decided_by=actor.staff_id,
            desk_id=actor.desk_id,
            decided_at=now(),
        )
        moved = await take_off(session, about.payment, spread) if takes_money else {}
        session.add(reversal)
        await session.flush()
        await self._settle(session, difference, reason, actor)
        if takes_money:
            await self._receipts.issue_for_reversal(session, about.payment, reversal, actor, moved=moved)
        await journal.record(session, _deed(reversal), actor)
        await self._news.announce(session, f"payment:{about.payment.id}")
        log.info("reversal decided", extra={"payment": about.payment.id, "outcome": reversal.outcome})
        return await _view(session, reversal)

    async def _settle(self, session: AsyncSession, difference: Difference, reason: str, actor: journal.Actor) -> None:
        """Settle the difference, and the one that told of the dispute while it was open."""
        kinds = (difference.kind, DifferenceKind.DISPUTED)
        of_it = sa.select(Difference).where(Difference.stripe_id == difference.stripe_id, Difference.kind.in_(kinds))
        locked = of_it.with_for_update(**ROW_LOCK)
        # What was decided is settled last, so that it stands first among what was settled.
        locked = locked.order_by(Difference.kind == difference.kind, Difference.id)
        for each in (await session.execute(locked)).scalars().all():
            await settle(session, each, reason, actor)


def _check(about: _About, actor: journal.Actor) -> None:
    """Raise ``Refused`` where it is not to be decided, or not by this person."""
    if about.dispute is not None and about.dispute.status not in LOST:
        raise Refused(
            m("This dispute is not lost any more, says Stripe."), advice=m("Look at the payment: its money is there.")
        )
    if about.refund is not None and about.refund.state is not RefundState.FAILED:
        raise Refused(m("This refund has arrived after all."), advice=m("Look at the payment's refunds."))
    had_part = about.payment.staff_id if about.refund is None else about.refund.requested_by
    if actor.staff_id is None or actor.desk_id is None or actor.staff_id == had_part:
        raise Refused(
            m("Nobody decides about money that they took or gave back themselves."),
            advice=m("Ask another supervisor."),
        )


def _tidy(reason: str) -> str:
    words = " ".join(reason.split())
    if not words:
        raise Refused(m("Say why."), advice=m("One sentence is enough."))
    if len(words) > REASON_LENGTH_MAX:
        raise Refused(m("That is too long."), advice=m("Use at most {most} characters.", most=REASON_LENGTH_MAX))
    refuse_card_number(words)
    return words


async def _difference(session: AsyncSession, difference_id: int) -> Difference:
    difference = await session.get(Difference, difference_id)
    if difference is None or not difference.kind.is_decided:
        raise Refused(m("There is nothing to decide about this difference."), advice=m("Open the list again."))
    return difference


async def _about(session: AsyncSession, difference: Difference, *, locked: bool = False) -> _About:
    of_payment = sa.select(Payment).where(Payment.id == difference.payment_id)
    if locked:
        of_payment = of_payment.with_for_update(**ROW_LOCK)
    payment = (await session.execute(of_payment.execution_options(populate_existing=True))).scalar_one()
    if difference.kind is DifferenceKind.MONEY_GONE:
        dispute = await session.get_one(Dispute, difference.stripe_id, populate_existing=True)
        return _About(payment=payment, row=dispute)
    of_refund = sa.select(Refund).where(
        Refund.payment_id == payment.id, Refund.stripe_refund_id == difference.stripe_id
    )
    refund = (await session.execute(of_refund.execution_options(populate_existing=True))).scalar_one()
    return _About(payment=payment, row=refund)


async def _decided(session: AsyncSession, about: _About) -> Reversal | None:
    row = about.row
    key = Reversal.dispute_id == row.stripe_id if isinstance(row, Dispute) else Reversal.refund_id == row.id
    return (await session.execute(sa.select(Reversal).where(key))).scalar_one_or_none()


async def _question(session: AsyncSession, difference_id: int, about: _About) -> ReversalQuestion:
    patient = await session.get_one(Patient, about.payment.patient_id)
    currency = about.payment.currency
    spread = await spread_of(session, about.payment, about.gone)
    numbers = sa.select(Invoice.id, Invoice.number).where(Invoice.id.in_(spread.on_invoices)).order_by(Invoice.id)
    return ReversalQuestion(
        difference_id=difference_id,
        payment_id=about.payment.id,
        amount=about.gone,
        is_refund=about.refund is not None,
        patient=PatientIdentity(name=patient.name, record_number=patient.record_number, born=patient.born),
        shares=tuple(
            ReversalShare(
                invoice_id=invoice_id,
                invoice_number=number,
                amount=Money(spread.on_invoices[invoice_id], currency),
            )
            for invoice_id, number in await session.execute(numbers)
        ),
        loose=Money(spread.loose_minor, currency),
    )


async def _view(session: AsyncSession, reversal: Reversal) -> ReversalView:
    decider = await session.get_one(Staff, reversal.decided_by)
    of_it = sa.select(Receipt).where(Receipt.reversal_id == reversal.id)
    receipt = (await session.execute(of_it)).scalar_one_or_none()
    return ReversalView(
        id=reversal.id,
        payment_id=reversal.payment_id,
        outcome=reversal.outcome,
        amount=reversal.amount,
        is_refund=reversal.refund_id is not None,
        reason=reversal.reason,
        decided_by=reversal.decided_by,
        decider=decider.display_name,
        decided_at=reversal.decided_at,
        receipt_id=None if receipt is None else receipt.id,
        receipt_number=None if receipt is None else receipt.full_number,
    )


def _deed(reversal: Reversal) -> ReversalDecided:
    is_owed = reversal.outcome is ReversalOutcome.OWED_AGAIN
    return ReversalDecided(
        kind=DeedKind.REVERSAL_OWED_AGAIN if is_owed else DeedKind.REVERSAL_WRITTEN_OFF,
        payment=reversal.payment_id,
        reversal=reversal.id,
        dispute=reversal.dispute_id,
        refund=reversal.refund_id,
        amount_minor=reversal.amount_minor,
        currency=reversal.currency,
        reason=reversal.reason,
    )
