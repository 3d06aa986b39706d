"""Confirming at Stripe what a desk must not attest: every payment that counts as paid by Stripe, however old, and
every refund that counts as gone back to a card.

Only who is no desk writes that it is confirmed; on PostgreSQL that is the companion's account. On SQLite there are no
accounts, and whoever may write the file may confirm.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa

from cashier.books.contradiction import ContradictionCode, frozen_amounts
from cashier.books.difference import Difference, DifferenceKind, Finding, note
from cashier.books.from_stripe.confirmed import OVERDUE_AFTER, count_overdue, name_of_refund
from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.from_stripe.refund_report import RefundReport, RefundStanding
from cashier.books.payment import PAYMENT_UNCONFIRMED, Payment
from cashier.books.refund import REFUND_UNCONFIRMED, Refund, RefundOrigin
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.reconciliation.tally import Tally
from cashier.reconciliation.words import Facts, finding_of, frozen
from cashier.refunds.service import Refunds
from cashier.stripe_gateway.client import is_code
from cashier.stripe_gateway.gateway import StripeGateway
from cashier.stripe_gateway.records import ChargeOnRecord

log = logging.getLogger(__name__)

QUESTIONS_MAX = 500
"""So many questions to Stripe at once; what is left waits for the next time."""
_PAGE = 100
_LISTED_FROM = 10
"""From so many on, Stripe is asked for a list of their time instead of one by one."""
_LISTED_MAX = 500
"""So much is read of such a list: other programs on the account may have made most of it."""
_ASKED_AGAIN_AFTER_SECONDS = 3600.0
"""What Stripe did not confirm is asked about again after this."""


class Confirmations:
    """Asks Stripe about each payment and refund until it was confirmed once, and never again."""

    def __init__(self, database: Database, gateway: StripeGateway, refunds: Refunds) -> None:
        """Work on ``database`` and Stripe."""
        self._database = database
        self._gateway = gateway
        self._refunds = refunds
        self._answered_at: dict[uuid.UUID, float] = {}
        self._questions_left = 0

    async def run(self, *, questions_max: int = QUESTIONS_MAX) -> int:
        """Ask about what waits, the oldest first; return how many differences are new.

        What Stripe does not know, or knows otherwise, is a difference at once; what it could not be asked about,
        after an hour. Does nothing for an account that must not confirm. Safe to repeat and to interrupt: what was
        confirmed until then stays. Raises ``Unreachable`` when Stripe does not answer.
        """
        if not await self._may_confirm():
            return 0
        self._questions_left, new, tally = questions_max, 0, Tally()
        async for payments in self._waiting_payments():
            listed = await self._listed_charges(payments)
            known = [each for each in payments if is_charged(each, listed.get(each.stripe_intent_id or ""))]
            await self._confirm_payments(known)
            for payment in payments:
                if payment not in known and self._may_ask(payment.id):
                    new += await self._ask(payment, tally)
        async for refunds in self._waiting_refunds():
            for refund, intent_id in refunds:
                if self._may_ask(refund.id):
                    new += await self._ask_about_refund(refund, intent_id, tally)
        return new

    async def count_overdue(self) -> int:
        """Count what should have been confirmed by now, and was not."""
        async with self._database.reading() as session:
            return await count_overdue(session, now())

    async def take_in_charge(self, payment: Payment, charge: ChargeOnRecord) -> None:
        """Confirm ``payment`` by a charge that Stripe listed for other reasons, if it is that one."""
        if payment.confirmed_at is None and is_charged(payment, charge) and await self._may_confirm():
            await self._confirm_payments([payment])

    async def take_in_report(self, payment: Payment, report: PaymentReport) -> None:
        """Confirm ``payment`` by what Stripe was asked for other reasons, if it says so."""
        if payment.confirmed_at is None and is_paid(payment, report) and await self._may_confirm():
            await self._confirm_payments([payment])

    async def take_in_refund(self, refund_id: uuid.UUID, report: RefundReport) -> None:
        """Confirm a refund by what Stripe listed for other reasons, if it says so."""
        waits = sa.select(Refund, Payment.stripe_intent_id).join(Payment, Payment.id == Refund.payment_id)
        async with self._database.reading() as session:
            found = (
                await session.execute(waits.where(Refund.id == refund_id, Refund.confirmed_at.is_(None)))
            ).first()
        if found is not None and is_refunded(*found, report) and await self._may_confirm():
            await self._confirm_refund(found[0])

    async def _may_confirm(self) -> bool:
        """Ask whether this account of the database may: desks' may not."""
        if self._database.is_sqlite:
            return True
        may = sa.select(sa.func.has_column_privilege("payment", "confirmed_at", "UPDATE"))
        async with self._database.reading() as session:
            return bool((await session.execute(may)).scalar_one())

    def _may_ask(self, of: uuid.UUID) -> bool:
        """Tell whether there is a question left for it, and use one; it was not answered lately."""
        answered_at = self._answered_at.get(of)
        is_known = answered_at is not None and time.monotonic() - answered_at < _ASKED_AGAIN_AFTER_SECONDS
        if self._questions_left <= 0 or is_known:
            return False
        self._questions_left -= 1
        return True

    async def _waiting_payments(self) -> AsyncIterator[Sequence[Payment]]:
        """Give all that wait, in pages, while there are questions left."""
        place = sa.tuple_(Payment.created_at, Payment.id)
        waiting = sa.select(Payment).where(sa.text(PAYMENT_UNCONFIRMED)).order_by(Payment.created_at, Payment.id)
        page = waiting.limit(_PAGE)
        while self._questions_left > 0:
            async with self._database.reading() as session:
                payments = (await session.execute(page)).scalars().all()
            if payments:
                yield payments
            if len(payments) < _PAGE:
                return
            last = sa.tuple_(
                sa.literal(payments[-1].created_at, Payment.created_at.type), sa.literal(payments[-1].id, sa.Uuid())
            )
            page = waiting.where(place > last).limit(_PAGE)

    async def _waiting_refunds(self) -> AsyncIterator[list[tuple[Refund, str | None]]]:
        """Give all that wait, in pages, each with its payment's intent, while there are questions left."""
        place = sa.tuple_(Refund.requested_at, Refund.id)
        waiting = sa.select(Refund).where(sa.text(REFUND_UNCONFIRMED)).order_by(Refund.requested_at, Refund.id)
        page = waiting.limit(_PAGE)
        while self._questions_left > 0:
            async with self._database.reading() as session:
                refunds = (await session.execute(page)).scalars().all()
                paid_by = sa.select(Payment.id, Payment.stripe_intent_id).where(
                    Payment.id.in_({each.payment_id for each in refunds})
                )
                intents = {row.id: row.stripe_intent_id for row in await session.execute(paid_by)}
            if refunds:
                yield [(each, intents[each.payment_id]) for each in refunds]
            if len(refunds) < _PAGE:
                return
            last = sa.tuple_(
                sa.literal(refunds[-1].requested_at, Refund.requested_at.type), sa.literal(refunds[-1].id, sa.Uuid())
            )
            page = waiting.where(place > last).limit(_PAGE)

    async def _listed_charges(self, payments: Sequence[Payment]) -> dict[str, ChargeOnRecord]:
        """Ask for the charges of the time in which ``payments`` were begun, where that saves questions."""
        listed: dict[str, ChargeOnRecord] = {}
        unasked = [each for each in payments if each.id not in self._answered_at]
        if len(unasked) < _LISTED_FROM:
            return listed
        since, until = unasked[0].created_at - OVERDUE_AFTER, unasked[-1].created_at + OVERDUE_AFTER
        read = 0
        async for charge in self._gateway.records.charges_between(since, until):
            if read % _PAGE == 0:
                self._questions_left -= 1
            read += 1
            if charge.intent_id is not None:
                listed[charge.intent_id] = charge
            if read >= _LISTED_MAX:
                break
        return listed

    async def _ask(self, payment: Payment, tally: Tally) -> int:
        late = _is_overdue(payment.created_at)
        finding = _of_payment(payment, DifferenceKind.UNCONFIRMED) if late else None
        with tally.setting_aside(str(payment.id)):
            report = await self._report_of(payment)
            if report is not None and is_paid(payment, report):
                await self._confirm_payments([payment])
                return 0
            self._answered_at[payment.id] = time.monotonic()
            finding = _unlike(payment, report)
        return await self._note(finding)

    async def _ask_about_refund(self, refund: Refund, intent_id: str | None, tally: Tally) -> int:
        late = _is_overdue(refund.requested_at)
        finding = _of_refund(refund, DifferenceKind.REFUND_UNCONFIRMED) if late else None
        with tally.setting_aside(str(refund.id)):
            report = await self._report_of_refund(refund)
            if report is not None and is_refunded(refund, intent_id, report):
                await self._confirm_refund(refund)
                return 0
            self._answered_at[refund.id] = time.monotonic()
            finding = _not_refunded(refund, report)
            if report is not None and report.standing is RefundStanding.FAILED and report.intent_id == intent_id:
                # A bank can send it back days later: that is news for the refund, and no difference by itself.
                view = await self._refunds.adopt(report)
                finding = None if view is not None and view.id == refund.id and not view.contradiction else finding
        return await self._note(finding)

    async def _report_of(self, payment: Payment) -> PaymentReport | None:
        if payment.stripe_intent_id is None:
            return None
        try:
            return await self._gateway.fetch_payment(session_id=None, intent_id=payment.stripe_intent_id)
        except Refused as error:
            if is_code(error, "resource_missing"):
                return None
            raise

    async def _report_of_refund(self, refund: Refund) -> RefundReport | None:
        if refund.stripe_refund_id is None:
            return None
        try:
            return await self._gateway.refunds.fetch_refund(refund.stripe_refund_id)
        except Refused as error:
            if is_code(error, "resource_missing"):
                return None
            raise

    @again_after_circle
    async def _confirm_payments(self, payments: Sequence[Payment]) -> None:
        """Write down that Stripe confirmed ``payments``, those that still are what it was asked about."""
        asked = {each.id: _facts_of(each) for each in payments}
        if not asked:
            return
        of_them = sa.select(Payment).where(Payment.id.in_(asked), Payment.confirmed_at.is_(None)).order_by(Payment.id)
        async with self._database.transaction() as session:
            for payment in (await session.execute(of_them.with_for_update(**ROW_LOCK))).scalars():
                if _facts_of(payment) == asked[payment.id]:
                    payment.confirmed_at = now()
                self._answered_at.pop(payment.id, None)

    @again_after_circle
    async def _confirm_refund(self, refund: Refund) -> None:
        async with self._database.transaction() as session:
            found = await session.get_one(Refund, refund.id, with_for_update=ROW_LOCK)
            if found.confirmed_at is None and (found.state, found.stripe_refund_id) == (
                refund.state,
                refund.stripe_refund_id,
            ):
                found.confirmed_at = now()

    @again_after_circle
    async def _note(self, finding: Finding | None) -> int:
        if finding is None:
            return 0
        of_another = sa.select(Difference.id).where(
            Difference.kind == finding.kind,
            Difference.stripe_id == finding.stripe_id,
            Difference.payment_id.is_distinct_from(finding.payment_id),
        )
        async with self._database.transaction() as session:
            if finding.payment_id is not None and (await session.execute(of_another)).first() is not None:
                # Two that name the same charge: neither hides behind the other's difference.
                finding = replace(finding, stripe_id=finding.payment_id.hex)
            is_new = await note(session, finding)
        if is_new:
            log.warning("difference found", extra={"kind": finding.kind, "stripe": finding.stripe_id})
        return int(is_new)


