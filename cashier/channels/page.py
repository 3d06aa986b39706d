"""Stripe's page: at the desk, or on the patient's own phone."""

from __future__ import annotations

from dataclasses import replace

from cashier.books.from_stripe.payment_report import PaymentReport
from cashier.books.payment import Payment
from cashier.channels.at_stripe import PAGE_LIFETIME, AtStripe, description_of
from cashier.clock import now
from cashier.stripe_gateway.gateway import CheckoutOrder


class OnPage(AtStripe):
    """The patient types a card on Stripe's page. Where the page returns to was saved with the payment."""

    async def _send(self, payment: Payment, customer_id: str, entry: str) -> PaymentReport:
        return await self._gateway.open_checkout(_order(payment, customer_id, entry))

    async def _use_up(self, payment: Payment, customer_id: str) -> PaymentReport:
        order = replace(_order(payment, customer_id), expires_at=now() + PAGE_LIFETIME)
        return await self._gateway.block_checkout(order)


def _order(payment: Payment, customer_id: str, entry: str = "") -> CheckoutOrder:
    return CheckoutOrder(
        payment_id=payment.id,
        entry=entry,
        amount=payment.amount,
        description=description_of(payment),
        customer_id=customer_id,
        methods=tuple(payment.methods.split(",")),
        success_url=f"{payment.return_base}/paid/{payment.id}",
        cancel_url=f"{payment.return_base}/back/{payment.id}",
        # Counted from the saved moment, so that a repetition sends the same request.
        expires_at=payment.created_at + PAGE_LIFETIME,
    )
