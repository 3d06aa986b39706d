"""The chosen invoice beside the list: what it is, what is owed, and the buttons to take the payment."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from cashier.books.payment import PaymentState
from cashier.desk.context import DeskContext
from cashier.desk.invoices.detail_sheet import DetailSheet
from cashier.desk.invoices.obstacles import Obstacles
from cashier.desk.invoices.pane_column import PaneColumn
from cashier.desk.invoices.pane_head import PaneHead, last_receipt
from cashier.desk.invoices.unfinished_notice import UnfinishedNotice
from cashier.desk.kit.controls import Card, Notice, Text, Tone, announce, label
from cashier.desk.kit.icons import Picture
from cashier.desk.service_thread import Following
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceDetail, InvoicePayment, InvoiceRow
from cashier.language import m
from cashier.palette import Colour
from cashier.payments.views import PaymentView

# Walking through the list with the arrow keys asks for the invoice on which one stops.
_WALKING_PAUSE_MS = 60


class DetailPane(QWidget):
    """Shows one invoice and keeps it up to date. Orders are told, not carried out here."""

    payment_wanted = Signal(object, object)
    """Carries ``InvoiceDetail``, and the rows of further invoices that are to be paid with it, as a tuple."""
    resume_wanted = Signal(object, object)
    """An unfinished payment of this desk is to be taken up: its id and ``InvoiceDetail``."""
    cancel_wanted = Signal(object)
    """An unfinished payment of this desk is to be cancelled: its id."""
    take_over_wanted = Signal(object, object)
    """Another desk's unfinished payment is wanted here: its id, and who holds it in a sentence."""
    receipt_wanted = Signal(int)
    """Carries the key of the receipt."""
    refund_wanted = Signal(int)
    """Carries the key of the invoice."""
    deposit_wanted = Signal(object)
    """Carries the ``InvoiceDetail`` of the patient."""
    cards_wanted = Signal(object)
    """Carries ``InvoiceDetail``: the saved cards of its patient are wanted."""
    link_wanted = Signal(object)
    slip_wanted = Signal(object)
    """Carries ``InvoiceDetail``."""
    invoice_shown = Signal(object)
    """Carries the ``InvoiceDetail`` that is on the screen now."""

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        """Show no invoice yet."""
        super().__init__(parent)
        self.setObjectName("detail_pane")
        self._context = context
        self._wanted_id: int | None = None
        self._awaited: Callable[[], object] | None = None
        """What is wanted of the invoice that is being fetched."""
        self._detail: InvoiceDetail | None = None
        self._taken: tuple[InvoiceRow, ...] = ()
        self._pause = QTimer(self, singleShot=True, interval=_WALKING_PAUSE_MS)
        self._pause.timeout.connect(self.refresh)
        self._failure = Notice(name="detail_failure")
        self._unfinished = UnfinishedNotice(desk_code=context.station.code, time_zone=context.station.time_zone)
        self._following: Following | None = None
        self._followed_id: uuid.UUID | None = None
        self._is_watching = True
        self._obstacles = Obstacles()
        self._head = PaneHead(
            time_zone=context.station.time_zone, makes_links=bool(context.services.settings.payment_page.client)
        )
        self._column = PaneColumn(_below_each_other(self._head, self._failure, self._unfinished))
        self._head.hide()
        self._lay_out()
        self._unfinished.resume_wanted.connect(self._ask_to_resume)
        self._unfinished.cancel_wanted.connect(self._ask_to_cancel)
        self._unfinished.take_over_wanted.connect(self.ask_to_take_over)
        self._unfinished.ask_wanted.connect(self.ask_stripe)
        self._unfinished.slip_wanted.connect(self.slip_wanted)
        self._head.pay.clicked.connect(self.ask_for_payment)
        self._head.receipt.clicked.connect(self.ask_for_receipt)
        self._head.deposit.clicked.connect(self.ask_for_deposit)
        self._head.cards.clicked.connect(self.ask_for_cards)
        self._head.link.clicked.connect(self.ask_for_link)

    @property
    def detail(self) -> InvoiceDetail | None:
        """The invoice on the screen; None while another one is being fetched."""
        return self._detail if self._detail is not None and self._detail.row.id == self._wanted_id else None

    def show_invoice(self, invoice_id: int) -> None:
        """Show an invoice, once the walk through the list pauses there; until then, none."""
        if invoice_id != self._wanted_id:
            self._empty()
            self._wanted_id = invoice_id
            self._stack.setCurrentIndex(1)
            self._pause.start()

    def show_taken(self, taken: tuple[InvoiceRow, ...]) -> None:
        """Take payments of all these invoices from now on; the shown one is among them, or nothing is."""
        self._taken = taken
        if self._detail is not None:
            self._head.show_detail(self._detail, self._taken_now())

    def show_nothing(self) -> None:
        """Say that no invoice is chosen."""
        self._empty()
        self._stack.setCurrentIndex(0)

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget what was wanted of an invoice that is no longer seen."""
        self._awaited = None
        super().hideEvent(event)

    def refresh(self) -> None:
        """Fetch the invoice again; the sheet is only replaced when something is different."""
        if self._wanted_id is not None:
            self._context.thread.ask(
                self,
                self._context.services.invoices.detail(self._wanted_id),
                then=self._show_detail,
                failed=partial(self._show_failure, self._wanted_id),
            )

    def ask_for_payment(self) -> None:
        """Take up this desk's unfinished payment, or tell that a new one is wanted, if the invoice allows it."""
        self._when_shown(self._order_payment)

    def take_payment_next(self) -> None:
        """Fetch the invoice again and then take a payment of it, if it allows that by now."""
        self._awaited = self._order_payment
        self.refresh()

    def ask_to_take_over(self) -> None:
        """Tell that the payment which another desk has under way is wanted here."""
        self._when_shown(self._order_take_over)

    def ask_stripe(self) -> None:
        """Ask Stripe directly whether the unfinished payment went through."""
        self._when_shown(self._order_answer)

    def ask_for_receipt(self) -> None:
        """Tell that the newest receipt of this invoice is wanted."""
        self._when_shown(self._order_receipt)

    def ask_for_deposit(self) -> None:
        """Tell that money for the account of this invoice's patient is wanted, whatever is due."""
        self._when_shown(self._order_deposit)

    def ask_for_refund(self) -> None:
        """Tell that money of this invoice is to go back, if any was paid."""
        self._when_shown(self._order_refund)

    def ask_for_cards(self) -> None:
        """Tell that the saved cards of this invoice's patient are wanted."""
        self._when_shown(lambda: self.cards_wanted.emit(self.detail))

    def ask_for_link(self) -> None:
        """Tell that a link is wanted by which the patient pays this invoice."""
        self._when_shown(lambda: self.link_wanted.emit(self.detail))

    def begin_ending(self) -> None:
        """Let nothing else be ordered: the unfinished payment is being cancelled or taken over."""
        self._unfinished.hold_up(m("Stripe is being asked to close it."))

    def end_ending(self) -> None:
        """Let the buttons be used again: that has succeeded or failed."""
        self._unfinished.hold_up(self._obstacles.to_stripe)
        self.refresh()

    def hold_up(self, obstacles: Obstacles) -> None:
        """Begin and end no payment that ``obstacles`` are in the way of, and say why."""
        self._obstacles = obstacles
        self._unfinished.hold_up(obstacles.to_stripe)
        if self._detail is not None:
            self._show_what_may_be_done(self._detail)

    def watch(self, *, is_watching: bool) -> None:
        """Ask Stripe about an unfinished payment every few seconds, or leave that to a dialog."""
        self._is_watching = is_watching
        self._keep_watching()

    def _when_shown(self, order: Callable[[], object]) -> None:
        """Carry out ``order`` for the chosen invoice: one that is still being fetched is waited for."""
        if self.detail is not None:
            order()
        elif self._wanted_id is not None:
            self._awaited = order

    def _order_payment(self) -> None:
        if self._unfinished.is_ours:
            self._ask_to_resume()
        elif self._head.pay.isEnabled():
            beside = tuple(row for row in self._taken_now() if row.id != self._wanted_id)
            self.payment_wanted.emit(self.detail, beside)
        elif self._obstacles.to_all:
            announce(self._head.reason)

    def _taken_now(self) -> tuple[InvoiceRow, ...]:
        """Return what is paid, the invoice on the screen among it; nothing where another one was ticked."""
        shown = None if self._detail is None else self._detail.row.id
        return self._taken if any(row.id == shown for row in self._taken) else ()

    def _order_take_over(self) -> None:
        payment = self._unfinished.payment
        if payment is not None and not self._unfinished.is_ours and not self._obstacles.to_stripe:
            self.take_over_wanted.emit(payment.payment_id, self._unfinished.holder)

    def _order_answer(self) -> None:
        payment = self._unfinished.payment
        if payment is not None:
            self._context.thread.ask(
                self,
                self._context.services.payments.refresh(payment.payment_id, actor=self._context.actor),
                then=partial(self._show_answer, payment.payment_id),
                failed=partial(self._show_no_answer, payment.payment_id),
            )

    def _order_receipt(self) -> None:
        receipt_id = last_receipt(self._detail) if self._detail is not None else None
        if receipt_id is not None:
            self.receipt_wanted.emit(receipt_id)

    def _order_deposit(self) -> None:
        if not self._obstacles.to_all:
            self.deposit_wanted.emit(self.detail)

    def _order_refund(self) -> None:
        if self.detail is not None and self.detail.can_go_back:
            self.refund_wanted.emit(self.detail.row.id)

    def _show_answer(self, payment_id: uuid.UUID, view: PaymentView) -> None:
        if self._is_shown(payment_id):
            self._unfinished.show_answer(view)

    def _show_no_answer(self, payment_id: uuid.UUID, error: CashierError) -> None:
        if self._is_shown(payment_id):
            self._unfinished.show_no_answer(error)

    def _is_shown(self, payment_id: uuid.UUID) -> bool:
        return self._unfinished.payment is not None and self._unfinished.payment.payment_id == payment_id

    def _empty(self) -> None:
        """Take away all that was said about the invoice before."""
        self._pause.stop()
        self._awaited, self._wanted_id, self._detail = None, None, None
        self._column.show_details(QWidget())
        self._head.hide()
        self._failure.fall_silent()
        self._unfinished.show_payment(None)
        self._keep_watching()

    def _lay_out(self) -> None:
        card = Card(name="detail_card")
        self._stack = QStackedLayout(card)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._stack.addWidget(_nothing_chosen())
        self._stack.addWidget(self._column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def _show_detail(self, detail: InvoiceDetail) -> None:
        if detail.row.id != self._wanted_id:
            return
        if detail != self._detail:
            is_same_invoice = self._detail is not None and self._detail.row.id == detail.row.id
            scrolled = self._column.scrolled if is_same_invoice else 0
            self._detail = detail
            sheet = DetailSheet(
                detail,
                time_zone=self._context.station.time_zone,
                open_receipt=self.receipt_wanted.emit,
                open_refund=self.ask_for_refund,
            )
            self._head.show_detail(detail, self._taken_now())
            self._column.show_details(sheet, scrolled=scrolled)
            if is_same_invoice:
                self._head.announce_amount()
        self._show_what_may_be_done(detail)
        self._head.show()
        self._stack.setCurrentIndex(1)
        self.invoice_shown.emit(detail)
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            awaited()

    def _show_what_may_be_done(self, detail: InvoiceDetail) -> None:
        unfinished = _unfinished(detail)
        self._head.show_what_may_be_done(detail, self._obstacles, is_under_way=unfinished is not None)
        self._failure.fall_silent()
        self._unfinished.show_payment(unfinished)
        self._keep_watching()

    def _keep_watching(self) -> None:
        """Follow the unfinished payment on the screen, so that it is asked about and its end is seen."""
        payment = self._unfinished.payment
        is_wanted = self._is_watching and payment is not None and self._unfinished.may_be_asked_about
        wanted_id = payment.payment_id if payment is not None and is_wanted else None
        if wanted_id == self._followed_id:
            return
        if self._following is not None:
            self._following.stop()
        self._following, self._followed_id = None, wanted_id
        if wanted_id is not None:
            self._following = self._context.thread.follow(
                self,
                self._context.services.payments.follow(wanted_id),
                each=self._show_progress,
                failed=self._stop_watching,
            )

    def _show_progress(self, view: PaymentView) -> None:
        self._unfinished.show_progress(view)
        if view.state.is_final:
            self.refresh()

    def _stop_watching(self, error: CashierError) -> None:
        """Try again at the next change; until then say why nothing is known."""
        self._following, self._followed_id = None, None
        self._unfinished.show_no_answer(error)

    def _show_failure(self, invoice_id: int, error: CashierError) -> None:
        if invoice_id == self._wanted_id:
            self._awaited = None
            self._failure.say(error.words, Tone.BAD)
            self._stack.setCurrentIndex(1)

    def _ask_to_resume(self) -> None:
        payment, detail = self._unfinished.payment, self.detail
        if payment is not None and detail is not None and self._unfinished.is_ours:
            self.resume_wanted.emit(payment.payment_id, detail)

    def _ask_to_cancel(self) -> None:
        if self._unfinished.payment is not None and self._unfinished.is_ours:
            self.cancel_wanted.emit(self._unfinished.payment.payment_id)


def _unfinished(detail: InvoiceDetail) -> InvoicePayment | None:
    return next((each for each in detail.payments if not PaymentState(each.state).is_final), None)


def _below_each_other(head: QWidget, *notices: QWidget) -> QWidget:
    upper = QWidget()
    column = QVBoxLayout(upper)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    column.addWidget(head)
    said = QVBoxLayout()
    said.setContentsMargins(12, 0, 12, 0)
    for each in notices:
        said.addWidget(each)
    column.addLayout(said)
    return upper


def _nothing_chosen() -> QWidget:
    page = QWidget()
    page.setObjectName("detail_empty")
    picture = Picture("invoice", Colour.EDGE, side=64)
    layout = QVBoxLayout(page)
    layout.setSpacing(12)
    layout.addStretch(1)
    layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignCenter)
    for words, style in (
        (m("No invoice chosen"), Text.TITLE),
        (m("Choose a patient in the list, scan an invoice, or type a part of a name or number."), Text.CAPTION),
    ):
        each = label(words, style, wraps=True)
        each.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(each)
    layout.addStretch(2)
    return page
