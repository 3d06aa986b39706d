"""Builds every service once and closes them in reverse: for the desk, the companion and the tests."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cashier.audit.anchors.elsewhere import Elsewhere
from cashier.audit.anchors.notary import Notary
from cashier.audit.anchors.outlets import outlets_of
from cashier.audit.anchors.service import Anchors
from cashier.audit.journal_log import JournalLog
from cashier.books.schema.revision import check_schema
from cashier.cards.service import Cards
from cashier.clients.refund_limits import ClientRefundLimits
from cashier.clients.service import ApiClients
from cashier.clients.tokens import Tokens
from cashier.database import Database
from cashier.disputes.service import Disputes
from cashier.history.service import PaymentHistory
from cashier.hospital.desk_uses import DeskUses
from cashier.hospital.service import Desks
from cashier.invoices.people.admission import Admissions
from cashier.invoices.service import Invoices
from cashier.invoices.sheet.service import InvoiceSheets
from cashier.keychain import Keychain, Secret, checked_stripe_key
from cashier.language import use_locale
from cashier.machine_secrets import MachineSecrets
from cashier.news import News
from cashier.outbox.endpoints import Endpoints
from cashier.outbox.service import Outbox
from cashier.paper.faces import use_fonts
from cashier.paper.sheet import use_size
from cashier.payment_page.links import PaymentLinks
from cashier.payment_page.page import PaymentPage
from cashier.payments.deposits import Deposits
from cashier.payments.pending_slip import PendingSlips
from cashier.payments.service import Payments
from cashier.readers.service import Readers
from cashier.receipts.service import Receipts
from cashier.reconciliation.service import Reconciliation
from cashier.refunds.limits import ApprovalLimits
from cashier.refunds.lists import RefundLists
from cashier.refunds.service import Refunds
from cashier.refunds.transfers import RefundTransfers
from cashier.reversals.service import Reversals
from cashier.settings import Settings
from cashier.shifts.past import PastShifts
from cashier.shifts.service import Shifts
from cashier.staff.administration import StaffAdministration
from cashier.staff.service import StaffService
from cashier.stripe_gateway.gateway import StripeGateway
from cashier.stripe_inbox.service import StripeInbox
from cashier.stripe_inbox.sweep import Sweep


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything that a window or the companion works with."""

    settings: Settings
    database: Database
    news: News
    gateway: StripeGateway
    desks: Desks
    clients: ApiClients
    client_limits: ClientRefundLimits
    tokens: Tokens
    desk_uses: DeskUses
    staff: StaffService
    administration: StaffAdministration
    journal: JournalLog
    anchors: Anchors
    invoices: Invoices
    invoice_sheets: InvoiceSheets
    admissions: Admissions
    receipts: Receipts
    cards: Cards
    readers: Readers
    payments: Payments
    pending_slips: PendingSlips
    deposits: Deposits
    payment_links: PaymentLinks
    payment_page: PaymentPage
    history: PaymentHistory
    past_shifts: PastShifts
    shifts: Shifts
    refunds: Refunds
    refund_lists: RefundLists
    refund_transfers: RefundTransfers
    approval_limits: ApprovalLimits
    disputes: Disputes
    reversals: Reversals
    endpoints: Endpoints
    outbox: Outbox
    reconciliation: Reconciliation
    sweep: Sweep
    inbox: StripeInbox
    secrets: MachineSecrets


@contextlib.asynccontextmanager
async def open_services(settings: Settings, keychain: Keychain) -> AsyncIterator[Services]:
    """Open all services; news runs inside the block. Closes everything at the end, whatever happened.

    Raises ``Misconfigured`` for a wrong key or schema, ``Refused`` for a database that cannot be written and
    ``Unreachable`` when it does not answer.
    """
    use_locale(settings.desk.locale)
    use_fonts(settings.paper.fonts)
    use_size(settings.paper.size)
    key = checked_stripe_key(keychain.find(Secret.STRIPE_KEY), settings.stripe.mode)
    async with contextlib.AsyncExitStack() as stack:
        database = Database(settings.database_url, password=keychain.find(Secret.DATABASE_PASSWORD))
        stack.push_async_callback(database.close)
        await check_schema(database)
        await database.check_writable()
        gateway = StripeGateway(
            key, api_base=settings.stripe.api_base, timeout_seconds=settings.stripe.timeout_seconds
        )
        stack.push_async_callback(gateway.close)
        news = News(database)
        running = asyncio.create_task(news.run(), name="news")
        stack.push_async_callback(_stopped, running)
        yield _wire(database, news, gateway, settings, keychain)


