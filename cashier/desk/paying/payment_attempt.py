"""One payment as the dialog works on it: verbs that wait for each other, whatever becomes of the dialog."""

from __future__ import annotations

import asyncio
import uuid

from cashier.books.journal import Actor
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.payments.service import Payments
from cashier.payments.views import PaymentOrder, PaymentView


class PaymentAttempt:
    """A payment with its id, which is made here before anybody else hears of it.

    Its coroutines are for ``ServiceThread.ask``. A cancellation that is ordered while the payment is still being
    begun comes after that, so nothing stays open at Stripe.
    """

    def __init__(self, payments: Payments, actor: Actor, payment_id: uuid.UUID | None = None) -> None:
        """Take up the payment ``payment_id``, or make a new id."""
        self.id = payment_id or new_id()
        self._payments = payments
        self._actor = actor
        self._turn = asyncio.Lock()

    async def begin(self, order: PaymentOrder) -> PaymentView:
        """Save the payment and open it at Stripe, or settle what is in hand; see ``Payments.begin``."""
        async with self._turn:
            return await self._payments.begin(order, self._actor)

    async def refresh(self) -> PaymentView:
        """Ask Stripe where it stands."""
        async with self._turn:
            return await self._payments.refresh(self.id, actor=self._actor)

    async def cancel(self) -> PaymentView | None:
        """Take it back, at Stripe first; None when it was never saved. See ``Payments.cancel``."""
        async with self._turn:
            try:
                return await self._payments.cancel(self.id, self._actor)
            except Refused:
                if await self._payments.exists(self.id):
                    raise
                return None
