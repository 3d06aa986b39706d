"""The chosen invoice beside the list: what it is, what is owed, and the buttons to take the payment."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.controls import Card, Notice, PlainButton, PrimaryButton, Text, Tone, announce, label, separator
from cashier.desk.detail_sheet import DetailSheet
from cashier.desk.icons import icon
from cashier.desk.words import day_and_time
from cashier.errors import CashierError
from cashier.invoices.model import InvoiceStatus
from cashier.invoices.views import InvoiceDetail, InvoicePayment
from cashier.palette import Colour
from cashier.payments.model import PaymentState

# Walking through the list with the arrow keys asks for the invoice on which one stops.
_WALKING_PAUSE_MS = 60


class DetailPane(QWidget):
    """Shows one invoice and keeps it up to date. Orders are told, not carried out here."""

    payment_wanted = Signal(object)
    """Carries ``InvoiceDetail``."""
    resume_wanted = Signal(object, object)
    """An unfinished payment of this desk is to be taken up: its id and ``InvoiceDetail``."""
    cancel_wanted = Signal(object)
    """An unfinished payment of this desk is to be cancelled: its id."""
    receipt_wanted = Signal(int)
    """Carries the key of the receipt."""

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        """Show no invoice yet."""
        super().__init__(parent)
        self.setObjectName("detail_pane")
        self._context = context
        self._wanted_id: int | None = None
        self._is_payment_awaited = False
        self._detail: InvoiceDetail | None = None
        self._pause = QTimer(self, singleShot=True, interval=_WALKING_PAUSE_MS)
        self._pause.timeout.connect(self.refresh)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setObjectName("detail_scroll")
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._notice = Notice(name="detail_notice", is_narrow=True)
        self._resume = PlainButton("Resume", name="resume_payment")
        self._cancel = PlainButton("Cancel it", name="cancel_payment")
        self._balance_name = label("", Text.TITLE, name="detail_balance_name")
        self._balance = label("", Text.DISPLAY, name="detail_balance")
        self._pay = PrimaryButton("Take payment  F2", "card", name="take_payment")
        self._receipt = PlainButton("Receipt", "receipt", name="open_receipt")
        self._lay_out()
        self._resume.clicked.connect(self._ask_to_resume)
        self._cancel.clicked.connect(self._ask_to_cancel)
        self._pay.clicked.connect(self.ask_for_payment)
        self._receipt.clicked.connect(self.ask_for_receipt)

    @property
    def detail(self) -> InvoiceDetail | None:
        """The invoice on the screen; None while another one is being fetched."""
        return self._detail if self._detail is not None and self._detail.row.id == self._wanted_id else None

    def show_invoice(self, invoice_id: int) -> None:
        """Show an invoice, once the walk through the list pauses there."""
        if invoice_id != self._wanted_id:
            self._wanted_id = invoice_id
            self._is_payment_awaited = False
            self._pay.setEnabled(False)
            self._pause.start()

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
        """Take up this desk's unfinished payment, or tell that a new one is wanted, if the invoice allows it.

        An invoice that was chosen this very moment is waited for: nobody pays for the one before it.
        """
        detail = self.detail
        if detail is None:
            self._is_payment_awaited = self._wanted_id is not None
            return
        if self._own_unfinished() is not None:
            self._ask_to_resume()
        elif self._pay.isEnabled():
            self.payment_wanted.emit(detail)

    def ask_for_receipt(self) -> None:
        """Tell that the newest receipt of this invoice is wanted."""
        receipt_id = _last_receipt(self._detail) if self._detail is not None else None
        if receipt_id is not None:
            self.receipt_wanted.emit(receipt_id)

    def end_cancelling(self) -> None:
        """Let the button be used again: the cancelling has succeeded or failed."""
        self._cancel.setEnabled(True)
        self.refresh()

    def _lay_out(self) -> None:
        card = Card(name="detail_card")
        self._stack = QStackedLayout(card)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._stack.addWidget(_nothing_chosen())
        page = QWidget()
        self._stack.addWidget(page)
        self._notice.add_button(self._cancel)
        self._notice.add_button(self._resume)
        notice_frame = QVBoxLayout()
        notice_frame.setContentsMargins(12, 0, 12, 0)
        notice_frame.addWidget(self._notice)
        balance = QHBoxLayout()
        balance.addWidget(self._balance_name, 1, Qt.AlignmentFlag.AlignBottom)
        balance.addWidget(self._balance)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._receipt)
        buttons.addWidget(self._pay, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(20, 0, 20, 16)
        foot.setSpacing(8)
        foot.addLayout(balance)
        foot.addLayout(buttons)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._scroll, 1)
        column.addWidget(separator())
        column.addLayout(notice_frame)
        column.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

    def _show_detail(self, detail: InvoiceDetail) -> None:
        if detail.row.id != self._wanted_id:
            return
        if detail != self._detail:
            is_same_invoice = self._detail is not None and self._detail.row.id == detail.row.id
            scrolled = self._scroll.verticalScrollBar().value() if is_same_invoice else 0
            self._detail = detail
            self._scroll.setWidget(
                DetailSheet(
                    detail,
                    time_zone=self._context.station.time_zone,
                    open_receipt=self.receipt_wanted.emit,
                )
            )
            self._scroll.verticalScrollBar().setValue(scrolled)
            if is_same_invoice:
                announce(self._balance)
        self._show_foot(detail)
        self._stack.setCurrentIndex(1)
        if self._is_payment_awaited:
            self._is_payment_awaited = False
            self.ask_for_payment()

    def _show_foot(self, detail: InvoiceDetail) -> None:
        unfinished = _unfinished(detail)
        is_ours = unfinished is not None and unfinished.desk == self._context.station.code
        is_cancelled = detail.row.status is InvoiceStatus.CANCELLED
        can_pay = bool(detail.row.balance) and not is_cancelled and unfinished is None
        self._balance_name.setText("Nothing to pay" if is_cancelled or not detail.row.balance else "To pay")
        self._balance.setText(str(detail.row.balance))
        self._balance.setAccessibleName(f"{self._balance_name.text()}: {detail.row.balance}")
        self._pay.setVisible(not is_cancelled and bool(detail.row.balance))
        self._pay.setEnabled(can_pay)
        self._receipt.setVisible(_last_receipt(detail) is not None)
        self._resume.setVisible(is_ours)
        self._cancel.setVisible(is_ours)
        if unfinished is None:
            self._notice.fall_silent()
        elif is_ours:
            self._notice.say("A payment of this invoice is not finished yet.", Tone.CAUTION)
        else:
            since = day_and_time(unfinished.created_at, self._context.station.time_zone)
            self._notice.say(
                f"{unfinished.cashier} at desk {unfinished.desk} is taking a payment for this invoice since {since}.",
                Tone.CAUTION,
            )

    def _show_failure(self, invoice_id: int, error: CashierError) -> None:
        if invoice_id == self._wanted_id:
            self._resume.hide()
            self._cancel.hide()
            self._notice.say(f"{error.message} {error.advice}".strip(), Tone.BAD)
            self._stack.setCurrentIndex(1)

    def _own_unfinished(self) -> InvoicePayment | None:
        payment = _unfinished(self._detail) if self._detail is not None else None
        return payment if payment is not None and payment.desk == self._context.station.code else None

    def _ask_to_resume(self) -> None:
        payment, detail = self._own_unfinished(), self.detail
        if payment is not None and detail is not None:
            self.resume_wanted.emit(payment.payment_id, detail)

    def _ask_to_cancel(self) -> None:
        payment = self._own_unfinished()
        if payment is not None:
            self._cancel.setEnabled(False)
            self.cancel_wanted.emit(payment.payment_id)


def _unfinished(detail: InvoiceDetail) -> InvoicePayment | None:
    return next((each for each in detail.payments if not PaymentState(each.state).is_final), None)


def _last_receipt(detail: InvoiceDetail) -> int | None:
    return next((each.receipt_id for each in detail.payments if each.receipt_id is not None), None)


def _nothing_chosen() -> QWidget:
    page = QWidget()
    page.setObjectName("detail_empty")
    picture = QLabel()
    picture.setPixmap(icon("invoice", Colour.EDGE).pixmap(64, 64))
    layout = QVBoxLayout(page)
    layout.setSpacing(12)
    layout.addStretch(1)
    layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignCenter)
    for words, style in (
        ("No invoice chosen", Text.TITLE),
        ("Scan an invoice, or type a part of a name or number.", Text.CAPTION),
    ):
        each = label(words, style, wraps=True)
        each.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(each)
    layout.addStretch(2)
    return page
