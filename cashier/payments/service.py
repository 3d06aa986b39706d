"""Payments: begin, follow, refresh, cancel, recover.

Webhook, poll, return page, cancel and restart all end in ``refresh``, which asks Stripe and lets the
payment learn the answer. No transaction is open while Stripe is asked.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from cashier.asked_again.sums import AskedAgain
from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.payments import PaymentTakenOver
from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.payment import Payment, PaymentState
from cashier.cards.service import Cards
from cashier.channels.at_stripe import OpeningRefused
from cashier.channels.channel import PaymentChannel
from cashier.channels.directory import channels_of
from cashier.channels.in_hand import Till
from cashier.channels.own_page import OnOwnPage
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import CashierError, Misconfigured, Party, Refused, Unreachable
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.news import News
from cashier.payments.following import FollowedPayment, subject_of
from cashier.payments.names_at_stripe import NamesAtStripe
from cashier.payments.preparation import (
    House,
    holder_of,
    is_changed,
    is_hold_conflict,
    is_same_order,
    prepare,
    refuse_changed,
    refuse_tender,
)
from cashier.payments.queries import called_at_stripe, refuse_pending, unfinished, view_of
from cashier.payments.saved_cards import refresh_cards, saved_card
from cashier.payments.settlement import take_in_and_view, take_in_report
from cashier.payments.views import NoSuchPayment, NotWritten, OutcomeUnknown, PaymentOrder, PaymentView
from cashier.receipts.service import Receipts
from cashier.staff.rights import Action, require
from cashier.stripe_gateway.gateway import StripeGateway
from cashier.tenders.tender import Tender

log = logging.getLogger(__name__)


class Payments:
    """The payments of all desks. Every verb is safe to repeat."""

    def __init__(
        self,
        database: Database,
        news: News,
        gateway: StripeGateway,
        cards: Cards,
        receipts: Receipts,
        *,
        return_base: str,
        phone_return_base: str = "",
        offered: Collection[Tender] = frozenset(Tender),
        wants_shift: bool = True,
        asked_again: AskedAgain | None = None,
        methods: tuple[str, ...] = (),
    ) -> None:
        """Work on ``database`` and Stripe; Stripe's page returns to ``return_base`` (the companion's address).

        From a patient's own phone it returns to ``phone_return_base``, where that is another address. Tenders not
        ``offered`` are not begun here, but looked after all the same. The rest is as in ``House``.
        """
        self._database, self._news = database, news
        self._cards, self._gateway = cards, gateway
        self._channels = channels_of(database, gateway, cards)
        self._names = NamesAtStripe()
        self._receipts = receipts
        self._offered = frozenset(offered)
        self._house = House(
            return_base=return_base.rstrip("/"),
            phone_return_base=phone_return_base.rstrip("/") or return_base.rstrip("/"),
            till=Till(wants_shift=wants_shift, is_training=receipts.is_training),
            asked_again=asked_again or AskedAgain(),
            methods=methods,
        )

    @again_after_circle
    async def begin(self, order: PaymentOrder, actor: journal.Actor) -> PaymentView:
        """Save the payment, then open it at Stripe; the view has the page to show.

        What the cashier has in hand, such as cash, is settled at once, in one transaction, without Stripe.
        A card reader asks for the card then; that it cannot is the ``decline`` of the view.
        The same order again opens nothing new: it returns the payment as it stands. Raises ``Refused`` (nothing can
        be charged) such as ``DueChanged`` (another amount is due than was agreed), ``Doubtful`` (the same order with
        these doubts ``decided`` is carried out) and ``InvoiceHeld``; ``Unreachable`` or ``Misconfigured`` (it is not
        known; ``follow`` and ``cancel`` go on from there), such as ``OutcomeUnknown``.
        """
        reach(FailPoint.PAYMENT_ASKED)
        refuse_tender(order.tender, actor, offered=self._offered)
        wanted = Action.TAKE_PAYMENT if order.shares else Action.TAKE_DEPOSIT
        await require(self._database, actor, wanted, subject=Subject.PAYMENT, subject_id=order.payment_id)
        channel = self._channels[order.tender.row.channel]
        try:
            async with self._database.transaction() as session:
                payment = await prepare(session, order, actor, channel=channel, house=self._house)
                if payment.tender.row.is_taken_here:
                    await take_in_report(session, self._receipts, payment, await channel.open(payment), actor)
                await self._news.announce(session, subject_of(payment.id))
                reach(FailPoint.PAYMENT_WRITTEN)
        except IntegrityError as error:
            if is_same_order(error):
                return await self.begin(order, actor)
            if not is_hold_conflict(error):
                raise
            raise await holder_of(self._database, order) from error
        reach(FailPoint.PAYMENT_PREPARED)
        try:
            return await self._ask_or_end(payment, actor)
        except (OpeningRefused, Unreachable, Misconfigured):
            raise
        except CashierError as error:
            raise OutcomeUnknown(error.message, advice=error.advice, by=error.by) from error

    async def charge_card(
        self, payment_id: uuid.UUID, card_id: int, actor: journal.Actor, *, return_url: str | None = None
    ) -> PaymentView:
        """Charge a saved card of the patient on an open payment that was begun away from desks.

        The bank may ask for more: ``page_url`` of the view is where, if ``return_url`` says where it comes back to.
        One payment is charged once, however often this is repeated. Raises ``Refused`` for another patient's card,
        or a payment that a desk asks for, ``DueChanged`` when the hospital's system took something off an invoice
        meanwhile, and ``Unreachable`` when Stripe does not answer: it may be charged then.
        """
        await require(self._database, actor, Action.TAKE_PAYMENT, subject=Subject.PAYMENT, subject_id=payment_id)
        payment = await self._read_own(payment_id, actor)
        channel = self._channel_of(payment)
        if not isinstance(channel, OnOwnPage):
            raise Refused(m("This payment is asked for at a desk."), advice=m("Look at it there."))
        view = await self.refresh(payment_id, actor=actor)
        if view.state is not PaymentState.OPEN or view.stripe_intent_id is None:
            return view
        async with self._database.reading() as session:
            await refuse_changed(session, payment)
        report = await channel.charge(payment, view.stripe_intent_id, card_id=card_id, return_url=return_url)
        return await self._take_in(payment_id, report, actor)

    async def ask_reader(self, payment_id: uuid.UUID, actor: journal.Actor) -> PaymentView:
        """Let the card reader ask for the card, or ask for it again after a decline.

        That the reader is busy or not connected is the ``decline`` of the view. Raises ``Unreachable`` when Stripe
        does not answer: the reader may ask for the card then, and ``follow`` tells. Raises ``DueChanged`` when the
        hospital's system took something off an invoice meanwhile: nobody is asked for that again.
        """
        await require(self._database, actor, Action.TAKE_PAYMENT, subject=Subject.PAYMENT, subject_id=payment_id)
        payment = await self._read(payment_id)
        async with self._database.reading() as session:
            await refuse_changed(session, payment)
        return await self._ask(payment, actor)

    async def _ask_or_end(self, payment: Payment, actor: journal.Actor) -> PaymentView:
        try:
            return await self._ask(payment, actor)
        except OpeningRefused:
            await self._withdraw_unopened(payment.id, actor)
            raise

    async def _ask(self, payment: Payment, actor: journal.Actor) -> PaymentView:
        """See how ``payment`` stands, and have the patient asked where it is open and somebody at the desk has to."""
        view = await self.refresh(payment.id, actor=actor)
        if view.state is not PaymentState.OPEN or view.stripe_intent_id is None:
            return view
        report = await self._channel_of(payment).ask(payment, view.stripe_intent_id)
        return view if report is None else await self._take_in(payment.id, report, actor)

    def _channel_of(self, payment: Payment) -> PaymentChannel:
        return self._channels[payment.tender.row.channel]

    async def view(self, payment_id: uuid.UUID) -> PaymentView:
        """Return a payment as the database knows it, without asking Stripe."""
        async with self._database.reading() as session:
            return await view_of(session, payment_id)

    async def refresh(
        self, payment_id: uuid.UUID, *, actor: journal.Actor = journal.PROGRAM, even_if_final: bool = False
    ) -> PaymentView:
        """Ask Stripe about a payment and take in the answer; one that Stripe never heard of is opened.

        A finished payment is asked about only ``even_if_final``: when Stripe's records cast doubt on it.
        Raises ``Unreachable`` when Stripe does not answer: the state is then unknown, not failed. While the database
        does not answer, Stripe is asked about a payment whose name there is known here; ``NotWritten`` has what it
        says.

        What the hospital's system took off an invoice before the payment was opened is not asked of the patient any
        more: the payment is taken back instead.
        """
        try:
            payment = await self._read(payment_id)
        except CashierError as error:
            raise await self._asked_without_database(payment_id, error) from error
        if payment.state.is_final and not even_if_final:
            return await self.view(payment_id)
        if not payment.was_opened and not payment.state.is_final and await is_changed(self._database, payment):
            return await self._cancel(payment_id, actor)
        if not payment.was_opened:
            report = await self._channel_of(payment).open(payment)
        else:
            reach(FailPoint.PAYMENT_ASKING)
            report = await self._channel_of(payment).look(payment)
            reach(FailPoint.PAYMENT_ANSWERED)
        return await self._take_in(payment_id, report, actor)

    async def cancel(self, payment_id: uuid.UUID, actor: journal.Actor) -> PaymentView:
        """Take a payment out of the world, at Stripe first. One that got through meanwhile comes back as PAID.

        Raises ``Unreachable`` when Stripe does not answer: then the payment is still open. Raises ``Refused`` where a
        client of the API would end somebody else's.
        """
        await require(self._database, actor, Action.END_PAYMENT, subject=Subject.PAYMENT, subject_id=payment_id)
        await self._read_own(payment_id, actor)
        return await self._cancel(payment_id, actor)

    async def _cancel(self, payment_id: uuid.UUID, actor: journal.Actor) -> PaymentView:
        payment = await self._read(payment_id)
        if payment.state.is_final:
            return await self.view(payment_id)
        if payment.state is PaymentState.PREPARED:
            # Its opening may be on the way still, and a cancellation must never be what charges a card.
            await self._take_in(payment_id, await self._channel_of(payment).block(payment), actor)
            payment = await self._read(payment_id)
        if not payment.state.is_final:
            reach(FailPoint.PAYMENT_WITHDRAWING)
            report = await self._channel_of(payment).withdraw(payment)
            reach(FailPoint.PAYMENT_WITHDRAWN)
            await self._take_in(payment_id, report, actor)
        return await self.view(payment_id)

    @again_after_circle
    async def take_over(self, payment_id: uuid.UUID, actor: journal.Actor) -> PaymentView:
        """Cancel another desk's unfinished payment, so that its invoices are free here; the journal names who did.

        As with ``cancel``, one that got through meanwhile comes back as PAID. Raises ``Refused`` while it is pending.
        """
        await require(self._database, actor, Action.TAKE_OVER_PAYMENT, subject=Subject.PAYMENT, subject_id=payment_id)
        await self._read(payment_id)
        async with self._database.transaction() as session:
            payment = await session.get_one(Payment, payment_id, with_for_update=ROW_LOCK)
            await refuse_pending(session, payment)
            if not payment.state.is_final:
                payment.taken_over_by, payment.taken_over_desk_id = actor.staff_id, actor.desk_id
                await session.flush()
                await journal.record(session, PaymentTakenOver(payment=payment_id), actor)
        return await self._cancel(payment_id, actor)

    def follow(self, payment_id: uuid.UUID) -> AsyncIterator[PaymentView]:
        """Yield the payment whenever it changes, until it is final.

        News wakes us; after a few silent seconds Stripe is asked directly, so a companion that is down
        costs seconds, not money. While Stripe or the database does not answer, ``trouble`` says so.
        """
        followed = FollowedPayment(self._database, payment_id, names=self._names, refresh=self._refresh_or_end)
        return self._news.follow(followed)

    async def recover(self, *, older_than: timedelta = timedelta()) -> int:
        """Ask Stripe about every unfinished payment begun before ``older_than`` ago; return how many moved.

        What nobody finished within the lifetime of its page, or soon on a card reader, is withdrawn, also what never
        reached Stripe: a card is not charged when its owner has long gone. What cannot be asked now is left for the
        next time.
        """
        moved = 0
        async with self._database.reading() as session:
            moment = now()
            ids = (await session.scalars(unfinished().where(Payment.created_at <= moment - older_than))).all()
        for payment_id in ids:
            before = (await self.view(payment_id)).state
            try:
                view = await self._recovered(payment_id, moment)
            except Unreachable as error:
                log.warning("payment not recovered", extra={"payment": payment_id, "reason": error.message.english})
                continue
            except CashierError as error:
                log.warning("payment needs a look", extra={"payment": payment_id, "reason": error.message.english})
                continue
            moved += view.state is not before
        return moved

    async def unfinished_at(self, desk_id: int) -> tuple[PaymentView, ...]:
        """Return the payments of a desk that have no outcome yet, oldest first."""
        async with self._database.reading() as session:
            ids = (await session.execute(unfinished().where(Payment.desk_id == desk_id))).scalars().all()
            return tuple([await view_of(session, payment_id) for payment_id in ids])

    async def count_unfinished(self) -> int:
        """Tell how many payments of all desks have no outcome yet."""
        async with self._database.reading() as session:
            count = sa.select(sa.func.count()).select_from(unfinished().order_by(None).subquery())
            return (await session.execute(count)).scalar_one()

    async def exists(self, payment_id: uuid.UUID) -> bool:
        """Tell whether this is one of our payments."""
        async with self._database.reading() as session:
            return await session.get(Payment, payment_id) is not None

    async def find_by_stripe_id(self, stripe_id: str) -> uuid.UUID | None:
        """Return the payment that this session, intent or charge belongs to."""
        async with self._database.reading() as session:
            return (await session.execute(called_at_stripe(stripe_id))).scalar_one_or_none()

    async def _recovered(self, payment_id: uuid.UUID, moment: datetime) -> PaymentView:
        payment = await self._read(payment_id)
        is_late = payment.created_at < moment - self._channel_of(payment).lifetime
        if is_late and payment.state is not PaymentState.PROCESSING:
            return await self._cancel(payment_id, journal.PROGRAM)
        return await self._refresh_or_end(payment_id)

    async def _refresh_or_end(self, payment_id: uuid.UUID) -> PaymentView:
        try:
            return await self.refresh(payment_id)
        except OpeningRefused:
            await self._withdraw_unopened(payment_id, journal.PROGRAM)
            return await self.view(payment_id)

    async def _read_own(self, payment_id: uuid.UUID, actor: journal.Actor) -> Payment:
        """Read a payment to be charged or ended. Raises ``Refused`` where a client would do so to another's."""
        payment = await self._read(payment_id)
        if actor.kind is journal.ActorKind.CLIENT and payment.desk_id != actor.desk_id:
            raise Refused(m("This payment was begun elsewhere."), advice=m("Look at it there."))
        return payment

    async def _read(self, payment_id: uuid.UUID) -> Payment:
        async with self._database.glance() as session:
            payment = await session.get(Payment, payment_id)
        if payment is None:
            raise NoSuchPayment
        self._names.note(
            payment_id,
            session_id=payment.stripe_session_id,
            intent_id=payment.stripe_intent_id,
            is_final=payment.state.is_final,
        )
        return payment

    async def _asked_without_database(self, payment_id: uuid.UUID, trouble: CashierError) -> CashierError:
        """Ask Stripe by the name known here; return what is to be raised. Raises what asking Stripe raises."""
        name = self._names.of(payment_id)
        if trouble.by is not Party.DATABASE or name is None:
            return trouble
        report = await self._gateway.fetch_payment(session_id=name.session_id, intent_id=name.intent_id)
        return NotWritten(report, trouble)

    async def _take_in(self, payment_id: uuid.UUID, report: PaymentReport, actor: journal.Actor) -> PaymentView:
        """Let the payment learn what Stripe says. Raises ``NotWritten`` when the database does not take it in."""
        self._names.note(payment_id, session_id=report.session_id, intent_id=report.intent_id)
        try:
            view = await self._write_down(payment_id, report, actor)
        except CashierError as error:
            if error.by is not Party.DATABASE:
                raise
            raise NotWritten(report, error) from error
        self._names.note(payment_id, session_id=None, intent_id=None, is_final=view.state.is_final)
        return view

    @again_after_circle
    async def _write_down(self, payment_id: uuid.UUID, report: PaymentReport, actor: journal.Actor) -> PaymentView:
        async with self._database.transaction() as session:
            payment = await session.get_one(Payment, payment_id, with_for_update=ROW_LOCK)
            await self._news.announce(session, subject_of(payment_id))
            moved, view = await take_in_and_view(session, self._receipts, payment, report, actor)
            reach(FailPoint.PAYMENT_LEARNED)
        reach(FailPoint.PAYMENT_SAVED)
        if moved:
            log.info("payment moved", extra={"payment": payment_id, "state": view.state})
        saved = saved_card(payment, report)
        if moved and view.state is PaymentState.PAID and saved is not None:
            await refresh_cards(self._cards, payment, actor, agreed=saved if payment.saves_card else None)
        return view

    @again_after_circle
    async def _withdraw_unopened(self, payment_id: uuid.UUID, actor: journal.Actor) -> None:
        """End a payment that Stripe refused to open: it does not exist there. One that is open stays open."""
        async with self._database.transaction() as session:
            payment = await session.get_one(Payment, payment_id, with_for_update=ROW_LOCK)
            if payment.state is PaymentState.PREPARED:
                report = PaymentReport(standing=Standing.CANCELLED)
                await take_in_report(session, self._receipts, payment, report, actor)
                await self._news.announce(session, subject_of(payment_id))
        # The card, or the patient's customer, may be gone at Stripe: then the next payment does without it.
        await refresh_cards(self._cards, payment, actor)
