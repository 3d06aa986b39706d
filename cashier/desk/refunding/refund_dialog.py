"""Asking for a refund, and following it: approved here by PIN or at another desk, sent, done."""

from __future__ import annotations

import uuid
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Notice, PlainButton, Text, Tone, label
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.sheets.sheet import Sheet
from cashier.desk.refunding.refund_progress import RefundProgress
from cashier.desk.refunding.request_form import RequestForm
from cashier.errors import CashierError
from cashier.language import Message, m, mc
from cashier.refunds.views import RefundOffer, RefundRequest, RefundView

_TITLE = mc("the deed", "Refund")


class RefundDialog(Sheet):
    """One refund, perhaps of several payments. Deletes itself when it closes; what was asked for goes on."""

    receipt_wanted = Signal(int)
    """The dialog has closed, and this receipt is to be looked at."""

    def __init__(
        self,
        context: DeskContext,
        parent: QWidget,
        *,
        invoice_id: int | None = None,
        payment_id: uuid.UUID | None = None,
    ) -> None:
        """Refund what is left of an invoice's payments, or of one payment; it is read in the background."""
        super().__init__(parent)
        self.setObjectName("refund_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(_TITLE))
        self._context = context
        self._form: RequestForm | None = None
        self._views: tuple[RefundView, ...] = ()
        self._is_troubled = False
        self._typed = ""
        """What was typed before there was a field for it."""
        self._heading = label(_TITLE, Text.HEADLINE, name="refund_heading", wraps=True)
        self._notice = Notice(name="refund_notice")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 18)
        layout.setSpacing(12)
        self._whose, self._below = QVBoxLayout(), QVBoxLayout()
        layout.addWidget(self._heading)
        layout.addLayout(self._whose)
        layout.addWidget(self._notice)
        layout.addLayout(self._below, 1)
        context.thread.ask(
            self,
            context.services.refunds.offer(invoice_id=invoice_id, payment_id=payment_id),
            then=self._show_offer,
            failed=self._show_trouble,
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep what is typed before the field is there: it is meant for the amount."""
        is_early = self._form is None and not self._views
        if is_early and event.key() == Qt.Key.Key_Backspace:
            self._typed = self._typed[:-1]
        elif is_early and event.text().isprintable() and event.text():
            self._typed += event.text()
        else:
            super().keyPressEvent(event)

    def _show_offer(self, offer: RefundOffer) -> None:
        title = m("Refund of a payment")
        if offer.credit_note_id is not None:
            title = m("Refund of credit note {number}", number=offer.invoice_number)
        elif offer.invoice_number:
            title = m("Refund of invoice {number}", number=offer.invoice_number)
        self._heading.setText(str(title))
        zone = self._context.station.time_zone
        self._whose.addWidget(PatientBanner(offer.patient, time_zone=zone, name="refund_patient"))
        if not offer.left:
            obstacles = [each.obstacle for each in offer.payments if each.obstacle]
            self._refuse(obstacles[0] if obstacles else m("Nothing of it can go back any more."))
            return
        form = self._form = RequestForm(offer, time_zone=self._context.station.time_zone)
        form.wanted.connect(self._ask)
        form.given_up.connect(self.reject)
        self._show_below(form)
        form.begin(self._typed)

    def _show_below(self, part: QWidget) -> None:
        """Show ``part``, which scrolls by itself where it has to, in the place of what was there."""
        while (item := self._below.takeAt(0)) is not None:
            before = item.widget()
            if before is not None:
                before.hide()
                before.deleteLater()
        self._below.addWidget(part)
        # A layout would show it a turn later, and what is not shown yet takes no keyboard.
        part.show()

    def _refuse(self, words: Message) -> None:
        self._notice.say(words, Tone.CAUTION)
        close = PlainButton(Command.DIALOG_LEAVE.on_button(), "close", name="refund_close")
        close.clicked.connect(self.reject)
        self._show_below(close)
        self._below.setAlignment(close, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        close.setFocus()

    def _ask(self, requests: list[RefundRequest]) -> None:
        if self._form is None:
            return
        self._notice.fall_silent()
        self._form.hold(is_held=True)
        self._context.thread.ask(
            self,
            self._context.services.refunds.request_all(requests, self._context.actor),
            then=self._follow,
            failed=self._show_trouble,
        )

    def _follow(self, views: tuple[RefundView, ...]) -> None:
        self._form = None
        self._show_progress(views)
        self._context.thread.follow(
            self,
            self._context.services.refunds.follow([view.id for view in views]),
            each=self._take_in,
            failed=self._show_trouble,
        )

    def _take_in(self, views: tuple[RefundView, ...]) -> None:
        trouble = next((view.trouble for view in views if view.trouble is not None), None)
        # What somebody types below stays while only our knowledge has changed.
        self._show_progress(tuple(replace(view, trouble=None) for view in views))
        if trouble is not None:
            self._notice.say(trouble, Tone.CAUTION)
        elif self._is_troubled:
            self._notice.fall_silent()
        self._is_troubled = trouble is not None

    def _show_progress(self, views: tuple[RefundView, ...]) -> None:
        if views == self._views:
            return
        self._views = views
        self._notice.fall_silent()
        progress = RefundProgress(self._context, views)
        progress.closed.connect(self.accept)
        progress.receipt_wanted.connect(self._leave_for_receipt)
        self._show_below(progress)
        progress.take_keyboard()

    def _leave_for_receipt(self, receipt_id: int) -> None:
        # Told when this dialog is gone: the next one opens in its place.
        self.finished.connect(lambda _result: self.receipt_wanted.emit(receipt_id))
        self.accept()

    def _show_trouble(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)
        if self._form is not None:
            self._form.hold(is_held=False)
