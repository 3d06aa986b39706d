"""Taking a payment: amount and way to pay, what the patient does, and what became of it.

Closing the dialog takes an unfinished payment back at Stripe first, and one that got through in that moment is shown
as paid. What is left to pay is taken by further payments of the same settlement, each settled by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cashier.books.payment import PaymentState
from cashier.desk.commands.commands import Command
from cashier.desk.commands.keys_dialog import KeysDialog
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.sheets.sheet import Sheet
from cashier.desk.paying.choosing.account_use import AccountUse
from cashier.desk.paying.choosing.amount_step import AmountStep, PaymentChoice
from cashier.desk.paying.choosing.kept import Kept, kept_after
from cashier.desk.paying.face_panel import FacePanel
from cashier.desk.paying.faces.figures import figures_of
from cashier.desk.paying.faces.receipt_in_hand import ReceiptInHand
from cashier.desk.paying.faces.table import FACES
from cashier.desk.paying.invoice_watch import InvoiceWatch
from cashier.desk.paying.patient_page import PatientPage
from cashier.desk.paying.patient_view import patient_face
from cashier.desk.paying.payment_actions import ACTIONS, Action
from cashier.desk.paying.payment_course import PaymentCourse
from cashier.desk.paying.payment_faces import Face
from cashier.desk.paying.payment_layout import PaymentLayout
from cashier.desk.paying.payment_offer import Payer, PaymentOffer, bill_of, payer_of, read_left, read_offer
from cashier.desk.paying.payment_situation import Surroundings, detail_of, face_of
from cashier.desk.paying.payment_summary import PaymentSummary
from cashier.desk.paying.reader_watch import ReaderWatch
from cashier.desk.paying.settlement_so_far import SettlementSoFar
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceDetail, InvoiceRow
from cashier.language import NOTHING, Message, joined, verbatim
from cashier.money import Money
from cashier.payments.views import DueChanged, PaymentView


class PaymentDialog(Sheet):
    """Takes what a patient pays by one or several tenders. Open it with ``open()``; closed, it deletes itself."""

    payment_finished = Signal(object)
    """Carries each final ``PaymentView``: paid, or cancelled."""

    def __init__(
        self,
        context: DeskContext,
        detail: InvoiceDetail | Payer,
        parent: QWidget | None,
        *,
        is_deposit: bool = False,
        beside: tuple[InvoiceRow, ...] = (),
        without_stripe: Message = NOTHING,
    ) -> None:
        """Ask how much is paid now of the invoice ``detail`` and of those ``beside`` it, and how.

        A deposit is for the account of the invoice's patient, or of a ``Payer``, and for no invoice.
        ``without_stripe`` says why Stripe cannot be used just now: then only what is in hand is offered.
        """
        super().__init__(parent)
        self.setObjectName("payment_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._without_stripe = without_stripe
        self._bill = bill_of(detail, is_deposit=is_deposit, beside=beside)
        self._settlement = SettlementSoFar()
        self._course: PaymentCourse | None = None
        self._account_use: AccountUse | None = None
        self._choice: PaymentChoice | None = None
        self._view: PaymentView | None = None
        self._face = Face.AMOUNT
        self._left: Money | None = None
        """What is still to be paid of the invoices of the payment that is shown as paid."""
        self._receipt = ReceiptInHand(context, self)
        self._leaves_when_cancelled = False
        self._then: Action | None = None
        payer, step = payer_of(detail), context.station.cash_step_minor
        self._summary = PaymentSummary(payer, time_zone=context.station.time_zone)
        self._readers, self._watch = ReaderWatch(context, self), InvoiceWatch(context, payer, self)
        self._amount_step = AmountStep(self._bill, self._readers, self._watch.question, cash_step_minor=step)
        self._panel = FacePanel()
        self._page = PatientPage(context.services.settings)
        steps: dict[QWidget, QWidget] = {self._amount_step: self._amount_step.foot, self._panel: self._panel.foot}
        above: list[QWidget] = [self._summary, self._watch.notice]
        self._layout = PaymentLayout(self, above=above, steps=steps, page=self._page, number=payer.title)
        self._connect()
        self._show_amount_step()
        self._read_offer(then=self._take_offer, failed=self._amount_step.tell)

    @classmethod
    def resume(
        cls, context: DeskContext, payment_id: uuid.UUID, detail: InvoiceDetail, parent: QWidget | None
    ) -> PaymentDialog:
        """Make a dialog that takes up the unfinished payment ``payment_id`` of the invoice."""
        dialog = cls(context, detail, parent)
        dialog._new_course(payment_id).take_up()
        return dialog

    @property
    def face(self) -> Face:
        """What it shows now."""
        return self._face

    @property
    def page(self) -> PatientPage | None:
        """Where the patient goes on, while there is such a place."""
        return self._page if self._page.is_open else None

    def reject(self) -> None:
        """Leave where nothing is under way; otherwise take the payment back first. Esc and the window's cross."""
        if {Action.LEAVE, Action.GIVE_UP}.intersection(FACES[self._face].actions):
            self._leave()
        else:
            self._cancel(leaves=True)

    def _leave(self) -> None:
        self._context.patient_display.finish()
        self._readers.rest()
        super().reject()

    def _connect(self) -> None:
        self._amount_step.chosen.connect(self._begin)
        self._amount_step.bill_changed.connect(self._summary.show_due)
        self._amount_step.given_up.connect(self.reject)
        self._panel.action_chosen.connect(self._do)
        self._receipt.handed_out.connect(lambda said: self._panel.notice.say(said, Tone.GOOD))
        self._receipt.not_handed_out.connect(self._tell_trouble)
        self._receipt.waits.connect(self._panel.tell_of_receipt)
        self._page.patient_went_back.connect(lambda: self._cancel(leaves=False))
        self._watch.due_changed.connect(self._look_again)
        self._watch.patient_changed.connect(self._summary.show_patient)
        self._watch.told.connect(self._fit)
        self._watch.cards_seen.connect(self._amount_step.note_cards)
        self._amount_step.ways_outdated.connect(self._read_ways)
        # Enter presses the button that has the keyboard, and Esc leaves whatever is on the buttons.
        by_button = {action.command for action in ACTIONS.values()} - {Command.PAYING_GO_ON, Command.PAYING_LEAVE}
        listen(self, {command: partial(self._press, command) for command in by_button})
        shown = self._context.patient_display
        by_key = {Command.PAYING_SHOW_PATIENT: shown.toggle, Command.PAYING_PATIENT_LANGUAGE: shown.speak_otherwise}
        by_key |= {Command.PAYING_LEAVE: self.reject, Command.PAYING_KEYS: lambda: KeysDialog(self).open()}
        listen(self, by_key)

    def _show_amount_step(self, kept: Kept = Kept.NOTHING) -> None:
        self._face, self._view, self._left = Face.AMOUNT, None, None
        self._summary.show_due(self._bill)
        self._layout.show(self._amount_step, FACES[Face.AMOUNT].title)
        self._amount_step.ask_for(self._bill, kept)
        self._watch.show(Face.AMOUNT)
        self._fit()
        self._tell_patient()

    def _read_offer(self, then: Callable[[PaymentOffer], object], failed: Callable[[CashierError], object]) -> None:
        taken_up = self._view.shares if self._view is not None and self._choice is None else ()
        offer = read_offer(self._context, self._bill, taken_up, without_stripe=self._without_stripe)
        self._context.thread.ask(self, offer, then=then, failed=failed)

    def _read_ways(self) -> None:
        self._read_offer(then=self._amount_step.take_ways, failed=self._tell_trouble)

    def _take_offer(self, offer: PaymentOffer) -> None:
        is_told_now = self._summary.tell_namesakes(offer.namesakes)
        if self._face is Face.AMOUNT and self._take_bill(offer):
            self._amount_step.offer(offer.bill, offer.tenders, is_read_first=is_told_now)
            self._fit()

    def _take_bill(self, offer: PaymentOffer) -> bool:
        """Take over what is due by now; False where nothing of what was chosen is."""
        self._watch.watch([line.invoice_id for line in (*self._bill.lines, *offer.bill.lines)])
        if self._bill.chosen and not offer.bill.chosen:
            self._summary.show_nothing_due()
            self._show_face(Face.NOTHING_DUE)
            return False
        self._bill = offer.bill
        self._summary.show_due(offer.bill)
        return True

    def _ask_anew(self, offer: PaymentOffer, kept: Kept = Kept.TYPED_AND_WAY) -> None:
        """Show the first step again, with what is due by now: never with what was due before."""
        self._end_course()
        if self._take_bill(offer):
            self._show_amount_step(kept)
            self._take_offer(offer)

    def _look_again(self) -> None:
        """Another amount is due than a moment ago: what is on the screen follows, and is asked about."""
        if self._face is Face.AMOUNT:
            self._bill = self._amount_step.bill
        if self._face in (Face.AMOUNT, Face.TO_CHARGE, Face.DOUBTED):
            self._read_offer(then=self._renew, failed=self._tell_trouble)

    def _renew(self, offer: PaymentOffer) -> None:
        self._summary.tell_namesakes(offer.namesakes)
        if self._face in (Face.TO_CHARGE, Face.DOUBTED):
            self._ask_anew(offer, kept_after(self._face, Action.OTHER_WAY))
        elif self._face is Face.AMOUNT and self._take_bill(offer):
            self._amount_step.renew(offer.bill)
            self._fit()

    def _ask_about(self, changed: DueChanged) -> None:
        """Nothing was taken, because another amount was due than was agreed."""

        def ask(offer: PaymentOffer) -> None:
            self._ask_anew(offer)
            self._amount_step.tell(changed)

        self._read_offer(then=ask, failed=lambda error: self._show_face(Face.REFUSED, error.words))

    def _show_face(self, face: Face, detail: Message = NOTHING) -> None:
        self._face = face
        self._layout.show(self._panel, FACES[face].title)
        chosen = self._choice.offer.tender if self._choice is not None else None
        zone, amount = self._context.station.time_zone, self._summary.amount
        figures = figures_of(face, amount, left=self._left, view=self._view, chosen=chosen, time_zone=zone)
        self._panel.show_face(face, self._settlement.beside(face, detail), figures)
        agreed = self._choice.bill.shares if self._choice is not None else ()
        self._watch.show(face, self._view.shares if self._view is not None else agreed)
        self._fit()
        self._tell_patient()

    def _tell_patient(self) -> None:
        face = patient_face(self._face, self._summary.amount, self._page.code_address, self._view)
        self._context.patient_display.show_face(face)

    def _fit(self) -> None:
        self._layout.fit(has_page=self._page.is_open)

    # --- What the cashier does

    def _press(self, command: Command) -> None:
        meant = [each for each in FACES[self._face].actions if ACTIONS[each].command is command]
        if meant and self._face is not Face.AMOUNT:
            self._do(meant[0])

    def _do(self, action: Action) -> None:
        match action:
            case Action.CANCEL:
                self._cancel(leaves=True)
            case Action.CHARGE if self._choice is not None:
                self._order(self._choice)
            case Action.ALL_THE_SAME if self._course is not None:
                self._course.decide()
            case Action.ASK_STRIPE if self._course is not None:
                self._course.ask_stripe()
            case Action.ASK_READER if self._course is not None:
                self._course.ask_reader()
            case Action.TAKE_OVER if self._course is not None:
                self._course.take_over()
            case Action.SAVE_AGAIN if self._account_use is not None:
                self._account_use.begin()
            case Action.SAVE_AGAIN if self._course is not None:
                self._course.save_again()
            case Action.TRY_AGAIN | Action.OTHER_WAY | Action.CORRECT | Action.TAKE_REST:
                self._go_on(action)
            case Action.PRINT | Action.SAVE | Action.VIEW:
                self._receipt.do(action)
            case _:
                self.reject()

    def _begin(self, choice: PaymentChoice) -> None:
        if self._face is not Face.AMOUNT:
            return
        self._choice, self._bill = choice, choice.bill
        self._watch.agree()
        self._summary.show_amount(choice.bill.amount)
        if choice.offer.tender is None:
            self._use_account(choice)
        elif choice.offer.saved_card_id is not None:
            self._show_face(Face.TO_CHARGE, joined(" · ", [verbatim(choice.bill.amount), choice.offer.text]))
        else:
            self._order(choice)

    def _order(self, choice: PaymentChoice) -> None:
        course = self._new_course()
        course.begin(choice.order(course.id, self._settlement.id))

    def _new_course(self, payment_id: uuid.UUID | None = None) -> PaymentCourse:
        self._end_course()
        course = PaymentCourse(self._context, self, payment_id)
        course.shows.connect(self._show_face)
        course.moved.connect(self._take_moved)
        self._page.serve(course)
        course.ended.connect(self._take_ended)
        course.freed.connect(lambda: self._start_over(Action.TRY_AGAIN))
        course.troubled.connect(self._tell_trouble)
        course.due_changed.connect(self._ask_about)
        self._course = course
        return course

    def _end_course(self) -> None:
        self._account_use = None
        self._page.serve(None)
        if self._course is not None:
            self._course.deleteLater()
            self._course = None

    def _use_account(self, choice: PaymentChoice) -> None:
        self._end_course()
        self._account_use = AccountUse(self._context, self, choice.bill)
        self._account_use.shows.connect(self._show_face)
        self._account_use.done.connect(self._take_account_use)
        self._account_use.due_changed.connect(self._ask_about)
        self._account_use.begin()

    def _go_on(self, action: Action) -> None:
        """Begin anew; a payment that is still open is taken out of the world first."""
        if self._course is not None and Action.CANCEL in FACES[self._face].actions:
            self._then = action
            self._cancel(leaves=False)
        else:
            self._start_over(action)

    def _start_over(self, action: Action) -> None:
        self._then = None
        if action is Action.TRY_AGAIN and self._choice is not None and not self._watch.may_be_somebody_else:
            self._face, self._view = Face.AMOUNT, None
            self._begin(self._choice)
        else:
            self._watch.agree_anew()
            asked_on, kept = self._face, kept_after(self._face, action)

            def ask(offer: PaymentOffer) -> None:
                if self._face is asked_on:
                    self._ask_anew(offer, kept)

            self._read_offer(then=ask, failed=self._tell_trouble)

    def _cancel(self, *, leaves: bool) -> None:
        if self._course is not None and not self._course.is_closing:
            self._leaves_when_cancelled = leaves
            self._page.close_page()
            self._course.cancel()

    # --- What becomes of the payment

    def _take_moved(self, view: PaymentView) -> None:
        self._view = view
        self._watch.watch([share.invoice_id for share in view.shares])
        self._summary.show_amount(view.amount)

    def _take_ended(self, view: PaymentView | None) -> None:
        self._page.close_page()
        then, self._then = self._then, None
        if view is None:
            # It was never saved: there is nothing to show.
            self._start_over(then) if then is not None else self._leave()
            return
        self.payment_finished.emit(view)
        if view.state is PaymentState.CANCELLED and then is not None:
            self._start_over(then)
        elif view.state is PaymentState.CANCELLED and self._leaves_when_cancelled:
            self._leave()
        else:
            self._show_end(view)

    def _show_end(self, view: PaymentView) -> None:
        self._view = view
        face = face_of(view, Surroundings())
        self._summary.show_amount(view.amount, is_paid=face is Face.PAID)
        if face is not Face.PAID:
            self._show_face(face, detail_of(view, face))
            return
        is_news = self._settlement.add(view)
        is_own = self._course is not None and view.id == self._course.id
        if is_own and self._choice is not None and view.amount == self._choice.bill.amount:
            self._show_paid(view, self._choice.bill.left)
        else:
            # Begun elsewhere or before, or not as it was asked: what is left of the invoices has to be looked up.
            self._show_paid(view, None)
            left = read_left(self._context, view)
            self._context.thread.ask(
                self, left, then=lambda left: self._show_paid(view, left), failed=self._tell_trouble
            )
        if is_news:
            self._receipt.take(view)

    def _show_paid(self, view: PaymentView, left: Money | None) -> None:
        if self._view is view:
            face = Face.PART_PAID if left else Face.PAID
            self._left = left
            self._show_face(face, detail_of(view, face))

    def _take_account_use(self, amount: Money) -> None:
        self._settlement.add_from_account(amount)
        self._summary.show_amount(amount, is_paid=True)
        self._left = self._choice.bill.left if self._choice is not None else None
        self._show_face(Face.PART_FROM_ACCOUNT if self._left else Face.FROM_ACCOUNT)

    def _tell_trouble(self, error: CashierError) -> None:
        self._panel.notice.say(error.words, Tone.CAUTION)
