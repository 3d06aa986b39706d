"""What the page may do: be opened, begin a payment, look how it stands, give it back, and hand out its receipt.

The secret of the link is all that it needs. Everything about money is done by the payments' own verbs, as the client
of the API that the link names, so that whatever holds for payments holds here.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.asked_again.doubt import Doubtful
from cashier.books import journal
from cashier.books.api_client import ApiClient, Scope
from cashier.books.hospital import Hospital
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.payment import InvoiceHold, Payment, PaymentLink, PaymentState
from cashier.clock import now
from cashier.database import Database
from cashier.errors import CashierError, Misconfigured, Refused, Unreachable
from cashier.identifiers import id_below
from cashier.language import Message, m
from cashier.money import Money, check_chargeable
from cashier.news import News
from cashier.payment_page.links import subject_of_link, unfinished_of
from cashier.payment_page.secrets_of_links import could_be_one, digest_of
from cashier.payment_page.views import LinkUnusable, PageState, ShownPage, Standing
from cashier.payment_page.wording import (
    ALREADY_PAID,
    LINK_ENDED,
    NOT_CHARGEABLE,
    PAID_ELSEWHERE,
    STATE_WORDS,
    TAKEN_OVER,
)
from cashier.payments.service import Payments
from cashier.payments.views import DueChanged, InvoiceHeld, PaymentOrder, PaymentShare, PaymentView
from cashier.receipts.service import ReceiptPdf, Receipts
from cashier.tenders.tender import ELSEWHERE

log = logging.getLogger(__name__)

LOOKED_AT_FOR = timedelta(days=1)
"""How long after its payment was begun a link that does not hold any more still tells what became of that."""
_TRIES_MAX = 3
"""How often a payment is begun when others of the same link come between."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A link that somebody has the secret of, with all that its page depends on, read at one moment."""

    link: PaymentLink
    invoice: Invoice
    client: ApiClient
    payment_id: uuid.UUID | None
    """Its newest payment."""
    paid_id: uuid.UUID | None
    """The newest of those that are paid."""
    is_held_elsewhere: bool

    @property
    def holds(self) -> bool:
        """Tell whether something can be begun by it."""
        is_cancelled = self.invoice.status is InvoiceStatus.CANCELLED
        return self.link.holds_at(now()) and self.client.may(Scope.PAYMENTS_WRITE) and not is_cancelled

    @property
    def due(self) -> Money:
        """What is to be paid now."""
        return Money(max(0, self.invoice.balance_minor), self.invoice.currency)

    @property
    def actor(self) -> journal.Actor:
        """Who takes what comes by it."""
        return journal.client_of_api(self.client.name, staff_id=self.client.staff_id, desk_id=self.client.desk_id)

    def id_of(self, attempt: uuid.UUID) -> uuid.UUID:
        """Return the payment of an attempt: nobody can name a payment that is not this link's."""
        return id_below(self.link.id, str(attempt))


