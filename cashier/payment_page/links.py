"""Making and ending links: at a desk for whoever asks, or by another system for its portal."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.api_client import ApiClient, Scope
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.payments import PaymentLinkEnded, PaymentLinkMade
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.payment import Payment, PaymentLink, PaymentState
from cashier.books.staff import Staff
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import Misconfigured, Refused
from cashier.identifiers import new_id
from cashier.language import m
from cashier.money import Money, check_chargeable
from cashier.news import News
from cashier.payment_page.following import FollowedLink, LinkCourse
from cashier.payment_page.secrets_of_links import digest_of, make_secret
from cashier.payment_page.views import LinkRow, NewLink, NoSuchLink
from cashier.payments.service import Payments
from cashier.payments.views import PaymentView
from cashier.staff.rights import Action, require

LIFETIME_MAX = timedelta(days=90)
"""How long a link may hold at most."""


class PaymentLinks:
    """The links to the page on which patients pay."""

    def __init__(
        self,
        database: Database,
        news: News,
        payments: Payments,
        *,
        base_url: str,
        client: str,
        lifetime: timedelta,
    ) -> None:
        """Work on ``database`` and hear its ``news``. Patients find the companion at ``base_url``.

        Links made at desks hold for ``lifetime``; what comes by them is taken by ``client`` (empty: none are made).
        """
        self._database = database
        self._news = news
        self._payments = payments
        self._base_url = base_url.rstrip("/")
        self._client = client
        self._lifetime = lifetime

    async def make(self, invoice_id: int, actor: journal.Actor, *, lifetime: timedelta | None = None) -> NewLink:
        """Make a link to the page of an invoice. Each call makes another one; they all lead to one debt, paid once.

        What comes by it is taken by the client of the API that asks, or by that of the settings. Raises ``Refused``
        for what cannot be paid by card, and ``Misconfigured`` where there is no such client.
        """
        await require(self._database, actor, Action.TAKE_PAYMENT, subject=Subject.INVOICE, subject_id=invoice_id)
        held_for = min(lifetime or self._lifetime, LIFETIME_MAX)
        secret, moment = make_secret(), now()
        async with self._database.transaction() as session:
            invoice = await session.get(Invoice, invoice_id)
            _refuse_unpayable(invoice)
            client = await self._taken_by(session, actor)
            link = PaymentLink(
                id=new_id(),
                digest=digest_of(secret),
                invoice_id=invoice_id,
                client_id=client.id,
                made_by=actor.staff_id,
                created_at=moment,
                expires_at=moment + held_for,
            )
            session.add(link)
            await session.flush()
            deed = PaymentLinkMade(
                link=link.id,
                invoice=invoice_id,
                taken_by=client.name,
                expires_at=link.expires_at.isoformat(timespec="seconds"),
            )
            await journal.record(session, deed, actor)
        return NewLink(id=link.id, expires_at=link.expires_at, url=f"{self._base_url}/pay/{secret}")

    async def end(
        self, link_id: uuid.UUID, actor: journal.Actor, *, invoice_id: int | None = None
    ) -> PaymentView | None:
        """Let a link lead nowhere any more, and take back at Stripe what was begun by it and is not finished.

        Returns that payment, which may have got through in this moment; None where there was none. Safe to repeat.
        Raises ``NoSuchLink`` where there is none, or none of ``invoice_id``, and where a client of the API would end
        another's; ``Unreachable`` when Stripe does not answer: the link is ended then, and its payment is given up by
        itself soon.
        """
        await require(self._database, actor, Action.END_PAYMENT, subject=Subject.PAYMENT_LINK, subject_id=link_id)
        async with self._database.transaction() as session:
            link = await session.get(PaymentLink, link_id, with_for_update=ROW_LOCK)
            is_wanted = link is not None and invoice_id in (None, link.invoice_id)
            if link is None or not is_wanted or not await _may_end(session, link, actor):
                raise NoSuchLink
            if link.ended_at is None:
                link.ended_at = now()
                await session.flush()
                await self._news.announce(session, subject_of_link(link.id))
                await journal.record(session, PaymentLinkEnded(link=link.id, invoice=link.invoice_id), actor)
            unfinished = await unfinished_of(session, link.id)
        return None if unfinished is None else await self._payments.cancel(unfinished, actor)

    def follow(self, link_id: uuid.UUID) -> AsyncIterator[LinkCourse]:
        """Yield how far the patient has come whenever that changes, until it is paid or leads nowhere any more.

        News wakes us; what was begun and has no outcome is asked about at Stripe after a few silent seconds. While
        that does not answer, the payment's ``trouble`` says so. Raises ``NoSuchLink`` where there is none.
        """
        return self._news.follow(FollowedLink(self._database, link_id, refresh=self._payments.refresh))

    async def of_invoice(self, invoice_id: int) -> tuple[LinkRow, ...]:
        """Return the links of an invoice that still hold, the newest first."""
        statement = (
            sa.select(PaymentLink, Staff.display_name)
            .join(Staff, Staff.id == PaymentLink.made_by)
            .where(
                PaymentLink.invoice_id == invoice_id,
                PaymentLink.ended_at.is_(None),
                PaymentLink.expires_at > now(),
            )
            .order_by(PaymentLink.created_at.desc(), PaymentLink.id)
        )
        async with self._database.reading() as session:
            found = (await session.execute(statement)).all()
        return tuple(
            LinkRow(
                id=link.id,
                made_by=name,
                created_at=link.created_at,
                expires_at=link.expires_at,
                opened_times=link.opened_times,
            )
            for link, name in found
        )

    async def _taken_by(self, session: AsyncSession, actor: journal.Actor) -> ApiClient:
        name = actor.client or self._client
        if not name:
            raise Misconfigured(
                m("Payment links are not set up: nobody is named who takes what comes by them."),
                advice=m(
                    "Make a client of the API (cashier keys add), and name it as client in [payment_page] of the "
                    "settings."
                ),
            )
        client = (await session.execute(sa.select(ApiClient).where(ApiClient.name == name))).scalar_one_or_none()
        if client is None or not client.may(Scope.PAYMENTS_WRITE):
            raise Misconfigured(
                m("Payment links are to be taken by “{client}”, which may not take payments.", client=name),
                advice=m(
                    "Name a client with the scope payments:write as client in [payment_page] of the settings; see: "
                    "cashier keys list"
                ),
            )
        return client


def _refuse_unpayable(invoice: Invoice | None) -> None:
    if invoice is None:
        raise Refused(m("This invoice does not exist any more."), advice=m("Search for it again."))
    if invoice.is_credit_note:
        raise Refused(
            m("{number} is a credit note: nothing is to be paid for it.", number=invoice.number),
            advice=m("Its credit pays other invoices of the patient."),
        )
    if invoice.status is InvoiceStatus.CANCELLED:
        raise Refused(
            m("Invoice {number} is cancelled.", number=invoice.number), advice=m("Nothing is to be paid for it.")
        )
    due = Money(invoice.balance_minor, invoice.currency)
    if not due:
        raise Refused(
            m("Invoice {number} is paid already.", number=invoice.number),
            advice=m("Look at its payments and receipts."),
        )
    check_chargeable(due)


async def _may_end(session: AsyncSession, link: PaymentLink, actor: journal.Actor) -> bool:
    if actor.kind is not journal.ActorKind.CLIENT:
        return True
    return (await session.get_one(ApiClient, link.client_id)).name == actor.client


def subject_of_link(link_id: uuid.UUID) -> str:
    """Return the subject under which news of this link is announced."""
    return f"payment_link:{link_id}"


async def unfinished_of(session: AsyncSession, link_id: uuid.UUID) -> uuid.UUID | None:
    """Return the payment of a link that has no outcome yet; an invoice has one at most."""
    statement = sa.select(Payment.id).where(
        Payment.settlement_id == link_id, Payment.state.not_in((PaymentState.PAID, PaymentState.CANCELLED))
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none()
