"""The page at which a cashier works: the till and the other pages, and what is around them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.commands.offered import is_offered
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.invoices.detail_pane import DetailPane
from cashier.desk.invoices.invoice_list import InvoiceList
from cashier.desk.invoices.obstacles import Obstacles, obstacles_in
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.sheet_stack import SheetStack
from cashier.desk.page import Page
from cashier.desk.scanning.recogniser import Scan
from cashier.desk.shift.shift_page import ShiftPage
from cashier.desk.till.desk_header import DeskHeader
from cashier.desk.till.errands import Errands
from cashier.desk.till.outage_banners import OutageBanners
from cashier.desk.till.pages import PAGES, PageRow
from cashier.desk.till.rooms import Rooms
from cashier.desk.till.scans import Scans
from cashier.desk.till.screen_changes import changes_in
from cashier.desk.till.status_bar import StatusBar
from cashier.desk.till.till_page import TillPage
from cashier.errors import CashierError
from cashier.readiness import Readiness, ReadinessCheck

_WIDTH_MAX = 1900
"""So wide (pixels, at text of 100 percent) a page gets; of a wider window the rest is left beside it."""


class DeskPage(QWidget):
    """One cashier's work at one desk; made at signing in, deleted at signing out."""

    sign_out_wanted = Signal()
    lock_wanted = Signal()
    switch_wanted = Signal()
    language_chosen = Signal(object)
    """Who is signed in reads another language from now on; carries ``SignedIn``. This page is to be made anew."""

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        """Build the page; ``begin`` brings it to life."""
        super().__init__(parent)
        self.setObjectName("desk_page")
        self._context = context
        self._readiness = ReadinessCheck(
            context.services.database,
            context.services.gateway,
            companion_url=context.services.settings.companion.url,
        )
        self._obstacles = Obstacles()
        self._header = DeskHeader(
            code=context.station.code, name=context.station.name, person=context.signed_in.display_name
        )
        self._banners = OutageBanners(context.station.time_zone)
        self._status = StatusBar(context.station.time_zone)
        self.till = TillPage(context, self._status)
        self._errands = Errands(context, self.till.detail, self)
        self._rooms = Rooms(self.till, context)
        self._scans = Scans(context, self._rooms, self.till, self)
        self._lay_out()
        self._connect()
        self._offer_pages()

    @property
    def context(self) -> DeskContext:
        """The cashier, the desk and the services."""
        return self._context

    @property
    def staff_id(self) -> int:
        """Who is signed in."""
        return self._context.signed_in.staff_id

    @property
    def list(self) -> InvoiceList:
        """The invoices at the till."""
        return self.till.list

    @property
    def detail(self) -> DetailPane:
        """The chosen invoice at the till."""
        return self.till.detail

    def begin(self) -> None:
        """Bring the pages to life, and watch for changes."""
        thread, services = self._context.thread, self._context.services
        self.window().installEventFilter(self)
        SheetStack.of(self.window()).emptied.connect(self._take_back_keyboard_soon)
        thread.follow(self, changes_in(services.news), each=self._take_news, failed=self._note_trouble)
        thread.follow(self, self._readiness.follow(), each=self._show_readiness, failed=self._note_trouble)
        elsewhere = services.desk_uses.keep(self._context.station.desk_id)
        thread.follow(self, elsewhere, each=self._banners.show_other_use, failed=self._note_trouble)
        self._rooms.begin()

    def take_payment(self) -> None:
        """Open the payment dialog for the invoice on the screen."""
        self._errands.take_payment()

    def take_scan(self, scan: Scan) -> None:
        """Do what a scan is for."""
        self._scans.take(scan)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the keyboard back to the search field after every dialog of the system."""
        if event.type() == QEvent.Type.WindowUnblocked:
            self._take_back_keyboard_soon()
        return super().eventFilter(watched, event)

    def take_back_keyboard(self) -> None:
        """Be ready for the next scan, unless another page is shown, a sheet, or the lock."""
        if self.isVisible() and self.isEnabled() and self._rooms.is_at_till:
            self.list.focus_search()

    def _take_back_keyboard_soon(self) -> None:
        """Be ready after every sheet: the next scan may come at any time."""
        QTimer.singleShot(0, self, self.take_back_keyboard)

    def _lay_out(self) -> None:
        body = QVBoxLayout()
        body.setContentsMargins(16, 14, 16, 14)
        body.addWidget(self._rooms)
        # On a very wide screen the eye would have to cross a void between a name and its amount.
        self._rooms.setMaximumWidth(scaled(_WIDTH_MAX))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        layout.addWidget(self._banners)
        layout.addLayout(body, 1)
        layout.addWidget(self._status)

    def _connect(self) -> None:
        self.till.payment_wanted.connect(self.take_payment)
        self.till.receipt_wanted.connect(self._errands.open_receipt)
        self.till.secrets_wanted.connect(self._errands.show_secrets)
        self.till.admission_wanted.connect(self._errands.admit)
        self.till.unfinished.resume_wanted.connect(self._errands.resume_payment)
        self.till.troubled.connect(self._note_trouble)
        self._errands.began.connect(self.till.rest)
        self._errands.ended.connect(self._go_on)
        self._errands.troubled.connect(self._note_trouble)
        self._errands.language_chosen.connect(self.language_chosen)
        self._rooms.page_made.connect(self._connect_page)
        self._header.keys_wanted.connect(self._errands.show_keys)
        self._header.sign_out_wanted.connect(self.sign_out_wanted)
        listen(
            self,
            {
                Command.SHOW_KEYS: self._errands.show_keys,
                Command.RELOAD: self._reload,
                Command.SHOW_PATIENT: self._context.patient_display.toggle,
                Command.PATIENT_LANGUAGE: self._context.patient_display.speak_otherwise,
                Command.SIGN_OUT: self.sign_out_wanted.emit,
            },
        )

    def _offer_pages(self) -> None:
        """Make the pages that stay, and the ways to all that somebody of this role is offered."""
        for row in PAGES:
            is_there = is_offered(row.command, self._context.signed_in.role)
            go = partial(self._rooms.go, row)
            if row.header is not None:
                self._header.offer_page(row.command, row.header, go, is_there=is_there)
            if not is_there:
                continue
            if row.stays:
                self._rooms.keep(row)
            if row.header is not None:
                listen(self, {row.command: go})
            else:
                self._header.offer(row.command, go)
            if row.command is Command.SHOW_SHIFT:
                self.till.shift_wanted.connect(go)
                listen(self, {Command.COUNT_DRAWER: partial(self._count_drawer, row)})
        self._header.offer(Command.CHOOSE_LANGUAGE, self._errands.choose_language)
        self._header.offer(Command.SHOW_LAST_SAID, self._errands.show_last_said)
        self._header.offer(Command.SWITCH_CASHIER, self.switch_wanted.emit)
        self._header.offer(Command.LOCK, self.lock_wanted.emit)

    def _count_drawer(self, row: PageRow) -> None:
        page = self._rooms.show_page(row)
        if isinstance(page, ShiftPage):
            page.count()

    def _connect_page(self, row: PageRow, page: Page) -> None:
        page.receipt_wanted.connect(self._errands.open_receipt)
        page.refund_wanted.connect(lambda payment_id: self._errands.open_refund(payment_id=payment_id))
        page.troubled.connect(self._note_trouble)
        page.counted.connect(partial(self._header.show_count, row.command))

    def _show_readiness(self, readiness: Readiness) -> None:
        self._status.show_readiness(readiness)
        self._banners.show_readiness(readiness)
        obstacles = obstacles_in(readiness)
        if obstacles != self._obstacles:
            self._obstacles = obstacles
            self._errands.without_stripe = obstacles.to_stripe
            self.detail.hold_up(obstacles)
            if not obstacles.to_stripe:
                # What could not be read meanwhile is read now, and what is unfinished is asked about.
                self._fetch_everything()

    def _reload(self) -> None:
        self._fetch_everything()
        self._context.thread.ask(self, self._readiness.look_now())

    def _fetch_everything(self) -> None:
        self.till.reload()
        self._rooms.refresh_pages()

    def _take_news(self, _change: None) -> None:
        self.till.refresh()
        self._rooms.refresh_pages()

    def _go_on(self) -> None:
        self.till.go_on()
        self._take_news(None)

    def _note_trouble(self, error: CashierError) -> None:
        """What goes wrong in the background is shown by its own part of the page; see at once how far it goes."""
        self._context.thread.ask(self, self._readiness.look_now())