class PaymentPage:
    """The page of each link. Every verb raises ``LinkUnusable`` without the secret of a link that holds."""

    def __init__(self, database: Database, payments: Payments, receipts: Receipts) -> None:
        """Work on ``database`` with the payments' own verbs."""
        self._database = database
        self._payments = payments
        self._receipts = receipts

    async def open(self, secret: str) -> ShownPage:
        """Show the page, and count that it was shown. Nothing is held by that, and Stripe is not asked."""
        known = await self._holding(secret)
        async with self._database.reading() as session:
            hospital = await session.get_one(Hospital, 1)
        await self._count(known.link.id)
        return ShownPage(
            hospital=hospital.name,
            phone=hospital.phone,
            language=hospital.spoken_language,
            invoice_number=known.invoice.number,
            department=known.invoice.department,
            standing=await self._seen(known),
        )

    async def begin(
        self, secret: str, attempt: uuid.UUID, shown: Money, *, saves_card: bool, pay_again: bool = False
    ) -> Standing:
        """Hold the invoice and open its payment over what the page has ``shown``, which has to be what is due.

        The same ``attempt`` again goes on with the same payment; so does another browser with the same link. Raises
        ``Unreachable`` or ``Misconfigured`` when it is not known what became of it: the same again finds out.
        """
        standing: Standing | None = None
        for _ in range(_TRIES_MAX):
            known = await self._holding(secret)
            standing = await self._tried(known, attempt, shown, saves_card=saves_card, pay_again=pay_again)
            if standing is not None:
                return standing
        return _standing(known, PageState.HELD)

    async def check(self, secret: str, attempt: uuid.UUID | None = None) -> Standing:
        """Ask Stripe how the payment of ``attempt`` stands; without one, the newest of the link.

        A link that does not hold any more raises ``LinkUnusable``, unless a payment was begun by it within a day.
        """
        known = await self._known(secret)
        payment_id = await self._payment_of(known, attempt)
        if payment_id is None:
            if not known.holds:
                raise LinkUnusable
            return await self._seen(known)
        try:
            view = await self._payments.refresh(payment_id, actor=known.actor)
        except CashierError:
            return _standing(known, PageState.UNKNOWN)
        return self._told(await self._known(secret), view)

    async def cancel(self, secret: str, attempt: uuid.UUID | None = None) -> Standing:
        """Give the payment back, at Stripe first, so that the desk can take it. One that got through stays paid."""
        known = await self._known(secret)
        payment_id = await self._payment_of(known, attempt)
        if payment_id is None:
            return await self.check(secret, attempt)
        try:
            view = await self._payments.cancel(payment_id, known.actor)
        except CashierError:
            return _standing(known, PageState.UNKNOWN)
        return self._told(await self._known(secret), view)

    async def receipt(self, secret: str, language: str) -> ReceiptPdf:
        """Hand out the receipt of what was paid by this link, and count it.

        Raises ``Refused`` where there is none, and ``LinkUnusable`` as ``check`` does.
        """
        known = await self._known(secret)
        view = None if known.paid_id is None else await self._payments.view(known.paid_id)
        if view is not None and not known.holds and view.created_at < now() - LOOKED_AT_FOR:
            raise LinkUnusable
        if view is None or view.receipt_id is None or not known.client.may(Scope.RECEIPTS_READ):
            raise Refused(m("There is no receipt here."), advice=m("Ask the hospital's desk."))
        return await self._receipts.hand_out(view.receipt_id, known.actor, language)

    async def _count(self, link_id: uuid.UUID) -> None:
        """Count that the page was shown; a database that is busy writing keeps nobody from seeing it."""
        counted = sa.update(PaymentLink).where(PaymentLink.id == link_id)
        try:
            async with self._database.transaction() as session:
                await session.execute(counted.values(opened_times=PaymentLink.opened_times + 1))
                await News.announce(session, subject_of_link(link_id))
        except CashierError as error:
            log.info("page not counted", extra={"link": link_id, "reason": error.message.english})

    async def _tried(
        self, known: _Known, attempt: uuid.UUID, shown: Money, *, saves_card: bool, pay_again: bool
    ) -> Standing | None:
        """Begin, or go on with what is begun; None where another payment of the link came between: try again."""
        payment_id = known.id_of(attempt)
        if await self._payments.exists(payment_id):
            return await self._gone_on(known, payment_id, shown, saves_card=saves_card)
        if not known.due:
            return await self._seen(known)
        order = PaymentOrder(
            payment_id=payment_id,
            shares=(PaymentShare(invoice_id=known.invoice.id, amount=shown, agreed_due=shown),),
            tender=ELSEWHERE,
            settlement_id=known.link.id,
            saves_card=saves_card,
        )
        if shown != known.due:
            return _standing(known, PageState.CHANGED)
        try:
            view = await self._begun(order, known.actor, pay_again=pay_again)
        except InvoiceHeld as held:
            if not await self._is_of(known, held.payment_id):
                return _standing(known, PageState.HELD)
            standing = await self._gone_on(known, held.payment_id, shown, saves_card=saves_card)
            return None if standing.state is PageState.CANCELED else standing
        except DueChanged:
            return None
        except Doubtful:
            return _standing(known, PageState.AGAIN)
        except (Unreachable, Misconfigured):
            raise
        except Refused:
            # Settled or cancelled meanwhile, or Stripe takes no such payment: the next look tells which.
            again = await self._seen(await self._refreshed(known))
            return again if again.state is not PageState.OPEN else _standing(known, PageState.REFUSED)
        return self._told(known, view)

    async def _begun(self, order: PaymentOrder, actor: journal.Actor, *, pay_again: bool) -> PaymentView:
        try:
            return await self._payments.begin(order, actor)
        except Doubtful as doubtful:
            if not pay_again:
                raise
            return await self._payments.begin(replace(order, decided=doubtful.doubts), actor)

    async def _gone_on(self, known: _Known, payment_id: uuid.UUID, shown: Money, *, saves_card: bool) -> Standing:
        """Go on with a payment of this link. One over another amount, or with another consent, is given up first."""
        view = await self._payments.refresh(payment_id, actor=known.actor)
        is_same = view.amount == shown == known.due and await self._saves_card(payment_id) is saves_card
        if view.state is PaymentState.OPEN and not is_same:
            view = await self._payments.cancel(payment_id, known.actor)
            if view.state is PaymentState.CANCELLED and shown != known.due:
                return _standing(known, PageState.CHANGED)
        return self._told(await self._refreshed(known), view)

    async def _seen(self, known: _Known) -> Standing:
        """Tell how the page stands by what is in the books."""
        if known.payment_id is not None:
            view = await self._payments.view(known.payment_id)
            if view.state is PaymentState.PROCESSING:
                return self._told(known, view)
        if not known.due and known.paid_id is not None:
            return self._told(known, await self._payments.view(known.paid_id))
        if not known.due:
            return replace(_standing(known, PageState.PAID), message=ALREADY_PAID)
        if known.is_held_elsewhere:
            return _standing(known, PageState.HELD)
        try:
            check_chargeable(known.due)
        except Refused:
            return replace(_standing(known, PageState.REFUSED), message=NOT_CHARGEABLE)
        return _standing(known, PageState.OPEN)

    def _told(self, known: _Known, view: PaymentView) -> Standing:
        """Tell how a payment of this link stands."""
        match view.state:
            case PaymentState.PAID:
                has_receipt = view.receipt_id is not None and known.client.may(Scope.RECEIPTS_READ)
                return replace(_standing(known, PageState.PAID), has_receipt=has_receipt, due=view.amount)
            case PaymentState.PROCESSING:
                return replace(_standing(known, PageState.PROCESSING), due=view.amount)
            case PaymentState.CANCELLED:
                state, message = _of_cancelled(known, view)
                return replace(_standing(known, state), message=message)
            case _:
                state = PageState.OPEN if view.decline is None else PageState.DECLINED
                said = STATE_WORDS[state] if view.decline is None else view.decline.say
                return replace(_standing(known, state), message=said, client_secret=view.client_secret)

    async def _holding(self, secret: str) -> _Known:
        known = await self._known(secret)
        if not known.holds:
            raise LinkUnusable
        return known

    async def _known(self, secret: str) -> _Known:
        if not could_be_one(secret):
            raise LinkUnusable
        async with self._database.reading() as session:
            statement = sa.select(PaymentLink).where(PaymentLink.digest == digest_of(secret))
            link = (await session.execute(statement)).scalar_one_or_none()
            if link is None:
                raise LinkUnusable
            return await _read(session, link)

    async def _refreshed(self, known: _Known) -> _Known:
        async with self._database.reading() as session:
            return await _read(session, await session.get_one(PaymentLink, known.link.id))

    async def _payment_of(self, known: _Known, attempt: uuid.UUID | None) -> uuid.UUID | None:
        """Return the payment of ``attempt`` or the newest one. Raises ``LinkUnusable`` where that is too long ago."""
        payment_id = known.payment_id
        if attempt is not None and await self._payments.exists(known.id_of(attempt)):
            payment_id = known.id_of(attempt)
        if payment_id is not None and not known.holds:
            view = await self._payments.view(payment_id)
            if view.created_at < now() - LOOKED_AT_FOR:
                raise LinkUnusable
        return payment_id

    async def _saves_card(self, payment_id: uuid.UUID) -> bool:
        async with self._database.reading() as session:
            return (await session.get_one(Payment, payment_id)).saves_card

    async def _is_of(self, known: _Known, payment_id: uuid.UUID) -> bool:
        async with self._database.reading() as session:
            return (await session.get_one(Payment, payment_id)).settlement_id == known.link.id


