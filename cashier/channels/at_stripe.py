"""Opening a prepared payment at Stripe, and finding out what became of an opening whose answer was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cashier.books.from_stripe.payment_report import PaymentNews, Standing
from cashier.books.payment import Payment
from cashier.books.saved_card import SavedCard
from cashier.cards.service import Cards
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Contradiction, Misconfigured, Refused, Unreachable
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.stripe_gateway.client import has_answered
from cashier.stripe_gateway.gateway import CheckoutOrder, SavedCardOrder, StripeGateway
from cashier.stripe_gateway.terminal import ReaderOrder
from cashier.tenders.tender import Tender

PAGE_LIFETIME = timedelta(hours=1)
"""How long Stripe's page stays open; Stripe allows 30 minutes to 24 hours."""

REPEATABLE = timedelta(hours=23)
"""How long a call may be repeated with its key; Stripe keeps keys for at least 24 hours."""


class OpeningRefused(Refused):
    """Stripe refuses to open this payment, so nothing can be charged on it."""

    default = m("Stripe refuses to open this payment, so nothing can be charged on it.")


class Opening:
    """Opens payments. Every opening may be repeated by anybody, to the letter."""

    def __init__(self, database: Database, gateway: StripeGateway, cards: Cards) -> None:
        """Work on ``database`` and Stripe."""
        self._database = database
        self._gateway = gateway
        self._cards = cards

    async def open(self, payment: Payment) -> PaymentNews:
        """Open a prepared payment at Stripe; an opening that was sent before is repeated to the letter.

        After a day Stripe has forgotten the key, so it is looked for instead of sent again. Raises ``OpeningRefused``
        when Stripe takes no such payment, ``Misconfigured`` when it does not take our key, and ``Unreachable`` or
        ``Contradiction`` when it is not known what became of it.
        https://docs.stripe.com/api/idempotent_requests
        """
        customer_id = await self._cards.customer_of(payment.patient_id)
        if payment.created_at < now() - REPEATABLE:
            return await self._look_for(payment, customer_id) or PaymentNews(standing=Standing.CANCELLED)
        reach(FailPoint.PAYMENT_OPENING)
        try:
            opened = await self._send(payment, customer_id)
        except Misconfigured:
            raise
        except Refused as refusal:
            raise OpeningRefused(refusal.message, advice=refusal.advice) from refusal
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

    async def block(self, payment: Payment) -> PaymentNews:
        """Make sure that an opening which may still be on its way charges nothing; tell what the payment became.

        The payment's key is used up for something harmless: whatever comes with it later is refused by Stripe.
        If Stripe refuses the harmless request, the opening was there first, and its traces tell the outcome.
        """
        customer_id = await self._cards.customer_of(payment.patient_id)
        if payment.created_at >= now() - REPEATABLE:
            reach(FailPoint.PAYMENT_OPENING)
            try:
                if not payment.tender.row.is_page:
                    return await self._gateway.block_charge(payment.id, payment.amount, customer_id=customer_id)
                return await self._gateway.block_checkout(
                    replace(_checkout_order(payment, customer_id), expires_at=now() + PAGE_LIFETIME)
                )
            except Misconfigured:
                raise
            except (Contradiction, Refused):
                pass
        return await self._look_for(payment, customer_id) or PaymentNews(standing=Standing.CANCELLED)

    async def _send(self, payment: Payment, customer_id: str) -> PaymentNews:
        if payment.tender is Tender.SAVED_CARD:
            return await self._gateway.charge_saved_card(await self._saved_card_order(payment, customer_id))
        if payment.tender.row.is_on_reader:
            return await self._gateway.terminal.open_payment(_reader_order(payment, customer_id))
        return await self._gateway.open_checkout(_checkout_order(payment, customer_id))

    async def _look_for(self, payment: Payment, customer_id: str) -> PaymentNews | None:
        return await self._gateway.find_payment(payment.id, customer_id=customer_id, since=payment.created_at)

    async def _saved_card_order(self, payment: Payment, customer_id: str) -> SavedCardOrder:
        async with self._database.reading() as session:
            card = await session.get_one(SavedCard, payment.saved_card_id)
        return SavedCardOrder(
            payment_id=payment.id,
            amount=payment.amount,
            description=_description(payment),
            customer_id=customer_id,
            card_id=card.stripe_id,
            return_url=f"{payment.return_base}/paid/{payment.id}",
        )


def _checkout_order(payment: Payment, customer_id: str) -> CheckoutOrder:
    return CheckoutOrder(
        payment_id=payment.id,
        amount=payment.amount,
        description=_description(payment),
        customer_id=customer_id,
        success_url=f"{payment.return_base}/paid/{payment.id}",
        cancel_url=f"{payment.return_base}/back/{payment.id}",
        # Counted from the saved moment, so that a repetition sends the same request.
        expires_at=payment.created_at + PAGE_LIFETIME,
    )


def _reader_order(payment: Payment, customer_id: str) -> ReaderOrder:
    return ReaderOrder(
        payment_id=payment.id,
        amount=payment.amount,
        description=_description(payment),
        customer_id=customer_id,
        typed=payment.tender is Tender.KEYED,
    )


def _description(payment: Payment) -> str:
    return f"Hospital services, reference {str(payment.id)[:8].upper()}"
