"""A rule about what a desk must not attest: Stripe itself has confirmed payments by it, and refunds to cards."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.from_stripe.confirmed import overdue_payments, overdue_refunds
from cashier.clock import now
from cashier.language import Message, m


async def unconfirmed(session: AsyncSession) -> AsyncIterator[Message]:
    """Find what Stripe has not confirmed in an hour, unless somebody settled the difference that tells of it."""
    moment = now()
    async for payment in await session.stream_scalars(overdue_payments(moment)):
        yield m("payment {payment} ({amount}) is paid, and Stripe never confirmed it", payment=payment.id,
                amount=payment.amount)  # fmt: skip
    async for refund in await session.stream_scalars(overdue_refunds(moment)):
        yield m("refund {refund} ({amount}) went back to the card, and Stripe never confirmed it", refund=refund.id,
                amount=refund.amount)  # fmt: skip
