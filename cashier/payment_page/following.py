"""Watching a link: whether its page was opened, whether somebody pays by it, and whether it still leads anywhere."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.payment import Payment, PaymentLink, PaymentState
from cashier.clock import now
from cashier.database import Database
from cashier.errors import CashierError
from cashier.payment_page.views import NoSuchLink
from cashier.payments.queries import view_of
from cashier.payments.views import PaymentView, trouble_of


class Leads(StrEnum):
    """Where a link leads."""

    TO_PAYMENT = "to_payment"
    NOWHERE = "nowhere"
    """Somebody has ended it."""
    NOWHERE_BY_TIME = "nowhere_by_time"
    """It has run out."""
    TO_NOTHING_DUE = "to_nothing_due"
    """It holds, and nothing of its invoice is to be paid."""


@dataclass(frozen=True, kw_only=True)
class LinkCourse:
    """How far the patient has come with a link. ``payment``: the one that was paid by it, else the newest begun."""

    leads: Leads
    opened_times: int
    payment: PaymentView | None

    @property
    def is_being_paid(self) -> bool:
        """Tell whether a payment was begun by it that has no outcome yet."""
        return self.payment is not None and not self.payment.state.is_final

    @property
    def is_paid(self) -> bool:
        """Tell whether a payment came by it."""
        return self.payment is not None and self.payment.state is PaymentState.PAID


class FollowedLink:
    """One link, for ``News.follow``. Its patient may do anything next, so all news wake the watch."""

    subject = None
    silence_seconds = 5.0

    def __init__(
        self, database: Database, link_id: uuid.UUID, *, refresh: Callable[[uuid.UUID], Awaitable[PaymentView]]
    ) -> None:
        """Read the link from ``database``; ``refresh`` asks Stripe about a payment that was begun by it."""
        self._database = database
        self._link_id = link_id
        self._refresh = refresh

    async def look(self) -> LinkCourse:
        """Read it. Raises ``NoSuchLink`` where there is none."""
        async with self._database.glance() as session:
            link = await session.get(PaymentLink, self._link_id)
            if link is None:
                raise NoSuchLink
            invoice = await session.get_one(Invoice, link.invoice_id)
            payment_id = await _told_of(session, link.id)
            payment = None if payment_id is None else await view_of(session, payment_id)
        return LinkCourse(leads=_where(link, invoice), opened_times=link.opened_times, payment=payment)

    async def ask(self, seen: LinkCourse) -> None:
        """Ask Stripe about what was begun; raises what ``Payments.refresh`` raises."""
        if seen.payment is not None and seen.is_being_paid:
            await self._refresh(seen.payment.id)

    def with_trouble(self, seen: LinkCourse, error: CashierError | None) -> LinkCourse:
        """Say beside a payment why it may be older than it looks."""
        if seen.payment is None or not seen.is_being_paid:
            return seen
        trouble = None if error is None else trouble_of(error)
        return replace(seen, payment=replace(seen.payment, trouble=trouble))

    def is_over(self, seen: LinkCourse) -> bool:
        """Tell whether it was paid, or nothing can come by it any more."""
        has_ended = seen.leads in (Leads.NOWHERE, Leads.NOWHERE_BY_TIME)
        return seen.is_paid or (has_ended and not seen.is_being_paid)


def _where(link: PaymentLink, invoice: Invoice) -> Leads:
    if link.ended_at is not None:
        return Leads.NOWHERE
    if not link.holds_at(now()):
        return Leads.NOWHERE_BY_TIME
    is_due = invoice.balance_minor > 0 and invoice.status is not InvoiceStatus.CANCELLED
    return Leads.TO_PAYMENT if is_due else Leads.TO_NOTHING_DUE


async def _told_of(session: AsyncSession, link_id: uuid.UUID) -> uuid.UUID | None:
    """Return the payment that tells most about a link: one that is paid, else the newest."""
    is_paid = sa.case((Payment.state == PaymentState.PAID, 0), else_=1)
    statement = sa.select(Payment.id).where(Payment.settlement_id == link_id)
    statement = statement.order_by(is_paid, Payment.created_at.desc(), Payment.id).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()
