"""Comparing a stretch of time at Stripe with ours, and settling what is different."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.difference import (
    Difference,
    DifferenceKind,
    Finding,
    note,
    settle,
)
from cashier.books.dispute import LOST, WANTS_ANSWER, Dispute
from cashier.books.from_stripe.confirmed import is_open
from cashier.books.from_stripe.refund_report import RefundReport
from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import Refund, RefundOrigin, RefundState
from cashier.books.saved_card import FormerCustomer, StripeCustomer
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.disputes.money_gone import money_gone
from cashier.disputes.service import Disputes
from cashier.errors import Refused
from cashier.identifiers import id_from
from cashier.language import m
from cashier.money import Money
from cashier.news import News
from cashier.payments.service import Payments
from cashier.reconciliation.confirming import Confirmations
from cashier.reconciliation.stretch import note_compared, older_stretch, read_compared, recent_stretches
from cashier.reconciliation.tally import Tally
from cashier.reconciliation.views import Compared, DifferencePage, DifferenceView, read_open, read_settled
from cashier.reconciliation.words import Facts, finding_of, frozen
from cashier.refunds.effects import came_back
from cashier.refunds.service import Refunds
from cashier.refunds.views import RefundView
from cashier.staff.rights import Action, require
from cashier.stripe_gateway.client import is_code
from cashier.stripe_gateway.gateway import StripeGateway
from cashier.stripe_gateway.records import ChargeOnRecord, DisputeOnRecord

log = logging.getLogger(__name__)


class Reconciliation:
    """Compares Stripe's records with ours; asks about everything that is open before it complains."""

    def __init__(
        self,
        database: Database,
        news: News,
        gateway: StripeGateway,
        *,
        payments: Payments,
        refunds: Refunds,
        disputes: Disputes,
    ) -> None:
        """Work on ``database`` and Stripe."""
        self._database = database
        self._news = news
        self._gateway = gateway
        self._payments = payments
        self._refunds = refunds
        self._disputes = disputes
        self.confirmations = Confirmations(database, gateway, refunds)
        """What a desk must not attest."""

    async def compare(self, since: datetime, until: datetime) -> int:
        """Compare everything between two moments; return how many differences are new.

        Safe to repeat: a difference is found once. Payments and refunds that we do not know as finished are
        asked about first, so that what a webhook would have told is no difference. What other programs sold through
        the account, and what alone cannot be compared, is counted in one line of the log. Raises ``Unreachable``
        when Stripe does not answer; what was found until then is kept.
        """
        new, tally = 0, Tally()
        charges = [charge async for charge in self._gateway.records.charges_between(since, until)]
        for charge in charges:
            with tally.setting_aside(charge.charge_id):
                new += await self._keep(await self._look_at_charge(charge, tally))
        async for refund in self._gateway.refunds.list_refunds(since=since, until=until):
            with tally.setting_aside(refund.stripe_id):
                view = await self._refunds.adopt(refund)
                if view is not None and view.contradiction:
                    new += await self._keep([await self._contradicted(view, refund)])
                elif view is not None:
                    await self.confirmations.take_in_refund(view.id, refund)
        async for dispute in self._gateway.records.disputes_between(since, until):
            with tally.setting_aside(dispute.dispute_id):
                new += await self._keep(await self._look_at_dispute(dispute, tally))
        new += await self._keep(await self._undecided())
        new += await self._keep(await self._in_our_books(since, until, {each.charge_id for each in charges}, tally))
        tally.tell()
        await note_compared(self._database, since, until, tally.left_out)
        return new

    async def compare_recent(self) -> int:
        """Compare the last 48 hours, and all since what was compared before; return how many differences are new.

        Safe to repeat and to interrupt. Raises as ``compare`` does.
        """
        return sum([await self.compare(*each) for each in await recent_stretches(self._database)])

    async def compare_older(self, *, times: int) -> int:
        """Go back ``times`` stretches of a week towards the oldest payment; return how many differences are new.

        What was compared once is not compared again. Safe to interrupt. Raises as ``compare`` does.
        """
        new = 0
        for _ in range(times):
            stretch = await older_stretch(self._database)
            if stretch is None:
                break
            new += await self.compare(*stretch)
        return new

    async def last_comparison(self) -> Compared | None:
        """Tell which stretch of time was compared to its end, and when last; None before the first."""
        return await read_compared(self._database)

    async def open_differences(self, actor: journal.Actor) -> tuple[DifferenceView, ...]:
        """List what nobody has settled yet, the oldest first."""
        await require(self._database, actor, Action.SEE_DIFFERENCES, subject=Subject.DIFFERENCE, subject_id="open")
        async with self._database.reading() as session:
            return await read_open(session)

    async def settled_differences(
        self, actor: journal.Actor, *, after: int | None = None, limit: int = 100
    ) -> DifferencePage:
        """List what was settled, the last first; ``after`` is that of the page before."""
        await require(self._database, actor, Action.SEE_DIFFERENCES, subject=Subject.DIFFERENCE, subject_id="settled")
        async with self._database.reading() as session:
            return await read_settled(session, after=after, limit=limit)

    async def count_open(self) -> int:
        """Count what nobody has settled yet."""
        statement = sa.select(sa.func.count()).select_from(Difference).where(is_open())
        async with self._database.reading() as session:
            return (await session.execute(statement)).scalar_one()

    @again_after_circle
    async def resolve(self, difference_id: int, resolution: str, actor: journal.Actor) -> None:
        """Settle a difference with the words of what was done. Safe to repeat: the first words stay.

        Raises ``Refused`` without words, and for anybody but a supervisor or an administrator.
        """
        words = resolution.strip()
        if not words:
            raise Refused(m("Say what was done about it."), advice=m("One sentence is enough."))
        await require(
            self._database, actor, Action.SETTLE_DIFFERENCE, subject=Subject.DIFFERENCE, subject_id=difference_id
        )
        async with self._database.transaction() as session:
            difference = await session.get(Difference, difference_id, with_for_update=ROW_LOCK)
            if difference is None:
                raise Refused(m("This difference does not exist."), advice=m("Open the list again."))
            if difference.kind.is_decided and difference.resolved_at is None:
                raise Refused(
                    m("Words alone do not settle this: somebody has to bear the money."),
                    advice=m("Decide whether it is owed again or written off."),
                )
            await settle(session, difference, words, actor)

    async def _look_at_charge(self, charge: ChargeOnRecord, tally: Tally) -> list[Finding]:
        payment = await self._payment_of(charge)
        if payment is not None and payment.state is not PaymentState.PAID:
            await self._payments.refresh(payment.id, even_if_final=True)
            payment = await self._payment_of(charge)
        if payment is None:
            if not await self._is_ours(charge):
                tally.leave_out_charge(charge.amount)
                return []
            return [
                finding_of(
                    kind=DifferenceKind.UNKNOWN_CHARGE,
                    stripe_id=charge.charge_id,
                    payment_id=None,
                    amount=charge.amount,
                    happened_at=charge.created_at,
                )
            ]
        if payment.state is PaymentState.PAID and payment.amount == charge.amount:
            await self.confirmations.take_in_charge(payment, charge)
            return []
        return [
            finding_of(
                kind=DifferenceKind.AMOUNT_DIFFERS,
                stripe_id=charge.charge_id,
                payment_id=payment.id,
                amount=charge.amount,
                happened_at=charge.created_at,
                facts={
                    "charged": frozen(charge.amount),
                    "asked": frozen(payment.amount),
                    "state": payment.state.value,
                },
            )
        ]

    async def _is_ours(self, found: ChargeOnRecord | DisputeOnRecord) -> bool:
        """Tell whether it carries our reference, or was charged to a patient's customer, now or formerly."""
        if found.carries_reference or found.customer_id is None:
            return found.carries_reference
        async with self._database.reading() as session:
            for customers in (StripeCustomer, FormerCustomer):
                known = sa.select(customers.stripe_id).where(customers.stripe_id == found.customer_id)
                if (await session.execute(known)).first() is not None:
                    return True
        return False

    async def _payment_of(self, charge: ChargeOnRecord) -> Payment | None:
        """Find our payment: by its intent or charge, or by our own reference on the charge."""
        ids = [found for found in (charge.intent_id, charge.charge_id) if found]
        statement = sa.select(Payment).where(
            sa.or_(Payment.stripe_intent_id.in_(ids), Payment.stripe_charge_id.in_(ids))
        )
        async with self._database.reading() as session:
            payment = (await session.execute(statement)).scalars().first()
            if payment is None and (ours := id_from(charge.payment_reference)) is not None:
                payment = await session.get(Payment, ours)
        return payment

    async def _contradicted(self, view: RefundView, report: RefundReport) -> Finding:
        async with self._database.reading() as session:
            refund = await session.get_one(Refund, view.id)
        return finding_of(
            kind=DifferenceKind.REFUND_DIFFERS,
            stripe_id=report.stripe_id,
            payment_id=view.payment_id,
            amount=report.amount,
            happened_at=report.created_at,
            facts=_contradiction_in(refund),
            detail=refund.contradiction or "",
        )

    async def _look_at_dispute(self, dispute: DisputeOnRecord, tally: Tally) -> list[Finding]:
        payment_id = await self._disputes.take_in(dispute)
        if payment_id is None and not await self._is_ours(dispute):
            tally.leave_out_dispute()
            return []
        wants_answer = dispute.status in WANTS_ANSWER and dispute.respond_by is not None
        respond_by = dispute.respond_by.date().isoformat() if wants_answer and dispute.respond_by else None
        return [
            finding_of(
                kind=DifferenceKind.DISPUTED,
                stripe_id=dispute.dispute_id,
                payment_id=payment_id,
                amount=dispute.amount,
                happened_at=dispute.created_at,
                facts={"reason": dispute.reason, "respond_by": respond_by, "status": dispute.status},
            )
        ]

    async def _undecided(self) -> list[Finding]:
        """Look for money that went away before anybody was told of it, however long ago that was."""
        told = sa.select(Difference.stripe_id)
        lost = sa.select(Dispute).where(
            Dispute.status.in_(LOST),
            Dispute.stripe_id.not_in(told.where(Difference.kind == DifferenceKind.MONEY_GONE)),
        )
        failed = sa.select(Refund).where(
            Refund.state == RefundState.FAILED,
            # What Stripe never made has not gone anywhere.
            Refund.stripe_refund_id.is_not(None),
            Refund.stripe_refund_id.not_in(told.where(Difference.kind == DifferenceKind.REFUND_CAME_BACK)),
            Refund.id.not_in(
                sa.select(Refund.instead_of).where(
                    Refund.instead_of.is_not(None), Refund.state == RefundState.SUCCEEDED
                )
            ),
        )
        async with self._database.reading() as session:
            disputes = (await session.execute(lost)).scalars().all()
            refunds = (await session.execute(failed)).scalars().all()
        return [*map(money_gone, disputes), *map(came_back, refunds)]

    async def _in_our_books(self, since: datetime, until: datetime, charged: set[str], tally: Tally) -> list[Finding]:
        """Look for what only our own rows can tell about the same stretch of time."""
        findings: list[Finding] = []
        async with self._database.reading() as session:
            statement = sa.select(Payment).where(
                Payment.state == PaymentState.PAID, Payment.settled_at >= since, Payment.settled_at < until
            )
            payments = (await session.execute(statement)).scalars().all()
            findings += await _refunded_elsewhere(session, since, until)
        for payment in payments:
            at = payment.settled_at or payment.created_at
            charge_id = payment.stripe_charge_id or str(payment.id)
            if payment.contradiction:
                findings.append(
                    finding_of(
                        kind=DifferenceKind.LATE_PAYMENT,
                        stripe_id=charge_id,
                        payment_id=payment.id,
                        amount=payment.amount,
                        happened_at=at,
                        facts=_contradiction_in(payment),
                        detail=payment.contradiction,
                    )
                )
            elif payment.unallocated_minor > payment.deposit_minor:
                surplus = Money(payment.unallocated_minor - payment.deposit_minor, payment.currency)
                findings.append(_about(payment, DifferenceKind.OVERPAID, charge_id, at, surplus=frozen(surplus)))
            if payment.tender.row.is_taken_here or payment.confirmed_at is not None or charge_id in charged:
                continue
            with tally.setting_aside(str(payment.id)):
                if not await self._charge_exists(payment):
                    findings.append(_about(payment, DifferenceKind.MISSING_CHARGE, charge_id, at))
        return findings

    async def _charge_exists(self, payment: Payment) -> bool:
        """Ask Stripe directly: a charge just outside the compared stretch of time is no difference."""
        if payment.stripe_intent_id is None:
            return False
        try:
            report = await self._gateway.fetch_payment(session_id=None, intent_id=payment.stripe_intent_id)
        except Refused as error:
            if is_code(error, "resource_missing"):
                return False
            raise
        await self.confirmations.take_in_report(payment, report)
        return report.charge_id == payment.stripe_charge_id and report.received == payment.amount

    @again_after_circle
    async def _keep(self, findings: Sequence[Finding]) -> int:
        new = 0
        for finding in findings:
            async with self._database.transaction() as session:
                is_new = await note(session, finding)
            if not is_new:
                continue
            log.warning("difference found", extra={"kind": finding.kind, "stripe": finding.stripe_id})
            new += 1
        return new


async def _refunded_elsewhere(session: AsyncSession, since: datetime, until: datetime) -> list[Finding]:
    statement = sa.select(Refund).where(
        Refund.origin == RefundOrigin.STRIPE, Refund.requested_at >= since, Refund.requested_at < until
    )
    return [
        finding_of(
            kind=DifferenceKind.REFUNDED_ELSEWHERE,
            stripe_id=refund.stripe_refund_id or str(refund.id),
            payment_id=refund.payment_id,
            amount=refund.amount,
            happened_at=refund.requested_at,
        )
        for refund in (await session.execute(statement)).scalars()
    ]


def _about(payment: Payment, kind: DifferenceKind, stripe_id: str, at: datetime, **facts: object) -> Finding:
    return finding_of(
        kind=kind, stripe_id=stripe_id, payment_id=payment.id, amount=payment.amount, happened_at=at, facts=facts
    )


def _contradiction_in(row: Payment | Refund) -> Facts:
    return {"code": row.contradiction_code, "values": row.contradiction_values}
