"""What a channel can do. Payments know states; by which way the money is asked for is known here alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.from_stripe.payment_report import PaymentReport
from cashier.books.payment import Payment
from cashier.money import Money
from cashier.tenders.tender import Tender


@dataclass(frozen=True, kw_only=True)
class Means:
    """With what a payment is to be made. ``tendered`` is the cash that was handed over; None for the exact sum."""

    tender: Tender
    amount: Money
    patient_id: int
    desk_id: int
    saved_card_id: int | None
    reader_id: int | None
    tendered: Money | None


@dataclass(frozen=True, kw_only=True)
class Coins:
    """What a payment keeps of cash, in minor units: what was handed over, and what is taken more or less."""

    tendered_minor: int | None = None
    rounding_minor: int = 0


class PaymentChannel(Protocol):
    """One way of asking for money. Every verb may be repeated by anybody; no transaction is open around ``ask``,
    ``look``, ``withdraw`` and ``block``, nor around ``open`` where Stripe has a part in it.

    Verbs that ask Stripe raise ``Unreachable`` when it does not answer: nothing is known then.
    """

    @property
    def lifetime(self) -> timedelta:
        """How long a payment may stay unfinished before it is withdrawn."""

    async def check(self, session: AsyncSession, means: Means) -> Coins:
        """Raise ``Refused`` unless a payment can be made with ``means``; in the transaction that saves it."""

    async def open(self, payment: Payment) -> PaymentReport:
        """Ask for the money of a prepared payment. Raises ``OpeningRefused`` when nothing can be charged on it."""

    async def ask(self, payment: Payment, intent_id: str) -> PaymentReport | None:
        """Let the desk ask the patient, after opening or again after a decline; None where there is nothing to do.

        ``intent_id`` is what the payment is called at Stripe. Never called by a program that recovers.
        """

    async def look(self, payment: Payment) -> PaymentReport:
        """Tell how an opened payment stands."""

    async def withdraw(self, payment: Payment) -> PaymentReport:
        """Take an opened payment back; tell what became of it: it may have got through in this moment."""

    async def block(self, payment: Payment) -> PaymentReport:
        """Make sure that an opening which may still be on its way charges nothing; tell what the payment became."""
