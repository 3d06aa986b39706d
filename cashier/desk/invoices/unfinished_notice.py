"""What is said about a payment that has no outcome yet, and what can be done about it, beside its invoice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from PySide6.QtCore import Signal

from cashier.books.payment import PaymentState
from cashier.clock import now
from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import Notice, PlainButton, Tone
from cashier.desk.kit.words import STATE_WORDS, day_and_time, time_of_day
from cashier.errors import CashierError
from cashier.invoices.views import InvoicePayment
from cashier.language import NOTHING, Message, inside, m, sentences
from cashier.payments.views import PENDING_ADVICE, PaymentView, Pending, Trouble, trouble_of
from cashier.tenders.card_brands import paid_with
from cashier.tenders.methods import other_method
from cashier.tenders.tender import Tender

UNFINISHED_WORDS: Mapping[PaymentState, Message] = {
    PaymentState.PREPARED: m("We do not know yet whether Stripe has opened it; Stripe is asked again by itself."),
    PaymentState.OPEN: m("Stripe waits for the card, and is asked every few seconds."),
    PaymentState.PROCESSING: m("It is pending. Do not take it a second time: it ends by itself."),
}
"""What is known of a payment in each unfinished state; a test holds the table against ``PaymentState``."""

_AT_THE_BANK = m(
    "Stripe waits until the payer confirms it with the bank, and is asked every few seconds. Nothing is charged yet."
)
_BANK_ASKS = "requires_action"
"""What Stripe calls a payment of which the payer's bank wants to be sure."""

_BEING_OPENED = timedelta(seconds=60)
"""A prepared payment that is younger may be on its way to Stripe from the desk that began it."""


