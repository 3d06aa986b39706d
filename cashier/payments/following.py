"""Watching a payment: how it is read here, and how Stripe is asked about it when nobody tells."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

from cashier.database import Database
from cashier.errors import CashierError
from cashier.payments.names_at_stripe import NamesAtStripe
from cashier.payments.queries import view_of
from cashier.payments.views import PaymentView, trouble_of


class FollowedPayment:
    """One payment, for ``News.follow``."""

    silence_seconds = 3.0

    def __init__(
        self,
        database: Database,
        payment_id: uuid.UUID,
        *,
        names: NamesAtStripe,
        refresh: Callable[[uuid.UUID], Awaitable[PaymentView]],
    ) -> None:
        """Read the payment from ``database``; ``refresh`` asks Stripe about it, also by its name in ``names``."""
        self._database = database
        self._payment_id = payment_id
        self._names = names
        self._refresh = refresh
        self._page_url: str | None = None
        self.subject = subject_of(payment_id)

    async def look(self) -> PaymentView:
        """Read it, with the address of its page if Stripe has told it."""
        async with self._database.glance() as session:
            seen = replace(await view_of(session, self._payment_id), page_url=self._page_url)
        self._names.note(
            seen.id,
            session_id=seen.stripe_session_id,
            intent_id=seen.stripe_intent_id,
            is_final=seen.state.is_final,
        )
        return seen

    async def ask(self, seen: PaymentView) -> None:
        """Ask Stripe; raises what ``Payments.refresh`` raises."""
        self._page_url = (await self._refresh(seen.id)).page_url

    def with_trouble(self, seen: PaymentView, error: CashierError | None) -> PaymentView:
        """Say why it may be older than it looks, and what Stripe says all the same."""
        return replace(seen, trouble=None if error is None else trouble_of(error))

    def is_over(self, seen: PaymentView) -> bool:
        """Tell whether the payment is final."""
        return seen.state.is_final


def subject_of(payment_id: uuid.UUID) -> str:
    """Return the subject under which news of this payment is announced."""
    return f"payment:{payment_id}"
