"""The page at which a cashier works: list and detail side by side, and the dialogs that open from them."""

from __future__ import annotations

import uuid
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QSplitter, QVBoxLayout, QWidget

from cashier.books.payment import PaymentState
from cashier.desk.cards.saved_cards_dialog import SavedCardsDialog
from cashier.desk.commands.commands import Command
from cashier.desk.commands.keys_dialog import KeysDialog
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.differences.differences_page import DifferencesPage
from cashier.desk.documents.receipt_dialog import ReceiptDialog
from cashier.desk.history.history_page import HistoryPage
from cashier.desk.invoices.detail_pane import DetailPane
from cashier.desk.invoices.invoice_list import InvoiceList
from cashier.desk.kit.problems import show_problem
from cashier.desk.office.secrets_dialog import SecretsDialog
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.refunding.refund_dialog import RefundDialog
from cashier.desk.refunding.refunds_page import RefundsPage
from cashier.desk.shift.shift_line import ShiftLine
from cashier.desk.till.desk_header import DeskHeader
from cashier.desk.till.outage_banners import Obstacles, OutageBanners, obstacles_in
from cashier.desk.till.pages import Rooms
from cashier.desk.till.screen_changes import changes_in
from cashier.desk.till.status_bar import StatusBar
from cashier.desk.till.take_over_dialog import TakeOverDialog
from cashier.desk.till.unfinished_line import UnfinishedLine
from cashier.desk.till.visits import visits_of
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceDetail
from cashier.payments.views import PaymentView
from cashier.readiness import Readiness, ReadinessCheck
from cashier.staff.rights import ALLOWED, Action

_COUNT_PAUSE_MS = 3000


