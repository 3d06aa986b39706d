"""The page at which a cashier works: list and detail side by side, and the dialogs that open from them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.controls import Notice, PlainButton, Text, Tone, label
from cashier.desk.detail_pane import DetailPane
from cashier.desk.icons import logo
from cashier.desk.invoice_list import InvoiceList
from cashier.desk.keys_dialog import KeysDialog
from cashier.desk.payment_dialog import PaymentDialog
from cashier.desk.problems import show_problem
from cashier.desk.receipt_dialog import ReceiptDialog
from cashier.desk.status_bar import StatusBar
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceDetail
from cashier.news import News
from cashier.payments.model import PaymentState
from cashier.payments.views import PaymentView
from cashier.readiness import ReadinessCheck

_NEWS_PAUSE_SECONDS = 0.3
_WATCH_SECONDS = 60.0
_COUNT_PAUSE_MS = 3000


class DeskPage(QWidget):
    """One cashier's work at one desk; made at signing in, deleted at signing out."""

    sign_out_wanted = Signal()

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        """Build the page; ``begin`` brings it to life."""
        super().__init__(parent)
        self.setObjectName("desk_page")
        self._context = context
        self._dialog: QDialog | None = None
        self._unfinished_invoice_id: int | None = None
        self._readiness = ReadinessCheck(
            context.services.database,
            context.services.gateway,
            companion_url=context.services.settings.companion.url,
        )
        self.list = InvoiceList(context)
        self.detail = DetailPane(context)
        self._status = StatusBar(
            desk=f"{context.station.code} · {context.station.name}", cashier=context.signed_in.display_name
        )
        self._unfinished_notice = Notice(name="unfinished_notice")
        self._count_pause = QTimer(self, singleShot=True, interval=_COUNT_PAUSE_MS)
        self._lay_out()
        self._connect()

    @property
    def context(self) -> DeskContext:
        """The cashier, the desk and the services."""
        return self._context

    @property
    def staff_id(self) -> int:
        """Who is signed in."""
        return self._context.signed_in.staff_id

    def begin(self) -> None:
        """Fetch the list, watch for changes, and look after what an earlier day left unfinished."""
        thread, services = self._context.thread, self._context.services
        self.window().installEventFilter(self)
        self.list.begin()
        thread.follow(self, _changes(services.news), each=self._take_news, failed=self._note_trouble)
        thread.follow(self, self._readiness.follow(), each=self._status.show_readiness, failed=self._note_trouble)
        thread.ask(self, services.payments.recover(), then=self._look_for_unfinished, failed=self._note_trouble)

    def take_payment(self) -> None:
        """Open the payment dialog for the invoice on the screen."""
        if self._dialog is None:
            self.detail.ask_for_payment()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the keyboard back to the search field after every dialog: the next scan may come at any time."""
        if event.type() == QEvent.Type.WindowUnblocked:
            QTimer.singleShot(0, self.list.search, self.list.focus_search)
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        show = PlainButton("Show the invoice", "view", name="show_unfinished")
        show.clicked.connect(self._show_unfinished)
        self._unfinished_notice.add_button(show)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("splitter")
        splitter.setHandleWidth(14)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.list)
        splitter.addWidget(self.detail)
        self.detail.setMinimumWidth(380)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setSizes([920, 400])
        body = QVBoxLayout()
        body.setContentsMargins(16, 14, 16, 14)
        body.setSpacing(12)
        body.addWidget(self._unfinished_notice)
        body.addWidget(splitter, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header())
        layout.addLayout(body, 1)
        layout.addWidget(self._status)

    def _header(self) -> QFrame:
        header = QFrame()
        header.setObjectName("header")
        picture = QLabel()
        picture.setPixmap(logo().pixmap(32, 32))
        keys = PlainButton("Keys  F1", "question", name="show_keys", quiet=True)
        leave = PlainButton("Sign out", "sign-out", name="sign_out", quiet=True)
        leave.setToolTip("Ctrl+L")
        for button in (keys, leave):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keys.clicked.connect(self._show_keys)
        leave.clicked.connect(self.sign_out_wanted)
        row = QHBoxLayout(header)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(10)
        row.addWidget(picture)
        row.addWidget(label(self._context.station.hospital, Text.TITLE, name="header_hospital"))
        row.addStretch(1)
        row.addWidget(keys)
        row.addWidget(leave)
        return header

    def _connect(self) -> None:
        self.list.invoice_selected.connect(self.detail.show_invoice)
        self.list.payment_wanted.connect(self.take_payment)
        self.list.model.loading_failed.connect(self._note_trouble)
        self.detail.payment_wanted.connect(self._open_payment)
        self.detail.resume_wanted.connect(self._resume_payment)
        self.detail.cancel_wanted.connect(self._cancel_payment)
        self.detail.receipt_wanted.connect(self._open_receipt)
        self._count_pause.timeout.connect(self.list.model.count)
        for keys, slot in (
            ("F1", self._show_keys),
            ("F2", self.take_payment),
            ("F4", self.detail.ask_for_receipt),
            ("F5", self._reload),
            ("Ctrl+F", self.list.focus_search),
            ("Ctrl+L", self.sign_out_wanted.emit),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _reload(self) -> None:
        self.list.reload()
        self.detail.refresh()
        self._look_for_unfinished()
        self._context.thread.ask(self, self._readiness.look_now())

    def _take_news(self, _change: None) -> None:
        self.list.refresh()
        self.detail.refresh()
        self._look_for_unfinished()
        # Counting a million invoices takes a moment: not for every change.
        if not self._count_pause.isActive():
            self._count_pause.start()

    def _note_trouble(self, error: CashierError) -> None:
        """What goes wrong in the background is shown by its own part of the page; see at once how far it goes."""
        self._context.thread.ask(self, self._readiness.look_now())

    def _look_for_unfinished(self, _moved: int = 0) -> None:
        payments = self._context.services.payments
        self._context.thread.ask(
            self,
            payments.unfinished_at(self._context.station.desk_id),
            then=self._show_unfinished_notice,
            failed=self._note_trouble,
        )

    def _show_unfinished_notice(self, payments: tuple[PaymentView, ...]) -> None:
        """Tell what is still open, unless it is the payment that is being taken right now."""
        if not payments or self._dialog is not None:
            self._unfinished_notice.fall_silent()
            return
        oldest = payments[0]
        numbers = ", ".join(share.invoice_number for share in oldest.shares)
        self._unfinished_invoice_id = oldest.shares[0].invoice_id
        more = f" {len(payments) - 1} more besides." if len(payments) > 1 else ""
        self._unfinished_notice.say(
            f"A payment of {oldest.amount} for {numbers} is not finished at this desk.{more}", Tone.CAUTION
        )

    def _show_unfinished(self) -> None:
        if self._unfinished_invoice_id is not None:
            self.list.choose(self._unfinished_invoice_id)

    def _show_keys(self) -> None:
        KeysDialog(self.window()).open()

    def _open_payment(self, detail: InvoiceDetail) -> None:
        if self._dialog is None:
            self._open(PaymentDialog(self._context, detail, self.window()))

    def _resume_payment(self, payment_id: uuid.UUID, detail: InvoiceDetail) -> None:
        if self._dialog is None:
            self._open(PaymentDialog.resume(self._context, payment_id, detail, self.window()))

    def _open_receipt(self, receipt_id: int) -> None:
        if self._dialog is None:
            self._open(ReceiptDialog(self._context, receipt_id, self.window()))

    def _open(self, dialog: QDialog) -> None:
        self._dialog = dialog
        self._unfinished_notice.fall_silent()
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self, _result: int) -> None:
        self._dialog = None
        self._take_news(None)

    def _cancel_payment(self, payment_id: uuid.UUID) -> None:
        self._context.thread.ask(
            self,
            self._context.services.payments.cancel(payment_id, self._context.actor),
            then=self._show_cancelled,
            failed=self._show_not_cancelled,
        )

    def _show_cancelled(self, payment: PaymentView) -> None:
        self.detail.end_cancelling()
        if payment.state is PaymentState.PAID:
            show_problem(
                self,
                CashierError(
                    "This payment had got through already: it is paid.",
                    advice=f"Its receipt is {payment.receipt_number}.",
                ),
            )

    def _show_not_cancelled(self, error: CashierError) -> None:
        self.detail.end_cancelling()
        show_problem(self, error)
        self._note_trouble(error)


async def _changes(news: News) -> AsyncIterator[None]:
    """Yield when something changed, at a pace that the screen can follow; nothing gets lost between."""
    with news.watch() as watch:
        while True:
            if await watch.wait(_WATCH_SECONDS):
                yield None
                await asyncio.sleep(_NEWS_PAUSE_SECONDS)