def is_charged(payment: Payment, charge: ChargeOnRecord | None) -> bool:
    """Tell whether ``charge`` is the one by which ``payment`` was paid, and carries its name."""
    return (
        charge is not None
        and charge.payment_reference == str(payment.id)
        and charge.intent_id == payment.stripe_intent_id
        and payment.stripe_charge_id in (None, charge.charge_id)
        and charge.amount == payment.amount
    )


def is_paid(payment: Payment, report: PaymentReport) -> bool:
    """Tell whether Stripe says of ``payment``, by its name, that exactly so much was paid."""
    return (
        report.standing is Standing.PAID
        and report.reference == str(payment.id)
        and report.intent_id == payment.stripe_intent_id
        and payment.stripe_charge_id in (None, report.charge_id)
        and report.received == payment.amount
    )


def is_refunded(refund: Refund, intent_id: str | None, report: RefundReport) -> bool:
    """Tell whether Stripe says of ``refund``, by its name, that exactly so much went back of its payment.

    One that was made in Stripe's dashboard has no name of ours: our id follows from Stripe's.
    """
    if refund.origin is RefundOrigin.STRIPE:
        is_named = refund.id == uuid.uuid5(refund.payment_id, report.stripe_id)
    else:
        is_named = report.reference == str(refund.id)
    return (
        is_named
        and report.standing is RefundStanding.SUCCEEDED
        and report.stripe_id == refund.stripe_refund_id
        and report.intent_id == intent_id
        and report.amount == refund.amount
    )