def _wire(database: Database, news: News, gateway: StripeGateway, settings: Settings, keychain: Keychain) -> Services:
    receipts = Receipts(database, is_training=not settings.moves_money, paper=settings.paper.receipts)
    cards = Cards(database, gateway.cards)
    payments = _payments_on(database, news, gateway, settings, cards=cards, receipts=receipts)
    staff = StaffService(database)
    disputes = Disputes(database, news, gateway.records, gateway.evidence, payments)
    hear = disputes.look_at_charge
    refunds = Refunds(database, news, gateway.refunds, receipts, hear, payments=payments, staff=staff)
    inbox = StripeInbox(database, payments=payments, refunds=refunds, cards=cards, disputes=disputes)
    return Services(
        settings=settings,
        database=database,
        news=news,
        gateway=gateway,
        desks=Desks(database),
        clients=ApiClients(database, mode=settings.stripe.mode),
        client_limits=ClientRefundLimits(database),
        tokens=Tokens(database),
        desk_uses=_desk_uses_on(database, settings),
        staff=staff,
        administration=StaffAdministration(database),
        journal=JournalLog(database),
        anchors=_anchors_on(database, gateway, settings),
        invoices=Invoices(database),
        invoice_sheets=InvoiceSheets(database, is_training=receipts.is_training),
        admissions=Admissions(database),
        receipts=receipts,
        cards=cards,
        readers=Readers(database, gateway.terminal),
        payments=payments,
        pending_slips=PendingSlips(database, gateway, is_training=receipts.is_training),
        deposits=Deposits(database, news),
        payment_links=_payment_links_on(database, news, payments, settings),
        payment_page=PaymentPage(database, payments, receipts),
        history=PaymentHistory(database),
        past_shifts=PastShifts(database),
        shifts=Shifts(database, news, staff, asked_again=settings.asked_again, is_training=receipts.is_training),
        refunds=refunds,
        refund_lists=RefundLists(database),
        refund_transfers=RefundTransfers(database, receipts),
        approval_limits=ApprovalLimits(database),
        disputes=disputes,
        reversals=Reversals(database, news, receipts, hear),
        reconciliation=Reconciliation(database, news, gateway, payments=payments, refunds=refunds, disputes=disputes),
        sweep=Sweep(database, gateway.records, inbox),
        endpoints=Endpoints(database),
        outbox=Outbox(database, keychain, settings.events),
        inbox=inbox,
        secrets=MachineSecrets(database, keychain, settings),
    )


def _anchors_on(database: Database, gateway: StripeGateway, settings: Settings) -> Anchors:
    outlets = outlets_of(settings.anchors.syslog, settings.anchors.file)
    return Anchors(notary=Notary(database, gateway.notary), elsewhere=Elsewhere(database, outlets))


def _payment_links_on(database: Database, news: News, payments: Payments, settings: Settings) -> PaymentLinks:
    return PaymentLinks(
        database,
        news,
        payments,
        base_url=settings.patients_url,
        client=settings.payment_page.client,
        lifetime=timedelta(days=settings.payment_page.link_days),
    )


def _payments_on(
    database: Database, news: News, gateway: StripeGateway, settings: Settings, *, cards: Cards, receipts: Receipts
) -> Payments:
    return Payments(
        database,
        news,
        gateway,
        cards,
        receipts,
        return_base=settings.companion.url,
        phone_return_base=settings.companion.public_url,
        offered=settings.desk.tenders,
        wants_shift=settings.desk.shifts,
        asked_again=settings.asked_again,
        methods=settings.stripe.payment_methods,
    )


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _desk_uses_on(database: Database, settings: Settings) -> DeskUses:
    """What is used here is marked beside an embedded database, which all accounts of this machine share."""
    if database.is_sqlite:
        mark = Path(database.url.database or "").absolute()
    else:
        where = f"{database.url.host}:{database.url.port}/{database.url.database}"
        mark = settings.folder / hashlib.sha256(where.encode()).hexdigest()[:12]
    return DeskUses(database, mark=mark, silent_after_seconds=settings.desk.silent_after_seconds)