class UnfinishedNotice(Notice):
    """Who takes the payment, where, since when, and how it stands as far as we know. Hidden without a payment."""

    resume_wanted = Signal()
    cancel_wanted = Signal()
    take_over_wanted = Signal()
    ask_wanted = Signal()
    slip_wanted = Signal(object)
    """Carries the id of a payment that is pending at the bank."""

    def __init__(self, *, desk_code: str, time_zone: str) -> None:
        """Speak at the desk ``desk_code``: only its own payments are resumed, only others' are taken over."""
        super().__init__(name="detail_notice", is_narrow=True)
        self._desk_code = desk_code
        self._time_zone = time_zone
        self._payment: InvoicePayment | None = None
        self._trouble: Trouble | None = None
        self._answer: Message = NOTHING
        self._is_at_bank = False
        self._ask = PlainButton(Command.ASK_STRIPE.on_button(), name="ask_stripe")
        self._cancel = PlainButton(m("Cancel"), name="cancel_payment")
        self._resume = PlainButton(m("Resume"), name="resume_payment")
        self._take_over = PlainButton(Command.TAKE_OVER.on_button(), name="take_over_payment")
        self._slip = PlainButton(m("Slip for the patient"), "view", name="pending_slip")
        self._slip.setProperty("room", "small")
        self._slip.clicked.connect(self._ask_for_slip)
        self._ask.setToolTip(str(m("Did it go through? Asks Stripe directly ({key})", key=Command.ASK_STRIPE.hint)))
        self._resume.setToolTip(str(m("Go on with it here ({key})", key=Command.TAKE_PAYMENT.hint)))
        for button, wanted in (
            (self._ask, self.ask_wanted),
            (self._cancel, self.cancel_wanted),
            (self._resume, self.resume_wanted),
            (self._take_over, self.take_over_wanted),
        ):
            button.setProperty("room", "small")
            button.clicked.connect(wanted)
            self.add_button(button)
        self.add_button(self._slip)

    @property
    def payment(self) -> InvoicePayment | None:
        """The unfinished payment."""
        return self._payment

    @property
    def is_ours(self) -> bool:
        """Tell whether it was begun at this desk."""
        return self._payment is not None and self._payment.desk == self._desk_code

    @property
    def may_be_asked_about(self) -> bool:
        """Tell whether Stripe can be asked about it by itself without meddling with its opening."""
        payment = self._payment
        return (
            payment is not None
            and self._pending is None
            and (payment.state != PaymentState.PREPARED or payment.created_at < now() - _BEING_OPENED)
        )

    @property
    def _pending(self) -> Pending | None:
        """What its bank decides about for days, or has a voucher to be paid; nobody ends that, or takes it over."""
        payment = self._payment
        if payment is None or payment.state != PaymentState.PROCESSING or payment.pending_since is None:
            return None
        method = other_method(payment.card_brand)
        if method is None:
            return None
        return Pending(
            amount=payment.amount,
            method=paid_with(payment.card_brand, payment.card_last_four),
            is_voucher=method.is_voucher,
            since=payment.pending_since,
            until=payment.pending_until,
            time_zone=self._time_zone,
        )

    @property
    def holder(self) -> Message:
        """Who takes the payment, where and since when: a sentence."""
        if self._payment is None:
            return NOTHING
        since = day_and_time(self._payment.created_at, self._time_zone)
        if self.is_ours:
            return m(
                "A payment of {amount} is not finished. It began at this desk on {moment}.",
                amount=self._payment.amount,
                moment=since,
            )
        if not Tender(self._payment.tender).row.is_at_desk:
            return m(
                "The patient is paying this invoice online ({client}) since {moment}.",
                client=self._payment.cashier,
                moment=since,
            )
        return m(
            "{person} at desk {desk} is taking a payment for this invoice since {moment}.",
            person=self._payment.cashier,
            desk=self._payment.desk,
            moment=since,
        )

    def show_payment(self, payment: InvoicePayment | None) -> None:
        """Speak of ``payment``, or of nothing."""
        if payment is None or self._payment is None or payment.payment_id != self._payment.payment_id:
            self._trouble, self._answer, self._is_at_bank = None, NOTHING, False
        self._payment = payment
        self._speak()

    def show_progress(self, view: PaymentView) -> None:
        """Take over what was just found out: whether Stripe can be asked at all."""
        if self._payment is not None and view.id == self._payment.payment_id:
            self._trouble = None if view.trouble is None else view.trouble.after(self._trouble)
            if self._trouble is not None:
                self._answer = NOTHING
            self._speak()

    def show_answer(self, view: PaymentView) -> None:
        """Say what Stripe answered when somebody asked."""
        moment = time_of_day(now(), self._time_zone)
        self._is_at_bank = view.stripe_status == _BANK_ASKS
        state = m("Waiting for the payer's bank") if self._is_at_bank else STATE_WORDS[view.state][0]
        self._answer = m("Stripe was asked at {time}: {state}.", time=moment, state=inside(state))
        self._trouble = None
        self._speak()

    def show_no_answer(self, error: CashierError) -> None:
        """Say why it is not known how it stands, or what Stripe said that could not be written down."""
        self._trouble, self._answer = trouble_of(error).after(self._trouble), NOTHING
        self._speak()

    def hold_up(self, obstacle: Message) -> None:
        """Let nothing be ordered that cannot work while there is an ``obstacle``; its words are the tool tip."""
        for button in (self._cancel, self._take_over):
            button.setEnabled(not obstacle)
            button.setToolTip(str(obstacle))

    def _ask_for_slip(self) -> None:
        if self._payment is not None:
            self.slip_wanted.emit(self._payment.payment_id)

    def _speak(self) -> None:
        payment = self._payment
        pending = self._pending
        may_end = payment is not None and pending is None
        for button, is_there in (
            (self._ask, payment is not None),
            (self._slip, pending is not None),
            (self._cancel, may_end and self.is_ours),
            (self._resume, may_end and self.is_ours),
            (self._take_over, may_end and not self.is_ours),
        ):
            button.setVisible(is_there)
        if payment is None:
            self.fall_silent()
            return
        known = _AT_THE_BANK if self._is_at_bank else UNFINISHED_WORDS[PaymentState(payment.state)]
        if self._trouble is not None and self._trouble.at_stripe is not None:
            known = m(
                "{answer} It is written down by itself as soon as the database can. "
                "Do not take the payment a second time.",
                answer=self._trouble.words,
            )
        elif self._trouble is not None:
            known = m(
                "We do not know yet how it stands: {trouble} It is asked again by itself. "
                "Do not take the payment a second time.",
                trouble=self._trouble.words,
            )
        if pending is not None and self._trouble is None:
            self.say(sentences(pending.words, PENDING_ADVICE, self._answer), Tone.CAUTION)
            return
        self.say(sentences(self.holder, known, self._answer), Tone.CAUTION)