async def _read(session: AsyncSession, link: PaymentLink) -> _Known:
    unfinished = await unfinished_of(session, link.id)
    newest = sa.select(Payment.id).where(Payment.settlement_id == link.id)
    newest = newest.order_by(Payment.created_at.desc(), Payment.id).limit(1)
    paid = newest.where(Payment.state == PaymentState.PAID)
    holder = sa.select(InvoiceHold.payment_id).where(InvoiceHold.invoice_id == link.invoice_id)
    held_by = (await session.execute(holder)).scalar_one_or_none()
    return _Known(
        link=link,
        invoice=await session.get_one(Invoice, link.invoice_id),
        client=await session.get_one(ApiClient, link.client_id),
        payment_id=unfinished or (await session.execute(newest)).scalar_one_or_none(),
        paid_id=(await session.execute(paid)).scalar_one_or_none(),
        is_held_elsewhere=held_by is not None and held_by != unfinished,
    )


def _standing(known: _Known, state: PageState) -> Standing:
    return Standing(state=state, message=STATE_WORDS[state], due=known.due)


def _of_cancelled(known: _Known, view: PaymentView) -> tuple[PageState, Message]:
    """Tell why a payment of the link is given up, as far as it concerns whoever pays."""
    if not known.due:
        return PageState.PAID, PAID_ELSEWHERE
    if view.taken_over_by is not None:
        return PageState.HELD if known.is_held_elsewhere else PageState.CANCELED, TAKEN_OVER
    if known.link.ended_at is not None:
        return PageState.REFUSED, LINK_ENDED
    return PageState.CANCELED, STATE_WORDS[PageState.CANCELED]
