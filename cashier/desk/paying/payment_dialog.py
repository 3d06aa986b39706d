"""Taking a payment: amount, Stripe's page, and what became of it.

The dialog only shows. What is true comes from the database through ``Payments.follow``; closing the dialog takes an
unfinished payment back at Stripe first, and one that got through in that moment is shown as paid.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cashier.database import now
from cashier.desk import words
from cashier.desk.checkout.checkout_view import CheckoutView
from cashier.desk.checkout.page_rules import rules_for
from cashier.desk.context import DeskContext
from cashier.desk.controls import Tone
from cashier.desk.dialog_placement import grow, place
from cashier.desk.paying.amount_step import AmountStep, PaymentChoice
from cashier.desk.paying.face_panel import FacePanel
from cashier.desk.paying.payment_attempt import PaymentAttempt
from cashier.desk.paying.payment_faces import ACTIONS, FACES, Action, Face, Surroundings, detail_of, face_of
from cashier.desk.paying.payment_summary import PaymentSummary
from cashier.desk.receipt_dialog import ReceiptDialog
from cashier.desk.receipt_handout import ReceiptHandout
from cashier.desk.service_thread import Following
from cashier.errors import CashierError, Misconfigured, Unreachable
from cashier.invoices.views import InvoiceDetail
from cashier.payments.model import PaymentState
from cashier.payments.views import InvoiceHeld, PaymentView

_COLUMN_WIDTH = 440
_COLUMN_WIDTH_BESIDE_PAGE = 330
_SIZE_BESIDE_PAGE = QSize(1240, 800)
_HEIGHT = 540
_AGAIN_MILLISECONDS = 5000
_WEBHOOK_MILLISECONDS = 1200


class PaymentDialog(QDialog):
    """Takes one payment for one invoice. Open it with ``open()``; it deletes itself when it closes."""

    payment_finished = Signal(object)
    """Carries the final ``PaymentView``: paid, or cancelled."""

    def __init__(self, context: DeskContext, detail: InvoiceDetail, parent: QWidget | None) -> None:
        """Ask how much of the invoice ``detail`` is paid now, and how."""
        super().__init__(parent)
        self.setObjectName("payment_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._thread = context.thread
        self._detail = detail
        self._payments = context.services.payments
        self._attempt = PaymentAttempt(self._payments, context.actor)
        self._choice: PaymentChoice | None = None
        self._view: PaymentView | None = None
        self._face = Face.AMOUNT
        self._around = Surroundings()
        self._following: Following | None = None
        self._page: CheckoutView | None = None
        self._page_url: str | None = None
        self._handout: ReceiptHandout | None = None
        self._trouble: str | None = None
        self._held: InvoiceHeld | None = None
        self._is_wide: bool | None = None
        self._leaves_when_cancelled = False
        self._then: Action | None = None
        self._close_again = QTimer(self, singleShot=True, interval=_AGAIN_MILLISECONDS)
        self._summary = PaymentSummary()
        self._amount_step = AmountStep(detail.row.balance)
        self._panel = FacePanel()
        self._lay_out()
        self._connect()
        self._show_amount_step(detail)

    @classmethod
    def resume(
        cls, context: DeskContext, payment_id: uuid.UUID, detail: InvoiceDetail, parent: QWidget | None
    ) -> PaymentDialog:
        """Make a dialog that takes up the unfinished payment ``payment_id`` of the invoice."""
        dialog = cls(context, detail, parent)
        dialog._take_up(payment_id)
        return dialog

    @property
    def face(self) -> Face:
        """What it shows now."""
        return self._face

    @property
    def page(self) -> CheckoutView | None:
        """Stripe's page, while there is one."""
        return self._page

    def reject(self) -> None:
        """Leave where nothing is under way; otherwise take the payment back first. Esc and the window's cross."""
        if self._face in (Face.AMOUNT, Face.CLOSING) or Action.LEAVE in FACES[self._face].actions:
            super().reject()
        else:
            self._cancel(leaves=True)

    # --- What it looks like

    def _lay_out(self) -> None:
        self._steps = QStackedWidget()
        self._steps.addWidget(self._amount_step)
        self._steps.addWidget(self._panel)
        self._column = QWidget()
        column = QVBoxLayout(self._column)
        column.setContentsMargins(20, 20, 20, 18)
        column.setSpacing(16)
        column.addWidget(self._summary)
        column.addWidget(self._steps, 1)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._column)
        self._column.setFixedWidth(_COLUMN_WIDTH)

    def _connect(self) -> None:
        self._amount_step.chosen.connect(self._begin)
        self._amount_step.given_up.connect(self.reject)
        self._panel.action_chosen.connect(self._do)
        self._close_again.timeout.connect(self._ask_to_cancel)
        for key in {action.key for action in ACTIONS.values()} - {"Return", "Esc"}:
            QShortcut(QKeySequence(key), self).activated.connect(lambda key=key: self._press(key))
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.reject)

    def _show_amount_step(self, detail: InvoiceDetail) -> None:
        self._detail = detail
        self._face = Face.AMOUNT
        self.setWindowTitle(f"{FACES[Face.AMOUNT].title} · {detail.row.number}")
        self._summary.show_due(detail)
        self._steps.setCurrentWidget(self._amount_step)
        self._amount_step.ask_for(detail.row.balance)
        self._fit()
        self._thread.ask(
            self,
            self._context.services.cards.of_patient(detail.patient_id),
            then=lambda cards: self._amount_step.offer_cards(cards, now().astimezone().date()),
        )

    def _show_face(self, face: Face, detail: str = "", *, enter: Action | None = None) -> None:
        self._face = face
        self._steps.setCurrentWidget(self._panel)
        self._panel.show_face(face, detail, enter=enter)
        self.setWindowTitle(f"{FACES[face].title} · {self._detail.row.number}")
        self._fit()

    def _fit(self) -> None:
        """Use the screen while there is a page, and no more of it than needed otherwise."""
        has_page = self._page is not None
        if has_page is self._is_wide:
            grow(self)
            return
        self._is_wide = has_page
        self._column.setFixedWidth(_COLUMN_WIDTH_BESIDE_PAGE if has_page else _COLUMN_WIDTH)
        alone = QSize(_COLUMN_WIDTH, max(_HEIGHT, self.sizeHint().height()))
        place(self, _SIZE_BESIDE_PAGE if has_page else alone)

    # --- What the cashier does

    def _press(self, key: str) -> None:
        for action in FACES[self._face].actions:
            if ACTIONS[action].key == key:
                self._do(action)
                return

    def _do(self, action: Action) -> None:
        match action:
            case Action.CANCEL:
                self._cancel(leaves=True)
            case Action.ASK_STRIPE:
                self._ask_stripe()
            case Action.TAKE_OVER if self._held is not None:
                self._take_over(self._held)
            case Action.TRY_AGAIN | Action.OTHER_WAY:
                self._start_over(action)
            case Action.PRINT if self._handout is not None:
                self._handout.print()
            case Action.SAVE if self._handout is not None:
                self._handout.save()
            case Action.VIEW if self._view is not None and self._view.receipt_id is not None:
                ReceiptDialog(self._context, self._view.receipt_id, self).open()
            case _:
                self.reject()

    def _begin(self, choice: PaymentChoice) -> None:
        if self._face is not Face.AMOUNT:
            return
        self._choice = choice
        self._around, self._trouble = Surroundings(), None
        self._summary.show_amount(choice.amount)
        self._show_face(Face.OPENING)
        self._thread.ask(
            self,
            self._attempt.begin(self._detail.row.id, choice.amount, choice.tender, choice.saved_card_id),
            then=self._follow,
            failed=self._take_failed_begin,
        )

    def _take_up(self, payment_id: uuid.UUID) -> None:
        self._attempt = PaymentAttempt(self._payments, self._context.actor, payment_id)
        self._show_face(Face.OPENING)
        self._thread.ask(self, self._attempt.refresh(), then=self._follow, failed=self._take_failed_begin)

    def _take_failed_begin(self, error: CashierError) -> None:
        match error:
            case InvoiceHeld():
                since = words.day_and_time(error.since, self._context.station.time_zone)
                self._held = error
                self._show_face(Face.HELD, f"{error.message} It began on {since}.")
            case Unreachable() | Misconfigured():
                # It is saved and may or may not be open at Stripe: watching it finds out.
                self._trouble = str(error)
                self._show_face(Face.UNKNOWN, self._trouble)
                self._follow(None)
            case _:
                self._show_face(Face.REFUSED, str(error))

    def _take_over(self, held: InvoiceHeld) -> None:
        self._show_face(Face.TAKING_OVER)
        self._thread.ask(
            self,
            self._payments.take_over(held.payment_id, self._context.actor),
            then=self._go_on_after_take_over,
            failed=lambda error: self._show_face(Face.HELD, f"{held.message} It was not taken over: {error}"),
        )

    def _go_on_after_take_over(self, other: PaymentView) -> None:
        """Begin here what the other desk did not finish; what it did finish is the payment."""
        if other.state is PaymentState.PAID:
            self._attempt = PaymentAttempt(self._payments, self._context.actor, other.id)
            self._show_payment(other)
        else:
            self._start_over(Action.TRY_AGAIN)

    def _ask_stripe(self) -> None:
        if self._around.is_closing:
            self._ask_to_cancel()
            return
        self._thread.ask(self, self._attempt.refresh(), then=self._show_payment, failed=self._tell_trouble)

    def _start_over(self, action: Action) -> None:
        """Begin a new payment, once the earlier one is out of the world."""
        if self._face is Face.DECLINED:
            self._then = action
            self._cancel(leaves=False)
            return
        self._stop_following()
        self._attempt = PaymentAttempt(self._payments, self._context.actor)
        self._view, self._then, self._around = None, None, Surroundings()
        if action is Action.TRY_AGAIN and self._choice is not None:
            self._face = Face.AMOUNT
            self._begin(self._choice)
            return
        # What is due may be less by now.
        invoices = self._context.services.invoices
        self._thread.ask(self, invoices.detail(self._detail.row.id), then=self._show_amount_step)

    def _cancel(self, *, leaves: bool) -> None:
        if self._around.is_closing:
            return
        self._leaves_when_cancelled = leaves
        self._around = replace(self._around, is_closing=True)
        self._close_page()
        self._show_face(Face.CLOSING)
        self._ask_to_cancel()

    def _ask_to_cancel(self) -> None:
        self._close_again.stop()
        self._thread.ask(self, self._attempt.cancel(), then=self._take_cancelled, failed=self._take_failed_cancel)

    def _take_cancelled(self, view: PaymentView | None) -> None:
        if view is None:
            super().reject()  # it was never saved: there is nothing to show
        else:
            self._show_payment(view)

    def _take_failed_cancel(self, error: CashierError) -> None:
        self._show_face(Face.STILL_OPEN, str(error))
        self._close_again.start()

    # --- What becomes of the payment

    def _follow(self, view: PaymentView | None) -> None:
        if view is not None:
            self._show_payment(view)
        if view is None or not view.state.is_final:
            self._stop_following()
            self._following = self._thread.follow(
                self,
                self._payments.follow(self._attempt.id),
                each=self._show_payment,
                failed=self._take_failed_follow,
            )

    def _take_failed_follow(self, error: CashierError) -> None:
        """The watch is over, the payment is not: watch again after a pause."""
        self._tell_trouble(error)
        QTimer.singleShot(_AGAIN_MILLISECONDS, self, self._follow_again)

    def _follow_again(self) -> None:
        if self._following is not None and (self._view is None or not self._view.state.is_final):
            self._follow(None)

    def _stop_following(self) -> None:
        if self._following is not None:
            self._following.stop()
            self._following = None

    def _show_payment(self, view: PaymentView) -> None:
        if view.id != self._attempt.id or (self._view is not None and self._view.state.is_final):
            return
        self._view = view
        if self._around.is_closing and not view.state.is_final:
            return  # closing and still open have their own words
        if view.state is PaymentState.PREPARED and view.trouble is None:
            view = replace(view, trouble=self._trouble)
        self._page_url = view.page_url or self._page_url
        if view.state.is_final:
            self._finish(view)
            return
        if self._page_url is not None and not self._around.has_returned and view.state is PaymentState.OPEN:
            self._open_page(self._page_url)
        self._summary.show_amount(view.amount)
        self._show_state(view)

    def _finish(self, view: PaymentView) -> None:
        is_paid = view.state is PaymentState.PAID
        self._close_again.stop()
        self._close_page()
        self._page_url = None
        self._around = Surroundings()
        self.payment_finished.emit(view)
        if not is_paid and self._then is not None:
            self._face = Face.CANCELLED
            self._start_over(self._then)
            return
        if not is_paid and self._leaves_when_cancelled:
            super().reject()
            return
        self._summary.show_amount(view.amount, is_paid=is_paid)
        if is_paid and view.receipt_id is not None and view.receipt_number is not None:
            self._handout = ReceiptHandout(self._context, view.receipt_id, view.receipt_number, self)
            self._handout.handed_out.connect(lambda said: self._panel.notice.say(said, Tone.GOOD))
            self._handout.not_handed_out.connect(self._tell_trouble)
        # Where no printer is set, Enter does not open a dialog to choose one.
        has_printer = bool(self._context.services.settings.desk.printer)
        enter = Action.LEAVE if is_paid and not has_printer else None
        self._show_state(view, enter=enter)

    def _show_state(self, view: PaymentView, *, enter: Action | None = None) -> None:
        face = face_of(view, self._around)
        self._show_face(face, detail_of(view, face), enter=enter)

    def _tell_trouble(self, error: CashierError) -> None:
        self._panel.notice.say(str(error), Tone.CAUTION)

    # --- Stripe's page

    def _open_page(self, url: str) -> None:
        if self._page is None:
            self._page = CheckoutView(rules_for(self._context.services.settings), self)
            self._page.payment_finished.connect(self._take_return)
            self._page.patient_went_back.connect(lambda: self._cancel(leaves=False))
            self._page.challenge_shown.connect(self._take_challenge)
            self._layout.addWidget(self._page, 1)
            self._around = replace(self._around, has_page=True)
            self._page.setFocus()
        self._page.open(url)

    def _close_page(self) -> None:
        if self._page is not None:
            self._page.hide()
            self._layout.removeWidget(self._page)
            self._page.deleteLater()
            self._page = None
        self._around = replace(self._around, has_page=False, is_challenge=False)

    def _take_return(self) -> None:
        self._around = replace(self._around, has_returned=True)
        self._close_page()
        self._show_face(Face.CONFIRMING)
        # The webhook is mostly faster than we could ask.
        QTimer.singleShot(_WEBHOOK_MILLISECONDS, self, self._ask_if_still_confirming)

    def _ask_if_still_confirming(self) -> None:
        if self._face is Face.CONFIRMING:
            self._ask_stripe()

    def _take_challenge(self, is_challenge: bool) -> None:
        self._around = replace(self._around, is_challenge=is_challenge)
        if self._view is not None:
            self._show_payment(self._view)
