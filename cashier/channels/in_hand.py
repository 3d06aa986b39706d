"""Money that the cashier has in hand: cash with its change, cheques, transfers, slips. Stripe has no part in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.payment import Payment
from cashier.channels.channel import Coins, Means
from cashier.errors import Refused
from cashier.language import m
from cashier.money import Money
from cashier.shifts.coins import in_coins
from cashier.shifts.drawer import check_same_world, open_shift_of
from cashier.tenders.tender import Tender


class InHand:
    """Opened is paid, in the transaction that saves it: there is never anything to look at or to take back."""

    lifetime = timedelta()

    async def check(self, session: AsyncSession, means: Means) -> Coins:
        """Return what was handed over of cash, and the rounding; nothing for what is no cash.

        Where small coins are missing, what is taken is rounded to the smallest one. Raises ``Refused`` when less was
        handed over than that.
        """
        if not means.tender.row.is_cash:
            return Coins()
        to_take = await in_coins(session, means.amount)
        if not to_take:
            raise Refused(
                m("{amount} cannot be paid in coins.", amount=means.amount),
                advice=m("Take it together with another amount."),
            )
        tendered = means.tendered if means.tendered is not None else to_take
        if tendered.currency != to_take.currency:
            raise Refused(
                m("This is paid in {currency}.", currency=to_take.currency), advice=m("Take cash of that currency.")
            )
        if tendered < to_take:
            raise Refused(
                m("{tendered} is less than the {to_take} to take.", tendered=tendered, to_take=to_take),
                advice=m("Take the rest as well, or take a smaller part in cash and the rest another way."),
            )
        return Coins(
            tendered_minor=tendered.amount_minor, rounding_minor=to_take.amount_minor - means.amount.amount_minor
        )

    async def open(self, payment: Payment) -> PaymentReport:
        """Tell that the money is there."""
        return _it_is_there(payment)

    async def ask(self, payment: Payment, intent_id: str) -> PaymentReport | None:
        """Ask nobody."""
        return None

    async def look(self, payment: Payment) -> PaymentReport:
        """Tell that the money is there."""
        return _it_is_there(payment)

    async def withdraw(self, payment: Payment) -> PaymentReport:
        """Tell that the money is there: it goes back by a refund."""
        return _it_is_there(payment)

    async def block(self, payment: Payment) -> PaymentReport:
        """Tell that the money is there: nothing of it is on its way."""
        return _it_is_there(payment)


@dataclass(frozen=True, kw_only=True)
class Till:
    """How a machine takes cash: in an open shift only (``wants_shift``); in training, into drawers of training."""

    wants_shift: bool
    is_training: bool


async def shift_of(session: AsyncSession, tender: Tender, amount: Money, *, desk_id: int, till: Till) -> int | None:
    """Return the desk's open shift, locked: what is begun in it belongs to it, and cash goes into its drawer.

    Raises ``Refused`` for cash without one where that is wanted, for cash of another currency than its drawer's, and
    for real cash where the shift is one of training.
    """
    shift = await open_shift_of(session, desk_id)
    if tender.row.is_cash and till.wants_shift:
        if shift is None:
            raise Refused(
                m("No shift is open at this desk, so there is no drawer for the cash."),
                advice=m("Open a shift first (Ctrl+T), or take it another way."),
            )
        check_same_world(shift, is_training=till.is_training)
        if shift.currency != amount.currency:
            raise Refused(
                m("The drawer of this desk has {currency}.", currency=shift.currency),
                advice=m("Take {currency} another way.", currency=amount.currency),
            )
    if shift is None or shift.is_training != till.is_training:
        return None
    if tender.row.is_cash and shift.currency != amount.currency:
        return None
    return shift.id


def _it_is_there(payment: Payment) -> PaymentReport:
    return PaymentReport(standing=Standing.PAID, received=payment.amount)
