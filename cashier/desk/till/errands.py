"""What a cashier orders at the desk: each order opens its dialog, one at a time, or asks the services."""

from __future__ import annotations

import uuid

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from cashier.books.payment import PaymentState
from cashier.desk.cards.saved_cards_dialog import SavedCardsDialog
from cashier.desk.commands.commands import Command
from cashier.desk.commands.keys_dialog import KeysDialog
from cashier.desk.commands.offered import is_offered
from cashier.desk.context import DeskContext
from cashier.desk.documents.receipt_dialog import ReceiptDialog
from cashier.desk.documents.slip_dialog import SlipDialog
from cashier.desk.invoices.detail_pane import DetailPane
from cashier.desk.kit.patient_banner import PatientBanner
from cashier.desk.kit.problems import show_problem
from cashier.desk.links.payment_link_dialog import PaymentLinkDialog
from cashier.desk.office.secrets_dialog import SecretsDialog
from cashier.desk.office.staff_dialogs import LanguageDialog
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_offer import Payer
from cashier.desk.refunding.refund_dialog import RefundDialog
from cashier.desk.scanning.last_said import LastSaid
from cashier.desk.till.admission_dialog import AdmissionDialog
from cashier.desk.till.last_said_dialog import LastSaidDialog
from cashier.desk.till.take_over_dialog import TakeOverDialog
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceDetail, InvoiceRow
from cashier.language import NOTHING, Message, m
from cashier.payments.views import PaymentView
from cashier.staff.service import SignedIn


