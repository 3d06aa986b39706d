"""What a desk's card reader has to do with a payment: it is asked for a card, looked at, and put to rest again.

The payment intent is the truth about the money; a reader's reports only tell why nothing was paid yet. A reader asks
for a card because somebody at the desk wants it to, never because a program recovers.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.card_reader import CardReader
from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.payment import Payment
from cashier.channels.at_stripe import AtStripe, description_of
from cashier.channels.channel import Coins, Means
from cashier.channels.declines import KNOWN_CODES
from cashier.errors import CashierError, Refused
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.stripe_gateway.terminal import (
    ActionStatus,
    ReaderBusy,
    ReaderFacts,
    ReaderOffline,
    ReaderOrder,
    ReaderSilent,
)

log = logging.getLogger(__name__)

READER_LIFETIME = timedelta(minutes=15)
"""How long a reader may ask for a payment that nobody at the desk finishes."""

NOT_ASKED = "reader_not_asked"
"""Our own code: the reader is ready, but does not ask for this payment."""
_FAILED = "reader_failed"
"""Our own code: the reader gave up for a reason that only its maker knows."""
_ATTEMPTS_TO_REST = 2


class AtReader(AtStripe):
    """The card is given to a reader of the desk, or typed into it."""

    lifetime = READER_LIFETIME

    async def check(self, session: AsyncSession, means: Means) -> Coins:
        """Raise ``Refused`` unless the reader stands at the desk."""
        coins = await super().check(session, means)
        reader = await session.get(CardReader, means.reader_id) if means.reader_id is not None else None
        if reader is None or reader.removed_at is not None or reader.desk_id != means.desk_id:
            raise Refused(m("This card reader does not belong to this desk."), advice=m("Choose another way to pay."))
        return coins

    async def ask(self, payment: Payment, intent_id: str) -> PaymentReport | None:
        """Let the reader ask for the card of an open payment, unless it does so already; tell where that leads.

        ``intent_id`` is what the payment is called at Stripe. That the reader is busy, offline or silent is in the
        report. Raises ``Unreachable`` when Stripe does not answer.
        """
        asked = PaymentReport(standing=Standing.OPEN, intent_id=intent_id)
        reader_id = await self._reader_of(payment)
        reader = await self._gateway.terminal.look_at(reader_id)
        if reader is None:
            return replace(asked, decline_code=ReaderOffline.code)
        if reader.asks_for == intent_id:
            return asked
        typed = payment.tender.row.is_typed
        reach(FailPoint.READER_TELLING)
        try:
            if await self._is_in_the_way(reader, typed=typed):
                await self._gateway.terminal.put_to_rest(reader_id)
            await self._gateway.terminal.ask_for_card(reader_id, intent_id, typed=typed)
        except (ReaderBusy, ReaderOffline, ReaderSilent) as trouble:
            return replace(asked, decline_code=trouble.code)
        except Refused:
            # Perhaps it was paid or taken back in this moment.
            report = await self._gateway.fetch_payment(session_id=None, intent_id=intent_id)
            if not report.standing.is_final:
                raise
            return report
        reach(FailPoint.READER_TOLD)
        return asked

    async def look(self, payment: Payment) -> PaymentReport:
        """Tell how the payment stands at Stripe, and of an open one what its reader does."""
        return await self._with_reader(payment, await super().look(payment))

    async def withdraw(self, payment: Payment) -> PaymentReport:
        """Take it back at Stripe first, and put its reader to rest afterwards.

        After a cancellation nothing that is still on its way can make the reader ask again.
        """
        return await self._with_reader(payment, await super().withdraw(payment))

    async def _send(self, payment: Payment, customer_id: str, entry: str) -> PaymentReport:
        order = ReaderOrder(
            payment_id=payment.id,
            entry=entry,
            amount=payment.amount,
            description=description_of(payment),
            customer_id=customer_id,
            typed=payment.tender.row.is_typed,
        )
        return await self._gateway.terminal.open_payment(order)

    async def _with_reader(self, payment: Payment, report: PaymentReport) -> PaymentReport:
        """Add to the ``report`` of an open payment what its reader does; put it to rest when it is cancelled."""
        if report.standing is Standing.CANCELLED:
            await self._put_to_rest(payment, report)
        elif report.standing is Standing.OPEN:
            try:
                reader = await self._gateway.terminal.look_at(await self._reader_of(payment))
            except CashierError as error:
                # Where the payment stands is known all the same.
                log.warning("reader not looked at", extra={"payment": payment.id, "reason": error.message.english})
                return report
            return replace(report, decline_code=_why_not_paid(reader, report))
        return report

    async def _put_to_rest(self, payment: Payment, report: PaymentReport) -> None:
        """End what the reader does for this payment; what it does for another is left alone.

        A reader that cannot be reached is left as it is: no money can be paid there any more, and the next payment
        on it clears it away.
        """
        reader_id = await self._reader_of(payment)
        for _ in range(_ATTEMPTS_TO_REST):
            reader = await self._gateway.terminal.look_at(reader_id)
            if reader is None or reader.asks_for is None or reader.asks_for != report.intent_id:
                return
            try:
                await self._gateway.terminal.put_to_rest(reader_id)
            except (ReaderBusy, ReaderOffline) as trouble:
                log.warning(
                    "reader not put to rest", extra={"payment": payment.id, "reason": trouble.message.english}
                )
                return
            except ReaderSilent:
                continue

    async def _is_in_the_way(self, reader: ReaderFacts, *, typed: bool) -> bool:
        """Tell whether the reader does something that nobody wants any more, or shows a cart where a card is typed.

        https://docs.stripe.com/terminal/features/mail-telephone-orders/payments
        """
        if reader.asks_for is None:
            return typed and reader.action is not None and reader.action.is_cart
        other = await self._gateway.fetch_payment(session_id=None, intent_id=reader.asks_for)
        return other.standing.is_final

    async def _reader_of(self, payment: Payment) -> str:
        async with self._database.reading() as session:
            return (await session.get_one(CardReader, payment.reader_id)).stripe_id


def _why_not_paid(reader: ReaderFacts | None, report: PaymentReport) -> str | None:
    """Return why an open payment is not paid yet, as a code with words; None while the reader asks for the card."""
    if reader is not None and reader.action is not None and reader.action.intent_id == report.intent_id:
        if reader.action.status is not ActionStatus.FAILED:
            return None if reader.is_online else ReaderOffline.code
        failure = reader.action.failure_code or _FAILED
        if failure == "card_declined":
            return report.decline_code or failure
        return failure if failure in KNOWN_CODES else _FAILED
    if reader is None or not reader.is_online:
        return ReaderOffline.code
    return ReaderBusy.code if reader.asks_for is not None else NOT_ASKED
