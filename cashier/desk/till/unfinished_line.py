"""The line above the list that tells of payments which this desk has not finished."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal

from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Notice, PlainButton, Tone
from cashier.language import NOTHING, Message, m, mn, sentences
from cashier.payments.views import PaymentView


class UnfinishedLine(Notice):
    """Names the oldest unfinished payment, with a way to its invoice; hidden while there is none."""

    invoice_wanted = Signal(int)
    """Carries the key of its invoice."""
    resume_wanted = Signal(object, object)
    """Carries the id of an unfinished deposit, and the ``InvoiceDetail`` of its patient's newest invoice."""
    looking_failed = Signal(object)
    """Carries a ``CashierError``."""

    def __init__(self, context: DeskContext) -> None:
        """Say nothing before ``look``."""
        super().__init__(name="unfinished_notice")
        self._context = context
        self._oldest: PaymentView | None = None
        self._show = PlainButton(m("Show the invoice"), "view", name="show_unfinished")
        self._show.clicked.connect(self._lead)
        self.add_button(self._show)

    def recover(self, *, is_wanted: Callable[[], bool]) -> None:
        """Have everything that is unfinished asked of Stripe, payments and refunds, then look."""
        thread, services = self._context.thread, self._context.services
        look = partial(self.look, is_wanted=is_wanted)
        thread.ask(self, services.payments.recover(), then=lambda _moved: look(), failed=self.looking_failed.emit)
        thread.ask(self, services.refunds.recover(), failed=self.looking_failed.emit)

    def look(self, *, is_wanted: Callable[[], bool]) -> None:
        """Ask what is unfinished; it is told only if ``is_wanted`` when the answer comes."""
        self._context.thread.ask(
            self,
            self._context.services.payments.unfinished_at(self._context.station.desk_id),
            then=partial(self._tell, is_wanted),
            failed=self.looking_failed.emit,
        )

    def _tell(self, is_wanted: Callable[[], bool], payments: tuple[PaymentView, ...]) -> None:
        # What a bank decides about for days is nobody's unfinished work; the shift's report lists it.
        waiting = [payment for payment in payments if payment.pending is None]
        if not waiting or not is_wanted():
            self.fall_silent()
            return
        oldest = self._oldest = waiting[0]
        self._show.setText(str(m("Show the invoice") if oldest.shares else m("Go on with it")))
        more = len(waiting) - 1
        besides = mn("{count} more besides.", "{count} more besides.", count=more) if more else NOTHING
        self.say(sentences(_in_words(oldest), besides), Tone.CAUTION)

    def _lead(self) -> None:
        """Go to the invoice; a deposit has none, and is taken up at once."""
        payment = self._oldest
        if payment is None:
            return
        if payment.shares:
            self.invoice_wanted.emit(payment.shares[0].invoice_id)
            return
        self._context.thread.ask(
            self,
            self._context.services.invoices.newest_of_patient(payment.patient_id),
            then=lambda detail: self.resume_wanted.emit(payment.id, detail),
            failed=self.looking_failed.emit,
        )


def _in_words(payment: PaymentView) -> Message:
    if not payment.shares:
        return m("A payment of {amount} for a deposit is not finished at this desk.", amount=payment.amount)
    invoices = ", ".join(share.invoice_number for share in payment.shares)
    return m(
        "A payment of {amount} for {invoices} is not finished at this desk.", amount=payment.amount, invoices=invoices
    )