def _facts_of(payment: Payment) -> tuple[object, ...]:
    return payment.state, payment.amount, payment.stripe_intent_id, payment.stripe_charge_id


def _unlike(payment: Payment, report: PaymentReport | None) -> Finding:
    """Describe how Stripe's word about a payment is another than ours."""
    received = None if report is None or report.reference != str(payment.id) else report.received
    if received is None or received == payment.amount:
        return _of_payment(payment, DifferenceKind.MISSING_CHARGE)
    facts = {"charged": frozen(received), "asked": frozen(payment.amount), "state": payment.state.value}
    return _of_payment(payment, DifferenceKind.AMOUNT_DIFFERS, facts)


def _not_refunded(refund: Refund, report: RefundReport | None) -> Finding:
    """Describe how Stripe's word about a refund is another than ours."""
    if report is None or report.reference != str(refund.id) or report.amount == refund.amount:
        return _of_refund(refund, DifferenceKind.REFUND_UNKNOWN)
    values = frozen_amounts({"told": report.amount, "asked": refund.amount})
    code = ContradictionCode.OTHER_AMOUNT_REFUNDED
    return _of_refund(refund, DifferenceKind.REFUND_DIFFERS, {"code": code.value, "values": values})


def _is_overdue(begun_at: datetime) -> bool:
    return begun_at < now() - OVERDUE_AFTER


def _of_payment(payment: Payment, kind: DifferenceKind, facts: Facts = MappingProxyType({})) -> Finding:
    return finding_of(
        kind=kind,
        stripe_id=payment.stripe_charge_id or payment.id.hex,
        payment_id=payment.id,
        amount=payment.amount,
        happened_at=payment.settled_at or payment.created_at,
        facts=facts,
    )


def _of_refund(refund: Refund, kind: DifferenceKind, facts: Facts = MappingProxyType({})) -> Finding:
    return finding_of(
        kind=kind,
        stripe_id=name_of_refund(refund),
        payment_id=refund.payment_id,
        amount=refund.amount,
        happened_at=refund.decided_at or refund.requested_at,
        facts=facts,
    )
