"""The course of one payment, from its order to its end: what is asked of the services, and what is shown of it.

It only shows. What is true comes from the database through ``Payments.follow``.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from cashier.asked_again.doubt import Doubt, Doubtful
from cashier.books.payment import PaymentState
from cashier.channels.at_stripe import OpeningRefused
from cashier.desk.context import DeskContext
from cashier.desk.kit import words
from cashier.desk.paying.payment_attempt import PaymentAttempt
from cashier.desk.paying.payment_faces import Face
from cashier.desk.paying.payment_situation import (
    Surroundings,
    detail_of,
    face_of,
    is_refusal,
    not_closed,
    not_known,
    opening_of,
)
from cashier.desk.service_thread import Following
from cashier.errors import CashierError
from cashier.language import NOTHING, Message, m, sentences
from cashier.payments.views import (
    DueChanged,
    InvoiceHeld,
    NoSuchPayment,
    NotWritten,
    PaymentOrder,
    PaymentView,
    Trouble,
    trouble_of,
)

_AGAIN_MILLISECONDS = 5000
_WEBHOOK_MILLISECONDS = 1200


class PaymentCourse(QObject):
    """Begins, follows, asks about and takes back one payment. A new attempt is a new course."""

    shows = Signal(object, object)
    """Carries the ``Face`` it has now, and what is special about it (a ``Message``)."""
    moved = Signal(object)
    """Carries the ``PaymentView`` whenever it is not final."""
    page_wanted = Signal(str)
    """Carries the address where the patient goes on."""
    ended = Signal(object)
    """Carries the final ``PaymentView``, or None for one that was never saved."""
    freed = Signal()
    """Another desk's payment is closed: this one can begin now."""
    due_changed = Signal(object)
    """Nothing was begun, because another amount is due than was agreed; carries ``DueChanged``."""
    troubled = Signal(object)
    """Something could not be done just now; carries ``CashierError``."""

    def __init__(self, context: DeskContext, parent: QObject, payment_id: uuid.UUID | None = None) -> None:
        """Take up the payment ``payment_id`` of the database, or make a new id."""
        super().__init__(parent)
        self._context = context
        self._thread = context.thread
        self._payments = context.services.payments
        self._attempt = PaymentAttempt(self._payments, context.actor, payment_id)
        self._order: PaymentOrder | None = None
        self._view: PaymentView | None = None
        self._held: InvoiceHeld | None = None
        self._doubts: frozenset[Doubt] = frozenset()
        self._around = Surroundings()
        self._following: Following | None = None
        self._page_url: str | None = None
        self._trouble: Trouble | None = None
        self._face = Face.OPENING
        self._close_again = QTimer(self, singleShot=True, interval=_AGAIN_MILLISECONDS)
        self._close_again.timeout.connect(self._ask_to_cancel)

    @property
    def id(self) -> uuid.UUID:
        """The payment's id."""
        return self._attempt.id

    @property
    def view(self) -> PaymentView | None:
        """The payment as it was last seen."""
        return self._view

    @property
    def is_closing(self) -> bool:
        """Tell whether it is being taken back."""
        return self._around.is_closing

    # --- What the cashier does

    def begin(self, order: PaymentOrder) -> None:
        """Save and open the payment of ``order``, which has this course's id. Repeating it begins nothing twice."""
        self._order = order
        self._trouble = None
        self._show(opening_of(order.tender))
        self._thread.ask(self, self._attempt.begin(order), then=self._follow, failed=self._take_failed_begin)

    def save_again(self) -> None:
        """Repeat the order to the letter."""
        if self._order is not None:
            self.begin(self._order)

    def decide(self) -> None:
        """Carry out the order although it was asked again; what else there may be to ask about is asked about too."""
        if self._order is not None:
            self.begin(replace(self._order, decided=self._order.decided | self._doubts))

    def take_up(self) -> None:
        """Go on with a payment that is in the database."""
        self._show(Face.ASKING)
        self._thread.ask(self, self._attempt.refresh(), then=self._follow, failed=self._take_failed_begin)

    def ask_stripe(self) -> None:
        """Find out now, without waiting for webhooks; while it is being taken back, try that again."""
        if self._around.is_closing:
            self._ask_to_cancel()
            return
        self._thread.ask(self, self._attempt.refresh(), then=self._take_in, failed=self._take_failed_answer)

    def ask_reader(self) -> None:
        """Have the card reader ask for a card again."""
        payment = self._payments.ask_reader(self.id, self._context.actor)
        self._thread.ask(self, payment, then=self._take_in, failed=self.troubled.emit)

    def cancel(self) -> None:
        """Take the payment back, at Stripe first. Safe to repeat."""
        if self._around.is_closing:
            return
        self._around = replace(self._around, is_closing=True, has_page=False, is_challenge=False)
        self._show(Face.CLOSING)
        self._ask_to_cancel()

    def take_over(self) -> None:
        """Close the payment that holds the invoice at another desk; then ``freed``, or it ``ended`` as paid."""
        held = self._held
        if held is None:
            return
        self._show(Face.TAKING_OVER)
        self._thread.ask(
            self,
            self._payments.take_over(held.payment_id, self._context.actor),
            then=self._take_other,
            failed=lambda error: self._show(Face.HELD, sentences(held.message, _not_taken_over(error))),
        )

    # --- What the page tells

    def note_page(self, *, is_shown: bool) -> None:
        """Know that the patient sees the page, or the code that leads to it."""
        self._around = replace(self._around, has_page=is_shown)

    def note_challenge(self, is_challenge: bool) -> None:
        """Know whether the page is the bank's."""
        self._around = replace(self._around, is_challenge=is_challenge)
        if self._view is not None:
            self._take_in(self._view)

    def note_return(self) -> None:
        """The page has led back: the patient is done, and the webhook is mostly faster than we could ask."""
        self._around = replace(self._around, has_returned=True, has_page=False, is_challenge=False)
        self._show(Face.CONFIRMING)
        QTimer.singleShot(_WEBHOOK_MILLISECONDS, self, self._ask_if_still_confirming)

    # --- What becomes of it

    def _ask_if_still_confirming(self) -> None:
        if self._face is Face.CONFIRMING:
            self.ask_stripe()

    def _take_failed_begin(self, error: CashierError) -> None:
        if isinstance(error, InvoiceHeld):
            since = words.day_and_time(error.since, self._context.station.time_zone)
            self._held = error
            self._show(Face.HELD, sentences(error.message, m("It began on {moment}.", moment=since)))
        elif isinstance(error, DueChanged):
            self.due_changed.emit(error)
        elif isinstance(error, Doubtful):
            self._doubts = error.doubts
            self._show(Face.DOUBTED, error.words)
        elif self._is_known_to_be_nothing(error):
            self._show(Face.REFUSED, error.words)
        elif self._order is not None and self._order.tender.row.is_taken_here:
            self._show(Face.NOT_SAVED, error.words)
        else:
            # It may be saved, and open at Stripe: watching it finds out.
            self._trouble = replace(trouble_of(error), words=error.words)
            self._show(not_known(self._trouble), self._trouble.words)
            self._follow(None)

    def _is_known_to_be_nothing(self, error: CashierError) -> bool:
        """Tell whether nothing can be charged: an order was refused, or there is no such payment, here or there."""
        return isinstance(error, (OpeningRefused, NoSuchPayment)) or (self._order is not None and is_refusal(error))

    def _take_failed_answer(self, error: CashierError) -> None:
        """Say why it is not known how it stands, or what Stripe said that could not be written down."""
        if isinstance(error, NotWritten) and self._view is not None:
            self._take_in(replace(self._view, trouble=trouble_of(error)))
        self.troubled.emit(error)

    def _take_other(self, other: PaymentView) -> None:
        """What the other desk had finished is the payment; otherwise this desk begins its own."""
        if other.state is PaymentState.PAID:
            self.ended.emit(other)
        else:
            self.freed.emit()

    def _ask_to_cancel(self) -> None:
        self._close_again.stop()
        self._thread.ask(self, self._attempt.cancel(), then=self._take_cancelled, failed=self._take_failed_cancel)

    def _take_cancelled(self, view: PaymentView | None) -> None:
        if view is None:
            self.ended.emit(None)
        else:
            self._take_in(view)

    def _take_failed_cancel(self, error: CashierError) -> None:
        self._show(not_closed(trouble_of(error)), error.words)
        self._close_again.start()

    def _follow(self, view: PaymentView | None) -> None:
        if view is not None:
            self._take_in(view)
        if view is None or not view.state.is_final:
            self._stop_following()
            self._following = self._thread.follow(
                self, self._payments.follow(self._attempt.id), each=self._take_in, failed=self._take_failed_follow
            )

    def _take_failed_follow(self, error: CashierError) -> None:
        """The watch is over, the payment is not, unless it was never saved: watch again after a pause."""
        if isinstance(error, NoSuchPayment):
            self._stop_following()
            self._show(Face.REFUSED, m("This payment was never saved."))
            return
        self.troubled.emit(error)
        QTimer.singleShot(_AGAIN_MILLISECONDS, self, self._follow_again)

    def _follow_again(self) -> None:
        if self._following is not None and (self._view is None or not self._view.state.is_final):
            self._follow(None)

    def _stop_following(self) -> None:
        if self._following is not None:
            self._following.stop()
            self._following = None

    def _take_in(self, view: PaymentView) -> None:
        if self._view is not None and self._view.state.is_final:
            return
        if view.trouble is not None and self._view is not None:
            view = replace(view, trouble=view.trouble.after(self._view.trouble))
        self._view = view
        if self._around.is_closing and not view.state.is_final and view.pending is None:
            return  # closing and still open have their own words
        if view.state is PaymentState.PREPARED and view.trouble is None:
            view = replace(view, trouble=self._trouble)
        if view.state.is_final:
            self._close_again.stop()
            self._around = Surroundings()
            self.ended.emit(view)
            return
        self._page_url = view.page_url or self._page_url
        if self._page_url is not None and not self._around.has_returned and view.state is PaymentState.OPEN:
            self.page_wanted.emit(self._page_url)
        self.moved.emit(view)
        face = face_of(view, self._around)
        self._show(face, detail_of(view, face))

    def _show(self, face: Face, detail: Message = NOTHING) -> None:
        self._face = face
        self.shows.emit(face, detail)


def _not_taken_over(error: CashierError) -> Message:
    if is_refusal(error):
        return m("It was not taken over: {why}", why=error.words)
    return m("It is not known whether it was taken over: {why}", why=error.words)