class Errands(QObject):
    """Knows whether a dialog is open: a second key opens no second one."""

    began = Signal()
    """A dialog was opened."""
    ended = Signal()
    """It is closed again."""
    troubled = Signal(object)
    """A payment could not be ended; carries a ``CashierError``, which is shown already."""
    language_chosen = Signal(object)
    """Carries ``SignedIn``, with the other language."""

    def __init__(self, context: DeskContext, pane: DetailPane, window: QWidget) -> None:
        """Run for the invoice in ``pane``; dialogs open above ``window``."""
        super().__init__(window)
        self._context = context
        self._pane = pane
        self._window = window
        self._dialog: QDialog | None = None
        self.without_stripe: Message = NOTHING
        """Why Stripe cannot be used just now; empty where it can."""
        pane.payment_wanted.connect(self.open_payment)
        pane.resume_wanted.connect(self.resume_payment)
        pane.cancel_wanted.connect(self.cancel_payment)
        pane.take_over_wanted.connect(self.ask_about_take_over)
        pane.deposit_wanted.connect(self.take_deposit)
        pane.cards_wanted.connect(self.open_cards)
        pane.link_wanted.connect(self.make_link)
        pane.slip_wanted.connect(self.open_slip)
        pane.refund_wanted.connect(lambda invoice_id: self.open_refund(invoice_id=invoice_id))

    def take_payment(self) -> None:
        """Take a payment of the invoice on the screen."""
        if self._dialog is None:
            self._pane.ask_for_payment()

    def show_secrets(self) -> None:
        """Show the secrets of this machine to whoever may change settings."""
        if is_offered(Command.SHOW_SECRETS, self._context.signed_in.role):
            SecretsDialog(self._context, self._window.window()).open()

    def choose_language(self) -> None:
        """Ask in what language this person wants to read. No other dialog is open then: menus are out of reach."""
        who = self._context.signed_in
        dialog = LanguageDialog(self._window.window(), who.display_name, who.language)

        def finish(changed: SignedIn) -> None:
            dialog.accept()
            self.language_chosen.emit(changed)

        def choose() -> None:
            wanted = self._context.services.staff.choose_language(
                who.staff_id, dialog.language, desk_id=self._context.station.desk_id
            )
            self._context.thread.ask(dialog, wanted, then=finish, failed=dialog.show_refusal)

        dialog.wanted.connect(choose)
        dialog.open()

    def show_keys(self) -> None:
        """Show the sheet of keys."""
        KeysDialog(self._window.window()).open()

    def show_last_said(self) -> None:
        """Show again what was said in passing."""
        window = self._window.window()
        LastSaidDialog(LastSaid.of(window), time_zone=self._context.station.time_zone, parent=window).open()

    def open_payment(self, detail: InvoiceDetail, beside: tuple[InvoiceRow, ...] = ()) -> None:
        """Take a payment of an invoice, and of the same patient's invoices ``beside`` it."""
        if self._dialog is None:
            window, without_stripe = self._window.window(), self.without_stripe
            self._open(PaymentDialog(self._context, detail, window, beside=beside, without_stripe=without_stripe))

    def take_deposit(self, detail: InvoiceDetail) -> None:
        """Take money for the account of an invoice's patient."""
        if self._dialog is None:
            self._open(PaymentDialog(self._context, detail, self._window.window(), is_deposit=True))

    def admit(self) -> None:
        """Take a deposit of a patient who has no invoice yet."""
        if self._dialog is not None or not is_offered(Command.ADMIT, self._context.signed_in.role):
            return
        dialog = AdmissionDialog(self._context, self._window.window())
        # Told when this dialog is gone: the payment opens in its place.
        dialog.admitted.connect(lambda payer: dialog.finished.connect(lambda _result: self._take_deposit_of(payer)))
        self._open(dialog)

    def _take_deposit_of(self, payer: Payer) -> None:
        self._open(
            PaymentDialog(
                self._context, payer, self._window.window(), is_deposit=True, without_stripe=self.without_stripe
            )
        )

    def resume_payment(self, payment_id: uuid.UUID, detail: InvoiceDetail) -> None:
        """Take up an unfinished payment of this desk."""
        if self._dialog is None:
            self._open(PaymentDialog.resume(self._context, payment_id, detail, self._window.window()))

    def open_receipt(self, receipt_id: int) -> None:
        """Look at a receipt."""
        if self._dialog is None:
            self._open(ReceiptDialog(self._context, receipt_id, self._window.window()))

    def open_slip(self, payment_id: uuid.UUID) -> None:
        """Look at the slip of a payment that is pending at the bank."""
        if self._dialog is None:
            self._open(SlipDialog(self._context, payment_id, self._window.window()))

    def open_refund(self, *, invoice_id: int | None = None, payment_id: uuid.UUID | None = None) -> None:
        """Ask for a refund of an invoice or of one payment."""
        if self._dialog is None:
            dialog = RefundDialog(self._context, self._window.window(), invoice_id=invoice_id, payment_id=payment_id)
            dialog.receipt_wanted.connect(self.open_receipt)
            self._open(dialog)

    def open_cards(self, detail: InvoiceDetail) -> None:
        """Look at the saved cards of an invoice's patient."""
        if self._dialog is None:
            whose = detail.row.patient
            self._open(SavedCardsDialog(self._context, detail.patient_id, whose, self._window.window()))

    def make_link(self, detail: InvoiceDetail) -> None:
        """Make a link by which the patient pays an invoice."""
        if self._dialog is None:
            self._open(PaymentLinkDialog(self._context, detail, self._window.window()))

    def _open(self, dialog: QDialog) -> None:
        self._dialog = dialog
        self.began.emit()
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self, _result: int) -> None:
        self._dialog = None
        self.ended.emit()

    def cancel_payment(self, payment_id: uuid.UUID) -> None:
        """Cancel an unfinished payment of this desk, at Stripe first."""
        self._pane.begin_ending()
        self._context.thread.ask(
            self,
            self._context.services.payments.cancel(payment_id, self._context.actor),
            then=self._show_ended,
            failed=self._show_not_ended,
        )

    def ask_about_take_over(self, payment_id: uuid.UUID, holder: Message) -> None:
        """Ask whether another desk's payment is to be taken over, and do it."""
        shown = self._pane.detail
        if self._dialog is None and shown is not None:
            zone = self._context.station.time_zone
            whose = PatientBanner(shown.row.patient, time_zone=zone, name="take_over_patient")
            dialog = TakeOverDialog(holder, whose, self._window.window())
            dialog.accepted.connect(lambda: self._take_over(payment_id))
            self._open(dialog)

    def _take_over(self, payment_id: uuid.UUID) -> None:
        self._pane.begin_ending()
        self._context.thread.ask(
            self,
            self._context.services.payments.take_over(payment_id, self._context.actor),
            then=self._go_on_after_take_over,
            failed=self._show_not_ended,
        )

    def _go_on_after_take_over(self, payment: PaymentView) -> None:
        self._show_ended(payment)
        shown = self._pane.detail
        if payment.state is PaymentState.CANCELLED and shown is not None and shown.row.id in _invoices_of(payment):
            self._pane.take_payment_next()

    def _show_ended(self, payment: PaymentView) -> None:
        self._pane.end_ending()
        if payment.state is PaymentState.PAID:
            show_problem(
                self._window,
                CashierError(
                    m("This payment had got through already: it is paid."),
                    advice=m("Its receipt is {number}.", number=payment.receipt_number),
                ),
            )

    def _show_not_ended(self, error: CashierError) -> None:
        self._pane.end_ending()
        show_problem(self._window, error)
        self.troubled.emit(error)


def _invoices_of(payment: PaymentView) -> set[int]:
    return {share.invoice_id for share in payment.shares}
