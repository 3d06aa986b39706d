"""Asking for money at Stripe, and finding out what became of an opening whose answer was lost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.payment import Payment
from cashier.cards.service import Cards
from cashier.channels.channel import Coins, Means
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Contradiction, Misconfigured, Party, Refused, Unreachable
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.money import check_chargeable
from cashier.stripe_gateway.client import has_answered
from cashier.stripe_gateway.gateway import StripeGateway

PAGE_LIFETIME = timedelta(hours=1)
"""How long Stripe's page stays open; Stripe allows 30 minutes to 24 hours."""

REPEATABLE = timedelta(hours=23)
"""How long a call may be repeated with its key; Stripe keeps keys for at least 24 hours."""


class OpeningRefused(Refused):
    """Stripe refuses to open this payment, so nothing can be charged on it."""

    default = m("Stripe refuses to open this payment, so nothing can be charged on it.")


class AtStripe(ABC):
    """What the channels have in common whose money is asked for at Stripe; each says what it sends."""

    lifetime = PAGE_LIFETIME

    def __init__(self, database: Database, gateway: StripeGateway, cards: Cards) -> None:
        """Work on ``database`` and Stripe."""
        self._database = database
        self._gateway = gateway
        self._cards = cards

    async def check(self, session: AsyncSession, means: Means) -> Coins:
        """Raise ``Refused`` for what Stripe does not charge."""
        check_chargeable(means.amount)
        return Coins()

    async def open(self, payment: Payment) -> PaymentReport:
        """Open a prepared payment at Stripe; an opening that was sent before is repeated to the letter.

        After a day Stripe has forgotten the key, so it is looked for instead of sent again. Raises ``OpeningRefused``
        when Stripe takes no such payment, ``Misconfigured`` when it does not take our key, and ``Unreachable`` or
        ``Contradiction`` when it is not known what became of it.
        https://docs.stripe.com/api/idempotent_requests
        """
        customer_id = await self._customer_of(payment)
        if payment.created_at < now() - REPEATABLE:
            return await self._look_for(payment, customer_id) or PaymentReport(standing=Standing.CANCELLED)
        reach(FailPoint.PAYMENT_OPENING)
        try:
            opened = await self._send(payment, customer_id, await self._entry_of(payment))
        except Misconfigured:
            raise
        except Refused as refusal:
            if refusal.by is Party.DATABASE:
                raise  # it says nothing about Stripe, which may have been asked before
            raise OpeningRefused(refusal.message, advice=refusal.advice, by=refusal.by) from refusal
        except Contradiction:
            # Stripe knows the key with other details: somebody is taking this payment back just now.
            found = await self._look_for(payment, customer_id)
            if found is None:
                raise
            return found
        except Unreachable as error:
            # An answer of Stripe's own, such as a 500, is repeated for a day: only its records tell more.
            found = await self._look_for(payment, customer_id) if has_answered(error) else None
            if found is None:
                raise
            return found
        reach(FailPoint.PAYMENT_OPENED)
        if payment.created_at > now() - timedelta(seconds=30):
            return opened
        # A repeated opening is answered with the first answer, which may be older than the truth.
        return await self._gateway.fetch_payment(session_id=opened.session_id, intent_id=opened.intent_id)

    async def block(self, payment: Payment) -> PaymentReport:
        """Make sure that an opening which may still be on its way charges nothing; tell what the payment became.

        The payment's key is used up for something harmless: whatever comes with it later is refused by Stripe.
        If Stripe refuses the harmless request, the opening was there first, and its traces tell the outcome.
        """
        customer_id = await self._customer_of(payment)
        if payment.created_at >= now() - REPEATABLE:
            reach(FailPoint.PAYMENT_OPENING)
            try:
                return await self._use_up(payment, customer_id)
            except Misconfigured:
                raise
            except (Contradiction, Refused):
                pass
        return await self._look_for(payment, customer_id) or PaymentReport(standing=Standing.CANCELLED)

    async def ask(self, payment: Payment, intent_id: str) -> PaymentReport | None:
        """Ask nobody: the patient is asked by what was opened."""
        return None

    async def look(self, payment: Payment) -> PaymentReport:
        """Tell how the payment stands at Stripe."""
        return await self._gateway.fetch_payment(
            session_id=payment.stripe_session_id, intent_id=payment.stripe_intent_id
        )

    async def withdraw(self, payment: Payment) -> PaymentReport:
        """Take it back at Stripe, or tell that it got through."""
        return await self._gateway.withdraw(session_id=payment.stripe_session_id, intent_id=payment.stripe_intent_id)

    async def _customer_of(self, payment: Payment) -> str:
        """Return the customer at Stripe of whom the money is asked."""
        return await self._cards.customer_of(payment.patient_id)

    @abstractmethod
    async def _send(self, payment: Payment, customer_id: str, entry: str) -> PaymentReport:
        """Open the payment at Stripe with its key, and the ``entry`` of its beginning; the same to the letter each
        time."""

    async def _entry_of(self, payment: Payment) -> str:
        """Return the anchor of the entry that tells how the payment was begun; empty for one of an older program."""
        async with self._database.reading() as session:
            begun = await journal.entry_about(session, payment.id, DeedKind.PAYMENT_PREPARED)
        return journal.anchor_of(begun) if begun is not None and '"is_anchored":true' in begun.facts else ""

    async def _use_up(self, payment: Payment, customer_id: str) -> PaymentReport:
        """Use up the payment's key for something harmless, by which nothing can be charged."""
        return await self._gateway.block_charge(payment.id, payment.amount, customer_id=customer_id)

    async def _look_for(self, payment: Payment, customer_id: str) -> PaymentReport | None:
        return await self._gateway.find_payment(payment.id, customer_id=customer_id, since=payment.created_at)


def description_of(payment: Payment) -> str:
    """What Stripe and the cardholder's bank read of a payment: nothing about the patient."""
    return f"Hospital services, reference {str(payment.id)[:8].upper()}"