class DeskPage(QWidget):
    """One cashier's work at one desk; made at signing in, deleted at signing out."""

    sign_out_wanted = Signal()
    lock_wanted = Signal()
    switch_wanted = Signal()

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        """Build the page; ``begin`` brings it to life."""
        super().__init__(parent)
        self.setObjectName("desk_page")
        self._context = context
        self._dialog: QDialog | None = None
        self._readiness = ReadinessCheck(
            context.services.database,
            context.services.gateway,
            companion_url=context.services.settings.companion.url,
        )
        self._obstacles = Obstacles()
        self._sees_differences = context.signed_in.role in ALLOWED[Action.SEE_DIFFERENCES]
        self._header = DeskHeader(context.station.hospital, sees_differences=self._sees_differences)
        self._banners = OutageBanners()
        self.list = InvoiceList(context)
        self.detail = DetailPane(context)
        self.differences = DifferencesPage(context) if self._sees_differences else None
        self.history = HistoryPage(context)
        self.refunds = RefundsPage(context)
        self._status = StatusBar(
            desk=f"{context.station.code} · {context.station.name}", cashier=context.signed_in.display_name
        )
        self._unfinished_notice = UnfinishedLine(context)
        self._shift_line = ShiftLine(context, self._status)
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
        thread.follow(self, changes_in(services.news), each=self._take_news, failed=self._note_trouble)
        thread.follow(self, self._readiness.follow(), each=self._show_readiness, failed=self._note_trouble)
        self._unfinished_notice.recover(is_wanted=self._is_free)
        self.refunds.begin()
        self._look_for_differences()

    def take_payment(self) -> None:
        """Open the payment dialog for the invoice on the screen."""
        if self._dialog is None:
            self.detail.ask_for_payment()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the keyboard back to the search field after every dialog: the next scan may come at any time."""
        if event.type() == QEvent.Type.WindowUnblocked:
            QTimer.singleShot(0, self, self.take_back_keyboard)
        return super().eventFilter(watched, event)

    def take_back_keyboard(self) -> None:
        """Be ready for the next scan, unless another room is shown, or the lock."""
        if self.isVisible() and self._rooms.currentWidget() is self._till:
            self.list.focus_search()

    def _lay_out(self) -> None:
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
        self._till = QWidget()
        till = QVBoxLayout(self._till)
        till.setContentsMargins(0, 0, 0, 0)
        till.setSpacing(12)
        till.addWidget(self._shift_line)
        till.addWidget(self._unfinished_notice)
        till.addWidget(splitter, 1)
        self._rooms = Rooms(self._till)
        self._rooms.addWidget(self.history)
        self._rooms.addWidget(self.refunds)
        if self.differences is not None:
            self._rooms.addWidget(self.differences)
        body = QVBoxLayout()
        body.setContentsMargins(16, 14, 16, 14)
        body.addWidget(self._rooms)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._header)
        layout.addWidget(self._banners)
        layout.addLayout(body, 1)
        layout.addWidget(self._status)

    def _connect(self) -> None:
        self.list.invoice_selected.connect(self.detail.show_invoice)
        self.list.payment_wanted.connect(self.take_payment)
        self.list.model.loading_failed.connect(self._note_trouble)
        self.detail.payment_wanted.connect(self._open_payment)
        self.detail.resume_wanted.connect(self._resume_payment)
        self.detail.cancel_wanted.connect(self._cancel_payment)
        self.detail.take_over_wanted.connect(self._ask_about_take_over)
        self.detail.receipt_wanted.connect(self._open_receipt)
        self.detail.deposit_wanted.connect(self._take_deposit)
        self.detail.cards_wanted.connect(self._open_cards)
        self.detail.refund_wanted.connect(lambda invoice_id: self._open_refund(invoice_id=invoice_id))
        self._unfinished_notice.invoice_wanted.connect(self.list.choose)
        self._unfinished_notice.resume_wanted.connect(self._resume_payment)
        self._unfinished_notice.looking_failed.connect(self._note_trouble)
        self._count_pause.timeout.connect(self.list.model.count)
        self._header.keys_wanted.connect(self._show_keys)
        self._header.differences_wanted.connect(self._go_to_differences)
        self._header.history_wanted.connect(self._go_to_history)
        self._header.sign_out_wanted.connect(self.sign_out_wanted)
        self._rooms.till_entered.connect(self.list.focus_search)
        self.history.left.connect(self._rooms.go_to_till)
        self.history.invoice_wanted.connect(self._show_at_till)
        self.history.receipt_wanted.connect(self._open_receipt)
        self.history.refund_wanted.connect(lambda payment_id: self._open_refund(payment_id=payment_id))
        self.refunds.left.connect(self._rooms.go_to_till)
        self.refunds.invoice_wanted.connect(self._show_at_till)
        self.refunds.receipt_wanted.connect(self._open_receipt)
        self.refunds.counted.connect(self._header.show_waiting_refunds)
        self._header.refunds_wanted.connect(self._go_to_refunds)
        if self.differences is not None:
            self.differences.left.connect(self._rooms.go_to_till)
            self.differences.invoice_wanted.connect(self._show_at_till)
            listen(self, {Command.SHOW_DIFFERENCES: self._go_to_differences})
        listen(
            self,
            {
                Command.SHOW_KEYS: self._show_keys,
                Command.RELOAD: self._reload,
                Command.SHOW_PAYMENTS: self._go_to_history,
                Command.SHOW_REFUNDS: self._go_to_refunds,
                Command.SHOW_PATIENT: self._context.patient_display.toggle,
                Command.SIGN_OUT: self.sign_out_wanted.emit,
            },
        )
        # Keys of the till belong to it: they are silent while another room is shown.
        listen(
            self._till,
            {
                Command.TAKE_PAYMENT: self.take_payment,
                Command.SHOW_RECEIPT: self.detail.ask_for_receipt,
                Command.SHOW_CARDS: self.detail.ask_for_cards,
                Command.TAKE_OVER: self.detail.ask_to_take_over,
                Command.ASK_STRIPE: self.detail.ask_stripe,
                Command.TAKE_DEPOSIT: self.detail.ask_for_deposit,
                Command.ASK_FOR_REFUND: self.detail.ask_for_refund,
                Command.FIND: self.list.focus_search,
                Command.SHOW_SECRETS: self._show_secrets,
            },
        )
        self._offer_more()

    def _offer_more(self) -> None:
        for visit in visits_of(self._context.signed_in.role):
            go = partial(self._rooms.visit, visit.kind, self._context)
            self._header.offer(visit.command, go)
            if visit.command is Command.SHOW_SHIFT:
                self._shift_line.opening_wanted.connect(go)
        self._header.offer(Command.SWITCH_CASHIER, self.switch_wanted.emit)
        self._header.offer(Command.LOCK, self.lock_wanted.emit)

    def _go_to_differences(self) -> None:
        if self.differences is None:
            return
        if self._rooms.currentWidget() is self.differences:
            self._rooms.go_to_till()
            return
        self._rooms.setCurrentWidget(self.differences)
        self.differences.reload()
        self.differences.table.setFocus()

    def _go_to_history(self) -> None:
        """Show the payments of the chosen invoice's patient, or of this desk; the second time, go back."""
        if self._rooms.currentWidget() is self.history:
            self._rooms.go_to_till()
            return
        chosen = self.detail.detail if self._rooms.currentWidget() is self._till else None
        self._rooms.setCurrentWidget(self.history)
        self.history.open_for(None if chosen is None else chosen.patient_id)

    def _go_to_refunds(self) -> None:
        if self._rooms.currentWidget() is self.refunds:
            self._rooms.go_to_till()
            return
        self._rooms.setCurrentWidget(self.refunds)
        self.refunds.look()
        self.refunds.table.setFocus()

    def _show_at_till(self, invoice_id: int) -> None:
        self._rooms.go_to_till()
        self.list.choose(invoice_id)

    def _show_readiness(self, readiness: Readiness) -> None:
        self._status.show_readiness(readiness)
        self._banners.show_readiness(readiness)
        obstacles = obstacles_in(readiness)
        if obstacles != self._obstacles:
            self._obstacles = obstacles
            self.detail.hold_up(obstacles)
            if not obstacles.to_stripe:
                # What could not be read meanwhile is read now, and what is unfinished is asked about.
                self._fetch_everything()

    def _reload(self) -> None:
        self._fetch_everything()
        self._context.thread.ask(self, self._readiness.look_now())

    def _fetch_everything(self) -> None:
        self.list.reload()
        self.detail.refresh()
        self._look_for_unfinished()
        self._look_for_differences()
        self.refunds.look()
        if self._rooms.currentWidget() is self.history:
            self.history.refresh()

    def _take_news(self, _change: None) -> None:
        self.list.refresh()
        self.detail.refresh()
        self._look_for_unfinished()
        self._look_for_differences()
        self.refunds.look()
        if self._rooms.currentWidget() is self.history:
            self.history.refresh()
        # Counting a million invoices takes a moment: not for every change, unless a search has left few of them.
        if self.list.model.query.text:
            self.list.model.count()
        elif not self._count_pause.isActive():
            self._count_pause.start()

    def _note_trouble(self, error: CashierError) -> None:
        """What goes wrong in the background is shown by its own part of the page; see at once how far it goes."""
        self._context.thread.ask(self, self._readiness.look_now())

    def _look_for_differences(self) -> None:
        if self.differences is None:
            return
        self._context.thread.ask(
            self,
            self._context.services.reconciliation.count_open(),
            then=self._header.show_open_differences,
            failed=self._note_trouble,
        )
        if self._rooms.currentWidget() is self.differences:
            self.differences.reload()

    def _look_for_unfinished(self) -> None:
        self._unfinished_notice.look(is_wanted=self._is_free)

    def _is_free(self) -> bool:
        """Tell whether no dialog is open: the payment that is being taken right now is no unfinished business."""
        return self._dialog is None

    def _show_secrets(self) -> None:
        if self._context.signed_in.role in ALLOWED[Action.CHANGE_SETTINGS]:
            SecretsDialog(self._context, self.window()).open()

    def _show_keys(self) -> None:
        KeysDialog(self.window()).open()

    def _open_payment(self, detail: InvoiceDetail) -> None:
        if self._dialog is None:
            self._open(PaymentDialog(self._context, detail, self.window(), without_stripe=self._obstacles.to_stripe))

    def _take_deposit(self, detail: InvoiceDetail) -> None:
        if self._dialog is None:
            self._open(PaymentDialog(self._context, detail, self.window(), is_deposit=True))

    def _resume_payment(self, payment_id: uuid.UUID, detail: InvoiceDetail) -> None:
        if self._dialog is None:
            self._open(PaymentDialog.resume(self._context, payment_id, detail, self.window()))

    def _open_receipt(self, receipt_id: int) -> None:
        if self._dialog is None:
            self._open(ReceiptDialog(self._context, receipt_id, self.window()))

    def _open_refund(self, *, invoice_id: int | None = None, payment_id: uuid.UUID | None = None) -> None:
        if self._dialog is None:
            dialog = RefundDialog(self._context, self.window(), invoice_id=invoice_id, payment_id=payment_id)
            dialog.receipt_wanted.connect(self._open_receipt)
            self._open(dialog)

    def _open_cards(self, detail: InvoiceDetail) -> None:
        if self._dialog is None:
            name = detail.row.patient_name
            self._open(SavedCardsDialog(self._context, detail.patient_id, name, self.window()))

    def _open(self, dialog: QDialog) -> None:
        self._dialog = dialog
        self._unfinished_notice.fall_silent()
        self.detail.watch(is_watching=False)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self, _result: int) -> None:
        self._dialog = None
        self.detail.watch(is_watching=True)
        self._take_news(None)

    def _cancel_payment(self, payment_id: uuid.UUID) -> None:
        self.detail.begin_ending()
        self._context.thread.ask(
            self,
            self._context.services.payments.cancel(payment_id, self._context.actor),
            then=self._show_ended,
            failed=self._show_not_ended,
        )

    def _ask_about_take_over(self, payment_id: uuid.UUID, holder: str) -> None:
        if self._dialog is None:
            dialog = TakeOverDialog(holder, self.window())
            dialog.accepted.connect(lambda: self._take_over(payment_id))
            self._open(dialog)

    def _take_over(self, payment_id: uuid.UUID) -> None:
        self.detail.begin_ending()
        self._context.thread.ask(
            self,
            self._context.services.payments.take_over(payment_id, self._context.actor),
            then=self._go_on_after_take_over,
            failed=self._show_not_ended,
        )

    def _go_on_after_take_over(self, payment: PaymentView) -> None:
        self._show_ended(payment)
        shown = self.detail.detail
        if payment.state is PaymentState.CANCELLED and shown is not None and shown.row.id in _invoices_of(payment):
            self.detail.take_payment_next()

    def _show_ended(self, payment: PaymentView) -> None:
        self.detail.end_ending()
        if payment.state is PaymentState.PAID:
            show_problem(
                self,
                CashierError(
                    "This payment had got through already: it is paid.",
                    advice=f"Its receipt is {payment.receipt_number}.",
                ),
            )

    def _show_not_ended(self, error: CashierError) -> None:
        self.detail.end_ending()
        show_problem(self, error)
        self._note_trouble(error)


def _invoices_of(payment: PaymentView) -> set[int]:
    return {share.invoice_id for share in payment.shares}
